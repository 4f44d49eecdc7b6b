/*
 * rules/schema/analyze_dml.c
 *     INSERT, UPDATE, DELETE and MERGE: what they name, and what RETURNING returns.
 */
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_relation.h"

#if LK_GRAMMAR >= 18
#define RETURNING(stmt) ((stmt)->returningClause)
#else
#define RETURNING(stmt) ((stmt)->returningList)
#endif

/* add_target adds the relation that a statement changes. */
static struct lk_scope_item *
add_target(struct lk_analysis *an, struct lk_scope *scope, const RangeVar *range)
{
    struct lk_relation *relation =
        lk_catalog_relation(an->catalog, range->schemaname, range->relname);
    int words = 1 + (range->schemaname != NULL) + (range->catalogname != NULL);
    struct lk_scope_item *item = lk_scope_relation(an, scope, relation, range->relname);

    if (range->alias != NULL) {
        item->aliased = true;
        item->name = range->alias->aliasname;
    }
    if (relation == NULL) {
        lk_analysis_refuse_relation(an, range);
        an->incomplete = true;
    } else {
        lk_mention_words(an, range->location, words, &relation->object, LK_MENTION_QUALIFIED);
    }
    return item;
}

/* mention_target mentions the column that an element of SET or of a column list is about. */
static void
mention_target(struct lk_analysis *an, const struct lk_scope_item *item, const ResTarget *target)
{
    struct lk_column *column = lk_relation_column(item->relation, target->name);

    if (column != NULL)
        lk_mention_words(an, target->location, 1, &column->object, LK_MENTION_NAME);
    else if (item->relation != NULL && lk_is_known(item->relation) && item->complete)
        lk_analysis_refuse(an, "42703", target->location,
                           "column \"%s\" of relation \"%s\" does not exist", target->name,
                           item->relation->object.name);
}

static void
mention_targets(struct lk_analysis *an, const struct lk_scope_item *item, List *targets)
{
    ListCell *cell;

    foreach(cell, targets)
        if (IsA(lfirst(cell), ResTarget))
            mention_target(an, item, lfirst(cell));
}

/* refuse_value refuses a string constant that a column cannot take; NULL: no column. */
static void
refuse_value(struct lk_analysis *an, const struct lk_scope_item *item, const char *name,
             const Node *value)
{
    const struct lk_column *column = name != NULL ? lk_relation_column(item->relation, name) : NULL;

    if (column == NULL || value == NULL || column->object.assumed || column->object.doubtful)
        return;
    struct lk_operand operand = lk_operand_of_column(column);
    lk_analysis_refuse_literal(an, &operand, value);
}

/* refuse_assigned refuses a value of another type than a column's. */
static void
refuse_assigned(struct lk_analysis *an, const struct lk_scope_item *item, const char *name,
                const struct lk_operand *operand)
{
    const struct lk_column *column = lk_relation_column(item->relation, name);

    if (column != NULL && item->relation->kind != LK_RELATION_VIEW)
        lk_analysis_refuse_assigned(an, column, operand);
}

/* fill looks for the columns that INSERT has values for. */
static void
fill(struct lk_analysis *an, struct lk_columns *columns)
{
    const struct lk_relation *table = columns->table;
    ListCell *cell;

    foreach(cell, columns->names) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        lk_vec_push(an->mem, &columns->items,
                    target->indirection == NIL ? lk_relation_column(table, target->name) : NULL);
    }
    for (size_t i = 0; columns->names == NIL && i < table->columns.count; i++)
        lk_vec_push(an->mem, &columns->items, table->columns.items[i]);
}

void
lk_analysis_refuse_row(struct lk_analysis *an, struct lk_columns *columns,
                       const struct lk_operands *values)
{
    size_t count = values->items.count, names = (size_t)list_length(columns->names);

    if (names > 0 ? count != names : count > columns->table->columns.count)
        return; /* that is seen first */
    for (size_t i = 0; i < count; i++) {
        const struct lk_operand *value = &values->items.items[i];
        if (!value->typed.type_known || lk_operand_is(value, "unknown")) /* most are */
            continue;
        if (columns->items.count == 0)
            fill(an, columns);
        if (columns->items.items[i] != NULL)
            lk_analysis_refuse_assigned(an, columns->items.items[i], value);
    }
}

