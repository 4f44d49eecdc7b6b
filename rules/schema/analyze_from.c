/*
 * rules/schema/analyze_from.c
 *     What a FROM clause names.
 *
 * Source: transformFromClauseItem(), src/backend/parser/parse_clause.c.
 */
#include "rules/schema/analyze_private.h"

/* rename_columns gives the first columns of an item the names that its alias lists. */
static void
rename_columns(struct lk_analysis *an, struct lk_scope_item *item, const Alias *alias)
{
    ListCell *cell;
    size_t i = 0;

    if (alias == NULL)
        return;
    item->aliased = true;
    item->name = alias->aliasname;
    if (alias->colnames == NIL)
        return;
    lk_item_list(an, item);
    foreach(cell, alias->colnames) {
        if (i == item->columns.count) { /* a column that is not known */
            if (item->complete) {
                lk_analysis_refuse(
                    an, "42P10", -1,
                    "table \"%s\" has %zu columns available but %d columns specified",
                    alias->aliasname, item->columns.count, list_length(alias->colnames));
                return;
            }
            lk_item_add(an, item, (struct lk_scope_column){.name = strVal(lfirst(cell))});
            if (i == item->columns.count)
                return;
        }
        item->columns.items[i].name = strVal(lfirst(cell));
        item->columns.items[i++].renamed = true;
    }
}

static void
add_result(struct lk_analysis *an, struct lk_scope_item *item, const struct lk_result *result)
{
    item->complete = result->complete;
    lk_vec_foreach(column, &result->columns)
        lk_item_add(
            an, item,
            (struct lk_scope_column){.name = column->name, .operand = {.typed = column->typed}});
}

/* from_builtin adds the columns of a relation that the history did not make. */
static void
from_builtin(struct lk_analysis *an, struct lk_scope_item *item, const RangeVar *range)
{
    struct lk_builtin_relation relation;

    if (lk_builtin_relation(range->schemaname, range->relname, lk_catalog_version(an->catalog),
                            &relation)) {
        item->complete = true;
        item->system = relation.kind == 'r';
        lk_builtin_columns(an, item, relation.columns);
        /* the catalogs' columns have the collation C, whatever their type's is */
        lk_vec_foreach(column, &item->columns)
            if (relation.kind == 'r' && lk_operand_is_collatable(an, &column->operand) &&
                !lk_operand_is(&column->operand, "name"))
                column->operand.typed.collation = "pg_catalog.\"C\"";
    } else {
        lk_analysis_refuse_relation(an, range);
        an->incomplete = true;
    }
}

/* refuse_kind refuses to read what holds no rows. */
static void
refuse_kind(struct lk_analysis *an, const struct lk_relation *relation, const RangeVar *range)
{
    if ((relation->kind == LK_RELATION_INDEX || relation->kind == LK_RELATION_COMPOSITE) &&
        !relation->object.assumed)
        lk_analysis_refuse(an, "42809", range->location, "cannot open relation \"%s\"",
                           relation->object.name);
}

static void
from_relation(struct lk_analysis *an, struct lk_scope *scope, const RangeVar *range)
{
    const struct lk_scope_cte *cte =
        range->schemaname == NULL ? lk_find_cte(scope, range->relname) : NULL;
    struct lk_scope_item *item;

    if (cte != NULL) {
        item = lk_scope_item(an, scope, range->relname);
        add_result(an, item, &cte->result);
    } else {
        struct lk_relation *relation =
            lk_catalog_relation(an->catalog, range->schemaname, range->relname);
        int words = 1 + (range->schemaname != NULL) + (range->catalogname != NULL);
        item = lk_scope_relation(an, scope, relation, range->relname);
        if (relation == NULL)
            from_builtin(an, item, range);
        else
            refuse_kind(an, relation, range);
        if (relation != NULL)
            lk_mention_words(an, range->location, words, &relation->object, LK_MENTION_QUALIFIED);
    }
    rename_columns(an, item, range->alias);
}

static void
from_subselect(struct lk_analysis *an, struct lk_scope *scope, const RangeSubselect *range)
{
    /* without LATERAL it does not see what stands beside it, but the WITH queries */
    struct lk_scope apart = {.outer = scope->outer};

    apart.ctes.items = scope->ctes.items;
    apart.ctes.count = scope->ctes.count;
    struct lk_result result =
        lk_analyze_statement(an, range->lateral ? scope : &apart, range->subquery);
    struct lk_scope_item *item = lk_scope_item(an, scope, NULL);
    add_result(an, item, &result);
    rename_columns(an, item, range->alias);
}

