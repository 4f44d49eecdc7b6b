/*
 * rules/features_admin.c
 *     Features of statements that concern routines, replication, roles and the database as a whole:
 *     see features_private.h.
 */
#include "rules/features_private.h"

#include <strings.h>

#include "parser/tree.h"

/* ---- routines and types ---- */

static void
scan_setting(struct lk_feature_scan *scan, const VariableSetStmt *stmt)
{
    if (stmt != NULL)
        lk_feature_name(scan, LK_FEATURE_SETTING, stmt->name, -1);
}

/* scan_actions looks at the SET clauses of a routine. */
static void
scan_actions(struct lk_feature_scan *scan, const List *actions)
{
    ListCell *cell;

    foreach(cell, actions) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "set") == 0)
            scan_setting(scan, (const VariableSetStmt *)option->arg);
    }
}

static void
scan_function(struct lk_feature_scan *scan, const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    lk_feature_if(scan, stmt->sql_body != NULL, LK_FEATURE_ID_SQL_BODY, -1);
    lk_feature_tree(scan, stmt->sql_body);
    lk_feature_type(scan, stmt->returnType);
    scan_actions(scan, stmt->options);
    foreach(cell, stmt->parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        lk_feature_if(scan, stmt->is_procedure && parameter->mode == FUNC_PARAM_OUT,
                      LK_FEATURE_ID_PROCEDURE_OUT, -1);
        lk_feature_type(scan, parameter->argType);
        lk_feature_tree(scan, parameter->defexpr);
    }
}

static void
scan_event_trigger(struct lk_feature_scan *scan, const CreateEventTrigStmt *stmt)
{
    const DefElem *tags = lk_tree_option(stmt->whenclause, "tag");
    ListCell *cell;

    lk_feature_if(scan, strcmp(stmt->eventname, "login") == 0, LK_FEATURE_ID_LOGIN_TRIGGER, -1);
    if (tags == NULL)
        return;
    foreach(cell, (const List *)tags->arg)
        lk_feature_if(scan, strcasecmp(strVal(lfirst(cell)), "reindex") == 0,
                      LK_FEATURE_ID_REINDEX_TRIGGER, tags->location);
}

bool
lk_feature_routine(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateFunctionStmt:
        scan_function(scan, (const CreateFunctionStmt *)tree);
        return true;
    case T_AlterFunctionStmt:
        scan_actions(scan, ((const AlterFunctionStmt *)tree)->actions);
        return true;
    case T_CallStmt:
        lk_feature_tree(scan, ((const CallStmt *)tree)->funccall);
        return true;
    case T_AlterOperatorStmt:
        lk_feature_options(scan, nodeTag(tree), ((const AlterOperatorStmt *)tree)->options);
        return true;
    case T_DefineStmt:
        lk_feature_options(scan, nodeTag(tree), ((const DefineStmt *)tree)->definition);
        return true;
    case T_CreateRangeStmt:
        lk_feature_options(scan, nodeTag(tree), ((const CreateRangeStmt *)tree)->params);
        return true;
    case T_AlterTypeStmt:
        lk_feature_if(scan, true, LK_FEATURE_ID_ALTER_TYPE_SET, -1);
        return true;
    case T_AlterObjectDependsStmt:
        lk_feature_if(scan, ((const AlterObjectDependsStmt *)tree)->remove,
                      LK_FEATURE_ID_NO_DEPENDS, -1);
        return true;
    case T_CreateEventTrigStmt:
        scan_event_trigger(scan, (const CreateEventTrigStmt *)tree);
        return true;
    default:
        return false;
    }
}

/* ---- replication ---- */

static void
scan_publication(struct lk_feature_scan *scan, const List *objects)
{
    ListCell *cell;

    foreach(cell, objects) {
        const PublicationObjSpec *object = lfirst_node(PublicationObjSpec, cell);
        lk_feature_if(scan,
                      object->pubobjtype == PUBLICATIONOBJ_TABLES_IN_SCHEMA ||
                          object->pubobjtype == PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA,
                      LK_FEATURE_ID_TABLES_IN_SCHEMA, object->location);
        if (object->pubtable == NULL)
            continue; /* of tables the grammar does not keep the place */
        lk_feature_if(scan, object->pubtable->whereClause != NULL, LK_FEATURE_ID_PUBLICATION_WHERE,
                      -1);
        lk_feature_tree(scan, object->pubtable->whereClause);
        lk_feature_if(scan, object->pubtable->columns != NIL, LK_FEATURE_ID_PUBLICATION_COLUMNS,
                      -1);
    }
}