/* analyze_set analyzes `column = expression` elements. */
static void
analyze_set(struct lk_analysis *an, const struct lk_scope *scope, const struct lk_scope_item *item,
            List *targets)
{
    ListCell *cell;

    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        Node *value = target->val;
        if (value != NULL && IsA(value, MultiAssignRef)) {
            /* each of its columns has the same source */
            value =
                ((MultiAssignRef *)value)->colno == 1 ? ((MultiAssignRef *)value)->source : NULL;
            an->many = value;
        }
        struct lk_operand operand = lk_analyze_within(an, scope, value, "UPDATE");
        if (value == target->val && target->indirection == NIL)
            refuse_assigned(an, item, target->name, &operand);
    }
    mention_targets(an, item, targets); /* the server looks at them last, too */
    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        refuse_value(an, item, target->indirection == NIL ? target->name : NULL, target->val);
    }
}

/* From this version on RETURNING has the rows as they were and as they are: old and new. */
#define RETURNING_HAS_BOTH 18

#if LK_GRAMMAR >= 18
static struct lk_result
analyze_returning(struct lk_analysis *an, struct lk_scope *scope, const struct lk_scope_item *item,
                  ReturningClause *clause)
{
    static const char *const names[] = {"old", "new"};
    ListCell *cell;

    if (clause == NULL)
        return (struct lk_result){.complete = true};
    bool both = lk_catalog_version(an->catalog) == 0 ||
                lk_catalog_version(an->catalog) >= RETURNING_HAS_BOTH;
    for (size_t i = 0; both && i < LK_ARRAY_SIZE(names); i++) {
        struct lk_scope_item *row = lk_scope_relation(an, scope, item->relation, names[i]);
        row->aliased = row->columns_hidden = true;
        foreach(cell, clause->options) {
            const ReturningOption *option = lfirst_node(ReturningOption, cell);
            if ((option->option == RETURNING_OPTION_NEW) == (i == 1))
                row->name = option->value;
        }
    }
    return lk_analyze_targets(an, scope, clause->exprs);
}
#else
static struct lk_result
analyze_returning(struct lk_analysis *an, struct lk_scope *scope, const struct lk_scope_item *item,
                  List *list)
{
    (void)item;
    return lk_analyze_targets(an, scope, list);
}
#endif

static void
analyze_conflict(struct lk_analysis *an, struct lk_scope *scope, const struct lk_scope_item *item,
                 const OnConflictClause *clause)
{
    ListCell *cell;

    if (clause == NULL)
        return;
    if (clause->infer != NULL) {
        foreach(cell, clause->infer->indexElems) {
            const IndexElem *element = lfirst_node(IndexElem, cell);
            struct lk_column *column =
                element->name != NULL ? lk_relation_column(item->relation, element->name) : NULL;
            if (column != NULL)
                lk_mention_silently(an, &column->object);
            lk_analyze_node(an, scope, element->expr);
        }
        lk_analyze_node(an, scope, clause->infer->whereClause);
    }
    if (clause->action != ONCONFLICT_UPDATE)
        return;
    if (clause->infer == NULL)
        lk_analysis_refuse(
            an, "42601", clause->location,
            "ON CONFLICT DO UPDATE requires inference specification or constraint name");
    struct lk_scope_item *excluded = lk_scope_relation(an, scope, item->relation, "excluded");
    excluded->aliased = excluded->plain = true;
    analyze_set(an, scope, item, clause->targetList);
    lk_analyze_node(an, scope, clause->whereClause);
    excluded->columns_hidden = true; /* from RETURNING */
}

