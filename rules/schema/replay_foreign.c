/*
 * rules/schema/replay_foreign.c
 *     What foreign keys reference: see replay_relation.h.
 */
#include "rules/schema/builtin.h"
#include "rules/schema/replay_relation.h"

/*
 * Types that unique indexes are over, and what they can be compared with by the operators of such:
 * with a type of the same family, or with one that is cast to theirs without a word.
 * Source: ATAddForeignKeyConstraint(), src/backend/commands/tablecmds.c; pg_amop.dat.
 */
static const struct {
    const char *name;
    int family;
} families[] = {
    {"int2", 1},      {"int4", 1},     {"int8", 1},    {"numeric", 2},   {"float4", 3},
    {"float8", 3},    {"text", 4},     {"varchar", 4}, {"name", 4},      {"bpchar", 5},
    {"uuid", 6},      {"bool", 7},     {"date", 8},    {"timestamp", 8}, {"timestamptz", 8},
    {"bytea", 9},     {"inet", 10},    {"cidr", 10},   {"jsonb", 11},    {"time", 12},
    {"interval", 13}, {"macaddr", 14}, {"timetz", 15}, {"money", 16},    {"oid", 17},
};

/* family_of returns the family of a column's type; 0: not known. */
static int
family_of(const struct lk_column *column)
{
    if (!column->type_known || column->type.array || !lk_type_is_builtin(&column->type))
        return 0;
    for (size_t i = 0; i < LK_ARRAY_SIZE(families); i++)
        if (strcmp(families[i].name, column->type.name) == 0)
            return families[i].family;
    return 0;
}

/* fits returns whether a column can reference another one, or it is not known. */
static bool
fits(const struct lk_catalog *catalog, const struct lk_column *column,
     const struct lk_column *other)
{
    int ours = family_of(column), theirs = family_of(other);

    if (ours == 0 || theirs == 0 || ours == theirs)
        return true;
    struct lk_builtin_cast cast =
        lk_builtin_cast(lk_builtin_type_of(&column->type), lk_builtin_type_of(&other->type),
                        lk_catalog_version(catalog));
    return cast.method == LK_BUILTIN_UNKNOWN_CAST ||
           (cast.method != LK_BUILTIN_NO_CAST && cast.context == LK_BUILTIN_IMPLICIT);
}

