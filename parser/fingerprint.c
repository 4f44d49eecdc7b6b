/*
 * parser/fingerprint.c
 *     A checksum over words: see fingerprint.h.
 */
#include "parser/fingerprint.h"

#include "parser/base/buf.h"
#include "parser/lexer.h"

/* What stands in front of each word and of each part: no SQL text holds a NUL. */
#define BEHIND_WORD '\0'

static void
add_bytes(struct lk_buf *words, const struct lk_source *source, uint32_t start, uint32_t end)
{
    lk_buf_addn(words, source->original + start, end - start);
    lk_buf_addc(words, BEHIND_WORD);
}

/*
 * add_insets adds what is no SQL and starts before `until`, from the inset at `next` on, but for
 * what ends before `told`: there a word or a comment holds it.
 */
static size_t
add_insets(struct lk_buf *words, const struct lk_source *source, size_t next, uint32_t told,
           uint32_t until)
{
    for (; next < source->insets.items.count; next++) {
        struct lk_span span = source->insets.items.items[next].span;
        if (span.start >= until)
            break;
        if (span.end > told)
            add_bytes(words, source, span.start, span.end);
    }
    return next;
}

/* first_inset returns the first inset that ends behind an offset. */
static size_t
first_inset(const struct lk_source *source, uint32_t offset)
{
    size_t low = 0, high = source->insets.items.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (source->insets.items.items[middle].span.end <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* fold makes the letters behind `from` small. */
static void
fold(struct lk_buf *words, size_t from)
{
    for (size_t i = from; i < words->len; i++)
        if (words->data[i] >= 'A' && words->data[i] <= 'Z')
            words->data[i] = (char)(words->data[i] | 0x20);
}

static void
add_part(struct lk_buf *words, const struct lk_source *source, struct lk_span part, bool any_case)
{
    struct lk_lexer lexer = lk_lexer_at(source->text, part);
    uint32_t told = part.start;
    size_t inset = first_inset(source, part.start);

    for (;;) {
        struct lk_token token = lk_lex(&lexer);
        if (token.kind == LK_TOKEN_END)
            break;
        inset = add_insets(words, source, inset, told, token.span.start);
        told = token.span.end;
        size_t before = words->len;
        if (token.kind != LK_TOKEN_COMMENT)
            add_bytes(words, source, token.span.start, token.span.end);
        if (token.kind == LK_TOKEN_WORD && any_case)
            fold(words, before);
    }
    add_insets(words, source, inset, told, part.end);
}

void
lk_fingerprint(const struct lk_source *source, const struct lk_naming *naming,
               char hex[LK_SHA256_HEX_SIZE])
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf words = lk_buf_init(scratch);

    if (source->invalid < source->size) { /* not text: nothing in it is known not to matter */
        lk_sha256(source->raw, source->raw_size, hex);
        return;
    }
    struct lk_parts parts = lk_naming_split(scratch, naming, source);
    lk_vec_foreach(span, &parts.up.items)
        add_part(&words, source, *span, false);
    lk_buf_addn(&words, "\0down", sizeof("\0down"));
    lk_vec_foreach(span, &parts.down.items)
        add_part(&words, source, *span, false);
    lk_sha256(words.data, words.len, hex);
}

void
lk_fingerprint_statement(const struct lk_source *source, struct lk_span part,
                         char hex[LK_SHA256_HEX_SIZE])
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_buf words = lk_buf_init(scratch);

    add_part(&words, source, part, true);
    lk_sha256(words.data, words.len, hex);
}
