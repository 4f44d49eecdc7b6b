/*
 * rules/schema/replay_alter.c
 *     ALTER TABLE and its likes: which subcommand does what.
 */
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"

/* What is altered. */
struct target {
    struct lk_relation *relation;
    const AlterTableStmt *stmt;
    bool recurse; /* without ONLY */
};

/* is_of_type returns whether a statement may be used for a kind of relation. */
static bool
is_of_type(enum lk_relation_kind kind, ObjectType type)
{
    if (kind == LK_RELATION_UNKNOWN)
        return true;
    switch (type) {
    case OBJECT_INDEX:
        return kind == LK_RELATION_INDEX;
    case OBJECT_SEQUENCE:
        return kind == LK_RELATION_SEQUENCE;
    case OBJECT_VIEW:
        return kind == LK_RELATION_VIEW;
    case OBJECT_MATVIEW:
        return kind == LK_RELATION_MATVIEW;
    case OBJECT_FOREIGN_TABLE:
        return kind == LK_RELATION_FOREIGN;
    case OBJECT_TYPE:
        return kind == LK_RELATION_COMPOSITE;
    default: /* ALTER TABLE is for all but types */
        return kind != LK_RELATION_COMPOSITE;
    }
}

static bool
refuse_type(struct lk_catalog *catalog, const struct lk_relation *relation,
            const AlterTableStmt *stmt)
{
    static const char *const words[] = {
        [OBJECT_INDEX] = "an index",
        [OBJECT_SEQUENCE] = "a sequence",
        [OBJECT_VIEW] = "a view",
        [OBJECT_MATVIEW] = "a materialized view",
        [OBJECT_FOREIGN_TABLE] = "a foreign table",
        [OBJECT_TYPE] = "a composite type",
    };

    if (is_of_type(relation->kind, stmt->objtype))
        return false;
    const char *what = stmt->objtype < LK_ARRAY_SIZE(words) && words[stmt->objtype] != NULL
                           ? words[stmt->objtype]
                           : NULL;
    struct lk_refusal *refusal =
        what != NULL ? lk_refuse(catalog, "42809", stmt->relation->location, "\"%s\" is not %s",
                                 relation->object.name, what)
                     : lk_refuse(catalog, "42809", stmt->relation->location,
                                 "\"%s\" is a composite type", relation->object.name);
    refusal->object = &relation->object;
    return true;
}

enum {
    ALLOWS_VIEW = 1 << 0,
    ALLOWS_MATVIEW = 1 << 1,
    ALLOWS_INDEX = 1 << 2,
    ALLOWS_SEQUENCE = 1 << 3,
    ALLOWS_FOREIGN = 1 << 4,
    NOT_TABLES = 1 << 5,
};

/* is_allowed returns whether a kind of relation is among those of alter_actions.def. */
static bool
is_allowed(enum lk_relation_kind kind, unsigned allowed)
{
    static const unsigned kinds[] = {
        [LK_RELATION_VIEW] = ALLOWS_VIEW,       [LK_RELATION_MATVIEW] = ALLOWS_MATVIEW,
        [LK_RELATION_INDEX] = ALLOWS_INDEX,     [LK_RELATION_SEQUENCE] = ALLOWS_SEQUENCE,
        [LK_RELATION_FOREIGN] = ALLOWS_FOREIGN,
    };

    if (kind == LK_RELATION_TABLE || kind == LK_RELATION_PARTITIONED)
        return (allowed & NOT_TABLES) == 0;
    if (kind >= LK_ARRAY_SIZE(kinds) || kinds[kind] == 0) /* not known */
        return true;
    return (allowed & kinds[kind]) != 0;
}

/* refuse_action refuses a subcommand that is not for relations of this kind. */
static bool
refuse_action(struct lk_catalog *catalog, const struct lk_relation *relation,
              const AlterTableStmt *stmt)
{
    static const struct {
        AlterTableType type;
        unsigned allowed;
        const char *words;
    } actions[] = {
#define LK_ALTER_ACTION(type, allowed, words) {type, allowed, words},
#include "rules/schema/alter_actions.def"
#undef LK_ALTER_ACTION
    };
    ListCell *cell;

    foreach(cell, stmt->cmds)
        for (size_t i = 0; i < LK_ARRAY_SIZE(actions); i++) {
            if (actions[i].type != lfirst_node(AlterTableCmd, cell)->subtype ||
                is_allowed(relation->kind, actions[i].allowed))
                continue;
            lk_refuse(catalog, "42809", -1,
                      "ALTER action %s cannot be performed on relation \"%s\"", actions[i].words,
                      relation->object.name)
                ->object = &relation->object;
            return true;
        }
    return false;
}

