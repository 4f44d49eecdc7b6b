/*
 * # ddl-with-backfill
 *
 * ## What it flags
 *
 * A change of a table in use, and UPDATE, DELETE, MERGE or INSERT ... SELECT of the same table, in
 * one transaction.
 *
 * ## Why it hurts
 *
 * Locks are held to the transaction's end. Behind ALTER TABLE the ACCESS EXCLUSIVE lock stays while
 * the rows are written: reads and writes wait for all of that time. The other way round the rows
 * that are written stay locked while ALTER TABLE waits for its lock, and whoever waits for one of
 * them and has touched the table makes it a deadlock.
 *
 * ## Do instead
 *
 * Three migrations: the change that comes before, the rows in batches (each batch a transaction),
 * and the change that comes behind.
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN state text;
 * -- in the next migration, in batches:
 * UPDATE users SET state = 'new' WHERE state IS NULL AND id BETWEEN 1 AND 5000;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration; for INSERT of given rows, and UPDATE and DELETE that
 * pick their rows by a unique column; for UPDATE that sets all columns, or those of a unique key,
 * to constants, as of a table with a single row; where the two are in transactions of their own.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 13.3 Explicit Locking
 */
#include "parser/command.h"
#include "rules/suggest.h"

static bool
is_used_table(const struct lk_check *check, const RangeVar *range)
{
    return !lk_subject_is_new(check, range) && lk_is_row_table(lk_subject(check, range));
}

/* check_write reports rows that are written behind a change of their table. */
static void
check_write(struct lk_check *check, const Node *node)
{
    const RangeVar *range = lk_bulk_target(check->catalog, node);

    if (range == NULL || !is_used_table(check, range))
        return;
    char *table = lk_subject_name(check, range);
    const struct lk_held_lock *lock = lk_held_on(check->held, table);
    if (lock == NULL || !lock->ddl || !lk_lock_is_strong(lock->mode) ||
        lk_reported_on(check, check->rule->name, table))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "%s of %s runs while the transaction holds the %s lock of %s on it: %s wait",
                  lk_command_tag(node), lk_range_sql(check->mem, range), lk_lock_sql(lock->mode),
                  lock->tag, lk_lock_blocks(lock->mode));
    lk_finding_object(check, finding, table);
    const char *root = lk_root_name(check->mem, check->catalog, table);
    if (strcmp(root, table) != 0) /* what other rules say of the transaction, they say of that */
        lk_finding_object(check, finding, root);
    lk_finding_hint(check, finding, "-- in a migration of its own, in batches:\n%s;",
                    lk_statement_text(check));
}

/* check_change reports a change of a table of which the transaction has written rows. */
static void
check_change(struct lk_check *check)
{
    const Node *tree = check->statement->tree;

    if (lk_bulk_target(check->catalog, tree) != NULL || IsA(tree, LockStmt) ||
        IsA(tree, TruncateStmt))
        return;
    const struct lk_lock *lock = lk_strongest_lock(check->effects);
    const struct lk_held_lock *before =
        lock == NULL ? NULL : lk_held_on(check->held, lock->relation);
    if (before == NULL || !before->bulk || before->mode >= lock->mode ||
        lk_reported_on(check, check->rule->name, lock->relation))
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "%s waits for its %s lock on %s, of which the transaction has written rows before: "
        "others wait for these meanwhile, or run into a deadlock",
        lk_command_tag(tree), lk_lock_sql(lock->mode), lock->relation);
    lk_finding_object(check, finding, lock->relation);
    lk_finding_hint(check, finding, "-- in the migration behind the one that writes the rows:\n%s",
                    lk_statement_apart(check));
}

const struct lk_rule lk_rule_ddl_with_backfill = {
    .name = "ddl-with-backfill",
    .group = LK_GROUP_TRANSACTION,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a table is changed and its rows are written in one transaction",
    .on = {{T_UpdateStmt, check_write},
           {T_DeleteStmt, check_write},
           {T_MergeStmt, check_write},
           {T_InsertStmt, check_write}},
    .on_statement = check_change,
};
