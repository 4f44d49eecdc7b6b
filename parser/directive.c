/*
 * parser/directive.c
 *     Reading directives: see directive.h.
 *
 *   -- lockkeeper: ignore rule[, rule] -- why        -- lockkeeper: ignore-file rule -- why
 *   -- lockkeeper: transaction off                   -- lockkeeper: lock_timeout 10s
 *   -- squawk-ignore rule[, rule]                    -- squawk-ignore-file [rule, ...]
 *   -- atlas:nolint [rule ...]                       -- atlas:txmode none
 *
 * Those of Atlas on top of a file and with an empty line behind them are the file's.
 */
#include "parser/directive.h"

#include "parser/atlas_file.h"
#include "parser/base/text.h"
#include "parser/body.h"
#include "parser/lexer.h"

/* The words between the comment's delimiters. */
struct words {
    const char *at;
    const char *end;
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
trim(struct words *words)
{
    while (words->at < words->end && is_blank(*words->at))
        words->at++;
    while (words->end > words->at && is_blank(words->end[-1]))
        words->end--;
}

static struct words
inside(const char *text, struct lk_span comment)
{
    struct words words = {text + comment.start + 2, text + comment.end};

    if (text[comment.start] == '/' && comment.end - comment.start >= 4 &&
        memcmp(text + comment.end - 2, "*/", 2) == 0)
        words.end -= 2;
    trim(&words);
    return words;
}

/* take moves behind `prefix` when the words start with it (ASCII case ignored). */
static bool
take(struct words *words, const char *prefix)
{
    size_t length = strlen(prefix);

    if ((size_t)(words->end - words->at) < length || !lk_word_is(words->at, length, prefix))
        return false;
    words->at += length;
    return true;
}

/* take_word is take for a whole word: nothing of it goes on behind the prefix. */
static bool
take_word(struct words *words, const char *word)
{
    struct words rest = *words;

    if (!take(&rest, word) || (rest.at < rest.end && !is_blank(*rest.at) && *rest.at != ','))
        return false;
    trim(&rest);
    *words = rest;
    return true;
}

/* read_names fills names up to " -- reason"; `text` is what the words stand in. */
static void
read_names(TALLOC_CTX *mem, const char *text, struct words words, struct lk_directive *ret)
{
    while (words.at < words.end) {
        while (words.at < words.end && (is_blank(*words.at) || *words.at == ','))
            words.at++;
        if (words.end - words.at >= 2 && words.at[0] == '-' && words.at[1] == '-') {
            words.at += 2;
            trim(&words);
            if (words.at < words.end)
                ret->reason = lk_strndup(mem, words.at, (size_t)(words.end - words.at));
            return;
        }
        const char *start = words.at;
        while (words.at < words.end && !is_blank(*words.at) && *words.at != ',')
            words.at++;
        if (words.at > start)
            *lk_vec_add(mem, &ret->names) = (struct lk_directive_name){
                .text = lk_strndup(mem, start, (size_t)(words.at - start)),
                .span = {(uint32_t)(start - text), (uint32_t)(words.at - text)},
            };
    }
}

/* read_timeout reads "10s", and perhaps " -- why", and returns whether it is a duration. */
static bool
read_timeout(TALLOC_CTX *mem, struct words words, struct lk_directive *ret)
{
    const char *dashes = memmem(words.at, (size_t)(words.end - words.at), "--", 2);
    int64_t ms;

    if (dashes != NULL)
        words.end = dashes;
    trim(&words);
    ret->value = lk_strndup(mem, words.at, (size_t)(words.end - words.at));
    return lk_duration_parse(ret->value, &ms);
}

/* read_own reads what follows "lockkeeper:". */
static void
read_own(TALLOC_CTX *mem, const char *text, struct words words, struct lk_directive *ret)
{
    struct words all = words;

    ret->tool = "lockkeeper";
    if (take_word(&words, "ignore-file")) {
        ret->kind = LK_DIRECTIVE_IGNORE_FILE;
        read_names(mem, text, words, ret);
    } else if (take_word(&words, "ignore")) {
        ret->kind = LK_DIRECTIVE_IGNORE;
        read_names(mem, text, words, ret);
    } else if (take_word(&words, "transaction") && take_word(&words, "off") &&
               words.at == words.end) {
        ret->kind = LK_DIRECTIVE_TRANSACTION_OFF;
    } else if (take_word(&words, "lock_timeout") && read_timeout(mem, words, ret)) {
        ret->kind = LK_DIRECTIVE_LOCK_TIMEOUT;
    } else if (take_word(&words, "statement_timeout") && read_timeout(mem, words, ret)) {
        ret->kind = LK_DIRECTIVE_STATEMENT_TIMEOUT;
    } else {
        ret->kind = LK_DIRECTIVE_UNKNOWN;
        ret->value = lk_strndup(mem, all.at, (size_t)(all.end - all.at));
    }
}

/* read_directive returns whether a comment is a directive, and which. */
static bool
read_directive(TALLOC_CTX *mem, const char *text, struct lk_span comment, struct lk_directive *ret)
{
    struct words words = inside(text, comment);

    *ret = (struct lk_directive){.span = comment, .target = UINT32_MAX};
    if (take(&words, "lockkeeper:")) {
        trim(&words);
        read_own(mem, text, words, ret);
        return true;
    }
    if (take_word(&words, "squawk-ignore-file")) {
        ret->tool = "squawk";
        ret->kind = LK_DIRECTIVE_IGNORE_FILE;
        read_names(mem, text, words, ret);
        return true;
    }
    if (take_word(&words, "squawk-ignore")) {
        ret->tool = "squawk";
        ret->kind = LK_DIRECTIVE_IGNORE;
        read_names(mem, text, words, ret);
        return ret->names.count > 0; /* a bare one suppresses nothing there either */
    }
    if (take_word(&words, "atlas:nolint")) {
        ret->tool = "atlas";
        ret->kind =
            comment.start < lk_atlas_top(text) ? LK_DIRECTIVE_IGNORE_FILE : LK_DIRECTIVE_IGNORE;
        read_names(mem, text, words, ret);
        return true;
    }
    if (take_word(&words, "atlas:txmode") && take_word(&words, "none") &&
        comment.start < lk_atlas_top(text)) {
        ret->tool = "atlas";
        ret->kind = LK_DIRECTIVE_TRANSACTION_OFF;
        return true;
    }
    return false;
}

/* same_line returns whether no line ends between two offsets. */
static bool
same_line(const char *text, uint32_t from, uint32_t to)
{
    return from <= to && memchr(text + from, '\n', to - from) == NULL;
}

/* attach returns where the statement that a comment belongs to starts, UINT32_MAX for none. */
static uint32_t
attach(const struct lk_script *script, struct lk_span comment)
{
    const struct lk_statement *items = script->statements.items;
    size_t low = 0, high = script->statements.count;

    while (low < high) { /* the first statement that ends behind the comment's start */
        size_t middle = low + (high - low) / 2;
        if (items[middle].span.end > comment.start)
            high = middle;
        else
            low = middle + 1;
    }
    bool is_inside = low < script->statements.count && items[low].span.start < comment.start;
    if (!is_inside && low > 0 &&
        same_line(script->source->text, items[low - 1].span.end, comment.start))
        return items[low - 1].span.start;
    return low < script->statements.count ? items[low].span.start : UINT32_MAX;
}

/*
 * attach_inside is attach for a comment in the body of the statement that starts at `outer`. Places
 * in the body are compared in the text that it was read from.
 */
static uint32_t
attach_inside(const struct lk_body *body, struct lk_span comment, uint32_t outer)
{
    uint32_t target = outer;

    lk_vec_foreach(nested, &body->items) {
        struct lk_span span = nested->statement.span;
        if (nested->source != body->text.source || span.end < body->text.span.start)
            continue; /* decoded from a constant in the body */
        uint32_t start = lk_source_span(nested->source, span).start;
        if (span.end <= comment.start) {
            if (same_line(nested->source->text, span.end, comment.start))
                target = start;
            continue;
        }
        return span.start > comment.start && target != outer ? target : start;
    }
    return target;
}

/* note_place notes in which file a directive stands, and where. */
static void
note_place(struct lk_source *source, struct lk_span comment, struct lk_directive *directive)
{
    struct lk_place place = lk_source_place(source, comment);

    directive->path = place.file->path;
    directive->at = place.span.start;
}

/* read_body reads the suppressions in the body of the statement that starts at `outer`. */
static void
read_body(TALLOC_CTX *mem, const struct lk_body *body, uint32_t outer,
          struct lk_directives *directives)
{
    const char *text = body->text.source->text;
    struct lk_lexer lexer = lk_lexer_at(text, body->text.span);
    struct lk_directive directive;

