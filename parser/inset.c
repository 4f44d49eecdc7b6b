/*
 * parser/inset.c
 *     Finding and masking what is no SQL: see inset.h.
 */
#include "parser/inset_private.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/pgparse.h"

/* Words that a later version has reserved: names before. Source: src/include/parser/kwlist.h */
static const struct {
    const char *word, *upper;
    int version;
} reserved[] = {{"system_user", "SYSTEM_USER", 16}};

/* A template that is all of a delimited name is not looked for any further. */
#define LONGEST_NAME 1000u

/* ---- masking ---- */

void
lk_inset_blank(struct lk_inset_search *search, struct lk_span span, const char *text)
{
    const char *original = search->source->original;
    size_t length = strlen(text);

    if (search->masked == NULL)
        search->masked = lk_memdup(search->source, original, (size_t)search->source->size + 1);
    for (uint32_t at = span.start; at < span.end; at++)
        if (original[at] != '\n' && original[at] != '\r')
            search->masked[at] = ' ';
    memcpy(search->masked + span.start, text, LK_MIN(length, span.end - span.start));
}

/* name_it makes a name of a span: bytes that cannot be in one become underscores. */
static void
name_it(struct lk_inset_search *search, struct lk_span span)
{
    lk_inset_blank(search, span, "");
    for (uint32_t at = span.start; at < span.end; at++) {
        char c = search->source->original[at];
        search->masked[at] = lk_is_inset_name_byte(c) ? c : '_';
    }
    if (search->masked[span.start] >= '0' && search->masked[span.start] <= '9')
        search->masked[span.start] = '_';
}

/* fits returns whether a text can stand at a span with blanks behind it. */
static bool
fits(const struct lk_inset_search *search, struct lk_span span, const char *text)
{
    bool joined = lk_is_inset_name_byte(search->source->original[span.end]);
    size_t length = span.end - span.start;

    return text != NULL && text[0] != '\0' && strchr(text, '\n') == NULL &&
           (joined ? strlen(text) == length : strlen(text) <= length);
}

/* stand_in puts the value of an inset in its place if it fits there, else a name: its own if it
 * can. */
static void
stand_in(struct lk_inset_search *search, const struct lk_inset *inset)
{
    struct lk_span span = inset->span;
    bool joins = span.start > 0 && lk_is_inset_name_byte(search->source->original[span.start - 1]);

    if (fits(search, span, inset->value))
        lk_inset_blank(search, span, inset->value);
    else if (!joins && fits(search, span, inset->name) && !lk_is_keyword(inset->name) &&
             strspn(inset->name, "0123456789") == 0 && strpbrk(inset->name, ".:- ") == NULL)
        lk_inset_blank(search, span, inset->name);
    else
        name_it(search, span);
}

struct lk_inset *
lk_inset_add(struct lk_inset_search *search, enum lk_inset_kind kind, struct lk_span span)
{
    struct lk_inset *inset = lk_vec_add(search->source, &search->source->insets.items);

    inset->kind = kind;
    inset->span = span;
    return inset;
}

/* ---- variables, placeholders, templates ---- */

/* no_variable_behind returns whether a colon behind this character is one of SQL's own. */
static bool
no_variable_behind(char before)
{
    return lk_is_inset_name_byte(before) || strchr(":'\")]$", before) != NULL;
}

/* take_question takes :{?name} at `at`, if that is one: whether there is such a variable. */
static void
take_question(struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;
    uint32_t start = at + 3, end = start;

    while (end < search->lexer.end && lk_is_inset_name_byte(text[end]))
        end++;
    if (text[at + 2] != '?' || end == start || text[end] != '}' ||
        (at > 0 && no_variable_behind(text[at - 1])))
        return;
    struct lk_inset *inset = lk_inset_add(search, LK_INSET_VARIABLE, (struct lk_span){at, end + 1});
    inset->name = lk_strndup(search->source, text + start, end - start);
    inset->value = lk_inset_question(search, inset->name);
    inset->later = inset->value == NULL;
    stand_in(search, inset);
    search->lexer.pos = inset->span.end;
}

