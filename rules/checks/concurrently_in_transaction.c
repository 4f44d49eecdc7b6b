/*
 * # concurrently-in-transaction
 *
 * ## What it flags
 *
 * `CREATE INDEX CONCURRENTLY`, `DROP INDEX CONCURRENTLY`, `REINDEX ... CONCURRENTLY` and
 * `DETACH PARTITION ... CONCURRENTLY` inside a transaction: between BEGIN and COMMIT, in the
 * transaction that the migration's runner opens, in the implicit one of a file that the runner
 * sends as one message, or in a DO block, which always is one.
 *
 * ## Why it hurts
 *
 * The server refuses it (SQLSTATE 25001): these commands commit on the way. The migration fails.
 *
 * ## Do instead
 *
 * Give the statement a migration of its own and switch the transaction off there, in the way of
 * your runner: `-- +goose NO TRANSACTION`, `executeInTransaction=false` in Flyway's .conf file, a
 * single statement in the file for golang-migrate.
 *
 * ## When it stays silent
 *
 * On `REFRESH MATERIALIZED VIEW CONCURRENTLY`, which transactions allow; and where the runner
 * notices the statement by itself and opens no transaction (Flyway does for CREATE and DROP INDEX
 * CONCURRENTLY; `lockkeeper apply` does for all).
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: CREATE INDEX, "Building Indexes Concurrently"
 * - PostgreSQL documentation: 55.2.2.1 Multiple Statements in a Simple Query
 */
#include "rules/fix.h"
#include "rules/suggest.h"

static void
check_statement(struct lk_check *check)
{
    if (!lk_is_concurrently(check->statement->tree) || !lk_session_in_transaction(check->session))
        return;
    const char *where = check->session->body           ? "inside a DO block"
                        : check->session->block        ? "inside BEGIN ... COMMIT"
                        : check->session->runner_block ? "inside the runner's transaction"
                                                       : "in a file that is sent as one message";
    struct lk_finding *finding = lk_report(
        check, check->statement->span, "CONCURRENTLY %s fails: the server refuses it there", where);
    finding->runner = !check->session->block && !check->session->body;
    lk_vec_foreach(lock, &check->effects->locks)
        lk_finding_object(check, finding, lock->relation);
    lk_finding_hint(check, finding, "%s%s;", lk_outside_advice(check), lk_statement_text(check));
    lk_fix_outside(check, finding);
}

const struct lk_rule lk_rule_concurrently_in_transaction = {
    .name = "concurrently-in-transaction",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "CONCURRENTLY inside a transaction is refused",
    .fix = LK_RULE_FIX_SAFE,
    .aliases = {"squawk:ban-concurrent-index-creation-in-transaction", "atlas:PG103"},
    .on_statement = check_statement,
};
