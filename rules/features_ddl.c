/*
 * rules/features_ddl.c
 *     Features of statements that define relations and domains: see features_private.h.
 */
#include "rules/features_private.h"

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
    lk_feature_if(scan,
                  constraint->contype == CONSTR_ATTR_ENFORCED ||
                      constraint->contype == CONSTR_ATTR_NOT_ENFORCED,
                  LK_FEATURE_ID_ENFORCED, at);
    if (constraint->contype == CONSTR_CHECK || constraint->contype == CONSTR_FOREIGN) {
        int enforced = lk_feature_enforced(scan, at);
        lk_feature_if(scan, enforced >= 0, LK_FEATURE_ID_ENFORCED, enforced);
    }
    if (constraint->contype != CONSTR_NOTNULL)
        return;
    lk_feature_if(scan, constraint->keys != NIL, LK_FEATURE_ID_NOT_NULL_CONSTRAINT, at);
    lk_feature_if(scan, constraint->is_no_inherit, LK_FEATURE_ID_NOT_NULL_NO_INHERIT, at);
}
#endif

/* scan_nulls looks at a constraint UNIQUE, or an index. */
static void
scan_nulls(struct lk_feature_scan *scan, bool not_distinct, int location)
{
    static const char *const words[] = {"nulls", "distinct", NULL};

    lk_feature_if(scan, not_distinct, LK_FEATURE_ID_NULLS_NOT_DISTINCT, location);
    lk_feature_if(scan,
                  !not_distinct && lk_feature_is_newer(scan, LK_FEATURE_ID_NULLS_DISTINCT) &&
                      lk_feature_has_words(scan, words),
                  LK_FEATURE_ID_NULLS_DISTINCT, location);
}

static void
scan_index_element(struct lk_feature_scan *scan, const IndexElem *element)
{
    lk_feature_if(scan, element->opclassopts != NIL, LK_FEATURE_ID_OPERATOR_CLASS_OPTIONS, -1);
    lk_feature_qualified(scan, LK_FEATURE_OPERATOR_CLASS, element->opclass, -1);
    lk_feature_qualified(scan, LK_FEATURE_COLLATION, element->collation, -1);
    lk_feature_tree(scan, element->expr);
}

static void
scan_constraint(struct lk_feature_scan *scan, const Constraint *constraint)
{
    ListCell *cell;

    if (!IsA(constraint, Constraint)) /* COLLATE stands among them */
        return;
    if (constraint->contype == CONSTR_UNIQUE)
        scan_nulls(scan, constraint->nulls_not_distinct, constraint->location);
    lk_feature_if(scan, constraint->fk_del_set_cols != NIL, LK_FEATURE_ID_SET_NULL_COLUMNS,
                  constraint->location);
    foreach(cell, constraint->exclusions) /* pairs of an element and an operator */
        scan_index_element(scan, linitial_node(IndexElem, lfirst_node(List, cell)));
    lk_feature_parameters(scan, constraint->options);
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
        if (column->collClause != NULL)
            lk_feature_qualified(scan, LK_FEATURE_COLLATION, column->collClause->collname,
                                 column->collClause->location);
        lk_feature_tree(scan, column->raw_default);
        scan_constraints(scan, column->constraints);
    } else if (IsA(node, TableLikeClause)) {
        bits32 options = ((const TableLikeClause *)node)->options;
        /* INCLUDING ALL sets bits beyond those that have a name */
        lk_feature_if(scan, (options & CREATE_TABLE_LIKE_COMPRESSION) != 0 && options < 1u << 16,
                      LK_FEATURE_ID_LIKE_COMPRESSION, -1);
    }
}

/* scan_partitioning looks at what is special to a table that is partitioned. */
static void
scan_partitioning(struct lk_feature_scan *scan, const CreateStmt *stmt)
{
    ListCell *cell;

    lk_feature_if(scan, stmt->accessMethod != NULL, LK_FEATURE_ID_PARTITIONED_ACCESS_METHOD, -1);
    foreach(cell, stmt->tableElts) {
        const Constraint *constraint = lfirst(cell);
        lk_feature_if(scan, IsA(constraint, Constraint) && constraint->contype == CONSTR_EXCLUSION,
                      LK_FEATURE_ID_PARTITIONED_EXCLUDE, -1);
    }
    foreach(cell, stmt->partspec->partParams) {
        const PartitionElem *element = lfirst_node(PartitionElem, cell);
        lk_feature_qualified(scan, LK_FEATURE_COLLATION, element->collation, element->location);
        lk_feature_qualified(scan, LK_FEATURE_OPERATOR_CLASS, element->opclass, element->location);
        lk_feature_tree(scan, element->expr);
    }
}

