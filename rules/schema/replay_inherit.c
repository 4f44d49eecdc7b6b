/*
 * rules/schema/replay_inherit.c
 *     What tables inherit: see replay_relation.h.
 */
#include "rules/schema/replay_relation.h"

/* From this version on partitions have the identity of their parent's columns. */
#define PARTITIONS_HAVE_IDENTITY 17

struct lk_parents
lk_parents_of(const struct lk_relation *table)
{
    struct lk_parents parents = {.count = 0};

    if (table->parent != NULL)
        parents.items[parents.count++] = table->parent;
    lk_vec_foreach(parent, &table->parents)
        if (parents.count < LK_ARRAY_SIZE(parents.items) && *parent != table->parent)
            parents.items[parents.count++] = *parent;
    return parents;
}

size_t
lk_column_parents(const struct lk_relation *table, const char *name)
{
    struct lk_parents parents = lk_parents_of(table);
    size_t count = 0;

    for (size_t i = 0; i < parents.count; i++)
        count += lk_relation_column(parents.items[i], name) != NULL;
    return count;
}

/* matching returns the constraint of a parent that one inherits, or NULL. */
static struct lk_constraint *
matching(const struct lk_relation *parent, const struct lk_constraint *constraint)
{
    struct lk_constraint *match = constraint->kind == LK_CONSTRAINT_NOT_NULL
                                      ? lk_constraint_not_null(parent, constraint->columns.items[0])
                                      : lk_relation_constraint(parent, constraint->object.name);

    return match != NULL && match->kind == constraint->kind && !match->no_inherit ? match : NULL;
}

size_t
lk_constraint_parents(const struct lk_constraint *constraint)
{
    struct lk_parents parents = lk_parents_of(constraint->relation);
    size_t count = 0;

    if (constraint->kind != LK_CONSTRAINT_CHECK && constraint->kind != LK_CONSTRAINT_NOT_NULL)
        return constraint->parent != NULL;
    for (size_t i = 0; i < parents.count; i++)
        count += matching(parents.items[i], constraint) != NULL;
    return count;
}

/* is_not_null returns whether what inherits a column is NOT NULL, too. */
static bool
inherits_not_null(const struct lk_catalog *catalog, const struct lk_column *column)
{
    if (lk_catalog_version(catalog) < LK_NOT_NULL_HAS_NAME)
        return column->not_null;
    const struct lk_constraint *constraint =
        lk_constraint_not_null(column->relation, column->object.name);
    return constraint != NULL ? !constraint->no_inherit : column->not_null;
}

static bool
merge_column(struct lk_catalog *catalog, struct lk_column *column, const struct lk_column *source)
{
    if (column->type_known && source->type_known && !lk_type_equal(&column->type, &source->type)) {
        lk_refuse(catalog, "42804", -1, "inherited column \"%s\" has a type conflict",
                  column->object.name);
        return false;
    }
    if (column->inherited && !column->object.assumed && !source->object.assumed &&
        column->generated != source->generated) {
        lk_refuse(catalog, "42804", -1, "inherited column \"%s\" has a generation conflict",
                  column->object.name);
        return false;
    }
    lk_catalog_touch(catalog, column);
    column->not_null |= inherits_not_null(catalog, source);
    return true;
}

bool
lk_inherit_columns(struct lk_catalog *catalog, struct lk_relation *table,
                   const struct lk_relation *parent)
{
    table->partial |= parent->partial || parent->object.assumed;
    lk_vec_foreach(source, &parent->columns) {
        struct lk_column *column = lk_relation_column(table, (*source)->object.name);
        if (column != NULL) {
            if (!merge_column(catalog, column, *source))
                return false;
            continue;
        }
        column = lk_column_copy(catalog, table, *source, true);
        column->inherited = true;
        column->not_null = inherits_not_null(catalog, *source);
        column->storage = (*source)->storage;
        column->compression = (*source)->compression;
        if (table->parent == parent && lk_catalog_version(catalog) >= PARTITIONS_HAVE_IDENTITY) {
            column->identity = (*source)->identity;
            column->always = (*source)->always;
        }
    }
    return true;
}

/* lk_inherit_check merges a CHECK with one of the same name; a NOT NULL with that of its column. */
bool
lk_inherit_check(struct lk_catalog *catalog, struct lk_relation *table,
                 const struct lk_constraint *source)
{
    if (source->no_inherit)
        return true;
    if (source->kind == LK_CONSTRAINT_NOT_NULL) {
        struct lk_column *column = lk_relation_column(table, source->columns.items[0]);
        const struct lk_constraint *own = lk_constraint_not_null(table, source->columns.items[0]);
        if (column == NULL)
            return true;
        bool holds = column->not_null || source->validated;
        if (own == NULL) {
            struct lk_constraint *added =
                lk_constraint_add_not_null(catalog, table, column, source->object.name, true);
            if (added != NULL)
                added->validated = source->validated;
        }
        column->not_null = holds;
        return true;
    }
    struct lk_constraint *own = lk_relation_constraint(table, source->object.name);
    if (own == NULL) {
        lk_constraint_copy(catalog, table, source, source->object.name)->inherited = true;
        return true;
    }
    if (own->kind == LK_CONSTRAINT_CHECK || own->object.assumed)
        return true;
    lk_refuse(catalog, "42710", -1, "constraint \"%s\" for relation \"%s\" already exists",
              own->object.name, table->object.name)
        ->object = &own->object;
    return false;
}