/* add_definitions adds the columns of `AS (name type, ...)`. */
static void
add_definitions(struct lk_analysis *an, struct lk_scope_item *item, List *definitions)
{
    ListCell *cell;

    foreach(cell, definitions) {
        const ColumnDef *definition = lfirst_node(ColumnDef, cell);
        struct lk_scope_column column = {.name = definition->colname};
        column.operand = lk_resolve_type(an, definition->typeName);
        if (definition->collClause != NULL)
            column.operand.typed.collation = lk_intern(
                an->catalog,
                lk_qname_sql(an->mem, lk_qname_of_list(definition->collClause->collname)));
        lk_item_add(an, item, column);
    }
}

/*
 * is_parallel returns whether a function of FROM is unnest() of several arrays: one call for each.
 * Source: transformRangeFunction(), src/backend/parser/parse_clause.c.
 */
static bool
is_parallel(const Node *expression)
{
    const FuncCall *call = (const FuncCall *)expression;

    return IsA(expression, FuncCall) && list_length(call->args) > 1 &&
           list_length(call->funcname) == 1 &&
           strcmp(strVal(linitial(call->funcname)), "unnest") == 0;
}

/* add_function adds the columns of one function of FROM. */
static void
add_function(struct lk_analysis *an, const struct lk_scope *scope, struct lk_scope_item *item,
             Node *expression, List *definitions, const char *alias)
{
    struct lk_function *called = NULL;

    an->called = &called;
    an->columns_of_call = (struct lk_builtin_name){0};
    struct lk_operand operand = lk_analyze_node(an, scope, expression);
    an->called = NULL;
    if (definitions != NIL) {
        add_definitions(an, item, definitions);
        return;
    }
    if (called != NULL && lk_function_columns(an, item, called))
        return;
    struct lk_builtin_name list = an->columns_of_call;
    struct lk_builtin_column first = {0}, second;
    if (list.length > 0 && lk_builtin_column_next(&list, &first) &&
        lk_builtin_column_next(&list, &second)) {
        lk_builtin_columns(an, item, an->columns_of_call);
        return;
    }
    const struct lk_relation *relation = lk_operand_relation(an, &operand);
    if (relation != NULL) {
        item->complete &= !relation->partial && !relation->object.assumed;
        lk_vec_foreach(column, &relation->columns)
            lk_item_add(an, item,
                        (struct lk_scope_column){.name = (*column)->object.name,
                                                 .operand = lk_operand_of_column(*column)});
        return;
    }
    /* a composite type that is not known has other columns */
    if (!operand.typed.type_known || lk_operand_is(&operand, "record") ||
        !lk_type_is_builtin(&operand.typed.type)) {
        item->complete = false;
        return;
    }
    const char *name = called != NULL ? lk_function_output(called) : NULL;
    if (first.name.length > 0)
        name = lk_strndup(an->mem, first.name.text, first.name.length);
    if (name == NULL)
        name = alias != NULL ? alias : lk_target_name(an, expression);
    lk_item_add(an, item, (struct lk_scope_column){.name = name, .operand = operand});
}

/* add_parallel adds the columns of unnest() of several arrays. */
static void
add_parallel(struct lk_analysis *an, const struct lk_scope *scope, struct lk_scope_item *item,
             const FuncCall *call)
{
    ListCell *cell;

    foreach(cell, call->args) {
        FuncCall one = *call;
        List args = *call->args;
        args.length = 1;
        args.elements = cell;
        one.args = &args;
        add_function(an, scope, item, (Node *)&one, NIL, NULL);
    }
}