/*
 * refuse_leaving refuses all but FINALIZE on a partition that is half detached.
 * Source: ATPrepCmd(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_leaving(struct lk_catalog *catalog, const struct lk_relation *relation,
               const AlterTableStmt *stmt)
{
    ListCell *cell;
    bool others = false;

    foreach(cell, stmt->cmds)
        others |= lfirst_node(AlterTableCmd, cell)->subtype != AT_DetachPartitionFinalize;
    if (!relation->detaching || !others)
        return false;
    lk_refuse(catalog, "55000", stmt->relation->location,
              "cannot alter partition \"%s\" with an incomplete detach", relation->object.name)
        ->object = &relation->object;
    return true;
}

/* set_owner gives a relation, its indexes and owned sequences an owner. */
static void
set_owner(struct lk_catalog *catalog, struct lk_relation *relation, const RoleSpec *role)
{
    if (role == NULL)
        return;
    const char *owner = role->roletype == ROLESPEC_CSTRING ? role->rolename : NULL;
    lk_catalog_touch(catalog, relation);
    relation->object.owner = owner != NULL ? lk_catalog_keep(catalog, owner) : NULL;
    lk_vec_foreach(index, &relation->indexes) {
        lk_catalog_touch(catalog, *index);
        (*index)->object.owner = relation->object.owner;
    }
    lk_vec_foreach(sequence, &relation->sequences) {
        if ((*sequence)->table != relation || !lk_is_there(catalog, *sequence))
            continue;
        lk_catalog_touch(catalog, *sequence);
        (*sequence)->object.owner = relation->object.owner;
    }
}

/* find_index returns an index of a table, NULL where it has none of that name. */
static struct lk_relation *
find_index(struct lk_catalog *catalog, const struct lk_relation *table, const char *name)
{
    lk_vec_foreach(index, &table->indexes)
        if (strcmp((*index)->object.name, name) == 0)
            return *index;
    if (lk_is_known(table))
        lk_refuse(catalog, "42704", -1, "index \"%s\" for table \"%s\" does not exist", name,
                  table->object.name)
            ->name = lk_catalog_keep(catalog, name);
    return NULL;
}

/*
 * refuse_index_of_other says of an index that a table does not have that it is another one's. Not
 * CLUSTER ON: that looks in the table's schema only, but words it alike.
 */
static void
refuse_index_of_other(struct lk_catalog *catalog, const struct lk_relation *table, const char *name)
{
    const struct lk_relation *other = lk_catalog_relation(catalog, table->schema, name);

    if (other == NULL)
        return;
    catalog->refusals.items.count = 0;
    lk_refuse(catalog, "42809", -1, "\"%s\" is not an index for table \"%s\"", name,
              table->object.name)
        ->object = &other->object;
}

/*
 * refuse_identity refuses an index that rows cannot be told apart by.
 * Source: ATExecReplicaIdentity(), src/backend/commands/tablecmds.c.
 */
static bool
refuse_identity(struct lk_catalog *catalog, const struct lk_relation *table,
                const struct lk_relation *index)
{
    const struct lk_constraint *constraint = lk_index_constraint(index);
    const char *name = index->object.name;

    if (index->object.assumed || index->partial || !lk_is_known(table))
        return false;
    if (!index->unique) {
        lk_refuse(catalog, "42809", -1, "cannot use non-unique index \"%s\" as replica identity",
                  name);
        return true;
    }
    if (constraint != NULL && constraint->deferrable) {
        lk_refuse(catalog, "0A000", -1, "cannot use non-immediate index \"%s\" as replica identity",
                  name);
        return true;
    }
    for (size_t i = 0; i < index->keys.count - index->included; i++) {
        if (index->keys.items[i] != NULL)
            continue;
        lk_refuse(catalog, "0A000", -1, "cannot use expression index \"%s\" as replica identity",
                  name);
        return true;
    }
    if (index->has_predicate) {
        lk_refuse(catalog, "0A000", -1, "cannot use partial index \"%s\" as replica identity",
                  name);
        return true;
    }
    for (size_t i = 0; i < index->keys.count - index->included; i++) {
        const struct lk_column *column = lk_relation_column(table, index->keys.items[i]);
        if (column == NULL || column->not_null || column->object.assumed)
            continue;
        lk_refuse(
            catalog, "42809", -1,
            "index \"%s\" cannot be used as replica identity because column \"%s\" is nullable",
            name, column->object.name)
            ->object = &column->object;
        return true;
    }
    return false;
}