/* scan_partition looks at what is special to a table that is a partition. */
static void
scan_partition(struct lk_feature_scan *scan, const CreateStmt *stmt)
{
    ListCell *cell, *inner;

    foreach(cell, stmt->tableElts) {
        const ColumnDef *column = lfirst(cell);
        if (!IsA(column, ColumnDef))
            continue;
        foreach(inner, column->constraints) {
            const Constraint *constraint = lfirst(inner);
            if (IsA(constraint, Constraint) && constraint->contype == CONSTR_GENERATED)
                lk_feature_if(scan, true, LK_FEATURE_ID_PARTITION_GENERATED, constraint->location);
        }
    }
}

static void
scan_bound(struct lk_feature_scan *scan, const PartitionBoundSpec *bound)
{
    if (bound == NULL)
        return;
    lk_feature_tree(scan, bound->listdatums);
    lk_feature_tree(scan, bound->lowerdatums);
    lk_feature_tree(scan, bound->upperdatums);
}

static void
scan_create_table(struct lk_feature_scan *scan, const CreateStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->tableElts)
        scan_element(scan, lfirst(cell));
    scan_constraints(scan, stmt->constraints);
    lk_feature_parameters(scan, stmt->options);
    lk_feature_type(scan, stmt->ofTypename);
    scan_bound(scan, stmt->partbound);
    if (stmt->partbound != NULL)
        scan_partition(scan, stmt);
    if (stmt->partspec != NULL)
        scan_partitioning(scan, stmt);
}

