/*
 * rules/schema/replay_view.c
 *     Views, and what their queries read.
 */
#include "parser/tree.h"
#include "parser/tree_names.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"

void
lk_replay_query(struct lk_catalog *catalog, struct lk_relation *view, Node *query)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
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
        lk_vec_push(view, &view->uses, lk_catalog_keep(catalog, *column));
}

void
lk_replay_create_view(struct lk_catalog *catalog, const ViewStmt *stmt)
{
    const RangeVar *range = stmt->view;
    struct lk_relation *view = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (view != NULL && !stmt->replace && !view->object.assumed)
        return;
    if (view == NULL || !stmt->replace)
        view = lk_catalog_add_relation(
            catalog, range->relpersistence == RELPERSISTENCE_TEMP ? "pg_temp" : range->schemaname,
            range->relname, LK_RELATION_VIEW);
    lk_catalog_touch(catalog, view);
    view->partial = true; /* its columns are the query's */
    lk_replay_query(catalog, view, stmt->query);
}
