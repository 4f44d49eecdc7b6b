/*
 * # require-explicit-transaction
 *
 * ## What it flags
 *
 * A migration without BEGIN and COMMIT of its own, where its runner opens no transaction. Off by
 * default: `lockkeeper apply` opens one itself where it can.
 *
 * ## Why it hurts
 *
 * Carried out by psql, or by a runner that sends statement by statement, a file that fails in the
 * middle leaves the first half behind.
 *
 * ## Do instead
 *
 * ```sql
 * BEGIN;
 * ALTER TABLE users ADD COLUMN locale text;
 * CREATE VIEW locales AS SELECT DISTINCT locale FROM users;
 * COMMIT;
 * ```
 *
 * ## When it stays silent
 *
 * Where the runner puts a transaction around the file, or sends it as one message, which is one;
 * where the file asks to be run outside of a transaction, or has a statement that refuses one; on
 * files with one statement or none.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: BEGIN
 */
#include "rules/suggest.h"

static void
check_file(struct lk_check *check)
{
    const struct lk_outline *outline = check->outline;

    if (outline->own_blocks || outline->transaction_off || outline->runner_block ||
        outline->one_message || outline->refusing > 0 || outline->ordinary < 2)
        return;
    struct lk_finding *finding = lk_report_file(
        check, check->migration->path, check->migration->ordinal,
        "the migration has no BEGIN and COMMIT around its %zu statements", outline->ordinary);
    lk_finding_hint(check, finding, "Start the file with BEGIN, and end it with COMMIT.");
}

const struct lk_rule lk_rule_require_explicit_transaction = {
    .name = "require-explicit-transaction",
    .group = LK_GROUP_VERSION,
    .severity = LK_SEVERITY_OFF,
    .summary = "a migration of several statements without BEGIN and COMMIT",
    .end_of_file = check_file,
};
