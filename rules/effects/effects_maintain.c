/*
 * rules/effects/effects_maintain.c
 *     Effects of VACUUM, ANALYZE, CLUSTER, REINDEX and REFRESH.
 *
 * Sources: measured on 15 and 18; expand_vacuum_rel(), src/backend/commands/vacuum.c;
 * ReindexPartitions(), src/backend/commands/indexcmds.c; cluster(), src/backend/commands/cluster.c.
 */
#include "parser/tree.h"
#include "rules/effects/effects_private.h"

static const char rebuilt[] = "the index is rebuilt";

static bool
is_partitioned(const struct lk_relation *relation)
{
    return relation != NULL && relation->kind == LK_RELATION_PARTITIONED;
}

/* ---- REINDEX ---- */

/* rebuild_all notes that all indexes of a relation are rebuilt, and are held meanwhile. */
static void
rebuild_all(struct lk_gather *gather, const struct lk_relation *relation, bool concurrently)
{
    if (!concurrently)
        lk_gather_lock_indexes(gather, relation);
    if (!lk_has_rows(relation))
        return;
    lk_vec_foreach(index, &relation->indexes)
        lk_gather_build_known(gather, relation, *index, rebuilt);
    if (relation->indexes.count == 0 && relation->partial)
        lk_gather_build_known(gather, relation, NULL, rebuilt);
}

/* reindex_leaves rebuilds the indexes of partitions. */
static void
reindex_leaves(struct lk_gather *gather, const struct lk_relation *table, enum lk_lock_mode mode)
{
    struct lk_relations children = {0};

    lk_catalog_descendants(gather->mem, gather->catalog, table, &children);
    lk_vec_foreach(child, &children.items) {
        if (is_partitioned(*child))
            continue;
        lk_gather_lock_known(gather, *child, mode);
        rebuild_all(gather, *child, mode != LK_LOCK_SHARE);
    }
}

/* reindex_parts rebuilds the indexes that are parts of one, on the tables that have rows. */
static void
reindex_parts(struct lk_gather *gather, const struct lk_relation *index, enum lk_lock_mode mode)
{
    struct lk_relations parts = {0};

    lk_catalog_descendants(gather->mem, gather->catalog, index, &parts);
    lk_vec_foreach(part, &parts.items) {
        if ((*part)->table == NULL || is_partitioned((*part)->table))
            continue;
        lk_gather_lock_known(gather, (*part)->table, mode);
        lk_gather_build_known(gather, (*part)->table, *part, rebuilt);
    }
}

static void
reindex_index(struct lk_gather *gather, const ReindexStmt *stmt, bool concurrently)
{
    const struct lk_relation *index = lk_gather_known(gather, stmt->relation);
    enum lk_lock_mode mode = concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE;

    lk_gather_lock_range(gather, stmt->relation,
                         concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE);
    if (index == NULL || index->kind != LK_RELATION_INDEX)
        return;
    lk_gather_lock_known(gather, index->table, mode);
    if (is_partitioned(index->table))
        reindex_parts(gather, index, mode);
    else
        lk_gather_build_known(gather, index->table, index, rebuilt);
}

static void
reindex_table(struct lk_gather *gather, const RangeVar *range, bool concurrently)
{
    const struct lk_relation *relation = lk_gather_known(gather, range);

    lk_gather_lock_range(gather, range,
                         concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE);
    if (relation == NULL) {
        lk_gather_build(gather, range, NULL, rebuilt);
        return;
    }
    if (!is_partitioned(relation)) {
        rebuild_all(gather, relation, concurrently);
        return;
    }
    /* all partitions are locked to begin with, and let go before the work starts */
    lk_gather_lock_children(gather, relation, LK_LOCK_SHARE);
    reindex_leaves(gather, relation, concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE);
}

struct reindexed {
    struct lk_gather *gather;
    const char *schema; /* NULL: all, of the database */
    bool concurrently;
};

static void
reindex_in_schema(struct lk_relation *relation, void *data)
{
    const struct reindexed *reindexed = data;

    if ((reindexed->schema != NULL && strcmp(relation->schema, reindexed->schema) != 0) ||
        !lk_has_rows(relation))
        return;
    lk_gather_lock_known(reindexed->gather, relation,
                         reindexed->concurrently ? LK_LOCK_SHARE_UPDATE_EXCLUSIVE : LK_LOCK_SHARE);
    rebuild_all(reindexed->gather, relation, reindexed->concurrently);
}

static void
reindex(struct lk_gather *gather, const ReindexStmt *stmt, bool concurrently)
{
    struct reindexed all = {gather, stmt->name, concurrently};

    if (stmt->kind == REINDEX_OBJECT_DATABASE)
        all.schema = NULL;
    if (stmt->kind == REINDEX_OBJECT_INDEX)
        reindex_index(gather, stmt, concurrently);
    else if (stmt->kind == REINDEX_OBJECT_DATABASE ||
             (stmt->kind == REINDEX_OBJECT_SCHEMA && stmt->name != NULL))
        lk_catalog_relations(gather->catalog, reindex_in_schema, &all);
    else if (stmt->relation != NULL)
        reindex_table(gather, stmt->relation, concurrently);
}

/* ---- VACUUM, ANALYZE, CLUSTER, REFRESH ---- */

static const char full_why[] = "VACUUM FULL writes the table anew";

/* sample notes the descendants of which rows are read for the statistics of the whole. */
static void
sample(struct lk_gather *gather, const struct lk_relation *table)
{
    struct lk_relations children = {0};

    lk_catalog_descendants(gather->mem, gather->catalog, table, &children);
    lk_vec_foreach(child, &children.items)
        if (lk_has_rows(*child))
            lk_gather_lock_known(gather, *child, LK_LOCK_ACCESS_SHARE);
}

