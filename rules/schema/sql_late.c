/*
 * rules/schema/sql_late.c
 *     Columns that tables which inherit have behind columns of their own: see sql_private.h.
 *
 * CREATE TABLE ... INHERITS puts those of the parents first. What a parent was given later stands
 * at the end, and gets there as it did: by ALTER TABLE of the parent, once the table is made.
 */
#include "rules/schema/sql_private.h"

/* place_of returns where a parent's column stands among its columns; SIZE_MAX: nowhere. */
static size_t
place_of(const struct lk_relation *table, const char *name)
{
    for (size_t i = 0; i < table->columns.count; i++)
        if (strcmp(table->columns.items[i]->object.name, name) == 0)
            return i;
    return SIZE_MAX;
}

static bool
is_of_parent(const struct lk_relation *child, const char *name)
{
    lk_vec_foreach(parent, &child->parents)
        if (place_of(*parent, name) != SIZE_MAX)
            return true;
    return false;
}

/*
 * first_late returns the place in `table` of the first column that a table which inherits from it,
 * near or far, has behind one of its own; SIZE_MAX: there is none.
 */
static size_t
first_late(const struct lk_relation *table, const struct lk_relation *child)
{
    bool own = false;
    size_t first = SIZE_MAX;

    lk_vec_foreach(column, &child->columns) {
        size_t place = place_of(table, (*column)->object.name);
        own |= !is_of_parent(child, (*column)->object.name);
        if (own && place < first && (*column)->inherited)
            first = place;
    }
    return first;
}

/* is_heir returns whether a relation inherits, and is no partition. */
static bool
is_heir(const struct lk_relation *relation)
{
    return relation->parent == NULL && relation->parents.count > 0;
}

size_t
lk_late_columns(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_relation *table,
                struct lk_relations *ret)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(mem);
    struct lk_relations heirs = {0};
    size_t first = table->columns.count;

    if (table->kind != LK_RELATION_TABLE && table->kind != LK_RELATION_FOREIGN)
        return first;
    lk_catalog_descendants(scratch, catalog, table, &heirs);
    lk_vec_foreach(heir, &heirs.items) {
        size_t place = is_heir(*heir) ? first_late(table, *heir) : SIZE_MAX;
        if (place == SIZE_MAX || table->columns.items[place]->inherited)
            continue;
        first = LK_MIN(first, place);
        if (ret != NULL)
            lk_vec_push(mem, &ret->items, *heir);
    }
    return first;
}
