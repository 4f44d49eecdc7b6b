/*
 * rules/schema/replay_maintain.c
 *     VACUUM, ANALYZE, REINDEX: nothing comes of them in the catalog, but what they name has to be
 * there.
 */
#include "parser/tree.h"
#include "rules/schema/builtin.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_find.h"
#include "rules/schema/replay_relation.h"

/*
 * refuse_columns refuses columns to analyze that are not there, or there twice.
 * Source: do_analyze_rel(), src/backend/commands/analyze.c.
 */
static bool
refuse_columns(struct lk_catalog *catalog, const VacuumRelation *item)
{
    const struct lk_relation *table =
        lk_catalog_relation(catalog, item->relation->schemaname, item->relation->relname);
    ListCell *cell, *other;

    if (table == NULL || !lk_is_known(table))
        return false;
    foreach(cell, item->va_cols) {
        const char *name = strVal(lfirst(cell));
        if (lk_relation_column(table, name) == NULL) {
            lk_refuse(catalog, "42703", -1, "column \"%s\" of relation \"%s\" does not exist", name,
                      table->object.name)
                ->name = lk_catalog_keep(catalog, name);
            return true;
        }
        for (other = list_head(item->va_cols); other != cell; other = lnext(item->va_cols, other))
            if (strcmp(strVal(lfirst(other)), name) == 0) {
                lk_refuse(catalog, "42701", -1,
                          "column \"%s\" of relation \"%s\" appears more than once", name,
                          table->object.name);
                return true;
            }
    }
    return false;
}

/* Source: ExecVacuum(), vacuum(), src/backend/commands/vacuum.c. */
void
lk_replay_vacuum(struct lk_catalog *catalog, const VacuumStmt *stmt)
{
    ListCell *cell;

    if (lk_refuse_clauses(catalog, stmt->is_vacuumcmd ? LK_CLAUSES_VACUUM : LK_CLAUSES_ANALYZE,
                          stmt->options))
        return;
    foreach(cell, stmt->rels) {
        const VacuumRelation *item = lfirst_node(VacuumRelation, cell);
        if (item->relation != NULL && lk_refuse_missing(catalog, item->relation))
            return;
    }
    if (stmt->is_vacuumcmd && stmt->options != NIL) /* what they ask for is seen first */
        return;
    foreach(cell, stmt->rels) {
        const VacuumRelation *item = lfirst_node(VacuumRelation, cell);
        if (item->relation != NULL && !stmt->is_vacuumcmd && refuse_columns(catalog, item))
            return;
    }
}

/* is_catalog returns whether a name means one of the server's own tables. */
static bool
is_catalog(const struct lk_catalog *catalog, const RangeVar *range)
{
    struct lk_builtin_relation relation;

    return (range->schemaname == NULL || strcmp(range->schemaname, "pg_catalog") == 0) &&
           lk_catalog_relation(catalog, range->schemaname, range->relname) == NULL &&
           lk_builtin_relation(NULL, range->relname, lk_catalog_version(catalog), &relation) &&
           relation.kind == 'r';
}

/* refuse_relation refuses what is not there, or not of the kind that is asked for. */
static void
refuse_relation(struct lk_catalog *catalog, const ReindexStmt *stmt)
{
    bool index = stmt->kind == REINDEX_OBJECT_INDEX;

    if (lk_refuse_missing(catalog, stmt->relation))
        return;
    if (!index && lk_tree_option_is_on(stmt->params, "concurrently") &&
        is_catalog(catalog, stmt->relation)) {
        lk_refuse(catalog, "0A000", -1, "cannot reindex system catalogs concurrently");
        return;
    }
    const struct lk_relation *relation =
        lk_catalog_relation(catalog, stmt->relation->schemaname, stmt->relation->relname);
    if (relation == NULL || !lk_is_known(relation))
        return;
    if (index && relation->kind != LK_RELATION_INDEX)
        lk_refuse(catalog, "42809", -1, "\"%s\" is not an index", relation->object.name)->object =
            &relation->object;
    else if (!index && relation->kind != LK_RELATION_TABLE &&
             relation->kind != LK_RELATION_PARTITIONED && relation->kind != LK_RELATION_MATVIEW)
        lk_refuse(catalog, "42809", -1, "\"%s\" is not a table or materialized view",
                  relation->object.name)
            ->object = &relation->object;
}

/* Source: ExecReindex(), src/backend/commands/indexcmds.c. */
void
lk_replay_reindex(struct lk_catalog *catalog, const ReindexStmt *stmt)
{
    if (lk_refuse_clauses(catalog, LK_CLAUSES_REINDEX, stmt->params))
        return;
    if (lk_tree_option(stmt->params, "tablespace") != NULL)
        return; /* who may use that is seen first */
    switch (stmt->kind) {
    case REINDEX_OBJECT_INDEX:
    case REINDEX_OBJECT_TABLE:
        refuse_relation(catalog, stmt);
        break;
    case REINDEX_OBJECT_SCHEMA:
        lk_replay_no_schema(catalog, stmt->name);
        break;
    case REINDEX_OBJECT_SYSTEM:
        if (lk_tree_option_is_on(stmt->params, "concurrently"))
            lk_refuse(catalog, "0A000", -1, "cannot reindex system catalogs concurrently");
        break;
    default:
        break;
    }
}
