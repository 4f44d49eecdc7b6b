/*
 * # psql-meta-command
 *
 * ## What it flags
 *
 * A command of psql's (`\connect`, `\gexec`, `\copy`, ...) that `lockkeeper apply` does not
 * carry out, one that psql itself does not know, an `\if` whose condition cannot be told, and a
 * file that cannot be included.
 *
 * ## Why it hurts
 *
 * What the file does depends on the program that runs it: only psql understands these lines, and
 * some of them decide at run time which statements are run. That cannot be checked before, nor
 * taken up where it stopped.
 *
 * ## Do instead
 *
 * Write what the command does in SQL: a `DO` block for a condition that only the database knows, a
 * migration in another database's folder for `\connect`. Give variables their values by `\set` in
 * the script, or in lockkeeper.yml under `apply: placeholders:`.
 *
 * ## When it stays silent
 *
 * On commands that change nothing on the server (`\echo`, `\timing`, `\pset`, `\restrict`,
 * ...), on `\set` and `\unset`, whose variables are followed, on `\g` and `\;`, and on the rows
 * behind `COPY ... FROM STDIN` with their `\.`: these are carried out.
 *
 * So are `\i` and `\ir`: the statements of the file take the command's place, its findings and
 * suppressions are those of that file, and the migration's SHA-256 is that of the whole text.
 * `\ir` looks beside the file it stands in; `\i` in the working directory, as in psql, and then
 * in the repository's folder. The file, links resolved, has to lie in the repository (the
 * folder above the migrations that has a `.git`), or where there is none in the folder of the
 * migrations.
 * `-- lockkeeper: ignore-file` means the file that it stands in.
 *
 * And so are `\if`, `\elif`, `\else` and `\endif` where the condition is known: a Boolean as
 * psql takes it, a variable with a value, `:{?name}`. What is ruled out is neither checked nor
 * sent.
 *
 * `plan` and `apply` do not begin while there is such a command that no
 * `-- lockkeeper: ignore-file` of its file suppresses: what they would leave out, somebody meant to
 * be done. That depends neither on the severity of this rule, nor on whether it is on, nor on
 * `--no-gate`.
 *
 * ## Versions
 *
 * The commands are those of psql 18.
 *
 * ## References
 *
 * - PostgreSQL documentation: psql, Meta-Commands; psql, Variables
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
        else if (inset->why != NULL)
            lk_report(check, inset->span, "\\%s is not carried out: %s", inset->name, inset->why);
    }
}

const struct lk_rule lk_rule_psql_meta_command = {
    .name = "psql-meta-command",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a command of psql's that the applier does not carry out",
    .leaves_out = true,
    .end_of_file = check_file,
};
