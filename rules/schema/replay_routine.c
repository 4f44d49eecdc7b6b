/*
 * rules/schema/replay_routine.c
 *     Routines of the history that carry out text made of their arguments: see replay_private.h.
 */
#include "parser/base/buf.h"
#include "parser/body.h"
#include "parser/pgparse.h"
#include "rules/schema/analyze_private.h"
#include "rules/schema/made.h"
#include "rules/schema/replay_private.h"

#define MAX_DEPTH 4 /* of routines that call others */

/* What a call passes for a parameter: a string constant, as the text that it is put in as. */
struct passed {
    const char *name;
    char *literal;
};

struct call {
    TALLOC_CTX *mem;
    LK_VEC(struct passed) passed;
};

static char *
literal_of(TALLOC_CTX *mem, const char *text)
{
    struct lk_buf buf = lk_buf_init(mem);

    lk_buf_addc(&buf, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            lk_buf_addc(&buf, '\'');
        lk_buf_addc(&buf, *text);
    }
    lk_buf_addc(&buf, '\'');
    return buf.data;
}

/* text_of returns what an argument is as text, or NULL where that is not known. */
static char *
text_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_argument *argument,
        const Node *value)
{
    const A_Const *constant = (const A_Const *)value;

    if (IsA(value, TypeCast))
        return text_of(mem, catalog, argument, ((const TypeCast *)value)->arg);
    if (!IsA(value, A_Const) || constant->isnull || !IsA(&constant->val, String) ||
        strchr(strVal(&constant->val), '\\') != NULL)
        return NULL;
    if (!lk_type_is(&argument->type, "regclass"))
        return literal_of(mem, strVal(&constant->val));
    /* as regclassout() writes it: qualified where search_path does not find it */
    const struct lk_relation *relation = lk_constant_relation(mem, catalog, value);
    if (relation == NULL)
        return NULL;
    bool visible = lk_catalog_relation(catalog, NULL, relation->object.name) == relation;
    return literal_of(mem, visible ? lk_quote_ident(mem, relation->object.name)
                                   : lk_relation_sql(mem, relation));
}

/* pass matches the values of a call with the parameters; false where one of them is not known. */
static bool
pass(const struct lk_catalog *catalog, const struct lk_function *function, const List *values,
     struct call *call)
{
    ListCell *cell = list_head(values);

    if ((size_t)list_length(values) != function->arguments.count)
        return false;
    lk_vec_foreach(item, &function->arguments) {
        const struct lk_argument *argument = *item;
        char *literal =
            argument->mode == 'i' ? text_of(call->mem, catalog, argument, lfirst(cell)) : NULL;
        if (literal == NULL || argument->name == NULL)
            return false;
        lk_vec_push(call->mem, &call->passed, ((struct passed){argument->name, literal}));
        cell = lnext(values, cell);
    }
    return true;
}

/* literal_for returns what stands for a word of an expression, or NULL. */
static const char *
literal_for(const struct call *call, const char *text, struct lk_token token)
{
    lk_vec_foreach(passed, &call->passed)
        if (token.kind == LK_TOKEN_WORD && lk_token_is(text, token, passed->name))
            return passed->literal;
    return NULL;
}

/* add_passed adds a span in which the parameters have become what was passed. */
static void
add_passed(const struct call *call, struct lk_buf *buf, const char *text, struct lk_span span)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);
    uint32_t at = span.start;

    for (struct lk_token token = lk_lex_code(&lexer); token.kind != LK_TOKEN_END;
         token = lk_lex_code(&lexer)) {
        const char *literal = literal_for(call, text, token);
        if (literal == NULL)
            continue;
        lk_buf_addn(buf, text + at, token.span.start - at);
        lk_buf_add(buf, literal);
        at = token.span.end;
    }
    lk_buf_addn(buf, text + at, span.end - at);
}

