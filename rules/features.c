/*
 * rules/features.c
 *     Features found in parse trees: see features.h and features.def.
 */
#include "rules/features.h"

#include <strings.h>

#include "parser/pg_names.h"
#include "parser/tree.h"

enum feature_id {
#define LK_FEATURE(identifier, major, what, instead) FEATURE_##identifier,
#include "rules/features.def"
    FEATURE_COUNT
};

static const struct lk_feature features[] = {
#define LK_FEATURE(identifier, major, what, instead) {LK_FEATURE_SYNTAX, major, what, instead},
#include "rules/features.def"
};

static const struct option {
    int statement; /* a NodeTag */
    struct lk_feature feature;
} options[] = {
#define LK_OPTION(statement, option, major) {statement, {LK_FEATURE_OPTION, major, option, ""}},
#include "rules/features.def"
};

static const struct lk_feature functions[] = {
#define LK_FUNCTION(name, major) {LK_FEATURE_FUNCTION, major, name, ""},
#include "rules/features.def"
};

static const struct lk_feature types[] = {
#define LK_TYPE(name, major) {LK_FEATURE_TYPE, major, name, ""},
#include "rules/features.def"
};

struct scan {
    TALLOC_CTX *mem;
    struct lk_feature_uses *uses;
};

static void
add(struct scan *scan, const struct lk_feature *feature, int location)
{
    lk_vec_foreach(use, &scan->uses->items)
        if (use->feature == feature)
            return;
    lk_vec_push(scan->mem, &scan->uses->items, ((struct lk_feature_use){feature, location}));
}

static void
add_if(struct scan *scan, bool used, enum feature_id id, int location)
{
    if (used)
        add(scan, &features[id], location);
}

/* plain_name returns a name that is not qualified, or by pg_catalog; else NULL. */
static const char *
plain_name(const List *words)
{
    struct lk_qname name = lk_qname_of_list(words);

    return name.schema == NULL || strcmp(name.schema, "pg_catalog") == 0 ? name.name : NULL;
}

static void
scan_name(struct scan *scan, const List *words, const struct lk_feature *known, size_t count,
          int location)
{
    const char *name = words != NIL ? plain_name(words) : NULL;

    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(known[i].what, name) == 0)
            add(scan, &known[i], location);
}

static void
scan_type(struct scan *scan, const TypeName *type)
{
    if (type != NULL)
        scan_name(scan, type->names, types, LK_ARRAY_SIZE(types), type->location);
}

static void
scan_options(struct scan *scan, int statement, const List *list)
{
    ListCell *cell;

    foreach(cell, list) {
        const DefElem *option = lfirst_node(DefElem, cell);
        for (size_t i = 0; i < LK_ARRAY_SIZE(options); i++)
            if (options[i].statement == statement &&
                strcmp(options[i].feature.what, option->defname) == 0)
                add(scan, &options[i].feature, option->location);
    }
}

/* ---- queries and expressions ---- */

#if LK_GRAMMAR >= 18
static void
scan_returning(struct scan *scan, const ReturningClause *returning, const RangeVar *target)
{
    const char *name = target->alias != NULL ? target->alias->aliasname : target->relname;
    ListCell *cell;

    if (returning == NULL)
        return;
    add_if(scan, returning->options != NIL, FEATURE_RETURNING_OLD_NEW, -1);
    foreach(cell, returning->exprs) {
        const ResTarget *result = lfirst(cell);
        const ColumnRef *column = IsA(result, ResTarget) ? (const ColumnRef *)result->val : NULL;
        if (column == NULL || !IsA(column, ColumnRef) || list_length(column->fields) != 2)
            continue;
        const char *first = strVal(linitial(column->fields));
        add_if(scan,
               (strcmp(first, "old") == 0 || strcmp(first, "new") == 0) && strcmp(first, name) != 0,
               FEATURE_RETURNING_OLD_NEW, column->location);
    }
}
#define SCAN_RETURNING(scan, stmt) scan_returning(scan, (stmt)->returningClause, (stmt)->relation)
#define HAS_RETURNING(stmt) ((stmt)->returningClause != NULL)
#else
#define SCAN_RETURNING(scan, stmt) ((void)0)
#define HAS_RETURNING(stmt) ((stmt)->returningList != NIL)
#endif

