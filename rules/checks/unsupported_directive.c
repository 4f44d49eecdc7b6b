/*
 * # unsupported-directive
 *
 * ## What it flags
 *
 * What a migration says to the runner of its own convention, and `lockkeeper apply` does not carry
 * out:
 *
 * - of Atlas, the checks of an archive (`-- checks.sql --`) and other files in it than
 *   `migration.sql` and `down.sql`, and directives on top of the file that are not known;
 * - of goose, behind `-- +goose ENVSUB ON`, a variable that the environment does not have, and one
 *   without braces (`$NAME`);
 * - of Flyway and Diesel, lines of the file beside the migration (`V1__a.sql.conf`,
 *   `metadata.toml`) that are not known, such as a condition for `shouldExecute`.
 *
 * ## Why it hurts
 *
 * The runner would have done more than the statements: looked first whether they may run, put
 * values in, left the file out. Without that they do something else.
 *
 * ## Do instead
 *
 * Write a check as SQL in the migration itself, a `DO` block that raises an exception; set the
 * variable where the migration is carried out; or suppress the finding, if the directive does not
 * matter.
 *
 * ## When it stays silent
 *
 * On what is carried out here: transaction modes, delimiters, checkpoints, `nolint` and `sum` of
 * Atlas, `${NAME}` and `${NAME:-default}` of goose, `executeInTransaction`,
 * `placeholderReplacement`, `shouldExecute=false` and `encoding=UTF-8` of Flyway,
 * `run_in_transaction` of Diesel.
 *
 * For the runner itself there is nothing wrong: it is no more than a note. But `plan` and `apply`
 * do not begin while there is such a finding that is not suppressed.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Atlas documentation: Pre-migration Checks; Directives
 * - goose documentation: Environment Variable Substitution
 * - Flyway documentation: Script Configuration
 */
#include <ctype.h>

#include "parser/atlas_file.h"
#include "parser/base/text.h"
#include "rules/suggest.h"

#define LEFT_OUT "`lockkeeper apply` does not carry that out, and does not begin."

static bool
is_of(const struct lk_check *check, const char *naming)
{
    const struct lk_naming *own = check->migration->folder->naming;

    return own != NULL && strcmp(own->name, naming) == 0;
}

/* ---- Atlas ---- */

static void
check_atlas(struct lk_check *check)
{
    struct lk_spans beyond = lk_atlas_beyond(check->mem, check->source);

    lk_vec_foreach(span, &beyond.items) {
        int length = (int)(span->end - span->start);
        struct lk_finding *finding = lk_report(check, *span, "Atlas would heed \"%.*s\"", length,
                                               check->source->original + span->start);
        lk_finding_detail(check, finding, LEFT_OUT);
    }
}

/* ---- goose ---- */

static bool
is_name_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* bare_end returns where $NAME ends that starts at `at`, or `at` where there is none. */
static uint32_t
bare_end(const char *text, uint32_t at, uint32_t limit)
{
    uint32_t end = at + 1;

    if (text[at] != '$' || end >= limit || strchr("0123456789", text[end]) != NULL)
        return at;
    while (end < limit && is_name_byte(text[end]))
        end++;
    return end == at + 1 || (end < limit && text[end] == '$') ? at : end; /* $tag$ */
}

/* has_value returns whether something stands for what starts at `at`. */
static bool
has_value(const struct lk_check *check, uint32_t at)
{
    lk_vec_foreach(inset, &check->source->insets.items)
        if (inset->span.start == at && inset->value != NULL)
            return true;
    return false;
}

static void
report_variable(struct lk_check *check, struct lk_span span, bool bare)
{
    const char *text = check->source->original + span.start;
    int length = (int)(span.end - span.start);
    struct lk_finding *finding =
        bare ? lk_report(check, span, "goose would put the value of %.*s in", length, text)
             : lk_report(check, span, "the environment has no value for %.*s", length, text);

    if (bare)
        lk_finding_detail(check, finding, LEFT_OUT " With braces it is carried out.");
    else
        lk_finding_detail(check, finding, LEFT_OUT);
}

/* check_line looks for variables in a line between ENVSUB ON and OFF, up to a comment. */
static void
check_line(struct lk_check *check, uint32_t start, uint32_t end)
{
    const char *text = check->source->original;
    const char *comment = memmem(text + start, end - start, "--", 2);

    if (comment != NULL)
        end = (uint32_t)(comment - text);

    for (uint32_t at = start; at < end; at++) {
        const char *close =
            text[at] == '$' && text[at + 1] == '{' ? memchr(text + at, '}', end - at) : NULL;
        uint32_t bare = bare_end(text, at, end);
        if (close != NULL && !has_value(check, at))
            report_variable(check, (struct lk_span){at, (uint32_t)(close - text) + 1}, false);
        else if (close == NULL && bare > at)
            report_variable(check, (struct lk_span){at, bare}, true);
        at = close != NULL ? (uint32_t)(close - text) : LK_MAX(bare, at + 1) - 1;
    }
}

static void
check_goose(struct lk_check *check)
{
    const char *text = check->source->original;
    struct lk_span region = check->script->region;
    bool on = false;

    for (uint32_t at = 0; at < region.end;) {
        uint32_t end = at + (uint32_t)strcspn(text + at, "\n");
        bool comment = lk_starts_with(text + at, "--");
        bool said = comment && memmem(text + at, end - at, "+goose ENVSUB O", 15) != NULL;
        if (said)
            on = memmem(text + at, end - at, "+goose ENVSUB ON", 16) != NULL;
        else if (on && !comment && at >= region.start)
            check_line(check, at, LK_MIN(end, region.end));
        at = end + 1;
    }
}

/* ---- files beside ---- */

static void
check_beside(struct lk_check *check)
{
    const struct lk_migration *migration = check->migration;
    const struct lk_folder *folder = migration->folder;
    const char *line = lk_naming_beside_unknown(check->mem, folder->naming, folder->path,
                                                &folder->files, migration->script);

    if (line == NULL)
        return;
    const char *path = lk_naming_beside_path(check->mem, folder->naming, migration->script);
    struct lk_finding *finding =
        lk_report_file(check, migration->path, migration->ordinal, "%s would heed \"%s\" in %s",
                       folder->naming->name, line, lk_path_base(path));
    lk_finding_detail(check, finding, LEFT_OUT);
}

static void
check_file(struct lk_check *check)
{
    if (is_of(check, "atlas"))
        check_atlas(check);
    if (is_of(check, "goose"))
        check_goose(check);
    if (check->migration->folder->naming != NULL)
        check_beside(check);
}

const struct lk_rule lk_rule_unsupported_directive = {
    .name = "unsupported-directive",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_INFO,
    .summary = "what the convention's own runner would do with the file, and apply does not",
    .leaves_out = true,
    .end_of_file = check_file,
};
