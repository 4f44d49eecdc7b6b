/*
 * rules/schema/analyze_mention.c
 *     Which words of a text mean which objects of the catalog.
 */
#include "parser/pgparse.h"
#include "rules/schema/analyze_private.h"

void
lk_mention_add(struct lk_analysis *an, struct lk_mention mention)
{
    struct lk_mentions *mentions = &an->mentions;

    if (mentions->text == NULL || mention.span.start < mentions->start)
        return;
    mention.span.start -= mentions->start;
    mention.span.end -= mentions->start;
    if (an->text_length == 0)
        an->text_length = (uint32_t)strlen(mentions->text->sql);
    if (mention.span.end <= an->text_length)
        lk_text_mention(mentions->text, mention);
}

void
lk_mention_silently(struct lk_analysis *an, struct lk_object *object)
{
    struct lk_text *text = an->mentions.text;

    if (text == NULL || object == NULL)
        return;
    /* where it stands does not matter: at the end it costs nothing */
    uint32_t at = text->mentions.count > 0 ? lk_vec_last(&text->mentions)->span.start : 0;
    lk_text_mention(
        text, (struct lk_mention){.span = {at, at}, .object = object, .form = LK_MENTION_SILENT});
}

/* words_end returns the token behind `count` dotted words, SIZE_MAX where they are none. */
static size_t
words_end(struct lk_catalog *catalog, size_t index, int count)
{
    for (int i = 0; i < count; i++, index++) {
        struct lk_token token = lk_token(catalog, index);
        if (token.kind != LK_TOKEN_WORD && token.kind != LK_TOKEN_NAME)
            return SIZE_MAX;
        if (i + 1 < count && !lk_token_is_symbol(catalog->text, lk_token(catalog, ++index), '.'))
            return SIZE_MAX;
    }
    return index;
}

bool
lk_words_span(struct lk_catalog *catalog, int location, int count, struct lk_span *ret)
{
    size_t first = lk_token_index(catalog, location);
    size_t end = first != SIZE_MAX ? words_end(catalog, first, count) : SIZE_MAX;

    if (end == SIZE_MAX)
        return false;
    ret->start = lk_token(catalog, first).span.start;
    ret->end = lk_token(catalog, end - 1).span.end;
    return true;
}

void
lk_mention_words(struct lk_analysis *an, int location, int count, struct lk_object *object,
                 enum lk_mention_form form)
{
    struct lk_span span;

    if (an->mentions.text == NULL || object == NULL)
        return;
    if (lk_words_span(an->catalog, location, count, &span))
        lk_mention_add(an, (struct lk_mention){.span = span, .object = object, .form = form});
    else
        lk_mention_silently(an, object);
}

struct lk_object *
lk_mention_relation(const struct lk_analysis *an, const struct lk_relation *relation)
{
    return relation == NULL ? NULL
                            : lk_entry_find(an->catalog, LK_CLASS_RELATION, relation->schema,
                                            relation->object.name);
}

/* qualify puts the name of an item and a dot in front of a column. */
static void
qualify(struct lk_analysis *an, uint32_t at, const struct lk_scope_item *item)
{
    struct lk_mention mention = {.span = {at, at}, .form = LK_MENTION_NAME};

    if (item->name == NULL)
        return;
    if (!item->aliased)
        mention.object = lk_mention_relation(an, item->relation);
    if (mention.object == NULL)
        mention.before = lk_quote_ident(an->mem, item->name);
    mention.behind = ".";
    lk_mention_add(an, mention);
}

/* mention_name notes that a word, or what is put in at its place, is a column's name. */
static void
mention_name(struct lk_analysis *an, struct lk_span span, const struct lk_scope_column *column,
             const char *as)
{
    struct lk_mention mention = {.span = span, .behind = as};

    mention.form = as != NULL ? LK_MENTION_OUTPUT : LK_MENTION_NAME;
    if (column->column != NULL && !column->renamed && column->merged == NULL) {
        mention.object = &column->column->object;
        lk_mention_add(an, mention);
        return;
    }
    if (column->column != NULL)
        lk_mention_silently(an, &column->column->object);
    if (column->merged != NULL)
        lk_mention_silently(an, &column->merged->object);
    if (span.start == span.end)
        lk_mention_add(
            an, (struct lk_mention){.span = span, .before = lk_quote_ident(an->mem, column->name)});
}

void
lk_mention_column(struct lk_analysis *an, const ColumnRef *ref,
                  const struct lk_scope_column *column, const struct lk_scope_item *item,
                  bool qualified)
{
    int count = list_length(ref->fields);
    const char *as = (const Node *)ref == an->output ? an->as : NULL;
    struct lk_span span, qualifier;
    const struct lk_scope_item *source = column->item != NULL ? column->item : item;

    if (an->mentions.text == NULL)
        return;
    if (!lk_words_span(an->catalog, ref->location, count, &span)) {
        if (column->column != NULL)
            lk_mention_silently(an, &column->column->object);
        return;
    }
    if (count == 1 && qualified)
        qualify(an, span.start, source);
    if (count > 1 && lk_words_span(an->catalog, ref->location, count - 1, &qualifier)) {
        struct lk_object *relation = item->aliased ? NULL : lk_mention_relation(an, item->relation);
        if (relation != NULL)
            lk_mention_add(an, (struct lk_mention){
                                   .span = qualifier, .object = relation, .form = LK_MENTION_NAME});
        span.start = lk_token(an->catalog,
                              lk_token_index(an->catalog, ref->location) + 2 * (size_t)(count - 1))
                         .span.start;
    }
    mention_name(an, span, column, as);
}