static void
scan_subscription(struct lk_feature_scan *scan, const AlterSubscriptionStmt *stmt)
{
    lk_feature_options(scan, T_AlterSubscriptionStmt, stmt->options);
    lk_feature_if(scan, stmt->kind == ALTER_SUBSCRIPTION_SKIP, LK_FEATURE_ID_SUBSCRIPTION_SKIP, -1);
    lk_feature_if(scan,
                  stmt->kind == ALTER_SUBSCRIPTION_ADD_PUBLICATION ||
                      stmt->kind == ALTER_SUBSCRIPTION_DROP_PUBLICATION,
                  LK_FEATURE_ID_SUBSCRIPTION_ADD, -1);
}

bool
lk_feature_replication(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreatePublicationStmt:
        lk_feature_options(scan, nodeTag(tree), ((const CreatePublicationStmt *)tree)->options);
        scan_publication(scan, ((const CreatePublicationStmt *)tree)->pubobjects);
        return true;
    case T_AlterPublicationStmt:
        lk_feature_options(scan, nodeTag(tree), ((const AlterPublicationStmt *)tree)->options);
        scan_publication(scan, ((const AlterPublicationStmt *)tree)->pubobjects);
        return true;
    case T_CreateSubscriptionStmt:
        lk_feature_options(scan, nodeTag(tree), ((const CreateSubscriptionStmt *)tree)->options);
        return true;
    case T_AlterSubscriptionStmt:
        scan_subscription(scan, (const AlterSubscriptionStmt *)tree);
        return true;
    default:
        return false;
    }
}

/* ---- roles and privileges ---- */

static void
scan_privileges(struct lk_feature_scan *scan, const List *privileges)
{
    ListCell *cell;

    foreach(cell, privileges) {
        const char *name = lfirst_node(AccessPriv, cell)->priv_name;
        lk_feature_if(scan, name != NULL && strcmp(name, "maintain") == 0, LK_FEATURE_ID_MAINTAIN,
                      -1);
    }
}

static void
scan_grant(struct lk_feature_scan *scan, const GrantStmt *stmt)
{
    scan_privileges(scan, stmt->privileges);
    lk_feature_roles(scan, stmt->grantees);
    lk_feature_if(scan, stmt->objtype == OBJECT_PARAMETER_ACL, LK_FEATURE_ID_GRANT_ON_PARAMETER,
                  -1);
    lk_feature_if(scan, stmt->grantor != NULL, LK_FEATURE_ID_GRANTED_BY, -1);
}

static void
scan_default_privileges(struct lk_feature_scan *scan, const AlterDefaultPrivilegesStmt *stmt)
{
    const DefElem *roles = lk_tree_option(stmt->options, "roles");

    if (roles != NULL)
        lk_feature_roles(scan, (const List *)roles->arg);
    scan_privileges(scan, stmt->action->privileges);
    lk_feature_roles(scan, stmt->action->grantees);
    lk_feature_if(scan, stmt->action->objtype == OBJECT_LARGEOBJECT,
                  LK_FEATURE_ID_DEFAULT_LARGE_OBJECTS, -1);
}

static void
scan_grant_role(struct lk_feature_scan *scan, const GrantRoleStmt *stmt)
{
    static const char *const option[] = {"option", NULL};
    ListCell *cell;

    foreach(cell, stmt->granted_roles) {
        const AccessPriv *role = lfirst_node(AccessPriv, cell);
        lk_feature_name(scan, LK_FEATURE_ROLE, role->priv_name, -1);
    }
    lk_feature_roles(scan, stmt->grantee_roles);
    lk_feature_role(scan, stmt->grantor);
    foreach(cell, stmt->opt) {
        const DefElem *it = lfirst_node(DefElem, cell);
        lk_feature_if(scan,
                      strcmp(it->defname, "admin") != 0 ||
                          !lk_feature_follows(scan, it->location, option),
                      LK_FEATURE_ID_GRANT_ROLE_OPTION, it->location);
    }
}

