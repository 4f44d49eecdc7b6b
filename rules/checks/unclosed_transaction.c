/*
 * # unclosed-transaction
 *
 * ## What it flags
 *
 * BEGIN or START TRANSACTION without a COMMIT or ROLLBACK behind it.
 *
 * ## Why it hurts
 *
 * When the session ends the server rolls everything back: the migration seems to succeed and has
 * done nothing. Until then its locks stay, and whatever runs next on the connection runs inside.
 *
 * ## Do instead
 *
 * ```sql
 * BEGIN;
 * ALTER TABLE users ADD COLUMN nickname text;
 * COMMIT;
 * ```
 *
 * or leave both to the runner.
 *
 * ## When it stays silent
 *
 * Never.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: BEGIN
 */
#include "rules/fix.h"
#include "rules/suggest.h"

static void
check_file(struct lk_check *check)
{
    if (!check->session->block)
        return;
    check->statement = &check->script->statements.items[check->session->begin];
    lk_script_tree(check->script, check->session->begin);
    struct lk_finding *finding = lk_report(check, check->statement->span,
                                           "the transaction that begins here is never committed");
    lk_finding_detail(check, finding,
                      "At the end of the session the server rolls it back, and all is lost.");
    lk_finding_hint(check, finding, "-- at the end of the file:\nCOMMIT;");
    if (check->outline->runner_block || check->outline->one_message)
        return; /* it would end the runner's own transaction */
    lk_fix_append(check, finding, "COMMIT;");
    lk_fix_unsafe(check, finding); /* what was lost before takes effect then */
}

const struct lk_rule lk_rule_unclosed_transaction = {
    .name = "unclosed-transaction",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "BEGIN without COMMIT",
    .fix = LK_RULE_FIX_UNSAFE,
    .aliases = {"squawk:ban-uncommitted-transaction"},
    .end_of_file = check_file,
};
