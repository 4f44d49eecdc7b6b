/*
 * # unchecked-dynamic-sql
 *
 * ## What it flags
 *
 * EXECUTE in a DO block of a text that is put together when it runs.
 *
 * ## Why it hurts
 *
 * Nothing of it can be looked at beforehand: not whether it is SQL at all, not which locks it
 * takes, and not what becomes of the schema. The rules are silent about it, which does not mean
 * that all is well.
 *
 * ## Do instead
 *
 * Write the statement as it is, where it can be written: PL/pgSQL carries out DDL without EXECUTE,
 * also under a condition. A constant text is read, also with `||` and with `format()` of constants.
 *
 * ```sql
 * DO $$
 * BEGIN
 *     IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN
 *         CREATE ROLE reader;
 *     END IF;
 * END
 * $$;
 * ```
 *
 * ## When it stays silent
 *
 * In functions and procedures: they wait for somebody to call them.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: PL/pgSQL, Executing Dynamic Commands
 */
#include "rules/rule.h"

static void
check_dynamic(struct lk_check *check)
{
    lk_report(check, check->statement->span,
              "the text of this EXECUTE is not known beforehand and was not checked");
}

const struct lk_rule lk_rule_unchecked_dynamic_sql = {
    .name = "unchecked-dynamic-sql",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_INFO,
    .summary = "EXECUTE in a DO block of a text that is not constant",
    .on_dynamic = check_dynamic,
};
