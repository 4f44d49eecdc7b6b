/*
 * # require-concurrent-index-creation
 *
 * ## What it flags
 *
 * `CREATE INDEX` without `CONCURRENTLY` on a table that is in use.
 *
 * ## Why it hurts
 *
 * The statement holds a SHARE lock on the table until the index is built. Every INSERT, UPDATE and
 * DELETE waits for that long, which grows with the table; and while the statement itself waits for
 * writers that are under way, new writers queue up behind it.
 *
 * ## Do instead
 *
 * ```sql
 * CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
 * ```
 *
 * in a migration of its own, outside a transaction. A build that fails leaves an INVALID index
 * behind: drop it with `DROP INDEX CONCURRENTLY` before the next try (`lockkeeper apply` does).
 * IF NOT EXISTS would take that for a good one: see rule concurrent-index-if-not-exists.
 *
 * A partitioned table does not take CONCURRENTLY. Create the index on the parent alone, build it
 * concurrently on each partition, and attach those:
 *
 * ```sql
 * CREATE INDEX events_day_idx ON ONLY events (day);
 * CREATE INDEX CONCURRENTLY events_2026_day_idx ON events_2026 (day);
 * ALTER INDEX events_day_idx ATTACH PARTITION events_2026_day_idx;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction, or in
 * one that is not applied yet either; on temporary tables; with `IF NOT EXISTS` where the history
 * already has the index; on a partitioned parent with `ON ONLY`, which builds nothing.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: CREATE INDEX, "Building Indexes Concurrently"; 13.3.1 Table-Level
 * Locks
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/partition.h"
#include "rules/schema/replay.h"
#include "rules/suggest.h"

/* parent_index returns CREATE INDEX ... ON ONLY, which builds nothing yet. */
static char *
parent_index(const struct lk_check *check, const IndexStmt *stmt)
{
    const char *text = check->source->text;
    uint32_t at = lk_statement_offset(check->statement, stmt->relation->location);
    uint32_t start = check->statement->span.start, end = check->statement->span.end;

    return lk_fmt(check->mem, "CREATE %sINDEX %s%s ON ONLY %.*s", stmt->unique ? "UNIQUE " : "",
                  stmt->if_not_exists ? "IF NOT EXISTS " : "",
                  lk_quote_ident(check->mem, lk_index_name(check, stmt)),
                  (int)(end - LK_MAX(at, start)), text + LK_MAX(at, start));
}

static void
advise_partitioned(struct lk_check *check, struct lk_finding *finding, const IndexStmt *stmt)
{
    struct lk_buf builds = lk_buf_init(check->mem), attach = lk_buf_init(check->mem);
    struct lk_partitions partitions = lk_partitions_of(check, stmt->relation);
    struct lk_qname parent = {stmt->relation->schemaname, lk_index_name(check, stmt)};

    lk_vec_foreach(partition, &partitions.items) {
        struct lk_qname table = {(*partition)->schema, (*partition)->object.name};
        struct lk_qname index = {table.schema, lk_index_made_name(check, stmt, table)};
        lk_buf_addf(&builds, "%s;\n",
                    lk_index_on(check, stmt, index.name, lk_qname_sql(check->mem, table)));
        lk_buf_addf(&attach, "ALTER INDEX %s ATTACH PARTITION %s;\n",
                    lk_qname_sql(check->mem, parent), lk_qname_sql(check->mem, index));
    }
    lk_finding_detail(check, finding,
                      "The table is partitioned: CONCURRENTLY is refused on it, and the plain form "
                      "builds the index on every partition under the lock.");
    lk_finding_hint(check, finding, "%s;\n%s", parent_index(check, stmt),
                    lk_partitions_text(check, builds.data, attach.data));
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const IndexStmt *stmt)
{
    lk_fix_behind(check, finding, "index", " CONCURRENTLY");
    if (stmt->idxname == NULL)
        lk_fix_behind(
            check, finding, "index",
            lk_fmt(check->mem, " %s", lk_quote_ident(check->mem, lk_index_name(check, stmt))));
    if (stmt->if_not_exists)
        lk_fix_anew(check, finding, lk_outside_advice(check));
    else
        lk_finding_hint(check, finding, "%s%s;", lk_outside_advice(check),
                        lk_fix_statement(check, finding));
    lk_fix_outside(check, finding);
}

static void
check_index(struct lk_check *check, const Node *node)
{
    const IndexStmt *stmt = (const IndexStmt *)node;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    bool partitioned = lk_subject_is_partitioned(check, stmt->relation);

    if (stmt->concurrent || lk_subject_is_new(check, stmt->relation) ||
        lk_subject_is_emptied(check, stmt->relation))
        return;
    if (partitioned && !stmt->relation->inh)
        return;
    if (stmt->if_not_exists && stmt->idxname != NULL && table != NULL &&
        lk_catalog_relation(check->catalog, table->schema, stmt->idxname) != NULL)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "CREATE INDEX holds a SHARE lock on %s while the index is built: writes wait",
                  lk_range_sql(check->mem, stmt->relation));
    finding->bounds = LK_BOUNDS_HERE;
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    if (partitioned)
        advise_partitioned(check, finding, stmt);
    else
        advise(check, finding, stmt);
    lk_detail_held(check, finding);
}

const struct lk_rule lk_rule_require_concurrent_index_creation = {
    .name = "require-concurrent-index-creation",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "CREATE INDEX on a table that is in use blocks its writes",
    .fix = LK_RULE_FIX_EITHER,
    .aliases = {"atlas:PG101"},
    .on = {{T_IndexStmt, check_index}},
};
