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
 * aggregate, columns and subqueries where an expression cannot have them, names that mean more than
 * one thing, what a partitioned table or a view does not have.
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
 * - PostgreSQL documentation: "PostgreSQL Error Codes", classes 0A, 22, 42, 54 and 55
 * - PostgreSQL documentation: "ALTER TYPE", on ADD VALUE in a transaction block
 */
#include "rules/dialect.h"
#include "rules/rule.h"

static void
check_refusal(struct lk_check *check, const struct lk_refusal *refusal)
{
    /* if something leans on it, or the words are another database's, that is what is to be told */
    if (refusal->dependents.items.count == 0 && !lk_dialect_reported(check))
        lk_report_refusal(check, refusal);
}

const struct lk_rule lk_rule_invalid_definition = {
    .name = "invalid-definition",
    .group = LK_GROUP_SCHEMA,
    .severity = LK_SEVERITY_ERROR,
    .summary = "what it asks for cannot be",
    .refusals = {"0A000", "22003", "22007", "22008", "22023", "22P02", "42601", "42611", "42702",
                 "42712", "42725", "42803", "42804", "42830", "42846", "428C9", "42P02", "42P10",
                 "42P13", "42P15", "42P16", "42P17", "42P20", "42P21", "54011", "55000", "55P02",
                 "55P04"},
    .on_refused = check_refusal,
};
