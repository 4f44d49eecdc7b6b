/*
 * rules/effects/second_run.c
 *     Carrying statements out once more: see second_run.h.
 */
#include "rules/effects/second_run.h"

#include "parser/tree.h"
#include "rules/effects/effects_private.h"
#include "rules/schema/replay_find.h"

/* What CREATE does with an object of its name, beside refusing it. */
enum instead { NONE, SAME, DUPLICATES };

static const struct lk_second_run same = {LK_AGAIN_SAME, NULL}, skips = {LK_AGAIN_SKIPS, NULL},
                                  duplicates = {LK_AGAIN_DUPLICATES, NULL},
                                  unknown = {LK_AGAIN_UNKNOWN, NULL};

static struct lk_second_run
error(const char *sqlstate)
{
    return (struct lk_second_run){LK_AGAIN_ERROR, sqlstate};
}

static struct lk_second_run
created(bool if_not_exists, enum instead instead, const char *sqlstate)
{
    if (if_not_exists)
        return skips;
    if (instead == NONE)
        return error(sqlstate);
    return instead == SAME ? same : duplicates;
}

/* ---- DROP, RENAME, SET SCHEMA ---- */

static const struct {
    ObjectType type;
    const char *dropped;
    const char *renamed;
} gone[] = {
#define LK_CREATED(type, skipped, instead, sqlstate)
#define LK_GONE(type, dropped, renamed) {type, dropped, renamed},
#include "rules/effects/second_run.def"
#undef LK_CREATED
#undef LK_GONE
};

static const char *
gone_state(ObjectType type, bool renamed)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(gone); i++)
        if (gone[i].type == type)
            return renamed ? gone[i].renamed : gone[i].dropped;
    return "42704";
}

/* is_missing returns whether IF EXISTS finds nothing, as far as is known. */
static bool
is_missing(const struct lk_catalog *after, const RangeVar *range, bool missing_ok)
{
    return missing_ok && lk_catalog_relation(after, range->schemaname, range->relname) == NULL;
}

static struct lk_second_run
rename_again(const struct lk_catalog *after, const RenameStmt *stmt)
{
    bool part = stmt->renameType == OBJECT_COLUMN || stmt->renameType == OBJECT_ATTRIBUTE ||
                stmt->renameType == OBJECT_TABCONSTRAINT;

    /* IF EXISTS is about the relation, not about its parts */
    if (part && stmt->relation != NULL && is_missing(after, stmt->relation, stmt->missing_ok))
        return skips;
    return stmt->missing_ok && !part ? skips : error(gone_state(stmt->renameType, true));
}

/* moved returns what the object's name means after SET SCHEMA, or NULL. */
static const struct lk_object *
moved(const struct lk_catalog *after, const AlterObjectSchemaStmt *stmt)
{
    const Node *object = stmt->object;
    const List *words = object == NULL                ? NIL
                        : IsA(object, List)           ? (const List *)object
                        : IsA(object, ObjectWithArgs) ? ((const ObjectWithArgs *)object)->objname
                                                      : NIL;
    struct lk_qname name = lk_qname_of_list(words);

    const struct lk_object_kind *kind = lk_replay_kind(stmt->objectType);

    if (name.name == NULL || kind == NULL)
        return NULL;
    if (kind->class != LK_CLASS_TYPE)
        return lk_catalog_object(after, kind->class, name.schema, name.name);
    const struct lk_defined_type *type = lk_catalog_type(after, name.schema, name.name);
    const struct lk_relation *composite = lk_catalog_relation(after, name.schema, name.name);
    return type != NULL ? &type->object : composite != NULL ? &composite->object : NULL;
}

/*
 * set_schema_again: the object is not found, unless it is of a kind that is found anywhere, or the
 * new schema is the old one or in the search_path.
 */
static struct lk_second_run
set_schema_again(const struct lk_catalog *after, const AlterObjectSchemaStmt *stmt)
{
    const RangeVar *range = stmt->relation;

    if (stmt->objectType == OBJECT_EXTENSION)
        return same;
    if (range != NULL && lk_catalog_relation(after, range->schemaname, range->relname) != NULL)
        return same;
    const struct lk_object *object = range == NULL ? moved(after, stmt) : NULL;
    if (object != NULL && strcmp(lk_object_schema(object), stmt->newschema) == 0)
        return same;
    return stmt->missing_ok ? skips : error(gone_state(stmt->objectType, true));
}

