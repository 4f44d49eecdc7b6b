/*
 * parser/graphile_hash.c
 *     Reading and computing the hashes of graphile-migrate: see graphile_hash.h.
 *
 * Source: graphile-migrate, src/migration.ts (parseMigrationText: a header is the lines "--! Key:
 * value" on top) and src/hash.ts (calculateHash: SHA-1 of the previous hash, a line end and the
 * trimmed body, trimmed as a whole and with a line end behind it).
 */
#include "parser/graphile_hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "parser/base/buf.h"
#include "parser/base/text.h"

#define MARK "--! "
#define SCHEME "sha1:"

/* What JavaScript trims, as UTF-8. */
static const char *const spaces[] = {" ",  "\t",     "\n",     "\r",          "\v",
                                     "\f", "\u00A0", "\u3000", "\xEF\xBB\xBF"};

static bool
is_key_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* starts and ends return the length of the white space at either end of [at, end). */
static size_t
starts(const char *at, const char *end)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(spaces); i++) {
        size_t length = strlen(spaces[i]);
        if ((size_t)(end - at) >= length && memcmp(at, spaces[i], length) == 0)
            return length;
    }
    return 0;
}

static size_t
ends(const char *at, const char *end)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(spaces); i++) {
        size_t length = strlen(spaces[i]);
        if ((size_t)(end - at) >= length && memcmp(end - length, spaces[i], length) == 0)
            return length;
    }
    return 0;
}

static void
trim(const char **at, const char **end)
{
    size_t length;

    while ((length = starts(*at, *end)) > 0)
        *at += length;
    while ((length = ends(*at, *end)) > 0)
        *end -= length;
}

/* read_line takes a line of the header over; false where the line is none. */
static bool
read_line(TALLOC_CTX *mem, const char *line, const char *end, struct lk_graphile_header *ret)
{
    if (!lk_starts_with(line, MARK))
        return false;
    const char *key = line + strlen(MARK), *value = key;
    while (value < end && is_key_byte(*value))
        value++;
    size_t length = (size_t)(value - key);
    if (length == 0 || (value < end && *value != ':') || memchr(line, '\r', (size_t)(end - line)))
        return false;
    value += value < end;
    trim(&value, &end);
    char *text = value < end ? lk_strndup(mem, value, (size_t)(end - value)) : NULL;
    if (lk_word_is(key, length, "Previous"))
        ret->previous = text != NULL && strcmp(text, "-") == 0 ? NULL : text;
    else if (lk_word_is(key, length, "Hash"))
        ret->hash = text;
    else if (lk_word_is(key, length, "AllowInvalidHash"))
        ret->unchecked = true;
    return true;
}

static char *
compute(TALLOC_CTX *mem, const char *previous, const char *body, const char *end)
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    struct lk_buf text = lk_buf_init(mem);
    struct lk_buf hash = lk_buf_init(mem);

    trim(&body, &end);
    if (previous != NULL)
        lk_buf_add(&text, previous);
    if (previous != NULL && body < end)
        lk_buf_addc(&text, '\n');
    lk_buf_addn(&text, body, (size_t)(end - body));
    lk_buf_addc(&text, '\n');
    if (EVP_Digest(text.data, text.len, digest, NULL, EVP_sha1(), NULL) != 1)
        LK_BUG("SHA-1 failed");
    lk_buf_add(&hash, SCHEME);
    for (size_t i = 0; i < sizeof(digest); i++)
        lk_buf_addf(&hash, "%02x", digest[i]);
    return hash.data;
}

bool
lk_graphile_header_read(TALLOC_CTX *mem, const char *path, struct lk_graphile_header *ret)
{
    struct lk_error ignored = {0};
    struct lk_bytes bytes;

    *ret = (struct lk_graphile_header){0};
    if (!lk_file_read(mem, path, &bytes, &ignored)) {
        lk_error_clear(&ignored);
        return false;
    }
    const char *line = bytes.data, *end = bytes.data + bytes.size;
    for (const char *stop; line < end; line = stop + (stop < end)) {
        stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop != NULL ? stop : end;
        if (!read_line(mem, line, stop, ret))
            break;
    }
    ret->computed = compute(mem, ret->previous, line, end);
    return ret->hash != NULL;
}