/* with_passed returns a routine's text in which what it carries out is known, or NULL. */
static const char *
with_passed(const struct call *call, const struct lk_made *made)
{
    const struct lk_body *body = made->script != NULL ? lk_script_body(made->script, 0) : NULL;
    const struct lk_source *source = body != NULL ? made->script->source : NULL;
    const char *sql = source != NULL ? source->text : "";
    struct lk_buf buf = lk_buf_init(call->mem);
    uint32_t at = 0;

    for (size_t i = 0; body != NULL && i < body->items.count; i++) {
        const struct lk_nested *nested = &body->items.items[i];
        if (!nested->dynamic)
            continue;
        if (nested->source != source || nested->statement.span.start < at)
            return NULL;
        lk_buf_addn(&buf, sql + at, nested->statement.span.start - at);
        add_passed(call, &buf, sql, nested->statement.span);
        at = nested->statement.span.end;
    }
    if (at == 0)
        return NULL;
    lk_buf_add(&buf, sql + at);
    return buf.data;
}

const char *
lk_replay_called(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                 const struct lk_function *function, const List *values)
{
    struct call call = {.mem = mem};
    const char *passed = pass(catalog, function, values, &call)
                             ? with_passed(&call, lk_catalog_made(catalog, function->definition))
                             : NULL;

    return passed != NULL ? passed : lk_text_sql(mem, function->definition);
}

static bool
is_known(const struct lk_body *body)
{
    if (body == NULL || body->items.count == 0)
        return false;
    lk_vec_foreach(nested, &body->items)
        if (nested->dynamic || nested->statement.tree == NULL)
            return false;
    return true;
}

/* creates returns whether a nested statement does more than read and write rows. */
static bool
creates(const struct lk_nested *nested)
{
    if (nested->statement.tree == NULL)
        return true;
    switch (nodeTag(nested->statement.tree)) {
    case T_SelectStmt:
        return ((const SelectStmt *)nested->statement.tree)->intoClause != NULL;
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_ReturnStmt:
        return false;
    default:
        return true;
    }
}

bool
lk_replay_may_create(const struct lk_catalog *catalog, const struct lk_function *function)
{
    const struct lk_made *made = lk_catalog_made(catalog, function->definition);
    const struct lk_body *body = made->script != NULL ? lk_script_body(made->script, 0) : NULL;

    if (body == NULL)
        return true;
    lk_vec_foreach(nested, &body->items)
        if (creates(nested))
            return true;
    return false;
}

/* is_followed returns whether somebody has carried out what a call does, statement by statement. */
static bool
is_followed(const struct lk_catalog *catalog, const struct lk_function *function)
{
    for (size_t i = 0; catalog->followed != NULL && i < catalog->followed->items.count; i++)
        if (catalog->followed->items.items[i] == function)
            return true;
    return false;
}

void
lk_replay_follow(struct lk_catalog *catalog, const struct lk_routines *routines)
{
    catalog->followed = routines;
}

static const struct lk_body *
read_body(TALLOC_CTX *mem, const char *sql)
{
    struct lk_source *source = lk_source_new(mem, "routine", sql, strlen(sql));
    struct lk_script *script = lk_script_new(mem, source, (struct lk_span){0, source->size});

    if (script->statements.count != 1 || lk_script_tree(script, 0) == NULL)
        return NULL;
    return lk_script_body(script, 0);
}

bool
lk_replay_routine(struct lk_catalog *catalog, const struct lk_function *function,
                  const List *values)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_statement *statement = catalog->statement;
    const char *text = catalog->text, *sql = NULL;
    struct call call = {.mem = scratch};

    if (is_followed(catalog, function))
        return true;
    if (catalog->calls >= MAX_DEPTH || function->definition == NULL ||
        !pass(catalog, function, values, &call))
        return false;
    sql = with_passed(&call, lk_catalog_made(catalog, function->definition));
    const struct lk_body *body = sql != NULL ? read_body(scratch, sql) : NULL;
    if (!is_known(body))
        return false;
    catalog->calls++;
    lk_vec_foreach(nested, &body->items) {
        if (IsA(nested->statement.tree, TransactionStmt))
            continue;
        if (nested->conditional)
            lk_replay_maybe(catalog, &nested->statement, nested->source->text);
        else
            lk_replay_nested(catalog, &nested->statement, nested->source->text);
    }
    catalog->calls--;
    lk_replay_at(catalog, statement, text);
    return true;
}
