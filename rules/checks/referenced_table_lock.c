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
 * When the table at the other end was created in the same migration, or is dropped along; when the
 * transaction has locked it as strongly before; when the wait is bounded by a lock_timeout, for
 * CREATE TABLE (a new table has no rows to look up) and for a statement that has a transaction of
 * its own, which ends at once. It reports a statement once, with all the
 * tables that it locks so.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: 13.3.1 Table-Level Locks; CREATE TABLE, REFERENCES
 */
#include "parser/base/buf.h"
#include "parser/command.h"
#include "rules/suggest.h"

/* is_named returns whether a statement names a table itself. */
static bool
is_named(const struct lk_check *check, const Node *tree, const struct lk_relation *table)
{
    if (IsA(tree, AlterTableStmt))
        return lk_subject(check, ((const AlterTableStmt *)tree)->relation) == table;
    return IsA(tree, DropStmt) && lk_drops(check, (const DropStmt *)tree, table);
}

/* Why a table is locked that the statement does not name: for one, and for several. */
struct why {
    const char *one, *several;
};

static const struct why referenced = {"which its foreign key references",
                                      "which its foreign keys reference"},
                        given_up = {"which the foreign key that goes references",
                                    "which the foreign keys that go reference"},
                        refers = {"whose foreign key references the column",
                                  "whose foreign keys reference the column"};

/* What one statement locks that it does not name. */
struct others {
    const struct why *why; /* the first one is locked */
    const struct lk_lock *lock;
    LK_VEC(const char *) objects;
};

/* lock_on returns the strong lock of the statement on a relation, if it is not held already. */
static const struct lk_lock *
lock_on(const struct lk_check *check, const char *name)
{
    const struct lk_held_lock *held = lk_held_on(check->held, name);

    lk_vec_foreach(lock, &check->effects->locks)
        if (strcmp(lock->relation, name) == 0)
            return lk_lock_is_strong(lock->mode) && (held == NULL || held->mode < lock->mode)
                       ? lock
                       : NULL;
    return NULL;
}

/* add notes a table that the statement locks, if it does not name it. */
static void
add(struct lk_check *check, struct others *others, const struct lk_relation *table,
    const struct why *why)
{
    char *name = lk_relation_sql(check->mem, table);
    const struct lk_lock *lock = lock_on(check, name);

    if (lock == NULL || is_named(check, check->statement->tree, table) || table->temporary ||
        !lk_is_row_table(table) || lk_object_is_new(check->catalog, &table->object) ||
        lk_reported_on(check, check->rule->name, name))
        return;
    lk_vec_foreach(known, &others->objects)
        if (strcmp(*known, name) == 0)
            return;
    if (others->lock == NULL) {
        others->why = why;
        others->lock = lock;
    }
    lk_vec_push(check->mem, &others->objects, name);
}

/* names_of returns the tables as in a sentence: "a, b and c". */
static const char *
names_of(const struct lk_check *check, const struct others *others)
{
    struct lk_buf names = lk_buf_init(check->mem);
    size_t left = others->objects.count;

    lk_vec_foreach(name, &others->objects)
        lk_buf_addf(&names, "%s%s", *name, --left > 1 ? ", " : left == 1 ? " and " : "");
    return names.data;
}

/*
 * is_protected returns whether the locks are brief, and so is the wait for them: a lock_timeout
 * bounds that, and the statement has a transaction of its own, which ends with it.
 */
static bool
is_protected(const struct lk_check *check)
{
    size_t others = 0;

    if (!lk_wait_is_bounded(check) || check->nested != NULL)
        return false;
    if (check->outline->mode == LK_MODE_AUTOCOMMIT && !check->session->block)
        return true;
    lk_vec_foreach(step, &check->outline->steps)
        others += step->control == LK_CONTROL_NONE && !step->setting;
    return others == 1;
}

