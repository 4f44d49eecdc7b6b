/*
 * rules/schema/made.c
 *     What makes functions, triggers and rules: see made.h.
 */
#include "rules/schema/made.h"

#include "parser/body.h"
#include "parser/pg_nodes.h"
#include "parser/script.h"
#include "rules/schema/catalog_private.h"

#define MADE_MAX 64 /* remembered at once: a history has few triggers and routines that it runs */

struct made {
    const struct lk_text *definition;
    const char *sql; /* what it came to, and `made` was read from */
    size_t changes;  /* of the catalog, after which it came to that */
    struct lk_made made;
    UT_hash_handle hh;
};

struct lk_makings {
    struct made *items; /* by definition */
    size_t count;       /* also of former ones */
};

static void
read_tree(struct made *made)
{
    struct lk_source *source = lk_source_new(made, "definition", made->sql, strlen(made->sql));
    struct lk_script *script = lk_script_new(made, source, (struct lk_span){0, source->size});

    if (script->statements.count != 1 || lk_script_tree(script, 0) == NULL)
        return;
    made->made.script = script;
    made->made.tree = lk_script_tree(script, 0);
    if (IsA(made->made.tree, CreateFunctionStmt) &&
        ((const CreateFunctionStmt *)made->made.tree)->sql_body == NULL)
        made->made.body = lk_body_of(made, made->made.tree);
}

/* make reads what a definition comes to; the `former` reading lasts, others may be at it. */
static struct made *
make(struct lk_makings *makings, struct made *former, const struct lk_text *definition,
     const char *sql)
{
    struct made *made = lk_new(makings, struct made);

    if (former != NULL)
        HASH_DEL(makings->items, former);
    made->definition = definition;
    made->sql = lk_strdup(made, sql);
    read_tree(made);
    HASH_ADD_PTR(makings->items, definition, made);
    makings->count++;
    return made;
}

const struct lk_made *
lk_catalog_made(const struct lk_catalog *catalog, const struct lk_text *definition)
{
    static const struct lk_made none;
    struct lk_makings *makings = catalog->makings;
    struct made *made = NULL;

    if (definition == NULL)
        return &none;
    HASH_FIND_PTR(makings->items, &definition, made);
    if (made != NULL && made->changes == catalog->changes)
        return &made->made;
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    const char *sql = lk_text_sql(scratch, definition);
    if (made == NULL || strcmp(made->sql, sql) != 0)
        made = make(makings, made, definition, sql);
    made->changes = catalog->changes;
    return &made->made;
}

void
lk_makings_trim(struct lk_makings *makings)
{
    if (makings->count <= MADE_MAX)
        return;
    makings->count = 0;
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
