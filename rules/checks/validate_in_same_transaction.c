/*
 * # validate-in-same-transaction
 *
 * ## What it flags
 *
 * `VALIDATE CONSTRAINT` of a constraint that was added NOT VALID in the same transaction, or in the
 * same ALTER TABLE.
 *
 * ## Why it hurts
 *
 * NOT VALID is there to separate the strong lock, which is short then, from reading the table,
 * which is long. In one transaction the ACCESS EXCLUSIVE lock of the one (of a foreign key SHARE
 * ROW EXCLUSIVE, on both tables) is held while the other reads: as if NOT VALID had not been said.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE users ADD CONSTRAINT users_age_check CHECK (age > 0) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE users VALIDATE CONSTRAINT users_age_check;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration; where the two are in transactions of their own. A file
 * without BEGIN counts as one transaction if its runner, or `lockkeeper apply`, makes it one.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, Notes
 */
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/suggest.h"

/* added_before returns the constraint if the transaction at hand has added it, or NULL. */
static const struct lk_constraint *
added_before(const struct lk_check *check, const AlterTableStmt *stmt, const char *name)
{
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    const struct lk_constraint *constraint =
        table == NULL ? NULL : lk_relation_constraint(table, name);

    if (constraint == NULL || constraint->validated || constraint->object.assumed ||
        constraint->object.birth.migration != check->migration->ordinal ||
        constraint->object.birth.statement < check->held->since)
        return NULL;
    return constraint;
}

/* put_off has the constraint validated by a migration behind this one. */
static void
put_off(struct lk_check *check, struct lk_finding *finding, const AlterTableStmt *stmt,
        size_t index, const char *name)
{
    const char *validate =
        lk_fmt(check->mem, "ALTER TABLE %s VALIDATE CONSTRAINT %s;",
               lk_range_sql(check->mem, stmt->relation), lk_quote_ident(check->mem, name));

    lk_fix_wait(check, finding, name);
    if (list_length(stmt->cmds) == 1) {
        lk_finding_hint(check, finding,
                        "-- in a migration of its own, behind the one that adds it:\n%s", validate);
        lk_fix_postpone(check, finding, lk_fmt(check->mem, "validate %s", name));
        return;
    }
    lk_fix_cut_command(check, finding, index);
    lk_finding_hint(check, finding, "%s;\n-- in the next migration:\n%s",
                    lk_fix_statement(check, finding), validate);
    lk_fix_validate(check, finding, name);
}

static void
check_validate(struct lk_check *check, const AlterTableStmt *stmt, size_t index, const char *name)
{
    const Constraint *here = lk_adds_constraint(stmt, name);
    const struct lk_constraint *before = added_before(check, stmt, name);
    char *table = lk_range_sql(check->mem, stmt->relation);
    char *quoted = lk_quote_ident(check->mem, name);

    if (here == NULL && before == NULL)
        return;
    bool foreign =
        here != NULL ? here->contype == CONSTR_FOREIGN : before->kind == LK_CONSTRAINT_FOREIGN;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "VALIDATE CONSTRAINT %s reads all of %s while the %s lock is held under which "
                  "the constraint was added: %s wait",
                  quoted, table, foreign ? "SHARE ROW EXCLUSIVE" : "ACCESS EXCLUSIVE",
                  foreign ? "writes" : "reads and writes");
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    put_off(check, finding, stmt, index, name);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    size_t index = 0;
    ListCell *cell;

    if (!check->alters_used)
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_ValidateConstraint)
            check_validate(check, stmt, index, command->name);
        index++;
    }
}

const struct lk_rule lk_rule_validate_in_same_transaction = {
    .name = "validate-in-same-transaction",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "NOT VALID and VALIDATE in one transaction lock as if both were one",
    .fix = LK_RULE_FIX_SAFE,
    .on = {{T_AlterTableStmt, check_alter}},
};
