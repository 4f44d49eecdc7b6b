/*
 * # transaction-control-in-managed-migration
 *
 * ## What it flags
 *
 * COMMIT or ROLLBACK in a migration around which its runner opens a transaction: Flyway, goose and
 * the like. And COMMIT or ROLLBACK in a DO block that is executed inside a transaction, the
 * runner's or the file's own.
 *
 * ## Why it hurts
 *
 * The statement ends the runner's transaction, not one of the file's own (a BEGIN in front of it is
 * only a warning there). What follows runs without protection, and the history row is no longer
 * written together with the change: after a failure the runner's history and the database disagree.
 *
 * In a DO block it fails (SQLSTATE 2D000, invalid transaction termination).
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

/* check_block looks at a statement in a DO block, which can commit where nothing is around it. */
static void
check_block(struct lk_check *check, const TransactionStmt *stmt)
{
    const struct lk_session *session = check->session;
    const struct lk_naming *naming = check->migration->folder->naming;

    if ((stmt->kind != TRANS_STMT_COMMIT && stmt->kind != TRANS_STMT_ROLLBACK) ||
        !(session->block || session->runner_block || session->one_message))
        return;
    const char *where = session->block          ? "between BEGIN and COMMIT"
                        : session->runner_block ? "in the transaction that the runner opens"
                                                : "in a file that is sent as one message";
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "%s in a DO block fails %s",
                  lk_command_tag((const Node *)stmt), where);
    finding->runner = !session->block;
    if (session->block)
        lk_finding_hint(check, finding, "Give the block a migration of its own, without BEGIN.");
    else if (session->runner_block && naming->transaction_off != NULL)
        lk_finding_hint(check, finding,
                        "Give the block a migration of its own, with the runner's transaction "
                        "switched off: %s.",
                        naming->transaction_off);
    else
        lk_finding_hint(check, finding, "Give the block a migration of its own.");
}

static void
check_transaction(struct lk_check *check, const Node *node)
{
    enum lk_control control = check->outline->steps.items[check->statement->index].control;
    const struct lk_naming *naming = check->migration->folder->naming;

    if (check->nested != NULL) {
        check_block(check, (const TransactionStmt *)node);
        return;
    }
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
