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
 * On a table created in the same migration, or in one that is not applied yet either; on temporary
 * tables; with `IF NOT EXISTS` where the history already has the index; on a partitioned parent
 * with `ON ONLY`, which builds nothing.
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
#include "rules/suggest.h"

/* index_columns returns the columns as a name part: "a_b", "expr" for expressions. */
static char *
index_columns(const struct lk_check *check, const IndexStmt *stmt)
{
    struct lk_buf names = lk_buf_init(check->mem);
    ListCell *cell;

    foreach(cell, stmt->indexParams) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        lk_buf_sep(&names, "_");
        lk_buf_add(&names, element->name != NULL ? element->name : "expr");
    }
    return names.data;
}

/* index_name returns the quoted name of the index, a made one where it was given none. */
static char *
index_name(const struct lk_check *check, const IndexStmt *stmt)
{
    const char *name = stmt->idxname;

    if (name == NULL)
        name = lk_made_name(check, stmt->relation->relname, index_columns(check, stmt), "idx");
    return lk_quote_ident(check->mem, name);
}

static void
advise_partitioned(struct lk_check *check, struct lk_finding *finding, const IndexStmt *stmt)
{
    char *name = index_name(check, stmt);

    lk_finding_detail(check, finding,
                      "The table is partitioned: CONCURRENTLY is refused on it, and the plain form "
                      "builds the index on every partition under the lock.");
    lk_finding_hint(check, finding,
                    "%s\n-- then, for each partition, in migrations of their own:\n"
                    "-- CREATE INDEX CONCURRENTLY partition_idx ON partition ...;\n"
                    "-- ALTER INDEX %s ATTACH PARTITION partition_idx;",
                    lk_statement_insert(check, "on", " ONLY"), name);
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const IndexStmt *stmt)
{
    char *insertion = lk_fmt(check->mem, " CONCURRENTLY%s%s", stmt->idxname == NULL ? " " : "",
                             stmt->idxname == NULL ? index_name(check, stmt) : "");

    lk_finding_hint(check, finding, "%s;%s", lk_statement_insert(check, "index", insertion),
                    lk_outside_advice(check));
}

static void
check_index(struct lk_check *check, const Node *node)
{
    const IndexStmt *stmt = (const IndexStmt *)node;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    bool partitioned = lk_subject_is_partitioned(check, stmt->relation);

    if (stmt->concurrent || lk_subject_is_new(check, stmt->relation))
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
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    if (partitioned)
        advise_partitioned(check, finding, stmt);
    else
        advise(check, finding, stmt);
}

const struct lk_rule lk_rule_require_concurrent_index_creation = {
    .name = "require-concurrent-index-creation",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "CREATE INDEX on a table that is in use blocks its writes",
    .aliases = {"atlas:PG101"},
    .on = {{T_IndexStmt, check_index}},
};
