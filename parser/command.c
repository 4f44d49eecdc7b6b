/*
 * parser/command.c
 *     Command tags: see command.h.
 */
#include "parser/command.h"

#include "parser/pg_nodes.h"

/* How an object type is called in a tag, with the three verbs that take any of them. */
#define OBJECT(type, word) [type] = {"ALTER " word, "DROP " word, "CREATE " word}

static const struct {
    const char *alter;
    const char *drop;
    const char *create;
} objects[] = {
    OBJECT(OBJECT_ACCESS_METHOD, "ACCESS METHOD"),
    OBJECT(OBJECT_AGGREGATE, "AGGREGATE"),
    OBJECT(OBJECT_ATTRIBUTE, "TYPE"),
    OBJECT(OBJECT_CAST, "CAST"),
    OBJECT(OBJECT_COLLATION, "COLLATION"),
    OBJECT(OBJECT_COLUMN, "TABLE"),
    OBJECT(OBJECT_CONVERSION, "CONVERSION"),
    OBJECT(OBJECT_DATABASE, "DATABASE"),
    OBJECT(OBJECT_DOMAIN, "DOMAIN"),
    OBJECT(OBJECT_DOMCONSTRAINT, "DOMAIN"),
    OBJECT(OBJECT_EVENT_TRIGGER, "EVENT TRIGGER"),
    OBJECT(OBJECT_EXTENSION, "EXTENSION"),
    OBJECT(OBJECT_FDW, "FOREIGN DATA WRAPPER"),
    OBJECT(OBJECT_FOREIGN_SERVER, "SERVER"),
    OBJECT(OBJECT_FOREIGN_TABLE, "FOREIGN TABLE"),
    OBJECT(OBJECT_FUNCTION, "FUNCTION"),
    OBJECT(OBJECT_INDEX, "INDEX"),
    OBJECT(OBJECT_LANGUAGE, "LANGUAGE"),
    OBJECT(OBJECT_LARGEOBJECT, "LARGE OBJECT"),
    OBJECT(OBJECT_MATVIEW, "MATERIALIZED VIEW"),
    OBJECT(OBJECT_OPCLASS, "OPERATOR CLASS"),
    OBJECT(OBJECT_OPERATOR, "OPERATOR"),
    OBJECT(OBJECT_OPFAMILY, "OPERATOR FAMILY"),
    OBJECT(OBJECT_POLICY, "POLICY"),
    OBJECT(OBJECT_PROCEDURE, "PROCEDURE"),
    OBJECT(OBJECT_PUBLICATION, "PUBLICATION"),
    OBJECT(OBJECT_ROLE, "ROLE"),
    OBJECT(OBJECT_ROUTINE, "ROUTINE"),
    OBJECT(OBJECT_RULE, "RULE"),
    OBJECT(OBJECT_SCHEMA, "SCHEMA"),
    OBJECT(OBJECT_SEQUENCE, "SEQUENCE"),
    OBJECT(OBJECT_STATISTIC_EXT, "STATISTICS"),
    OBJECT(OBJECT_SUBSCRIPTION, "SUBSCRIPTION"),
    OBJECT(OBJECT_TABCONSTRAINT, "TABLE"),
    OBJECT(OBJECT_TABLE, "TABLE"),
    OBJECT(OBJECT_TABLESPACE, "TABLESPACE"),
    OBJECT(OBJECT_TRANSFORM, "TRANSFORM"),
    OBJECT(OBJECT_TRIGGER, "TRIGGER"),
    OBJECT(OBJECT_TSCONFIGURATION, "TEXT SEARCH CONFIGURATION"),
    OBJECT(OBJECT_TSDICTIONARY, "TEXT SEARCH DICTIONARY"),
    OBJECT(OBJECT_TSPARSER, "TEXT SEARCH PARSER"),
    OBJECT(OBJECT_TSTEMPLATE, "TEXT SEARCH TEMPLATE"),
    OBJECT(OBJECT_TYPE, "TYPE"),
    OBJECT(OBJECT_USER_MAPPING, "USER MAPPING"),
    OBJECT(OBJECT_VIEW, "VIEW"),
};