static void
scan_merge(struct scan *scan, const MergeStmt *merge)
{
    ListCell *cell;

    add(scan, &features[FEATURE_MERGE], -1);
    add_if(scan, HAS_RETURNING(merge), FEATURE_MERGE_RETURNING, -1);
    SCAN_RETURNING(scan, merge);
    foreach(cell, merge->mergeWhenClauses)
        add_if(scan,
               lfirst_node(MergeWhenClause, cell)->matchKind == MERGE_WHEN_NOT_MATCHED_BY_SOURCE,
               FEATURE_MERGE_BY_SOURCE, -1);
}

/* scan_query looks at the nodes of queries other than those of JSON. */
static bool
scan_query(struct scan *scan, const Node *node)
{
    switch (nodeTag(node)) {
    case T_MergeStmt:
        scan_merge(scan, (const MergeStmt *)node);
        return true;
    case T_SelectStmt:
        add_if(scan, ((const SelectStmt *)node)->limitOption == LIMIT_OPTION_WITH_TIES,
               FEATURE_WITH_TIES, -1);
        add_if(scan, ((const SelectStmt *)node)->groupDistinct, FEATURE_GROUP_BY_DISTINCT, -1);
        return true;
    case T_InsertStmt:
        SCAN_RETURNING(scan, (const InsertStmt *)node);
        return true;
    case T_UpdateStmt:
        SCAN_RETURNING(scan, (const UpdateStmt *)node);
        return true;
    case T_DeleteStmt:
        SCAN_RETURNING(scan, (const DeleteStmt *)node);
        return true;
    case T_CommonTableExpr: {
        const CommonTableExpr *with = (const CommonTableExpr *)node;
        add_if(scan, with->search_clause != NULL || with->cycle_clause != NULL,
               FEATURE_SEARCH_CYCLE, with->location);
        return true;
    }
    case T_JoinExpr:
        add_if(scan, ((const JoinExpr *)node)->join_using_alias != NULL, FEATURE_JOIN_USING_ALIAS,
               -1);
        return true;
    case T_RangeSubselect:
        add_if(scan, ((const RangeSubselect *)node)->alias == NULL, FEATURE_SUBQUERY_WITHOUT_ALIAS,
               -1);
        return true;
    default:
        return false;
    }
}

static void
scan_expression(const Node *node, void *data)
{
    struct scan *scan = data;

    if (scan_query(scan, node))
        return;
    switch (nodeTag(node)) {
    case T_FuncCall:
        scan_name(scan, ((const FuncCall *)node)->funcname, functions, LK_ARRAY_SIZE(functions),
                  ((const FuncCall *)node)->location);
        break;
    case T_TypeCast:
        scan_type(scan, ((const TypeCast *)node)->typeName);
        break;
    case T_JsonIsPredicate:
        add(scan, &features[FEATURE_IS_JSON], ((const JsonIsPredicate *)node)->location);
        break;
    case T_JsonObjectConstructor:
    case T_JsonArrayConstructor:
    case T_JsonArrayQueryConstructor:
    case T_JsonObjectAgg:
    case T_JsonArrayAgg:
        add(scan, &features[FEATURE_JSON_CONSTRUCTOR], exprLocation(node));
        break;
    case T_JsonTable:
        add(scan, &features[FEATURE_JSON_TABLE], ((const JsonTable *)node)->location);
        break;
    case T_JsonFuncExpr:
        add(scan, &features[FEATURE_JSON_QUERY], ((const JsonFuncExpr *)node)->location);
        break;
    case T_JsonParseExpr:
    case T_JsonScalarExpr:
    case T_JsonSerializeExpr:
        add(scan, &features[FEATURE_JSON_PARSE], exprLocation(node));
        break;
    case T_XmlSerialize:
        add_if(scan, ((const XmlSerialize *)node)->indent, FEATURE_XML_INDENT,
               ((const XmlSerialize *)node)->location);
        break;
    default:
        break;
    }
}

