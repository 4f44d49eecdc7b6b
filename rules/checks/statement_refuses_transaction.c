/*
 * # statement-refuses-transaction
 *
 * ## What it flags
 *
 * Statements that the server refuses in a transaction block, where there is one, and in DO: VACUUM,
 * CREATE and DROP DATABASE, CREATE and DROP TABLESPACE, ALTER SYSTEM, ALTER DATABASE ... SET
 * TABLESPACE, DISCARD ALL, CLUSTER without a table, REINDEX of a schema, a database or a
 * partitioned table, subscriptions with a replication slot. (The CONCURRENTLY forms have a rule of
 * their own.)
 *
 * ## Why it hurts
 *
 * SQLSTATE 25001: the migration fails.
 *
 * ## Do instead
 *
 * Give the statement a migration of its own and switch the transaction off there.
 *
 * ## When it stays silent
 *
 * Outside transactions, and where the runner notices the statement and opens none.
 *
 * ## Versions
 *
 * All; the list is that of PostgreSQL 15 and 18, which agree.
 *
 * ## References
 *
 * - PostgreSQL source: the callers of PreventInTransactionBlock()
 */
#include "parser/command.h"
#include "rules/fix.h"
#include "rules/suggest.h"

static void
check_statement(struct lk_check *check)
{
    const Node *tree = check->statement->tree;

    if (!check->effects->refuses_transaction || lk_is_concurrently(tree) ||
        !lk_session_in_transaction(check->session))
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span, "%s cannot run inside a transaction%s", lk_command_tag(tree),
        check->session->body    ? ", and a DO block is one"
        : check->session->block ? " block"
                                : ", and the runner opens one");
    finding->runner = !check->session->block && !check->session->body;
    lk_finding_hint(check, finding, "%s%s;", lk_outside_advice(check), lk_statement_text(check));
    lk_fix_outside(check, finding);
}

const struct lk_rule lk_rule_statement_refuses_transaction = {
    .name = "statement-refuses-transaction",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "the statement is refused inside a transaction",
    .fix = LK_RULE_FIX_SAFE,
    .on_statement = check_statement,
};
