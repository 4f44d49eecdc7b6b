/*
 * # wrong-object-type
 *
 * ## What it flags
 *
 * DROP TABLE of a view, ALTER TABLE of an index's column, CREATE TRIGGER on a materialized view: a
 * statement for one kind of object on another kind.
 *
 * ## Why it hurts
 *
 * The server refuses the statement, and the migration fails when it is deployed.
 *
 * ## Do instead
 *
 * Use the statement for that kind of object:
 *
 * ```sql
 * DROP VIEW active_users;   -- not DROP TABLE
 * ```
 *
 * ## When it stays silent
 *
 * Where the kind of the object is not known, and where the server takes either form, as ALTER TABLE
 * of a view's owner.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: "PostgreSQL Error Codes", SQLSTATE 42809
 */
#include "rules/rule.h"

static void
check_refusal(struct lk_check *check, const struct lk_refusal *refusal)
{
    lk_report_refusal(check, refusal);
}

const struct lk_rule lk_rule_wrong_object_type = {
    .name = "wrong-object-type",
    .group = LK_GROUP_SCHEMA,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a statement for another kind of object",
    .refusals = {"42809"},
    .on_refused = check_refusal,
};
