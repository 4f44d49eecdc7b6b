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
lk_analysis_refuse_literal(struct lk_analysis *an, const struct lk_operand *operand,
                           const Node *node)
{
    ListCell *cell;

    if (!operand->typed.type_known || node == NULL || is_silent(an))
        return;
    if (!IsA(node, List)) {
        lk_refuse_literal(an->catalog, &operand->typed.type, node);
        return;
    }
    foreach(cell, (const List *)node)
        lk_refuse_literal(an->catalog, &operand->typed.type, lfirst(cell));
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
    return operand->typed.type_known ? lk_type_visible(an->catalog, &operand->typed.type) : NULL;
}

/* is_plain returns whether a value is a literal, not known, or of a type like the wanted one. */
static bool
is_plain(const struct lk_operand *operand, const struct lk_operand *wanted)
{
    return !operand->typed.type_known || !wanted->typed.type_known ||
           lk_operand_is(operand, "unknown") ||
           lk_type_is_near(&operand->typed.type, &wanted->typed.type);
}

void
lk_analysis_refuse_cast(struct lk_analysis *an, const struct lk_operand *operand,
                        const struct lk_operand *result, int location)
{
    if (is_plain(operand, result) || is_silent(an))
        return;
    uint16_t from = lk_operand_number(an, operand), to = lk_operand_number(an, result);
    if (from == LK_BT_NONE || to == LK_BT_NONE || to == LK_BT_unknown ||
        lk_operand_relation(an, result) != NULL /* one that inherits is one of its parent, too */ ||
        lk_builtin_cast(from, to, lk_catalog_version(an->catalog)).method != LK_BUILTIN_NO_CAST ||
        !lk_casts_are_known(an->catalog))
        return;
    lk_analysis_refuse(an, "42846", location, "cannot cast type %s to %s", type_words(an, operand),
                       type_words(an, result));
}

/* Source: select_common_type(), src/backend/parser/parse_coerce.c. */
void
lk_analysis_refuse_unlike(struct lk_analysis *an, const struct lk_operands *operands,
                          const char *what)
{
    const struct lk_operand *first = NULL;
    bool alike = true;

    for (size_t i = 1; i < operands->items.count; i++)
        alike &= is_plain(&operands->items.items[i], &operands->items.items[0]);
    if (alike || is_silent(an) || what == NULL)
        return;
    lk_vec_foreach(operand, &operands->items) {
        uint16_t number = lk_operand_number(an, operand);
        char category = lk_builtin_category(number);
        if (number == LK_BT_NONE || lk_builtin_is_opaque(number) || category == '?')
            return;
        if (number == LK_BT_unknown)
            continue;
        if (first == NULL)
            first = operand;
        else if (lk_builtin_category(lk_operand_number(an, first)) != category) {
            lk_analysis_refuse(an, "42804", -1, "%s types %s and %s cannot be matched", what,
                               type_words(an, first), type_words(an, operand));
            return;
        }
    }
}

/* is_assigned returns whether a value can be given to what is of a type, or that is not known. */
static bool
is_assigned(struct lk_analysis *an, const struct lk_operand *operand, const struct lk_operand *to)
{
    return !lk_is_no_assignment(an->catalog, lk_operand_number(an, operand),
                                lk_operand_number(an, to));
}

/* Source: coerce_to_boolean(), src/backend/parser/parse_coerce.c. */
void
lk_analysis_refuse_truth(struct lk_analysis *an, const struct lk_operand *operand, const char *what)
{
    struct lk_operand truth = lk_operand_of("bool");

    if (is_silent(an) || lk_operand_is(operand, "bool") || is_assigned(an, operand, &truth) ||
        !lk_casts_are_known(an->catalog))
        return;
    lk_analysis_refuse(an, "42804", -1, "argument of %s must be type boolean, not type %s", what,
                       type_words(an, operand));
}

/* Source: transformAssignedExpr(), src/backend/parser/parse_target.c. */
void
lk_analysis_refuse_assigned(struct lk_analysis *an, const struct lk_column *column,
                            const struct lk_operand *operand)
{
    if (!column->type_known || lk_type_is_near(&operand->typed.type, &column->type))
        return;
    struct lk_operand wanted = lk_operand_of_column(column);
    if (is_plain(operand, &wanted) || is_silent(an) || column->object.assumed ||
        column->object.doubtful || is_assigned(an, operand, &wanted) ||
        !lk_casts_are_known(an->catalog))
        return;
    lk_analysis_refuse(an, "42804", -1, "column \"%s\" is of type %s but expression is of type %s",
                       column->object.name, type_words(an, &wanted), type_words(an, operand));
}

/* Source: get_sort_group_operators(), src/backend/parser/parse_oper.c. */
void
lk_analysis_refuse_unsorted(struct lk_analysis *an, const struct lk_operand *operand, bool sorted)
{
    unsigned version = lk_catalog_version(an->catalog);
    bool named;

    if (!operand->typed.type_known || lk_type_is_ordered(&operand->typed.type) || is_silent(an))
        return;
    uint16_t number = lk_operand_number(an, operand);
    if (number != LK_BT_NONE && (number & LK_BT_ARRAY) != 0)
        number &= (uint16_t)~LK_BT_ARRAY;
    if (lk_builtin_opclass("btree", NULL, number, version, &named) != LK_PROVIDES_NO ||
        (!sorted && lk_builtin_opclass("hash", NULL, number, version, &named) != LK_PROVIDES_NO) ||
        !lk_opclasses_are_known(an->catalog, "btree"))
        return;
    lk_analysis_refuse(an, "42883", -1, "could not identify an %s operator for type %s",
                       sorted ? "ordering" : "equality", type_words(an, operand));
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