/* drop_of makes a typed table one of its own, which no longer follows the type. */
static void
drop_of(struct lk_catalog *catalog, struct lk_relation *table)
{
    struct lk_object *type = table->of_type != NULL && table->of_type->mentions.count > 0
                                 ? table->of_type->mentions.items[0].object
                                 : NULL;

    table->of_type = NULL;
    if (type == NULL)
        return;
    lk_depend_not(catalog, &table->object, type);
    if (type->class != LK_CLASS_RELATION)
        return;
    lk_catalog_touch(catalog, type);
    lk_remove_pointer(&((struct lk_relation *)type)->children, table);
}

static void
set_replica_identity(struct lk_catalog *catalog, struct lk_relation *table,
                     const ReplicaIdentityStmt *stmt)
{
    struct lk_relation *index = NULL;

    if (stmt->identity_type == REPLICA_IDENTITY_INDEX) {
        index = find_index(catalog, table, stmt->name);
        if (index == NULL && lk_is_known(table)) {
            refuse_index_of_other(catalog, table, stmt->name);
            return;
        }
        if (index != NULL && refuse_identity(catalog, table, index))
            return;
    }
    lk_catalog_touch(catalog, table);
    table->replica_identity = stmt->identity_type;
    table->identity = index;
}

static void
set_clustered(struct lk_catalog *catalog, struct lk_relation *table, const char *name)
{
    struct lk_relation *index = name != NULL ? find_index(catalog, table, name) : NULL;

    if (name != NULL && index == NULL)
        return;
    lk_catalog_touch(catalog, table);
    table->clustered = index;
}

void
lk_replay_cluster(struct lk_catalog *catalog, const ClusterStmt *stmt)
{
    struct lk_relation *table =
        stmt->relation == NULL
            ? NULL
            : lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);

    if (table != NULL && stmt->indexname != NULL && table->kind != LK_RELATION_PARTITIONED)
        set_clustered(catalog, table, stmt->indexname);
}

/* set_logged follows SET LOGGED and UNLOGGED; indexes and owned sequences come along. */
static void
set_logged(struct lk_catalog *catalog, struct lk_relation *table, bool unlogged)
{
    lk_catalog_touch(catalog, table);
    table->unlogged = unlogged;
    lk_vec_foreach(index, &table->indexes) {
        lk_catalog_touch(catalog, *index);
        (*index)->unlogged = unlogged;
    }
    lk_vec_foreach(sequence, &table->sequences) {
        if ((*sequence)->table != table || !lk_is_there(catalog, *sequence))
            continue;
        lk_catalog_touch(catalog, *sequence);
        (*sequence)->unlogged = unlogged;
    }
}

/* set_state enables or disables triggers or rules; `name` NULL: all of them. */
static void
set_state(struct lk_catalog *catalog, struct lk_relation *table, enum lk_class class,
          const char *name, char state, bool recurse)
{
    lk_vec_foreach(part, &table->parts) {
        if ((*part)->object.class != class ||
            (name != NULL && strcmp((*part)->object.name, name) != 0))
            continue;
        lk_catalog_touch(catalog, *part);
        (*part)->state = state;
    }
    if (!recurse || table->kind != LK_RELATION_PARTITIONED)
        return;
    lk_vec_foreach(child, &table->children)
        if ((*child)->parent == table && lk_is_there(catalog, *child))
            set_state(catalog, *child, class, name, state, true);
}

/* set_type makes a table one of a composite type. */
static void
set_type(struct lk_catalog *catalog, struct lk_relation *table, const TypeName *type_name)
{
    struct lk_qname name = lk_qname_of_list(type_name->names);
    struct lk_relation *type = lk_catalog_relation(catalog, name.schema, name.name);

    if (type == NULL || type->kind != LK_RELATION_COMPOSITE)
        return;
    lk_catalog_touch(catalog, table);
    table->of_type = lk_text_plain(catalog->objects, "");
    lk_text_mention(table->of_type, (struct lk_mention){.object = &type->object});
    lk_link(catalog, type, children, table);
    lk_depend(catalog, &table->object, &type->object, LK_DEPENDS_NORMAL);
}

#define FOREIGN_KEY_TRIGGER "RI_ConstraintTrigger_" /* and a number: the server's own */

