/*
 * rules/schema/replay_index.c
 *     Indexes, and the names the server chooses.
 */
#include "parser/base/buf.h"
#include "parser/tree.h"
#include "rules/schema/replay_private.h"

#define NAME_MAX_BYTES 63 /* NAMEDATALEN - 1 */

/* cut_length returns how many of the first `wanted` bytes end on a character's border. */
static size_t
cut_length(const char *name, size_t wanted)
{
    while (wanted > 0 && ((unsigned char)name[wanted] & 0xC0) == 0x80)
        wanted--;
    return wanted;
}

const char *
lk_replay_make_name(struct lk_catalog *catalog, const char *name1, const char *name2,
                    const char *label)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    size_t first = strlen(name1);
    size_t second = name2 != NULL ? strlen(name2) : 0;
    size_t overhead = (name2 != NULL ? 1 : 0) + (label != NULL ? strlen(label) + 1 : 0);

    /* the longer one of the two gives way first */
    while (first + second > NAME_MAX_BYTES - overhead) {
        if (first > second)
            first--;
        else
            second--;
    }
    struct lk_buf name = lk_buf_init(scratch);
    lk_buf_addn(&name, name1, cut_length(name1, first));
    if (name2 != NULL) {
        lk_buf_addc(&name, '_');
        lk_buf_addn(&name, name2, cut_length(name2, second));
    }
    if (label != NULL)
        lk_buf_addf(&name, "_%s", label);
    return lk_catalog_keep(catalog, name.data);
}

const char *
lk_replay_choose_name(struct lk_catalog *catalog, const char *schema, const char *name1,
                      const char *name2, const char *label)
{
    char numbered[80];
    const char *name = lk_replay_make_name(catalog, name1, name2, label);

    for (int pass = 1; lk_catalog_relation(catalog, schema, name) != NULL; pass++) {
        snprintf(numbered, sizeof(numbered), "%s%d", label, pass);
        name = lk_replay_make_name(catalog, name1, name2, numbered);
    }
    return name;
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

/*
 * index_columns returns what the server puts between table and label: the columns' names joined,
 * "expr" for an expression (ChooseIndexNameAddition).
 */
static char *
index_columns(TALLOC_CTX *mem, const List *params)
{
    struct lk_buf names = lk_buf_init(mem);
    ListCell *cell;

    foreach(cell, params) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        lk_buf_sep(&names, "_");
        lk_buf_add(&names, element->name != NULL
                               ? element->name
                               : (element->indexcolname != NULL ? element->indexcolname : "expr"));
        if (names.len >= NAME_MAX_BYTES)
            break;
    }
    return names.data;
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
                                     index_columns(scratch, stmt->indexParams), "idx");
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
