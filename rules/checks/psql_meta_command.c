/*
 * # psql-meta-command
 *
 * ## What it flags
 *
 * A command of psql's (`\\connect`, `\\i`, `\\if`, `\\gexec`, ...) that `lockkeeper apply` does not
 * carry out, and one that psql itself does not know.
 *
 * ## Why it hurts
 *
 * What the file does depends on the program that runs it: only psql understands these lines, and
 * some of them decide at run time which statements are run. That cannot be checked before, nor
 * taken up where it stopped.
 *
 * ## Do instead
 *
 * Write what the command does in SQL: the statements of an included file into the migration, a `DO`
 * block for a condition, a migration in another database's folder for `\\connect`.
 *
 * ## When it stays silent
 *
 * On commands that change nothing on the server (`\\echo`, `\\timing`, `\\pset`, `\\restrict`,
 * ...), on
 * `\\set` and `\\unset`, whose variables are followed, on `\\g` and `\\;`, and on the rows behind
 * `COPY ... FROM STDIN` with their `\\.`: these are carried out.
 *
 * ## Versions
 *
 * The commands are those of psql 18.
 *
 * ## References
 *
 * - PostgreSQL documentation: psql, Meta-Commands
 */
#include "rules/suggest.h"

static void
check_file(struct lk_check *check)
{
    struct lk_span region = check->script->region;

    lk_vec_foreach(inset, &check->source->insets.items) {
        if (inset->kind != LK_INSET_COMMAND || inset->span.start < region.start ||
            inset->span.start >= region.end)
            continue;
        if (inset->command == NULL)
            lk_report(check, inset->span, "psql has no command \\%s", inset->name);
        else if (inset->command->why != NULL)
            lk_report(check, inset->span, "\\%s is not carried out: %s", inset->name,
                      inset->command->why);
    }
}

const struct lk_rule lk_rule_psql_meta_command = {
    .name = "psql-meta-command",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a command of psql's that the applier does not carry out",
    .end_of_file = check_file,
};