/* take_variable takes :name, :'name' or :"name" at `at`, if that is one. */
static void
take_variable(struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;
    char before = at > 0 ? text[at - 1] : ' ', quote = text[at + 1];
    bool quoted = quote == '\'' || quote == '"';
    uint32_t start = at + 1 + quoted, end = start;

    /* in a slice, behind a key of JSON: a colon of SQL's own */
    if (search->brackets > 0 || no_variable_behind(before))
        return;
    while (end < search->lexer.end && lk_is_inset_name_byte(text[end]))
        end++;
    if (end == start || (quoted && text[end] != quote))
        return;
    enum lk_inset_kind kind = !quoted         ? LK_INSET_VARIABLE
                              : quote == '\'' ? LK_INSET_LITERAL
                                              : LK_INSET_NAME;
    struct lk_inset *inset = lk_inset_add(search, kind, (struct lk_span){at, end + quoted});
    inset->name = lk_strndup(search->source, text + start, end - start);
    inset->value = lk_inset_value(search, inset->name);
    inset->later = inset->value == NULL && search->surprise;
    if (quoted)
        lk_inset_blank(search, (struct lk_span){at, at + 1}, "");
    else
        stand_in(search, inset);
    search->lexer.pos = inset->span.end;
}

/*
 * environment_value returns what goose puts in for ${NAME}, ${NAME-default}, ${NAME:-default} or
 * ${NAME?why}, NULL where that is not known, and cuts `name` behind the name. Source: goose's
 * documentation, Environment Variable Substitution.
 */
static const char *
environment_value(struct lk_inset_search *search, char *name)
{
    char *mark = name + strcspn(name, ":-?");
    bool colon = *mark == ':'; /* an empty value counts as none */
    char kind = mark[colon];
    const char *fallback = kind == '-' ? lk_strdup(search->source, mark + colon + 1) : NULL;

    *mark = '\0';
    if (colon && kind != '-' && kind != '?')
        return NULL; /* a part of the value */
    const char *value = getenv(name);
    return value != NULL && (!colon || value[0] != '\0') ? value : fallback;
}

/* take_placeholder takes ${name} at `at`; returns where it ends, or `at` if that is none. */
static uint32_t
take_placeholder(struct lk_inset_search *search, uint32_t at, uint32_t limit, bool quoted)
{
    const char *text = search->source->original;
    uint32_t end = at + 2;

    while (end < limit && text[end] != '}' && text[end] != '\n' && text[end] != '{')
        end++;
    if (end >= limit || text[end] != '}' || end == at + 2)
        return at;
    char *name = lk_strndup(search->source, text + at + 2, end - at - 2);
    const char *value = lk_inset_placeholder(search, name);
    if (value == NULL && search->envsub)
        value = environment_value(search, name);
    if (quoted && value == NULL && !search->everywhere)
        return at;
    struct lk_inset *inset =
        lk_inset_add(search, LK_INSET_PLACEHOLDER, (struct lk_span){at, end + 1});
    inset->name = name;
    inset->value = value;
    inset->quoted = quoted;
    inset->later = value == NULL && (search->envsub || lk_inset_comes_from_database(name));
    if (!quoted)
        stand_in(search, inset);
    return end + 1;
}

/* template_name returns what a template asks for: its last quoted word, or the field it names. */
static char *
template_name(struct lk_inset_search *search, struct lk_span inside)
{
    const char *text = search->source->original;
    uint32_t end = inside.end, start;

    while (end > inside.start && !lk_is_inset_name_byte(text[end - 1]))
        end--;
    for (start = end; start > inside.start && lk_is_inset_name_byte(text[start - 1]);)
        start--;
    return lk_strndup(search->source, text + start, end - start);
}

/* takes_no_place returns whether a template only steers what is around it. */
static bool
takes_no_place(const char *text, struct lk_span inside)
{
    static const char *const words[] = {"if", "else", "end", "range", "with", "define", "template"};
    struct lk_lexer lexer = lk_lexer_at(text, inside);
    struct lk_token first = lk_lex_code(&lexer);

    if (lk_token_is_symbol(text, first, '-'))
        first = lk_lex_code(&lexer);
    for (size_t i = 0; i < LK_ARRAY_SIZE(words); i++)
        if (lk_token_is(text, first, words[i]))
            return true;
    return false;
}

static void
take_template(struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;
    const char *close =
        search->no_close ? NULL : memmem(text + at, search->lexer.end - at, "}}", 2);

    if (close == NULL) {
        search->no_close |= search->lexer.end == search->source->size;
        return;
    }
    struct lk_span span = {at, (uint32_t)(close - text) + 2};
    struct lk_span inside = {at + 2, span.end - 2};
    struct lk_inset *inset = lk_inset_add(search, LK_INSET_TEMPLATE, span);
    inset->name = template_name(search, inside);
    if (takes_no_place(text, inside)) {
        lk_inset_blank(search, span, "");
    } else {
        inset->value = lk_inset_value(search, inset->name);
        stand_in(search, inset);
    }
    search->lexer.pos = span.end;
}

/*
 * take_named_template takes a template that is all of a delimited name, "{{ index . "Schema" }}",
 * whose own quotes cut the name short; returns whether the token at `at` is one.
 */
