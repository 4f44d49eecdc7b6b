/*
 * rules/around.c
 *     What else a migration does: see around.h.
 */
#include "rules/around.h"

#include "parser/reading.h"
#include "rules/suggest.h"

/* body_of returns what the statement at `index` carries, where its tree is in memory: the one at
 * hand carries out what it stands in. */
static const struct lk_body *
body_of(const struct lk_check *check, size_t index)
{
    const Node *tree = check->script->statements.items[index].tree;

    if (check->nested != NULL && index == check->statement->index)
        return check->body;
    return tree != NULL && lk_has_body(tree) ? lk_script_body(check->script, index) : NULL;
}

/* find_in returns the first or last match among the items [from, to) of a body. */
static const Node *
find_in(const struct lk_check *check, const struct lk_body *body, struct lk_span items, bool last,
        lk_matches *matches, const void *data)
{
    for (uint32_t i = items.start; i < items.end; i++) {
        const struct lk_nested *nested =
            &body->items.items[last ? items.end - 1 - (i - items.start) : i];
        const Node *tree = nested->statement.tree;
        if (tree != NULL && nested->when != LK_WHEN_CALLED && matches(check, tree, data))
            return tree;
    }
    return NULL;
}

const Node *
lk_find_later(const struct lk_check *check, lk_matches *matches, const void *data)
{
    for (size_t i = check->statement->index; i < check->script->statements.count; i++) {
        const Node *tree = check->script->statements.items[i].tree, *found = NULL;
        const struct lk_body *body = body_of(check, i);
        bool here = i == check->statement->index;
        if (!here && tree != NULL && matches(check, tree, data))
            return tree;
        if (body == NULL)
            continue;
        uint32_t from =
            here && check->nested != NULL ? (uint32_t)(check->nested - body->items.items) + 1 : 0;
        struct lk_span items = {from, (uint32_t)body->items.count};
        if ((found = find_in(check, body, items, false, matches, data)) != NULL)
            return found;
    }
    return NULL;
}

const Node *
lk_find_earlier(const struct lk_check *check, lk_matches *matches, const void *data)
{
    for (size_t i = check->statement->index + 1u; i-- > 0;) {
        const Node *tree = check->script->statements.items[i].tree, *found = NULL;
        const struct lk_body *body = body_of(check, i);
        bool here = i == check->statement->index;
        if (body != NULL && (!here || check->nested != NULL)) {
            size_t to = here ? (size_t)(check->nested - body->items.items) : body->items.count;
            struct lk_span items = {0, (uint32_t)to};
            if ((found = find_in(check, body, items, true, matches, data)) != NULL)
                return found;
        }
        if (!here && tree != NULL && matches(check, tree, data))
            return tree;
    }
    return NULL;
}

bool
lk_found_next(const struct lk_check *check, lk_matches *matches, const void *data)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_settings *settings = check->settings;
    const struct lk_migration *next = NULL;

    lk_vec_foreach(other, &check->changelog->migrations)
        if (next == NULL && other->ordinal > check->migration->ordinal && other->replayed &&
            other->folder == check->migration->folder)
            next = other;
    if (next == NULL)
        return false;
    const struct lk_reading *reading =
        lk_reading_of(scratch, next, &settings->values, settings->postgres_version);
    for (size_t i = 0; reading->up != NULL && i < reading->up->statements.count; i++) {
        const Node *tree = lk_script_tree(reading->up, i);
        if (tree != NULL && matches(check, tree, data))
            return true;
    }
    return false;
}

/* created_range returns the relation that a statement creates, or NULL. */
static const RangeVar *
created_range(const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_CreateStmt:
        return ((const CreateStmt *)tree)->relation;
    case T_CreateForeignTableStmt:
        return ((const CreateForeignTableStmt *)tree)->base.relation;
    case T_CreateTableAsStmt:
        return ((const CreateTableAsStmt *)tree)->into->rel;
    case T_ViewStmt:
        return ((const ViewStmt *)tree)->view;
    default:
        return NULL;
    }
}

static bool
creates(const struct lk_check *check, const Node *tree, const void *data)
{
    const RangeVar *range = created_range(tree);
    struct lk_qname name;

    if (range != NULL) {
        name = lk_qname_of_range(range);
    } else if (IsA(tree, RenameStmt) && ((const RenameStmt *)tree)->relation != NULL &&
               ((const RenameStmt *)tree)->subname == NULL) {
        const RenameStmt *stmt = (const RenameStmt *)tree;
        const struct lk_relation *old = lk_catalog_relation(
            check->catalog, stmt->relation->schemaname, stmt->relation->relname);
        name = (struct lk_qname){
            old != NULL ? old->schema : stmt->relation->schemaname,
            stmt->newname,
        };
    } else {
        return false;
    }
    if (name.schema == NULL)
        name.schema = lk_catalog_creation_schema(check->catalog);
    return strcmp(lk_qname_sql(check->mem, name), data) == 0;
}

const Node *
lk_created_later(const struct lk_check *check, const char *name)
{
    return lk_find_later(check, creates, name);
}

/* What lk_altered_later looks for. */
struct alteration {
    const struct lk_relation *table;
    const char *column;
    lk_command_matches *matches;
};

static bool
alters(const struct lk_check *check, const Node *tree, const void *data)
{
    const struct alteration *wanted = data;
    ListCell *cell;

    if (!IsA(tree, AlterTableStmt) ||
        lk_subject(check, ((const AlterTableStmt *)tree)->relation) != wanted->table)
        return false;
    foreach(cell, ((const AlterTableStmt *)tree)->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->name != NULL && strcmp(command->name, wanted->column) == 0 &&
            wanted->matches(command))
            return true;
    }
    return false;
}

bool
lk_altered_later(const struct lk_check *check, const struct lk_relation *table, const char *column,
                 lk_command_matches *matches)
{
    struct alteration wanted = {table, column, matches};

    return table != NULL && (alters(check, check->statement->tree, &wanted) ||
                             lk_find_later(check, alters, &wanted) != NULL);
}
