/*
 * # dependent-objects
 *
 * ## What it flags
 *
 * DROP of something that other objects lean on, without CASCADE, changes of a column's type that a
 * view or a rule stands in the way of, and TRUNCATE of a table that a foreign key points to.
 *
 * ## Why it hurts
 *
 * The server refuses the statement, and the migration fails when it is deployed. CASCADE makes it
 * pass and takes all that leans on the object along, in tables the author may not have thought of.
 *
 * ## Do instead
 *
 * Drop or change what leans on the object first, by name, and create it again if it is to stay.
 *
 * ## When it stays silent
 *
 * Where the history does not tell what leans on what, and on what goes along by itself: indexes,
 * constraints and owned sequences of a table.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: "PostgreSQL Error Codes", SQLSTATE 2BP01 and 0A000;
 *   "Dependency Tracking"
 */
#include "parser/base/buf.h"
#include "rules/rule.h"
#include "rules/schema/replay_drop.h"

#define LISTED 10
#define NOT_SUPPORTED "0A000" /* what TRUNCATE and a change of a type are refused with */

static void
check_refusal(struct lk_check *check, const struct lk_refusal *refusal)
{
    struct lk_buf list = lk_buf_init(check->mem);
    size_t count = refusal->dependents.items.count;

    if (count == 0 && strcmp(refusal->sqlstate, NOT_SUPPORTED) == 0)
        return; /* for a reason of the statement's own */
    struct lk_finding *finding = lk_report_refusal(check, refusal);
    for (size_t i = 0; i < count && i < LISTED; i++) {
        const struct lk_object *object = refusal->dependents.items.items[i];
        lk_buf_sep(&list, ", ");
        lk_buf_addf(&list, "%s", lk_replay_describe(check->mem, check->catalog, object));
    }
    if (count > LISTED)
        lk_buf_addf(&list, " and %zu more", count - LISTED);
    if (count > 0)
        lk_finding_detail(
            check, finding,
            "The server refuses the statement with SQLSTATE %s. What depends on it: %s.",
            refusal->sqlstate, list.data);
}

const struct lk_rule lk_rule_dependent_objects = {
    .name = "dependent-objects",
    .group = LK_GROUP_SCHEMA,
    .severity = LK_SEVERITY_ERROR,
    .summary = "other objects lean on what it drops or changes",
    .refusals = {"2BP01", NOT_SUPPORTED},
    .on_refused = check_refusal,
};