static bool
take_named_template(struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;
    size_t limit = LK_MIN(search->lexer.end - at, LONGEST_NAME);
    const char *close =
        text[at + 1] == '{' && text[at + 2] == '{' ? memmem(text + at, limit, "}}", 2) : NULL;

    if (text[at] != '"' || close == NULL || close[2] != '"')
        return false;
    uint32_t end = (uint32_t)(close - text) + 3;
    if (memchr(text + at, '\n', end - at) != NULL)
        return false;
    lk_inset_blank(search, (struct lk_span){at, end}, "");
    take_template(search, at + 1);
    search->lexer.pos = end;
    return true;
}

/* search_quoted looks for placeholders in a literal, a body or a delimited name. */
static void
search_quoted(struct lk_inset_search *search, struct lk_span span)
{
    const char *text = search->source->original;

    for (uint32_t at = span.start; at + 1 < span.end;) {
        const char *found = memmem(text + at, span.end - at, "${", 2);
        if (found == NULL)
            return;
        at = (uint32_t)(found - text);
        uint32_t end = take_placeholder(search, at, span.end, true);
        at = LK_MAX(end, at + 1);
    }
}

/* ---- the search ---- */

static void
note_comment(struct lk_inset_search *search, struct lk_span span)
{
    const char *text = search->source->original + span.start;
    size_t length = span.end - span.start;

    if (memmem(text, length, "+goose ENVSUB ON", 16) != NULL)
        search->envsub = true;
    else if (memmem(text, length, "+goose ENVSUB OFF", 17) != NULL)
        search->envsub = false;
}

/* keep_name turns a word that the server takes for a name into one for the grammar, too. */
static void
keep_name(struct lk_inset_search *search, struct lk_token token)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(reserved); i++)
        if (search->version < reserved[i].version &&
            lk_token_is(search->source->original, token, reserved[i].word)) {
            name_it(search, token.span);
            search->masked[token.span.end - 1] = '_';
        }
}

static void
note_word(struct lk_inset_search *search, struct lk_token token)
{
    const char *text = search->source->original;

    keep_name(search, token);
    if (search->words++ == 0) {
        search->copy = lk_token_is(text, token, "copy");
        search->create = lk_token_is(text, token, "create");
        search->routine = lk_token_is(text, token, "do");
    } else if (search->create &&
               (lk_token_is(text, token, "function") || lk_token_is(text, token, "procedure"))) {
        search->routine = true;
    } else if (search->copy && search->parens == 0 && search->from) {
        search->stdin_rows = /* the grammar takes STDOUT for the same, in both directions */
            lk_token_is(text, token, "stdin") || lk_token_is(text, token, "stdout");
    }
    search->from = lk_token_is(text, token, "from");
}

/* take_braces takes a placeholder or template whose brace stands at `at`, if that is one. */
static void
take_braces(struct lk_inset_search *search, uint32_t at)
{
    const char *text = search->source->original;

    if (at > 0 && text[at - 1] == '$') {
        uint32_t end = take_placeholder(search, at - 1, search->lexer.end, false);
        search->lexer.pos = LK_MAX(end, at + 1);
    } else if (text[at + 1] == '{') {
        take_template(search, at);
    }
}

/* take_word takes :NAME at `at` in the body of a routine, if that is one of capitals. */
static void
take_word(struct lk_inset_search *search, uint32_t at)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *text = search->source->original;
    size_t length = strspn(text + at + 1, capitals);

    if (length > 0 && !(text[at + 1] >= '0' && text[at + 1] <= '9') &&
        !lk_is_inset_name_byte(text[at + 1 + length]))
        take_variable(search, at);
}

/* search_code looks for placeholders and templates in the dollar-quoted body of a routine. */
static void
search_code(struct lk_inset_search *search, struct lk_span span)
{
    const char *text = search->source->original;
    struct lk_lexer outside = search->lexer;
    const char *tag = memchr(text + span.start + 1, '$', span.end - span.start - 1);
    uint32_t length = (uint32_t)(tag - text) + 1 - span.start;

    if (span.end - span.start < 2 * length)
        return;
    search->lexer = lk_lexer_at(text, (struct lk_span){span.start + length, span.end - length});
    for (;;) {
        struct lk_token token = lk_lex(&search->lexer);
        if (token.kind == LK_TOKEN_END)
            break;
        if (token.kind == LK_TOKEN_WORD)
            keep_name(search, token);
        else if (token.kind == LK_TOKEN_NAME && take_named_template(search, token.span.start))
            continue;
        else if (token.kind == LK_TOKEN_STRING || token.kind == LK_TOKEN_DOLLAR ||
                 token.kind == LK_TOKEN_NAME)
            search_quoted(search, token.span);
        else if (lk_token_is_symbol(text, token, '{'))
            take_braces(search, token.span.start);
        else if (lk_token_is_symbol(text, token, ':') && search->in_bodies)
            take_word(search, token.span.start);
    }
    search->lexer = outside;
}

