/*
 * rules/schema/replay_maybe.c
 *     Statements of which nobody knows whether they are carried out: see replay.h.
 *
 * Most of them make sure of something: IF NOT EXISTS (...) THEN CREATE. So what they create is
 * there behind them, by their hand or another's, and what they drop or change may be there still.
 */
#include "parser/constant.h"
#include "parser/script.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_find.h"

/* doubt marks an object as one that need not be there; what was only assumed before stays so. */
static void
doubt(struct lk_catalog *catalog, struct lk_object *object)
{
    lk_catalog_touch(catalog, object);
    object->doubtful |= !object->assumed;
    object->assumed = true;
}

static void
doubt_relation(struct lk_catalog *catalog, struct lk_relation *relation)
{
    if (relation == NULL)
        return;
    doubt(catalog, &relation->object);
    relation->partial = true;
}

static void
doubt_range(struct lk_catalog *catalog, const RangeVar *range)
{
    doubt_relation(catalog, lk_catalog_relation(catalog, range->schemaname, range->relname));
}

/* doubt_new replays CREATE of a relation; one that was known before stays as it was. */
static void
doubt_new(struct lk_catalog *catalog, const Node *tree, const RangeVar *range)
{
    const struct lk_relation *old = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (old != NULL)
        return;
    lk_replay_tree(catalog, tree);
    doubt_range(catalog, range);
}

static void
doubt_index(struct lk_catalog *catalog, const IndexStmt *stmt)
{
    const RangeVar *range = stmt->relation;

    if (stmt->idxname == NULL)
        return;
    lk_replay_tree(catalog, (const Node *)stmt);
    const struct lk_relation *table =
        lk_catalog_relation(catalog, range->schemaname, range->relname);
    struct lk_relation *index =
        table != NULL ? lk_catalog_relation(catalog, table->schema, stmt->idxname) : NULL;
    if (index == NULL || index->object.birth.statement != lk_catalog_now(catalog).statement ||
        index->object.birth.migration != lk_catalog_now(catalog).migration)
        return;
    doubt(catalog, &index->object);
}

static void
doubt_column(struct lk_catalog *catalog, struct lk_relation *table, const char *name)
{
    struct lk_column *column = lk_relation_column(table, name);

    if (column == NULL)
        return;
    doubt(catalog, &column->object);
    column->type_known = false;
    column->not_null = false;
}

/* doubt_command keeps what a subcommand of ALTER TABLE adds, and doubts what it changes. */
static void
doubt_command(struct lk_catalog *catalog, struct lk_relation *table, const AlterTableCmd *command)
{
    struct lk_constraint *constraint;
    const char *name = command->name;

    switch (command->subtype) {
    case AT_AddColumn: {
        const ColumnDef *definition = castNode(ColumnDef, command->def);
        if (lk_relation_column(table, definition->colname) != NULL)
            return;
        lk_replay_add_column(catalog, table, definition);
        doubt_column(catalog, table, definition->colname);
        return;
    }
    case AT_AddConstraint:
        name = castNode(Constraint, command->def)->conname;
        if (name == NULL || lk_relation_constraint(table, name) != NULL)
            return;
        lk_replay_constraint(catalog, table, castNode(Constraint, command->def), NULL);
        break;
    case AT_DropConstraint:
        break;
    default:
        if (name != NULL)
            doubt_column(catalog, table, name);
        return;
    }
    constraint = lk_relation_constraint(table, name);
    if (constraint == NULL)
        return;
    doubt(catalog, &constraint->object);
    constraint->validated = false; /* until something says so for sure */
}

/*
 * is_all_told returns whether what a subcommand may have done to a table is told by the constraint
 * that it adds: that one is doubted, and all else is as it was.
 */
static bool
is_all_told(const AlterTableCmd *command)
{
    const Constraint *constraint = (const Constraint *)command->def;

    return command->subtype == AT_AddConstraint && constraint->conname != NULL &&
           (constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_FOREIGN);
}

