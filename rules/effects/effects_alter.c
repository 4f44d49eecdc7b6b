/*
 * rules/effects/effects_alter.c
 *     Locks, rewrites and scans of ALTER TABLE, subcommand by subcommand.
 */
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"

typedef void work_function(struct lk_gather *gather, const AlterTableStmt *stmt,
                           const AlterTableCmd *command);

static bool
is_partitioned(const struct lk_relation *relation)
{
    return relation != NULL && relation->kind == LK_RELATION_PARTITIONED;
}

/* lock_children locks the direct partitions and tables that inherit, with `all` their own, too. */
static void
lock_children(struct lk_gather *gather, const struct lk_relation *table, bool all)
{
    if (all)
        lk_gather_lock_children(gather, table, gather->mode);
    else if (table != NULL)
        lk_vec_foreach(child, &table->children)
            lk_gather_lock_known(gather, *child, gather->mode);
}

/* lock_sequences locks the sequences that the columns of a table own. */
static void
lock_sequences(struct lk_gather *gather, const struct lk_relation *table)
{
    if (table == NULL)
        return;
    lk_vec_foreach(column, &table->columns)
        lk_gather_lock_known(gather,
                             lk_catalog_sequence(gather->catalog, table, (*column)->object.name),
                             LK_LOCK_ACCESS_EXCLUSIVE);
}

static void
nothing(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    (void)gather;
    (void)stmt;
    (void)command;
}

/* ---- columns ---- */

static void
add_column(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    bool skips = lk_alter_skips(gather->catalog, stmt, command);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (skips)
        return;
    gather->family = stmt->relation->inh;
    if (gather->family)
        lock_children(gather, lk_gather_known(gather, stmt->relation), true);
    lk_gather_add_column(gather, stmt->relation, castNode(ColumnDef, command->def));
}

/* is_missing returns whether a table is certain not to have a column. */
static bool
is_missing(const struct lk_relation *table, const char *column)
{
    return table != NULL && !table->partial && !table->object.assumed &&
           lk_relation_column(table, column) == NULL;
}

/* drop_column looks at the direct children even with ONLY: their columns become their own. */
static void
drop_column(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (is_missing(table, command->name))
        return;
    lock_children(gather, table, stmt->relation->inh);
    lk_gather_drop_column(gather, table, command);
}

/* is_not_null returns whether a column is known to be NOT NULL, by a valid constraint. */
static bool
is_not_null(const struct lk_relation *table, const char *column)
{
    const struct lk_column *known = lk_relation_column(table, column);

    return known != NULL && known->not_null;
}

static void
set_not_null(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (is_not_null(table, command->name))
        return;
    gather->family = stmt->relation->inh;
    if (gather->family)
        lock_children(gather, table, true);
    lk_gather_scan_nulls(gather, stmt, command->name, "each row is checked for NULL");
}

/* stays_alone returns whether children do not have a column's NOT NULL because it is NO INHERIT. */
static bool
stays_alone(const struct lk_relation *table, const char *column)
{
    if (table != NULL)
        lk_vec_foreach(constraint, &table->constraints)
            if ((*constraint)->kind == LK_CONSTRAINT_NOT_NULL && (*constraint)->no_inherit &&
                strcmp((*constraint)->columns.items[0], column) == 0)
                return true;
    return false;
}

/* drop_not_null is DROP CONSTRAINT since 18: nothing where there is none. */
static void
drop_not_null(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_column *column = lk_relation_column(table, command->name);

    lk_gather_lock_range(gather, stmt->relation, gather->mode);
    if (stays_alone(table, command->name))
        return;
    if (lk_catalog_version(gather->catalog) < 18) {
        if (stmt->relation->inh)
            lock_children(gather, table, true);
    } else if (column == NULL || column->object.assumed || column->not_null) {
        lock_children(gather, table, stmt->relation->inh);
    }
}

/* identity: since 17 the partitions of a table have its identity columns, too. */
static void
identity(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_column *column = lk_relation_column(table, command->name);

    if (command->subtype != AT_AddIdentity && column != NULL && !column->identity &&
        !column->object.assumed)
        return;
    if (stmt->relation->inh && is_partitioned(table) && lk_catalog_version(gather->catalog) >= 17)
        lock_children(gather, table, true);
    if (command->subtype != AT_AddIdentity && column != NULL && column->identity)
        lk_gather_lock_known(gather, lk_catalog_sequence(gather->catalog, table, command->name),
                             command->subtype == AT_DropIdentity ? LK_LOCK_ACCESS_EXCLUSIVE
                                                                 : LK_LOCK_SHARE_ROW_EXCLUSIVE);
}