static void
scan_create_role(struct lk_feature_scan *scan, const CreateRoleStmt *stmt)
{
    const DefElem *groups = lk_tree_option(stmt->options, "addroleto");

    if (groups != NULL)
        lk_feature_roles(scan, (const List *)groups->arg);
}

bool
lk_feature_access(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_GrantStmt:
        scan_grant(scan, (const GrantStmt *)tree);
        return true;
    case T_AlterDefaultPrivilegesStmt:
        scan_default_privileges(scan, (const AlterDefaultPrivilegesStmt *)tree);
        return true;
    case T_GrantRoleStmt:
        scan_grant_role(scan, (const GrantRoleStmt *)tree);
        return true;
    case T_CreateRoleStmt:
        scan_create_role(scan, (const CreateRoleStmt *)tree);
        return true;
    case T_AlterOwnerStmt:
        lk_feature_role(scan, ((const AlterOwnerStmt *)tree)->newowner);
        return true;
    case T_ReassignOwnedStmt:
        lk_feature_roles(scan, ((const ReassignOwnedStmt *)tree)->roles);
        lk_feature_role(scan, ((const ReassignOwnedStmt *)tree)->newrole);
        return true;
    case T_DropOwnedStmt:
        lk_feature_roles(scan, ((const DropOwnedStmt *)tree)->roles);
        return true;
    default:
        return false;
    }
}

/* ---- the database as a whole ---- */

static bool
is_true(const DefElem *option)
{
    const char *value = lk_feature_value(option);

    if (option->arg != NULL && IsA(option->arg, Integer))
        return intVal(option->arg) != 0;
    return value == NULL || strcasecmp(value, "true") == 0 || strcasecmp(value, "on") == 0;
}

static void
scan_copy(struct lk_feature_scan *scan, const CopyStmt *stmt)
{
    const DefElem *format = lk_tree_option(stmt->options, "format");
    const DefElem *header = lk_tree_option(stmt->options, "header");
    const char *name = format != NULL ? lk_feature_value(format) : "text";
    ListCell *cell;

    lk_feature_options(scan, T_CopyStmt, stmt->options);
    lk_feature_tree(scan, stmt->query);
    lk_feature_tree(scan, stmt->whereClause);
    lk_feature_if(scan,
                  header != NULL && is_true(header) && name != NULL && strcmp(name, "text") == 0,
                  LK_FEATURE_ID_COPY_TEXT_HEADER, header != NULL ? header->location : -1);
    foreach(cell, stmt->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        bool force = strcmp(option->defname, "force_null") == 0 ||
                     strcmp(option->defname, "force_not_null") == 0;
        lk_feature_if(scan, force && option->arg != NULL && IsA(option->arg, A_Star),
                      LK_FEATURE_ID_COPY_FORCE_ALL, option->location);
    }
}

static void
scan_vacuum(struct lk_feature_scan *scan, const VacuumStmt *stmt)
{
    ListCell *cell;

    lk_feature_options(scan, T_VacuumStmt, stmt->options);
    foreach(cell, stmt->rels) {
        const RangeVar *range = lfirst_node(VacuumRelation, cell)->relation;
        lk_feature_if(scan, range != NULL && !range->inh, LK_FEATURE_ID_VACUUM_ONLY, -1);
    }
}

static void
scan_reindex(struct lk_feature_scan *scan, const ReindexStmt *stmt)
{
    int end = lk_feature_options_end(scan);
    ListCell *cell;

    lk_feature_options(scan, T_ReindexStmt, stmt->params);
    foreach(cell, stmt->params) {
        const DefElem *option = lfirst_node(DefElem, cell);
        lk_feature_if(scan,
                      option->location < end &&
                          (option->arg != NULL || strcmp(option->defname, "verbose") != 0),
                      LK_FEATURE_ID_REINDEX_OPTIONS, option->location);
    }
    lk_feature_if(scan,
                  (stmt->kind == REINDEX_OBJECT_DATABASE || stmt->kind == REINDEX_OBJECT_SYSTEM) &&
                      stmt->name == NULL,
                  LK_FEATURE_ID_REINDEX_WITHOUT_NAME, -1);
}

