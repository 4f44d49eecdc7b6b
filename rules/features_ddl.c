/*
 * rules/features_ddl.c
 *     Features of statements that define and administrate: see features_private.h.
 */
#include "rules/features_private.h"

#include <strings.h>

/* ---- tables ---- */

#if LK_GRAMMAR >= 18
static void
scan_constraint_18(struct lk_feature_scan *scan, const Constraint *constraint)
{
    int at = constraint->location;

    lk_feature_if(scan,
                  constraint->contype == CONSTR_GENERATED &&
                      constraint->generated_kind == ATTRIBUTE_GENERATED_VIRTUAL,
                  LK_FEATURE_ID_VIRTUAL_COLUMN, at);
    lk_feature_if(scan, constraint->without_overlaps, LK_FEATURE_ID_WITHOUT_OVERLAPS, at);
    lk_feature_if(scan, constraint->fk_with_period || constraint->pk_with_period,
                  LK_FEATURE_ID_PERIOD, at);
    lk_feature_if(
        scan,
        constraint->contype == CONSTR_ATTR_ENFORCED ||
            constraint->contype == CONSTR_ATTR_NOT_ENFORCED ||
            ((constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_FOREIGN) &&
             !constraint->is_enforced),
        LK_FEATURE_ID_NOT_ENFORCED, at);
    lk_feature_if(scan, constraint->contype == CONSTR_NOTNULL && constraint->keys != NIL,
                  LK_FEATURE_ID_NOT_NULL_CONSTRAINT, at);
}
#endif

static void
scan_constraint(struct lk_feature_scan *scan, const Constraint *constraint)
{
    if (!IsA(constraint, Constraint)) /* COLLATE stands among them */
        return;
    lk_feature_if(scan, constraint->nulls_not_distinct, LK_FEATURE_ID_NULLS_NOT_DISTINCT,
                  constraint->location);
    lk_feature_if(scan, constraint->fk_del_set_cols != NIL, LK_FEATURE_ID_SET_NULL_COLUMNS,
                  constraint->location);
    lk_feature_tree(scan, constraint->raw_expr);
    lk_feature_tree(scan, constraint->where_clause);
#if LK_GRAMMAR >= 18
    scan_constraint_18(scan, constraint);
#endif
}

static void
scan_constraints(struct lk_feature_scan *scan, const List *constraints)
{
    ListCell *cell;

    foreach(cell, constraints)
        scan_constraint(scan, lfirst(cell));
}

static void
scan_element(struct lk_feature_scan *scan, const Node *node)
{
    if (node == NULL)
        return;
    if (IsA(node, Constraint)) {
        scan_constraint(scan, (const Constraint *)node);
    } else if (IsA(node, ColumnDef)) {
        const ColumnDef *column = (const ColumnDef *)node;
        lk_feature_type(scan, column->typeName);
        lk_feature_if(scan, column->compression != NULL, LK_FEATURE_ID_COMPRESSION,
                      column->location);
        lk_feature_if(scan, column->storage_name != NULL, LK_FEATURE_ID_STORAGE, column->location);
        lk_feature_tree(scan, column->raw_default);
        scan_constraints(scan, column->constraints);
    }
}

static void
scan_create_table(struct lk_feature_scan *scan, const CreateStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->tableElts)
        scan_element(scan, lfirst(cell));
    scan_constraints(scan, stmt->constraints);
}

static void
scan_alter_command(struct lk_feature_scan *scan, const AlterTableCmd *command, ObjectType object)
{
    const Node *def = command->def;

    switch (command->subtype) {
    case AT_DropExpression:
        lk_feature_if(scan, true, LK_FEATURE_ID_DROP_EXPRESSION, -1);
        break;
    case AT_DetachPartition:
        lk_feature_if(scan, ((const PartitionCmd *)def)->concurrent,
                      LK_FEATURE_ID_DETACH_CONCURRENTLY, -1);
        break;
    case AT_DetachPartitionFinalize:
        lk_feature_if(scan, true, LK_FEATURE_ID_DETACH_FINALIZE, -1);
        break;
    case AT_SetCompression:
        lk_feature_if(scan, true, LK_FEATURE_ID_COMPRESSION, -1);
        break;
    case AT_SetAccessMethod:
        lk_feature_if(scan, true, LK_FEATURE_ID_SET_ACCESS_METHOD, -1);
        break;
    case AT_SetExpression:
        lk_feature_if(scan, true, LK_FEATURE_ID_SET_EXPRESSION, -1);
        lk_feature_tree(scan, def);
        break;
    case AT_SetStatistics:
        lk_feature_if(scan, def == NULL, LK_FEATURE_ID_SET_STATISTICS_DEFAULT, -1);
        break;
    case AT_SetStorage:
        lk_feature_if(scan, def != NULL && IsA(def, String) && strcmp(strVal(def), "default") == 0,
                      LK_FEATURE_ID_STORAGE_DEFAULT, -1);
        break;
    case AT_SetLogged:
    case AT_SetUnLogged:
        lk_feature_if(scan, object == OBJECT_SEQUENCE, LK_FEATURE_ID_UNLOGGED_SEQUENCE, -1);
        break;
    case AT_ColumnDefault:
        lk_feature_tree(scan, def);
        break;
#if LK_GRAMMAR >= 18
    case AT_AlterConstraint:
        lk_feature_if(scan,
                      ((const ATAlterConstraint *)def)->alterEnforceability ||
                          ((const ATAlterConstraint *)def)->alterInheritability,
                      LK_FEATURE_ID_ALTER_CONSTRAINT_KIND, -1);
        break;
#endif
    default:
        scan_element(scan, def);
        break;
    }
}

