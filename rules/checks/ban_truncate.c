/*
 * # ban-truncate
 *
 * ## What it flags
 *
 * `TRUNCATE` of a table with a past.
 *
 * ## Why it hurts
 *
 * All rows are gone, and with CASCADE those of every table that refers to it. An ACCESS EXCLUSIVE
 * lock blocks reads and writes meanwhile, and transactions that started before see an empty table.
 *
 * ## Do instead
 *
 * ```sql
 * DELETE FROM sessions WHERE id IN (SELECT id FROM sessions LIMIT 10000);
 * -- again until it deletes nothing
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration and on temporary tables.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: TRUNCATE; 13.6 Caveats
 */
#include "parser/base/buf.h"
#include "rules/suggest.h"

static void
check_truncate(struct lk_check *check, const Node *node)
{
    const TruncateStmt *stmt = (const TruncateStmt *)node;
    struct lk_buf names = lk_buf_init(check->mem);
    ListCell *cell;

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
        lk_report(check, check->statement->span, "TRUNCATE%s loses all rows of %s%s",
                  stmt->behavior == DROP_CASCADE ? " ... CASCADE" : "", names.data,
                  stmt->behavior == DROP_CASCADE ? " and of every table that refers to it" : "");
    lk_finding_detail(check, finding,
                      "An ACCESS EXCLUSIVE lock blocks reads and writes meanwhile.");
    foreach(cell, stmt->relations)
        if (!lk_subject_is_new(check, lfirst_node(RangeVar, cell)))
            lk_finding_object(check, finding, lk_subject_name(check, lfirst_node(RangeVar, cell)));
    lk_finding_hint_marked(check, finding,
                           "-- lockkeeper: ignore ban-truncate -- why nobody needs the rows\n%s;",
                           lk_marked_text(check));
}

const struct lk_rule lk_rule_ban_truncate = {
    .name = "ban-truncate",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "TRUNCATE of a table with a past",
    .aliases = {"squawk:ban-truncate-cascade"},
    .on = {{T_TruncateStmt, check_truncate}},
};
