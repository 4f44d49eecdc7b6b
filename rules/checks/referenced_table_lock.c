/*
 * # referenced-table-lock
 *
 * ## What it flags
 *
 * Locks on the table at the other end of a foreign key, which the statement does not speak of:
 * CREATE TABLE with a foreign key to a table in use, DROP of a foreign key, of its column or of its
 * table, and another type for a column that foreign keys refer to.
 *
 * ## Why it hurts
 *
 * A new foreign key takes a SHARE ROW EXCLUSIVE lock on the table that it references: writes to
 * that wait, for as long as the statement itself waits, and then to the transaction's end. DROP
 * takes an ACCESS EXCLUSIVE lock there, and ALTER COLUMN TYPE one on every table that refers to the
 * column: reads wait, too. The referenced tables are often those that are used most.
 *
 * ## Do instead
 *
 * A transaction of its own, and a short lock_timeout:
 *
 * ```sql
 * CREATE TABLE invoices (id bigint PRIMARY KEY, user_id bigint);
 * -- in the next migration:
 * SET LOCAL lock_timeout = '2s';
 * ALTER TABLE invoices ADD CONSTRAINT invoices_user_id_fkey
 *     FOREIGN KEY (user_id) REFERENCES users;
 * ```
 *
 * Before DROP TABLE, drop the foreign keys one by one, each in a transaction of its own.
 *
 * ## When it stays silent
 *
 * When the table at the other end was created in the same migration, or is dropped along; for
 * CREATE TABLE when the wait is bounded by a lock_timeout: a new table has no rows to look up.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 13.3.1 Table-Level Locks; CREATE TABLE, REFERENCES
 */
#include "parser/command.h"
#include "rules/suggest.h"

/* is_named returns whether a statement names a table itself. */
static bool
is_named(const struct lk_check *check, const Node *tree, const struct lk_relation *table)
{
    ListCell *cell;

    if (IsA(tree, AlterTableStmt))
        return lk_subject(check, ((const AlterTableStmt *)tree)->relation) == table;
    if (!IsA(tree, DropStmt))
        return false;
    foreach(cell, ((const DropStmt *)tree)->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        if (lk_catalog_relation(check->catalog, name.schema, name.name) == table)
            return true;
    }
    return false;
}

/* report reports the lock that a statement takes on a table which it does not name. */
static void
report(struct lk_check *check, const struct lk_relation *table, const char *why)
{
    const Node *tree = check->statement->tree;
    char *name = lk_relation_sql(check->mem, table);

    if (is_named(check, tree, table) || table->temporary || !lk_is_row_table(table) ||
        lk_object_is_new(check->catalog, &table->object) ||
        lk_reported_on(check, check->rule->name, name))
        return;
    lk_vec_foreach(lock, &check->effects->locks) {
        if (strcmp(lock->relation, name) != 0 || !lk_lock_is_strong(lock->mode))
            continue;
        struct lk_finding *finding =
            lk_report(check, check->statement->span, "%s takes %s lock on %s, too, %s: %s wait",
                      lk_command_tag(tree),
                      lock->mode == LK_LOCK_ACCESS_EXCLUSIVE ? "an ACCESS EXCLUSIVE"
                                                             : "a SHARE ROW EXCLUSIVE",
                      name, why, lk_lock_blocks(lock->mode));
        lk_finding_object(check, finding, name);
        bool local = lk_session_in_transaction(check->session);
        lk_finding_hint(
            check, finding, "-- in a migration of its own:\nSET %slock_timeout = '2s';\n%s;%s",
            local ? "LOCAL " : "", lk_statement_text(check), local ? "" : "\nRESET lock_timeout;");
        return;
    }
}

/* check_reference reports what a foreign key of CREATE TABLE references. */
static void
check_reference(struct lk_check *check, const Constraint *constraint)
{
    if (constraint->contype != CONSTR_FOREIGN)
        return;
    const struct lk_relation *table = lk_subject(check, constraint->pktable);
    if (table != NULL)
        report(check, table, "which its foreign key references");
}

static void
check_create(struct lk_check *check, const Node *node)
{
    const CreateStmt *stmt = (const CreateStmt *)node;
    ListCell *cell, *inner;

    if (lk_wait_is_bounded(check))
        return;
    foreach(cell, stmt->tableElts) {
        if (IsA(lfirst(cell), Constraint))
            check_reference(check, lfirst(cell));
        else if (IsA(lfirst(cell), ColumnDef))
            foreach(inner, ((const ColumnDef *)lfirst(cell))->constraints)
                check_reference(check, lfirst_node(Constraint, inner));
    }
}

static void
report_targets(struct lk_check *check, const struct lk_relation *table, const char *column)
{
    lk_vec_foreach(constraint, &table->constraints) {
        bool goes = column == NULL;
        lk_vec_foreach(name, &(*constraint)->columns)
            goes |= column != NULL && strcmp(*name, column) == 0;
        if (goes && (*constraint)->kind == LK_CONSTRAINT_FOREIGN && (*constraint)->target != NULL)
            report(check, (*constraint)->target, "which the foreign key that goes references");
    }
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    ListCell *cell;

    if (stmt->removeType != OBJECT_TABLE)
        return;
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        const struct lk_relation *table =
            lk_catalog_relation(check->catalog, name.schema, name.name);
        if (table != NULL)
            report_targets(check, table, NULL);
    }
}

static void
check_retype(struct lk_check *check, const struct lk_relation *table, const char *column)
{
    struct lk_relations referrers = {0};

    lk_catalog_referrers(check->mem, check->catalog, table, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == table && lk_references_column(*constraint, column))
                report(check, *referrer, "whose foreign key references the column");
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    ListCell *cell;

    if (table == NULL || stmt->objtype != OBJECT_TABLE)
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const struct lk_constraint *constraint;
        switch (command->subtype) {
        case AT_DropConstraint:
            constraint = lk_relation_constraint(table, command->name);
            if (constraint != NULL && constraint->kind == LK_CONSTRAINT_FOREIGN &&
                constraint->target != NULL)
                report(check, constraint->target, "which the foreign key references");
            break;
        case AT_DropColumn:
            report_targets(check, table, command->name);
            break;
        case AT_AlterColumnType:
            check_retype(check, table, command->name);
            break;
        default:
            break;
        }
    }
}

const struct lk_rule lk_rule_referenced_table_lock = {
    .name = "referenced-table-lock",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "the table at the other end of a foreign key is locked as well",
    .on = {{T_CreateStmt, check_create}, {T_DropStmt, check_drop}, {T_AlterTableStmt, check_alter}},
};
