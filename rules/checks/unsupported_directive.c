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
#include "parser/base/text.h"
#include "rules/suggest.h"

#define LEFT_OUT "`lockkeeper apply` does not carry that out, and does not begin."

static void
report(struct lk_check *check, const struct lk_naming *naming, const struct lk_beyond *beyond)
{
    const struct lk_span span = beyond->span;
    const char *text = check->source->original + span.start;
    int length = (int)(span.end - span.start);
    struct lk_finding *finding = NULL;

    switch (beyond->kind) {
    case LK_BEYOND_DIRECTIVE:
        finding = lk_report(check, span, "%s would heed \"%.*s\"", naming->name, length, text);
        break;
    case LK_BEYOND_VALUE:
        finding =
            lk_report(check, span, "%s would put the value of %.*s in", naming->name, length, text);
        break;
    case LK_BEYOND_NO_VALUE:
        finding = lk_report(check, span, "the environment has no value for %.*s", length, text);
        break;
    }
    lk_finding_detail(check, finding,
                      beyond->kind == LK_BEYOND_VALUE ? LEFT_OUT " With braces it is carried out."
                                                      : LEFT_OUT);
}

/* check_beside looks at the file beside the migration. */
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
    const struct lk_naming *naming = check->migration->folder->naming;

    if (naming == NULL)
        return;
    if (naming->beyond != NULL) {
        struct lk_beyonds found = naming->beyond(check->mem, check->source, check->script->region);
        lk_vec_foreach(beyond, &found.items)
            report(check, naming, beyond);
    }
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
