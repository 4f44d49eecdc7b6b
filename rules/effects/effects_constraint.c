/*
 * rules/effects/effects_constraint.c
 *     What constraints bring: on their own table, its partitions, and the other side of foreign
 * keys.
 *
 * Sources: measured on 15 and 18; ATExecAddConstraint(), ATExecValidateConstraint(),
 * ATExecDropConstraint() and ATExecAlterConstraint() with what they call, tablecmds.c.
 */
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"

static bool
is_partitioned(const struct lk_relation *relation)
{
    return relation != NULL && relation->kind == LK_RELATION_PARTITIONED;
}

void
lk_gather_tree(struct lk_gather *gather, const struct lk_relation *relation, enum lk_lock_mode mode)
{
    lk_gather_lock_known(gather, relation, mode);
    if (is_partitioned(relation))
        lk_gather_lock_children(gather, relation, mode);
}

/* ---- foreign keys ---- */

void
lk_gather_unlink(struct lk_gather *gather, const struct lk_constraint *constraint,
                 enum lk_lock_mode mode)
{
    if (constraint->kind != LK_CONSTRAINT_FOREIGN)
        return;
    lk_gather_lock(gather, (struct lk_qname){constraint->references_schema, constraint->references},
                   mode);
    /* what only looks rows up goes down to partitions as it finds them */
    if (mode >= LK_LOCK_SHARE_ROW_EXCLUSIVE)
        lk_gather_tree(gather, constraint->target, mode);
}

