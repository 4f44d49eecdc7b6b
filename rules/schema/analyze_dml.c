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

/* refuse_value refuses a string constant that a column of an enum cannot take; NULL: no column. */
static void
refuse_value(struct lk_analysis *an, const struct lk_scope_item *item, const char *name,
             const Node *value)
{
    const struct lk_column *column = name != NULL ? lk_relation_column(item->relation, name) : NULL;

    if (column == NULL || value == NULL || column->object.assumed || column->object.doubtful)
        return;
    struct lk_operand operand = lk_operand_of_column(column);
    lk_analysis_refuse_label(an, &operand, value);
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
        }
        lk_analyze_node(an, scope, value);
    }
    mention_targets(an, item, targets); /* the server looks at them last, too */
    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        refuse_value(an, item, target->indirection == NIL ? target->name : NULL, target->val);
    }
}

#if LK_GRAMMAR >= 18
static struct lk_result
analyze_returning(struct lk_analysis *an, struct lk_scope *scope, const struct lk_scope_item *item,
                  ReturningClause *clause)
{
    static const char *const names[] = {"old", "new"};
    ListCell *cell;

    if (clause == NULL)
        return (struct lk_result){.complete = true};
    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
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
    struct lk_scope_item *excluded = lk_scope_relation(an, scope, item->relation, "excluded");
    excluded->aliased = excluded->columns_hidden = excluded->plain = true;
    analyze_set(an, scope, item, clause->targetList);
    lk_analyze_node(an, scope, clause->whereClause);
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

/* fits returns whether an index is unique over the columns that ON CONFLICT lists, in any order. */
static bool
fits(const struct lk_relation *index, const List *elements)
{
    size_t keys = index->keys.count - index->included, found = 0;
    ListCell *cell;

    if (!index->unique || index->has_predicate || keys == 0)
        return false;
    for (size_t i = 0; i < keys; i++) {
        bool listed = false;
        foreach(cell, elements)
            listed |= index->keys.items[i] != NULL &&
                      strcmp(index->keys.items[i], lfirst_node(IndexElem, cell)->name) == 0;
        if (!listed)
            return false;
    }
    foreach(cell, elements)
        for (size_t i = 0; i < keys; i++)
            if (strcmp(index->keys.items[i], lfirst_node(IndexElem, cell)->name) == 0) {
                found++;
                break;
            }
    return found == (size_t)list_length(elements);
}

/*
 * refuse_arbiter refuses ON CONFLICT (columns) of a table that has no unique index over just these;
 * one with a predicate counts where ON CONFLICT has WHERE.
 * Source: infer_arbiter_indexes(), src/backend/optimizer/util/plancat.c.
 */
static void
refuse_arbiter(struct lk_analysis *an, const struct lk_scope_item *item,
               const OnConflictClause *clause)
{
    const struct lk_relation *table = item->relation;
    ListCell *cell;

    if (clause == NULL || clause->infer == NULL || clause->infer->indexElems == NIL ||
        clause->infer->whereClause != NULL || table == NULL || !lk_is_known(table) ||
        (table->kind != LK_RELATION_TABLE && table->kind != LK_RELATION_PARTITIONED) ||
        table->parts.count > 0)
        return;
    foreach(cell, clause->infer->indexElems) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        if (element->name == NULL || element->collation != NIL || element->opclass != NIL)
            return;
        if (lk_relation_column(table, element->name) == NULL) {
            lk_analysis_refuse(an, "42703", -1, "column \"%s\" does not exist", element->name);
            return;
        }
    }
    lk_vec_foreach(index, &table->indexes)
        if ((*index)->partial || (*index)->object.assumed || (*index)->object.doubtful ||
            fits(*index, clause->infer->indexElems))
            return;
    lk_analysis_refuse(an, "42P10", -1,
                       "there is no unique or exclusion constraint matching the ON CONFLICT "
                       "specification");
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

/* refuse_row refuses the constants of one row that INSERT has for its columns. */
static void
refuse_row(struct lk_analysis *an, const struct lk_scope_item *item, const InsertStmt *stmt,
           const List *row, size_t count)
{
    for (size_t i = 0; i < count && i < (size_t)list_length(row); i++) {
        const Node *value = list_nth(row, (int)i);
        const ResTarget *target =
            stmt->cols != NIL ? list_nth_node(ResTarget, stmt->cols, (int)i) : NULL;
        const char *name = target == NULL ? item->relation->columns.items[i]->object.name
                           : target->indirection == NIL ? target->name
                                                        : NULL;
        refuse_value(an, item, name,
                     IsA(value, ResTarget) ? ((const ResTarget *)value)->val : value);
    }
}

/* refuse_values refuses the string constants that are no values of a column's enum. */
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
        refuse_row(an, item, stmt, lfirst_node(List, cell), count);
    if (source->valuesLists == NIL)
        refuse_row(an, item, stmt, source->targetList, count);
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
        struct lk_result source = lk_analyze_statement(an, &with, stmt->selectStmt);
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
        refuse_arbiter(an, item, stmt->onConflictClause);
    }
    return result;
}

struct lk_result
lk_analyze_update(struct lk_analysis *an, const struct lk_scope *outer, UpdateStmt *stmt)
{
    struct lk_scope scope = {.outer = outer};

    lk_analyze_with(an, &scope, stmt->withClause);
    struct lk_scope_item *item = add_target(an, &scope, stmt->relation);
    lk_analyze_from(an, &scope, stmt->fromClause);
    lk_analyze_node(an, &scope, stmt->whereClause);
    struct lk_result result = analyze_returning(an, &scope, item, RETURNING(stmt));
    analyze_set(an, &scope, item, stmt->targetList);
    return result;
}

struct lk_result
lk_analyze_delete(struct lk_analysis *an, const struct lk_scope *outer, DeleteStmt *stmt)
{
    struct lk_scope scope = {.outer = outer};

    lk_analyze_with(an, &scope, stmt->withClause);
    struct lk_scope_item *item = add_target(an, &scope, stmt->relation);
    lk_analyze_from(an, &scope, stmt->usingClause);
    lk_analyze_node(an, &scope, stmt->whereClause);
    return analyze_returning(an, &scope, item, RETURNING(stmt));
}

struct lk_result
lk_analyze_merge(struct lk_analysis *an, const struct lk_scope *outer, MergeStmt *stmt)
{
    struct lk_scope scope = {.outer = outer};
    ListCell *cell;

    lk_analyze_with(an, &scope, stmt->withClause);
    struct lk_scope_item *item = add_target(an, &scope, stmt->relation);
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
        item->columns_hidden = hidden;
    }
    /* RETURNING * has the source's columns first */
    return analyze_returning(an, &scope, item, RETURNING(stmt));
}