static void
scan_alter_command(struct lk_feature_scan *scan, const AlterTableCmd *command, ObjectType object)
{
    const Node *def = command->def;

    switch (command->subtype) {
    case AT_DropExpression:
        lk_feature_if(scan, true, LK_FEATURE_ID_DROP_EXPRESSION, -1);
        break;
    case AT_AttachPartition:
        scan_bound(scan, ((const PartitionCmd *)def)->bound);
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
        lk_feature_if(scan, command->name == NULL, LK_FEATURE_ID_SET_ACCESS_METHOD_DEFAULT, -1);
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
    case AT_SetRelOptions:
        lk_feature_parameters(scan, (const List *)def);
        break;
    case AT_ChangeOwner:
        lk_feature_role(scan, command->newowner);
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

    scan_nulls(scan, stmt->nulls_not_distinct, -1);
    lk_feature_if(scan,
                  stmt->indexIncludingParams != NIL && stmt->accessMethod != NULL &&
                      strcmp(stmt->accessMethod, "spgist") == 0,
                  LK_FEATURE_ID_SPGIST_INCLUDE, -1);
    foreach(cell, stmt->indexParams)
        scan_index_element(scan, lfirst_node(IndexElem, cell));
    lk_feature_parameters(scan, stmt->options);
    lk_feature_tree(scan, stmt->whereClause);
}

/* ---- the others ---- */

static void
scan_statistics(struct lk_feature_scan *scan, const CreateStatsStmt *stmt)
{
    ListCell *cell;

    lk_feature_if(scan, stmt->defnames == NIL, LK_FEATURE_ID_STATISTICS_WITHOUT_NAME, -1);
    lk_feature_tree(scan, stmt->relations);
    foreach(cell, stmt->exprs) {
        const Node *expr = lfirst_node(StatsElem, cell)->expr;
        lk_feature_if(scan, expr != NULL, LK_FEATURE_ID_STATISTICS_EXPRESSION, -1);
        lk_feature_tree(scan, expr);
    }
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

static void
scan_domain(struct lk_feature_scan *scan, const CreateDomainStmt *stmt)
{
    lk_feature_type(scan, stmt->typeName);
    if (stmt->collClause != NULL)
        lk_feature_qualified(scan, LK_FEATURE_COLLATION, stmt->collClause->collname,
                             stmt->collClause->location);
    scan_constraints(scan, stmt->constraints);
}

static void
scan_alter_domain(struct lk_feature_scan *scan, const AlterDomainStmt *stmt)
{
    const Constraint *constraint = (const Constraint *)stmt->def;

    if (constraint == NULL || !IsA(constraint, Constraint)) {
        lk_feature_tree(scan, stmt->def); /* a default */
        return;
    }
    if (constraint->contype == CONSTR_NOTNULL)
        lk_feature_if(scan, true, LK_FEATURE_ID_DOMAIN_NOT_NULL, constraint->location);
    else
        scan_constraint(scan, constraint);
}

static void
scan_policy(struct lk_feature_scan *scan, const List *roles, const Node *qual, const Node *check)
{
    lk_feature_roles(scan, roles);
    lk_feature_tree(scan, qual);
    lk_feature_tree(scan, check);
}

static void
scan_rule(struct lk_feature_scan *scan, const RuleStmt *stmt)
{
    ListCell *cell;

    scan->in_rule = true;
    lk_feature_tree(scan, stmt->whereClause);
    foreach(cell, stmt->actions)
        lk_feature_tree(scan, lfirst(cell));
    scan->in_rule = false;
}

static void
scan_view(struct lk_feature_scan *scan, const ViewStmt *stmt)
{
    lk_feature_parameters(scan, stmt->options);
    lk_feature_tree(scan, stmt->query);
}

static void
scan_created_as(struct lk_feature_scan *scan, const CreateTableAsStmt *stmt)
{
    lk_feature_parameters(scan, stmt->into->options);
    lk_feature_statement(scan, stmt->query);
}

static void
scan_elements_of_type(struct lk_feature_scan *scan, const CompositeTypeStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->coldeflist)
        scan_element(scan, lfirst(cell));
}

/* scan_table looks at tables and what belongs to one. */
static bool
scan_table(struct lk_feature_scan *scan, const Node *tree)
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
    case T_CreateStatsStmt:
        scan_statistics(scan, (const CreateStatsStmt *)tree);
        return true;
    case T_AlterStatsStmt:
        lk_feature_if(scan, true, LK_FEATURE_ID_ALTER_STATISTICS_TARGET, -1);
        return true;
    case T_CreatePolicyStmt:
        scan_policy(scan, ((const CreatePolicyStmt *)tree)->roles,
                    ((const CreatePolicyStmt *)tree)->qual,
                    ((const CreatePolicyStmt *)tree)->with_check);
        return true;
    case T_AlterPolicyStmt:
        scan_policy(scan, ((const AlterPolicyStmt *)tree)->roles,
                    ((const AlterPolicyStmt *)tree)->qual,
                    ((const AlterPolicyStmt *)tree)->with_check);
        return true;
    case T_CreateTrigStmt:
        lk_feature_if(scan, ((const CreateTrigStmt *)tree)->replace, LK_FEATURE_ID_REPLACE_TRIGGER,
                      -1);
        lk_feature_tree(scan, ((const CreateTrigStmt *)tree)->whenClause);
        return true;
    case T_RuleStmt:
        scan_rule(scan, (const RuleStmt *)tree);
        return true;
    default:
        return false;
    }
}

bool
lk_feature_relation(struct lk_feature_scan *scan, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_ViewStmt:
        scan_view(scan, (const ViewStmt *)tree);
        return true;
    case T_CreateTableAsStmt:
        scan_created_as(scan, (const CreateTableAsStmt *)tree);
        return true;
    case T_CreateSeqStmt:
        lk_feature_if(scan,
                      ((const CreateSeqStmt *)tree)->sequence->relpersistence ==
                          RELPERSISTENCE_UNLOGGED,
                      LK_FEATURE_ID_UNLOGGED_SEQUENCE, -1);
        return true;
    case T_CompositeTypeStmt:
        scan_elements_of_type(scan, (const CompositeTypeStmt *)tree);
        return true;
    case T_CreateDomainStmt:
        scan_domain(scan, (const CreateDomainStmt *)tree);
        return true;
    case T_AlterDomainStmt:
        scan_alter_domain(scan, (const AlterDomainStmt *)tree);
        return true;
    case T_RenameStmt:
        lk_feature_if(scan,
                      ((const RenameStmt *)tree)->renameType == OBJECT_COLUMN &&
                          ((const RenameStmt *)tree)->relationType == OBJECT_VIEW,
                      LK_FEATURE_ID_RENAME_VIEW_COLUMN, -1);
        return true;
    default:
        return scan_table(scan, tree);
    }
}