void
lk_gather_reference(struct lk_gather *gather, const Constraint *constraint)
{
    if (constraint->contype != CONSTR_FOREIGN)
        return;
    lk_gather_lock_range(gather, constraint->pktable, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    lk_gather_tree(gather, lk_gather_known(gather, constraint->pktable),
                   LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

/* means_itself returns whether a foreign key of a new table references that table. */
static bool
means_itself(struct lk_gather *gather, const RangeVar *table, const Constraint *constraint)
{
    const RangeVar *target = constraint->pktable;

    if (target == NULL || strcmp(target->relname, table->relname) != 0)
        return false;
    if (target->schemaname != NULL && table->schemaname != NULL)
        return strcmp(target->schemaname, table->schemaname) == 0;
    return target->schemaname == table->schemaname || lk_gather_known(gather, target) == NULL;
}

static void
reference(struct lk_gather *gather, const RangeVar *table, const Constraint *constraint)
{
    if (!means_itself(gather, table, constraint))
        lk_gather_reference(gather, constraint);
}

void
lk_gather_references(struct lk_gather *gather, const RangeVar *table, const List *elements)
{
    ListCell *cell, *inner;

    foreach(cell, elements) {
        if (IsA(lfirst(cell), Constraint))
            reference(gather, table, lfirst(cell));
        else if (IsA(lfirst(cell), ColumnDef))
            foreach(inner, ((ColumnDef *)lfirst(cell))->constraints)
                reference(gather, table, lfirst_node(Constraint, inner));
    }
}

void
lk_gather_referrers(struct lk_gather *gather, const struct lk_relation *table,
                    enum lk_lock_mode mode)
{
    struct lk_relations referrers = {0};

    for (; table != NULL; table = table->parent)
        lk_catalog_referrers(gather->mem, gather->catalog, table, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        lk_gather_lock_known(gather, *referrer, mode);
}

void
lk_gather_inherited_keys(struct lk_gather *gather, const struct lk_relation *table)
{
    lk_gather_referrers(gather, table, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    if (table == NULL)
        return;
    lk_vec_foreach(constraint, &table->constraints)
        lk_gather_unlink(gather, *constraint, LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

/* ---- ADD CONSTRAINT ---- */

/* makes_not_null returns whether a primary key takes in a column that may still hold NULL. */
static bool
makes_not_null(const struct lk_relation *table, const Constraint *constraint)
{
    ListCell *cell;

    foreach(cell, constraint->keys) {
        const struct lk_column *column = lk_relation_column(table, strVal(lfirst(cell)));
        if (column == NULL || !column->not_null)
            return true;
    }
    return false;
}

/*
 * lock_children_for locks the descendants for a new constraint: since 18 all of them, before that
 * those of a partitioned table get keys and foreign keys, with a trigger for those that can be
 * deferred, and all others only what is checked row by row.
 */
static void
lock_children_for(struct lk_gather *gather, const struct lk_relation *table,
                  const Constraint *constraint)
{
    bool nulls = constraint->contype == CONSTR_PRIMARY && constraint->indexname == NULL &&
                 makes_not_null(table, constraint);

    if (lk_catalog_version(gather->catalog) >= 18 || nulls ||
        (constraint->contype == CONSTR_CHECK && !constraint->is_no_inherit) ||
        (constraint->contype == CONSTR_FOREIGN && is_partitioned(table)))
        lk_gather_lock_children(gather, table, gather->mode);
    else if (is_partitioned(table) && constraint->contype != CONSTR_CHECK)
        lk_gather_lock_children(
            gather, table, constraint->deferrable ? LK_LOCK_SHARE_ROW_EXCLUSIVE : LK_LOCK_SHARE);
}

/* index_used returns the index that USING INDEX names, or NULL. */
static const struct lk_relation *
index_used(struct lk_gather *gather, const AlterTableStmt *stmt, const Constraint *constraint)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    return table == NULL || constraint->indexname == NULL
               ? NULL
               : lk_catalog_relation(gather->catalog, table->schema, constraint->indexname);
}

/* index_of returns the qualified name of the index behind a new constraint; NULL: not known. */
static const char *
index_of(const struct lk_gather *gather, const struct lk_relation *table,
         const Constraint *constraint)
{
    if (table == NULL || constraint->conname == NULL)
        return NULL;
    return lk_qname_sql(gather->mem, (struct lk_qname){table->schema, constraint->conname});
}

static void
scan_nulls_of(struct lk_gather *gather, const AlterTableStmt *stmt,
              const struct lk_relation *relation, const char *column, const char *why)
{
    if (!lk_alter_proves_not_null(stmt, relation, column))
        lk_gather_scan_known(gather, relation, why);
}

void
lk_gather_scan_nulls(struct lk_gather *gather, const AlterTableStmt *stmt, const char *column,
                     const char *why)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_column *known = lk_relation_column(table, column);
    struct lk_relations children = {0};
    bool family = gather->family;

    if (known != NULL && known->not_null)
        return;
    if (table != NULL && family)
        lk_catalog_descendants(gather->mem, gather->catalog, table, &children);
    gather->family = false;
    if (table == NULL)
        lk_gather_scan(gather, stmt->relation, why);
    else
        scan_nulls_of(gather, stmt, table, column, why);
    lk_vec_foreach(child, &children.items)
        scan_nulls_of(gather, stmt, *child, column, why);
    gather->family = family;
}

/* scan_for_key notes what is read for NULL in the columns of a new primary key. */
static void
scan_for_key(struct lk_gather *gather, const AlterTableStmt *stmt, const Constraint *constraint)
{
    static const char why[] = "no row may hold NULL in a column of the primary key";
    const struct lk_relation *index = index_used(gather, stmt, constraint);
    ListCell *cell;

    gather->family = stmt->relation->inh;
    foreach(cell, constraint->keys)
        lk_gather_scan_nulls(gather, stmt, strVal(lfirst(cell)), why);
    if (index != NULL)
        lk_vec_foreach(key, &index->keys)
            if (*key != NULL)
                lk_gather_scan_nulls(gather, stmt, *key, why);
}

/* build_index notes the index behind a constraint, or that it is there and only NULL matters. */
static void
build_index(struct lk_gather *gather, const AlterTableStmt *stmt, const struct lk_relation *table,
            const Constraint *constraint)
{
    gather->family = stmt->relation->inh && is_partitioned(table);
    if (constraint->indexname == NULL)
        lk_gather_build(gather, stmt->relation, index_of(gather, table, constraint),
                        "the constraint's index is built");
    if (constraint->contype == CONSTR_PRIMARY)
        scan_for_key(gather, stmt, constraint);
}

/* verify notes that a new constraint reads the table, or has an index built. */
static void
verify(struct lk_gather *gather, const AlterTableStmt *stmt, const struct lk_relation *table,
       const Constraint *constraint)
{
    const RangeVar *range = stmt->relation;

    gather->family = range->inh && !constraint->is_no_inherit;
    switch (constraint->contype) {
    case CONSTR_PRIMARY:
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION:
        build_index(gather, stmt, table, constraint);
        break;
    case CONSTR_FOREIGN:
        gather->family &= is_partitioned(table);
        lk_gather_scan(gather, range, "each row is looked up in the table that is referenced");
        break;
    case CONSTR_NOTNULL:
        if (constraint->keys != NIL)
            lk_gather_scan_nulls(gather, stmt, strVal(linitial(constraint->keys)),
                                 "each row is checked for NULL");
        break;
    default:
        lk_gather_scan(gather, range, "each row is checked against the constraint");
        break;
    }
}

void
lk_gather_add_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                         const Constraint *constraint)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (stmt->relation->inh)
        lock_children_for(gather, table, constraint);
    lk_gather_reference(gather, constraint);
    if (!constraint->skip_validation && !lk_is_not_enforced(constraint))
        verify(gather, stmt, table, constraint);
}

/* ---- constraints that are there ---- */

/* drop_key locks the tables whose foreign keys go with the key that they reference. */
static void
drop_key(struct lk_gather *gather, const struct lk_relation *table, const struct lk_constraint *key)
{
    struct lk_relations referrers = {0};

    lk_catalog_referrers(gather->mem, gather->catalog, table, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == table &&
                lk_references_column(*constraint, key->columns.items[0]))
                lk_gather_tree(gather, *referrer, LK_LOCK_ACCESS_EXCLUSIVE);
}

/* is_inherited returns whether tables that inherit, not just partitions, have a constraint too. */
static bool
is_inherited(const struct lk_constraint *constraint)
{
    return (constraint->kind == LK_CONSTRAINT_CHECK ||
            constraint->kind == LK_CONSTRAINT_NOT_NULL) &&
           !constraint->no_inherit;
}

/* lock_bearers locks the descendants that have a constraint; a CHECK of children by name alone. */
static void
lock_bearers(struct lk_gather *gather, const AlterTableStmt *stmt, const struct lk_relation *table,
             const struct lk_constraint *constraint)
{
    if ((is_inherited(constraint) || is_partitioned(table)) && stmt->relation->inh)
        lk_gather_lock_children(gather, table, gather->mode);
    else if (is_inherited(constraint))
        lk_vec_foreach(child, &table->children)
            lk_gather_lock_known(gather, *child, gather->mode);
    else if (is_partitioned(table))
        lk_gather_lock_children(gather, table, gather->mode);
}

void
lk_gather_drop_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                          const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_constraint *constraint = lk_relation_constraint(table, command->name);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (constraint == NULL) {
        if (stmt->relation->inh &&
            (table == NULL || table->partial || is_partitioned(table) || !command->missing_ok))
            lk_gather_lock_children(gather, table, gather->mode);
        return;
    }
    lock_bearers(gather, stmt, table, constraint);
    lk_gather_unlink(gather, constraint, LK_LOCK_ACCESS_EXCLUSIVE);
    if (constraint->kind != LK_CONSTRAINT_FOREIGN && command->behavior == DROP_CASCADE &&
        constraint->columns.count > 0)
        drop_key(gather, table, constraint);
}

void
lk_gather_rename_constraint(struct lk_gather *gather, const RenameStmt *stmt)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_constraint *constraint = lk_relation_constraint(table, stmt->subname);

    if (constraint != NULL && !is_inherited(constraint))
        lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ACCESS_EXCLUSIVE);
    else
        lk_gather_lock_family(gather, stmt->relation, LK_LOCK_ACCESS_EXCLUSIVE);
}