static void
scan_cluster(struct lk_feature_scan *scan, const ClusterStmt *stmt)
{
    bool options = lk_feature_options_end(scan) >= 0;

    lk_feature_if(scan, options, LK_FEATURE_ID_CLUSTER_OPTIONS, -1);
    lk_feature_if(scan, options && stmt->relation == NULL, LK_FEATURE_ID_CLUSTER_ALL_OPTIONS, -1);
}

static void
scan_explain(struct lk_feature_scan *scan, const ExplainStmt *stmt)
{
    lk_feature_options(scan, T_ExplainStmt, stmt->options);
    lk_feature_statement(scan, stmt->query);
}

static void
scan_schema(struct lk_feature_scan *scan, const CreateSchemaStmt *stmt)
{
    ListCell *cell;

    lk_feature_role(scan, stmt->authrole);
    foreach(cell, stmt->schemaElts)
        lk_feature_statement(scan, lfirst(cell));
}

static void
scan_cursor(struct lk_feature_scan *scan, const DeclareCursorStmt *stmt)
{
    lk_feature_if(scan, (stmt->options & CURSOR_OPT_ASENSITIVE) != 0, LK_FEATURE_ID_ASENSITIVE, -1);
    lk_feature_tree(scan, stmt->query);
}

static bool
scan_settings(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_VariableSetStmt:
        scan_setting(scan, (const VariableSetStmt *)tree);
        return true;
    case T_VariableShowStmt:
        lk_feature_name(scan, LK_FEATURE_SETTING, ((const VariableShowStmt *)tree)->name, -1);
        return true;
    case T_AlterRoleSetStmt:
        lk_feature_role(scan, ((const AlterRoleSetStmt *)tree)->role);
        scan_setting(scan, ((const AlterRoleSetStmt *)tree)->setstmt);
        return true;
    case T_AlterDatabaseSetStmt:
        scan_setting(scan, ((const AlterDatabaseSetStmt *)tree)->setstmt);
        return true;
    case T_AlterSystemStmt:
        scan_setting(scan, ((const AlterSystemStmt *)tree)->setstmt);
        return true;
    default:
        return false;
    }
}

static bool
scan_database(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_DropdbStmt:
        lk_feature_if(scan, lk_tree_option(((const DropdbStmt *)tree)->options, "force") != NULL,
                      LK_FEATURE_ID_DROP_DATABASE_FORCE, -1);
        return true;
    case T_CreatedbStmt:
        lk_feature_options(scan, nodeTag(tree), ((const CreatedbStmt *)tree)->options);
        return true;
    case T_AlterDatabaseRefreshCollStmt:
        lk_feature_if(scan, true, LK_FEATURE_ID_REFRESH_COLLATION, -1);
        return true;
    case T_AlterTableSpaceOptionsStmt:
        if (!((const AlterTableSpaceOptionsStmt *)tree)->isReset)
            lk_feature_parameters(scan, ((const AlterTableSpaceOptionsStmt *)tree)->options);
        return true;
    case T_CreateTableSpaceStmt:
        lk_feature_parameters(scan, ((const CreateTableSpaceStmt *)tree)->options);
        return true;
    case T_CreateSchemaStmt:
        scan_schema(scan, (const CreateSchemaStmt *)tree);
        return true;
    default:
        return scan_settings(scan, tree);
    }
}

bool
lk_feature_administration(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_ReindexStmt:
        scan_reindex(scan, (const ReindexStmt *)tree);
        return true;
    case T_ClusterStmt:
        scan_cluster(scan, (const ClusterStmt *)tree);
        return true;
    case T_CopyStmt:
        scan_copy(scan, (const CopyStmt *)tree);
        return true;
    case T_VacuumStmt:
        scan_vacuum(scan, (const VacuumStmt *)tree);
        return true;
    case T_ExplainStmt:
        scan_explain(scan, (const ExplainStmt *)tree);
        return true;
    case T_PrepareStmt:
        lk_feature_tree(scan, ((const PrepareStmt *)tree)->query);
        return true;
    case T_DeclareCursorStmt:
        scan_cursor(scan, (const DeclareCursorStmt *)tree);
        return true;
    default:
        return scan_database(scan, tree);
    }
}