/* The statements whose tag does not depend on their content. */
static const struct {
    NodeTag tag;
    const char *name;
} fixed[] = {
    {T_AlterCollationStmt, "ALTER COLLATION"},
    {T_AlterDatabaseRefreshCollStmt, "ALTER DATABASE"},
    {T_AlterDatabaseSetStmt, "ALTER DATABASE"},
    {T_AlterDatabaseStmt, "ALTER DATABASE"},
    {T_AlterDefaultPrivilegesStmt, "ALTER DEFAULT PRIVILEGES"},
    {T_AlterDomainStmt, "ALTER DOMAIN"},
    {T_AlterEnumStmt, "ALTER TYPE"},
    {T_AlterEventTrigStmt, "ALTER EVENT TRIGGER"},
    {T_AlterExtensionContentsStmt, "ALTER EXTENSION"},
    {T_AlterExtensionStmt, "ALTER EXTENSION"},
    {T_AlterFdwStmt, "ALTER FOREIGN DATA WRAPPER"},
    {T_AlterForeignServerStmt, "ALTER SERVER"},
    {T_AlterOpFamilyStmt, "ALTER OPERATOR FAMILY"},
    {T_AlterOperatorStmt, "ALTER OPERATOR"},
    {T_AlterPolicyStmt, "ALTER POLICY"},
    {T_AlterPublicationStmt, "ALTER PUBLICATION"},
    {T_AlterRoleSetStmt, "ALTER ROLE"},
    {T_AlterRoleStmt, "ALTER ROLE"},
    {T_AlterSeqStmt, "ALTER SEQUENCE"},
    {T_AlterStatsStmt, "ALTER STATISTICS"},
    {T_AlterSubscriptionStmt, "ALTER SUBSCRIPTION"},
    {T_AlterSystemStmt, "ALTER SYSTEM"},
    {T_AlterTSConfigurationStmt, "ALTER TEXT SEARCH CONFIGURATION"},
    {T_AlterTSDictionaryStmt, "ALTER TEXT SEARCH DICTIONARY"},
    {T_AlterTableSpaceOptionsStmt, "ALTER TABLESPACE"},
    {T_AlterTypeStmt, "ALTER TYPE"},
    {T_AlterUserMappingStmt, "ALTER USER MAPPING"},
    {T_CallStmt, "CALL"},
    {T_CheckPointStmt, "CHECKPOINT"},
    {T_ClusterStmt, "CLUSTER"},
    {T_CommentStmt, "COMMENT"},
    {T_CompositeTypeStmt, "CREATE TYPE"},
    {T_ConstraintsSetStmt, "SET CONSTRAINTS"},
    {T_CopyStmt, "COPY"},
    {T_CreateAmStmt, "CREATE ACCESS METHOD"},
    {T_CreateCastStmt, "CREATE CAST"},
    {T_CreateConversionStmt, "CREATE CONVERSION"},
    {T_CreateDomainStmt, "CREATE DOMAIN"},
    {T_CreateEnumStmt, "CREATE TYPE"},
    {T_CreateEventTrigStmt, "CREATE EVENT TRIGGER"},
    {T_CreateExtensionStmt, "CREATE EXTENSION"},
    {T_CreateFdwStmt, "CREATE FOREIGN DATA WRAPPER"},
    {T_CreateForeignServerStmt, "CREATE SERVER"},
    {T_CreateForeignTableStmt, "CREATE FOREIGN TABLE"},
    {T_CreateOpClassStmt, "CREATE OPERATOR CLASS"},
    {T_CreateOpFamilyStmt, "CREATE OPERATOR FAMILY"},
    {T_CreatePLangStmt, "CREATE LANGUAGE"},
    {T_CreatePolicyStmt, "CREATE POLICY"},
    {T_CreatePublicationStmt, "CREATE PUBLICATION"},
    {T_CreateRangeStmt, "CREATE TYPE"},
    {T_CreateRoleStmt, "CREATE ROLE"},
    {T_CreateSchemaStmt, "CREATE SCHEMA"},
    {T_CreateSeqStmt, "CREATE SEQUENCE"},
    {T_CreateStatsStmt, "CREATE STATISTICS"},
    {T_CreateStmt, "CREATE TABLE"},
    {T_CreateSubscriptionStmt, "CREATE SUBSCRIPTION"},
    {T_CreateTableSpaceStmt, "CREATE TABLESPACE"},
    {T_CreateTransformStmt, "CREATE TRANSFORM"},
    {T_CreateTrigStmt, "CREATE TRIGGER"},
    {T_CreateUserMappingStmt, "CREATE USER MAPPING"},
    {T_CreatedbStmt, "CREATE DATABASE"},
    {T_DeclareCursorStmt, "DECLARE CURSOR"},
    {T_DeleteStmt, "DELETE"},
    {T_DoStmt, "DO"},
    {T_DropOwnedStmt, "DROP OWNED"},
    {T_DropRoleStmt, "DROP ROLE"},
    {T_DropSubscriptionStmt, "DROP SUBSCRIPTION"},
    {T_DropTableSpaceStmt, "DROP TABLESPACE"},
    {T_DropUserMappingStmt, "DROP USER MAPPING"},
    {T_DropdbStmt, "DROP DATABASE"},
    {T_ExecuteStmt, "EXECUTE"},
    {T_ExplainStmt, "EXPLAIN"},
    {T_ImportForeignSchemaStmt, "IMPORT FOREIGN SCHEMA"},
    {T_IndexStmt, "CREATE INDEX"},
    {T_InsertStmt, "INSERT"},
    {T_ListenStmt, "LISTEN"},
    {T_LoadStmt, "LOAD"},
    {T_LockStmt, "LOCK TABLE"},
    {T_MergeStmt, "MERGE"},
    {T_NotifyStmt, "NOTIFY"},
    {T_PrepareStmt, "PREPARE"},
    {T_ReassignOwnedStmt, "REASSIGN OWNED"},
    {T_RefreshMatViewStmt, "REFRESH MATERIALIZED VIEW"},
    {T_ReindexStmt, "REINDEX"},
    {T_RuleStmt, "CREATE RULE"},
    {T_SecLabelStmt, "SECURITY LABEL"},
    {T_SelectStmt, "SELECT"},
    {T_TruncateStmt, "TRUNCATE TABLE"},
    {T_UnlistenStmt, "UNLISTEN"},
    {T_UpdateStmt, "UPDATE"},
    {T_VariableShowStmt, "SHOW"},
    {T_ViewStmt, "CREATE VIEW"},
};

