/*
 * applier/adopt_check.c
 *     Checksums of other tools: see adopt.h.
 */
#include <errno.h>

#include "applier/adopt.h"
#include "parser/atlas_sum.h"
#include "parser/base/text.h"
#include "parser/graphile_hash.h"

/* Digests of a file's bytes, by the number of their digits. */
static const struct {
    size_t digits;
    const char *name;
} digests[] = {
    {32, "MD5"},
    {40, "SHA1"},
    {64, "SHA256"},
    {96, "SHA384"},
};

static enum lk_adopt_checked
verdict(bool same)
{
    return same ? LK_ADOPT_SAME : LK_ADOPT_DIFFERENT;
}

/* is_crc returns whether a checksum is a number as Flyway keeps it. */
static bool
is_crc(const char *checksum, int32_t *ret)
{
    char *end;

    errno = 0;
    long long value = strtoll(checksum, &end, 10);
    *ret = (int32_t)value;
    return errno == 0 && end != checksum && *end == '\0' && value >= INT32_MIN &&
           value <= UINT32_MAX;
}

/* check_digest compares a file's bytes with a digest of them. */
static enum lk_adopt_checked
check_digest(TALLOC_CTX *mem, const struct lk_migration *migration, const char *checksum)
{
    struct lk_error ignored = {0};
    size_t length = strlen(checksum);

    if (strspn(checksum, "0123456789abcdefABCDEF") != length)
        return LK_ADOPT_UNKNOWN;
    for (size_t i = 0; i < LK_ARRAY_SIZE(digests); i++) {
        if (digests[i].digits != length)
            continue;
        struct lk_bytes bytes;
        if (!lk_file_read(mem, migration->path, &bytes, &ignored)) {
            lk_error_clear(&ignored);
            return LK_ADOPT_UNKNOWN;
        }
        return verdict(
            lk_word_is(checksum, length, lk_digest(mem, digests[i].name, bytes.data, bytes.size)));
    }
    return LK_ADOPT_UNKNOWN;
}

/* check_atlas compares a sum with the one that the folder's atlas.sum has of the file. */
static enum lk_adopt_checked
check_atlas(TALLOC_CTX *mem, const struct lk_migration *migration, const char *checksum)
{
    struct lk_atlas_sum sum;

    if (lk_starts_with(checksum, "h1:"))
        checksum += strlen("h1:");
    if (!lk_atlas_sum_read(mem, migration->folder->path, &sum))
        return LK_ADOPT_UNKNOWN;
    lk_vec_foreach(entry, &sum.entries)
        if (strcmp(entry->file, lk_path_base(migration->path)) == 0)
            return verdict(strcmp(entry->hash, checksum) == 0);
    return LK_ADOPT_UNKNOWN;
}

enum lk_adopt_checked
lk_adopt_check(TALLOC_CTX *mem, const struct lk_status_item *item, const char *checksum)
{
    struct lk_graphile_header header;
    int32_t crc;

    if (checksum == NULL || checksum[0] == '\0')
        return LK_ADOPT_UNKNOWN;
    if (is_crc(checksum, &crc))
        return verdict(crc == item->flyway_checksum || crc == item->flyway_checksum_raw);
    if (lk_starts_with(checksum, "sha1:"))
        return lk_graphile_header_read(mem, item->migration->path, &header)
                   ? verdict(strcmp(header.computed, checksum) == 0)
                   : LK_ADOPT_UNKNOWN;
    if (checksum[strlen(checksum) - 1] == '=')
        return check_atlas(mem, item->migration, checksum);
    return check_digest(mem, item->migration, checksum);
}