static void
scan_alter_table(struct lk_feature_scan *scan, const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds)
        scan_alter_command(scan, lfirst_node(AlterTableCmd, cell), stmt->objtype);
}

static void
scan_index(struct lk_feature_scan *scan, const IndexStmt *stmt)
{
    ListCell *cell;

    lk_feature_if(scan, stmt->nulls_not_distinct, LK_FEATURE_ID_NULLS_NOT_DISTINCT, -1);
    foreach(cell, stmt->indexParams) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        lk_feature_if(scan, element->opclassopts != NIL, LK_FEATURE_ID_OPERATOR_CLASS_OPTIONS, -1);
        lk_feature_tree(scan, element->expr);
    }
    lk_feature_tree(scan, stmt->whereClause);
}

/* ---- everything else ---- */

static void
scan_function(struct lk_feature_scan *scan, const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    lk_feature_if(scan, stmt->sql_body != NULL, LK_FEATURE_ID_SQL_BODY, -1);
    lk_feature_tree(scan, stmt->sql_body);
    lk_feature_type(scan, stmt->returnType);
    foreach(cell, stmt->parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        lk_feature_if(scan, stmt->is_procedure && parameter->mode == FUNC_PARAM_OUT,
                      LK_FEATURE_ID_PROCEDURE_OUT, -1);
        lk_feature_type(scan, parameter->argType);
        lk_feature_tree(scan, parameter->defexpr);
    }
}

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
        lk_feature_if(scan, object->pubtable->columns != NIL, LK_FEATURE_ID_PUBLICATION_COLUMNS,
                      -1);
    }
}

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

/* has_option returns whether a list of DefElem holds `name`. */
static bool
has_option(const List *list, const char *name)
{
    ListCell *cell;

    foreach(cell, list)
        if (strcmp(lfirst_node(DefElem, cell)->defname, name) == 0)
            return true;
    return false;
}

static void
scan_copy(struct lk_feature_scan *scan, const CopyStmt *stmt)
{
    ListCell *cell;

    lk_feature_options(scan, T_CopyStmt, stmt->options);
    lk_feature_tree(scan, stmt->query);
    lk_feature_tree(scan, stmt->whereClause);
    foreach(cell, stmt->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        lk_feature_if(scan,
                      strcmp(option->defname, "header") == 0 && option->arg != NULL &&
                          IsA(option->arg, String) && strcasecmp(strVal(option->arg), "match") == 0,
                      LK_FEATURE_ID_COPY_HEADER_MATCH, option->location);
    }
}

static void
scan_statistics(struct lk_feature_scan *scan, const CreateStatsStmt *stmt)
{
    ListCell *cell;

    lk_feature_if(scan, stmt->defnames == NIL, LK_FEATURE_ID_STATISTICS_WITHOUT_NAME, -1);
    foreach(cell, stmt->exprs)
        lk_feature_if(scan, lfirst_node(StatsElem, cell)->expr != NULL,
                      LK_FEATURE_ID_STATISTICS_EXPRESSION, -1);
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
scan_subscription(struct lk_feature_scan *scan, const AlterSubscriptionStmt *stmt)
{
    lk_feature_options(scan, T_AlterSubscriptionStmt, stmt->options);
    lk_feature_if(scan, stmt->kind == ALTER_SUBSCRIPTION_SKIP, LK_FEATURE_ID_SUBSCRIPTION_SKIP, -1);
    lk_feature_if(scan,
                  stmt->kind == ALTER_SUBSCRIPTION_ADD_PUBLICATION ||
                      stmt->kind == ALTER_SUBSCRIPTION_DROP_PUBLICATION,
                  LK_FEATURE_ID_SUBSCRIPTION_ADD, -1);
}

static void
scan_foreign_table(struct lk_feature_scan *scan, const CreateForeignTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->base.tableElts)
        lk_feature_if(scan, IsA(lfirst(cell), TableLikeClause), LK_FEATURE_ID_FOREIGN_TABLE_LIKE,
                      -1);
    scan_create_table(scan, &stmt->base);
}