const Constraint *
lk_added_constraint(const AlterTableStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const Constraint *added = (const Constraint *)command->def;
        if (command->subtype == AT_AddConstraint && added->conname != NULL &&
            strcmp(added->conname, name) == 0)
            return added;
    }
    return NULL;
}

/* is_added_check returns whether the statement itself adds the constraint, as a CHECK. */
static bool
is_added_check(const AlterTableStmt *stmt, const char *name)
{
    const Constraint *added = lk_added_constraint(stmt, name);

    return added != NULL && (added->contype == CONSTR_CHECK || added->contype == CONSTR_NOTNULL) &&
           !added->is_no_inherit;
}

void
lk_gather_validate(struct lk_gather *gather, const AlterTableStmt *stmt,
                   const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_constraint *constraint = lk_relation_constraint(table, command->name);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (constraint != NULL && constraint->validated)
        return;
    gather->family =
        is_partitioned(table) ||
        (constraint != NULL ? is_inherited(constraint) : is_added_check(stmt, command->name));
    if (gather->family)
        lk_gather_lock_children(gather, table, gather->mode);
    lk_gather_scan(gather, stmt->relation, "each row is checked against the constraint");
    if (constraint != NULL)
        lk_gather_unlink(gather, constraint, LK_LOCK_ROW_SHARE);
}