static struct lk_second_run
alter_statistics_again(const struct lk_catalog *after, const AlterStatsStmt *stmt)
{
    struct lk_qname name = lk_qname_of_list(stmt->defnames);

    return stmt->missing_ok &&
                   lk_catalog_object(after, LK_CLASS_STATISTICS, name.schema, name.name) == NULL
               ? skips
               : same;
}

/* ---- ALTER ---- */

static struct lk_second_run
options_again(const List *options)
{
    ListCell *cell;

    foreach(cell, options) {
        DefElemAction action = lfirst_node(DefElem, cell)->defaction;
        if (action == DEFELEM_ADD || action == DEFELEM_UNSPEC)
            return error("42710");
        if (action == DEFELEM_DROP)
            return error("42704");
    }
    return same;
}

static const struct lk_relation *
altered(const struct lk_catalog *after, const AlterTableStmt *stmt)
{
    return lk_catalog_relation(after, stmt->relation->schemaname, stmt->relation->relname);
}

static bool
adds_column(const AlterTableStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_AddColumn &&
            strcmp(castNode(ColumnDef, command->def)->colname, name) == 0)
            return true;
    }
    return false;
}

static bool
drops_column(const AlterTableStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_DropColumn && strcmp(command->name, name) == 0)
            return true;
    }
    return false;
}

/*
 * drops_made returns whether the statement drops a constraint that is there when it is through: it
 * makes that anew, under the name that the server chooses.
 */
static bool
drops_made(const struct lk_relation *table, const AlterTableStmt *stmt, const Constraint *made)
{
    enum lk_constraint_kind kind;
    ListCell *cell;

    if (!lk_constraint_kind_of(made, &kind))
        return false;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_DropConstraint ||
            lk_added_constraint(stmt, command->name) != NULL)
            continue;
        const struct lk_constraint *known = lk_relation_constraint(table, command->name);
        if (known != NULL && known->kind == kind)
            return true;
    }
    return false;
}

static struct lk_second_run
add_constraint_again(const struct lk_relation *table, const AlterTableStmt *stmt,
                     const Constraint *constraint)
{
    const char *name = constraint->conname, *index = constraint->indexname;
    bool dropped = name != NULL ? lk_alter_drops(stmt, name) : drops_made(table, stmt, constraint);

    if (index != NULL)
        return error(!dropped && (name == NULL || strcmp(name, index) == 0) ? "55000" : "42704");
    if (dropped)
        return same;
    switch (constraint->contype) {
    case CONSTR_PRIMARY:
        return error("42P16");
    case CONSTR_NOTNULL:
        return same;
    case CONSTR_UNIQUE:
    case CONSTR_EXCLUSION:
        return name != NULL ? error("42P07") : duplicates;
    default:
        return name != NULL ? error("42710") : duplicates;
    }
}

/* add_identity_again: the sequence is made first, of which the name may be given. */
static struct lk_second_run
add_identity_again(const Constraint *identity)
{
    ListCell *cell;

    foreach(cell, identity->options)
        if (strcmp(lfirst_node(DefElem, cell)->defname, "sequence_name") == 0)
            return error("42P07");
    return error("55000");
}

