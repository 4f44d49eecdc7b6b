/*
 * # mixed-transaction-modes
 *
 * ## What it flags
 *
 * A migration that holds both statements that need no transaction of their own and statements that
 * refuse to run in one, such as CREATE INDEX CONCURRENTLY.
 *
 * ## Why it hurts
 *
 * It cannot be one transaction. `lockkeeper apply` carries it out in segments, each recorded; when
 * one fails, those before it stay. Other runners refuse such a file (Flyway), or run all of it
 * without a transaction and lose track of where they were.
 *
 * ## Do instead
 *
 * Move each statement that refuses a transaction to a migration of its own.
 *
 * ## When it stays silent
 *
 * When the file says so itself: with its own BEGIN and COMMIT around the rest, or with the
 * convention's mark that switches the transaction off. SET counts as neither kind.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Flyway documentation: mixed
 */
#include "parser/command.h"
#include "rules/fix.h"
#include "rules/suggest.h"

static void
check_file(struct lk_check *check)
{
    const struct lk_outline *outline = check->outline;
    size_t first = 0;

    if (outline->refusing == 0 || outline->ordinary == 0 || outline->own_blocks ||
        outline->transaction_off || outline->runner_block || outline->one_message)
        return;
    while (!outline->steps.items[first].refuses)
        first++;
    const Node *tree = lk_script_tree(check->script, first);
    check->statement = &check->script->statements.items[first];
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "%s cannot share a transaction with the other statements: the migration will be "
                  "carried out in segments",
                  lk_command_tag(tree));
    lk_finding_detail(check, finding,
                      "If a segment fails, the ones before it stay in the database.");
    lk_finding_hint(check, finding, "-- in a migration of its own:\n%s;", lk_statement_text(check));
    struct lk_effects effects = lk_effects_of(check->mem, check->catalog, tree);
    check->effects = &effects;
    lk_fix_outside(check, finding);
    check->effects = NULL;
}

const struct lk_rule lk_rule_mixed_transaction_modes = {
    .name = "mixed-transaction-modes",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "one file holds statements for a transaction and statements that refuse one",
    .fix = LK_RULE_FIX_SAFE,
    .end_of_file = check_file,
};
