/*
 * rules/effects/effects_alter.c
 *     Locks, rewrites and scans of ALTER TABLE, subcommand by subcommand.
 */
#include "rules/effects/effects_private.h"

static const struct {
    AlterTableType type;
    enum lk_lock_mode mode;
} subcommands[] = {
#define LK_SUBCOMMAND(type, mode) {type, LK_LOCK_##mode},
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

static const struct lk_relation *
known_table(const struct lk_gather *gather, const AlterTableStmt *stmt)
{
    return lk_catalog_relation(gather->catalog, stmt->relation->schemaname,
                               stmt->relation->relname);
}

/* lock_reference locks the table that a foreign key points to. */
static void
lock_reference(struct lk_gather *gather, const Constraint *constraint)
{
    if (constraint->contype == CONSTR_FOREIGN)
        lk_gather_lock_range(gather, constraint->pktable, LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

void
lk_gather_references(struct lk_gather *gather, const List *elements)
{
    ListCell *cell, *inner;

    foreach(cell, elements) {
        if (IsA(lfirst(cell), Constraint))
            lock_reference(gather, lfirst(cell));
        else if (IsA(lfirst(cell), ColumnDef))
            foreach(inner, ((ColumnDef *)lfirst(cell))->constraints)
                lock_reference(gather, lfirst_node(Constraint, inner));
    }
}

/* add_column notes the work that the parts of the new column's definition bring. */
static void
add_column(struct lk_gather *gather, const AlterTableStmt *stmt, const ColumnDef *definition)
{
    struct lk_type type;
    ListCell *cell;

    if (definition->typeName != NULL && lk_type_of(gather->mem, definition->typeName, &type) &&
        type.serial)
        lk_gather_rewrite(gather, stmt->relation);
    foreach(cell, definition->constraints) {
        const Constraint *constraint = lfirst_node(Constraint, cell);
        lock_reference(gather, constraint);
        if (constraint->contype == CONSTR_IDENTITY)
            lk_gather_rewrite(gather, stmt->relation);
        else if (constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_UNIQUE ||
                 constraint->contype == CONSTR_PRIMARY)
            lk_gather_scan(gather, stmt->relation);
    }
}

static void
add_constraint(struct lk_gather *gather, const AlterTableStmt *stmt, const Constraint *constraint)
{
    bool foreign_key = constraint->contype == CONSTR_FOREIGN;

    lk_gather_lock_range(gather, stmt->relation,
                         foreign_key ? LK_LOCK_SHARE_ROW_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE);
    lock_reference(gather, constraint);
    if (!constraint->skip_validation && constraint->indexname == NULL)
        lk_gather_scan(gather, stmt->relation);
}

/* constraint_command locks what is on the other side of a constraint that is there already. */
static void
constraint_command(struct lk_gather *gather, const AlterTableStmt *stmt,
                   const AlterTableCmd *command)
{
    const struct lk_constraint *constraint =
        lk_relation_constraint(known_table(gather, stmt), command->name);
    bool validate = command->subtype == AT_ValidateConstraint;

    if (validate && (constraint == NULL || !constraint->validated))
        lk_gather_scan(gather, stmt->relation);
    if (constraint == NULL || constraint->kind != LK_CONSTRAINT_FOREIGN)
        return;
    lk_gather_lock(gather, (struct lk_qname){constraint->references_schema, constraint->references},
                   validate ? LK_LOCK_ROW_SHARE : LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
partition_command(struct lk_gather *gather, const AlterTableStmt *stmt,
                  const AlterTableCmd *command)
{
    const PartitionCmd *partition = castNode(PartitionCmd, command->def);

    if (command->subtype == AT_AttachPartition) {
        lk_gather_lock_range(gather, stmt->relation, LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
        lk_gather_lock_range(gather, partition->name, LK_LOCK_ACCESS_EXCLUSIVE);
        if (stmt->objtype == OBJECT_TABLE)
            lk_gather_scan(gather, partition->name);
        return;
    }
    enum lk_lock_mode mode = partition->concurrent || command->subtype == AT_DetachPartitionFinalize
                                 ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE
                                 : LK_LOCK_ACCESS_EXCLUSIVE;
    lk_gather_lock_range(gather, stmt->relation, mode);
    lk_gather_lock_range(gather, partition->name, LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
change_type(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const ColumnDef *definition = castNode(ColumnDef, command->def);
    const struct lk_relation *table = known_table(gather, stmt);
    const struct lk_column *column = lk_relation_column(table, command->name);
    struct lk_type type;

    if (!lk_type_of(gather->mem, definition->typeName, &type) ||
        lk_type_change_of(gather->catalog,
                          column != NULL && column->type_known ? &column->type : NULL, &type,
                          false) != LK_TYPE_CHANGE_FREE) {
        lk_gather_rewrite(gather, stmt->relation);
        return;
    }
    struct lk_type_work work = lk_type_work_of(gather->catalog, table, column, &type, stmt);
    if (work.index != NULL || work.check != NULL)
        lk_gather_scan(gather, stmt->relation);
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

static void
alter_command(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_AddConstraint:
        add_constraint(gather, stmt, castNode(Constraint, command->def));
        return;
    case AT_AttachPartition:
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
        partition_command(gather, stmt, command);
        return;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
        lk_gather_lock_range(gather, stmt->relation,
                             weak_options(command) ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE
                                                   : LK_LOCK_ACCESS_EXCLUSIVE);
        return;
    case AT_AddColumn:
        if (!lk_alter_skips(gather->catalog, stmt, command))
            add_column(gather, stmt, castNode(ColumnDef, command->def));
        break;
    case AT_AlterColumnType:
        change_type(gather, stmt, command);
        break;
    case AT_SetNotNull:
        if (!lk_alter_proves_not_null(stmt, known_table(gather, stmt), command->name))
            lk_gather_scan(gather, stmt->relation);
        break;
    case AT_DropConstraint:
    case AT_ValidateConstraint:
        constraint_command(gather, stmt, command);
        break;
    case AT_SetAccessMethod:
    case AT_SetExpression:
    case AT_SetLogged:
    case AT_SetTableSpace:
    case AT_SetUnLogged:
        lk_gather_rewrite(gather, stmt->relation);
        break;
    default:
        break;
    }
    lk_gather_lock_range(gather, stmt->relation, mode_of(command->subtype));
}

void
lk_gather_alter_table(struct lk_gather *gather, const AlterTableStmt *stmt)
{
    ListCell *cell;

    if (stmt->objtype == OBJECT_TYPE)
        return;
    if (stmt->missing_ok && lk_catalog_relation(gather->catalog, stmt->relation->schemaname,
                                                stmt->relation->relname) == NULL)
        return;
    foreach(cell, stmt->cmds)
        alter_command(gather, stmt, lfirst_node(AlterTableCmd, cell));
}
