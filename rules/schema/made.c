/*
 * rules/schema/made.c
 *     What makes functions, triggers and rules: see made.h.
 */
#include "rules/schema/made.h"

#include "parser/body.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"

#define MADE_MAX 64 /* remembered at once: a history has few triggers and routines that it runs */

struct made {
    struct lk_made made;
    const char *sql;
    UT_hash_handle hh;
};

struct lk_makings {
    struct made *items;
};

static void
read_tree(struct made *made)
{
    struct lk_pg_error error = {0};
    struct lk_span span = {0, (uint32_t)strlen(made->sql)};
    struct lk_pg_trees *trees = lk_pg_parse(made, made->sql, span, &error);

    if (trees == NULL || list_length(trees->statements) != 1)
        return;
    made->made.tree = linitial_node(RawStmt, trees->statements)->stmt;
    if (IsA(made->made.tree, CreateFunctionStmt) &&
        ((const CreateFunctionStmt *)made->made.tree)->sql_body == NULL)
        made->made.body = lk_body_of(made, made->made.tree);
}

const struct lk_made *
lk_catalog_made(const struct lk_catalog *catalog, const struct lk_text *definition)
{
    static const struct lk_made none;
    struct lk_makings *makings = catalog->makings;
    char *sql = lk_text_sql(makings, definition);
    struct made *made = NULL;

    if (sql == NULL)
        return &none;
    HASH_FIND_STR(makings->items, sql, made);
    if (made == NULL) {
        made = lk_new(makings, struct made);
        made->sql = talloc_steal(made, sql);
        read_tree(made);
        HASH_ADD_KEYPTR(hh, makings->items, made->sql, strlen(made->sql), made);
    } else {
        talloc_free(sql);
    }
    return &made->made;
}

void
lk_makings_trim(struct lk_makings *makings)
{
    if (HASH_COUNT(makings->items) <= MADE_MAX)
        return;
    HASH_CLEAR(hh, makings->items);
    talloc_free_children(makings);
}

/* uthash keeps its tables outside of talloc. */
static int
free_table(struct lk_makings *makings)
{
    HASH_CLEAR(hh, makings->items);
    return 0;
}

struct lk_makings *
lk_makings_new(TALLOC_CTX *mem)
{
    struct lk_makings *makings = lk_new(mem, struct lk_makings);

    talloc_set_destructor(makings, free_table);
    return makings;
}
