/*
 * rules/schema/replay_pending.c
 *     The constraints of a table's definition, in the order in which the server makes them.
 *
 * Names depend on that order: CHECKs, NOT NULLs, the primary key, other keys, what LIKE brings,
 * foreign keys. Source: transformCreateStmt(), src/backend/parser/parse_utilcmd.c, and
 * DefineRelation(), src/backend/commands/tablecmds.c.
 */
#include "parser/pgparse.h"
#include "parser/tree_names.h"
#include "rules/schema/replay_relation.h"

#define add(pending, list, definition, column)                                                     \
    (*lk_vec_add((pending)->mem, &(pending)->list) =                                               \
         (struct lk_pending_item){(definition), (column)})

/* add_implied adds the NOT NULL that a serial, an identity or a primary key brings. */
static void
add_implied(struct lk_pending *pending, const char *column)
{
    Constraint implied = {.type = T_Constraint, .contype = CONSTR_NOTNULL, .location = -1};

#if LK_GRAMMAR >= 18
    implied.is_enforced = true;
#endif
    add(pending, not_nulls, implied, column);
}

void
lk_pending_column(struct lk_pending *pending, const ColumnDef *definition, bool serial)
{
    const char *column = definition->colname;
    bool implied = serial;
    ListCell *cell;

    foreach(cell, definition->constraints) {
        Constraint constraint = lk_column_constraint(definition->constraints, cell);
        switch (constraint.contype) {
        case CONSTR_NOTNULL:
            add(pending, not_nulls, constraint, column);
            break;
        case CONSTR_IDENTITY:
            implied = true;
            break;
        case CONSTR_PRIMARY:
            implied = true;
            add(pending, keys, constraint, column);
            break;
        case CONSTR_UNIQUE:
            add(pending, keys, constraint, column);
            break;
        case CONSTR_CHECK:
            add(pending, checks, constraint, column);
            break;
        case CONSTR_FOREIGN:
            add(pending, foreigns, constraint, column);
            break;
        default:
            break;
        }
    }
    if (implied && lk_column_has(definition, CONSTR_NOTNULL) == NULL)
        add_implied(pending, column);
}

void
lk_pending_constraint(struct lk_pending *pending, const Constraint *definition)
{
    ListCell *cell;

    switch (definition->contype) {
    case CONSTR_NOTNULL:
        add(pending, not_nulls, *definition, strVal(linitial(definition->keys)));
        break;
    case CONSTR_CHECK:
        add(pending, checks, *definition, NULL);
        break;
    case CONSTR_FOREIGN:
        add(pending, foreigns, *definition, NULL);
        break;
    default:
        add(pending, keys, *definition, NULL);
        if (definition->contype == CONSTR_PRIMARY)
            foreach(cell, definition->keys)
                add_implied(pending, strVal(lfirst(cell)));
        break;
    }
}

static bool
has_partitions(const struct lk_catalog *catalog, const struct lk_relation *table)
{
    if (table->kind != LK_RELATION_PARTITIONED)
        return false;
    lk_vec_foreach(child, &table->children)
        if ((*child)->parent == table && lk_is_there(catalog, *child))
            return true;
    return false;
}

static void
define(struct lk_catalog *catalog, struct lk_relation *table, const struct lk_pending *pending,
       const struct lk_pending_item *item)
{
    struct lk_constraint *constraint =
        lk_constraint_define(catalog, table, &item->definition, item->column);

    if (constraint == NULL)
        return;
    /* NOT VALID says nothing of a table without rows; those of a foreign one are elsewhere */
    if (pending->fresh && table->kind != LK_RELATION_FOREIGN && !constraint->not_enforced)
        constraint->validated = true;
    if (pending->recurse)
        lk_constraint_spread(catalog, table, constraint);
    else if (!pending->fresh && constraint->index != NULL && has_partitions(catalog, table))
        constraint->index->valid = false; /* ONLY: until the partitions have it */
}

/* spread_not_null makes a column NOT NULL where it is inherited. */
static void
spread_not_null(struct lk_catalog *catalog, const struct lk_relation *table, const char *name)
{
    lk_vec_foreach(child, &table->children) {
        struct lk_column *column =
            lk_is_there(catalog, *child) ? lk_relation_column(*child, name) : NULL;
        if (column == NULL)
            continue;
        lk_catalog_touch(catalog, column);
        column->not_null = true;
        spread_not_null(catalog, *child, name);
    }
}