static void
set_expression(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_column *column =
        lk_relation_column(lk_gather_known(gather, stmt->relation), command->name);

    if (column == NULL || !column->is_virtual)
        lk_gather_rewrite(gather, stmt->relation, "each row gets a value of the new expression");
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

bool
lk_alter_keeps_value(const struct AlterTableCmd *command, const struct lk_type *to)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const Node *using = castNode(ColumnDef, command->def)->raw_default;

    if (using == NULL)
        return true;
    if (IsA(using, CollateClause))
        using = ((const CollateClause *)using)->arg;
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

/* redo notes what has to be done again for a column whose values stay as they are. */
static void
redo(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command,
     const struct lk_type *type)
{
    static const char otherwise[] = "the index sorts or computes otherwise with the new type";
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_column *column = lk_relation_column(table, command->name);
    struct lk_type_work work =
        lk_type_work_of(gather->mem, gather->catalog, table, column, type, stmt, command);

    lk_vec_foreach(index, &work.indexes)
        lk_gather_build_known(gather, table, *index, otherwise);
    if (work.check != NULL)
        lk_gather_scan(gather, stmt->relation, "a CHECK on the column is verified again");
    lk_vec_foreach(index, &work.resorted)
        lk_gather_build_known(gather, table, *index, "the new collation sorts otherwise");
}

static void
change_type(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const ColumnDef *definition = castNode(ColumnDef, command->def);
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const struct lk_column *column = lk_relation_column(table, command->name);
    const struct lk_type *from = column != NULL && column->type_known ? &column->type : NULL;
    struct lk_type type;

    if (table != NULL)
        lock_key_sides(gather, table, command->name);
    if (column != NULL && column->identity)
        lk_gather_lock_known(gather, lk_catalog_sequence(gather->catalog, table, command->name),
                             LK_LOCK_SHARE_ROW_EXCLUSIVE);
    if (column != NULL)
        lk_gather_stored_again(gather, column);
    if (column != NULL && column->is_virtual)
        return;
    if (!lk_type_of(gather->mem, definition->typeName, &type) ||
        !lk_alter_keeps_value(command, &type)) {
        lk_gather_rewrite(gather, stmt->relation, "each value is computed anew");
        return;
    }
    switch (lk_type_change_of(gather->catalog, from, &type, lk_catalog_is_utc(gather->catalog))) {
    case LK_TYPE_CHANGE_FREE:
        redo(gather, stmt, command, &type);
        break;
    case LK_TYPE_CHANGE_REWRITE:
        lk_gather_rewrite(gather, stmt->relation, "each value is converted to the new type");
        break;
    case LK_TYPE_CHANGE_UNKNOWN:
        lk_gather_rewrite(gather, stmt->relation,
                          "unless both types store values the same way, which is not known");
        break;
    }
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
    if (command->subtype != AT_AddColumn || !command->missing_ok)
        return false;
    const struct lk_relation *table =
        lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);
    return lk_relation_column(table, castNode(ColumnDef, command->def)->colname) != NULL;
}

/* ---- constraints, triggers, parents ---- */

static void
add_constraint(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    lk_gather_add_constraint(gather, stmt, castNode(Constraint, command->def));
}

/* has_keys returns whether triggers of foreign keys stand on a table, on either side of them. */
static bool
has_keys(const struct lk_gather *gather, const struct lk_relation *table)
{
    struct lk_relations referrers = {0};

    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN)
            return true;
    lk_catalog_referrers(gather->mem, gather->catalog, table, &referrers);
    return referrers.items.count > 0;
}

/* has_row_trigger returns whether a subcommand means a trigger that partitions have, too. */
static bool
has_row_trigger(const struct lk_gather *gather, const struct lk_relation *table,
                const AlterTableCmd *command)
{
    bool all = command->subtype == AT_EnableTrigAll || command->subtype == AT_DisableTrigAll;
    bool users = command->subtype == AT_EnableTrigUser || command->subtype == AT_DisableTrigUser;

    if (table->partial || (all && has_keys(gather, table)))
        return true;
    return lk_has_row_trigger(table, all || users ? NULL : command->name);
}

static void
switch_triggers(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    if (stmt->relation->inh && is_partitioned(table) && has_row_trigger(gather, table, command))
        lock_children(gather, table, true);
}

