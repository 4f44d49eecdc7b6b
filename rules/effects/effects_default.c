/*
 * rules/effects/effects_default.c
 *     Which columns get their default from a statement that writes rows, and what sequences are
 * drawn from for that.
 */
#include "rules/effects/effects_private.h"

int
lk_place_in(const List *targets, const char *column)
{
    int place = 0;
    ListCell *cell;

    foreach(cell, targets) {
        const char *name = lfirst_node(ResTarget, cell)->name;
        if (name != NULL && strcmp(name, column) == 0)
            return place;
        place++;
    }
    return -1;
}

int
lk_place_of(const InsertStmt *stmt, const struct lk_relation *table, const char *column)
{
    int place = 0;

    if (stmt->cols != NIL)
        return lk_place_in(stmt->cols, column);
    lk_vec_foreach(known, &table->columns) {
        if (strcmp((*known)->object.name, column) == 0)
            return place;
        place++;
    }
    return -1;
}

/* is_default returns whether one of a list's values, at a place, is DEFAULT, or none is given. */
static bool
is_default(const List *values, int place)
{
    return place >= list_length(values) || IsA(list_nth(values, place), SetToDefault);
}

/* may_draw spares most columns a look at the rows. */
static bool
may_draw(const struct lk_column *column)
{
    return column->serial || column->identity || column->default_value != NULL;
}

/* leaves_default returns whether INSERT has a row in which a column gets its default. */
static bool
leaves_default(const InsertStmt *stmt, const struct lk_relation *table, const char *column)
{
    const SelectStmt *source = (const SelectStmt *)stmt->selectStmt;
    int place = lk_place_of(stmt, table, column);
    ListCell *cell;

    if (source == NULL || place < 0)
        return true;
    if (!IsA(source, SelectStmt))
        return false;
    foreach(cell, source->valuesLists)
        if (is_default(lfirst_node(List, cell), place))
            return true;
    return false;
}

void
lk_gather_drawn_inserting(struct lk_gather *gather, const struct lk_relation *table,
                          const InsertStmt *stmt)
{
    lk_vec_foreach(column, &table->columns)
        if (may_draw(*column) && leaves_default(stmt, table, (*column)->object.name))
            lk_gather_drawn_by(gather, *column, LK_LOCK_ROW_EXCLUSIVE);
}

void
lk_gather_drawn_updating(struct lk_gather *gather, const struct lk_relation *table,
                         const List *targets)
{
    ListCell *cell;

    foreach(cell, targets) {
        const ResTarget *target = lfirst_node(ResTarget, cell);
        const struct lk_column *column =
            target->name != NULL ? lk_relation_column(table, target->name) : NULL;
        if (column != NULL && target->val != NULL && IsA(target->val, SetToDefault))
            lk_gather_drawn_by(gather, column, LK_LOCK_ROW_EXCLUSIVE);
    }
}

void
lk_gather_drawn_merging(struct lk_gather *gather, const struct lk_relation *table,
                        const MergeWhenClause *when)
{
    int place = 0;

    lk_vec_foreach(column, &table->columns) {
        int given = when->targetList == NIL ? place++
                                            : lk_place_in(when->targetList, (*column)->object.name);
        if (given < 0 || is_default(when->values, given))
            lk_gather_drawn_by(gather, *column, LK_LOCK_ROW_EXCLUSIVE);
    }
}
