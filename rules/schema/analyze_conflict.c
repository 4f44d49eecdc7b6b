/*
 * rules/schema/analyze_conflict.c
 *     ON CONFLICT: whether there is an index that tells of conflicts.
 */
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_relation.h"

/* is_key returns whether a key of an index, NULL: an expression, may be an element's. */
static bool
is_key(const char *key, const IndexElem *element)
{
    return element->name == NULL || key == NULL ? element->name == NULL && key == NULL
                                                : strcmp(key, element->name) == 0;
}

/*
 * fits returns whether an index is unique over what ON CONFLICT lists, in any order; one expression
 * may be any other.
 */
static bool
fits(const struct lk_relation *index, const List *elements)
{
    const struct lk_constraint *constraint = lk_index_constraint(index);
    size_t keys = index->keys.count - index->included, found = 0;
    ListCell *cell;

    if (!index->unique || index->has_predicate || keys == 0 ||
        (constraint != NULL && constraint->period))
        return false;
    for (size_t i = 0; i < keys; i++) {
        bool listed = false;
        foreach(cell, elements)
            listed |= is_key(index->keys.items[i], lfirst_node(IndexElem, cell));
        if (!listed)
            return false;
    }
    foreach(cell, elements)
        for (size_t i = 0; i < keys; i++)
            if (is_key(index->keys.items[i], lfirst_node(IndexElem, cell))) {
                found++;
                break;
            }
    return found == (size_t)list_length(elements);
}

/*
 * refuse_arbiter_named refuses ON CONFLICT ON CONSTRAINT of one that is not there, and of one that
 * tells no row to update. Source: infer_arbiter_indexes(), src/backend/optimizer/util/plancat.c.
 */
static void
refuse_arbiter_named(struct lk_analysis *an, const struct lk_relation *table,
                     const OnConflictClause *clause)
{
    const struct lk_constraint *constraint = lk_relation_constraint(table, clause->infer->conname);

    if (constraint == NULL) {
        struct lk_refusal *refusal =
            lk_analysis_refuse(an, "42704", -1, "constraint \"%s\" for table \"%s\" does not exist",
                               clause->infer->conname, table->object.name);
        if (refusal != NULL)
            refusal->name = lk_catalog_keep(an->catalog, clause->infer->conname);
    } else if (clause->action == ONCONFLICT_UPDATE &&
               (constraint->kind == LK_CONSTRAINT_EXCLUDE || constraint->period)) {
        lk_analysis_refuse(an, "42809", -1,
                           "ON CONFLICT DO UPDATE not supported with exclusion constraints");
    }
}

bool
lk_relation_has_rules(const struct lk_relation *table)
{
    lk_vec_foreach(part, &table->parts)
        if ((*part)->object.class == LK_CLASS_RULE)
            return true;
    return false;
}

/* Source: infer_arbiter_indexes(), src/backend/optimizer/util/plancat.c. */
void
lk_analysis_refuse_arbiter(struct lk_analysis *an, const struct lk_relation *table,
                           const OnConflictClause *clause)
{
    ListCell *cell;

    if (clause == NULL || clause->infer == NULL || table == NULL || !lk_is_known(table) ||
        (table->kind != LK_RELATION_TABLE && table->kind != LK_RELATION_PARTITIONED) ||
        lk_relation_has_rules(table))
        return;
    if (clause->infer->conname != NULL) {
        refuse_arbiter_named(an, table, clause);
        return;
    }
    if (clause->infer->whereClause != NULL || clause->infer->indexElems == NIL)
        return;
    foreach(cell, clause->infer->indexElems) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        if (element->name != NULL && lk_is_system_column(element->name))
            return;
        if (element->name != NULL && lk_relation_column(table, element->name) == NULL) {
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