static void
note_symbol(struct lk_inset_search *search, struct lk_token token)
{
    const char *text = search->source->original;
    uint32_t at = token.span.start;

    search->words += search->words == 0;
    switch (token.span.end - at == 1 ? text[at] : '\0') {
    case ':':
        if (text[at + 1] == '{')
            take_question(search, at);
        else
            take_variable(search, at);
        break;
    case '{':
        take_braces(search, at);
        break;
    case ';':
        lk_inset_semicolon(search, at);
        break;
    case '[':
        search->brackets++;
        break;
    case ']':
        search->brackets -= search->brackets > 0;
        break;
    case '(':
        search->parens++;
        break;
    case ')':
        search->parens -= search->parens > 0;
        break;
    default:
        break;
    }
}

/* begins_inset returns whether a variable, placeholder or template may begin around `at`. */
static bool
begins_inset(const char *text, const char *at)
{
    char before = at > text ? at[-1] : ' ';

    if (*at == '{')
        return before == '$' || at[1] == '{';
    return !no_variable_behind(before) &&
           (lk_is_inset_name_byte(at[1]) || at[1] == '\'' || at[1] == '"' || at[1] == '{');
}

/* may_hold_insets returns whether a text has any of the marks that one starts with. */
static bool
may_hold_insets(const char *text, size_t size)
{
    const char *end = text + size;

    if (memchr(text, '\\', size) != NULL)
        return true;
    for (const char *at = text; (at = memchr(at, '{', (size_t)(end - at))) != NULL; at++)
        if (begins_inset(text, at))
            return true;
    for (const char *at = text; (at = memchr(at, ':', (size_t)(end - at))) != NULL; at++)
        if (begins_inset(text, at))
            return true;
    return false;
}

/* may_hold_reserved returns whether a text has a word that only a later version has reserved. */
static bool
may_hold_reserved(const char *text, size_t size, int version)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(reserved); i++) {
        size_t length = strlen(reserved[i].word);
        if (version < reserved[i].version &&
            (memmem(text, size, reserved[i].word, length) != NULL ||
             memmem(text, size, reserved[i].upper, length) != NULL))
            return true;
    }
    return false;
}

/* take_token lets a token say what it says, where text is not skipped. */
static void
take_token(struct lk_inset_search *search, struct lk_token token)
{
    switch (token.kind) {
    case LK_TOKEN_COMMENT:
        note_comment(search, token.span);
        break;
    case LK_TOKEN_WORD:
        note_word(search, token);
        break;
    case LK_TOKEN_NAME:
        if (take_named_template(search, token.span.start))
            break;
        /* fallthrough */
    case LK_TOKEN_STRING:
    case LK_TOKEN_DOLLAR:
        if (token.kind == LK_TOKEN_DOLLAR && search->routine)
            search_code(search, token.span);
        else
            search_quoted(search, token.span);
        search->words += search->words == 0;
        search->from = false;
        break;
    default:
        note_symbol(search, token);
        break;
    }
}

void
lk_inset_text(struct lk_inset_search *search)
{
    for (;;) {
        struct lk_token token = lk_lex(&search->lexer);
        bool command = lk_token_is_symbol(search->source->original, token, '\\');
        if (token.kind == LK_TOKEN_END)
            break;
        if (search->words == 0)
            search->start = token.span.start;
        if (token.unterminated)
            search->file->unterminated = true;
        if (command)
            lk_inset_command(search, token.span.start);
        else if (!lk_inset_is_skipped(search))
            take_token(search, token);
    }
    lk_inset_end_file(search);
}

void
lk_source_mask(struct lk_source *source, const struct lk_values *values, bool everywhere,
               int version)
{
    struct lk_inset_file file = {.source = source};
    struct lk_inset_search search = {
        .source = source,
        .lexer = lk_lexer_at(source->original, (struct lk_span){0, source->size}),
        .file = &file,
        .everywhere = everywhere,
        .in_bodies = values->in_bodies,
        .version = version,
    };

    if (!may_hold_insets(source->original, source->size) &&
        !may_hold_reserved(source->original, source->size, version))
        return;
    lk_vec_foreach(value, &values->items)
        lk_inset_set(&search, value->name, value->value);
    lk_inset_text(&search);
    if (search.masked != NULL)
        source->text = search.masked;
    lk_inset_forget_all(&search);
}