    for (;;) {
        struct lk_token token = lk_lex(&lexer);
        if (token.kind == LK_TOKEN_END)
            return;
        if (token.kind != LK_TOKEN_COMMENT || !read_directive(mem, text, token.span, &directive) ||
            directive.kind != LK_DIRECTIVE_IGNORE)
            continue;
        directive.span = lk_source_span(body->text.source, token.span);
        lk_vec_foreach(name, &directive.names)
            name->span = lk_source_span(body->text.source, name->span);
        directive.target = attach_inside(body, token.span, outer);
        note_place(body->text.source, token.span, &directive);
        lk_vec_push(mem, &directives->items, directive);
    }
}

/* is_block returns whether a statement is a DO block. */
static bool
is_block(const char *text, struct lk_span span)
{
    struct lk_lexer lexer = lk_lexer_at(text, span);

    return lk_token_is(text, lk_lex_code(&lexer), "do");
}

struct lk_directives
lk_directives_read(TALLOC_CTX *mem, struct lk_script *script)
{
    struct lk_directives directives = {0};
    struct lk_directive directive;

    lk_vec_foreach(comment, &script->comments) {
        if (!read_directive(mem, script->source->text, *comment, &directive))
            continue;
        if (directive.kind != LK_DIRECTIVE_IGNORE_FILE &&
            directive.kind != LK_DIRECTIVE_TRANSACTION_OFF)
            directive.target = attach(script, *comment);
        note_place(script->source, *comment, &directive);
        lk_vec_push(mem, &directives.items, directive);
    }
    for (size_t i = 0; i < script->statements.count; i++) {
        struct lk_span span = script->statements.items[i].span;
        const struct lk_body *body =
            is_block(script->source->text, span) ? lk_script_body(script, i) : NULL;
        if (body != NULL)
            read_body(mem, body, span.start, &directives);
    }
    return directives;
}

bool
lk_directives_timeout(const struct lk_directives *directives, enum lk_directive_kind kind,
                      const struct lk_script *script, const struct lk_statement *statement,
                      int64_t *ret_ms)
{
    uint32_t first = script->statements.items[0].span.start;
    bool found = false;
    int64_t ms;

    lk_vec_foreach(directive, &directives->items) {
        if (directive->kind != kind || !lk_duration_parse(directive->value, &ms))
            continue;
        /* on top of the file it is the file's */
        if (directive->target == statement->span.start || (directive->target == first && !found)) {
            *ret_ms = ms;
            found = true;
        }
    }
    return found;
}
