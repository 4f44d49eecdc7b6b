/*
 * rules/schema/replay_attach.c
 *     ATTACH PARTITION, of tables and indexes: see replay_relation.h.
 */
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"

/* From this version on ATTACH PARTITION is refused as other subcommands for other kinds are. */
#define ATTACH_IS_FOR_PARTITIONED 17

/* revalidate makes an index of a partitioned table valid once every partition has its part. */
static void
revalidate(struct lk_catalog *catalog, struct lk_relation *index)
{
    size_t parts = 0, attached = 0;

    if (index->valid || index->table == NULL)
        return;
    lk_vec_foreach(part, &index->table->children)
        parts += (*part)->parent == index->table && lk_is_there(catalog, *part);
    lk_vec_foreach(part, &index->children)
        attached += (*part)->parent == index && (*part)->valid && lk_is_there(catalog, *part);
    if (attached < parts)
        return;
    lk_catalog_touch(catalog, index);
    index->valid = true;
    if (index->parent != NULL)
        revalidate(catalog, index->parent);
}

/*
 * refuse_index refuses an index that cannot be a part of another one.
 * Source: ATExecAttachPartitionIdx(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_index(struct lk_catalog *catalog, const struct lk_relation *index,
             const struct lk_relation *part)
{
    bool strange = index->table != NULL && part->table != NULL && lk_is_known(part->table) &&
                   part->table->parent != index->table;

    if (part->parent == NULL && !strange && !lk_is_above(catalog, part, index))
        return false;
    lk_refuse(catalog, "55000", -1, "cannot attach index \"%s\" as a partition of index \"%s\"",
              part->object.name, index->object.name)
        ->object = &part->object;
    return true;
}

/*
 * refuse_referenced refuses what a foreign key of the table references.
 * Source: CloneFkReferencing(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_referenced(struct lk_catalog *catalog, const struct lk_relation *table,
                  const struct lk_relation *part)
{
    lk_vec_foreach(key, &table->constraints) {
        if ((*key)->kind != LK_CONSTRAINT_FOREIGN || (*key)->target != part)
            continue;
        lk_refuse(catalog, "0A000", -1,
                  "cannot attach table \"%s\" as a partition because it is referenced by foreign "
                  "key \"%s\"",
                  part->object.name, (*key)->object.name)
            ->object = &part->object;
        return true;
    }
    return false;
}

static void
attach_index(struct lk_catalog *catalog, struct lk_relation *index, struct lk_relation *part)
{
    struct lk_constraint *constraint = lk_index_constraint(index);
    struct lk_constraint *own = lk_index_constraint(part);

    if (part->parent == index || refuse_index(catalog, index, part))
        return;
    lk_catalog_touch(catalog, part);
    part->parent = index;
    lk_link(catalog, index, children, part);
    lk_depend(catalog, &part->object, &index->object, LK_DEPENDS_AUTO);
    if (constraint != NULL && own != NULL) {
        lk_catalog_touch(catalog, own);
        own->parent = constraint;
        own->inherited = true;
    }
    revalidate(catalog, index);
}

/* kept_from returns why a table can be no partition of any other, or NULL. */
static const char *
kept_from(const struct lk_catalog *catalog, const struct lk_relation *part)
{
    if (part->of_type != NULL)
        return "cannot attach a typed table as partition";
    if (part->parents.count > 0)
        return "cannot attach inheritance child as partition";
    lk_vec_foreach(child, &part->children)
        if (part->kind == LK_RELATION_TABLE && lk_is_there(catalog, *child))
            return "cannot attach inheritance parent as partition";
    return NULL;
}

/* refuse_attach refuses a table that cannot be a partition. */
static bool
refuse_attach(struct lk_catalog *catalog, const struct lk_relation *table,
              const struct lk_relation *part, const RangeVar *range)
{
    if (part->parent != NULL) {
        lk_refuse(catalog, "42809", range->location, "\"%s\" is already a partition",
                  part->object.name);
        return true;
    }
    if (lk_is_above(catalog, part, table)) {
        lk_refuse(catalog, "42P07", range->location, "circular inheritance not allowed");
        return true;
    }
    const char *kept = kept_from(catalog, part);
    if (kept != NULL) {
        lk_refuse(catalog, "42809", range->location, "%s", kept);
        return true;
    }
    if (!lk_is_known(table) || !lk_is_known(part))
        return false;
    if (part->temporary != table->temporary) {
        lk_refuse(catalog, "42809", range->location,
                  table->temporary
                      ? "cannot attach a permanent relation as partition of temporary relation "
                        "\"%s\""
                      : "cannot attach a temporary relation as partition of permanent relation "
                        "\"%s\"",
                  table->object.name);
        return true;
    }
    lk_vec_foreach(column, &part->columns) {
        if (!(*column)->identity || lk_catalog_version(catalog) < ATTACH_IS_FOR_PARTITIONED)
            continue;
        lk_refuse(catalog, "55000", range->location,
                  "table \"%s\" being attached contains an identity column \"%s\"",
                  part->object.name, (*column)->object.name);
        return true;
    }
    lk_vec_foreach(column, &part->columns) {
        if (lk_relation_column(table, (*column)->object.name) != NULL)
            continue;
        lk_refuse(catalog, "42804", range->location,
                  "table \"%s\" contains column \"%s\" not found in parent \"%s\"",
                  part->object.name, (*column)->object.name, table->object.name);
        return true;
    }
    return false;
}

void
lk_partition_attach(struct lk_catalog *catalog, struct lk_relation *table,
                    const PartitionCmd *command)
{
    const RangeVar *range = command->name;

    if (lk_refuse_missing(catalog, range))
        return;
    struct lk_relation *part = lk_catalog_assume(
        catalog, range->schemaname, range->relname,
        table->kind == LK_RELATION_INDEX ? LK_RELATION_INDEX : LK_RELATION_UNKNOWN);
    if (table->kind == LK_RELATION_INDEX) {
        attach_index(catalog, table, part);
        return;
    }
    if (table->kind == LK_RELATION_TABLE && !table->object.assumed) {
        if (lk_catalog_version(catalog) >= ATTACH_IS_FOR_PARTITIONED)
            lk_refuse(catalog, "42809", -1,
                      "ALTER action ATTACH PARTITION cannot be performed on relation \"%s\"",
                      table->object.name)
                ->object = &table->object;
        else
            lk_refuse(catalog, "42P17", -1, "table \"%s\" is not partitioned", table->object.name)
                ->object = &table->object;
        return;
    }
    if (lk_partition_refuse_bound(catalog, table, part->object.name, command->bound) ||
        refuse_attach(catalog, table, part, range) ||
        lk_partition_refuse_overlap(catalog, table, part->object.name, command->bound) ||
        refuse_referenced(catalog, table, part))
        return;
    lk_catalog_touch(catalog, part);
    if (table->kind != LK_RELATION_PARTITIONED) {
        lk_catalog_touch(catalog, table);
        table->kind = LK_RELATION_PARTITIONED;
    }
    part->parent = table;
    if (!lk_inherit_join(catalog, part, table))
        return;
    lk_partition_become(catalog, part, table, command->bound);
    part->bound =
        lk_partition_bound(catalog, command->bound, lk_replay_offset(catalog, range->location));
    lk_partition_follow(catalog, part, table);
}