static void
scan_tree(struct scan *scan, const void *expression)
{
    lk_tree_walk(expression, scan_expression, scan);
}

/* ---- tables ---- */

#if LK_GRAMMAR >= 18
static void
scan_constraint_18(struct scan *scan, const Constraint *constraint)
{
    int at = constraint->location;

    add_if(scan,
           constraint->contype == CONSTR_GENERATED &&
               constraint->generated_kind == ATTRIBUTE_GENERATED_VIRTUAL,
           FEATURE_VIRTUAL_COLUMN, at);
    add_if(scan, constraint->without_overlaps, FEATURE_WITHOUT_OVERLAPS, at);
    add_if(scan, constraint->fk_with_period || constraint->pk_with_period, FEATURE_PERIOD, at);
    add_if(scan,
           constraint->contype == CONSTR_ATTR_ENFORCED ||
               constraint->contype == CONSTR_ATTR_NOT_ENFORCED ||
               ((constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_FOREIGN) &&
                !constraint->is_enforced),
           FEATURE_NOT_ENFORCED, at);
    add_if(scan, constraint->contype == CONSTR_NOTNULL && constraint->keys != NIL,
           FEATURE_NOT_NULL_CONSTRAINT, at);
}
#endif

static void
scan_constraint(struct scan *scan, const Constraint *constraint)
{
    if (!IsA(constraint, Constraint)) /* COLLATE stands among them */
        return;
    add_if(scan, constraint->nulls_not_distinct, FEATURE_NULLS_NOT_DISTINCT, constraint->location);
    add_if(scan, constraint->fk_del_set_cols != NIL, FEATURE_SET_NULL_COLUMNS,
           constraint->location);
    scan_tree(scan, constraint->raw_expr);
    scan_tree(scan, constraint->where_clause);
#if LK_GRAMMAR >= 18
    scan_constraint_18(scan, constraint);
#endif
}

static void
scan_constraints(struct scan *scan, const List *constraints)
{
    ListCell *cell;

    foreach(cell, constraints)
        scan_constraint(scan, lfirst(cell));
}

static void
scan_element(struct scan *scan, const Node *node)
{
    if (node == NULL)
        return;
    if (IsA(node, Constraint)) {
        scan_constraint(scan, (const Constraint *)node);
    } else if (IsA(node, ColumnDef)) {
        const ColumnDef *column = (const ColumnDef *)node;
        scan_type(scan, column->typeName);
        add_if(scan, column->compression != NULL, FEATURE_COMPRESSION, column->location);
        add_if(scan, column->storage_name != NULL, FEATURE_STORAGE, column->location);
        scan_tree(scan, column->raw_default);
        scan_constraints(scan, column->constraints);
    }
}

static void
scan_create_table(struct scan *scan, const CreateStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->tableElts)
        scan_element(scan, lfirst(cell));
    scan_constraints(scan, stmt->constraints);
}

