/*
 * # ineffective-set-local
 *
 * ## What it flags
 *
 * `SET LOCAL` where no transaction is open.
 *
 * ## Why it hurts
 *
 * The server answers with a warning and sets nothing. A lock_timeout that seems to be there is not,
 * and the next statement waits for its lock without end.
 *
 * ## Do instead
 *
 * ```sql
 * SET lock_timeout = '5s';
 * ALTER TABLE users ADD COLUMN age integer;
 * RESET lock_timeout;
 * ```
 *
 * or put BEGIN in front of SET LOCAL and COMMIT behind the statements that it is for.
 *
 * ## When it stays silent
 *
 * Between BEGIN and COMMIT, in DO blocks, and where the runner opens a transaction or sends the
 * file as one message. `lockkeeper apply` opens a transaction of its own around a file that allows
 * it: the finding is about other ways to carry out the file.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: SET
 */
#include "parser/base/text.h"
#include "parser/lexer.h"
#include "rules/fix.h"
#include "rules/set.h"
#include "rules/suggest.h"

/* cut_local takes the word LOCAL out. */
static void
cut_local(struct lk_check *check, struct lk_finding *finding)
{
    const char *text = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, check->statement->span);
    struct lk_token token = lk_lex_code(&lexer);

    while (token.kind != LK_TOKEN_END && !lk_token_is(text, token, "local"))
        token = lk_lex_code(&lexer);
    if (token.kind != LK_TOKEN_END)
        lk_fix_cut(check, finding, token.span);
}

static void
check_set(struct lk_check *check, const Node *node)
{
    struct lk_set set = lk_set_of(node);

    if (!set.local || lk_session_in_transaction(check->session))
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "SET LOCAL %s has no effect: there is no transaction that it could be local to", set.name);
    finding->runner = check->outline->mode == LK_MODE_TRANSACTIONAL && !check->outline->own_blocks;
    cut_local(check, finding);
    lk_finding_hint(check, finding, "%s;\n-- and behind the statements that it is for:\nRESET %s;",
                    lk_fix_statement(check, finding), set.name);
    lk_fix_append(check, finding, lk_fmt(check->mem, "RESET %s;", set.name));
    if (!lk_ends_with(set.name, "_timeout")) /* names may mean something else from here on */
        lk_fix_unsafe(check, finding);
}

const struct lk_rule lk_rule_ineffective_set_local = {
    .name = "ineffective-set-local",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "SET LOCAL outside of a transaction sets nothing",
    .fix = LK_RULE_FIX_EITHER,
    .on = {{T_VariableSetStmt, check_set}},
};
