/*
 * rules/features.c
 *     Features found in parse trees: see features.h and features.def.
 */
#include "rules/features_private.h"

#include "parser/tree.h"

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

static void
add(struct lk_feature_scan *scan, const struct lk_feature *feature, int location)
{
    lk_vec_foreach(use, &scan->uses->items)
        if (use->feature == feature)
            return;
    lk_vec_push(scan->mem, &scan->uses->items, ((struct lk_feature_use){feature, location}));
}

void
lk_feature_if(struct lk_feature_scan *scan, bool used, enum lk_feature_id id, int location)
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
scan_name(struct lk_feature_scan *scan, const List *words, const struct lk_feature *known,
          size_t count, int location)
{
    const char *name = words != NIL ? plain_name(words) : NULL;

    for (size_t i = 0; name != NULL && i < count; i++)
        if (strcmp(known[i].what, name) == 0)
            add(scan, &known[i], location);
}

void
lk_feature_type(struct lk_feature_scan *scan, const TypeName *type)
{
    if (type != NULL)
        scan_name(scan, type->names, types, LK_ARRAY_SIZE(types), type->location);
}

void
lk_feature_options(struct lk_feature_scan *scan, int statement, const List *list)
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
scan_returning(struct lk_feature_scan *scan, const ReturningClause *returning,
               const RangeVar *target)
{
    const char *name = target->alias != NULL ? target->alias->aliasname : target->relname;
    ListCell *cell;

    if (returning == NULL)
        return;
    lk_feature_if(scan, returning->options != NIL, LK_FEATURE_ID_RETURNING_OLD_NEW, -1);
    foreach(cell, returning->exprs) {
        const ResTarget *result = lfirst(cell);
        const ColumnRef *column = IsA(result, ResTarget) ? (const ColumnRef *)result->val : NULL;
        if (column == NULL || !IsA(column, ColumnRef) || list_length(column->fields) != 2)
            continue;
        const char *first = strVal(linitial(column->fields));
        lk_feature_if(scan,
                      (strcmp(first, "old") == 0 || strcmp(first, "new") == 0) &&
                          strcmp(first, name) != 0,
                      LK_FEATURE_ID_RETURNING_OLD_NEW, column->location);
    }
}
#define SCAN_RETURNING(scan, stmt) scan_returning(scan, (stmt)->returningClause, (stmt)->relation)
#define HAS_RETURNING(stmt) ((stmt)->returningClause != NULL)
#else
#define SCAN_RETURNING(scan, stmt) ((void)0)
#define HAS_RETURNING(stmt) ((stmt)->returningList != NIL)
#endif

static void
scan_merge(struct lk_feature_scan *scan, const MergeStmt *merge)
{
    ListCell *cell;

    lk_feature_if(scan, true, LK_FEATURE_ID_MERGE, -1);
    lk_feature_if(scan, HAS_RETURNING(merge), LK_FEATURE_ID_MERGE_RETURNING, -1);
    SCAN_RETURNING(scan, merge);
    foreach(cell, merge->mergeWhenClauses)
        lk_feature_if(
            scan, lfirst_node(MergeWhenClause, cell)->matchKind == MERGE_WHEN_NOT_MATCHED_BY_SOURCE,
            LK_FEATURE_ID_MERGE_BY_SOURCE, -1);
}

