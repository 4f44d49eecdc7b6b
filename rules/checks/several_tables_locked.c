/*
 * # several-tables-locked
 *
 * ## What it flags
 *
 * A transaction whose statements take ACCESS EXCLUSIVE locks on more than one table in use.
 *
 * ## Why it hurts
 *
 * The first table stays out of use while the transaction waits for the second one. And where others
 * use the tables in another order, each side holds what the other one waits for: a deadlock, which
 * ends one of them.
 *
 * ## Do instead
 *
 * One migration per table:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN nickname text;
 * -- in the next migration:
 * ALTER TABLE orders ADD COLUMN note text;
 * ```
 *
 * ## When it stays silent
 *
 * For tables created in the same migration; a table and its partitions count as one; so do tables
 * that one statement locks together. Of DROP INDEX that require-concurrent-index-deletion would
 * have with CONCURRENTLY, and so in a migration of its own. It reports once a migration.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 13.3.4 Deadlocks
 */
#include "parser/command.h"
#include "rules/suggest.h"

/* other_than returns a lock on another family of tables that the transaction holds, or NULL. */
static const struct lk_held_lock *
other_than(const struct lk_check *check, const char *root)
{
    lk_vec_foreach(lock, &check->held->locks)
        if (lock->mode == LK_LOCK_ACCESS_EXCLUSIVE && strcmp(lock->root, root) != 0)
            return lock;
    return NULL;
}

/* is_waited_for returns whether a statement asks for a lock that keeps others out of a table, and
 * that the transaction does not hold yet. */
static bool
is_waited_for(const struct lk_check *check, const struct lk_lock *lock)
{
    if (lock->is_new || lock->mode != LK_LOCK_ACCESS_EXCLUSIVE)
        return false;
    const struct lk_held_lock *held = lk_held_on(check->held, lock->relation);
    return (held == NULL || held->mode < lock->mode) &&
           lk_locks_table(check->statement->tree, lock);
}

static void
check_statement(struct lk_check *check)
{
    if (check->held->locks.count == 0 || lk_reported(check) ||
        lk_reported_here(check, "require-concurrent-index-deletion"))
        return;
    lk_vec_foreach(lock, &check->effects->locks) {
        if (!is_waited_for(check, lock))
            continue;
        const struct lk_held_lock *first = other_than(check, lk_root_of_lock(check->mem, lock));
        if (first == NULL)
            continue;
        struct lk_finding *finding =
            lk_report(check, check->statement->span,
                      "%s waits for an ACCESS EXCLUSIVE lock on %s while the transaction holds "
                      "one on %s: reads and writes of both wait",
                      lk_command_tag(check->statement->tree), lock->relation, first->relation);
        lk_finding_object(check, finding, first->relation);
        lk_finding_object(check, finding, lock->relation);
        lk_finding_hint(check, finding, "-- in a migration of its own:\n%s",
                        lk_statement_apart(check));
        return;
    }
}

const struct lk_rule lk_rule_several_tables_locked = {
    .name = "several-tables-locked",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "one transaction keeps others out of several tables",
    .on_statement = check_statement,
};
