/*
 * rules/schema/replay_inside.c
 *     What certain expressions may not hold, whatever the schema: see replay_relation.h.
 *
 * Source: transformColumnRef() and transformSubLink(), src/backend/parser/parse_expr.c.
 */
#include "parser/tree.h"
#include "rules/schema/replay_relation.h"

struct search {
    bool columns;      /* they are looked for, too */
    const Node *found; /* the first one from the outside in */
};

static void
look(const Node *node, void *data)
{
    struct search *search = data;

    if (search->found == NULL && (IsA(node, SubLink) || (search->columns && IsA(node, ColumnRef))))
        search->found = node;
}

bool
lk_refuse_inside(struct lk_catalog *catalog, enum lk_expression_place place, const Node *expression)
{
    static const struct {
        const char *columns; /* what the server calls the place; NULL: they may be there */
        const char *queries;
    } places[] = {
        [LK_IN_DEFAULT] = {NULL, "DEFAULT expression"}, /* columns: see foreign-dialect */
        [LK_IN_CHECK] = {NULL, "check constraint"},
        [LK_IN_GENERATED] = {NULL, "column generation expression"},
        [LK_IN_INDEX] = {NULL, "index expression"},
        [LK_IN_PREDICATE] = {NULL, "index predicate"},
        [LK_IN_BOUND] = {"partition bound expression", "partition bound"},
        [LK_IN_PARTITION_KEY] = {NULL, "partition key expression"},
        [LK_IN_TRIGGER_WHEN] = {NULL, "trigger WHEN condition"},
        [LK_IN_USING] = {NULL, "transform expression"},
    };
    struct search search = {.columns = places[place].columns != NULL};

    lk_tree_walk(expression, look, &search);
    if (search.found == NULL)
        return false;
    if (IsA(search.found, ColumnRef))
        lk_refuse(catalog, "0A000", ((const ColumnRef *)search.found)->location,
                  "cannot use column reference in %s", places[place].columns);
    else
        lk_refuse(catalog, "0A000", ((const SubLink *)search.found)->location,
                  "cannot use subquery in %s", places[place].queries);
    return true;
}