static void
doubt_alter(struct lk_catalog *catalog, const AlterTableStmt *stmt)
{
    const RangeVar *range = stmt->relation;
    struct lk_relation *table = lk_catalog_relation(catalog, range->schemaname, range->relname);
    struct lk_relations heirs = {0};
    ListCell *cell;

    if (stmt->objtype == OBJECT_TYPE)
        return;
    if (table == NULL)
        table = lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
    lk_catalog_touch(catalog, table);
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        table->partial |= !is_all_told(command);
        doubt_command(catalog, table, command);
    }
    if (!range->inh || !table->partial)
        return;
    lk_catalog_descendants(catalog->statement_mem, catalog, table, &heirs);
    lk_vec_foreach(heir, &heirs.items) {
        lk_catalog_touch(catalog, *heir);
        (*heir)->partial = true;
    }
}

static void
doubt_dropped(struct lk_catalog *catalog, const DropStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->objects) {
        struct lk_sought sought = {
            .type = stmt->removeType, .object = lfirst(cell), .missing_ok = true, .drop = true};
        struct lk_object *object = lk_replay_find(catalog, &sought);
        if (object == NULL)
            continue;
        if (object->class == LK_CLASS_RELATION)
            doubt_relation(catalog, (struct lk_relation *)object);
        else
            doubt(catalog, object);
    }
}

/* doubt_label doubts an enum, which may have another label. */
static void
doubt_label(struct lk_catalog *catalog, const AlterEnumStmt *stmt)
{
    struct lk_object *type = lk_replay_find_as(catalog, OBJECT_TYPE, NULL, (Node *)stmt->typeName);

    lk_replay_tree(catalog, (const Node *)stmt);
    if (type != NULL)
        doubt(catalog, type);
}

/* doubt_created replays CREATE of what is not a relation, and doubts that it is there. */
static void
doubt_created(struct lk_catalog *catalog, const Node *tree)
{
    catalog->created = NULL;
    lk_replay_tree(catalog, tree);
    if (catalog->created == NULL)
        return;
    doubt(catalog, catalog->created);
    catalog->created->doubtful = true;
}

/* doubt_renamed leaves both names: one of them is the right one. */
static void
doubt_renamed(struct lk_catalog *catalog, const RenameStmt *stmt)
{
    struct lk_relation *relation = NULL;

    if (stmt->relation != NULL)
        relation =
            lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);
    doubt_relation(catalog, relation);
    if (relation == NULL)
        return;
    if (stmt->renameType == OBJECT_COLUMN)
        doubt_column(catalog, relation, stmt->subname);
    else if (stmt->renameType == OBJECT_TABLE || stmt->renameType == OBJECT_VIEW)
        lk_catalog_assume(catalog, relation->schema, stmt->newname, relation->kind);
}

/* doubt_moved doubts an object that may be in another schema, which may hold it. */
static void
doubt_moved(struct lk_catalog *catalog, const AlterObjectSchemaStmt *stmt)
{
    struct lk_sought sought = {.type = stmt->objectType,
                               .relation = stmt->relation,
                               .object = stmt->object,
                               .missing_ok = true};
    struct lk_object *object = lk_replay_find(catalog, &sought);
    struct lk_namespace *schema = lk_catalog_schema(catalog, stmt->newschema);

    if (schema != NULL) {
        lk_catalog_touch(catalog, schema);
        schema->imported = true;
    }
    if (object == NULL)
        return;
    if (object->class == LK_CLASS_RELATION)
        doubt_relation(catalog, (struct lk_relation *)object);
    else
        doubt(catalog, object);
    lk_vec_foreach(dependency, &object->dependents) {
        struct lk_column *column = (struct lk_column *)(*dependency)->dependent;
        if (column->object.class != LK_CLASS_COLUMN || object->class != LK_CLASS_TYPE)
            continue;
        lk_catalog_touch(catalog, column);
        column->type_known = false;
    }
}

