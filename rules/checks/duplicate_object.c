/*
 * # duplicate-object
 *
 * ## What it flags
 *
 * CREATE, ADD or RENAME of something that is there already, without IF NOT EXISTS or OR REPLACE.
 *
 * ## Why it hurts
 *
 * The server refuses the statement, and the migration fails when it is deployed.
 *
 * ## Do instead
 *
 * Choose another name; or drop the old object first, if nobody uses it. IF NOT EXISTS makes the
 * statement pass, but keeps the old object whatever it looks like.
 *
 * ## When it stays silent
 *
 * Where it is not certain that the object is still there, as behind a DO block that perhaps drops
 * it.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: "PostgreSQL Error Codes", SQLSTATE 42P07, 42701, 42710, 42723, 42P06
 */
#include "rules/rule.h"

static void
check_refusal(struct lk_check *check, const struct lk_refusal *refusal)
{
    lk_report_refusal(check, refusal);
}

const struct lk_rule lk_rule_duplicate_object = {
    .name = "duplicate-object",
    .group = LK_GROUP_SCHEMA,
    .severity = LK_SEVERITY_ERROR,
    .summary = "what it creates is there already",
    .refusals = {"42P07", "42701", "42710", "42723", "42P06"},
    .on_refused = check_refusal,
};
