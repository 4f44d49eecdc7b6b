/*
 * # partition-of-locks-parent
 *
 * ## What it flags
 *
 * `CREATE TABLE ... PARTITION OF` a partitioned table in use, and `DROP TABLE` of one of its
 * partitions.
 *
 * ## Why it hurts
 *
 * Both take an ACCESS EXCLUSIVE lock on the partitioned table. They are quick once they have it,
 * but while they wait for the queries that are under way, every new query on any partition waits
 * behind them. With a DEFAULT partition CREATE TABLE reads all of that one, too, under the lock.
 *
 * ## Do instead
 *
 * ATTACH PARTITION needs no more than a SHARE UPDATE EXCLUSIVE lock on the partitioned table:
 *
 * ```sql
 * CREATE TABLE visits_2027 (LIKE visits INCLUDING ALL);
 * ALTER TABLE visits ATTACH PARTITION visits_2027
 *     FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
 * ```
 *
 * Where there is a DEFAULT partition, a CHECK on it that says that it has no such rows comes first.
 * Before DROP TABLE, `ALTER TABLE visits DETACH PARTITION visits_2020 CONCURRENTLY`.
 *
 * ## When it stays silent
 *
 * When the partitioned table was created in the same migration.
 *
 * ## Versions
 *
 * 12 and later; before, ATTACH PARTITION took the same lock. DETACH CONCURRENTLY came with 14.
 *
 * ## References
 *
 * - PostgreSQL documentation: CREATE TABLE; ALTER TABLE, ATTACH PARTITION; 5.12.2 Declarative
 * Partitioning
 */
#include "rules/partition.h"
#include "rules/suggest.h"

/* is_plain returns whether the partition is as LIKE makes it: no columns or options of its own. */
static bool
is_plain(const CreateStmt *stmt)
{
    return stmt->tableElts == NIL && stmt->constraints == NIL && stmt->partspec == NULL &&
           stmt->options == NIL && stmt->tablespacename == NULL && stmt->accessMethod == NULL;
}

/* attach_text returns what attaches the new table; the rows of a DEFAULT partition (`rest`, may be
 * NULL) are known before not to belong into it, where the bound can be said as a condition. */
static const char *
attach_text(const struct lk_check *check, const CreateStmt *stmt, const RangeVar *parent,
            const struct lk_relation *rest)
{
    struct lk_bound_steps steps = lk_bound_steps(check);
    const char *condition = NULL;
    const char *attach = lk_fmt(
        check->mem, "ALTER TABLE %s ATTACH PARTITION %s %s;", lk_range_sql(check->mem, parent),
        lk_range_sql(check->mem, stmt->relation), lk_bound_text(check, stmt->partbound));

    if (rest != NULL && !lk_object_is_new(check->catalog, &rest->object))
        condition = lk_bound_condition(check, lk_subject(check, parent), stmt->partbound);
    if (condition == NULL)
        return attach;
    lk_bound_add(check, &steps, (struct lk_qname){rest->schema, rest->object.name},
                 lk_fmt(check->mem, "NOT (%s)", condition));
    return lk_bound_advice(check, &steps, lk_wait_apart(check, attach));
}

static void
check_create(struct lk_check *check, const Node *node)
{
    const CreateStmt *stmt = (const CreateStmt *)node;

    if (stmt->partbound == NULL || stmt->inhRelations == NIL)
        return;
    const RangeVar *parent = linitial_node(RangeVar, stmt->inhRelations);
    if (lk_subject_is_new(check, parent) ||
        (stmt->if_not_exists && lk_subject(check, stmt->relation) != NULL))
        return;
    const struct lk_relation *table = lk_subject(check, parent);
    char *name = lk_range_sql(check->mem, stmt->relation);
    char *above = lk_range_sql(check->mem, parent);
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "CREATE TABLE ... PARTITION OF takes an ACCESS EXCLUSIVE lock on all of %s: "
                  "reads and writes wait",
                  above);
    finding->bounds = LK_BOUNDS_HERE;
    lk_finding_object(check, finding, lk_subject_name(check, parent));
    const struct lk_relation *rest =
        table == NULL ? NULL : lk_catalog_default_partition(check->catalog, table);
    if (rest != NULL)
        lk_finding_detail(check, finding,
                          "Under the lock the server reads all of the DEFAULT partition for rows "
                          "that belong into the new one.");
    lk_finding_hint(check, finding,
                    "CREATE TABLE %s%s (LIKE %s INCLUDING ALL);\n"
                    "%s%s",
                    stmt->if_not_exists ? "IF NOT EXISTS " : "", name, above,
                    is_plain(stmt) ? ""
                                   : "-- with the columns' defaults, constraints and options that "
                                     "PARTITION OF gave it\n",
                    attach_text(check, stmt, parent, rest));
}

static void
report_drop(struct lk_check *check, const struct lk_relation *partition)
{
    const struct lk_relation *parent = partition->parent;
    char *above = lk_relation_sql(check->mem, parent);
    char *name = lk_relation_sql(check->mem, partition);
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "DROP TABLE of partition %s takes an ACCESS EXCLUSIVE lock on all of %s: reads "
                  "and writes wait",
                  name, above);

    finding->bounds = LK_BOUNDS_HERE;
    lk_finding_object(check, finding, above);
    if (check->settings->postgres_version < 14 ||
        lk_catalog_default_partition(check->catalog, parent) != NULL)
        lk_finding_hint(check, finding, "SET lock_timeout = '2s';\n%s;\nRESET lock_timeout;",
                        lk_statement_text(check));
    else
        lk_finding_hint(check, finding,
                        "%sALTER TABLE %s DETACH PARTITION %s CONCURRENTLY;\n"
                        "-- in the next migration:\n"
                        "%s",
                        lk_outside_advice(check), above, name,
                        lk_wait_apart(check, lk_fmt(check->mem, "DROP TABLE %s;", name)));
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    ListCell *cell;

    if (stmt->removeType != OBJECT_TABLE)
        return;
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        const struct lk_relation *table =
            lk_catalog_relation(check->catalog, name.schema, name.name);
        if (table == NULL || table->parent == NULL ||
            lk_object_is_new(check->catalog, &table->parent->object) ||
            lk_drops(check, stmt, table->parent))
            continue;
        report_drop(check, table);
        return;
    }
}

const struct lk_rule lk_rule_partition_of_locks_parent = {
    .name = "partition-of-locks-parent",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_WARNING,
    .summary = "PARTITION OF and DROP of a partition lock the whole partitioned table",
    .on = {{T_CreateStmt, check_create}, {T_DropStmt, check_drop}},
};