void
lk_replay_maybe(struct lk_catalog *catalog, const struct lk_statement *statement, const char *text)
{
    const Node *tree = statement->tree;

    lk_replay_at(catalog, statement, text);
    switch (nodeTag(tree)) {
    case T_CreateStmt:
        doubt_new(catalog, tree, ((const CreateStmt *)tree)->relation);
        break;
    case T_CreateTableAsStmt:
        doubt_new(catalog, tree, ((const CreateTableAsStmt *)tree)->into->rel);
        break;
    case T_ViewStmt:
        doubt_new(catalog, tree, ((const ViewStmt *)tree)->view);
        break;
    case T_CreateSeqStmt:
        doubt_new(catalog, tree, ((const CreateSeqStmt *)tree)->sequence);
        break;
    case T_CompositeTypeStmt:
        doubt_new(catalog, tree, ((const CompositeTypeStmt *)tree)->typevar);
        break;
    case T_IndexStmt:
        doubt_index(catalog, (const IndexStmt *)tree);
        break;
    case T_AlterTableStmt:
        doubt_alter(catalog, (const AlterTableStmt *)tree);
        break;
    case T_DropStmt:
        doubt_dropped(catalog, (const DropStmt *)tree);
        break;
    case T_RenameStmt:
        doubt_renamed(catalog, (const RenameStmt *)tree);
        break;
    case T_AlterObjectSchemaStmt:
        doubt_moved(catalog, (const AlterObjectSchemaStmt *)tree);
        break;
    case T_CreateEnumStmt:
    case T_CreateDomainStmt:
    case T_CreateRangeStmt:
    case T_CreateSchemaStmt: /* of the same name it is the same, as far as is known */
        lk_replay_tree(catalog, tree);
        break;
    case T_AlterEnumStmt:
        doubt_label(catalog, (const AlterEnumStmt *)tree);
        break;
    case T_CreateEventTrigStmt:
    case T_CreateExtensionStmt:
    case T_CreateFdwStmt:
    case T_CreateForeignServerStmt:
    case T_CreateFunctionStmt:
    case T_CreatePublicationStmt:
    case T_CreateRoleStmt:
    case T_CreateStatsStmt:
    case T_CreateUserMappingStmt:
    case T_DefineStmt:
        doubt_created(catalog, tree);
        break;
    default:
        break;
    }
    catalog->refusals.items.count = 0; /* it need not be carried out */
}

/* is_known returns whether a relation is known as a whole. */
static bool
is_known(const struct lk_catalog *catalog, const RangeVar *range)
{
    const struct lk_relation *relation =
        range != NULL ? lk_catalog_relation(catalog, range->schemaname, range->relname) : NULL;

    return relation != NULL && !relation->object.assumed && !relation->partial;
}

/* is_decided returns whether the replay knows if the schema is in a statement's way. */
static bool
is_decided(const struct lk_catalog *catalog, const Node *tree)
{
    const RangeVar *range;

    switch (nodeTag(tree)) {
    case T_AlterTableStmt:
        return is_known(catalog, ((const AlterTableStmt *)tree)->relation);
    case T_IndexStmt:
        return is_known(catalog, ((const IndexStmt *)tree)->relation);
    case T_CreateTrigStmt:
        return is_known(catalog, ((const CreateTrigStmt *)tree)->relation);
    case T_CreatePolicyStmt:
        return is_known(catalog, ((const CreatePolicyStmt *)tree)->table);
    case T_RenameStmt:
        return is_known(catalog, ((const RenameStmt *)tree)->relation);
    case T_CreateStmt:
        range = ((const CreateStmt *)tree)->relation;
        return lk_catalog_relation(catalog, range->schemaname, range->relname) == NULL ||
               is_known(catalog, range);
    default:
        return false;
    }
}