static void
scan_alter_command(struct scan *scan, const AlterTableCmd *command, ObjectType object)
{
    const Node *def = command->def;

    switch (command->subtype) {
    case AT_DropExpression:
        add(scan, &features[FEATURE_DROP_EXPRESSION], -1);
        break;
    case AT_DetachPartition:
        add_if(scan, ((const PartitionCmd *)def)->concurrent, FEATURE_DETACH_CONCURRENTLY, -1);
        break;
    case AT_DetachPartitionFinalize:
        add(scan, &features[FEATURE_DETACH_FINALIZE], -1);
        break;
    case AT_SetCompression:
        add(scan, &features[FEATURE_COMPRESSION], -1);
        break;
    case AT_SetAccessMethod:
        add(scan, &features[FEATURE_SET_ACCESS_METHOD], -1);
        break;
    case AT_SetExpression:
        add(scan, &features[FEATURE_SET_EXPRESSION], -1);
        scan_tree(scan, def);
        break;
    case AT_SetStatistics:
        add_if(scan, def == NULL, FEATURE_SET_STATISTICS_DEFAULT, -1);
        break;
    case AT_SetStorage:
        add_if(scan, def != NULL && IsA(def, String) && strcmp(strVal(def), "default") == 0,
               FEATURE_STORAGE_DEFAULT, -1);
        break;
    case AT_SetLogged:
    case AT_SetUnLogged:
        add_if(scan, object == OBJECT_SEQUENCE, FEATURE_UNLOGGED_SEQUENCE, -1);
        break;
    case AT_ColumnDefault:
        scan_tree(scan, def);
        break;
#if LK_GRAMMAR >= 18
    case AT_AlterConstraint:
        add_if(scan,
               ((const ATAlterConstraint *)def)->alterEnforceability ||
                   ((const ATAlterConstraint *)def)->alterInheritability,
               FEATURE_ALTER_CONSTRAINT_KIND, -1);
        break;
#endif
    default:
        scan_element(scan, def);
        break;
    }
}

static void
scan_alter_table(struct scan *scan, const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds)
        scan_alter_command(scan, lfirst_node(AlterTableCmd, cell), stmt->objtype);
}

static void
scan_index(struct scan *scan, const IndexStmt *stmt)
{
    ListCell *cell;

    add_if(scan, stmt->nulls_not_distinct, FEATURE_NULLS_NOT_DISTINCT, -1);
    foreach(cell, stmt->indexParams) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        add_if(scan, element->opclassopts != NIL, FEATURE_OPERATOR_CLASS_OPTIONS, -1);
        scan_tree(scan, element->expr);
    }
    scan_tree(scan, stmt->whereClause);
}

/* ---- everything else ---- */

static void
scan_function(struct scan *scan, const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    add_if(scan, stmt->sql_body != NULL, FEATURE_SQL_BODY, -1);
    scan_tree(scan, stmt->sql_body);
    scan_type(scan, stmt->returnType);
    foreach(cell, stmt->parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        add_if(scan, stmt->is_procedure && parameter->mode == FUNC_PARAM_OUT, FEATURE_PROCEDURE_OUT,
               -1);
        scan_type(scan, parameter->argType);
        scan_tree(scan, parameter->defexpr);
    }
}

static void
scan_publication(struct scan *scan, const List *objects)
{
    ListCell *cell;

    foreach(cell, objects) {
        const PublicationObjSpec *object = lfirst_node(PublicationObjSpec, cell);
        add_if(scan,
               object->pubobjtype == PUBLICATIONOBJ_TABLES_IN_SCHEMA ||
                   object->pubobjtype == PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA,
               FEATURE_TABLES_IN_SCHEMA, object->location);
        if (object->pubtable == NULL)
            continue; /* of tables the grammar does not keep the place */
        add_if(scan, object->pubtable->whereClause != NULL, FEATURE_PUBLICATION_WHERE, -1);
        add_if(scan, object->pubtable->columns != NIL, FEATURE_PUBLICATION_COLUMNS, -1);
    }
}

