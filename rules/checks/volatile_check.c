/*
 * # volatile-check
 *
 * ## What it flags
 *
 * A CHECK constraint, of a table or a domain, that calls a volatile function: random(),
 * clock_timestamp(), nextval() and the like.
 *
 * ## Why it hurts
 *
 * The server takes a CHECK for immutable: it looks at a row when it is written and never again. A
 * row that passed need not pass the next time, and what finds out is a restored dump, or an UPDATE
 * of another column.
 *
 * ## Do instead
 *
 * Compute the value in a column, with a default or a trigger, and check that:
 *
 * ```sql
 * ALTER TABLE draws ADD COLUMN drawn double precision NOT NULL DEFAULT random();
 * ALTER TABLE draws ADD CONSTRAINT draws_drawn_check CHECK (drawn < 0.5) NOT VALID;
 * ```
 *
 * ## When it stays silent
 *
 * On functions that it does not know, and on stable ones such as now(). New tables count as well:
 * it is about the rows to come.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: Check Constraints; Function Volatility Categories
 */
#include "parser/tree_names.h"
#include "rules/suggest.h"

static void
check_expression(struct lk_check *check, const Constraint *constraint)
{
    struct lk_tree_calls calls = {0};

    if (constraint->contype != CONSTR_CHECK)
        return;
    lk_tree_calls(check->mem, constraint->raw_expr, &calls);
    lk_vec_foreach(call, &calls.items) {
        if (!lk_calls_volatile(check->catalog, *call))
            continue;
        struct lk_finding *finding = lk_report(
            check, lk_word_span(check, (*call)->location),
            "a CHECK constraint calls %s(), which is volatile: a row that passes need not "
            "pass again",
            lk_qname_sql(check->mem, lk_qname_of_list((*call)->funcname)));
        lk_finding_hint(check, finding,
                        "Compute the value in a column, with a default or a trigger, and check "
                        "that.");
        return;
    }
}

static void
check_constraint(struct lk_check *check, const Node *node)
{
    check_expression(check, (const Constraint *)node);
}

static void
check_domain(struct lk_check *check, const Node *node)
{
    ListCell *cell;

    foreach(cell, ((const CreateDomainStmt *)node)->constraints)
        check_expression(check, lfirst_node(Constraint, cell));
}

static void
check_alter_domain(struct lk_check *check, const Node *node)
{
    const AlterDomainStmt *stmt = (const AlterDomainStmt *)node;

    if (stmt->def != NULL && IsA(stmt->def, Constraint))
        check_expression(check, (const Constraint *)stmt->def);
}

const struct lk_rule lk_rule_volatile_check = {
    .name = "volatile-check",
    .group = LK_GROUP_DATA,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a CHECK constraint that calls a volatile function",
    .on = {{T_Constraint, check_constraint},
           {T_CreateDomainStmt, check_domain},
           {T_AlterDomainStmt, check_alter_domain}},
};
