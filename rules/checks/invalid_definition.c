/*
 * # invalid-definition
 *
 * ## What it flags
 *
 * Statements that name what is there, and ask for what cannot be: a change to a type that values
 * are not converted to by themselves, a foreign key between types that are not compared, one that
 * points to columns that are not unique, a second primary key or default partition, functions that
 * are not IMMUTABLE in an index or a generated column, values for a column that is GENERATED
 * ALWAYS, ON CONFLICT without an index for it, a string that is no value of the type that it stands
 * for, or one that the transaction itself has added to an enum; casts that there are none for,
 * functions whose parameters, result or options do not go together, options that are not known or
 * there twice, settings with values that they do not take, aggregates where there are no rows to
 * aggregate.
 *
 * ## Why it hurts
 *
 * The server refuses the statement, and the migration fails when it is deployed.
 *
 * ## Do instead
 *
 * Say how it is meant. A type, for example, with USING:
 *
 * ```sql
 * ALTER TABLE users ALTER COLUMN age TYPE integer USING age::integer;
 * ```
 *
 * A new value of an enum belongs into a migration of its own, before those that use it.
 *
 * ## When it stays silent
 *
 * Where the history does not tell what the statement is about.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: "PostgreSQL Error Codes", classes 22, 42 and 55
 * - PostgreSQL documentation: "ALTER TYPE", on ADD VALUE in a transaction block
 */
#include "rules/rule.h"

static void
check_refusal(struct lk_check *check, const struct lk_refusal *refusal)
{
    lk_report_refusal(check, refusal);
}

const struct lk_rule lk_rule_invalid_definition = {
    .name = "invalid-definition",
    .group = LK_GROUP_SCHEMA,
    .severity = LK_SEVERITY_ERROR,
    .summary = "what it asks for cannot be",
    .refusals = {"22003", "22007", "22008", "22023", "22P02", "42601", "42611", "42803", "42804",
                 "42830", "42846", "428C9", "42P10", "42P13", "42P16", "42P17", "42P20", "55P02",
                 "55P04"},
    .on_refused = check_refusal,
};
