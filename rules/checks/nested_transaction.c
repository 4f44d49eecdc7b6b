/*
 * # nested-transaction
 *
 * ## What it flags
 *
 * BEGIN inside a transaction that the file has begun itself, and COMMIT or ROLLBACK where the file
 * has none open.
 *
 * ## Why it hurts
 *
 * PostgreSQL has no nested transactions. The inner BEGIN is a warning and nothing else, so the
 * first COMMIT ends everything, and what was meant to be one unit is two. A COMMIT without a
 * transaction is a warning too, and a sign that the file does not do what its author thinks.
 *
 * ## Do instead
 *
 * One BEGIN and one COMMIT around what belongs together; SAVEPOINT for a part that may fail.
 *
 * ## When it stays silent
 *
 * On COMMIT and ROLLBACK in a transaction that the runner has opened: that is
 * transaction-control-in-managed-migration.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: BEGIN, COMMIT, SAVEPOINT
 */
#include "parser/command.h"
#include "rules/fix.h"
#include "rules/suggest.h"

/* next_control returns the index of the first BEGIN, COMMIT or ROLLBACK from one on, or the number
 * of statements. */
static size_t
next_control(const struct lk_check *check, size_t from)
{
    const struct lk_outline *outline = check->outline;

    while (from < outline->steps.count &&
           (outline->steps.items[from].control == LK_CONTROL_NONE ||
            outline->steps.items[from].control == LK_CONTROL_SAVEPOINT))
        from++;
    return from;
}

static bool
is_plain_commit(const struct lk_check *check, size_t index)
{
    return index < check->outline->steps.count &&
           check->outline->steps.items[index].control == LK_CONTROL_COMMIT &&
           !check->outline->steps.items[index].chain;
}

/*
 * take_out_begin deletes the inner BEGIN, which does nothing; and its COMMIT, where the outer one
 * has another of its own: what is between the two is in the transaction then.
 */
static void
take_out_begin(struct lk_check *check, struct lk_finding *finding)
{
    size_t inner = next_control(check, check->statement->index + 1);
    size_t outer = next_control(check, inner + 1);

    if (((const TransactionStmt *)check->statement->tree)->options != NIL)
        lk_fix_refuse(check, finding);
    lk_fix_delete(check, finding, check->statement);
    if (is_plain_commit(check, inner) && is_plain_commit(check, outer)) {
        lk_fix_delete(check, finding, &check->script->statements.items[inner]);
        lk_fix_unsafe(check, finding);
    } else if (outer < check->outline->steps.count &&
               check->outline->steps.items[outer].control != LK_CONTROL_BEGIN) {
        lk_fix_refuse(check, finding);
    }
}

static void
check_transaction(struct lk_check *check, const Node *node)
{
    enum lk_control control = check->outline->steps.items[check->statement->index].control;
    const struct lk_session *session = check->session;

    if (control == LK_CONTROL_BEGIN && session->block) {
        struct lk_place begin = lk_source_place(
            check->script->source, check->script->statements.items[session->begin].span);
        struct lk_place here = lk_source_place(check->source, check->statement->span);
        bool elsewhere = begin.file != here.file;
        struct lk_finding *finding =
            lk_report(check, check->statement->span,
                      "%s inside the transaction that begins on line %u%s%s does nothing",
                      lk_command_tag(node), lk_source_position(begin.file, begin.span.start).line,
                      elsewhere ? " of " : "", elsewhere ? begin.file->path : "");
        lk_finding_detail(check, finding, "The next COMMIT ends all of it.");
        lk_finding_hint(check, finding, "-- for a part that may be rolled back:\nSAVEPOINT part;");
        take_out_begin(check, finding);
    } else if ((control == LK_CONTROL_COMMIT || control == LK_CONTROL_ROLLBACK) &&
               !session->block && !session->runner_block) {
        bool left = lk_reported(check); /* by a BEGIN that was inside another */
        struct lk_finding *finding = lk_report(check, check->statement->span,
                                               "%s without a transaction", lk_command_tag(node));
        lk_finding_hint(check, finding,
                        "-- where the transaction should start, or remove the %s:\nBEGIN;",
                        lk_command_tag(node));
        if (!left && !((const TransactionStmt *)node)->chain)
            lk_fix_delete(check, finding, check->statement);
    }
}

const struct lk_rule lk_rule_nested_transaction = {
    .name = "nested-transaction",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_ERROR,
    .summary = "BEGIN inside a transaction, or COMMIT without one",
    .fix = LK_RULE_FIX_EITHER,
    .aliases = {"squawk:transaction-nesting"},
    .on = {{T_TransactionStmt, check_transaction}},
};
