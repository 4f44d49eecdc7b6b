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
 * On functions that it does not know, where some of a name are volatile and others, called with as
 * many arguments, are not, and on stable ones such as now(). New tables count as well:
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
#include "parser/pgparse.h"
#include "parser/tree_names.h"
#include "rules/suggest.h"

/* takes returns whether a function can be called with so many arguments. */
static bool
takes(const struct lk_function *function, int count)
{
    int most = 0, least = 0;

    lk_vec_foreach(argument, &function->arguments) {
        char mode = (*argument)->mode;
        if (mode == 'v')
            return count >= least;
        if (mode == 'o' || mode == 't')
            continue;
        most++;
        least += !(*argument)->has_default;
    }
    return count >= least && count <= most;
}

/*
 * own_volatile returns the history's function that a call means, if it is volatile; of several it
 * is the first, where all that take as many arguments are. NULL: it is not, or not known.
 */
static const struct lk_function *
own_volatile(const struct lk_check *check, const FuncCall *call)
{
    struct lk_qname name = lk_qname_of_list(call->funcname);
    const struct lk_function *found = NULL, *it = NULL;

    while ((it = lk_catalog_functions(check->catalog, name.schema, name.name, it)) != NULL) {
        if (!takes(it, list_length(call->args)))
            continue;
        if (it->volatility != 'v')
            return NULL;
        if (found == NULL)
            found = it;
    }
    return found;
}

/* advise_own says how a function of one's own that is not really volatile becomes what it is. */
static void
advise_own(struct lk_check *check, struct lk_finding *finding, const struct lk_function *function)
{
    lk_finding_detail(check, finding,
                      "A function is volatile unless its definition says otherwise.");
    lk_finding_hint(check, finding,
                    "-- if its result depends on its arguments alone, and on no table:\n"
                    "ALTER FUNCTION %s.%s IMMUTABLE;",
                    lk_quote_ident(check->mem, function->schema), function->signature);
}

static void
check_expression(struct lk_check *check, const Constraint *constraint)
{
    struct lk_tree_calls calls = {0};

    if (constraint->contype != CONSTR_CHECK)
        return;
    lk_tree_calls(check->mem, constraint->raw_expr, &calls);
    lk_vec_foreach(call, &calls.items) {
        const struct lk_function *own = own_volatile(check, *call);
        if (own == NULL && !lk_calls_volatile(check->catalog, *call))
            continue;
        struct lk_finding *finding = lk_report(
            check, lk_word_span(check, (*call)->location),
            "a CHECK constraint calls %s(), which is volatile: a row that passes need not "
            "pass again",
            lk_qname_sql(check->mem, lk_qname_of_list((*call)->funcname)));
        if (own != NULL && own->signature != NULL)
            advise_own(check, finding, own);
        else
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
