/*
 * # transaction-control-in-managed-migration
 *
 * ## What it flags
 *
 * COMMIT or ROLLBACK in a migration around which its runner opens a transaction: Flyway, goose and
 * the like. And those in a DO block, or in a procedure that is called, inside of a transaction, be
 * it the runner's or the file's own.
 *
 * ## Why it hurts
 *
 * The statement ends the runner's transaction, not one of the file's own (a BEGIN in front of it is
 * only a warning there). What follows runs without protection, and the history row is no longer
 * written together with the change: after a failure the runner's history and the database disagree.
 *
 * In a DO block and in a procedure it fails (SQLSTATE 2D000, invalid transaction termination).
 *
 * ## Do instead
 *
 * Remove BEGIN and COMMIT and leave the transaction to the runner; or switch its transaction off
 * for this file, and keep yours.
 *
 * ## When it stays silent
 *
 * Where the convention says how a file switches the transaction off and the file does; in
 * conventions whose runner opens none. On CALL of a procedure that commits under a condition, or
 * that the history does not tell of.
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
#include "rules/fix.h"
#include "rules/suggest.h"

/* is_inside returns whether a statement is executed inside a transaction that it cannot end. */
static bool
is_inside(const struct lk_session *session)
{
    return session->block || session->runner_block || session->one_message;
}

/* report_inside reports what ends the transaction from within a routine, which is refused there. */
static void
report_inside(struct lk_check *check, const char *what, const char *kind)
{
    const struct lk_session *session = check->session;
    const struct lk_naming *naming = check->migration->folder->naming;
    const char *where = session->block          ? "between BEGIN and COMMIT"
                        : session->runner_block ? "in the transaction that the runner opens"
                                                : "in a file that is sent as one message";
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "%s fails %s", what, where);

    finding->runner = !session->block;
    if (session->block)
        lk_finding_hint(check, finding, "Give the %s a migration of its own, without BEGIN.", kind);
    else if (session->runner_block && naming->transaction_off != NULL)
        lk_finding_hint(check, finding,
                        "Give the %s a migration of its own, with the runner's transaction "
                        "switched off: %s.",
                        kind, naming->transaction_off);
    else
        lk_finding_hint(check, finding, "Give the %s a migration of its own.", kind);
}

/* check_block looks at a statement in a DO block, which can commit where nothing is around it. */
static void
check_block(struct lk_check *check, const TransactionStmt *stmt)
{
    if ((stmt->kind == TRANS_STMT_COMMIT || stmt->kind == TRANS_STMT_ROLLBACK) &&
        is_inside(check->session))
        report_inside(check,
                      lk_fmt(check->mem, "%s in a DO block", lk_command_tag((const Node *)stmt)),
                      "block");
}

/* check_call looks at CALL of a procedure that commits, whichever of its name it is. */
static void
check_call(struct lk_check *check, const Node *node)
{
    struct lk_qname name = lk_qname_of_list(((const CallStmt *)node)->funccall->funcname);

    if (is_inside(check->session) && lk_catalog_commits(check->catalog, name.schema, name.name))
        report_inside(check, lk_fmt(check->mem, "the COMMIT in %s", lk_qname_sql(check->mem, name)),
                      "CALL");
}

/*
 * take_out deletes the COMMIT at hand, and the BEGIN in front of it. Where the file has other
 * statements outside of the two, those are in the same transaction then.
 */
static void
take_out(struct lk_check *check, struct lk_finding *finding)
{
    const struct lk_outline *outline = check->outline;
    size_t index = check->statement->index;

    for (size_t i = 0; i < outline->steps.count; i++)
        if (outline->steps.items[i].refuses || outline->steps.items[i].chain ||
            outline->steps.items[i].control == LK_CONTROL_ROLLBACK)
            lk_fix_refuse(check, finding);
    lk_fix_delete(check, finding, check->statement);
    while (index > 0 && outline->steps.items[index - 1].control == LK_CONTROL_NONE)
        index--;
    if (index > 0 && outline->steps.items[index - 1].control == LK_CONTROL_BEGIN) {
        if (outline->steps.items[index - 1].options)
            lk_fix_refuse(check, finding);
        lk_fix_delete(check, finding, &check->script->statements.items[index - 1]);
    }
    if (!outline->whole_block && check->statement->index + 1 < outline->steps.count)
        lk_fix_unsafe(check, finding);
}

static void
check_transaction(struct lk_check *check, const Node *node)
{
    enum lk_control control = check->outline->steps.items[check->statement->index].control;
    const struct lk_naming *naming = check->migration->folder->naming;

    if (check->call != NULL) /* of which check_call tells */
        return;
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
    take_out(check, finding);
}

const struct lk_rule lk_rule_transaction_control_in_managed_migration = {
    .name = "transaction-control-in-managed-migration",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "COMMIT or ROLLBACK ends the transaction that the runner opened",
    .fix = LK_RULE_FIX_EITHER,
    .on = {{T_TransactionStmt, check_transaction}, {T_CallStmt, check_call}},
};