static void
from_function(struct lk_analysis *an, struct lk_scope *scope, const RangeFunction *range)
{
    struct lk_scope_item *item = lk_new(an->mem, struct lk_scope_item);
    const char *alias = range->alias != NULL ? range->alias->aliasname : NULL;
    bool single = list_length(range->functions) == 1;
    ListCell *cell;

    item->listed = item->aliased = item->complete = true;
    foreach(cell, range->functions) {
        List *function = lfirst_node(List, cell);
        if (is_parallel(linitial(function)))
            add_parallel(an, scope, item, linitial_node(FuncCall, function));
        else
            add_function(an, scope, item, linitial(function),
                         range->coldeflist != NIL ? range->coldeflist : lsecond(function),
                         single ? alias : NULL);
        if (item->name == NULL)
            item->name = lk_target_name(an, linitial(function));
    }
    if (range->ordinality)
        lk_item_add(
            an, item,
            (struct lk_scope_column){.name = "ordinality", .operand = lk_operand_of("int8")});
    lk_vec_push(an->mem, &scope->items, item);
    rename_columns(an, item, range->alias);
}

static void
from_xmltable(struct lk_analysis *an, struct lk_scope *scope, const RangeTableFunc *range)
{
    struct lk_scope_item *item = lk_new(an->mem, struct lk_scope_item);
    ListCell *cell;

    item->listed = item->aliased = item->complete = true;
    item->name = "xmltable";
    lk_analyze_node(an, scope, range->docexpr);
    lk_analyze_node(an, scope, range->rowexpr);
    foreach(cell, range->columns) {
        const RangeTableFuncCol *definition = lfirst_node(RangeTableFuncCol, cell);
        struct lk_scope_column column = {.name = definition->colname};
        column.operand = definition->for_ordinality ? lk_operand_of("int4")
                                                    : lk_resolve_type(an, definition->typeName);
        lk_analyze_node(an, scope, definition->colexpr);
        lk_analyze_node(an, scope, definition->coldefexpr);
        lk_item_add(an, item, column);
    }
    lk_vec_push(an->mem, &scope->items, item);
    rename_columns(an, item, range->alias);
}

static void
add_json_column(struct lk_analysis *an, const struct lk_scope *scope, struct lk_scope_item *item,
                const JsonTableColumn *definition)
{
    struct lk_scope_column column = {.name = definition->name};

    column.operand = definition->coltype == JTC_FOR_ORDINALITY
                         ? lk_operand_of("int4")
                         : lk_resolve_type(an, definition->typeName);
    if (definition->on_empty != NULL)
        lk_analyze_node(an, scope, definition->on_empty->expr);
    if (definition->on_error != NULL)
        lk_analyze_node(an, scope, definition->on_error->expr);
    lk_item_add(an, item, column);
}

/* add_json_columns adds columns, and behind them those of NESTED PATH. */
static void
add_json_columns(struct lk_analysis *an, const struct lk_scope *scope, struct lk_scope_item *item,
                 List *columns)
{
    ListCell *cell;

    foreach(cell, columns)
        if (lfirst_node(JsonTableColumn, cell)->coltype != JTC_NESTED)
            add_json_column(an, scope, item, lfirst_node(JsonTableColumn, cell));
    if (an->depth >= LK_ANALYSIS_DEPTH) {
        item->complete = false;
        return;
    }
    an->depth++;
    foreach(cell, columns)
        if (lfirst_node(JsonTableColumn, cell)->coltype == JTC_NESTED)
            add_json_columns(an, scope, item, lfirst_node(JsonTableColumn, cell)->columns);
    an->depth--;
}

static void
from_json_table(struct lk_analysis *an, struct lk_scope *scope, const JsonTable *range)
{
    struct lk_scope_item *item = lk_new(an->mem, struct lk_scope_item);

    item->listed = item->aliased = item->complete = true;
    item->name = "json_table";
    lk_analyze_node(an, scope, (Node *)range->context_item);
    lk_analyze_list(an, scope, range->passing);
    add_json_columns(an, scope, item, range->columns);
    lk_vec_push(an->mem, &scope->items, item);
    rename_columns(an, item, range->alias);
}

/* ---- joins ---- */

/* Items of a scope: one side of a join. */
struct side {
    size_t first, end;
};

/* What a side's columns are, those hidden aside. */
struct side_columns {
    LK_VEC(struct lk_scope_column) items;
    bool complete;
};

static struct side_columns
side_columns(struct lk_analysis *an, const struct lk_scope *scope, struct side side)
{
    struct side_columns columns = {.complete = true};

    for (size_t i = side.first; i < side.end; i++) {
        struct lk_scope_item *item = scope->items.items[i];
        if (item->hidden || item->columns_hidden)
            continue;
        columns.complete &= item->complete;
        for (size_t j = 0; j < lk_item_count(item) && lk_analysis_room(an); j++) {
            struct lk_scope_column column = lk_item_column(item, j);
            if (column.item == NULL && item->name != NULL)
                column.item = item;
            lk_vec_push(an->mem, &columns.items, column);
        }
    }
    columns.complete &= lk_analysis_room(an);
    return columns;
}

