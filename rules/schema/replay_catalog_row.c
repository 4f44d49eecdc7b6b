/*
 * rules/schema/replay_catalog_row.c
 *     UPDATE of a row of the server's own catalogs: see replay_relation.h.
 *
 * Superusers do so: to keep the planner from an index, or to take back what a cancelled DETACH ...
 * CONCURRENTLY has left. Followed is SET of a column that the replay has, where WHERE names the
 * row.
 */
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_relation.h"

static void
set_valid(struct lk_catalog *catalog, struct lk_relation *index, bool value)
{
    if (index->kind != LK_RELATION_INDEX)
        return;
    lk_catalog_touch(catalog, index);
    index->valid = value;
}

static void
set_detaching(struct lk_catalog *catalog, struct lk_relation *part, bool value)
{
    if (part->parent == NULL || part->kind == LK_RELATION_INDEX)
        return;
    if (value)
        lk_partition_leave(catalog, part);
    else
        lk_partition_return(catalog, part);
}

/* The columns that are followed, and the one that says whose row it is. */
static const struct source {
    const char *table, *key, *column;
    void (*set)(struct lk_catalog *catalog, struct lk_relation *relation, bool value);
} sources[] = {
    {"pg_index", "indexrelid", "indisvalid", set_valid},
    {"pg_inherits", "inhrelid", "inhdetachpending", set_detaching},
};

static const struct source *
source_of(const RangeVar *range, const char *column)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(sources); i++)
        if (strcmp(sources[i].table, range->relname) == 0 &&
            strcmp(sources[i].column, column) == 0 &&
            (range->schemaname == NULL || strcmp(range->schemaname, "pg_catalog") == 0))
            return &sources[i];
    return NULL;
}

static bool
names_column(const Node *node, const char *column)
{
    if (node == NULL || !IsA(node, ColumnRef))
        return false;
    const Node *last = llast(((const ColumnRef *)node)->fields);
    return IsA(last, String) && strcmp(strVal(last), column) == 0;
}

/* row_of returns the relation that `key = '...'::regclass` names, or NULL. */
static struct lk_relation *
row_of(struct lk_catalog *catalog, const struct source *source, const Node *where)
{
    const A_Expr *expr = (const A_Expr *)where;

    if (where == NULL || !IsA(where, A_Expr) || expr->kind != AEXPR_OP ||
        strcmp(strVal(llast(expr->name)), "=") != 0)
        return NULL;
    bool first = names_column(expr->lexpr, source->key);
    if (!first && !names_column(expr->rexpr, source->key))
        return NULL;
    const Node *value = first ? expr->rexpr : expr->lexpr;
    if (!IsA(value, TypeCast) ||
        strcmp(strVal(llast(((const TypeCast *)value)->typeName->names)), "regclass") != 0)
        return NULL;
    return lk_constant_relation(catalog->statement_mem, catalog, ((const TypeCast *)value)->arg);
}

void
lk_replay_catalog_row(struct lk_catalog *catalog, const UpdateStmt *stmt)
{
    ListCell *cell;

    if (stmt->fromClause != NIL || stmt->withClause != NULL)
        return;
    foreach(cell, stmt->targetList) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        const struct source *source = source_of(stmt->relation, target->name);
        const A_Const *value = (const A_Const *)target->val;
        if (source == NULL || !IsA(value, A_Const) || value->isnull || !IsA(&value->val, Boolean))
            continue;
        struct lk_relation *relation = row_of(catalog, source, stmt->whereClause);
        if (relation != NULL)
            source->set(catalog, relation, boolVal(&value->val));
    }
}
