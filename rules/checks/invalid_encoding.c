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

static void
check_source(struct lk_check *check)
{
    const struct lk_source *source = check->source;

    if (source->invalid >= source->size)
        return;
    unsigned char byte = (unsigned char)source->text[source->invalid];
    struct lk_finding *finding =
        lk_report(check, (struct lk_span){source->invalid, source->invalid + 1},
                  byte == 0 ? "NUL byte in the file" : "byte 0x%02x is not UTF-8", byte);
    finding->excerpt = NULL; /* it may be anything */
    lk_finding_detail(check, finding, "The file is not checked any further.");
    if (byte != 0)
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