/* covers returns whether a unique index is over these columns, in whatever order. */
static bool
covers(const struct lk_relation *index, const char *const *columns, size_t count)
{
    size_t keys = index->keys.count - index->included;

    if (!index->unique || index->has_predicate || !index->valid || keys != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t k = 0; k < keys; k++)
            found |= index->keys.items[k] != NULL && strcmp(index->keys.items[k], columns[i]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* find_index returns the index of a table that is unique over columns, or NULL. */
static struct lk_relation *
find_index(const struct lk_relation *target, const char *const *columns, size_t count)
{
    lk_vec_foreach(index, &target->indexes)
        if (covers(*index, columns, count))
            return *index;
    return NULL;
}

static bool
refuse_types(struct lk_catalog *catalog, const struct lk_relation *table,
             const struct lk_constraint *constraint, const char *const *referenced)
{
    for (size_t i = 0; i < constraint->columns.count; i++) {
        const struct lk_column *column = lk_relation_column(table, constraint->columns.items[i]);
        const struct lk_column *other = lk_relation_column(constraint->target, referenced[i]);
        if (column == NULL || other == NULL || fits(catalog, column, other))
            continue;
        struct lk_refusal *refusal =
            lk_refuse(catalog, "42804", -1, "foreign key constraint \"%s\" cannot be implemented",
                      constraint->object.name);
        refusal->object = &other->object;
        return true;
    }
    return false;
}

/* refuse_key refuses a reference to columns that are not unique, or not there. */
static bool
refuse_key(struct lk_catalog *catalog, const struct lk_constraint *constraint,
           const Constraint *definition, const char *const *columns, size_t count)
{
    const struct lk_relation *target = constraint->target;
    const char *name = target->object.name;

    for (size_t i = 0; i < count; i++) {
        if (lk_relation_column(target, columns[i]) != NULL)
            continue;
        if (lk_is_system_column(columns[i])) {
            lk_refuse(catalog, "0A000", definition->location,
                      "system columns cannot be used in foreign keys");
            return true;
        }
        lk_refuse(catalog, "42703", definition->location,
                  "column \"%s\" referenced in foreign key constraint does not exist", columns[i])
            ->name = columns[i];
        return true;
    }
    if (count == 0 && definition->pk_attrs == NIL) {
        lk_refuse(catalog, "42704", definition->location,
                  "there is no primary key for referenced table \"%s\"", name)
            ->object = &target->object;
        return true;
    }
    if (count != constraint->columns.count) {
        lk_refuse(catalog, "42830", definition->location,
                  "number of referencing and referenced columns for foreign key disagree");
        return true;
    }
    const struct lk_relation *index = find_index(target, columns, count);
    const struct lk_constraint *key = index != NULL ? lk_index_constraint(index) : NULL;
    if (index != NULL && key != NULL && key->deferrable) {
        lk_refuse(catalog, "55000", definition->location,
                  "cannot use a deferrable unique constraint for referenced table \"%s\"", name);
        return true;
    }
    if (index != NULL)
        return false;
    lk_refuse(catalog, "42830", definition->location,
              "there is no unique constraint matching given keys for referenced table \"%s\"", name)
        ->object = &target->object;
    return true;
}

static bool
refuse_target(struct lk_catalog *catalog, const struct lk_relation *table,
              const struct lk_relation *target, const Constraint *definition)
{
    if (target->object.assumed)
        return false;
    if (target->kind != LK_RELATION_TABLE && target->kind != LK_RELATION_PARTITIONED &&
        target->kind != LK_RELATION_UNKNOWN) {
        struct lk_refusal *refusal =
            lk_refuse(catalog, "42809", definition->pktable->location,
                      "referenced relation \"%s\" is not a table", target->object.name);
        refusal->object = &target->object;
        return true;
    }
    const char *format = NULL;
    if (table->temporary && !target->temporary)
        format = "constraints on temporary tables may reference only temporary tables";
    else if (!table->temporary && target->temporary)
        format = table->unlogged
                     ? "constraints on unlogged tables may reference only permanent or unlogged "
                       "tables"
                     : "constraints on permanent tables may reference only permanent tables";
    else if (!table->unlogged && !table->temporary && target->unlogged && lk_is_known(table))
        format = "constraints on permanent tables may reference only permanent tables";
    if (format != NULL)
        lk_refuse(catalog, "42P16", definition->location, "%s", format);
    return format != NULL;
}

/* lean notes what a foreign key leans on: the columns it references, and their index. */
static void
lean(struct lk_catalog *catalog, struct lk_constraint *constraint, const char *const *columns,
     size_t count)
{
    struct lk_relation *target = constraint->target;
    struct lk_relation *index = find_index(target, columns, count);

    lk_depend(catalog, &constraint->object, &target->object, LK_DEPENDS_NORMAL);
    for (size_t i = 0; i < count; i++) {
        struct lk_column *column = lk_relation_column(target, columns[i]);
        if (column != NULL && target != constraint->relation)
            lk_depend(catalog, &constraint->object, &column->object, LK_DEPENDS_NORMAL);
    }
    if (index != NULL)
        lk_depend(catalog, &constraint->object, &index->object, LK_DEPENDS_NORMAL);
}

bool
lk_constraint_reference(struct lk_catalog *catalog, struct lk_relation *table,
                        struct lk_constraint *constraint, const Constraint *definition)
{
    const RangeVar *range = definition->pktable;
    ListCell *cell;

    if (lk_refuse_missing(catalog, range))
        return false;
    struct lk_relation *target =
        lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_TABLE);
    if (refuse_target(catalog, table, target, definition))
        return false;
    constraint->target = target;
    constraint->references_schema = lk_intern(catalog, target->schema);
    constraint->references = lk_catalog_keep(catalog, range->relname);
    constraint->on_delete = definition->fk_del_action;
    constraint->on_update = definition->fk_upd_action;
    constraint->match = definition->fk_matchtype;
    lk_link(catalog, target, referrers, table);
    foreach(cell, definition->pk_attrs)
        lk_vec_push(constraint, &constraint->referenced_columns,
                    lk_intern(catalog, strVal(lfirst(cell))));
    foreach(cell, definition->fk_del_set_cols)
        lk_vec_push(constraint, &constraint->set_columns, lk_intern(catalog, strVal(lfirst(cell))));
    const char *const *columns = constraint->referenced_columns.items;
    size_t count = constraint->referenced_columns.count;
    const struct lk_constraint *key = lk_constraint_key(target);
    if (count == 0 && key != NULL) {
        columns = key->columns.items;
        count = key->columns.count;
    }
#if LK_GRAMMAR >= 18
    constraint->period = definition->fk_with_period;
    if (constraint->period) { /* its unique index is one WITHOUT OVERLAPS */
        lk_echo_key(catalog, constraint);
        return true;
    }
#endif
    if (lk_is_known(target) &&
        (refuse_key(catalog, constraint, definition, columns, count) ||
         (lk_is_known(table) && refuse_types(catalog, table, constraint, columns))))
        return false;
    lean(catalog, constraint, columns, count);
    lk_echo_key(catalog, constraint);
    return true;
}