/* changes returns whether ALTER CONSTRAINT is not what the constraint is already. */
static bool
changes(const struct lk_constraint *constraint, const struct lk_constraint_change *change)
{
    return (change->enforcement && constraint->not_enforced == change->enforced) ||
           (change->deferrability && (constraint->deferrable != change->deferrable ||
                                      constraint->deferred != change->deferred)) ||
           (change->inheritance && constraint->no_inherit != change->no_inherit);
}

/* inherit notes that children get a NOT NULL constraint, or keep it as one of their own. */
static void
inherit(struct lk_gather *gather, const AlterTableStmt *stmt,
        const struct lk_constraint *constraint, const struct lk_constraint_change *change)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    struct lk_relations children = {0};

    if (table == NULL)
        return;
    if (change->no_inherit) {
        lk_vec_foreach(child, &table->children)
            lk_gather_lock_known(gather, *child, gather->mode);
        return;
    }
    lk_gather_lock_children(gather, table, gather->mode);
    if (constraint == NULL || constraint->columns.count == 0)
        return;
    lk_catalog_descendants(gather->mem, gather->catalog, table, &children);
    lk_vec_foreach(child, &children.items)
        scan_nulls_of(gather, stmt, *child, constraint->columns.items[0],
                      "each row is checked for NULL");
}

void
lk_gather_alter_constraint(struct lk_gather *gather, const AlterTableStmt *stmt,
                           const AlterTableCmd *command)
{
    const struct lk_constraint_change change = lk_constraint_change_of(command);
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_constraint *constraint = lk_relation_constraint(table, change.name);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (constraint != NULL && !changes(constraint, &change) &&
        lk_catalog_version(gather->catalog) >= 18)
        return; /* before 18 the partitions are locked first */
    if (change.inheritance) {
        inherit(gather, stmt, constraint, &change);
        return;
    }
    lk_gather_lock_children(gather, table, gather->mode);
    if (constraint == NULL || !change.enforcement)
        return;
    if (!change.enforced) {
        lk_gather_unlink(gather, constraint, LK_LOCK_ACCESS_EXCLUSIVE);
        return;
    }
    lk_gather_unlink(gather, constraint, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    gather->family = is_partitioned(table);
    lk_gather_scan(gather, stmt->relation, "each row is looked up in the table that is referenced");
}