/* vacuum_one notes what is done to a table, and goes on to the tables that are done with it. */
static void
vacuum_one(struct lk_gather *gather, const RangeVar *range, bool full, bool analyze)
{
    const struct lk_relation *relation = lk_gather_known(gather, range);
    enum lk_lock_mode mode = full ? LK_LOCK_ACCESS_EXCLUSIVE : LK_LOCK_SHARE_UPDATE_EXCLUSIVE;

    /* 18 takes tables that inherit along, and has ONLY for either */
    gather->family =
        lk_catalog_version(gather->catalog) >= 18 ? range->inh : is_partitioned(relation);
    lk_gather_lock_range(gather, range, mode);
    if (gather->family)
        lk_gather_lock_children(gather, relation, mode);
    else if (analyze && relation != NULL)
        sample(gather, relation);
    if (full)
        lk_gather_rewrite(gather, range, full_why);
}

/* What VACUUM or ANALYZE does to every table of the database. */
struct vacuumed {
    struct lk_gather *gather;
    bool full;
};

static void
vacuum_known(struct lk_relation *relation, void *data)
{
    const struct vacuumed *vacuumed = data;

    if (!lk_has_rows(relation) && !is_partitioned(relation))
        return;
    lk_gather_lock_known(vacuumed->gather, relation,
                         vacuumed->full ? LK_LOCK_ACCESS_EXCLUSIVE
                                        : LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
    if (vacuumed->full)
        lk_gather_rewrite_known(vacuumed->gather, relation, full_why);
}

static void
vacuum(struct lk_gather *gather, const VacuumStmt *stmt)
{
    bool full = stmt->is_vacuumcmd && lk_tree_option_is_on(stmt->options, "full");
    bool analyze = !stmt->is_vacuumcmd || lk_tree_option_is_on(stmt->options, "analyze");
    ListCell *cell;

    if (stmt->is_vacuumcmd && lk_tree_option_is_on(stmt->options, "skip_locked"))
        return; /* it waits for nobody, and what it cannot have it leaves alone */
    if (lk_tree_option_is_on(stmt->options, "only_database_stats"))
        return;
    if (stmt->rels == NIL)
        lk_catalog_relations(gather->catalog, vacuum_known, &(struct vacuumed){gather, full});
    foreach(cell, stmt->rels) {
        const VacuumRelation *relation = lfirst_node(VacuumRelation, cell);
        if (relation->relation != NULL)
            vacuum_one(gather, relation->relation, full, analyze);
    }
}

static const char sorted[] = "CLUSTER writes the rows in the index's order";

/* cluster_again notes a table that has been clustered before. */
static void
cluster_again(struct lk_relation *relation, void *data)
{
    if (relation->clustered == NULL)
        return;
    lk_gather_lock_known(data, relation, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_gather_rewrite_known(data, relation, sorted);
}

static void
cluster(struct lk_gather *gather, const ClusterStmt *stmt)
{
    const struct lk_relation *table;
    struct lk_relations children = {0};

    if (stmt->relation == NULL) {
        lk_catalog_relations(gather->catalog, cluster_again, gather);
        return;
    }
    table = lk_gather_known(gather, stmt->relation);
    lk_gather_lock_range(gather, stmt->relation, LK_LOCK_ACCESS_EXCLUSIVE);
    gather->family = is_partitioned(table);
    if (gather->family)
        lk_catalog_descendants(gather->mem, gather->catalog, table, &children);
    lk_vec_foreach(child, &children.items)
        if (!is_partitioned(*child))
            lk_gather_lock_known(gather, *child, LK_LOCK_ACCESS_EXCLUSIVE);
    lk_gather_rewrite(gather, stmt->relation, sorted);
}

/*
 * read_all notes that a view's query reads all of a table: one that has no other, and no condition.
 */
static void
read_all(struct lk_gather *gather, const struct lk_relation *view)
{
    const SelectStmt *query =
        (const SelectStmt *)lk_gather_made_by(gather->mem, view->query, T_SelectStmt);

    if (query == NULL || query->op != SETOP_NONE || query->whereClause != NULL ||
        query->limitCount != NULL || list_length(query->fromClause) != 1 ||
        !IsA(linitial(query->fromClause), RangeVar) || view->sources.count != 1)
        return;
    lk_gather_scan_known(gather, view->sources.items[0], "its query is run anew");
}

static void
refresh(struct lk_gather *gather, const RefreshMatViewStmt *stmt)
{
    lk_gather_lock_range(gather, stmt->relation,
                         stmt->concurrent ? LK_LOCK_EXCLUSIVE : LK_LOCK_ACCESS_EXCLUSIVE);
    if (!stmt->concurrent)
        lk_gather_rewrite(gather, stmt->relation, "its query is run anew");
    const struct lk_relation *view = lk_gather_known(gather, stmt->relation);
    if (view == NULL || stmt->skipData)
        return;
    lk_gather_view(gather, view, LK_LOCK_ACCESS_SHARE);
    read_all(gather, view);
}

bool
lk_gather_maintenance(struct lk_gather *gather, const Node *tree)
{
    switch (nodeTag(tree)) {
    case T_ReindexStmt:
        reindex(gather, (const ReindexStmt *)tree,
                lk_reindexes_concurrently((const ReindexStmt *)tree));
        return true;
    case T_VacuumStmt:
        vacuum(gather, (const VacuumStmt *)tree);
        return true;
    case T_ClusterStmt:
        cluster(gather, (const ClusterStmt *)tree);
        return true;
    case T_RefreshMatViewStmt:
        refresh(gather, (const RefreshMatViewStmt *)tree);
        return true;
    default:
        return false;
    }
}