static void
scan_privileges(struct scan *scan, const List *privileges)
{
    ListCell *cell;

    foreach(cell, privileges) {
        const char *name = lfirst_node(AccessPriv, cell)->priv_name;
        add_if(scan, name != NULL && strcmp(name, "maintain") == 0, FEATURE_MAINTAIN, -1);
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
scan_copy(struct scan *scan, const CopyStmt *stmt)
{
    ListCell *cell;

    scan_options(scan, T_CopyStmt, stmt->options);
    scan_tree(scan, stmt->query);
    scan_tree(scan, stmt->whereClause);
    foreach(cell, stmt->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        add_if(scan,
               strcmp(option->defname, "header") == 0 && option->arg != NULL &&
                   IsA(option->arg, String) && strcasecmp(strVal(option->arg), "match") == 0,
               FEATURE_COPY_HEADER_MATCH, option->location);
    }
}

static void
scan_statistics(struct scan *scan, const CreateStatsStmt *stmt)
{
    ListCell *cell;

    add_if(scan, stmt->defnames == NIL, FEATURE_STATISTICS_WITHOUT_NAME, -1);
    foreach(cell, stmt->exprs)
        add_if(scan, lfirst_node(StatsElem, cell)->expr != NULL, FEATURE_STATISTICS_EXPRESSION, -1);
}

static void
scan_vacuum(struct scan *scan, const VacuumStmt *stmt)
{
    ListCell *cell;

    scan_options(scan, T_VacuumStmt, stmt->options);
    foreach(cell, stmt->rels) {
        const RangeVar *range = lfirst_node(VacuumRelation, cell)->relation;
        add_if(scan, range != NULL && !range->inh, FEATURE_VACUUM_ONLY, -1);
    }
}

static void
scan_subscription(struct scan *scan, const AlterSubscriptionStmt *stmt)
{
    scan_options(scan, T_AlterSubscriptionStmt, stmt->options);
    add_if(scan, stmt->kind == ALTER_SUBSCRIPTION_SKIP, FEATURE_SUBSCRIPTION_SKIP, -1);
    add_if(scan,
           stmt->kind == ALTER_SUBSCRIPTION_ADD_PUBLICATION ||
               stmt->kind == ALTER_SUBSCRIPTION_DROP_PUBLICATION,
           FEATURE_SUBSCRIPTION_ADD, -1);
}

static void
scan_foreign_table(struct scan *scan, const CreateForeignTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->base.tableElts)
        add_if(scan, IsA(lfirst(cell), TableLikeClause), FEATURE_FOREIGN_TABLE_LIKE, -1);
    scan_create_table(scan, &stmt->base);
}

/* scan_relation looks at statements that define relations; it returns whether it knew the tag. */
static bool
scan_relation(struct scan *scan, const Node *tree)
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
        add_if(scan, has_option(((const ViewStmt *)tree)->options, "security_invoker"),
               FEATURE_SECURITY_INVOKER, -1);
        scan_tree(scan, ((const ViewStmt *)tree)->query);
        return true;
    case T_CreateTableAsStmt:
        scan_tree(scan, ((const CreateTableAsStmt *)tree)->query);
        return true;
    case T_CreateSeqStmt:
        add_if(scan,
               ((const CreateSeqStmt *)tree)->sequence->relpersistence == RELPERSISTENCE_UNLOGGED,
               FEATURE_UNLOGGED_SEQUENCE, -1);
        return true;
    case T_CreateStatsStmt:
        scan_statistics(scan, (const CreateStatsStmt *)tree);
        return true;
    case T_CreatePolicyStmt:
        scan_tree(scan, ((const CreatePolicyStmt *)tree)->qual);
        scan_tree(scan, ((const CreatePolicyStmt *)tree)->with_check);
        return true;
    case T_CreateTrigStmt:
        add_if(scan, ((const CreateTrigStmt *)tree)->replace, FEATURE_REPLACE_TRIGGER, -1);
        scan_tree(scan, ((const CreateTrigStmt *)tree)->whenClause);
        return true;
    case T_CreateFunctionStmt:
        scan_function(scan, (const CreateFunctionStmt *)tree);
        return true;
    case T_CreateDomainStmt:
        scan_type(scan, ((const CreateDomainStmt *)tree)->typeName);
        scan_constraints(scan, ((const CreateDomainStmt *)tree)->constraints);
        return true;
    default:
        return false;
    }
}

