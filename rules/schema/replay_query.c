/*
 * rules/schema/replay_query.c
 *     What a query gives to the relation that is made of it: see replay_view.h.
 */
#include "parser/pgparse.h"
#include "parser/tree.h"
#include "parser/tree_names.h"
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_view.h"

bool
lk_replay_refused(const struct lk_catalog *catalog)
{
    return lk_catalog_refusals(catalog)->items.count > 0;
}

static bool
is_word(struct lk_catalog *catalog, size_t index, const char *word)
{
    return lk_token_is(catalog->text, lk_token(catalog, index), word);
}

static int
depth_step(struct lk_catalog *catalog, size_t index)
{
    struct lk_token token = lk_token(catalog, index);

    if (lk_token_is_symbol(catalog->text, token, '('))
        return 1;
    return lk_token_is_symbol(catalog->text, token, ')') ? -1 : 0;
}

/* find_as returns the token behind the AS that follows a relation's name, or SIZE_MAX. */
static size_t
find_as(struct lk_catalog *catalog, const RangeVar *range)
{
    size_t index = lk_token_index(catalog, range->location);
    int depth = 0;

    for (; index != SIZE_MAX && lk_token(catalog, index).kind != LK_TOKEN_END; index++) {
        depth += depth_step(catalog, index);
        if (depth == 0 && is_word(catalog, index, "as"))
            return index + 1;
    }
    return SIZE_MAX;
}

/*
 * find_end returns the token behind a query: the end of the statement, or the next element of
 * CREATE SCHEMA.
 */
static size_t
find_end(struct lk_catalog *catalog, size_t index)
{
    size_t count = lk_token_count(catalog);
    int depth = 0;

    if (lk_token_is_symbol(catalog->text, lk_token(catalog, count - 1), ';'))
        count--;
    if (!is_word(catalog, 1, "schema"))
        return count;
    for (;; index++) {
        if (index >= count)
            return count;
        depth += depth_step(catalog, index);
        if (depth == 0 && (is_word(catalog, index, "create") || is_word(catalog, index, "grant")) &&
            !lk_token_is_symbol(catalog->text, lk_token(catalog, index - 1), '.') &&
            !is_word(catalog, index - 1, "as"))
            return index;
    }
}

/* without_suffix leaves out WITH [NO] DATA and WITH [LOCAL | CASCADED] CHECK OPTION. */
static size_t
without_suffix(struct lk_catalog *catalog, size_t start, size_t end)
{
    size_t at = end;

    if (end < start + 3)
        return end;
    if (is_word(catalog, end - 1, "data"))
        at = end - 1 - is_word(catalog, end - 2, "no");
    else if (is_word(catalog, end - 1, "option") && is_word(catalog, end - 2, "check"))
        at =
            end - 2 - (is_word(catalog, end - 3, "local") || is_word(catalog, end - 3, "cascaded"));
    return at < end && is_word(catalog, at - 1, "with") ? at - 1 : end;
}

/* is_recursive_view returns whether a query is what CREATE RECURSIVE VIEW makes of its own. */
static bool
is_recursive_view(const Node *query)
{
    const SelectStmt *select = (const SelectStmt *)query;

    return IsA(query, SelectStmt) && select->withClause != NULL &&
           list_length(select->fromClause) == 1 && IsA(linitial(select->fromClause), RangeVar) &&
           ((const RangeVar *)linitial(select->fromClause))->location < 0 &&
           select->withClause->location < 0;
}

/* add_recursion puts around a query what CREATE RECURSIVE VIEW means. */
static void
add_recursion(struct lk_catalog *catalog, struct lk_text *text, const SelectStmt *select)
{
    const CommonTableExpr *cte = linitial(select->withClause->ctes);
    uint32_t end = (uint32_t)strlen(text->sql);
    char *name = lk_quote_ident(catalog->statement_mem, cte->ctename);
    char *columns = lk_columns_sql(catalog->statement_mem, cte->aliascolnames);

    lk_text_mention(
        text, (struct lk_mention){.before = lk_fmt(catalog->statement_mem,
                                                   "WITH RECURSIVE %s(%s) AS (", name, columns)});
    lk_text_mention(text,
                    (struct lk_mention){.span = {end, end},
                                        .before = lk_fmt(catalog->statement_mem,
                                                         ") SELECT %s FROM %s", columns, name)});
}