/* report reports the locks that a statement takes on tables which it does not name. */
static void
report(struct lk_check *check, const struct others *others)
{
    const Node *tree = check->statement->tree;

    if (others->lock == NULL)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span, "%s takes %s lock on %s, too, %s: %s wait",
                  lk_command_tag(tree),
                  others->lock->mode == LK_LOCK_ACCESS_EXCLUSIVE ? "an ACCESS EXCLUSIVE"
                                                                 : "a SHARE ROW EXCLUSIVE",
                  names_of(check, others),
                  others->objects.count > 1 ? others->why->several : others->why->one,
                  lk_lock_blocks(others->lock->mode));
    finding->bounds = LK_BOUNDS_HERE;
    lk_vec_foreach(name, &others->objects)
        lk_finding_object(check, finding, *name);
    bool local = lk_session_in_transaction(check->session);
    lk_finding_hint(
        check, finding, "-- in a migration of its own:\nSET %slock_timeout = '2s';\n%s;%s",
        local ? "LOCAL " : "", lk_statement_text(check), local ? "" : "\nRESET lock_timeout;");
}

/* check_reference notes what a foreign key of CREATE TABLE references. */
static void
check_reference(struct lk_check *check, struct others *others, const Constraint *constraint)
{
    if (constraint->contype != CONSTR_FOREIGN)
        return;
    const struct lk_relation *table = lk_subject(check, constraint->pktable);
    if (table != NULL)
        add(check, others, table, &referenced);
}

static void
check_create(struct lk_check *check, const Node *node)
{
    const CreateStmt *stmt = (const CreateStmt *)node;
    struct others others = {0};
    ListCell *cell, *inner;

    if (lk_wait_is_bounded(check))
        return;
    foreach(cell, stmt->tableElts) {
        if (IsA(lfirst(cell), Constraint))
            check_reference(check, &others, lfirst(cell));
        else if (IsA(lfirst(cell), ColumnDef))
            foreach(inner, ((const ColumnDef *)lfirst(cell))->constraints)
                check_reference(check, &others, lfirst_node(Constraint, inner));
    }
    report(check, &others);
}

static void
add_targets(struct lk_check *check, struct others *others, const struct lk_relation *table,
            const char *column)
{
    lk_vec_foreach(constraint, &table->constraints) {
        bool goes = column == NULL;
        lk_vec_foreach(name, &(*constraint)->columns)
            goes |= column != NULL && strcmp(*name, column) == 0;
        if (goes && (*constraint)->kind == LK_CONSTRAINT_FOREIGN && (*constraint)->target != NULL)
            add(check, others, (*constraint)->target, &given_up);
    }
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    struct others others = {0};
    ListCell *cell;

    if (stmt->removeType != OBJECT_TABLE || is_protected(check))
        return;
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        const struct lk_relation *table =
            lk_catalog_relation(check->catalog, name.schema, name.name);
        if (table != NULL)
            add_targets(check, &others, table, NULL);
    }
    report(check, &others);
}

static void
add_retyped(struct lk_check *check, struct others *others, const struct lk_relation *table,
            const char *column)
{
    struct lk_relations referrers = {0};

    lk_catalog_referrers(check->mem, check->catalog, table, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == table && lk_references_column(*constraint, column))
                add(check, others, *referrer, &refers);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    struct others others = {0};
    ListCell *cell;

    if (table == NULL || stmt->objtype != OBJECT_TABLE || is_protected(check))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const struct lk_constraint *constraint;
        switch (command->subtype) {
        case AT_DropConstraint:
            constraint = lk_relation_constraint(table, command->name);
            if (constraint != NULL && constraint->kind == LK_CONSTRAINT_FOREIGN &&
                constraint->target != NULL)
                add(check, &others, constraint->target, &given_up);
            break;
        case AT_DropColumn:
            add_targets(check, &others, table, command->name);
            break;
        case AT_AlterColumnType:
            add_retyped(check, &others, table, command->name);
            break;
        default:
            break;
        }
    }
    report(check, &others);
}

const struct lk_rule lk_rule_referenced_table_lock = {
    .name = "referenced-table-lock",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "the table at the other end of a foreign key is locked as well",
    .on = {{T_CreateStmt, check_create}, {T_DropStmt, check_drop}, {T_AlterTableStmt, check_alter}},
};