/* scan_query looks at the nodes of queries other than those of JSON. */
static bool
scan_query(struct lk_feature_scan *scan, const Node *node)
{
    switch (nodeTag(node)) {
    case T_MergeStmt:
        scan_merge(scan, (const MergeStmt *)node);
        return true;
    case T_SelectStmt:
        lk_feature_if(scan, ((const SelectStmt *)node)->limitOption == LIMIT_OPTION_WITH_TIES,
                      LK_FEATURE_ID_WITH_TIES, -1);
        lk_feature_if(scan, ((const SelectStmt *)node)->groupDistinct,
                      LK_FEATURE_ID_GROUP_BY_DISTINCT, -1);
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
        lk_feature_if(scan, with->search_clause != NULL || with->cycle_clause != NULL,
                      LK_FEATURE_ID_SEARCH_CYCLE, with->location);
        return true;
    }
    case T_JoinExpr:
        lk_feature_if(scan, ((const JoinExpr *)node)->join_using_alias != NULL,
                      LK_FEATURE_ID_JOIN_USING_ALIAS, -1);
        return true;
    case T_RangeSubselect:
        lk_feature_if(scan, ((const RangeSubselect *)node)->alias == NULL,
                      LK_FEATURE_ID_SUBQUERY_WITHOUT_ALIAS, -1);
        return true;
    default:
        return false;
    }
}

static void
scan_expression(const Node *node, void *data)
{
    struct lk_feature_scan *scan = data;

    if (scan_query(scan, node))
        return;
    switch (nodeTag(node)) {
    case T_FuncCall:
        scan_name(scan, ((const FuncCall *)node)->funcname, functions, LK_ARRAY_SIZE(functions),
                  ((const FuncCall *)node)->location);
        break;
    case T_TypeCast:
        lk_feature_type(scan, ((const TypeCast *)node)->typeName);
        break;
    case T_JsonIsPredicate:
        lk_feature_if(scan, true, LK_FEATURE_ID_IS_JSON, ((const JsonIsPredicate *)node)->location);
        break;
    case T_JsonObjectConstructor:
    case T_JsonArrayConstructor:
    case T_JsonArrayQueryConstructor:
    case T_JsonObjectAgg:
    case T_JsonArrayAgg:
        lk_feature_if(scan, true, LK_FEATURE_ID_JSON_CONSTRUCTOR, exprLocation(node));
        break;
    case T_JsonTable:
        lk_feature_if(scan, true, LK_FEATURE_ID_JSON_TABLE, ((const JsonTable *)node)->location);
        break;
    case T_JsonFuncExpr:
        lk_feature_if(scan, true, LK_FEATURE_ID_JSON_QUERY, ((const JsonFuncExpr *)node)->location);
        break;
    case T_JsonParseExpr:
    case T_JsonScalarExpr:
    case T_JsonSerializeExpr:
        lk_feature_if(scan, true, LK_FEATURE_ID_JSON_PARSE, exprLocation(node));
        break;
    case T_XmlSerialize:
        lk_feature_if(scan, ((const XmlSerialize *)node)->indent, LK_FEATURE_ID_XML_INDENT,
                      ((const XmlSerialize *)node)->location);
        break;
    default:
        break;
    }
}

void
lk_feature_tree(struct lk_feature_scan *scan, const void *expression)
{
    lk_tree_walk(expression, scan_expression, scan);
}

void
lk_features_of(TALLOC_CTX *mem, const struct Node *tree, struct lk_feature_uses *ret)
{
    struct lk_feature_scan scan = {mem, ret};

    if (lk_feature_relation(&scan, tree) || lk_feature_replication(&scan, tree) ||
        lk_feature_administration(&scan, tree))
        return;
    switch (nodeTag(tree)) {
    case T_ExplainStmt:
        lk_feature_options(&scan, nodeTag(tree), ((const ExplainStmt *)tree)->options);
        lk_feature_tree(&scan, ((const ExplainStmt *)tree)->query);
        break;
    case T_CreateRangeStmt:
        lk_feature_options(&scan, nodeTag(tree), ((const CreateRangeStmt *)tree)->params);
        break;
    case T_AlterStatsStmt:
        lk_feature_if(&scan, true, LK_FEATURE_ID_ALTER_STATISTICS_TARGET, -1);
        break;
    case T_AlterTypeStmt:
        lk_feature_if(&scan, true, LK_FEATURE_ID_ALTER_TYPE_SET, -1);
        break;
    default:
        lk_feature_tree(&scan,
                        tree); /* a query, or what the walker does not know and leaves alone */
        break;
    }
}
