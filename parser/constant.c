/*
 * parser/constant.c
 *     Computing constant texts: see constant.h.
 */
#include "parser/constant.h"

#include "parser/lexer.h"
#include "parser/pg_names.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"

#define MAX_DEPTH 100 /* of a chain of || */

struct computing {
    TALLOC_CTX *mem;
    const struct lk_statement *statement;
    const struct lk_binding *binding; /* or NULL */
    struct lk_assembly *out;
    unsigned depth;
    bool guess; /* put LK_UNKNOWN_PART for what is not known */
};

static bool add_value(struct computing *computing, const Node *node);

/* add_constant adds a constant as format() and || print it. */
static bool
add_constant(struct computing *computing, const A_Const *constant)
{
    uint32_t at = lk_statement_offset(computing->statement, constant->location);

    if (constant->isnull)
        return false;
    if (IsA(&constant->val, String))
        return lk_assembly_add(computing->out, at, strVal(&constant->val));
    if (!IsA(&constant->val, Integer))
        return false;
    lk_assembly_add_made(computing->out, lk_fmt(computing->mem, "%d", intVal(&constant->val)),
                         (struct lk_span){at, at + 1});
    return true;
}

/* add_quoted adds a value in the form that %I or %L give it. */
static bool
add_quoted(struct computing *computing, const Node *node, bool literal)
{
    struct lk_assembly value = lk_assembly_start(computing->mem, computing->out->origin);
    struct computing inner = *computing;

    inner.out = &value;
    if (!add_value(&inner, node))
        return false;
    uint32_t length = (uint32_t)value.text.len;
    const char *quoted = literal ? lk_quote_literal(computing->mem, value.text.data)
                                 : lk_quote_ident(computing->mem, value.text.data);
    if (strcmp(quoted, value.text.data) == 0)
        lk_assembly_add_part(computing->out, &value, (struct lk_span){0, length});
    else
        lk_assembly_add_made(computing->out, quoted, lk_assembly_span(&value));
    return true;
}

/* add_specifier adds what format() puts in the place of %s, %I or %L. */
static bool
add_specifier(struct computing *computing, char type, const List *args, int *next)
{
    if (*next >= list_length(args))
        return false;
    const Node *value = list_nth(args, (*next)++);
    switch (type) {
    case 's':
        return add_value(computing, value);
    case 'I':
    case 'L':
        return add_quoted(computing, value, type == 'L');
    default:
        return false; /* with a width */
    }
}

/*
 * read_position reads "2$", if it stands at `at`: which argument a specifier is of, and those
 * behind it go on from. It returns where the specifier's type is.
 * Source: documentation, 9.4.1, format().
 */
static uint32_t
read_position(const struct lk_assembly *format, uint32_t at, int *next)
{
    const char *start = format->text.data + at, *digit = start;
    int position = 0;

    for (; *digit >= '0' && *digit <= '9' && position < INT16_MAX; digit++)
        position = position * 10 + (*digit - '0');
    if (position == 0 || *digit != '$')
        return at;
    *next = position;
    return at + (uint32_t)(digit + 1 - start);
}

static bool
add_format(struct computing *computing, const List *args)
{
    struct lk_assembly format = lk_assembly_start(computing->mem, computing->out->origin);
    struct computing inner = *computing;
    uint32_t plain = 0, at = 0;
    int next = 1;

    inner.out = &format;
    if (args == NIL || !add_value(&inner, linitial(args)))
        return false;
    uint32_t length = (uint32_t)format.text.len;
    while (at < length) {
        if (format.text.data[at] != '%') {
            at++;
            continue;
        }
        uint32_t place = read_position(&format, at + 1, &next);
        char type = place < length ? format.text.data[place] : '\0';
        uint32_t end = type == '%' ? at + 1 : at;
        lk_assembly_add_part(computing->out, &format, (struct lk_span){plain, end});
        if (type != '%' && !add_specifier(computing, type, args, &next))
            return false;
        at = place + 1;
        plain = at;
    }
    lk_assembly_add_part(computing->out, &format, (struct lk_span){plain, length});
    return true;
}

static bool
add_call(struct computing *computing, const FuncCall *call)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);

    if ((name.schema != NULL && strcmp(name.schema, "pg_catalog") != 0) || call->func_variadic ||
        call->agg_star)
        return false;
    if (strcmp(name.name, "format") == 0)
        return add_format(computing, call->args);
    if (list_length(call->args) != 1)
        return false;
    if (strcmp(name.name, "quote_ident") == 0 || strcmp(name.name, "quote_literal") == 0)
        return add_quoted(computing, linitial(call->args), name.name[6] == 'l');
    return false;
}