static struct lk_scope_column *
find_column(const struct side_columns *columns, const char *name)
{
    lk_vec_foreach(column, &columns->items)
        if (strcmp(column->name, name) == 0)
            return column;
    return NULL;
}

/* Names of columns that a join merges. */
struct merged_names {
    LK_VEC(const char *) items;
};

static bool
is_in(const struct merged_names *names, const char *name)
{
    lk_vec_foreach(known, &names->items)
        if (strcmp(*known, name) == 0)
            return true;
    return false;
}

static struct merged_names
names_of(struct lk_analysis *an, const JoinExpr *join, const struct side_columns *left,
         const struct side_columns *right)
{
    struct merged_names names = {0};
    ListCell *cell;

    foreach(cell, join->usingClause)
        lk_vec_push(an->mem, &names.items, strVal(lfirst(cell)));
    if (!join->isNatural)
        return names;
    lk_vec_foreach(column, &left->items)
        if (find_column(right, column->name) != NULL)
            lk_vec_push(an->mem, &names.items, column->name);
    return names;
}

/* merge adds the column that a join makes of one on each side. */
static void
merge(struct lk_analysis *an, struct lk_scope_item *join, const char *name, JoinType type,
      const struct lk_scope_column *left, const struct lk_scope_column *right)
{
    struct lk_operands both = {0};
    struct lk_scope_column merged = {.name = name};

    if (left != NULL && right != NULL) {
        merged.column = left->column;
        merged.merged = right->column;
        lk_vec_push(an->mem, &both.items, left->operand);
        lk_vec_push(an->mem, &both.items, right->operand);
        merged.operand = lk_operand_common(an, &both);
        merged.operand.typed.collation =
            type == JOIN_RIGHT ? right->operand.typed.collation : left->operand.typed.collation;
    }
    if (left != NULL && left->column != NULL)
        lk_mention_silently(an, &left->column->object);
    if (right != NULL && right->column != NULL)
        lk_mention_silently(an, &right->column->object);
    merged.renamed = true;
    lk_item_add(an, join, merged);
}

static void
add_rest(struct lk_analysis *an, struct lk_scope_item *join, const struct side_columns *columns,
         const struct merged_names *names)
{
    lk_vec_foreach(column, &columns->items)
        if (!is_in(names, column->name))
            lk_item_add(an, join, *column);
}

/* hide makes the items of a side such that only their names are seen, or nothing. */
static void
hide(struct lk_scope *scope, struct side side, bool wholly)
{
    for (size_t i = side.first; i < side.end; i++) {
        scope->items.items[i]->columns_hidden = true;
        scope->items.items[i]->hidden |= wholly;
    }
}

/* merge_columns makes the columns of a join. */
static void
merge_columns(struct lk_analysis *an, struct lk_scope *scope, const JoinExpr *join,
              struct lk_scope_item *item, struct side sides[2])
{
    struct side_columns left = side_columns(an, scope, sides[0]);
    struct side_columns right = side_columns(an, scope, sides[1]);
    struct merged_names names = names_of(an, join, &left, &right);

    item->complete = left.complete && right.complete;
    /* which columns NATURAL merges is known only if all are */
    if (join->isNatural && !item->complete) {
        an->incomplete = true;
        return;
    }
    lk_vec_foreach(name, &names.items) {
        const struct lk_scope_column *first = find_column(&left, *name);
        const struct lk_scope_column *second = find_column(&right, *name);
        if ((first == NULL && left.complete) || (second == NULL && right.complete))
            lk_analysis_refuse(
                an, "42703", -1,
                "column \"%s\" specified in USING clause does not exist in %s table", *name,
                first == NULL && left.complete ? "left" : "right");
        merge(an, item, *name, join->jointype, first, second);
    }
    if (join->join_using_alias != NULL) {
        struct lk_scope_item *alias = lk_scope_item(an, scope, join->join_using_alias->aliasname);
        alias->columns_hidden = alias->complete = true;
        lk_vec_foreach(column, &item->columns)
            lk_item_add(an, alias, *column);
    }
    add_rest(an, item, &left, &names);
    add_rest(an, item, &right, &names);
}