/* write_columns writes the columns that INSERT means without a list: the first ones. */
static void
write_columns(struct lk_analysis *an, const struct lk_scope_item *item, const RangeVar *range,
              size_t count)
{
    int words = 1 + (range->schemaname != NULL) + (range->catalogname != NULL);
    struct lk_span span;

    if (!item->complete || item->relation == NULL || count == 0 ||
        count > item->relation->columns.count)
        return;
    bool written =
        range->alias == NULL && lk_words_span(an->catalog, range->location, words, &span);
    for (size_t i = 0; i < count; i++) {
        struct lk_object *column = &item->relation->columns.items[i]->object;
        if (written)
            lk_mention_add(an, (struct lk_mention){.span = {span.end, span.end},
                                                   .before = i == 0 ? " (" : ", ",
                                                   .behind = i + 1 == count ? ")" : NULL,
                                                   .object = column,
                                                   .form = LK_MENTION_NAME});
        else
            lk_mention_silently(an, column);
    }
}

/* refuse_count refuses more values than columns, or fewer than are listed. */
static void
refuse_count(struct lk_analysis *an, const struct lk_scope_item *item, const List *columns,
             const struct lk_result *source)
{
    bool known = item->relation != NULL && lk_is_known(item->relation) && item->complete;
    size_t wanted = columns != NIL ? (size_t)list_length(columns)
                                   : (known ? item->relation->columns.count : SIZE_MAX);

    if (!source->complete)
        return;
    if (source->columns.count > wanted)
        lk_analysis_refuse(an, "42601", -1, "INSERT has more expressions than target columns");
    else if (columns != NIL && source->columns.count < wanted)
        lk_analysis_refuse(an, "42601", -1, "INSERT has more target columns than expressions");
}

/* is_default returns whether all rows of VALUES have DEFAULT at a place. */
static bool
is_default(const InsertStmt *stmt, size_t at)
{
    const SelectStmt *source = (const SelectStmt *)stmt->selectStmt;
    ListCell *cell;

    if (source == NULL || source->valuesLists == NIL)
        return source == NULL;
    foreach(cell, source->valuesLists) {
        const List *row = lfirst_node(List, cell);
        if (at < (size_t)list_length(row) && !IsA(list_nth(row, (int)at), SetToDefault))
            return false;
    }
    return true;
}

/*
 * refuse_computed refuses values for columns that the server computes itself.
 * Source: rewriteTargetListIU(), src/backend/rewrite/rewriteHandler.c.
 */
static void
refuse_computed(struct lk_analysis *an, const struct lk_relation *table, const InsertStmt *stmt,
                size_t count)
{
    if (table == NULL || !lk_is_known(table) || table->kind == LK_RELATION_VIEW ||
        table->kind == LK_RELATION_FOREIGN || stmt->override != OVERRIDING_NOT_SET)
        return;
    for (size_t i = 0; i < count; i++) {
        const ResTarget *target =
            stmt->cols != NIL ? list_nth_node(ResTarget, stmt->cols, (int)i) : NULL;
        const struct lk_column *column = target == NULL ? table->columns.items[i]
                                         : target->indirection == NIL
                                             ? lk_relation_column(table, target->name)
                                             : NULL;
        if (column == NULL || column->object.assumed ||
            !(column->generated || (column->identity && column->always)) || is_default(stmt, i))
            continue;
        lk_analysis_refuse(an, "428C9", -1, "cannot insert a non-DEFAULT value into column \"%s\"",
                           column->object.name);
        return;
    }
}

/* is_several returns whether an expression ends with *, and may stand for several columns. */
static bool
is_several(const Node *value)
{
    if (IsA(value, ColumnRef))
        return IsA(llast(((const ColumnRef *)value)->fields), A_Star);
    return IsA(value, A_Indirection) &&
           IsA(llast(((const A_Indirection *)value)->indirection), A_Star);
}

/*
 * refuse_row refuses the constants of one row that the first `count` columns of a list cannot take,
 * or where that is empty those of the table.
 */
static void
refuse_row(struct lk_analysis *an, const struct lk_scope_item *item, const List *columns,
           const List *row, size_t count)
{
    for (size_t i = 0; i < count && i < (size_t)list_length(row); i++) {
        const Node *value = list_nth(row, (int)i);
        const ResTarget *target = columns != NIL ? list_nth_node(ResTarget, columns, (int)i) : NULL;
        const char *name = target == NULL ? item->relation->columns.items[i]->object.name
                           : target->indirection == NIL ? target->name
                                                        : NULL;
        if (IsA(value, ResTarget))
            value = ((const ResTarget *)value)->val;
        if (is_several(value))
            return;
        refuse_value(an, item, name, value);
    }
}

