/*
 * # invalid-encoding
 *
 * ## What it flags
 *
 * A file that is not UTF-8 text, or holds a NUL byte.
 *
 * ## Why it hurts
 *
 * Text of another encoding arrives as something else, or is refused (SQLSTATE 22021); a NUL byte
 * ends the text for most clients, and the rest of the file is silently left out.
 *
 * ## Do instead
 *
 * ```sh
 * iconv -f LATIN1 -t UTF-8 V7__names.sql > tmp && mv tmp V7__names.sql
 * ```
 *
 * Windows tools and PowerShell's `>` write UTF-16, which the message says where it is the case:
 * `iconv -f UTF-16 -t UTF-8`.
 *
 * ## When it stays silent
 *
 * On a byte order mark, which is skipped.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 24.3 Character Set Support
 */
#include "rules/suggest.h"

/* utf16_of returns the name of the UTF-16 that a file's first bytes are, or NULL. */
static const char *
utf16_of(const struct lk_source *source)
{
    size_t size = LK_MIN(source->raw_size, (size_t)1024) & ~(size_t)1;
    size_t zeros[2] = {0};

    if (size >= 2 &&
        (memcmp(source->raw, "\xFF\xFE", 2) == 0 || memcmp(source->raw, "\xFE\xFF", 2) == 0))
        return "UTF-16";
    /* without a mark: SQL is mostly ASCII, of which every other byte is NUL then, and no more */
    for (size_t i = 0; i < size; i++)
        zeros[i % 2] += source->raw[i] == '\0';
    if (size < 4 || LK_MAX(zeros[0], zeros[1]) * 8 < size * 3 || LK_MIN(zeros[0], zeros[1]) > 0)
        return NULL;
    return zeros[0] > 0 ? "UTF-16BE" : "UTF-16LE";
}

static void
check_source(struct lk_check *check)
{
    const struct lk_source *source = check->source;

    if (source->invalid >= source->size)
        return;
    const char *utf16 = utf16_of(source);
    unsigned char byte = (unsigned char)source->text[source->invalid];
    struct lk_finding *finding =
        lk_report(check, (struct lk_span){source->invalid, source->invalid + 1},
                  utf16 != NULL ? "the file is UTF-16, not UTF-8"
                  : byte == 0   ? "NUL byte in the file"
                                : "byte 0x%02x is not UTF-8",
                  byte);
    finding->excerpt = NULL; /* it may be anything */
    lk_finding_detail(check, finding, "The file is not checked any further.");
    if (utf16 != NULL)
        lk_finding_hint(check, finding, "Save it as UTF-8; iconv -f %s -t UTF-8 converts it.",
                        utf16);
    else if (byte != 0)
        lk_finding_hint(check, finding,
                        "Save it as UTF-8; iconv -f LATIN1 -t UTF-8 converts one in Latin-1.");
}

const struct lk_rule lk_rule_invalid_encoding = {
    .name = "invalid-encoding",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_ERROR,
    .summary = "not UTF-8 text",
    .undo_too = true,
    .on_broken = check_source,
};
