/*
 * parser/secret_inserted.c
 *     Secrets that no word stands in front of: see secret_private.h.
 *
 * The text is read by its tokens, not as a tree: it is also what is broken, and what servers say.
 */
#include "parser/base/text.h"
#include "parser/lexer.h"
#include "parser/secret_private.h"

struct scan {
    TALLOC_CTX *mem;
    const char *text;
    struct lk_lexer lexer;
    struct lk_token token; /* at hand */
    struct lk_spans *spans;
};

/* A list of columns: which of them are called like secrets. */
struct columns {
    LK_VEC(bool) secret;
    bool any; /* one is, at least */
};

static void
step(struct scan *scan)
{
    scan->token = lk_lex_code(&scan->lexer);
}

static bool
is_word(const struct scan *scan, const char *word)
{
    return lk_token_is(scan->text, scan->token, word);
}

static bool
is_symbol(const struct scan *scan, char symbol)
{
    return lk_token_is_symbol(scan->text, scan->token, symbol);
}

static bool
is_name(const struct scan *scan)
{
    return scan->token.kind == LK_TOKEN_WORD || scan->token.kind == LK_TOKEN_NAME;
}

/* names_secret returns whether a word for secrets is in the name at hand. */
static bool
names_secret(const struct scan *scan)
{
    struct lk_span span = scan->token.span;

    for (uint32_t at = span.start; at < span.end; at++)
        if (lk_secret_word(scan->text + at, span.end - at) > 0)
            return true;
    return false;
}

/* take adds what is between the quotes of the constant at hand. */
static void
take(struct scan *scan)
{
    struct lk_span span = scan->token.span;
    const char *text = scan->text;
    char quote = scan->token.kind == LK_TOKEN_DOLLAR ? '$' : '\'';
    unsigned seen = 0, wanted = quote == '$' ? 2 : 1; /* $tag$ */

    while (span.start < span.end && seen < wanted)
        seen += text[span.start++] == quote;
    if (!scan->token.unterminated)
        for (seen = 0; span.end > span.start && seen < wanted;)
            seen += text[--span.end] == quote;
    if (span.start < span.end)
        lk_spans_add(scan->mem, scan->spans, span.start, span.end);
}

static bool
is_constant(const struct scan *scan)
{
    return scan->token.kind == LK_TOKEN_STRING || scan->token.kind == LK_TOKEN_DOLLAR;
}

/*
 * take_list goes through a list, its parenthesis, if it has one, passed, and adds the constants in
 * places that are secret; at its end the token behind it is at hand. Outside of parentheses FROM
 * ends it, and what else comes behind a SELECT's list.
 */
static void
take_list(struct scan *scan, const struct columns *columns, bool all, bool inside)
{
    static const char *const ends[] = {"FROM", "WHERE", "RETURNING", "UNION", "ON"};
    size_t place = 0;
    int depth = 0;

    for (; scan->token.kind != LK_TOKEN_END && !is_symbol(scan, ';'); step(scan)) {
        bool secret = all || (place < columns->secret.count && columns->secret.items[place]);
        if (is_symbol(scan, ')') && depth-- == 0)
            break;
        depth += is_symbol(scan, '(');
        if (depth == 0 && is_symbol(scan, ','))
            place++;
        if (secret && is_constant(scan))
            take(scan);
        for (size_t i = 0; !inside && depth == 0 && i < LK_ARRAY_SIZE(ends); i++)
            if (is_word(scan, ends[i]))
                return;
    }
    if (inside && is_symbol(scan, ')'))
        step(scan);
}

/* read_columns reads a list of columns, whose parenthesis is passed. */
static struct columns
read_columns(struct scan *scan)
{
    struct columns columns = {0};
    bool secret = false;

    for (; scan->token.kind != LK_TOKEN_END && !is_symbol(scan, ';'); step(scan)) {
        if (is_symbol(scan, ',') || is_symbol(scan, ')')) {
            lk_vec_push(scan->mem, &columns.secret, secret);
            columns.any |= secret;
            secret = false;
        }
        if (is_symbol(scan, ')'))
            break;
        secret |= is_name(scan) && names_secret(scan);
    }
    step(scan);
    return columns;
}

/* take_insert reads INSERT INTO table (columns) VALUES or SELECT, INSERT being passed. */
static void
take_insert(struct scan *scan)
{
    struct columns columns = {0};
    bool table = false;

    if (!is_word(scan, "INTO"))
        return;
    for (step(scan); is_name(scan) || is_symbol(scan, '.'); step(scan)) {
        if (is_word(scan, "VALUES") || is_word(scan, "SELECT") || is_word(scan, "OVERRIDING"))
            break;
        table |= names_secret(scan);
    }
    if (is_symbol(scan, '(')) {
        step(scan);
        columns = read_columns(scan);
    }
    while (is_word(scan, "OVERRIDING") || is_word(scan, "USER") || is_word(scan, "SYSTEM") ||
           is_word(scan, "VALUE"))
        step(scan);
    if (!columns.any && !table)
        return;
    if (is_word(scan, "SELECT")) {
        step(scan);
        take_list(scan, &columns, table, false);
        return;
    }
    if (!is_word(scan, "VALUES"))
        return;
    for (step(scan); is_symbol(scan, '(');) {
        step(scan);
        take_list(scan, &columns, table, true);
        if (is_symbol(scan, ','))
            step(scan);
    }
}

/* is_cipher returns whether the name at hand is a function that is given keys or secrets. */
static bool
is_cipher(const struct scan *scan)
{
    static const char *const names[] = {
        "create_secret",
        "crypt",
        "decrypt",
        "encrypt",
        "hmac",
        "pgp_pub_decrypt",
        "pgp_sym_decrypt",
        "pgp_sym_decrypt_bytea",
        "pgp_sym_encrypt",
        "update_secret",
        "pgp_sym_encrypt_bytea",
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        if (is_word(scan, names[i]))
            return true;
    return false;
}

void
lk_secrets_inserted(TALLOC_CTX *mem, const char *text, size_t size, const struct lk_places *places,
                    struct lk_spans *spans)
{
    static const struct columns none = {0};
    struct scan scan = {
        .mem = mem,
        .text = text,
        .lexer = lk_lexer_at(text, (struct lk_span){0, (uint32_t)size}),
        .spans = spans,
    };

    step(&scan);
    lk_vec_foreach(place, &places->items) {
        while (scan.token.kind != LK_TOKEN_END && scan.token.span.end <= *place)
            step(&scan);
        bool cipher = is_cipher(&scan), insert = is_word(&scan, "INSERT");
        if (!cipher && !insert)
            continue;
        step(&scan);
        if (insert) {
            take_insert(&scan);
        } else if (cipher && is_symbol(&scan, '(')) {
            step(&scan);
            take_list(&scan, &none, true, true);
        }
    }
}
