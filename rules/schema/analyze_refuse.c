/*
 * rules/schema/analyze_refuse.c
 *     What the server refuses of expressions and queries: see analyze_private.h.
 */
#include <stdarg.h>

#include "parser/base/buf.h"
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_relation.h"

static bool
is_silent(const struct lk_analysis *an)
{
    return an->variables || an->incomplete || an->unsure || an->catalog->refusals.items.count > 0;
}

struct lk_refusal *
lk_analysis_refuse(struct lk_analysis *an, const char *sqlstate, int location, const char *format,
                   ...)
{
    va_list args;

    if (is_silent(an))
        return NULL;
    va_start(args, format);
    const char *message = talloc_vasprintf(an->catalog->statement_mem, format, args);
    va_end(args);
    return lk_refuse(an->catalog, sqlstate, location, "%s", message);
}

void
lk_analysis_refuse_relation(struct lk_analysis *an, const RangeVar *range)
{
    const char *name = lk_range_sql(an->catalog->statement_mem, range);

    if (is_silent(an) || range->catalogname != NULL ||
        !lk_catalog_lacks(an->catalog, range->schemaname, range->relname))
        return;
    /* other than for statements about a relation, it is no matter whether there is the schema */
    lk_refuse(an->catalog, "42P01", range->location, "relation \"%s%s%s\" does not exist",
              range->schemaname != NULL ? range->schemaname : "",
              range->schemaname != NULL ? "." : "", range->relname)
        ->name = name;
}

void
lk_analysis_refuse_label(struct lk_analysis *an, const struct lk_operand *operand, const Node *node)
{
    ListCell *cell;

    if (!operand->typed.type_known || node == NULL || is_silent(an))
        return;
    if (!IsA(node, List)) {
        lk_refuse_label(an->catalog, &operand->typed.type, node);
        return;
    }
    foreach(cell, (const List *)node)
        lk_refuse_label(an->catalog, &operand->typed.type, lfirst(cell));
}

/* has_own_casts returns whether the history made casts: they decide what fits what. */
static bool
has_own_casts(const struct lk_catalog *catalog)
{
    return HASH_COUNT(catalog->spaces[LK_CLASS_CAST]) > 0;
}

/* type_words returns how messages write a value's type, NULL where that is not known. */
static const char *
type_words(struct lk_analysis *an, const struct lk_operand *operand)
{
    struct lk_type type = operand->typed.type;

    if (!operand->typed.type_known)
        return NULL;
    type.mod_count = 0;
    for (size_t i = 0; i < an->catalog->search_path.count; i++)
        if (!lk_type_is_builtin(&type) && type.schema != NULL &&
            strcmp(type.schema, an->catalog->search_path.names[i]) == 0)
            type.schema = NULL; /* visible */
    return lk_type_sql(an->mem, &type);
}

/* may_be_field returns whether f(x) may be the field f of a row x. */
static bool
may_be_field(struct lk_analysis *an, const FuncCall *call, const struct lk_operands *operands)
{
    return list_length(call->args) == 1 && list_length(call->funcname) == 1 &&
           (!operands->items.items[0].typed.type_known ||
            lk_operand_is(&operands->items.items[0], "record") ||
            lk_operand_relation(an, &operands->items.items[0]) != NULL);
}

/* is_type returns whether the history has a type of that name: a cast, or a range's constructor. */
static bool
is_type(const struct lk_catalog *catalog, const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);
    const char *element = name.name[0] == '_' ? name.name + 1 : name.name;

    return lk_catalog_type(catalog, name.schema, name.name) != NULL ||
           lk_catalog_type(catalog, name.schema, element) != NULL ||
           lk_catalog_relation(catalog, name.schema, name.name) != NULL;
}

void
lk_analysis_refuse_call(struct lk_analysis *an, const FuncCall *call,
                        enum lk_builtin_outcome outcome, const struct lk_operands *operands,
                        const char *const *names)
{
    struct lk_buf sql = lk_buf_init(an->mem);
    const char *name = NULL;
    ListCell *cell;

    if (outcome != LK_BUILTIN_NONE || !an->catalog->closed || has_own_casts(an->catalog) ||
        lk_catalog_may_exist(an->catalog, LK_CLASS_FUNCTION, NULL, strVal(llast(call->funcname))) ||
        call->agg_within_group || may_be_field(an, call, operands) ||
        is_type(an->catalog, call->funcname))
        return;
    foreach(cell, call->funcname) {
        name = strVal(lfirst(cell));
        lk_buf_addf(&sql, "%s%s", sql.len > 0 ? "." : "", name);
    }
    lk_buf_addc(&sql, '(');
    for (size_t i = 0; i < operands->items.count; i++) {
        const char *type = type_words(an, &operands->items.items[i]);
        lk_buf_addf(&sql, "%s%s%s%s", i > 0 ? ", " : "", names[i] != NULL ? names[i] : "",
                    names[i] != NULL ? " => " : "", type != NULL ? type : "unknown");
    }
    lk_buf_addc(&sql, ')');
    struct lk_refusal *refusal =
        lk_analysis_refuse(an, "42883", call->location, "function %s does not exist", sql.data);
    if (refusal != NULL)
        refusal->name = lk_qname_sql(an->catalog->statement_mem, lk_qname_of_list(call->funcname));
}

void
lk_analysis_refuse_operator(struct lk_analysis *an, const char *name, int location,
                            enum lk_builtin_outcome outcome, const struct lk_operand *left,
                            const struct lk_operand *right)
{
    const char *first = left != NULL ? type_words(an, left) : "";
    const char *second = type_words(an, right);
    bool literals =
        lk_operand_is(right, "unknown") && left != NULL && lk_operand_is(left, "unknown");

    if ((outcome != LK_BUILTIN_NONE && (outcome != LK_BUILTIN_AMBIGUOUS || !literals)) ||
        !an->catalog->closed || has_own_casts(an->catalog) ||
        lk_catalog_may_exist(an->catalog, LK_CLASS_OPERATOR, NULL, name) || first == NULL ||
        second == NULL)
        return;
    lk_analysis_refuse(an, outcome == LK_BUILTIN_NONE ? "42883" : "42725", location,
                       outcome == LK_BUILTIN_NONE ? "operator does not exist: %s%s%s %s"
                                                  : "operator is not unique: %s%s%s %s",
                       first, left != NULL ? " " : "", name, second);
}
