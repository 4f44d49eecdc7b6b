/*
 * # explicit-lock-table
 *
 * ## What it flags
 *
 * `LOCK TABLE` of a table in use, in a mode that keeps writes out.
 *
 * ## Why it hurts
 *
 * The lock, ACCESS EXCLUSIVE where no mode is given, is held until the transaction ends, whatever
 * else happens in it: reads and writes (or writes alone) wait for all of the migration.
 *
 * ## Do instead
 *
 * Leave it out: each statement takes the lock that it needs when it needs it. Where the lock is
 * meant to bring order between several tables, keep the transaction short, and give up early:
 *
 * ```sql
 * SET LOCAL lock_timeout = '2s';
 * ```
 *
 * ## When it stays silent
 *
 * On tables created in the same migration; for modes up to SHARE UPDATE EXCLUSIVE, which let writes
 * through.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: LOCK; 13.3.1 Table-Level Locks
 */
#include "parser/base/buf.h"
#include "rules/suggest.h"

static void
check_lock(struct lk_check *check, const Node *node)
{
    const LockStmt *stmt = (const LockStmt *)node;
    enum lk_lock_mode mode = (enum lk_lock_mode)stmt->mode; /* counted from 1, as ours are */
    struct lk_buf names = lk_buf_init(check->mem);
    ListCell *cell;

    if (!lk_lock_is_strong(mode))
        return;
    foreach(cell, stmt->relations) {
        const RangeVar *range = lfirst_node(RangeVar, cell);
        if (lk_subject_is_new(check, range))
            continue;
        lk_buf_sep(&names, ", ");
        lk_buf_add(&names, lk_range_sql(check->mem, range));
    }
    if (names.len == 0)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "LOCK TABLE holds %s %s lock on %s to the end of the transaction: %s wait",
                  strchr("AE", lk_lock_sql(mode)[0]) != NULL ? "an" : "a", lk_lock_sql(mode),
                  names.data, lk_lock_blocks(mode));
    foreach(cell, stmt->relations)
        if (!lk_subject_is_new(check, lfirst_node(RangeVar, cell)))
            lk_finding_object(check, finding, lk_subject_name(check, lfirst_node(RangeVar, cell)));
    lk_finding_hint(check, finding,
                    "Leave LOCK TABLE out: each statement takes the lock that it needs by itself.");
}

const struct lk_rule lk_rule_explicit_lock_table = {
    .name = "explicit-lock-table",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "LOCK TABLE keeps others out until the transaction ends",
    .on = {{T_LockStmt, check_lock}},
};