/* join_item makes one item of two sides, for joins that are more than the sum of them. */
static void
join_item(struct lk_analysis *an, struct lk_scope *scope, const JoinExpr *join,
          struct side sides[2])
{
    struct lk_scope_item *item = lk_new(an->mem, struct lk_scope_item);

    item->listed = item->aliased = true;
    merge_columns(an, scope, join, item, sides);
    hide(scope, sides[0], join->alias != NULL);
    hide(scope, sides[1], join->alias != NULL);
    lk_vec_push(an->mem, &scope->items, item);
    if (join->alias == NULL)
        return;
    lk_vec_foreach(column, &item->columns)
        column->item = NULL;
    rename_columns(an, item, join->alias);
}

/* refuse_again refuses what is called like something of `before`, behind that. */
static void
refuse_again(struct lk_analysis *an, const struct lk_scope *scope, struct side before)
{
    for (size_t i = before.first; i < before.end; i++)
        for (size_t k = before.end; k < scope->items.count; k++) {
            const struct lk_scope_item *a = scope->items.items[i], *b = scope->items.items[k];
            if (a->name == NULL || b->name == NULL || a->hidden || b->hidden ||
                strcmp(a->name, b->name) != 0)
                continue;
            if (a->relation != NULL && b->relation != NULL && a->relation != b->relation &&
                !a->aliased && !b->aliased) /* of two schemas */
                continue;
            lk_analysis_refuse(an, "42712", -1, "table name \"%s\" specified more than once",
                               a->name);
            return;
        }
}

static void
from_join(struct lk_analysis *an, struct lk_scope *scope, const JoinExpr *join)
{
    struct side sides[2] = {{scope->items.count, 0}, {0, 0}};

    lk_analyze_from_item(an, scope, join->larg);
    sides[0].end = sides[1].first = scope->items.count;
    lk_analyze_from_item(an, scope, join->rarg);
    sides[1].end = scope->items.count;
    refuse_again(an, scope, sides[0]);
    if (join->quals != NULL) { /* it sees the two sides, and nothing beside them */
        struct lk_scope both = {.outer = scope->outer};
        both.items.items = scope->items.items + sides[0].first;
        both.items.count = sides[1].end - sides[0].first;
        both.ctes.items = scope->ctes.items;
        both.ctes.count = scope->ctes.count;
        lk_analyze_condition(an, &both, join->quals, "JOIN/ON", "JOIN conditions");
    }
    if (join->usingClause != NIL || join->isNatural || join->alias != NULL)
        join_item(an, scope, join, sides);
}

void
lk_analyze_from_item(struct lk_analysis *an, struct lk_scope *scope, Node *node)
{
    if (an->depth >= LK_ANALYSIS_DEPTH) {
        an->incomplete = true;
        lk_scope_item(an, scope, NULL);
        return;
    }
    an->depth++;
    switch (nodeTag(node)) {
    case T_RangeVar:
        from_relation(an, scope, (const RangeVar *)node);
        break;
    case T_RangeSubselect:
        from_subselect(an, scope, (const RangeSubselect *)node);
        break;
    case T_RangeFunction:
        from_function(an, scope, (const RangeFunction *)node);
        break;
    case T_RangeTableFunc:
        from_xmltable(an, scope, (const RangeTableFunc *)node);
        break;
    case T_RangeTableSample:
        lk_analyze_from_item(an, scope, ((const RangeTableSample *)node)->relation);
        lk_analyze_list(an, scope, ((const RangeTableSample *)node)->args);
        lk_analyze_node(an, scope, ((const RangeTableSample *)node)->repeatable);
        break;
    case T_JsonTable:
        from_json_table(an, scope, (const JsonTable *)node);
        break;
    case T_JoinExpr:
        from_join(an, scope, (const JoinExpr *)node);
        break;
    default:
        an->incomplete = true;
        lk_scope_item(an, scope, NULL);
        break;
    }
    an->depth--;
}

void
lk_analyze_from(struct lk_analysis *an, struct lk_scope *scope, List *from)
{
    ListCell *cell;

    foreach(cell, from) {
        size_t first = scope->items.count;
        lk_analyze_from_item(an, scope, lfirst(cell));
        refuse_again(an, scope, (struct side){0, first});
    }
}
