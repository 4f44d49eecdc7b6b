/*
 * rules/features_query.c
 *     Features of queries and expressions: see features_private.h.
 */
#include "rules/features_private.h"

#include "parser/tree.h"

#if LK_GRAMMAR >= 18
#define RETURNED(stmt) ((stmt)->returningClause != NULL ? (stmt)->returningClause->exprs : NIL)
#define NAMES_RETURNED(stmt)                                                                       \
    ((stmt)->returningClause != NULL && (stmt)->returningClause->options != NIL)
#else
#define RETURNED(stmt) ((stmt)->returningList)
#define NAMES_RETURNED(stmt) false
#endif

/* Whether a statement calls a table by a name, and where its RETURNING uses that name. */
struct search {
    const char *name;
    bool is_table;
    int used_at; /* a location, or -1 */
};

static void
search_node(const Node *node, void *data)
{
    struct search *search = data;
    const char *table = NULL;

    if (IsA(node, Alias))
        table = ((const Alias *)node)->aliasname;
    else if (IsA(node, RangeVar) && ((const RangeVar *)node)->alias == NULL)
        table = ((const RangeVar *)node)->relname;
    search->is_table |= table != NULL && strcmp(table, search->name) == 0;
    if (!IsA(node, ColumnRef))
        return;
    const ColumnRef *column = (const ColumnRef *)node;
    const Node *first = linitial(column->fields);
    if (list_length(column->fields) > 1 && IsA(first, String) &&
        strcmp(strVal(first), search->name) == 0)
        search->used_at = column->location;
}

static void
scan_returning(struct lk_feature_scan *scan, const List *exprs, const RangeVar *target,
               const void *from, bool in_rule)
{
    static const char *const names[] = {"old", "new"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names) && exprs != NIL && !in_rule; i++) {
        struct search search = {.name = names[i], .used_at = -1};
        lk_tree_walk(target, search_node, &search);
        lk_tree_walk(from, search_node, &search);
        search.used_at = -1;
        lk_tree_walk(exprs, search_node, &search);
        lk_feature_if(scan, search.used_at >= 0 && !search.is_table,
                      LK_FEATURE_ID_RETURNING_OLD_NEW, search.used_at);
    }
}

/* in a rule OLD and NEW are the rule's, but the RETURNING of an INSERT does not see them */
#define SCAN_RETURNING(scan, stmt, from)                                                           \
    do {                                                                                           \
        lk_feature_if(scan, NAMES_RETURNED(stmt), LK_FEATURE_ID_RETURNING_WITH, -1);               \
        scan_returning(scan, RETURNED(stmt), (stmt)->relation, from,                               \
                       (scan)->in_rule && !IsA(stmt, InsertStmt));                                 \
    } while (0)

static void
scan_merge(struct lk_feature_scan *scan, const MergeStmt *merge)
{
    static const char *const by_target[] = {"matched", "by", "target", NULL};
    ListCell *cell;

    lk_feature_if(scan, true, LK_FEATURE_ID_MERGE, -1);
    lk_feature_if(scan, RETURNED(merge) != NIL, LK_FEATURE_ID_MERGE_RETURNING, -1);
    SCAN_RETURNING(scan, merge, merge->sourceRelation);
    foreach(cell, merge->mergeWhenClauses) {
        MergeMatchKind kind = lfirst_node(MergeWhenClause, cell)->matchKind;
        lk_feature_if(
            scan,
            kind == MERGE_WHEN_NOT_MATCHED_BY_SOURCE ||
                (kind == MERGE_WHEN_NOT_MATCHED_BY_TARGET && lk_feature_has_words(scan, by_target)),
            LK_FEATURE_ID_MERGE_BY, -1);
    }
}