static void
define_not_null(struct lk_catalog *catalog, struct lk_relation *table,
                const struct lk_pending *pending, const struct lk_pending_item *item)
{
    const Constraint *definition = &item->definition;
    struct lk_column *column = lk_relation_column(table, item->column);
    struct lk_constraint *old = lk_constraint_not_null(table, item->column);
    struct lk_constraint *constraint;

    if (column == NULL) {
        lk_refuse_column(catalog, table, item->column);
        return;
    }
    if (old == NULL && definition->conname != NULL &&
        lk_relation_constraint(table, definition->conname) != NULL) {
        lk_constraint_define(catalog, table, definition, item->column); /* which refuses it */
        return;
    }
    if (definition->keys != NIL && old == NULL) { /* a constraint of the table */
        define(catalog, table, pending, item);
        if (pending->fresh)
            column->not_null = true;
        return;
    }
    bool inherited = old != NULL && old->inherited;
    constraint = lk_constraint_add_not_null(catalog, table, column, definition->conname, false);
    if (constraint == NULL) { /* before there were constraints for it */
        if (pending->recurse)
            spread_not_null(catalog, table, item->column);
        return;
    }
    /* a table's own has its own name, whatever it inherits */
    const char *name = definition->conname;
    if (pending->fresh && inherited && name == NULL)
        name = lk_constraint_unused(catalog, table, item->column, "not_null");
    if (pending->fresh && old != NULL && name != NULL && strcmp(old->object.name, name) != 0)
        lk_catalog_rename_part(catalog, table, &constraint->object, name);
    constraint->no_inherit |= definition->is_no_inherit;
    if (pending->recurse)
        lk_constraint_spread(catalog, table, constraint);
}

/* is_again returns whether a key says the same as an earlier one, which then does for both. */
static bool
is_again(const struct lk_pending_item *earlier, const struct lk_pending_item *item)
{
    const Constraint *a = &earlier->definition, *b = &item->definition;
    ListCell *cell_a, *cell_b;

    if (a->contype == CONSTR_EXCLUSION || b->contype == CONSTR_EXCLUSION ||
        a->deferrable != b->deferrable || a->initdeferred != b->initdeferred ||
        a->nulls_not_distinct != b->nulls_not_distinct || a->indexname != NULL ||
        b->indexname != NULL || !lk_pg_equal(a->including, b->including))
        return false;
    if (a->keys == NIL || b->keys == NIL) {
        const char *name_a = a->keys == NIL ? earlier->column : strVal(linitial(a->keys));
        const char *name_b = b->keys == NIL ? item->column : strVal(linitial(b->keys));
        return list_length(a->keys) <= 1 && list_length(b->keys) <= 1 && name_a != NULL &&
               name_b != NULL && strcmp(name_a, name_b) == 0;
    }
    if (list_length(a->keys) != list_length(b->keys))
        return false;
    forboth(cell_a, a->keys, cell_b,
            b->keys) if (strcmp(strVal(lfirst(cell_a)), strVal(lfirst(cell_b))) != 0) return false;
    return true;
}

/* carry_out_keys makes the primary key first, and of equal keys only one. */
static void
carry_out_keys(struct lk_catalog *catalog, struct lk_relation *table,
               const struct lk_pending *pending)
{
    struct lk_pending ordered = {.mem = pending->mem};

    for (int primary = 1; primary >= 0; primary--)
        lk_vec_foreach(item, &pending->keys)
            if ((item->definition.contype == CONSTR_PRIMARY) == (primary == 1))
                lk_vec_push(ordered.mem, &ordered.keys, *item);
    for (size_t i = 0; i < ordered.keys.count; i++) {
        struct lk_pending_item *item = &ordered.keys.items[i];
        bool again = false;
        for (size_t k = 0; k < i && !again; k++) {
            bool both = ordered.keys.items[k].definition.contype == CONSTR_PRIMARY &&
                        item->definition.contype == CONSTR_PRIMARY;
            again = !both && is_again(&ordered.keys.items[k], item);
        }
        /* an earlier one without a name takes the later one's */
        for (size_t k = i + 1;
             !again && item->definition.conname == NULL && pending->fresh && k < ordered.keys.count;
             k++)
            if (is_again(item, &ordered.keys.items[k]))
                item->definition.conname = ordered.keys.items[k].definition.conname;
        if (!again)
            define(catalog, table, pending, item);
    }
}

void
lk_pending_carry_out(struct lk_catalog *catalog, struct lk_relation *table,
                     const struct lk_pending *pending)
{
    ListCell *cell;

    lk_vec_foreach(item, &pending->checks)
        define(catalog, table, pending, item);
    /* a name that LIKE brings is as good as a given one */
    foreach(cell, pending->likes)
        if (IsA(lfirst(cell), TableLikeClause))
            lk_like_not_nulls(catalog, table, lfirst(cell));
    lk_vec_foreach(item, &pending->not_nulls)
        define_not_null(catalog, table, pending, item);
    carry_out_keys(catalog, table, pending);
    foreach(cell, pending->likes)
        if (IsA(lfirst(cell), TableLikeClause))
            lk_like_rest(catalog, table, lfirst(cell));
    lk_vec_foreach(item, &pending->foreigns)
        define(catalog, table, pending, item);
}
