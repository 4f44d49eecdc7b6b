/*
 * # lock-upgrade
 *
 * ## What it flags
 *
 * A strong lock on a table in use of which the transaction holds a weaker one already: rows of it
 * were written or locked by SELECT ... FOR UPDATE, or an index or a foreign key was added to it.
 *
 * ## Why it hurts
 *
 * Others may take locks that go along with the weak one and not with the strong one. Each that then
 * waits for something that this transaction holds, a row or the table, makes a deadlock with it;
 * and the server ends one of the two.
 *
 * ## Do instead
 *
 * Give each a transaction of its own, or put the statement with the strongest lock first:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN nickname text;
 * UPDATE users SET nickname = 'root' WHERE id = 1;
 * ```
 *
 * ## When it stays silent
 *
 * On tables created in the same migration; for locks that only keep other schema changes out
 * (VALIDATE, COMMENT); where many rows were written, of which ddl-with-backfill speaks. It reports
 * once a table and migration.
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

/* A statement that locks more than these locks partitions, and the tables that they belong to. */
#define LOCKS_READ 64

/* invites returns whether others can wait for what comes with a lock, while it lets them in. */
static bool
invites(const struct lk_held_lock *held)
{
    return held->mode != LK_LOCK_SHARE_UPDATE_EXCLUSIVE && !held->bulk;
}

static void
check_statement(struct lk_check *check)
{
    const struct lk_effects *effects = check->effects;

    if (check->held->locks.count == 0)
        return;
    for (size_t i = 0; i < effects->locks.count && i < LOCKS_READ; i++) {
        const struct lk_lock *lock = &effects->locks.items[i];
        const struct lk_held_lock *held = lock->is_new || !lk_lock_is_strong(lock->mode)
                                              ? NULL
                                              : lk_held_on(check->held, lock->relation);
        if (held == NULL || held->mode >= lock->mode || !invites(held) ||
            lk_reported_on(check, check->rule->name, lock->relation))
            continue;
        struct lk_finding *finding = lk_report(
            check, check->statement->span,
            "%s waits for its %s lock on %s while the transaction holds the %s lock of %s "
            "on it: with one who has read the table and now waits to write, that is a "
            "deadlock",
            lk_command_tag(check->statement->tree), lk_lock_sql(lock->mode), lock->relation,
            lk_lock_sql(held->mode), held->tag);
        lk_finding_object(check, finding, lock->relation);
        lk_finding_hint(check, finding, "-- in a migration of its own, or in front of %s:\n%s",
                        held->tag, lk_statement_apart(check));
        return;
    }
}

const struct lk_rule lk_rule_lock_upgrade = {
    .name = "lock-upgrade",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a weak and then a strong lock on one table in one transaction: deadlock",
    .on_statement = check_statement,
};
