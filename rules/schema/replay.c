/*
 * rules/schema/replay.c
 *     Which statement is replayed where: see replay.h.
 */
#include "rules/schema/replay.h"

#include "parser/script.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/made.h"
#include "rules/schema/replay_private.h"

void
lk_replay_tree(struct lk_catalog *catalog, const Node *tree)
{
    switch (nodeTag(tree)) {
#define LK_REPLAY(Tag, function)                                                                   \
    case T_##Tag:                                                                                  \
        function(catalog, (const Tag *)tree);                                                      \
        break;
#include "rules/schema/replay.def"
#undef LK_REPLAY
    default:
        break;
    }
}

void
lk_replay_at(struct lk_catalog *catalog, const struct lk_statement *statement, const char *text)
{
    talloc_free_children(catalog->statement_mem);
    lk_makings_trim(catalog->makings);
    catalog->refusals = (struct lk_refusals){0};
    catalog->tokens = NULL;
    catalog->statement = statement;
    catalog->text = text;
}

void
lk_replay_sql(struct lk_catalog *catalog, const char *sql)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_source *source = lk_source_new(scratch, "", sql, strlen(sql));
    struct lk_script *script = lk_script_new(scratch, source, (struct lk_span){0, source->size});
    const Node *tree = lk_script_tree(script, 0);
    TALLOC_CTX *mem = catalog->statement_mem;
    struct lk_refusals refusals = catalog->refusals;
    struct lk_tokens *tokens = catalog->tokens;
    const struct lk_statement *statement = catalog->statement;
    const char *text = catalog->text;

    if (tree == NULL)
        return;
    catalog->statement_mem = lk_mem_new(catalog->pool);
    lk_replay_at(catalog, &script->statements.items[0], source->text);
    lk_replay_tree(catalog, tree);
    talloc_free(catalog->statement_mem);
    catalog->statement_mem = mem;
    catalog->refusals = refusals;
    catalog->tokens = tokens;
    catalog->statement = statement;
    catalog->text = text;
}

/*
 * keep_certain forgets what another role than the one that applies is refused, unless the object is
 * that role's own: the server looks at privileges first, and which they have is not known.
 */
static void
keep_certain(struct lk_catalog *catalog)
{
    static const char *const names[] = {"42P01", "42883", "3F000"};
    const char *role = lk_catalog_role(catalog);

    if (role == NULL || catalog->refusals.items.count == 0)
        return;
    const struct lk_refusal *first = &catalog->refusals.items.items[0];
    if (first->object != NULL && first->object->owner != NULL &&
        strcmp(first->object->owner, role) == 0)
        return;
    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        if (first->object == NULL && strcmp(first->sqlstate, names[i]) == 0)
            return;
    catalog->refusals.items.count = 0;
}

void
lk_replay(struct lk_catalog *catalog, const struct lk_statement *statement, const char *text)
{
    lk_replay_at(catalog, statement, text);
    lk_replay_tree(catalog, statement->tree);
    lk_replay_note_snapshot(catalog, statement->tree);
    keep_certain(catalog);
}

void
lk_replay_nested(struct lk_catalog *catalog, const struct lk_statement *statement, const char *text)
{
    bool around = catalog->variables;

    catalog->variables = true;
    lk_replay(catalog, statement, text);
    catalog->variables = around;
}

uint32_t
lk_replay_offset(const struct lk_catalog *catalog, int location)
{
    return lk_statement_offset(catalog->statement, location);
}

struct lk_text *
lk_replay_text(struct lk_catalog *catalog, struct lk_span span)
{
    return lk_text_new(catalog->objects, catalog->text, span);
}
