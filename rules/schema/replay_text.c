/*
 * rules/schema/replay_text.c
 *     What of a statement's text the catalog keeps, and the types named in it.
 */
#include "parser/lexer.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"

static bool
is_name(struct lk_token token)
{
    return token.kind == LK_TOKEN_WORD || token.kind == LK_TOKEN_NAME;
}

/* end_of_name returns where a name ends that starts with a token: a.b."c", or s.+ of an operator.
 */
static uint32_t
end_of_name(const char *text, struct lk_token token, struct lk_lexer lexer)
{
    while (is_name(token)) {
        uint32_t end = token.span.end;
        token = lk_lex_code(&lexer);
        if (!lk_token_is_symbol(text, token, '.'))
            return end;
        token = lk_lex_code(&lexer);
    }
    return token.span.end;
}

/* past_exists returns the token behind IF [NOT] EXISTS, if that is what starts at one. */
static struct lk_token
past_exists(const char *text, struct lk_token token, struct lk_lexer *lexer)
{
    struct lk_lexer ahead = *lexer;
    struct lk_token next = lk_lex_code(&ahead);

    if (!lk_token_is(text, token, "if"))
        return token;
    if (lk_token_is(text, next, "not"))
        next = lk_lex_code(&ahead);
    if (!lk_token_is(text, next, "exists"))
        return token;
    *lexer = ahead;
    return lk_lex_code(lexer);
}

struct lk_span
lk_replay_name(const struct lk_catalog *catalog, const char *keyword)
{
    const char *text = catalog->text;
    struct lk_lexer lexer = lk_lexer_at(text, catalog->statement->span);
    struct lk_token token = lk_lex_code(&lexer);

    while (token.kind != LK_TOKEN_END && !lk_token_is(text, token, keyword))
        token = lk_lex_code(&lexer);
    token = past_exists(text, lk_lex_code(&lexer), &lexer);
    if (token.kind == LK_TOKEN_END)
        return (struct lk_span){token.span.start, token.span.start};
    return (struct lk_span){token.span.start, end_of_name(text, token, lexer)};
}

struct lk_span
lk_replay_name_at(const struct lk_catalog *catalog, uint32_t offset)
{
    struct lk_lexer lexer =
        lk_lexer_at(catalog->text, (struct lk_span){offset, catalog->statement->span.end});
    struct lk_token token = lk_lex_code(&lexer);

    return (struct lk_span){token.span.start, end_of_name(catalog->text, token, lexer)};
}

struct lk_text *
lk_replay_definition(struct lk_catalog *catalog, const char *keyword, struct lk_object *object)
{
    struct lk_span whole = catalog->statement->span;
    struct lk_text *text = lk_replay_text(catalog, whole);

    if (keyword == NULL)
        return text;
    struct lk_span name = lk_replay_name(catalog, keyword);
    struct lk_mention mention = {.span = {name.start - whole.start, name.end - whole.start},
                                 .object = object};
    if (name.end > name.start)
        lk_text_mention(text, mention);
    return text;
}

struct lk_changes *
lk_replay_changed(struct lk_catalog *catalog, struct lk_object *object,
                  const struct lk_changes *changes, const char *keyword)
{
    struct lk_changes *ret = lk_new(catalog->objects, struct lk_changes);
    struct lk_text *text = lk_replay_definition(catalog, keyword, object);

    /* the same said again takes the place of what was said before */
    for (size_t i = 0; changes != NULL && i < changes->items.count; i++)
        if (strcmp(changes->items.items[i]->sql, text->sql) != 0)
            lk_vec_push(ret, &ret->items, changes->items.items[i]);
    lk_vec_push(ret, &ret->items, text);
    return ret;
}

/* ---- types ---- */

static bool
has_row_type(const struct lk_relation *relation)
{
    return relation->kind != LK_RELATION_INDEX && relation->kind != LK_RELATION_SEQUENCE &&
           relation->kind != LK_RELATION_UNKNOWN;
}

/* find_type returns the type of the history, or the relation with a row type, of a name. */
static struct lk_object *
find_type(const struct lk_catalog *catalog, struct lk_qname name)
{
    struct lk_defined_type *type = lk_catalog_type(catalog, name.schema, name.name);
    struct lk_relation *relation = lk_catalog_relation(catalog, name.schema, name.name);

    if (type != NULL)
        return &type->object;
    return relation != NULL && has_row_type(relation) ? &relation->object : NULL;
}

/* type_of_column follows relation.column%TYPE. */
static bool
type_of_column(struct lk_catalog *catalog, const TypeName *type_name, struct lk_type *ret)
{
    struct lk_qname name = lk_qname_of_first(type_name->names, list_length(type_name->names) - 1);
    const struct lk_column *column = lk_relation_column(
        lk_catalog_relation(catalog, name.schema, name.name), strVal(llast(type_name->names)));

    *ret = (struct lk_type){0};
    if (column == NULL || !column->type_known)
        return false;
    *ret = column->type;
    ret->array |= type_name->arrayBounds != NIL;
    ret->mod_count = 0;
    return true;
}

bool
lk_replay_type(struct lk_catalog *catalog, const TypeName *type_name, struct lk_type *ret,
               struct lk_object **object)
{
    struct lk_object *found;

    if (object != NULL)
        *object = NULL;
    if (type_name->pct_type)
        return type_of_column(catalog, type_name, ret);
    if (!lk_type_of(catalog->objects, type_name, ret))
        return false;
    if (lk_type_is_builtin(ret))
        return true;
    found = find_type(catalog, (struct lk_qname){ret->schema, ret->name});
    if (found == NULL && ret->name[0] == '_') { /* the name of an array type */
        found = find_type(catalog, (struct lk_qname){ret->schema, ret->name + 1});
        if (found != NULL) {
            ret->name++;
            ret->array = true;
        }
    }
    if (found == NULL)
        return ret->schema != NULL;
    ret->schema = lk_catalog_keep(catalog, lk_object_schema(found));
    if (object != NULL)
        *object = found;
    return true;
}

/* type_span returns where the name stands that a TypeName starts with. */
static struct lk_span
type_span(const struct lk_catalog *catalog, const TypeName *type_name)
{
    struct lk_span span =
        lk_replay_name_at(catalog, lk_replay_offset(catalog, type_name->location));
    struct lk_span first = {span.start, span.end};
    struct lk_lexer lexer = lk_lexer_at(catalog->text, first);

    if (lk_token_is(catalog->text, lk_lex_code(&lexer), "setof"))
        span = lk_replay_name_at(catalog, span.end);
    return span;
}

void
lk_replay_use_type(struct lk_catalog *catalog, const TypeName *type_name, struct lk_object *user,
                   struct lk_text *text, uint32_t start)
{
    struct lk_object *object;
    struct lk_type type;

    if (type_name == NULL || !lk_replay_type(catalog, type_name, &type, &object) || object == NULL)
        return;
    lk_depend(catalog, user, object, LK_DEPENDS_NORMAL);
    if (text == NULL || type_name->location < 0)
        return;
    struct lk_span span = type_span(catalog, type_name);
    if (span.start < start || span.end - start > strlen(text->sql))
        return;
    lk_text_mention(text, (struct lk_mention){.span = {span.start - start, span.end - start},
                                              .object = object});
}

bool
lk_replay_same_type(const struct lk_type *a, const struct lk_type *b)
{
    struct lk_type left = *a, right = *b;

    left.mod_count = right.mod_count = 0;
    memset(left.mods, 0, sizeof(left.mods));
    memset(right.mods, 0, sizeof(right.mods));
    return lk_type_equal(&left, &right);
}