/* validate_new makes a constraint of a new table hold: there is no row that it was not asked of. */
static void
validate_new(struct lk_catalog *catalog, struct lk_relation *table,
             struct lk_constraint *constraint)
{
    if (constraint->validated || constraint->not_enforced)
        return;
    lk_catalog_touch(catalog, constraint);
    constraint->validated = true;
    if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
        lk_replay_set_not_null(catalog, table, constraint, true);
}

bool
lk_inherit_constraints(struct lk_catalog *catalog, struct lk_relation *table,
                       const struct lk_relation *parent)
{
    lk_vec_foreach(source, &parent->constraints)
        if (((*source)->kind == LK_CONSTRAINT_CHECK || (*source)->kind == LK_CONSTRAINT_NOT_NULL) &&
            !lk_inherit_check(catalog, table, *source))
            return false;
    lk_vec_foreach(constraint, &table->constraints)
        validate_new(catalog, table, *constraint);
    return true;
}

static bool
same_name(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* From this version on a child computes no column that its parent does not. */
#define BOTH_COMPUTE 16

/*
 * refuse_generation refuses a column that is computed, and the parent's is not, or otherwise.
 * Source: MergeAttributesIntoExisting(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_generation(struct lk_catalog *catalog, const struct lk_column *column,
                  const struct lk_column *source)
{
    const char *name = column->object.name;

    if (column->object.assumed || source->object.assumed)
        return false;
    if (source->generated && column->generated) {
        if (source->is_virtual == column->is_virtual)
            return false;
        lk_refuse(catalog, "42804", -1,
                  "column \"%s\" inherits from generated column of different kind", name);
        return true;
    }
    if (source->generated == column->generated ||
        (column->generated && lk_catalog_version(catalog) < BOTH_COMPUTE))
        return false;
    lk_refuse(catalog, "42804", -1, "column \"%s\" in child table must %sbe a generated column",
              name, column->generated ? "not " : "");
    return true;
}

/* refuse_child refuses a child that lacks what its parent has. */
static bool
refuse_child(struct lk_catalog *catalog, const struct lk_relation *child,
             const struct lk_relation *parent)
{
    if (!lk_is_known(child))
        return false;
    lk_vec_foreach(source, &parent->columns) {
        const struct lk_column *column = lk_relation_column(child, (*source)->object.name);
        if ((*source)->object.assumed)
            continue;
        if (column == NULL) {
            lk_refuse(catalog, "42804", -1, "child table is missing column \"%s\"",
                      (*source)->object.name);
            return true;
        }
        if (column->type_known && (*source)->type_known &&
            !lk_type_equal(&column->type, &(*source)->type)) {
            lk_refuse(catalog, "42804", -1,
                      "child table \"%s\" has different type for column \"%s\"", child->object.name,
                      column->object.name);
            return true;
        }
        if (column->type_known && (*source)->type_known &&
            !same_name(column->collation, (*source)->collation)) {
            lk_refuse(catalog, "42P21", -1,
                      "child table \"%s\" has different collation for column \"%s\"",
                      child->object.name, column->object.name);
            return true;
        }
        if (refuse_generation(catalog, column, *source))
            return true;
        /* one that holds for new rows only, or not for those that inherit, is refused, too */
        if (lk_constraint_not_null(child, column->object.name) != NULL &&
            (!lk_constraint_not_null(child, column->object.name)->validated ||
             lk_constraint_not_null(child, column->object.name)->no_inherit))
            continue;
        if ((*source)->not_null && inherits_not_null(catalog, *source) && !column->not_null &&
            lk_is_known(parent)) {
            if (lk_catalog_version(catalog) < LK_NOT_NULL_HAS_NAME)
                lk_refuse(catalog, "42804", -1,
                          "column \"%s\" in child table must be marked NOT NULL",
                          column->object.name);
            else
                lk_refuse(catalog, "42804", -1,
                          "column \"%s\" in child table \"%s\" must be marked NOT NULL",
                          column->object.name, child->object.name);
            return true;
        }
    }
    lk_vec_foreach(source, &parent->constraints) {
        if ((*source)->kind != LK_CONSTRAINT_CHECK || (*source)->no_inherit ||
            (*source)->object.assumed ||
            lk_relation_constraint(child, (*source)->object.name) != NULL)
            continue;
        lk_refuse(catalog, "42804", -1, "child table is missing constraint \"%s\"",
                  (*source)->object.name);
        return true;
    }
    return false;
}

bool
lk_inherit_join(struct lk_catalog *catalog, struct lk_relation *child, struct lk_relation *parent)
{
    bool partition = child->parent == parent;

    if (refuse_child(catalog, child, parent))
        return false;
    lk_vec_foreach(column, &child->columns) {
        const struct lk_column *source = lk_relation_column(parent, (*column)->object.name);
        if (source == NULL || !partition)
            continue;
        lk_catalog_touch(catalog, *column);
        (*column)->inherited = true;
        if (lk_catalog_version(catalog) >= PARTITIONS_HAVE_IDENTITY) {
            (*column)->identity = source->identity;
            (*column)->always = source->always;
        }
    }
    for (size_t i = 0; partition && i < child->constraints.count; i++) {
        struct lk_constraint *constraint = child->constraints.items[i];
        if ((constraint->kind != LK_CONSTRAINT_CHECK &&
             constraint->kind != LK_CONSTRAINT_NOT_NULL) ||
            matching(parent, constraint) == NULL)
            continue;
        lk_catalog_touch(catalog, constraint);
        constraint->inherited = true;
    }
    return true;
}

void
lk_inherit_leave(struct lk_catalog *catalog, struct lk_relation *child)
{
    lk_vec_foreach(column, &child->columns) {
        if (!(*column)->inherited || lk_column_parents(child, (*column)->object.name) > 0)
            continue;
        lk_catalog_touch(catalog, *column);
        (*column)->inherited = false;
    }
    lk_vec_foreach(constraint, &child->constraints) {
        if (!(*constraint)->inherited || lk_constraint_parents(*constraint) > 0)
            continue;
        lk_catalog_touch(catalog, *constraint);
        (*constraint)->inherited = false;
    }
}

bool
lk_is_above(const struct lk_catalog *catalog, const struct lk_relation *above,
            const struct lk_relation *table)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_relations below = {0};

    lk_catalog_descendants(scratch, catalog, above, &below);
    lk_vec_foreach(item, &below.items)
        if (*item == table)
            return true;
    return above == table;
}