/* refuse_values refuses the string constants that columns cannot take. */
static void
refuse_values(struct lk_analysis *an, const struct lk_scope_item *item, const InsertStmt *stmt,
              size_t count)
{
    const SelectStmt *source = (const SelectStmt *)stmt->selectStmt;
    ListCell *cell;

    if (item->relation == NULL || source == NULL || source->op != SETOP_NONE ||
        source->distinctClause != NIL || source->groupClause != NIL)
        return;
    foreach(cell, source->valuesLists)
        refuse_row(an, item, stmt->cols, lfirst_node(List, cell), count);
    if (source->valuesLists == NIL)
        refuse_row(an, item, stmt->cols, source->targetList, count);
}

/* refuse_result refuses the columns of a query that a table's cannot be given. */
static void
refuse_result(struct lk_analysis *an, struct lk_columns *columns, const struct lk_result *source)
{
    struct lk_operands values = {0};

    lk_vec_foreach(column, &source->columns)
        lk_vec_push(an->mem, &values.items, (struct lk_operand){.typed = column->typed});
    lk_analysis_refuse_row(an, columns, &values);
}

struct lk_result
lk_analyze_insert(struct lk_analysis *an, const struct lk_scope *outer, InsertStmt *stmt)
{
    struct lk_scope with = {.outer = outer};
    struct lk_scope scope = {.outer = &with};

    lk_analyze_with(an, &with, stmt->withClause);
    struct lk_scope_item *item = add_target(an, &scope, stmt->relation);
    size_t count = (size_t)list_length(stmt->cols); /* of columns that get values */
    mention_targets(an, item, stmt->cols);
    if (stmt->selectStmt != NULL) { /* it does not see the table */
        bool known = item->relation != NULL && lk_is_known(item->relation) &&
                     item->relation->kind != LK_RELATION_VIEW;
        struct lk_columns columns = {.table = item->relation, .names = stmt->cols};
        an->into = known ? &columns : NULL;
        an->untold = true;
        struct lk_result source = lk_analyze_statement(an, &with, stmt->selectStmt);
        an->into = NULL;
        if (known && source.complete && ((SelectStmt *)stmt->selectStmt)->valuesLists == NIL)
            refuse_result(an, &columns, &source);
        if (stmt->cols == NIL && source.complete && item->relation != NULL)
            count = LK_MIN(source.columns.count, item->relation->columns.count);
        refuse_count(an, item, stmt->cols, &source);
        if (stmt->cols == NIL && source.complete)
            write_columns(an, item, stmt->relation, source.columns.count);
        if (source.complete)
            refuse_values(an, item, stmt, count);
    }
    analyze_conflict(an, &scope, item, stmt->onConflictClause);
    struct lk_result result = analyze_returning(an, &scope, item, RETURNING(stmt));
    if (an->mentions.text == NULL) { /* where it is carried out, not where it is kept */
        refuse_computed(an, item->relation, stmt, count);
        lk_analysis_refuse_arbiter(an, item->relation, stmt->onConflictClause);
    }
    return result;
}

/*
 * refuse_computed_set refuses to set columns that the server computes itself.
 * Source: rewriteTargetListIU(), src/backend/rewrite/rewriteHandler.c.
 */
static void
refuse_computed_set(struct lk_analysis *an, const struct lk_relation *table, const List *targets)
{
    ListCell *cell;

    if (table == NULL || !lk_is_known(table) || table->kind == LK_RELATION_VIEW ||
        table->kind == LK_RELATION_FOREIGN || lk_relation_has_rules(table))
        return;
    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        const struct lk_column *column =
            target->indirection == NIL ? lk_relation_column(table, target->name) : NULL;
        if (column == NULL || column->object.assumed || IsA(target->val, SetToDefault) ||
            !(column->generated || (column->identity && column->always)))
            continue;
        lk_analysis_refuse(an, "428C9", -1, "column \"%s\" can only be updated to DEFAULT",
                           column->object.name);
        return;
    }
}

