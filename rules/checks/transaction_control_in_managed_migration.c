/*
 * # transaction-control-in-managed-migration
 *
 * ## What it flags
 *
 * COMMIT or ROLLBACK in a migration around which its runner opens a transaction: Flyway, goose and
 * the like.
 *
 * ## Why it hurts
 *
 * The statement ends the runner's transaction, not one of the file's own (a BEGIN in front of it is
 * only a warning there). What follows runs without protection, and the history row is no longer
 * written together with the change: after a failure the runner's history and the database disagree.
 *
 * ## Do instead
 *
 * Remove BEGIN and COMMIT and leave the transaction to the runner; or switch its transaction off
 * for this file, and keep yours.
 *
 * ## When it stays silent
 *
 * Where the convention says how a file switches the transaction off and the file does; in
 * conventions whose runner opens none.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - Flyway documentation: executeInTransaction; goose documentation: NO TRANSACTION
 */
#include "parser/command.h"
#include "rules/suggest.h"

static void
check_transaction(struct lk_check *check, const Node *node)
{
    enum lk_control control = check->outline->steps.items[check->statement->index].control;
    const struct lk_naming *naming = check->migration->folder->naming;

    if (!check->session->runner_block ||
        (control != LK_CONTROL_COMMIT && control != LK_CONTROL_ROLLBACK))
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span, "%s ends the transaction that %s opened for this migration",
        lk_command_tag(node), naming->name);
    finding->runner = true;
    lk_finding_detail(check, finding,
                      "What follows runs outside a transaction, and the history row is not written "
                      "together with the change.");
    if (naming->transaction_off != NULL)
        lk_finding_hint(check, finding,
                        "Remove BEGIN and %s, or switch the runner's transaction off: %s.",
                        lk_command_tag(node), naming->transaction_off);
    else
        lk_finding_hint(check, finding, "Remove BEGIN and %s.", lk_command_tag(node));
}

const struct lk_rule lk_rule_transaction_control_in_managed_migration = {
    .name = "transaction-control-in-managed-migration",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "COMMIT or ROLLBACK ends the transaction that the runner opened",
    .on = {{T_TransactionStmt, check_transaction}},
};