void
lk_replay_caught(struct lk_catalog *catalog, const struct lk_statement *statement, const char *text)
{
    if (is_decided(catalog, statement->tree))
        lk_replay_nested(catalog, statement, text);
    else
        lk_replay_maybe(catalog, statement, text);
    catalog->refusals.items.count = 0; /* what the server refuses is caught */
}

/* ---- what is known in part ---- */

struct partly {
    struct lk_catalog *catalog;
    const RangeVar *range;      /* NULL: any relation */
    const AlterTableStmt *stmt; /* NULL: whatever */
};

static bool
is_open(const char *name)
{
    return strstr(name, LK_UNKNOWN_PART) != NULL;
}

/* may_be returns whether a name may be one of which there are parts that are not known. */
static bool
may_be(const char *name, const char *parts)
{
    const char *open = strstr(parts, LK_UNKNOWN_PART);

    if (open == NULL)
        return strcmp(name, parts) == 0;
    if (strncmp(name, parts, (size_t)(open - parts)) != 0)
        return false;
    name += open - parts;
    parts = open + strlen(LK_UNKNOWN_PART);
    for (; (open = strstr(parts, LK_UNKNOWN_PART)) != NULL;
         parts = open + strlen(LK_UNKNOWN_PART)) {
        size_t length = (size_t)(open - parts);
        const char *found = memmem(name, strlen(name), parts, length);
        if (found == NULL)
            return false;
        name = found + length;
    }
    size_t left = strlen(name), end = strlen(parts);
    return left >= end && strcmp(name + left - end, parts) == 0;
}

/* is_meant returns whether a name with parts that are not known may be that of a relation. */
static bool
is_meant(const struct partly *partly, const struct lk_relation *relation)
{
    const RangeVar *range = partly->range;

    if (range == NULL)
        return true;
    if (range->schemaname != NULL && !may_be(relation->schema, range->schemaname))
        return false;
    return may_be(relation->object.name, range->relname);
}

/* may_add returns whether a subcommand gives a table columns, constraints or indexes. */
static bool
may_add(const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_AddColumn:
    case AT_AddConstraint:
    case AT_AddInherit:
    case AT_AttachPartition:
    case AT_DropColumn:
    case AT_DropInherit:
    case AT_DetachPartition:
    case AT_SetNotNull:
        return true;
    default:
        return false;
    }
}

/* doubt_constraints doubts the constraints of a table, any of which has perhaps been dropped. */
static void
doubt_constraints(struct lk_catalog *catalog, struct lk_relation *relation)
{
    lk_vec_foreach(constraint, &relation->constraints) {
        doubt(catalog, &(*constraint)->object);
        (*constraint)->validated = false;
        if ((*constraint)->index != NULL)
            doubt(catalog, &(*constraint)->index->object);
    }
}

static void
doubt_partly(struct lk_relation *relation, void *data)
{
    const struct partly *partly = data;
    struct lk_catalog *catalog = partly->catalog;
    bool partial = partly->stmt == NULL;
    ListCell *cell;

    if (!is_meant(partly, relation))
        return;
    if (partly->stmt != NULL)
        foreach(cell, partly->stmt->cmds) {
            const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
            partial |= may_add(command);
            if (command->subtype == AT_DropConstraint && is_open(command->name))
                doubt_constraints(catalog, relation);
        }
    if (!partial || relation->partial)
        return;
    lk_catalog_touch(catalog, relation);
    relation->partial = true;
}

void
lk_replay_partly(struct lk_catalog *catalog, const Node *likely)
{
    struct partly partly = {.catalog = catalog};

    if (likely != NULL && IsA(likely, AlterTableStmt)) {
        partly.stmt = (const AlterTableStmt *)likely;
        partly.range = partly.stmt->relation;
    } else if (likely != NULL && IsA(likely, RenameStmt)) {
        partly.range = ((const RenameStmt *)likely)->relation;
        if (partly.range == NULL)
            return;
    } else if (likely != NULL) { /* what it makes is not known, and nothing that is there changes */
        return;
    }
    lk_catalog_relations(catalog, doubt_partly, &partly);
}
