/*
 * rules/schema/analyze.c
 *     What expressions and queries name, and which types they have: see analyze.h.
 */
#include "rules/schema/analyze.h"

#include "rules/schema/analyze_private.h"

struct lk_typed
lk_analyze_expression(struct lk_catalog *catalog, const struct lk_relation *relation,
                      struct Node *expression, struct lk_mentions mentions, char *volatility)
{
    struct lk_analysis an = {.catalog = catalog,
                             .mem = catalog->statement_mem,
                             .mentions = mentions,
                             .volatility = 'i',
                             .volatility_known = true,
                             .alone = relation == NULL};
    struct lk_scope scope = {0};

    if (relation != NULL)
        lk_scope_relation(&an, &scope, relation, relation->object.name);
    struct lk_operand operand = lk_analyze_node(&an, &scope, expression);
    if (volatility != NULL)
        *volatility = an.volatility_known && !an.incomplete ? an.volatility : 0;
    return operand.typed;
}

void
lk_analyze_condition_of(struct lk_catalog *catalog, const struct lk_relation *relation,
                        struct Node *condition, struct lk_mentions mentions, const char *what)
{
    struct lk_analysis an = {
        .catalog = catalog, .mem = catalog->statement_mem, .mentions = mentions};
    struct lk_scope scope = {0};

    if (relation != NULL)
        lk_scope_relation(&an, &scope, relation, relation->object.name);
    struct lk_operand operand = lk_analyze_node(&an, &scope, condition);
    lk_analysis_refuse_truth(&an, &operand, what);
}

struct lk_typed
lk_analyze_check(struct lk_catalog *catalog, const struct lk_type *type, struct Node *expression,
                 struct lk_mentions mentions)
{
    struct lk_analysis an = {.catalog = catalog,
                             .mem = catalog->statement_mem,
                             .mentions = mentions,
                             .alone = true,
                             .value = type};
    struct lk_scope scope = {0};

    return lk_analyze_node(&an, &scope, expression).typed;
}

struct lk_result
lk_analyze_query(TALLOC_CTX *mem, struct lk_catalog *catalog, struct Node *query,
                 struct lk_mentions mentions)
{
    struct lk_analysis an = {.catalog = catalog,
                             .mem = catalog->statement_mem,
                             .mentions = mentions,
                             .variables = catalog->variables};
    struct lk_result found = lk_analyze_statement(&an, NULL, query);
    struct lk_result result = {.complete = found.complete};

    lk_vec_foreach(column, &found.columns)
        *lk_vec_add(mem, &result.columns) =
            (struct lk_result_column){lk_intern(catalog, column->name), column->typed};
    return result;
}

void
lk_analyze_routine(struct lk_catalog *catalog, struct Node *statement, struct lk_mentions mentions)
{
    struct lk_analysis an = {
        .catalog = catalog, .mem = catalog->statement_mem, .mentions = mentions, .variables = true};
    struct lk_scope scope = {0};

    if (IsA(statement, ReturnStmt))
        lk_analyze_node(&an, &scope, ((ReturnStmt *)statement)->returnval);
    else
        lk_analyze_statement(&an, NULL, statement);
}

void
lk_analyze_type(struct lk_catalog *catalog, const struct TypeName *type,
                struct lk_mentions mentions)
{
    struct lk_analysis an = {
        .catalog = catalog, .mem = catalog->statement_mem, .mentions = mentions};

    lk_resolve_type(&an, type);
}