static void
name_columns(struct lk_catalog *catalog, struct lk_result *result, const List *names)
{
    size_t i = 0;
    ListCell *cell;

    if (names == NIL)
        return;
    if (!result->complete) { /* which of the columns they are is not known */
        result->columns.count = 0;
        foreach(cell, names)
            *lk_vec_add(catalog->statement_mem, &result->columns) =
                (struct lk_result_column){.name = lk_intern(catalog, strVal(lfirst(cell)))};
        return;
    }
    if ((size_t)list_length(names) > result->columns.count)
        lk_refuse(catalog, "42601", -1, "too many column names were specified");
    foreach(cell, names)
        if (i < result->columns.count)
            result->columns.items[i++].name = lk_intern(catalog, strVal(lfirst(cell)));
}

struct lk_replay_query
lk_replay_read_query(struct lk_catalog *catalog, const RangeVar *range, Node *query,
                     const List *names)
{
    struct lk_replay_query read = {0};
    struct lk_mentions mentions = {0};
    size_t start = find_as(catalog, range);

    if (start != SIZE_MAX) {
        size_t end = without_suffix(catalog, start, find_end(catalog, start));
        mentions.start = lk_token(catalog, start).span.start;
        if (end > start)
            read.text = lk_replay_text(
                catalog, (struct lk_span){mentions.start, lk_token(catalog, end - 1).span.end});
        mentions.text = read.text;
    }
    if (read.text != NULL && is_recursive_view(query))
        add_recursion(catalog, read.text, (const SelectStmt *)query);
    if (IsA(query, SelectStmt) || IsA(query, InsertStmt) || IsA(query, UpdateStmt) ||
        IsA(query, DeleteStmt) || IsA(query, MergeStmt))
        read.result = lk_analyze_query(catalog->statement_mem, catalog, query, mentions);
    name_columns(catalog, &read.result, names);
    return read;
}

void
lk_replay_columns(struct lk_catalog *catalog, struct lk_relation *relation,
                  const struct lk_result *result)
{
    relation->partial = !result->complete;
    lk_vec_foreach(made, &result->columns) {
        struct lk_column *column = lk_relation_column(relation, made->name);
        if (column == NULL)
            column = lk_catalog_add_column(catalog, relation, made->name);
        lk_catalog_touch(catalog, column);
        column->type = made->typed.type;
        column->type_known = made->typed.type_known;
        column->collation = made->typed.collation;
    }
}

/* note_reads notes in the view's vectors what its query reads. */
static void
note_reads(struct lk_catalog *catalog, struct lk_relation *view, Node *query)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_tree_ranges ranges = {0};
    struct lk_tree_names columns = {0};

    lk_tree_ranges(scratch, query, &ranges);
    lk_tree_columns(scratch, query, &columns);
    view->sources.count = view->uses.count = 0;
    view->reads_unknown = false;
    view->reads_all = ranges.star;
    lk_vec_foreach(range, &ranges.items) {
        struct lk_relation *source =
            lk_catalog_relation(catalog, (*range)->schemaname, (*range)->relname);
        view->reads_unknown |= source == NULL;
        if (source == NULL || source == view)
            continue;
        lk_link(catalog, view, sources, source);
        lk_link(catalog, source, readers, view);
    }
    lk_vec_foreach(column, &columns.items)
        lk_vec_push(view, &view->uses, lk_intern(catalog, *column));
}

void
lk_replay_set_query(struct lk_catalog *catalog, struct lk_relation *view,
                    const struct lk_replay_query *query, Node *tree)
{
    view->query = query->text;
    note_reads(catalog, view, tree);
    lk_undepend_on(catalog, &view->object);
    lk_depend_text(catalog, &view->object, query->text, LK_DEPENDS_NORMAL);
}