/* scan_replication looks at publications and subscriptions; it returns whether it knew the tag. */
static bool
scan_replication(struct scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreatePublicationStmt:
        scan_options(scan, nodeTag(tree), ((const CreatePublicationStmt *)tree)->options);
        scan_publication(scan, ((const CreatePublicationStmt *)tree)->pubobjects);
        return true;
    case T_AlterPublicationStmt:
        scan_options(scan, nodeTag(tree), ((const AlterPublicationStmt *)tree)->options);
        scan_publication(scan, ((const AlterPublicationStmt *)tree)->pubobjects);
        return true;
    case T_CreateSubscriptionStmt:
        scan_options(scan, nodeTag(tree), ((const CreateSubscriptionStmt *)tree)->options);
        return true;
    case T_AlterSubscriptionStmt:
        scan_subscription(scan, (const AlterSubscriptionStmt *)tree);
        return true;
    default:
        return false;
    }
}

static void
scan_reindex(struct scan *scan, const ReindexStmt *stmt)
{
    scan_options(scan, T_ReindexStmt, stmt->params);
    add_if(scan,
           (stmt->kind == REINDEX_OBJECT_DATABASE || stmt->kind == REINDEX_OBJECT_SYSTEM) &&
               stmt->name == NULL,
           FEATURE_REINDEX_WITHOUT_NAME, -1);
}

/* scan_administration looks at what concerns the database as a whole, or its roles. */
static bool
scan_administration(struct scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_DropdbStmt:
        add_if(scan, has_option(((const DropdbStmt *)tree)->options, "force"),
               FEATURE_DROP_DATABASE_FORCE, -1);
        return true;
    case T_CreatedbStmt:
        scan_options(scan, nodeTag(tree), ((const CreatedbStmt *)tree)->options);
        return true;
    case T_AlterDatabaseRefreshCollStmt:
        add(scan, &features[FEATURE_REFRESH_COLLATION], -1);
        return true;
    case T_ReindexStmt:
        scan_reindex(scan, (const ReindexStmt *)tree);
        return true;
    case T_VacuumStmt:
        scan_vacuum(scan, (const VacuumStmt *)tree);
        return true;
    case T_GrantStmt:
        scan_privileges(scan, ((const GrantStmt *)tree)->privileges);
        add_if(scan, ((const GrantStmt *)tree)->objtype == OBJECT_PARAMETER_ACL,
               FEATURE_GRANT_ON_PARAMETER, -1);
        return true;
    case T_AlterDefaultPrivilegesStmt:
        scan_privileges(scan, ((const AlterDefaultPrivilegesStmt *)tree)->action->privileges);
        return true;
    case T_GrantRoleStmt:
        add_if(scan,
               has_option(((const GrantRoleStmt *)tree)->opt, "inherit") ||
                   has_option(((const GrantRoleStmt *)tree)->opt, "set"),
               FEATURE_GRANT_ROLE_OPTION, -1);
        return true;
    default:
        return false;
    }
}

void
lk_features_of(TALLOC_CTX *mem, const struct Node *tree, struct lk_feature_uses *ret)
{
    struct scan scan = {mem, ret};

    if (scan_relation(&scan, tree) || scan_replication(&scan, tree) ||
        scan_administration(&scan, tree))
        return;
    switch (nodeTag(tree)) {
    case T_CopyStmt:
        scan_copy(&scan, (const CopyStmt *)tree);
        break;
    case T_ExplainStmt:
        scan_options(&scan, nodeTag(tree), ((const ExplainStmt *)tree)->options);
        scan_tree(&scan, ((const ExplainStmt *)tree)->query);
        break;
    case T_CreateRangeStmt:
        scan_options(&scan, nodeTag(tree), ((const CreateRangeStmt *)tree)->params);
        break;
    case T_AlterStatsStmt:
        add(&scan, &features[FEATURE_ALTER_STATISTICS_TARGET], -1);
        break;
    case T_AlterTypeStmt:
        add(&scan, &features[FEATURE_ALTER_TYPE_SET], -1);
        break;
    default:
        scan_tree(&scan, tree); /* a query, or what the walker does not know and leaves alone */
        break;
    }
}
