/*
 * rules/effects/effects_alter.c
 *     Locks, rewrites and scans of ALTER TABLE, subcommand by subcommand.
 */
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"

static const struct {
    AlterTableType type;
    enum lk_lock_mode mode;
    enum { ALONE, FAMILY } reach;
} subcommands[] = {
#define LK_SUBCOMMAND(type, mode, reach) {type, LK_LOCK_##mode, reach},
#include "rules/effects/subcommands.def"
#undef LK_SUBCOMMAND
};

static enum lk_lock_mode
mode_of(AlterTableType type)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(subcommands); i++)
        if (subcommands[i].type == type)
            return subcommands[i].mode;
    return LK_LOCK_ACCESS_EXCLUSIVE;
}

static bool
goes_on(AlterTableType type)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(subcommands); i++)
        if (subcommands[i].type == type)
            return subcommands[i].reach == FAMILY;
    return false;
}

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

void
lk_gather_reference(struct lk_gather *gather, const Constraint *constraint)
{
    if (constraint->contype != CONSTR_FOREIGN)
        return;
    lk_gather_lock_range(gather, constraint->pktable, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    lk_gather_tree(gather, lk_gather_known(gather, constraint->pktable),
                   LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

void
lk_gather_references(struct lk_gather *gather, const List *elements)
{
    ListCell *cell, *inner;

    foreach(cell, elements) {
        if (IsA(lfirst(cell), Constraint))
            lk_gather_reference(gather, lfirst(cell));
        else if (IsA(lfirst(cell), ColumnDef))
            foreach(inner, ((ColumnDef *)lfirst(cell))->constraints)
                lk_gather_reference(gather, lfirst_node(Constraint, inner));
    }
}

void
lk_gather_inherited_keys(struct lk_gather *gather, const struct lk_relation *table)
{
    if (table == NULL)
        return;
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN)
            lk_gather_tree(gather, (*constraint)->target, LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

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
 * lock_children_for locks the descendants for a new constraint: those of a partitioned table get
 * keys and foreign keys, too, all others only what is checked row by row.
 */
static void
lock_children_for(struct lk_gather *gather, const struct lk_relation *table,
                  const Constraint *constraint)
{
    bool since_18 = lk_catalog_version(gather->catalog) >= 18;

    switch (constraint->contype) {
    case CONSTR_CHECK:
        if (!constraint->is_no_inherit || since_18)
            lk_gather_lock_children(gather, table, LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case CONSTR_NOTNULL:
        lk_gather_lock_children(gather, table, LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case CONSTR_FOREIGN:
        if (is_partitioned(table))
            lk_gather_lock_children(gather, table, LK_LOCK_SHARE_ROW_EXCLUSIVE);
        break;
    case CONSTR_PRIMARY: /* 18 has constraints for NOT NULL, and sees to them in any case */
        if (is_partitioned(table))
            lk_gather_lock_children(gather, table,
                                    since_18 || makes_not_null(table, constraint)
                                        ? LK_LOCK_ACCESS_EXCLUSIVE
                                        : LK_LOCK_SHARE);
        break;
    default:
        if (is_partitioned(table))
            lk_gather_lock_children(gather, table, LK_LOCK_SHARE);
        break;
    }
}

/* needs_scan returns whether adding a constraint reads the table. */
static bool
needs_scan(const struct lk_gather *gather, const AlterTableStmt *stmt, const Constraint *constraint)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    if (constraint->indexname != NULL) {
        const struct lk_relation *index =
            table == NULL
                ? NULL
                : lk_catalog_relation(gather->catalog, table->schema, constraint->indexname);
        if (constraint->contype != CONSTR_PRIMARY || index == NULL)
            return false;
        lk_vec_foreach(key, &index->keys)
            if (*key != NULL && !lk_alter_proves_not_null(stmt, table, *key))
                return true;
        return false;
    }
    if (constraint->contype == CONSTR_NOTNULL && constraint->keys != NIL &&
        lk_alter_proves_not_null(stmt, table, strVal(linitial(constraint->keys))))
        return false;
    return !constraint->skip_validation && !lk_is_not_enforced(constraint);
}

static void
add_constraint(struct lk_gather *gather, const AlterTableStmt *stmt, const Constraint *constraint)
{
    bool foreign_key = constraint->contype == CONSTR_FOREIGN;
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_range(gather, stmt->relation,
                         foreign_key ? LK_LOCK_SHARE_ROW_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE);
    if (stmt->relation->inh)
        lock_children_for(gather, table, constraint);
    lk_gather_reference(gather, constraint);
    if (!needs_scan(gather, stmt, constraint))
        return;
    gather->family = stmt->relation->inh && !constraint->is_no_inherit &&
                     (is_partitioned(table) || constraint->contype == CONSTR_CHECK ||
                      constraint->contype == CONSTR_NOTNULL);
    lk_gather_scan(gather, stmt->relation);
}

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

/* constraint_command locks what is on the other side of a constraint that is there already. */
static void
constraint_command(struct lk_gather *gather, const AlterTableStmt *stmt,
                   const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_constraint *constraint = lk_relation_constraint(table, command->name);
    bool validate = command->subtype == AT_ValidateConstraint;

    if (validate && (constraint == NULL || !constraint->validated))
        lk_gather_scan(gather, stmt->relation);
    if (constraint == NULL)
        return;
    if (constraint->kind == LK_CONSTRAINT_FOREIGN)
        lk_gather_unlink(gather, constraint,
                         validate ? LK_LOCK_ROW_SHARE : LK_LOCK_ACCESS_EXCLUSIVE);
    else if (command->subtype == AT_DropConstraint && command->behavior == DROP_CASCADE &&
             constraint->columns.count > 0)
        drop_key(gather, table, constraint);
}

static void
alter_constraint(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const char *name = lk_not_enforced_constraint(command);
    const struct lk_constraint *constraint =
        name == NULL ? NULL : lk_relation_constraint(lk_gather_known(gather, stmt->relation), name);

    if (constraint != NULL)
        lk_gather_unlink(gather, constraint, LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
attach(struct lk_gather *gather, const AlterTableStmt *stmt, const PartitionCmd *partition)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_relation *rest =
        table != NULL ? lk_catalog_default_partition(gather->catalog, table) : NULL;

    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
    lk_gather_lock_family(gather, partition->name, LK_LOCK_ACCESS_EXCLUSIVE);
    if (stmt->objtype != OBJECT_TABLE)
        return;
    lk_gather_lock_known(gather, rest, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_gather_inherited_keys(gather, table);
    gather->family = true;
    lk_gather_scan(gather, partition->name);
    lk_gather_scan_known(gather, rest);
}

static void
detach(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const PartitionCmd *partition = castNode(PartitionCmd, command->def);
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    bool weak = partition->concurrent || command->subtype == AT_DetachPartitionFinalize;

    lk_gather_lock_range(gather, stmt->relation,
                         weak ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE);
    lk_gather_lock_range(gather, partition->name, LK_LOCK_ACCESS_EXCLUSIVE);
    if (table == NULL)
        return;
    if (!weak)
        lk_gather_lock_known(gather, lk_catalog_default_partition(gather->catalog, table),
                             LK_LOCK_ACCESS_EXCLUSIVE);
    lk_vec_foreach(constraint, &table->constraints)
        lk_gather_unlink(gather, *constraint, LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

/* lock_key_sides locks the tables on the other side of the foreign keys that a column is part of.
 */
static void
lock_key_sides(struct lk_gather *gather, const struct lk_relation *table, const char *column)
{
    struct lk_relations referrers = {0};

    lk_vec_foreach(constraint, &table->constraints)
        lk_vec_foreach(name, &(*constraint)->columns)
            if (strcmp(*name, column) == 0)
                lk_gather_unlink(gather, *constraint, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_catalog_referrers(gather->mem, gather->catalog, table, &referrers);
    lk_vec_foreach(referrer, &referrers.items)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == table && lk_references_column(*constraint, column))
                lk_gather_tree(gather, *referrer, LK_LOCK_ACCESS_EXCLUSIVE);
}

/* lock_identity locks the sequence of an identity column. */
static void
lock_identity(struct lk_gather *gather, const struct lk_relation *table, const char *name,
              enum lk_lock_mode mode)
{
    const struct lk_column *column = lk_relation_column(table, name);

    if (column != NULL && column->identity)
        lk_gather_lock_known(gather, lk_catalog_sequence(gather->catalog, table, name), mode);
}

bool
lk_alter_keeps_value(const struct AlterTableCmd *command, const struct lk_type *to)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const Node *using = castNode(ColumnDef, command->def)->raw_default;

    if (using == NULL)
        return true;
    if (IsA(using, TypeCast)) {
        const TypeCast *cast = (const TypeCast *)using;
        struct lk_type cast_to;
        if (!lk_type_of(scratch, cast->typeName, &cast_to) || !lk_type_equal(&cast_to, to))
            return false;
        using = cast->arg;
    }
    if (!IsA(using, ColumnRef))
        return false;
    const Node *last = llast(((const ColumnRef *)using)->fields);
    return IsA(last, String) && strcmp(strVal(last), command->name) == 0;
}

/* changes_collation returns whether an index is sorted by a column that gets another collation. */
static bool
changes_collation(const struct lk_relation *table, const ColumnDef *definition, const char *column)
{
    if (table == NULL || definition->collClause == NULL)
        return false;
    lk_vec_foreach(index, &table->indexes)
        lk_vec_foreach(key, &(*index)->keys)
            if (*key != NULL && strcmp(*key, column) == 0)
                return true;
    return false;
}

static void
change_type(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const ColumnDef *definition = castNode(ColumnDef, command->def);
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_column *column = lk_relation_column(table, command->name);
    struct lk_type type;

    if (table != NULL) {
        lock_key_sides(gather, table, command->name);
        lock_identity(gather, table, command->name, LK_LOCK_SHARE_ROW_EXCLUSIVE);
    }
    if (column != NULL && column->is_virtual)
        return;
    if (!lk_type_of(gather->mem, definition->typeName, &type) ||
        !lk_alter_keeps_value(command, &type) ||
        lk_type_change_of(gather->catalog,
                          column != NULL && column->type_known ? &column->type : NULL, &type,
                          lk_catalog_is_utc(gather->catalog)) != LK_TYPE_CHANGE_FREE) {
        lk_gather_rewrite(gather, stmt->relation);
        return;
    }
    struct lk_type_work work = lk_type_work_of(gather->catalog, table, column, &type, stmt);
    if (work.index != NULL || work.check != NULL ||
        changes_collation(table, definition, command->name))
        lk_gather_scan(gather, stmt->relation);
}

/* changes_persistence returns whether SET LOGGED or UNLOGGED is not what the table is already. */
static bool
changes_persistence(const struct lk_relation *table, const AlterTableCmd *command)
{
    return table == NULL || table->object.assumed ||
           table->unlogged != (command->subtype == AT_SetUnLogged);
}

bool
lk_alter_drops(const struct AlterTableStmt *stmt, const char *constraint)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_DropConstraint && strcmp(command->name, constraint) == 0)
            return true;
    }
    return false;
}

bool
lk_alter_proves_not_null(const struct AlterTableStmt *stmt, const struct lk_relation *table,
                         const char *column)
{
    const struct lk_column *known = lk_relation_column(table, column);

    if (known != NULL && known->not_null)
        return true;
    if (table == NULL)
        return false;
    lk_vec_foreach(constraint, &table->constraints) {
        if (!(*constraint)->validated || lk_alter_drops(stmt, (*constraint)->object.name))
            continue;
        lk_vec_foreach(proven, &(*constraint)->not_null)
            if (strcmp(*proven, column) == 0)
                return true;
    }
    return false;
}

bool
lk_alter_skips(const struct lk_catalog *catalog, const struct AlterTableStmt *stmt,
               const struct AlterTableCmd *command)
{
    const struct lk_relation *table =
        lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);

    return command->subtype == AT_AddColumn && command->missing_ok &&
           lk_relation_column(table, castNode(ColumnDef, command->def)->colname) != NULL;
}

/* weak_options returns whether SET (...) names only parameters that need no strong lock. */
static bool
weak_options(const AlterTableCmd *command)
{
    static const char *const strong[] = {
        "buffering",        "check_option",     "fastupdate",         "gin_pending_list_limit",
        "security_barrier", "security_invoker", "user_catalog_table",
    };
    ListCell *cell;

    foreach(cell, (List *)command->def)
        for (size_t i = 0; i < LK_ARRAY_SIZE(strong); i++)
            if (strcmp(lfirst_node(DefElem, cell)->defname, strong[i]) == 0)
                return false;
    return true;
}

/* work_of notes what a subcommand does besides locking its own table. */
static void
work_of(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    switch (command->subtype) {
    case AT_AddColumn:
        if (!lk_alter_skips(gather->catalog, stmt, command))
            lk_gather_add_column(gather, stmt->relation, castNode(ColumnDef, command->def));
        break;
    case AT_AlterColumnType:
        change_type(gather, stmt, command);
        break;
    case AT_SetNotNull:
        if (!lk_alter_proves_not_null(stmt, table, command->name))
            lk_gather_scan(gather, stmt->relation);
        break;
    case AT_DropColumn:
        lk_gather_drop_column(gather, table, command);
        break;
    case AT_AlterConstraint:
        alter_constraint(gather, stmt, command);
        break;
    case AT_DropConstraint:
    case AT_ValidateConstraint:
        constraint_command(gather, stmt, command);
        break;
    case AT_DropIdentity:
        lock_identity(gather, table, command->name, LK_LOCK_ACCESS_EXCLUSIVE);
        break;
    case AT_SetIdentity:
        lock_identity(gather, table, command->name, LK_LOCK_SHARE_ROW_EXCLUSIVE);
        break;
    case AT_SetLogged:
    case AT_SetUnLogged:
        if (changes_persistence(table, command))
            lk_gather_rewrite(gather, stmt->relation);
        break;
    case AT_SetAccessMethod:
    case AT_SetExpression:
    case AT_SetTableSpace:
        lk_gather_rewrite(gather, stmt->relation);
        break;
    default:
        break;
    }
}

static void
alter_command(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    gather->family = stmt->relation->inh && goes_on(command->subtype);
    switch (command->subtype) {
    case AT_AddConstraint:
        add_constraint(gather, stmt, castNode(Constraint, command->def));
        return;
    case AT_AttachPartition:
        attach(gather, stmt, castNode(PartitionCmd, command->def));
        return;
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
        detach(gather, stmt, command);
        return;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
        lk_gather_lock_range(gather, stmt->relation,
                             weak_options(command) ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE
                                                   : LK_LOCK_ACCESS_EXCLUSIVE);
        return;
    default:
        break;
    }
    /* the table itself comes first */
    if (gather->family)
        lk_gather_lock_family(gather, stmt->relation, mode_of(command->subtype));
    else
        lk_gather_lock_range(gather, stmt->relation, mode_of(command->subtype));
    work_of(gather, stmt, command);
}

/* alter_type notes that with CASCADE the columns of a composite type's tables change, too. */
static void
alter_type(struct lk_gather *gather, const AlterTableStmt *stmt)
{
    const struct lk_relation *type = lk_gather_known(gather, stmt->relation);
    ListCell *cell;

    foreach(cell, stmt->cmds)
        if (lfirst_node(AlterTableCmd, cell)->behavior == DROP_CASCADE)
            lk_gather_lock_children(gather, type, LK_LOCK_ACCESS_EXCLUSIVE);
}

void
lk_gather_alter_table(struct lk_gather *gather, const AlterTableStmt *stmt)
{
    ListCell *cell;

    if (stmt->objtype == OBJECT_TYPE) {
        alter_type(gather, stmt);
        return;
    }
    if (stmt->missing_ok && lk_gather_known(gather, stmt->relation) == NULL)
        return;
    foreach(cell, stmt->cmds)
        alter_command(gather, stmt, lfirst_node(AlterTableCmd, cell));
}
