/*
 * # long-work-under-strong-lock
 *
 * ## What it flags
 *
 * A statement that reads or rewrites a whole table, builds an index or writes many rows, behind a
 * statement of the same transaction that took an ACCESS EXCLUSIVE lock on a table in use.
 *
 * ## Why it hurts
 *
 * The lock is held to the transaction's end. However quick the statement was that took it, nobody
 * reads or writes that table until the long one is done.
 *
 * ## Do instead
 *
 * Move the long statement to a migration of its own:
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN nickname text;
 * -- in the next migration:
 * CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
 * ```
 *
 * ## When it stays silent
 *
 * For work on tables created in the same migration; where another rule speaks of it: of statements
 * that take the ACCESS EXCLUSIVE lock for their own work on the table, ddl-with-backfill of rows of
 * the locked table, validate-in-same-transaction of VALIDATE, require-concurrent-index-creation of
 * CREATE INDEX, adding-foreign-key-constraint of foreign keys that are checked at once: what those
 * advise takes the work out of the transaction. For UPDATE that sets all columns, or those of a
 * unique key, to constants: the table has a single row. It reports once a migration.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 13.3.1 Table-Level Locks
 */
#include "parser/command.h"
#include "rules/suggest.h"

/* locked returns the first table that the transaction holds ACCESS EXCLUSIVE, or NULL. */
static const struct lk_held_lock *
locked(const struct lk_held *held)
{
    lk_vec_foreach(lock, &held->locks)
        if (lock->mode == LK_LOCK_ACCESS_EXCLUSIVE)
            return lock;
    return NULL;
}

static enum lk_lock_mode
own_mode(const struct lk_effects *effects, const char *relation)
{
    lk_vec_foreach(lock, &effects->locks)
        if (strcmp(lock->relation, relation) == 0)
            return lock->mode;
    return LK_LOCK_NONE;
}

/* is_used returns whether a relation that is worked through is one that others may be using. */
static bool
is_used(const struct lk_check *check, const char *relation)
{
    const struct lk_relation *known = lk_named_relation(check->mem, check->catalog, relation);

    return known == NULL ||
           (!known->temporary && !lk_object_is_new(check->catalog, &known->object));
}

/* report_work reports work on a relation; false where there is nothing to report. */
static bool
report_work(struct lk_check *check, const char *relation, const char *work)
{
    const struct lk_held_lock *lock = locked(check->held);
    const char *root = lk_root_name(check->mem, check->catalog, relation);

    if (lock == NULL || own_mode(check->effects, relation) == LK_LOCK_ACCESS_EXCLUSIVE ||
        !is_used(check, relation) || lk_reported_on(check, "validate-in-same-transaction", root) ||
        lk_reported_on(check, "ddl-with-backfill", root))
        return false;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "%s %s %s while the transaction holds the ACCESS EXCLUSIVE lock of %s on %s: reads and "
        "writes of that wait",
        lk_command_tag(check->statement->tree), work, relation, lock->tag, lock->relation);
    lk_finding_object(check, finding, lock->relation);
    lk_finding_hint(check, finding, "-- in a migration of its own:\n%s", lk_statement_apart(check));
    return true;
}

/* has_rows returns whether a relation may have any: the transaction has not just emptied it. */
static bool
has_rows(const struct lk_check *check, const char *relation)
{
    const struct lk_held_lock *held = lk_held_on(check->held, relation);

    return held == NULL || !held->emptied;
}

static void
check_statement(struct lk_check *check)
{
    const Node *tree = check->statement->tree;
    const RangeVar *bulk = lk_bulk_target(check->catalog, tree);

    if (check->held->locks.count == 0 || lk_reported(check) ||
        lk_reported_here(check, "require-concurrent-index-creation") ||
        lk_reported_here(check, "adding-foreign-key-constraint"))
        return;
    if (bulk != NULL) {
        if (lk_is_row_table(lk_subject(check, bulk)) && !lk_subject_is_new(check, bulk))
            report_work(check, lk_subject_name(check, bulk), "writes rows of");
        return;
    }
    lk_vec_foreach(pass, &check->effects->rewrites)
        if (has_rows(check, pass->relation) && report_work(check, pass->relation, "writes anew"))
            return;
    lk_vec_foreach(pass, &check->effects->scans)
        if (has_rows(check, pass->relation) && report_work(check, pass->relation, "reads all of"))
            return;
}

const struct lk_rule lk_rule_long_work_under_strong_lock = {
    .name = "long-work-under-strong-lock",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "something takes long while the transaction keeps others out of a table",
    .on_statement = check_statement,
};