static void
inherit(struct lk_catalog *catalog, struct lk_relation *table, struct lk_relation *parent)
{
    lk_vec_foreach(known, &table->parents) {
        if (*known != parent)
            continue;
        lk_refuse(catalog, "42P07", -1, "relation \"%s\" would be inherited from more than once",
                  parent->object.name);
        return;
    }
    if (table->parent != NULL || table->kind == LK_RELATION_PARTITIONED) {
        lk_refuse(catalog, "42809", -1,
                  table->parent != NULL ? "cannot change inheritance of a partition"
                                        : "cannot change inheritance of partitioned table");
        return;
    }
    if (parent->kind == LK_RELATION_PARTITIONED) {
        lk_refuse(catalog, "42809", -1, "cannot inherit from partitioned table \"%s\"",
                  parent->object.name);
        return;
    }
    if (parent->parent != NULL) {
        lk_refuse(catalog, "42809", -1, "cannot inherit from a partition");
        return;
    }
    if (lk_is_above(catalog, table, parent)) {
        lk_refuse(catalog, "42P07", -1, "circular inheritance not allowed");
        return;
    }
    if (!lk_inherit_join(catalog, table, parent))
        return;
    lk_link(catalog, parent, children, table);
    lk_link(catalog, table, parents, parent);
    lk_depend(catalog, &table->object, &parent->object, LK_DEPENDS_NORMAL);
}

void
lk_inherit_command(struct lk_catalog *catalog, struct lk_relation *table,
                   const AlterTableCmd *command)
{
    const RangeVar *range = castNode(RangeVar, command->def);

    if (command->subtype == AT_DropInherit && table->parent != NULL) {
        lk_refuse(catalog, "42809", -1, "cannot change inheritance of a partition")->object =
            &table->object;
        return;
    }
    if (lk_refuse_missing(catalog, range))
        return;
    struct lk_relation *parent =
        lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_TABLE);
    if (command->subtype == AT_AddInherit) {
        inherit(catalog, table, parent);
        return;
    }
    bool known = false;
    lk_vec_foreach(item, &table->parents)
        known |= *item == parent;
    if (!known && lk_is_known(table)) {
        lk_refuse(catalog, "42P01", range->location,
                  "relation \"%s\" is not a parent of relation \"%s\"", parent->object.name,
                  table->object.name);
        return;
    }
    lk_catalog_touch(catalog, parent);
    lk_remove_pointer(&parent->children, table);
    lk_catalog_touch(catalog, table);
    lk_remove_pointer(&table->parents, parent);
    lk_depend_not(catalog, &table->object, &parent->object);
    lk_inherit_leave(catalog, table);
}
