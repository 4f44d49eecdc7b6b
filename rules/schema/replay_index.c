/*
 * rules/schema/replay_index.c
 *     Indexes, and the names the server chooses.
 */
#include "parser/tree.h"
#include "rules/schema/replay_private.h"

const char *
lk_replay_choose_name(struct lk_catalog *catalog, const char *schema, const char *name1,
                      const char *name2, const char *label)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char numbered[80];
    char *name = lk_object_name(scratch, name1, name2, label);

    for (int pass = 1; lk_catalog_relation(catalog, schema, name) != NULL; pass++) {
        snprintf(numbered, sizeof(numbered), "%s%d", label, pass);
        talloc_free(name);
        name = lk_object_name(scratch, name1, name2, numbered);
    }
    return lk_catalog_keep(catalog, name);
}

/* add_keys notes the columns of an index; expressions as NULL. */
static void
add_keys(struct lk_catalog *catalog, struct lk_relation *index, const List *params)
{
    ListCell *cell;

    foreach(cell, params) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        lk_vec_push(index, &index->keys,
                    element->name != NULL ? lk_catalog_keep(catalog, element->name) : NULL);
    }
}

/* add_uses notes the columns that its expressions and its predicate refer to. */
static void
add_uses(struct lk_catalog *catalog, struct lk_relation *index, const IndexStmt *stmt)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_tree_names names = {0};
    ListCell *cell;

    foreach(cell, stmt->indexParams)
        lk_tree_columns(scratch, lfirst_node(IndexElem, cell)->expr, &names);
    lk_tree_columns(scratch, stmt->whereClause, &names);
    lk_vec_foreach(name, &names.items)
        lk_vec_push(index, &index->uses, lk_catalog_keep(catalog, *name));
}

void
lk_replay_create_index(struct lk_catalog *catalog, const IndexStmt *stmt)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_relation *table = lk_catalog_assume(catalog, stmt->relation->schemaname,
                                                  stmt->relation->relname, LK_RELATION_UNKNOWN);
    const char *name = stmt->idxname;

    if (name == NULL)
        name = lk_replay_choose_name(catalog, table->schema, table->object.name,
                                     lk_index_columns(scratch, stmt->indexParams), "idx");
    else if (lk_catalog_relation(catalog, table->schema, name) != NULL)
        return; /* refused, or skipped by IF NOT EXISTS */
    struct lk_relation *index =
        lk_catalog_add_relation(catalog, table->schema, name, LK_RELATION_INDEX);
    index->table = table;
    index->unique = stmt->unique;
    index->has_predicate = stmt->whereClause != NULL;
    add_keys(catalog, index, stmt->indexParams);
    add_uses(catalog, index, stmt);
    lk_catalog_touch(catalog, table);
    lk_vec_push(table, &table->indexes, index);
}
