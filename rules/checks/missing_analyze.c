/*
 * # missing-analyze
 *
 * ## What it flags
 *
 * What leaves the planner without statistics, or with wrong ones, where no ANALYZE follows in the
 * migration: `ALTER COLUMN ... TYPE`, an index on an expression, and an UPDATE of who knows how
 * many rows, each of a table that is in use.
 *
 * ## Why it hurts
 *
 * A column loses its statistics when its type changes, in any way, and an expression has none
 * before the next ANALYZE. Until autovacuum comes by, which it does only once enough rows have
 * changed, the planner guesses: queries that were fast turn into scans and nested loops.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE users ALTER COLUMN name TYPE varchar(200);
 * ANALYZE users (name);
 * ```
 *
 * ANALYZE takes a SHARE UPDATE EXCLUSIVE lock, which blocks neither reads nor writes; in a
 * transaction that rewrote the table the table stays locked for its time.
 *
 * ## When it stays silent
 *
 * On tables created in the same migration, where a later statement analyzes the table or all of
 * them (behind CREATE INDEX CONCURRENTLY, also one of the next migration), and on columns created
 * in the same migration. On a unique index of one expression: the planner knows that there is one
 * row for each value.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ANALYZE; Updating Planner Statistics
 * - PostgreSQL source: ATExecAlterColumnType(), RemoveStatistics()
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/bounds.h"
#include "rules/suggest.h"

/* analyzes returns whether a statement collects statistics of the table of that name. */
static bool
analyzes(const struct lk_check *check, const Node *tree, const void *name)
{
    const VacuumStmt *stmt = (const VacuumStmt *)tree;
    bool analyze;
    ListCell *cell;

    if (!IsA(tree, VacuumStmt))
        return false;
    analyze = !stmt->is_vacuumcmd;
    foreach(cell, stmt->options)
        analyze |= strcmp(lfirst_node(DefElem, cell)->defname, "analyze") == 0;
    if (!analyze || stmt->rels == NIL)
        return analyze;
    foreach(cell, stmt->rels) {
        const RangeVar *range = lfirst_node(VacuumRelation, cell)->relation;
        if (range != NULL && strcmp(lk_subject_name(check, range), name) == 0)
            return true;
    }
    return false;
}

/* report reports on a table; `what` has lost its statistics, `columns` (may be NULL) are it. */
static void
report(struct lk_check *check, const RangeVar *range, const char *what, const char *columns)
{
    char *name = lk_subject_name(check, range);

    if (lk_reported_on(check, check->rule->name, name) ||
        lk_find_later(check, analyzes, name) != NULL ||
        (check->effects->concurrently && lk_found_next(check, analyzes, name)))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the planner has no statistics of %s before the next ANALYZE of %s", what,
                  lk_range_sql(check->mem, range));
    lk_finding_object(check, finding, name);
    lk_finding_hint(check, finding, "%s;\n%sANALYZE %s%s;", lk_statement_text(check),
                    check->effects->concurrently ? "-- in the next migration:\n" : "",
                    lk_range_sql(check->mem, range),
                    columns != NULL ? lk_fmt(check->mem, " (%s)", columns) : "");
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct lk_columns columns = {0};
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_AlterColumnType) || !lk_alters_rows(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_AlterColumnType)
            continue;
        const struct lk_column *column =
            lk_relation_column(lk_subject(check, stmt->relation), command->name);
        if (column != NULL && lk_object_is_new(check->catalog, &column->object))
            continue;
        lk_vec_push(check->mem, &columns.items, command->name);
    }
    if (columns.items.count == 0)
        return;
    bool several = columns.items.count > 1;
    const char *names = lk_columns_text(check, &columns);
    report(check, stmt->relation,
           lk_fmt(check->mem, "column%s %s, whose type%s change%s,", several ? "s" : "", names,
                  several ? "s" : "", several ? "" : "s"),
           names);
}

static void
check_index(struct lk_check *check, const Node *node)
{
    const IndexStmt *stmt = (const IndexStmt *)node;
    ListCell *cell;

    if (lk_subject_is_new(check, stmt->relation) || lk_subject_is_emptied(check, stmt->relation) ||
        (stmt->unique && stmt->whereClause == NULL && list_length(stmt->indexParams) == 1))
        return; /* of a unique expression the planner knows that it has one row for each value */
    foreach(cell, stmt->indexParams)
        if (lfirst_node(IndexElem, cell)->expr != NULL) {
            report(check, stmt->relation, "the expression of the new index", NULL);
            return;
        }
}

static void
check_update(struct lk_check *check, const Node *node)
{
    const UpdateStmt *stmt = (const UpdateStmt *)node;

    const struct lk_relation *table = lk_subject(check, stmt->relation);
    struct lk_columns columns = {0};
    ListCell *cell;

    if (node != check->statement->tree || lk_subject_is_new(check, stmt->relation) ||
        lk_is_bounded(check, node))
        return;
    foreach(cell, stmt->targetList) {
        const char *name = lfirst_node(ResTarget, cell)->name;
        const struct lk_column *column = lk_relation_column(table, name);
        if (column == NULL || !lk_object_is_new(check->catalog, &column->object))
            continue;
        lk_vec_push(check->mem, &columns.items, name);
    }
    if (columns.items.count == 0)
        return;
    const char *names = lk_columns_text(check, &columns);
    report(check, stmt->relation,
           lk_fmt(check->mem, "the new column%s %s", columns.items.count > 1 ? "s" : "", names),
           names);
}

const struct lk_rule lk_rule_missing_analyze = {
    .name = "missing-analyze",
    .group = LK_GROUP_DATA,
    .severity = LK_SEVERITY_INFO,
    .summary = "statistics are gone or wrong, and no ANALYZE follows",
    .on = {{T_AlterTableStmt, check_alter},
           {T_IndexStmt, check_index},
           {T_UpdateStmt, check_update}},
};
