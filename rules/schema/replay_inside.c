/*
 * rules/schema/replay_inside.c
 *     What certain expressions may not hold, whatever the schema: see replay_relation.h.
 *
 * Source: transformColumnRef() and transformSubLink(), src/backend/parser/parse_expr.c,
 * check_agglevels_and_constraints() and transformWindowFuncCall(), parse_agg.c, and
 * check_srf_call_placement(), parse_func.c.
 */
#include "parser/tree.h"
#include "rules/schema/builtin.h"
#include "rules/schema/replay_relation.h"

struct search {
    const struct lk_catalog *catalog;
    const Node *column; /* the first ones from the outside in */
    const Node *query;
    const FuncCall *call;
    const char *kind; /* that the call is of */
};

/* kind_of returns what messages call a function over many rows, or of many; NULL: neither. */
static const char *
kind_of(const struct lk_catalog *catalog, const FuncCall *call)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);

    if (call->over != NULL)
        return "window";
    char kind = lk_builtin_function_kind(name.name); /* those of one name are of one kind */
    if (kind == 0 || strchr("fpw", kind) != NULL || lk_catalog_has_function(catalog, name.name))
        return NULL;
    return kind == 's' ? "set-returning" : "aggregate";
}

static void
look(const Node *node, void *data)
{
    struct search *search = data;

    if (IsA(node, ColumnRef) && search->column == NULL && search->query == NULL)
        search->column = node;
    if (IsA(node, SubLink) && search->query == NULL)
        search->query = node;
    const FuncCall *call = (const FuncCall *)node;
    if (!IsA(node, FuncCall) || search->kind != NULL || search->query != NULL ||
        (call->args == NIL && !call->agg_star && call->over == NULL)) /* now() and its like */
        return;
    search->call = call;
    search->kind = kind_of(search->catalog, search->call);
}

/* refuse_call refuses a function of a kind that is not allowed in a place. */
static bool
refuse_call(struct lk_catalog *catalog, const struct search *search, const char *place)
{
    if (search->kind == NULL)
        return false;
    lk_refuse(catalog,
              search->call->over != NULL              ? "42P20"
              : search->kind[0] == 'a' /* ggregate */ ? "42803"
                                                      : "0A000",
              search->call->location, "%s functions are not allowed in %s", search->kind, place);
    return true;
}

bool
lk_refuse_inside(struct lk_catalog *catalog, enum lk_expression_place place, const Node *expression)
{
    static const struct {
        const char *columns; /* what the server calls the place; NULL: they may be there */
        const char *queries; /* so, too */
        const char *calls;
    } places[] = {
        [LK_IN_DEFAULT] = {"DEFAULT expression", "DEFAULT expression", "DEFAULT expressions"},
        [LK_IN_CHECK] = {NULL, "check constraint", "check constraints"},
        [LK_IN_GENERATED] = {NULL, "column generation expression", "column generation expressions"},
        [LK_IN_INDEX] = {NULL, "index expression", "index expressions"},
        [LK_IN_PREDICATE] = {NULL, "index predicate", "index predicates"},
        [LK_IN_BOUND] = {"partition bound expression", "partition bound", "partition bound"},
        [LK_IN_PARTITION_KEY] = {NULL, "partition key expression", "partition key expressions"},
        [LK_IN_TRIGGER_WHEN] = {NULL, "trigger WHEN condition", "trigger WHEN conditions"},
        [LK_IN_USING] = {NULL, "transform expression", "transform expressions"},
        [LK_IN_POLICY] = {NULL, NULL, "policy expressions"},
    };
    struct search search = {.catalog = catalog};

    lk_tree_walk(expression, look, &search);
    if (search.column != NULL && places[place].columns != NULL) {
        lk_refuse(catalog, "0A000", ((const ColumnRef *)search.column)->location,
                  "cannot use column reference in %s", places[place].columns);
        return true;
    }
    if (search.query != NULL && places[place].queries != NULL) {
        lk_refuse(catalog, "0A000", ((const SubLink *)search.query)->location,
                  "cannot use subquery in %s", places[place].queries);
        return true;
    }
    return refuse_call(catalog, &search, places[place].calls);
}