/* refuse_state refuses to switch what is not there. */
static bool
refuse_state(struct lk_catalog *catalog, const struct lk_relation *table, enum lk_class class,
             const char *name)
{
    if (name == NULL || !lk_is_known(table) || lk_part_find(table, class, name) != NULL ||
        strncmp(name, FOREIGN_KEY_TRIGGER, strlen(FOREIGN_KEY_TRIGGER)) == 0)
        return false;
    lk_refuse(catalog, "42704", -1, "%s \"%s\" for %s \"%s\" does not exist",
              lk_class_words(class), name, class == LK_CLASS_RULE ? "relation" : "table",
              table->object.name)
        ->name = lk_catalog_keep(catalog, name);
    return true;
}

/* alter_state follows the subcommands that switch something on or off; false: none of them. */
static bool
alter_state(struct lk_catalog *catalog, const struct target *target, const AlterTableCmd *command)
{
    static const struct {
        AlterTableType subtype;
        enum lk_class class;
        char state;
    } states[] = {
        {AT_EnableTrig, LK_CLASS_TRIGGER, 'O'},        {AT_EnableAlwaysTrig, LK_CLASS_TRIGGER, 'A'},
        {AT_EnableReplicaTrig, LK_CLASS_TRIGGER, 'R'}, {AT_DisableTrig, LK_CLASS_TRIGGER, 'D'},
        {AT_EnableTrigAll, LK_CLASS_TRIGGER, 'O'},     {AT_DisableTrigAll, LK_CLASS_TRIGGER, 'D'},
        {AT_EnableTrigUser, LK_CLASS_TRIGGER, 'O'},    {AT_DisableTrigUser, LK_CLASS_TRIGGER, 'D'},
        {AT_EnableRule, LK_CLASS_RULE, 'O'},           {AT_EnableAlwaysRule, LK_CLASS_RULE, 'A'},
        {AT_EnableReplicaRule, LK_CLASS_RULE, 'R'},    {AT_DisableRule, LK_CLASS_RULE, 'D'},
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(states); i++) {
        if (states[i].subtype != command->subtype)
            continue;
        if (refuse_state(catalog, target->relation, states[i].class, command->name))
            return true;
        set_state(catalog, target->relation, states[i].class, command->name, states[i].state,
                  target->recurse);
        return true;
    }
    return false;
}

/* alter_table follows the subcommands about the table itself. */
static void
alter_table(struct lk_catalog *catalog, const struct target *target, const AlterTableCmd *command)
{
    struct lk_relation *table = target->relation;

    if (alter_state(catalog, target, command))
        return;
    lk_catalog_touch(catalog, table);
    switch (command->subtype) {
    case AT_ChangeOwner:
        set_owner(catalog, table, command->newowner);
        break;
    case AT_ClusterOn:
    case AT_DropCluster:
        set_clustered(catalog, table, command->name);
        break;
    case AT_SetLogged:
    case AT_SetUnLogged:
        set_logged(catalog, table, command->subtype == AT_SetUnLogged);
        break;
    case AT_SetAccessMethod:
        table->method = lk_catalog_keep(catalog, command->name);
        break;
    case AT_SetTableSpace:
        table->tablespace = lk_catalog_keep(catalog, command->name);
        break;
    case AT_SetRelOptions:
    case AT_ResetRelOptions:
    case AT_GenericOptions:
        table->options = lk_options_changed(catalog, table->options, castNode(List, command->def),
                                            command->subtype == AT_ResetRelOptions,
                                            command->subtype == AT_GenericOptions);
        break;
    case AT_AddOf:
        set_type(catalog, table, castNode(TypeName, command->def));
        break;
    case AT_DropOf:
        drop_of(catalog, table);
        break;
    case AT_ReplicaIdentity:
        set_replica_identity(catalog, table, castNode(ReplicaIdentityStmt, command->def));
        break;
    case AT_EnableRowSecurity:
    case AT_DisableRowSecurity:
        table->row_security = command->subtype == AT_EnableRowSecurity;
        break;
    case AT_ForceRowSecurity:
    case AT_NoForceRowSecurity:
        table->force_row_security = command->subtype == AT_ForceRowSecurity;
        break;
    default:
        break;
    }
}

