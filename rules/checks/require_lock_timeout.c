/*
 * # require-lock-timeout
 *
 * ## What it flags
 *
 * The first statement of a migration that takes a lock which keeps writes out of a table in use,
 * while nothing bounds how long it may wait for it.
 *
 * ## Why it hurts
 *
 * A statement that waits for a strong lock stands in a queue, and every later query on the table
 * stands behind it: one long transaction somewhere, and the table is out of use until it ends,
 * however quick the change itself would have been.
 *
 * ## Do instead
 *
 * Give up early and try again. `lockkeeper apply` does both by itself; say so in lockkeeper.yml,
 * and this rule is content:
 *
 * ```yaml
 * apply:
 *   lock_timeout: 5s
 * ```
 *
 * With another runner, in the file:
 *
 * ```sql
 * SET LOCAL lock_timeout = '5s'; -- SET, where the file is not one transaction
 * ```
 *
 * ## When it stays silent
 *
 * When the configuration or a directive in the file gives a lock_timeout; behind SET lock_timeout;
 * on tables that are new; on CONCURRENTLY and VALIDATE, which take weaker locks and must not be
 * cut short; on REFRESH ... CONCURRENTLY, which keeps nobody from reading; on triggers, rules,
 * policies and the like, of which trigger-on-existing-table speaks; where another rule on the
 * statement advises a form that needs no such lock (CONCURRENTLY), asks for the timeout already
 * (constraints in steps, referenced-table-lock), or reports as an error what is done to the table
 * under the lock (UNIQUE, PRIMARY KEY, VACUUM FULL, a column's new type): what is written instead
 * is looked at again. It reports once a migration.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 20.11 Client Connection Defaults, lock_timeout; 13.3 Explicit Locking
 */
#include "parser/command.h"
#include "rules/call.h"
#include "rules/fix.h"
#include "rules/registry.h"
#include "rules/suggest.h"
#include "rules/suppress.h"

/* is_all_of returns whether what one finding tells of a statement may be all that it locks for: an
 * ALTER TABLE with several subcommands does other things besides. */
static bool
is_all_of(const Node *tree)
{
    return !IsA(tree, AlterTableStmt) || list_length(((const AlterTableStmt *)tree)->cmds) == 1;
}

/* is_of returns whether a name is that of a relation, or of a column in it. */
static bool
is_of(const char *object, const char *relation)
{
    size_t length = strlen(relation);

    return strncmp(object, relation, length) == 0 &&
           (object[length] == '\0' || object[length] == '.');
}

/*
 * is_blamed returns whether an error about the very lock advises another way than to hold it while
 * the table is rewritten, read or indexed: once that way is taken, this rule looks again.
 */
static bool
is_blamed(const struct lk_check *check, const struct lk_lock *lock)
{
    uint32_t start = lk_source_span(check->source, check->statement->span).start;

    for (size_t i = check->findings->items.count; i-- > 0;) {
        const struct lk_finding *finding = &check->findings->items.items[i];
        if (finding->ordinal != check->migration->ordinal)
            return false;
        if (finding->target != start || finding->rule->group != LK_GROUP_LOCK ||
            finding->rule->severity != LK_SEVERITY_ERROR ||
            lk_will_suppress(check->directives, finding))
            continue;
        lk_vec_foreach(object, &finding->objects)
            if (is_of(*object, lock->relation))
                return true;
    }
    return false;
}

/*
 * is_told returns whether another rule has told of the statement what makes the wait go away; on
 * triggers and the like, of the table, or of a loose script, which nobody knows how to run.
 */
static bool
is_told(const struct lk_check *check, const struct lk_lock *lock)
{
    if (is_all_of(check->statement->tree) && is_blamed(check, lock))
        return true;
    const struct lk_rule *triggers = lk_rule_find("trigger-on-existing-table");

    return lk_is_bound_told(check) || lk_reported_on(check, triggers->name, lock->relation) ||
           (check->migration->folder->naming == NULL && lk_reported_by(check, triggers));
}

/* hinders_nobody returns whether a lock that lets others read is on what they can only read. */
static bool
hinders_nobody(const Node *tree)
{
    return IsA(tree, RefreshMatViewStmt) && ((const RefreshMatViewStmt *)tree)->concurrent;
}

static void
check_statement(struct lk_check *check)
{
    const struct lk_lock *lock = lk_strongest_lock(check->effects);

    if (lock == NULL || check->effects->concurrently || hinders_nobody(check->statement->tree) ||
        lk_wait_is_bounded(check) || lk_reported(check) || is_told(check, lock))
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "nothing bounds how long %s waits for its %s lock on %s, with %s queueing up behind it",
        lk_command_tag(check->statement->tree), lk_lock_sql(lock->mode), lock->relation,
        lk_lock_blocks(lock->mode));
    lk_finding_object(check, finding, lock->relation);
    struct lk_session session = *check->session;
    struct lk_check caller = lk_caller(check, &session);
    bool local = lk_session_in_transaction(caller.session);
    const char *set = local ? "SET LOCAL lock_timeout = '5s';" : "SET lock_timeout = '5s';";
    const char *reset = local ? "" : "\nRESET lock_timeout;";
    lk_fix_bound(&caller, finding);
    lk_finding_hint_marked(check, finding, "%s\n%s;%s", set, lk_marked_text(check), reset);
}

const struct lk_rule lk_rule_require_lock_timeout = {
    .name = "require-lock-timeout",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a statement may wait for a strong lock without end, and all others behind it",
    .fix = LK_RULE_FIX_SAFE,
    .aliases = {"squawk:require-timeout-settings"},
    .on_statement = check_statement,
};