/* add_variable adds the value of a variable that is known, as one that stands in its place. */
static bool
add_variable(struct computing *computing, const ColumnRef *reference)
{
    const struct lk_binding *binding = computing->binding;
    uint32_t at = lk_statement_offset(computing->statement, reference->location);

    if (list_length(reference->fields) != 1 || !IsA(linitial(reference->fields), String))
        return false;
    while (binding != NULL && strcmp(strVal(linitial(reference->fields)), binding->name) != 0)
        binding = binding->next;
    if (binding == NULL)
        return false;
    lk_assembly_add_made(computing->out, binding->value,
                         (struct lk_span){at, at + (uint32_t)strlen(binding->name)});
    return true;
}

static bool
is_text_type(const TypeName *type)
{
    struct lk_qname name = lk_qname_of_list(type->names);

    return type->arrayBounds == NIL && type->typmods == NIL &&
           (strcmp(name.name, "text") == 0 || strcmp(name.name, "varchar") == 0);
}

static bool
add_value(struct computing *computing, const Node *node)
{
    bool known = false;

    if (++computing->depth > MAX_DEPTH)
        return false;
    switch (nodeTag(node)) {
    case T_A_Const:
        known = add_constant(computing, (const A_Const *)node);
        break;
    case T_TypeCast:
        known = is_text_type(((const TypeCast *)node)->typeName) &&
                add_value(computing, ((const TypeCast *)node)->arg);
        break;
    case T_ColumnRef:
        known = add_variable(computing, (const ColumnRef *)node);
        break;
    case T_FuncCall:
        known = add_call(computing, (const FuncCall *)node);
        break;
    case T_A_Expr: {
        const A_Expr *join = (const A_Expr *)node;
        known = join->kind == AEXPR_OP && join->lexpr != NULL &&
                strcmp(strVal(llast(join->name)), "||") == 0 && add_value(computing, join->lexpr) &&
                add_value(computing, join->rexpr);
        break;
    }
    default:
        break;
    }
    computing->depth--;
    if (known || !computing->guess)
        return known;
    lk_assembly_add_made(computing->out, LK_UNKNOWN_PART, computing->statement->span);
    return true;
}

/* value_of returns the one expression that a SELECT computes, or NULL. */
static const Node *
value_of(const struct lk_statement *statement)
{
    const SelectStmt *select = (const SelectStmt *)statement->tree;

    if (!IsA(select, SelectStmt) || list_length(select->targetList) != 1 ||
        select->fromClause != NIL)
        return NULL;
    return linitial_node(ResTarget, select->targetList)->val;
}

bool
lk_constant_text(TALLOC_CTX *mem, struct lk_source *source, const struct lk_statement *statement,
                 const struct lk_binding *binding, struct lk_fragment *ret)
{
    const Node *value = value_of(statement);
    struct lk_assembly text = lk_assembly_start(mem, source);
    struct computing computing = {
        .mem = mem, .statement = statement, .binding = binding, .out = &text};

    if (value == NULL || !add_value(&computing, value) || text.text.len == 0)
        return false;
    *ret = lk_assembly_end(&text);
    return true;
}

const char *
lk_constant_guess(TALLOC_CTX *mem, struct lk_source *source, const struct lk_statement *statement,
                  const struct lk_binding *binding)
{
    const Node *value = value_of(statement);
    struct lk_assembly text = lk_assembly_start(mem, source);
    struct computing computing = {
        .mem = mem, .statement = statement, .binding = binding, .out = &text, .guess = true};

    return value != NULL && add_value(&computing, value) ? text.text.data : NULL;
}

bool
lk_constant_list(TALLOC_CTX *mem, const Node *select, struct lk_constants *ret)
{
    const SelectStmt *query = (const SelectStmt *)select;
    ListCell *cell;

    if (!IsA(query, SelectStmt) || query->op != SETOP_NONE || list_length(query->targetList) != 1 ||
        query->fromClause != NIL || query->whereClause != NULL || query->limitCount != NULL ||
        query->limitOffset != NULL)
        return false;
    const Node *value = linitial_node(ResTarget, query->targetList)->val;
    const FuncCall *call = (const FuncCall *)value;
    if (IsA(call, FuncCall) && strcmp(strVal(llast(call->funcname)), "unnest") == 0 &&
        list_length(call->args) == 1)
        value = linitial(call->args);
    if (IsA(value, TypeCast))
        value = ((const TypeCast *)value)->arg;
    if (!IsA(value, A_ArrayExpr))
        return false;
    foreach(cell, ((const A_ArrayExpr *)value)->elements) {
        const A_Const *element = lfirst(cell);
        if (IsA(element, TypeCast))
            element = (const A_Const *)((const TypeCast *)(const Node *)element)->arg;
        if (!IsA(element, A_Const) || element->isnull || !IsA(&element->val, String))
            return false;
        lk_vec_push(mem, &ret->items, strVal(&element->val));
    }
    return ret->items.count > 0;
}