enum verb { ALTER, DROP, CREATE };

static const char *
object_tag(enum verb verb, ObjectType type)
{
    if ((size_t)type >= LK_ARRAY_SIZE(objects) || objects[type].alter == NULL)
        return "?";
    return verb == ALTER ? objects[type].alter
                         : (verb == DROP ? objects[type].drop : objects[type].create);
}

static const char *
transaction_tag(const TransactionStmt *stmt)
{
    static const char *const names[] = {
        [TRANS_STMT_BEGIN] = "BEGIN",
        [TRANS_STMT_START] = "START TRANSACTION",
        [TRANS_STMT_COMMIT] = "COMMIT",
        [TRANS_STMT_ROLLBACK] = "ROLLBACK",
        [TRANS_STMT_SAVEPOINT] = "SAVEPOINT",
        [TRANS_STMT_RELEASE] = "RELEASE",
        [TRANS_STMT_ROLLBACK_TO] = "ROLLBACK",
        [TRANS_STMT_PREPARE] = "PREPARE TRANSACTION",
        [TRANS_STMT_COMMIT_PREPARED] = "COMMIT PREPARED",
        [TRANS_STMT_ROLLBACK_PREPARED] = "ROLLBACK PREPARED",
    };

    return names[stmt->kind];
}

static const char *
discard_tag(const DiscardStmt *stmt)
{
    static const char *const names[] = {
        [DISCARD_ALL] = "DISCARD ALL",
        [DISCARD_PLANS] = "DISCARD PLANS",
        [DISCARD_SEQUENCES] = "DISCARD SEQUENCES",
        [DISCARD_TEMP] = "DISCARD TEMP",
    };

    return names[stmt->target];
}

