/*
 * rules/quote.c
 *     What findings are about: see quote.h.
 */
#include "rules/quote.h"

#include <uthash.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/fingerprint.h"
#include "parser/secret.h"
#include "rules/fix.h"

#define QUOTE_MAX 8192        /* bytes of a statement that are kept */
#define FINGERPRINT_LENGTH 32 /* hexadecimal digits: 128 bits */

/* same_statement returns whether two findings of a migration are about the same statement. */
static bool
same_statement(const struct lk_finding *left, const struct lk_finding *right)
{
    return left->ordinal == right->ordinal && left->statement == right->statement &&
           left->target == right->target && left->outer == right->outer &&
           strcmp(left->path, right->path) == 0;
}

const struct lk_quote *
lk_quote_statement(const struct lk_check *check, const struct lk_finding *finding)
{
    bool first = finding == check->findings->items.items;
    struct lk_place place = lk_source_place(check->source, check->statement->span);
    uint32_t length = place.span.end - place.span.start;

    if (!first && finding[-1].quote != NULL && same_statement(&finding[-1], finding))
        return finding[-1].quote;
    struct lk_quote *quote = lk_new(check->mem, struct lk_quote);
    const char *sql = place.file->original + place.span.start;
    quote->cut = length > QUOTE_MAX;
    if (quote->cut)
        for (length = QUOTE_MAX; length > 0 && (sql[length] & 0xC0) == 0x80;)
            length--;
    char *shown = lk_strndup(check->mem, sql, length);
    lk_secrets_blot(shown, place.span.start, lk_source_secrets(place.file));
    quote->sql = shown;
    struct lk_position start = lk_source_position(place.file, place.span.start);
    quote->line = start.line;
    quote->column = start.column;
    lk_fingerprint_statement(check->source, check->statement->span, quote->digest);
    return quote;
}

/* byte_column returns which byte of its line an offset is, from 1. */
static uint32_t
byte_column(struct lk_source *source, uint32_t line, uint32_t offset)
{
    return offset - lk_source_line(source, line).start + 1;
}

void
lk_quote_bytes(struct lk_source *source, struct lk_finding *finding)
{
    uint32_t end = LK_MAX(finding->span.end, finding->span.start + 1);

    finding->start_byte = byte_column(source, finding->start.line, finding->span.start);
    finding->end_byte = byte_column(source, finding->end.line, LK_MIN(end, source->size));
}

void
lk_quote_places(struct lk_findings *findings, size_t first, struct lk_source *source)
{
    struct lk_source *own = lk_source_own(source);

    for (size_t i = first; i < findings->items.count; i++) {
        const struct lk_finding *finding = &findings->items.items[i];
        if (lk_finding_fix(finding) == NULL)
            continue;
        lk_vec_foreach(edit, &finding->fix->edits) {
            edit->start = lk_source_position(own, edit->span.start);
            edit->end = lk_source_position(own, edit->span.end);
            edit->start_byte = byte_column(own, edit->start.line, edit->span.start);
            edit->end_byte = byte_column(own, edit->end.line, edit->span.end);
        }
    }
}

/* ---- fingerprints ---- */

/* How often findings with the same words were met. */
struct met {
    char words[LK_SHA256_HEX_SIZE];
    size_t times;
    UT_hash_handle hh;
};

/* add_word adds a text and what ends it: no name holds a NUL. */
static void
add_word(struct lk_buf *words, const char *text)
{
    lk_buf_addn(words, text, strlen(text) + 1);
}

/* describe writes a checksum over what a finding is about. */
static void
describe(TALLOC_CTX *mem, const struct lk_finding *finding, char hex[LK_SHA256_HEX_SIZE])
{
    struct lk_buf words = lk_buf_init(mem);

    add_word(&words, finding->rule->name);
    lk_vec_foreach(object, &finding->objects)
        add_word(&words, *object);
    add_word(&words, "");
    add_word(&words, finding->quote != NULL ? finding->quote->digest : lk_path_base(finding->path));
    lk_sha256(words.data, words.len, hex);
    talloc_free(words.data);
}

/* count returns how many findings were about the same before. */
static size_t
count(TALLOC_CTX *mem, struct met **all, const char words[LK_SHA256_HEX_SIZE])
{
    struct met *met;

    HASH_FIND_STR(*all, words, met);
    if (met == NULL) {
        met = lk_new(mem, struct met);
        memcpy(met->words, words, sizeof(met->words));
        HASH_ADD_STR(*all, words, met);
    }
    return met->times++;
}

void
lk_findings_identify(struct lk_findings *findings)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct met *all = NULL;

    lk_vec_foreach(finding, &findings->items) {
        char words[LK_SHA256_HEX_SIZE], hex[LK_SHA256_HEX_SIZE];
        describe(scratch, finding, words);
        size_t before = count(scratch, &all, words);
        if (before > 0) {
            char *numbered = lk_fmt(scratch, "%s %zu", words, before);
            lk_sha256(numbered, strlen(numbered), hex);
        } else {
            memcpy(hex, words, sizeof(hex));
        }
        finding->fingerprint = lk_strndup(findings->mem, hex, FINGERPRINT_LENGTH);
    }
    HASH_CLEAR(hh, all);
}