static struct lk_second_run
command_again(const struct lk_relation *table, const AlterTableStmt *stmt,
              const AlterTableCmd *command)
{
    switch (command->subtype) {
    case AT_AddColumn:
        return drops_column(stmt, castNode(ColumnDef, command->def)->colname)
                   ? same
                   : created(command->missing_ok, NONE, "42701");
    case AT_DropColumn:
        return adds_column(stmt, command->name) ? same
                                                : created(command->missing_ok, NONE, "42703");
    case AT_AddConstraint:
        return add_constraint_again(table, stmt, castNode(Constraint, command->def));
    case AT_DropConstraint:
        return lk_added_constraint(stmt, command->name) != NULL ||
                       lk_relation_constraint(table, command->name) != NULL
                   ? same
                   : created(command->missing_ok, NONE, "42704");
    case AT_AddIdentity:
        return add_identity_again(castNode(Constraint, command->def));
    case AT_DropIdentity:
    case AT_DropExpression:
        return created(command->missing_ok, NONE, "55000");
    case AT_AttachPartition:
        return stmt->objtype == OBJECT_INDEX ? same : error("42809");
    case AT_DropOf:
        return error("42809");
    case AT_DetachPartition:
    case AT_DetachPartitionFinalize:
    case AT_DropInherit:
        return error("42P01");
    case AT_AddInherit:
        return error("42P07");
    case AT_GenericOptions:
    case AT_AlterColumnGenericOptions:
        return options_again((const List *)command->def);
    default:
        return same;
    }
}

/*
 * pass_of orders subcommands as the server does: what drops, what adds columns, indexes that become
 * keys, those that are built, identities, other constraints, the rest.
 * Source: AlterTablePass and ATPrepCmd(), src/backend/commands/tablecmds.c.
 */
static int
pass_of(const AlterTableCmd *command)
{
    const Constraint *constraint = (const Constraint *)command->def;

    switch (command->subtype) {
    case AT_DropColumn:
    case AT_DropConstraint:
    case AT_DropExpression:
    case AT_DropIdentity:
        return 0;
    case AT_AddColumn:
        return 1;
    case AT_AddConstraint:
        if (constraint->contype != CONSTR_PRIMARY && constraint->contype != CONSTR_UNIQUE &&
            constraint->contype != CONSTR_EXCLUSION)
            return 5;
        return constraint->indexname != NULL ? 2 : 3;
    case AT_AddIdentity:
        return 4;
    default:
        return 6;
    }
}

static struct lk_second_run
alter_again(const struct lk_catalog *after, const AlterTableStmt *stmt)
{
    const struct lk_relation *table = altered(after, stmt);
    struct lk_second_run result = same;
    ListCell *cell;

    if (is_missing(after, stmt->relation, stmt->missing_ok))
        return skips;
    for (int pass = 0; pass <= 6; pass++)
        foreach(cell, stmt->cmds) {
            const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
            if (pass_of(command) != pass)
                continue;
            struct lk_second_run one = command_again(table, stmt, command);
            if (one.again == LK_AGAIN_ERROR)
                return one;
            if (one.again != LK_AGAIN_SAME && result.again != LK_AGAIN_DUPLICATES)
                result = one;
        }
    return result;
}

/* recomputes returns whether ALTER COLUMN TYPE ... USING computes from values of the former type.
 */
static bool
recomputes(const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
        struct lk_type type;
        if (command->subtype == AT_AlterColumnType &&
            (!lk_type_of(scratch, castNode(ColumnDef, command->def)->typeName, &type) ||
             !lk_alter_keeps_value(command, &type)))
            return true;
    }
    return false;
}

static struct lk_second_run
alter_domain_again(const AlterDomainStmt *stmt)
{
    const Constraint *constraint = (const Constraint *)stmt->def;

    if (stmt->subtype == 'X')
        return created(stmt->missing_ok, NONE, "42704");
    if (stmt->subtype != 'C' || constraint->contype == CONSTR_NOTNULL)
        return same;
    return constraint->conname != NULL ? error("42710") : duplicates;
}

static struct lk_second_run
alter_publication_again(const AlterPublicationStmt *stmt)
{
    if (stmt->pubobjects == NIL || stmt->action == AP_SetObjects)
        return same;
    return error(stmt->action == AP_AddObjects ? "42710" : "42704");
}

static struct lk_second_run
define_again(const DefineStmt *stmt)
{
    switch (stmt->kind) {
    case OBJECT_AGGREGATE:
        return created(false, stmt->replace ? SAME : NONE, "42723");
    case OBJECT_OPERATOR:
        return error("42723");
    case OBJECT_TSCONFIGURATION:
    case OBJECT_TSDICTIONARY:
    case OBJECT_TSPARSER:
    case OBJECT_TSTEMPLATE:
        return error("23505"); /* of the catalog's index: nothing else looks for the name */
    default:
        return created(stmt->if_not_exists, NONE, "42710");
    }
}