struct lk_result
lk_analyze_update(struct lk_analysis *an, const struct lk_scope *outer, UpdateStmt *stmt)
{
    struct lk_scope scope = {.outer = outer};

    lk_analyze_with(an, &scope, stmt->withClause);
    struct lk_scope_item *item = add_target(an, &scope, stmt->relation);
    lk_analyze_from(an, &scope, stmt->fromClause);
    lk_analyze_condition(an, &scope, stmt->whereClause, "WHERE", "WHERE");
    struct lk_result result = analyze_returning(an, &scope, item, RETURNING(stmt));
    analyze_set(an, &scope, item, stmt->targetList);
    if (an->mentions.text == NULL) /* where it is carried out, not where it is kept */
        refuse_computed_set(an, item->relation, stmt->targetList);
    return result;
}

struct lk_result
lk_analyze_delete(struct lk_analysis *an, const struct lk_scope *outer, DeleteStmt *stmt)
{
    struct lk_scope scope = {.outer = outer};

    lk_analyze_with(an, &scope, stmt->withClause);
    struct lk_scope_item *item = add_target(an, &scope, stmt->relation);
    lk_analyze_from(an, &scope, stmt->usingClause);
    lk_analyze_condition(an, &scope, stmt->whereClause, "WHERE", "WHERE");
    return analyze_returning(an, &scope, item, RETURNING(stmt));
}

/* From this version on views can be merged into, and tables with rules of other kinds. */
#define MERGE_HAS_VIEWS 17

/*
 * refuse_merge refuses what rows cannot be merged into.
 * Source: setTargetTable(), transformMergeStmt(), src/backend/parser/parse_merge.c.
 */
static void
refuse_merge(struct lk_analysis *an, const struct lk_relation *table)
{
    bool views = lk_catalog_version(an->catalog) >= MERGE_HAS_VIEWS;

    if (table == NULL || !lk_is_known(table) || lk_catalog_version(an->catalog) == 0)
        return;
    if (table->kind == LK_RELATION_TABLE || table->kind == LK_RELATION_PARTITIONED
            ? lk_relation_has_rules(table) && !views
            : table->kind != LK_RELATION_VIEW || !views)
        lk_analysis_refuse(an, "0A000", -1, "cannot execute MERGE on relation \"%s\"",
                           table->object.name);
}

/* refuse_inserted refuses the constants that MERGE has for the columns of a new row. */
static void
refuse_inserted(struct lk_analysis *an, const struct lk_scope_item *item,
                const MergeWhenClause *when)
{
    size_t listed = (size_t)list_length(when->targetList);

    if (item->relation != NULL && when->commandType == CMD_INSERT)
        refuse_row(an, item, when->targetList, when->values,
                   listed > 0 ? listed : item->relation->columns.count);
}

struct lk_result
lk_analyze_merge(struct lk_analysis *an, const struct lk_scope *outer, MergeStmt *stmt)
{
    struct lk_scope scope = {.outer = outer};
    ListCell *cell;

    lk_analyze_with(an, &scope, stmt->withClause);
    struct lk_scope_item *item = add_target(an, &scope, stmt->relation);
    refuse_merge(an, item->relation);
    lk_analyze_from_item(an, &scope, stmt->sourceRelation);
    lk_analyze_node(an, &scope, stmt->joinCondition);
    foreach(cell, stmt->mergeWhenClauses) {
        const MergeWhenClause *when = lfirst_node(MergeWhenClause, cell);
        /* a row that is inserted is not there yet */
        bool hidden = item->columns_hidden;
        item->columns_hidden |= when->commandType == CMD_INSERT;
        lk_analyze_node(an, &scope, when->condition);
        if (when->commandType == CMD_INSERT)
            mention_targets(an, item, when->targetList);
        else
            analyze_set(an, &scope, item, when->targetList);
        lk_analyze_list(an, &scope, when->values);
        refuse_inserted(an, item, when);
        item->columns_hidden = hidden;
    }
    /* RETURNING * has the source's columns first */
    return analyze_returning(an, &scope, item, RETURNING(stmt));
}
