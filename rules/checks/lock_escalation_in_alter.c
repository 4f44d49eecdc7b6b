/*
 * # lock-escalation-in-alter
 *
 * ## What it flags
 *
 * `VALIDATE CONSTRAINT` in one ALTER TABLE with subcommands that take a stronger lock.
 *
 * ## Why it hurts
 *
 * ALTER TABLE takes the strongest lock that any of its subcommands needs, and takes it first. By
 * itself VALIDATE CONSTRAINT lets reads and writes through while it reads the table; beside ADD
 * COLUMN it reads the table under ACCESS EXCLUSIVE.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE users VALIDATE CONSTRAINT users_age_check;
 * -- in the next migration:
 * ALTER TABLE users ADD COLUMN nickname text;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration; where the constraint is valid already; where the same
 * ALTER TABLE adds the constraint, of which validate-in-same-transaction speaks.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL source: AlterTableGetLockLevel()
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/new_column.h"
#include "rules/suggest.h"

/* mode_of returns the lock that a subcommand alone takes on the table. */
static enum lk_lock_mode
mode_of(const struct lk_check *check, const AlterTableStmt *stmt, AlterTableCmd *command)
{
    struct lk_effects effects = lk_command_effects(check, stmt, command);
    char *table = lk_subject_name(check, stmt->relation);

    lk_vec_foreach(lock, &effects.locks)
        if (strcmp(lock->relation, table) == 0)
            return lock->mode;
    return LK_LOCK_NONE;
}

/* What is in the way: the strongest subcommand's lock, and the texts of both kinds. */
struct split {
    enum lk_lock_mode mode;
    struct lk_buf others;
    struct lk_buf validations;
    const char *constraint; /* the first one that is validated */
};

static void
sort_command(const struct lk_check *check, const AlterTableStmt *stmt, size_t index,
             struct split *split)
{
    AlterTableCmd *command = list_nth_node(AlterTableCmd, stmt->cmds, (int)index);
    struct lk_span span = lk_alter_span(check, stmt, index);
    bool validation = command->subtype == AT_ValidateConstraint;
    struct lk_buf *buf = validation ? &split->validations : &split->others;

    if (validation && split->constraint == NULL &&
        lk_command_effects(check, stmt, command).scans.count > 0)
        split->constraint = command->name;
    if (!validation)
        split->mode = LK_MAX(split->mode, mode_of(check, stmt, command));
    lk_buf_sep(buf, ", ");
    lk_buf_addn(buf, check->source->text + span.start, span.end - span.start);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;

    if (list_length(stmt->cmds) < 2 || !lk_alter_has(stmt, AT_ValidateConstraint) ||
        !check->alters_used)
        return;
    struct split split = {.others = lk_buf_init(check->mem),
                          .validations = lk_buf_init(check->mem)};
    char *table = lk_range_sql(check->mem, stmt->relation);
    for (int i = 0; i < list_length(stmt->cmds); i++)
        sort_command(check, stmt, (size_t)i, &split);
    if (split.constraint == NULL || split.mode <= LK_LOCK_SHARE_UPDATE_EXCLUSIVE ||
        lk_adds_constraint(stmt, split.constraint))
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "VALIDATE CONSTRAINT %s reads all of %s under the %s lock that another subcommand needs: "
        "%s wait",
        lk_quote_ident(check->mem, split.constraint), table, lk_lock_sql(split.mode),
        lk_lock_blocks(split.mode));
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    const char *others = lk_fmt(check->mem, "ALTER TABLE %s %s;", table, split.others.data);
    lk_finding_hint(check, finding, "%sALTER TABLE %s %s;\n-- in the next migration:\n%s",
                    check->held->locks.count > 0 ? "-- in a migration of its own:\n" : "", table,
                    split.validations.data, lk_wait_apart(check, others));
}

const struct lk_rule lk_rule_lock_escalation_in_alter = {
    .name = "lock-escalation-in-alter",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "VALIDATE beside a stronger subcommand reads the table under its lock",
    .on = {{T_AlterTableStmt, check_alter}},
};