/* lk_feature_relation looks at statements that define relations; it returns whether it knew the
 * tag. */
bool
lk_feature_relation(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateStmt:
        scan_create_table(scan, (const CreateStmt *)tree);
        return true;
    case T_CreateForeignTableStmt:
        scan_foreign_table(scan, (const CreateForeignTableStmt *)tree);
        return true;
    case T_AlterTableStmt:
        scan_alter_table(scan, (const AlterTableStmt *)tree);
        return true;
    case T_IndexStmt:
        scan_index(scan, (const IndexStmt *)tree);
        return true;
    case T_ViewStmt:
        lk_feature_if(scan, has_option(((const ViewStmt *)tree)->options, "security_invoker"),
                      LK_FEATURE_ID_SECURITY_INVOKER, -1);
        lk_feature_tree(scan, ((const ViewStmt *)tree)->query);
        return true;
    case T_CreateTableAsStmt:
        lk_feature_tree(scan, ((const CreateTableAsStmt *)tree)->query);
        return true;
    case T_CreateSeqStmt:
        lk_feature_if(scan,
                      ((const CreateSeqStmt *)tree)->sequence->relpersistence ==
                          RELPERSISTENCE_UNLOGGED,
                      LK_FEATURE_ID_UNLOGGED_SEQUENCE, -1);
        return true;
    case T_CreateStatsStmt:
        scan_statistics(scan, (const CreateStatsStmt *)tree);
        return true;
    case T_CreatePolicyStmt:
        lk_feature_tree(scan, ((const CreatePolicyStmt *)tree)->qual);
        lk_feature_tree(scan, ((const CreatePolicyStmt *)tree)->with_check);
        return true;
    case T_CreateTrigStmt:
        lk_feature_if(scan, ((const CreateTrigStmt *)tree)->replace, LK_FEATURE_ID_REPLACE_TRIGGER,
                      -1);
        lk_feature_tree(scan, ((const CreateTrigStmt *)tree)->whenClause);
        return true;
    case T_CreateFunctionStmt:
        scan_function(scan, (const CreateFunctionStmt *)tree);
        return true;
    case T_CreateDomainStmt:
        lk_feature_type(scan, ((const CreateDomainStmt *)tree)->typeName);
        scan_constraints(scan, ((const CreateDomainStmt *)tree)->constraints);
        return true;
    default:
        return false;
    }
}

/* lk_feature_replication looks at publications and subscriptions; it returns whether it knew the
 * tag. */
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

static void
scan_reindex(struct lk_feature_scan *scan, const ReindexStmt *stmt)
{
    lk_feature_options(scan, T_ReindexStmt, stmt->params);
    lk_feature_if(scan,
                  (stmt->kind == REINDEX_OBJECT_DATABASE || stmt->kind == REINDEX_OBJECT_SYSTEM) &&
                      stmt->name == NULL,
                  LK_FEATURE_ID_REINDEX_WITHOUT_NAME, -1);
}

/* lk_feature_administration looks at what concerns the database as a whole, or its roles. */
bool
lk_feature_administration(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_DropdbStmt:
        lk_feature_if(scan, has_option(((const DropdbStmt *)tree)->options, "force"),
                      LK_FEATURE_ID_DROP_DATABASE_FORCE, -1);
        return true;
    case T_CreatedbStmt:
        lk_feature_options(scan, nodeTag(tree), ((const CreatedbStmt *)tree)->options);
        return true;
    case T_AlterDatabaseRefreshCollStmt:
        lk_feature_if(scan, true, LK_FEATURE_ID_REFRESH_COLLATION, -1);
        return true;
    case T_ReindexStmt:
        scan_reindex(scan, (const ReindexStmt *)tree);
        return true;
    case T_CopyStmt:
        scan_copy(scan, (const CopyStmt *)tree);
        return true;
    case T_VacuumStmt:
        scan_vacuum(scan, (const VacuumStmt *)tree);
        return true;
    case T_GrantStmt:
        scan_privileges(scan, ((const GrantStmt *)tree)->privileges);
        lk_feature_if(scan, ((const GrantStmt *)tree)->objtype == OBJECT_PARAMETER_ACL,
                      LK_FEATURE_ID_GRANT_ON_PARAMETER, -1);
        return true;
    case T_AlterDefaultPrivilegesStmt:
        scan_privileges(scan, ((const AlterDefaultPrivilegesStmt *)tree)->action->privileges);
        return true;
    case T_GrantRoleStmt:
        lk_feature_if(scan,
                      has_option(((const GrantRoleStmt *)tree)->opt, "inherit") ||
                          has_option(((const GrantRoleStmt *)tree)->opt, "set"),
                      LK_FEATURE_ID_GRANT_ROLE_OPTION, -1);
        return true;
    default:
        return false;
    }
}