static void
inherit(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    (void)stmt;
    lk_gather_lock_range(gather, castNode(RangeVar, command->def), LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

static void
disinherit(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    (void)stmt;
    lk_gather_lock_range(gather, castNode(RangeVar, command->def), LK_LOCK_ACCESS_SHARE);
}

static void
set_default(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    (void)stmt;
    lk_gather_stored(gather, command->def); /* NULL: DROP DEFAULT */
}

/* ---- properties of the table ---- */

static void
change_owner(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    const char *owner = table != NULL ? table->object.owner : NULL;

    /* whoever runs the migrations owns the table already, as far as they tell */
    if (command->newowner->roletype == ROLESPEC_CSTRING &&
        (owner == NULL || strcmp(owner, command->newowner->rolename) != 0))
        lock_sequences(gather, table);
}

static void
set_persistence(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);
    bool unlogged = command->subtype == AT_SetUnLogged;

    if (table != NULL && !table->object.assumed && table->unlogged == unlogged)
        return;
    lock_sequences(gather, table);
    lk_gather_rewrite(gather, stmt->relation,
                      unlogged ? "the table leaves the WAL" : "all rows are written to the WAL");
}

/* is_same returns whether a property is what it is asked to be; NULL stands for `usual`. */
static bool
is_same(const char *present, const char *wanted, const char *usual)
{
    return strcmp(present != NULL ? present : usual, wanted != NULL ? wanted : usual) == 0;
}

static void
set_access_method(struct lk_gather *gather, const AlterTableStmt *stmt,
                  const AlterTableCmd *command)
{
    const struct lk_relation *table = lk_gather_known(gather, stmt->relation);

    if (table == NULL || table->object.assumed || !is_same(table->method, command->name, "heap"))
        lk_gather_rewrite(gather, stmt->relation, "the new access method stores rows otherwise");
}

static void
set_tablespace(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    static const char why[] = "the files are copied to the other tablespace";
    const struct lk_relation *relation = lk_gather_known(gather, stmt->relation);

    if (relation != NULL && !relation->object.assumed &&
        is_same(relation->tablespace, command->name, "pg_default"))
        return;
    if (relation != NULL && relation->kind == LK_RELATION_INDEX)
        lk_gather_copy_index(gather, relation, why);
    else
        lk_gather_rewrite(gather, stmt->relation, why);
}

/* ---- which subcommand does what ---- */

static const struct subcommand {
    AlterTableType type;
    enum lk_lock_mode mode;
    enum { ALONE, FAMILY, OWN } reach;
    work_function *work;
} subcommands[] = {
#define LK_SUBCOMMAND(type, mode, reach, work) {type, LK_LOCK_##mode, reach, work},
#include "rules/effects/subcommands.def"
#undef LK_SUBCOMMAND
};

static const struct subcommand *
find_subcommand(AlterTableType type)
{
    static const struct subcommand other = {.mode = LK_LOCK_ACCESS_EXCLUSIVE, .work = nothing};

    for (size_t i = 0; i < LK_ARRAY_SIZE(subcommands); i++)
        if (subcommands[i].type == type)
            return &subcommands[i];
    return &other;
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

/* level_of returns the lock that a subcommand asks for. */
static enum lk_lock_mode
level_of(const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_AddConstraint:
        if (castNode(Constraint, command->def)->contype == CONSTR_FOREIGN)
            return LK_LOCK_SHARE_ROW_EXCLUSIVE;
        break;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_ReplaceRelOptions:
        if (weak_options(command))
            return LK_LOCK_SHARE_UPDATE_EXCLUSIVE;
        break;
    case AT_DetachPartition:
        if (castNode(PartitionCmd, command->def)->concurrent)
            return LK_LOCK_SHARE_UPDATE_EXCLUSIVE;
        break;
    default:
        break;
    }
    return find_subcommand(command->subtype)->mode;
}

static void
alter_command(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command)
{
    const struct subcommand *subcommand = find_subcommand(command->subtype);

    gather->family = stmt->relation->inh && subcommand->reach == FAMILY;
    if (gather->family)
        lk_gather_lock_family(gather, stmt->relation, gather->mode);
    else if (subcommand->reach != OWN)
        lk_gather_lock_range(gather, stmt->relation, gather->mode);
    subcommand->work(gather, stmt, command);
}

/* change_typed notes what a new type of an attribute does to the tables of a composite type. */
static void
change_typed(struct lk_gather *gather, const AlterTableStmt *stmt, const AlterTableCmd *command,
             const struct lk_relation *type)
{
    AlterTableStmt of_table = *stmt;
    RangeVar range = *stmt->relation;

    of_table.relation = &range;
    gather->family = false;
    lk_vec_foreach(child, &type->children) {
        range.schemaname = lk_strdup(gather->mem, (*child)->schema);
        range.relname = lk_strdup(gather->mem, (*child)->object.name);
        change_type(gather, &of_table, command);
    }
}

/* alter_type notes that with CASCADE the columns of a composite type's tables change, too. */
static void
alter_type(struct lk_gather *gather, const AlterTableStmt *stmt)
{
    const struct lk_relation *type = lk_gather_known(gather, stmt->relation);
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->behavior != DROP_CASCADE || type == NULL)
            continue;
        lk_gather_lock_children(gather, type, LK_LOCK_ACCESS_EXCLUSIVE);
        if (command->subtype == AT_AlterColumnType)
            change_typed(gather, stmt, command, type);
    }
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
        gather->mode = LK_MAX(gather->mode, level_of(lfirst_node(AlterTableCmd, cell)));
    foreach(cell, stmt->cmds)
        alter_command(gather, stmt, lfirst_node(AlterTableCmd, cell));
}