static const char *
create_as_tag(const CreateTableAsStmt *stmt)
{
    if (stmt->objtype == OBJECT_MATVIEW)
        return "CREATE MATERIALIZED VIEW";
    return stmt->is_select_into ? "SELECT INTO" : "CREATE TABLE AS";
}

/* renamed returns the object type that a RENAME is an ALTER of. */
static ObjectType
renamed(const RenameStmt *stmt)
{
    bool part = stmt->renameType == OBJECT_COLUMN || stmt->renameType == OBJECT_ATTRIBUTE;

    return part ? stmt->relationType : stmt->renameType;
}

const char *
lk_command_tag(const struct Node *tree)
{
    if (tree == NULL)
        return "?";
    switch (nodeTag(tree)) {
    case T_AlterTableStmt:
        return object_tag(ALTER, ((const AlterTableStmt *)tree)->objtype);
    case T_AlterTableMoveAllStmt:
        return object_tag(ALTER, ((const AlterTableMoveAllStmt *)tree)->objtype);
    case T_AlterFunctionStmt:
        return object_tag(ALTER, ((const AlterFunctionStmt *)tree)->objtype);
    case T_AlterObjectDependsStmt:
        return object_tag(ALTER, ((const AlterObjectDependsStmt *)tree)->objectType);
    case T_AlterObjectSchemaStmt:
        return object_tag(ALTER, ((const AlterObjectSchemaStmt *)tree)->objectType);
    case T_AlterOwnerStmt:
        return object_tag(ALTER, ((const AlterOwnerStmt *)tree)->objectType);
    case T_RenameStmt:
        return object_tag(ALTER, renamed((const RenameStmt *)tree));
    case T_DropStmt:
        return object_tag(DROP, ((const DropStmt *)tree)->removeType);
    case T_DefineStmt:
        return object_tag(CREATE, ((const DefineStmt *)tree)->kind);
    case T_ClosePortalStmt:
        return ((const ClosePortalStmt *)tree)->portalname == NULL ? "CLOSE CURSOR ALL"
                                                                   : "CLOSE CURSOR";
    case T_CreateFunctionStmt:
        return ((const CreateFunctionStmt *)tree)->is_procedure ? "CREATE PROCEDURE"
                                                                : "CREATE FUNCTION";
    case T_CreateTableAsStmt:
        return create_as_tag((const CreateTableAsStmt *)tree);
    case T_DeallocateStmt:
        return ((const DeallocateStmt *)tree)->name == NULL ? "DEALLOCATE ALL" : "DEALLOCATE";
    case T_DiscardStmt:
        return discard_tag((const DiscardStmt *)tree);
    case T_FetchStmt:
        return ((const FetchStmt *)tree)->ismove ? "MOVE" : "FETCH";
    case T_GrantStmt:
        return ((const GrantStmt *)tree)->is_grant ? "GRANT" : "REVOKE";
    case T_GrantRoleStmt:
        return ((const GrantRoleStmt *)tree)->is_grant ? "GRANT ROLE" : "REVOKE ROLE";
    case T_TransactionStmt:
        return transaction_tag((const TransactionStmt *)tree);
    case T_VacuumStmt:
        return ((const VacuumStmt *)tree)->is_vacuumcmd ? "VACUUM" : "ANALYZE";
    case T_VariableSetStmt:
        return ((const VariableSetStmt *)tree)->kind == VAR_RESET ||
                       ((const VariableSetStmt *)tree)->kind == VAR_RESET_ALL
                   ? "RESET"
                   : "SET";
    default:
        break;
    }
    for (size_t i = 0; i < LK_ARRAY_SIZE(fixed); i++)
        if (fixed[i].tag == nodeTag(tree))
            return fixed[i].name;
    return "?";
}