void
lk_mention_row(struct lk_analysis *an, const ColumnRef *ref, const struct lk_scope_item *item)
{
    int count = list_length(ref->fields) - (IsA(llast(ref->fields), A_Star) ? 1 : 0);
    struct lk_object *relation = item->aliased ? NULL : lk_mention_relation(an, item->relation);
    const char *as = (const Node *)ref == an->output ? an->as : NULL;
    struct lk_span span;

    if (relation == NULL || !lk_words_span(an->catalog, ref->location, count, &span))
        return;
    lk_mention_add(an,
                   (struct lk_mention){.span = span,
                                       .object = relation,
                                       .behind = as,
                                       .form = as != NULL ? LK_MENTION_OUTPUT : LK_MENTION_NAME});
}

static bool
has_columns(const struct lk_star *star)
{
    lk_vec_foreach(column, &star->columns)
        if (column->column != NULL)
            return true;
    return false;
}

void
lk_mention_star(struct lk_analysis *an, struct lk_span span, const struct lk_star *star)
{
    struct lk_span at = {span.end, span.end};

    if (!has_columns(star))
        return;
    if (!star->complete || an->mentions.text == NULL) {
        lk_vec_foreach(column, &star->columns)
            if (column->column != NULL)
                lk_mention_silently(an, &column->column->object);
        return;
    }
    lk_mention_add(an, (struct lk_mention){.span = span}); /* the star goes */
    lk_vec_foreach(column, &star->columns) {
        if (column != star->columns.items)
            lk_mention_add(an, (struct lk_mention){.span = at, .before = ", "});
        if (star->qualified && column->item != NULL)
            qualify(an, at.start, column->item);
        mention_name(an, at, column, star->named ? column->name : NULL);
    }
}

/* word_of returns what a word of a string means as a name, or NULL. */
static const char *
word_of(TALLOC_CTX *mem, const char *text, struct lk_token token)
{
    char *name = lk_strndup(mem, text + token.span.start, token.span.end - token.span.start);

    if (token.kind == LK_TOKEN_WORD) {
        for (char *c = name; *c != '\0'; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
        return name;
    }
    if (token.kind != LK_TOKEN_NAME || name[0] != '"' || strchr(name + 1, '"') == NULL ||
        strchr(name + 1, '"')[1] != '\0')
        return NULL;
    name[strlen(name) - 1] = '\0';
    return name + 1;
}

bool
lk_constant_name(TALLOC_CTX *mem, const Node *node, struct lk_qname *ret)
{
    const A_Const *constant = (const A_Const *)node;

    if (node == NULL || !IsA(node, A_Const) || constant->isnull || !IsA(&constant->val, String))
        return false;
    const char *text = constant->val.sval.sval;
    struct lk_lexer lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)strlen(text)});
    *ret = (struct lk_qname){NULL, word_of(mem, text, lk_lex_code(&lexer))};
    struct lk_token token = lk_lex_code(&lexer);
    if (ret->name != NULL && lk_token_is_symbol(text, token, '.')) {
        ret->schema = ret->name;
        ret->name = word_of(mem, text, lk_lex_code(&lexer));
        token = lk_lex_code(&lexer);
    }
    return ret->name != NULL && token.kind == LK_TOKEN_END;
}

struct lk_relation *
lk_constant_relation(TALLOC_CTX *mem, const struct lk_catalog *catalog, const Node *node)
{
    struct lk_qname name;

    return lk_constant_name(mem, node, &name) ? lk_catalog_relation(catalog, name.schema, name.name)
                                              : NULL;
}

/* refuse_constant refuses a string constant that names a relation that certainly is not there. */
static void
refuse_constant(struct lk_analysis *an, const Node *node)
{
    struct lk_qname name;
    RangeVar range = {.type = T_RangeVar, .location = ((const A_Const *)node)->location};

    if (!lk_constant_name(an->mem, node, &name) || strcmp(name.name, "-") == 0)
        return;
    range.schemaname = lk_strdup(an->mem, name.schema);
    range.relname = lk_strdup(an->mem, name.name);
    lk_analysis_refuse_relation(an, &range);
}

void
lk_mention_regclass(struct lk_analysis *an, const Node *node)
{
    const A_Const *constant = (const A_Const *)node;
    struct lk_relation *relation = lk_constant_relation(an->mem, an->catalog, node);

    if (relation == NULL && node != NULL && IsA(node, A_Const))
        refuse_constant(an, node);
    if (relation == NULL)
        return;
    struct lk_token token = lk_token(an->catalog, lk_token_index(an->catalog, constant->location));
    if (token.kind != LK_TOKEN_STRING)
        lk_mention_silently(an, &relation->object);
    else
        lk_mention_add(an, (struct lk_mention){.span = token.span,
                                               .before = "'",
                                               .object = &relation->object,
                                               .behind = "'",
                                               .form = LK_MENTION_QUALIFIED});
}