static void
alter_command(struct lk_catalog *catalog, const struct target *target, const AlterTableCmd *command,
              int index)
{
    struct lk_relation *table = target->relation;

    switch (command->subtype) {
    case AT_AddColumn:
        lk_alter_add_column(catalog, table, command, target->recurse);
        break;
    case AT_DropColumn:
        lk_alter_drop_column(catalog, table, command, target->recurse);
        break;
    case AT_ColumnDefault:
    case AT_DropNotNull:
    case AT_SetNotNull:
    case AT_SetExpression:
    case AT_DropExpression:
    case AT_SetStatistics:
    case AT_SetOptions:
    case AT_ResetOptions:
    case AT_SetStorage:
    case AT_SetCompression:
    case AT_AlterColumnType:
    case AT_AlterColumnGenericOptions:
    case AT_AddIdentity:
    case AT_SetIdentity:
    case AT_DropIdentity:
        lk_alter_column(catalog, table, command,
                        lk_span_command(catalog, target->stmt->relation, index), target->recurse);
        break;
    case AT_AddConstraint:
        lk_alter_add_constraint(catalog, table, castNode(Constraint, command->def),
                                target->recurse);
        break;
    case AT_AlterConstraint:
    case AT_ValidateConstraint:
    case AT_DropConstraint:
        lk_alter_constraint(catalog, table, command, target->recurse);
        break;
    case AT_AttachPartition:
        lk_partition_attach(catalog, table, castNode(PartitionCmd, command->def));
        break;
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
        lk_partition_detach(catalog, table, castNode(PartitionCmd, command->def),
                            command->subtype == AT_DetachPartitionFinalize);
        break;
    case AT_AddInherit:
    case AT_DropInherit:
        lk_inherit_command(catalog, table, command);
        break;
    default:
        alter_table(catalog, target, command);
        break;
    }
}

/* pass_of returns when the server carries out a subcommand: those that drop go first. */
static int
pass_of(const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_DropColumn:
    case AT_DropConstraint:
    case AT_DropNotNull:
    case AT_DropIdentity:
    case AT_DropExpression:
        return 0;
    case AT_AlterColumnType:
        return 1;
    case AT_AddColumn:
        return 2;
    case AT_ColumnDefault: /* SET and DROP DEFAULT */
        return command->def == NULL ? 0 : 3;
    case AT_SetNotNull:
        return 4;
    case AT_AddConstraint:
        switch (castNode(Constraint, command->def)->contype) {
        case CONSTR_CHECK:
        case CONSTR_NOTNULL:
            return 4;
        case CONSTR_FOREIGN:
            return 7;
        default:
            return 5;
        }
    default:
        return 6;
    }
}

/* refuse_using refuses what USING computes from the table as it was before the statement. */
static bool
refuse_using(struct lk_catalog *catalog, const struct lk_relation *relation,
             const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_AlterColumnType &&
            lk_alter_refuse_using(catalog, relation, command))
            return true;
    }
    return false;
}

static void
alter(struct lk_catalog *catalog, struct lk_relation *relation, const AlterTableStmt *stmt)
{
    struct target target = {relation, stmt, stmt->relation->inh};
    size_t refusals = catalog->refusals.items.count;
    size_t mark = lk_catalog_mark(catalog);

    if (refuse_using(catalog, relation, stmt))
        return;
    for (int pass = 0; pass <= 7; pass++) {
        for (int i = 0; i < list_length(stmt->cmds); i++) {
            const AlterTableCmd *command = list_nth_node(AlterTableCmd, stmt->cmds, i);
            if (pass_of(command) != pass)
                continue;
            alter_command(catalog, &target, command, i);
            if (catalog->refusals.items.count == refusals)
                continue;
            lk_catalog_return_to(catalog, mark);
            return;
        }
    }
}

void
lk_replay_alter_table(struct lk_catalog *catalog, const AlterTableStmt *stmt)
{
    const RangeVar *range = stmt->relation;
    struct lk_relation *table = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (stmt->objtype == OBJECT_TYPE) {
        lk_replay_alter_composite(catalog, stmt);
        return;
    }
    if (table == NULL && (stmt->missing_ok || lk_refuse_missing(catalog, range)))
        return;
    table = lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
    if (table->kind == LK_RELATION_UNKNOWN && stmt->objtype == OBJECT_TABLE) {
        lk_catalog_touch(catalog, table);
        table->kind = LK_RELATION_TABLE;
    }
    if (!table->object.assumed &&
        (refuse_type(catalog, table, stmt) || refuse_action(catalog, table, stmt) ||
         refuse_leaving(catalog, table, stmt)))
        return;
    alter(catalog, table, stmt);
}