static void
scan_select(struct lk_feature_scan *scan, const SelectStmt *select)
{
    static const char *const group_by_all[] = {"group", "by", "all", NULL};

    lk_feature_if(scan, select->limitOption == LIMIT_OPTION_WITH_TIES, LK_FEATURE_ID_WITH_TIES, -1);
    lk_feature_if(scan, select->groupDistinct, LK_FEATURE_ID_GROUP_BY_DISTINCT, -1);
    lk_feature_if(scan,
                  select->groupClause != NIL &&
                      lk_feature_is_newer(scan, LK_FEATURE_ID_GROUP_BY_ALL) &&
                      lk_feature_has_words(scan, group_by_all),
                  LK_FEATURE_ID_GROUP_BY_ALL, -1);
}

static void
scan_range(struct lk_feature_scan *scan, const RangeVar *range)
{
    if (range->schemaname == NULL || strcmp(range->schemaname, "pg_catalog") == 0)
        lk_feature_name(scan, LK_FEATURE_VIEW, range->relname, range->location);
}

static void
scan_substring(struct lk_feature_scan *scan, const FuncCall *call)
{
    static const char *const similar[] = {"similar", NULL};

    lk_feature_if(scan,
                  call->funcformat == COERCE_SQL_SYNTAX && list_length(call->args) == 3 &&
                      lk_feature_is_newer(scan, LK_FEATURE_ID_SUBSTRING_SIMILAR) &&
                      strcmp(strVal(llast(call->funcname)), "substring") == 0 &&
                      lk_feature_inside(scan, call->location, similar),
                  LK_FEATURE_ID_SUBSTRING_SIMILAR, call->location);
}

/* scan_json looks at JSON(), which with nothing but an argument was a cast before. */
static void
scan_json(struct lk_feature_scan *scan, const JsonParseExpr *json)
{
    static const char *const unique[] = {"unique", NULL};

    lk_feature_if(scan,
                  json->expr->format->format_type != JS_FORMAT_DEFAULT || json->unique_keys ||
                      (lk_feature_is_newer(scan, LK_FEATURE_ID_JSON_PARSE) &&
                       lk_feature_inside(scan, json->location, unique)),
                  LK_FEATURE_ID_JSON_PARSE, json->location);
}

static void
scan_xml(struct lk_feature_scan *scan, const XmlSerialize *xml)
{
    static const char *const no_indent[] = {"no", "indent", NULL};

    lk_feature_if(scan,
                  xml->indent || (lk_feature_is_newer(scan, LK_FEATURE_ID_XML_INDENT) &&
                                  lk_feature_inside(scan, xml->location, no_indent)),
                  LK_FEATURE_ID_XML_INDENT, xml->location);
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
        scan_select(scan, (const SelectStmt *)node);
        return true;
    case T_InsertStmt:
        SCAN_RETURNING(scan, (const InsertStmt *)node, NULL);
        return true;
    case T_UpdateStmt:
        SCAN_RETURNING(scan, (const UpdateStmt *)node, ((const UpdateStmt *)node)->fromClause);
        return true;
    case T_DeleteStmt:
        SCAN_RETURNING(scan, (const DeleteStmt *)node, ((const DeleteStmt *)node)->usingClause);
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
    case T_RangeVar:
        scan_range(scan, (const RangeVar *)node);
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
        lk_feature_call(scan, (const FuncCall *)node);
        scan_substring(scan, (const FuncCall *)node);
        break;
    case T_TypeCast:
        lk_feature_type(scan, ((const TypeCast *)node)->typeName);
        break;
    case T_CollateClause:
        lk_feature_qualified(scan, LK_FEATURE_COLLATION, ((const CollateClause *)node)->collname,
                             ((const CollateClause *)node)->location);
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
        scan_json(scan, (const JsonParseExpr *)node);
        break;
    case T_JsonScalarExpr:
    case T_JsonSerializeExpr:
        lk_feature_if(scan, true, LK_FEATURE_ID_JSON_SCALAR, exprLocation(node));
        break;
    case T_XmlSerialize:
        scan_xml(scan, (const XmlSerialize *)node);
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
