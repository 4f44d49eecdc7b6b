/*
 * rules/schema/replay_constraint.c
 *     Constraints, and the indexes behind them.
 */
#include "parser/base/buf.h"
#include "parser/tree.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"

static void
add_names(struct lk_catalog *catalog, struct lk_constraint *constraint, const List *names)
{
    ListCell *cell;

    foreach(cell, names)
        lk_vec_push(constraint, &constraint->columns,
                    lk_catalog_keep(catalog, strVal(lfirst(cell))));
}

/* is_null_test returns the column of `column IS [NOT] NULL`, or NULL. */
static const char *
null_test_column(const Node *node, NullTestType type)
{
    const NullTest *test = (const NullTest *)node;

    if (!IsA(node, NullTest) || test->nulltesttype != type || !IsA(test->arg, ColumnRef))
        return NULL;
    const Node *last = llast(((const ColumnRef *)test->arg)->fields);
    return IsA(last, String) ? strVal(last) : NULL;
}

void
lk_replay_not_null(struct lk_catalog *catalog, const Node *expression, struct lk_constraint *ret)
{
    const char *column = NULL;
    ListCell *cell;

    if (expression == NULL)
        return;
    if (IsA(expression, BoolExpr)) {
        const BoolExpr *bool_expr = (const BoolExpr *)expression;
        if (bool_expr->boolop == AND_EXPR)
            foreach(cell, bool_expr->args)
                lk_replay_not_null(catalog, lfirst(cell), ret);
        else if (bool_expr->boolop == NOT_EXPR)
            column = null_test_column(linitial(bool_expr->args), IS_NULL);
    } else {
        column = null_test_column(expression, IS_NOT_NULL);
    }
    if (column != NULL)
        lk_vec_push(ret, &ret->not_null, lk_catalog_keep(catalog, column));
}

/* joined_columns returns "a_b_c" for the names the server makes. */
static char *
joined_columns(TALLOC_CTX *mem, const struct lk_constraint *constraint)
{
    struct lk_buf names = lk_buf_init(mem);

    lk_vec_foreach(name, &constraint->columns) {
        lk_buf_sep(&names, "_");
        lk_buf_add(&names, *name);
    }
    return names.data;
}

/* unused_constraint_name returns a name no constraint of the table has. */
static const char *
unused_constraint_name(struct lk_catalog *catalog, struct lk_relation *table, const char *columns,
                       const char *label)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char numbered[80];
    const char *second = columns[0] != '\0' ? columns : NULL;
    char *name = lk_object_name(scratch, table->object.name, second, label);

    for (int pass = 1; lk_relation_constraint(table, name) != NULL; pass++) {
        snprintf(numbered, sizeof(numbered), "%s%d", label, pass);
        talloc_free(name);
        name = lk_object_name(scratch, table->object.name, second, numbered);
    }
    return lk_catalog_keep(catalog, name);
}

/* add_index makes the index that enforces a constraint, or takes the one named by USING INDEX. */
static void
add_index(struct lk_catalog *catalog, struct lk_relation *table, struct lk_constraint *constraint,
          const Constraint *definition)
{
    if (definition->indexname != NULL) {
        struct lk_relation *index =
            lk_catalog_relation(catalog, table->schema, definition->indexname);
        if (index == NULL || index->kind != LK_RELATION_INDEX)
            return;
        lk_catalog_touch(catalog, constraint);
        lk_vec_foreach(key, &index->keys)
            if (*key != NULL)
                lk_vec_push(constraint, &constraint->columns, *key);
        constraint->index = index;
        /* the index takes the constraint's name */
        lk_catalog_move_relation(catalog, index, NULL, constraint->object.name);
        return;
    }
    struct lk_relation *index =
        lk_catalog_add_relation(catalog, table->schema, constraint->object.name, LK_RELATION_INDEX);
    index->table = table;
    index->unique = constraint->kind != LK_CONSTRAINT_EXCLUDE;
    lk_vec_foreach(name, &constraint->columns)
        lk_vec_push(index, &index->keys, *name);
    lk_vec_push(table, &table->indexes, index);
    constraint->index = index;
}

/* choose_name returns what the constraint is called when it was given no name. */
static const char *
choose_name(struct lk_catalog *catalog, struct lk_relation *table,
            const struct lk_constraint *constraint, const Constraint *definition)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const char *columns = joined_columns(scratch, constraint);

    if (definition->indexname != NULL)
        return lk_catalog_keep(catalog, definition->indexname);
    switch (constraint->kind) {
    case LK_CONSTRAINT_PRIMARY:
        return lk_replay_choose_name(catalog, table->schema, table->object.name, NULL, "pkey");
    case LK_CONSTRAINT_UNIQUE:
        return lk_replay_choose_name(catalog, table->schema, table->object.name, columns, "key");
    case LK_CONSTRAINT_EXCLUDE:
        return lk_replay_choose_name(catalog, table->schema, table->object.name, columns, "excl");
    case LK_CONSTRAINT_FOREIGN:
        return unused_constraint_name(catalog, table, columns, "fkey");
    case LK_CONSTRAINT_NOT_NULL:
        return unused_constraint_name(catalog, table, columns, "not_null");
    case LK_CONSTRAINT_CHECK: /* named after its column, if there is just one */
        break;
    }
    return unused_constraint_name(catalog, table, constraint->columns.count == 1 ? columns : "",
                                  "check");
}