/* ---- all of them ---- */

static struct lk_second_run
judge(TALLOC_CTX *mem, const struct lk_catalog *after, const Node *tree)
{
    switch (nodeTag(tree)) {
#define LK_CREATED(type, skipped, instead, sqlstate)                                               \
    case T_##type: {                                                                               \
        const type *stmt = (const type *)tree;                                                     \
        (void)stmt;                                                                                \
        return created(skipped, instead, sqlstate);                                                \
    }
#define LK_GONE(type, dropped, renamed)
#include "rules/effects/second_run.def"
#undef LK_CREATED
#undef LK_GONE
    case T_DefineStmt:
        return define_again((const DefineStmt *)tree);
    case T_DropStmt: {
        const DropStmt *stmt = (const DropStmt *)tree;
        return created(stmt->missing_ok, NONE, gone_state(stmt->removeType, false));
    }
    case T_RenameStmt:
        return rename_again(after, (const RenameStmt *)tree);
    case T_AlterObjectSchemaStmt:
        return set_schema_again(after, (const AlterObjectSchemaStmt *)tree);
    case T_AlterTableStmt:
        return alter_again(after, (const AlterTableStmt *)tree);
    case T_AlterSeqStmt: {
        const AlterSeqStmt *stmt = (const AlterSeqStmt *)tree;
        return is_missing(after, stmt->sequence, stmt->missing_ok) ? skips : same;
    }
    case T_AlterStatsStmt:
        return alter_statistics_again(after, (const AlterStatsStmt *)tree);
    case T_AlterDomainStmt:
        return alter_domain_again((const AlterDomainStmt *)tree);
    case T_AlterPublicationStmt:
        return alter_publication_again((const AlterPublicationStmt *)tree);
    case T_AlterExtensionContentsStmt:
        return error("55000");
    case T_AlterFdwStmt:
        return options_again(((const AlterFdwStmt *)tree)->options);
    case T_AlterForeignServerStmt:
        return options_again(((const AlterForeignServerStmt *)tree)->options);
    case T_AlterUserMappingStmt:
        return options_again(((const AlterUserMappingStmt *)tree)->options);
    case T_SelectStmt:
        if (((const SelectStmt *)tree)->intoClause != NULL)
            return error("42P07");
        return lk_tree_ctes(tree) == NULL && !lk_calls_routine(after, tree) ? same : unknown;
    case T_PrepareStmt:
        return error("42P05");
    case T_ExplainStmt:
        return lk_tree_option_is_on(((const ExplainStmt *)tree)->options, "analyze")
                   ? judge(mem, after, ((const ExplainStmt *)tree)->query)
                   : same;
    case T_CopyStmt:
    case T_DeleteStmt:
    case T_InsertStmt:
    case T_TruncateStmt:
    case T_UpdateStmt:
        return lk_rows_again(mem, after, tree);
    case T_CallStmt:
    case T_DeclareCursorStmt: /* a second transaction, or the same one */
    case T_DoStmt:
    case T_ExecuteStmt:
    case T_MergeStmt:
    case T_TransactionStmt:
        return unknown;
    default:
        return same;
    }
}

/* works returns whether a statement rewrites or builds something, or empties it. */
static bool
works(TALLOC_CTX *mem, const struct lk_catalog *after, const Node *tree)
{
    struct lk_effects effects = lk_effects_of(mem, after, tree);

    if (IsA(tree, AlterTableMoveAllStmt))
        return false; /* nothing is left where it was */
    return IsA(tree, TruncateStmt) || effects.rewrites.count > 0 || effects.builds.count > 0;
}

struct lk_second_run
lk_second_run_of(TALLOC_CTX *mem, const struct lk_catalog *after, const struct Node *tree)
{
    struct lk_second_run result = judge(mem, after, tree);

    if (result.again != LK_AGAIN_SAME)
        return result;
    if (IsA(tree, AlterTableStmt) && recomputes((const AlterTableStmt *)tree))
        return unknown; /* whether the expression takes the new type */
    if (works(mem, after, tree))
        result.again = LK_AGAIN_REPEATS;
    return result;
}