void
lk_replay_set_not_null(struct lk_catalog *catalog, struct lk_relation *table,
                       const struct lk_constraint *constraint, bool not_null)
{
    lk_vec_foreach(name, &constraint->columns) {
        struct lk_column *column = lk_relation_column(table, *name);
        if (column != NULL) {
            lk_catalog_touch(catalog, column);
            column->not_null = not_null;
        }
    }
}

static void
set_reference(struct lk_catalog *catalog, struct lk_relation *table,
              struct lk_constraint *constraint, const Constraint *definition)
{
    ListCell *cell;
    const RangeVar *range = definition->pktable;
    struct lk_relation *target =
        lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_TABLE);

    constraint->target = target;
    constraint->references_schema = lk_catalog_keep(catalog, target->schema);
    constraint->references = lk_catalog_keep(catalog, range->relname);
    lk_link(catalog, target, referrers, table);
    foreach(cell, definition->pk_attrs)
        lk_vec_push(constraint, &constraint->referenced_columns,
                    lk_catalog_keep(catalog, strVal(lfirst(cell))));
}

static bool
kind_of(const Constraint *definition, enum lk_constraint_kind *ret)
{
    switch (definition->contype) {
    case CONSTR_CHECK:
        *ret = LK_CONSTRAINT_CHECK;
        return true;
    case CONSTR_NOTNULL:
        *ret = LK_CONSTRAINT_NOT_NULL;
        return true;
    case CONSTR_PRIMARY:
        *ret = LK_CONSTRAINT_PRIMARY;
        return true;
    case CONSTR_UNIQUE:
        *ret = LK_CONSTRAINT_UNIQUE;
        return true;
    case CONSTR_EXCLUSION:
        *ret = LK_CONSTRAINT_EXCLUDE;
        return true;
    case CONSTR_FOREIGN:
        *ret = LK_CONSTRAINT_FOREIGN;
        return true;
    default:
        return false;
    }
}

/* add_used adds the columns that a CHECK expression refers to. */
static void
add_used(struct lk_catalog *catalog, struct lk_constraint *constraint, Node *expression)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_tree_names names = {0};

    lk_tree_columns(scratch, expression, &names);
    lk_vec_foreach(name, &names.items)
        lk_vec_push(constraint, &constraint->columns, lk_catalog_keep(catalog, *name));
}

static void
add_columns(struct lk_catalog *catalog, struct lk_constraint *constraint,
            const Constraint *definition, const char *column)
{
    ListCell *cell;

    if (definition->contype == CONSTR_CHECK) {
        add_used(catalog, constraint, definition->raw_expr);
        return;
    }
    if (column != NULL) {
        lk_vec_push(constraint, &constraint->columns, lk_catalog_keep(catalog, column));
        return;
    }
    add_names(catalog, constraint, definition->keys);
    add_names(catalog, constraint, definition->fk_attrs);
    foreach(cell, definition->exclusions) {
        const IndexElem *element = linitial_node(IndexElem, lfirst_node(List, cell));
        if (element->name != NULL)
            lk_vec_push(constraint, &constraint->columns, lk_catalog_keep(catalog, element->name));
    }
}

void
lk_replay_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                     const Constraint *definition, const char *column)
{
    enum lk_constraint_kind kind;

    if (!kind_of(definition, &kind) ||
        (definition->conname != NULL && lk_relation_constraint(table, definition->conname) != NULL))
        return;
    struct lk_constraint *constraint = lk_catalog_add_constraint(catalog, table, "", kind);
    add_columns(catalog, constraint, definition, column);
    lk_catalog_rename_part(catalog, table, &constraint->object,
                           definition->conname != NULL
                               ? definition->conname
                               : choose_name(catalog, table, constraint, definition));
    constraint->validated = !definition->skip_validation;
    constraint->deferrable = definition->deferrable;
    if (kind == LK_CONSTRAINT_CHECK)
        lk_replay_not_null(catalog, definition->raw_expr, constraint);
    if (kind == LK_CONSTRAINT_FOREIGN)
        set_reference(catalog, table, constraint, definition);
    if (kind == LK_CONSTRAINT_PRIMARY || kind == LK_CONSTRAINT_UNIQUE ||
        kind == LK_CONSTRAINT_EXCLUDE)
        add_index(catalog, table, constraint, definition);
    if (kind == LK_CONSTRAINT_PRIMARY || (kind == LK_CONSTRAINT_NOT_NULL && constraint->validated))
        lk_replay_set_not_null(catalog, table, constraint, true);
}
