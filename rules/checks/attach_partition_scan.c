/*
 * # attach-partition-scan
 *
 * ## What it flags
 *
 * `ATTACH PARTITION` that has to read the table that it attaches, or the DEFAULT partition, or has
 * to build an index that the table has and the new partition lacks.
 *
 * ## Why it hurts
 *
 * The server has to know that every row of the new partition is within its bounds, and that no row
 * of the DEFAULT partition is. It reads them under ACCESS EXCLUSIVE locks on both: reads and writes
 * of those wait, and so do queries on the partitioned table that come to them.
 *
 * ## Do instead
 *
 * A valid CHECK that says the same spares the reading:
 *
 * ```sql
 * ALTER TABLE visits_2025 ADD CONSTRAINT visits_2025_bound
 *     CHECK (day IS NOT NULL AND day >= '2025-01-01' AND day < '2026-01-01') NOT VALID;
 * -- in the next migration:
 * ALTER TABLE visits_2025 VALIDATE CONSTRAINT visits_2025_bound;
 * -- and in the one after that:
 * ALTER TABLE visits ATTACH PARTITION visits_2025
 *     FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
 * -- and then:
 * ALTER TABLE visits_2025 DROP CONSTRAINT visits_2025_bound;
 * ```
 *
 * An index that the table has and the partition lacks would be built under the lock, too: build it
 * CONCURRENTLY before, and make it the same constraint where the table's is one.
 *
 * For the DEFAULT partition a CHECK that excludes the bounds does.
 *
 * ## When it stays silent
 *
 * For tables created in the same migration; where nothing has to be read.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ATTACH PARTITION
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/partition.h"
#include "rules/suggest.h"

/* What is read. */
struct readings {
    bool partition; /* for rows that do not belong there */
    bool indexes;   /* to build those that the table has and the partition does not */
    const struct lk_relation *rest; /* the DEFAULT partition, or NULL */
};

/* belongs_to returns whether a relation is `above`, or a partition of it at any depth. */
static bool
belongs_to(const struct lk_relation *relation, const struct lk_relation *above)
{
    for (unsigned depth = 0; relation != NULL && depth < 32; depth++) {
        if (relation == above)
            return true;
        relation = relation->parent;
    }
    return false;
}

static struct readings
readings_of(const struct lk_check *check, const AlterTableStmt *stmt, const RangeVar *partition)
{
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    const struct lk_relation *rest =
        table == NULL ? NULL : lk_catalog_default_partition(check->catalog, table);
    struct readings readings = {0};

    lk_vec_foreach(pass, &check->effects->scans) {
        const struct lk_relation *known =
            lk_named_relation(check->mem, check->catalog, pass->relation);
        if (rest != NULL && known != NULL && belongs_to(known, rest))
            readings.rest = lk_object_is_new(check->catalog, &rest->object) ? NULL : rest;
        else if (strcmp(pass->why, LK_WHY_INDEX_LIKE) != 0)
            readings.partition = !lk_subject_is_new(check, partition);
    }
    readings.indexes = check->effects->builds.count > 0 && lk_subject(check, partition) != NULL &&
                       !lk_subject_is_new(check, partition);
    return readings;
}

/* add_columns adds the names of an index's columns; false where it is more than columns. */
static bool
add_columns(const struct lk_check *check, struct lk_buf *list, struct lk_buf *joined,
            const struct lk_relation *index)
{
    lk_vec_foreach(column, &index->keys) {
        if (*column == NULL)
            return false;
        lk_buf_sep(list, ", ");
        lk_buf_add(list, lk_quote_ident(check->mem, *column));
        lk_buf_sep(joined, "_");
        lk_buf_add(joined, *column);
    }
    bool plain = index->method == NULL || strcmp(index->method, "btree") == 0;
    return plain && index->predicate == NULL && !index->has_predicate && index->included == 0 &&
           !index->nulls_not_distinct && index->keys.count > 0;
}

/* add_index adds how the partition gets an index like one of the table beforehand. */
static void
add_index(const struct lk_check *check, struct lk_buf *sql, struct lk_qname part,
          const struct lk_relation *table, const struct lk_relation *index)
{
    struct lk_buf list = lk_buf_init(check->mem), joined = lk_buf_init(check->mem);
    const struct lk_constraint *constraint = NULL;
    char *name = lk_qname_sql(check->mem, part);

    lk_vec_foreach(each, &table->constraints)
        if ((*each)->index == index)
            constraint = *each;
    if (!add_columns(check, &list, &joined, index)) {
        lk_buf_addf(sql, "-- CREATE INDEX CONCURRENTLY on %s, as %s is on %s\n", name,
                    lk_relation_sql(check->mem, index), lk_relation_sql(check->mem, table));
        return;
    }
    bool primary = constraint != NULL && constraint->kind == LK_CONSTRAINT_PRIMARY;
    const char *label = primary ? "pkey" : constraint != NULL ? "key" : "idx";
    char *made =
        lk_quote_ident(check->mem, lk_made_name(check, part, primary ? "" : joined.data, label));
    lk_buf_addf(sql, "%sCREATE %sINDEX CONCURRENTLY %s ON %s (%s);\n",
                sql->len > 0 ? "-- and then:\n" : "", index->unique ? "UNIQUE " : "", made, name,
                list.data);
    if (constraint == NULL)
        return;
    const char *key = lk_fmt(check->mem, "ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %s;",
                             name, made, primary ? "PRIMARY KEY" : "UNIQUE", made);
    lk_buf_addf(sql, "-- and then:\n%s\n", lk_wait_apart(check, key));
}

/* index_steps returns how the partition gets the indexes that it lacks beforehand; "" of none. */
static const char *
index_steps(const struct lk_check *check, const AlterTableStmt *stmt, const RangeVar *partition)
{
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    const struct lk_relation *part = lk_subject(check, partition);
    struct lk_buf sql = lk_buf_init(check->mem);

    if (table == NULL || part == NULL)
        return "";
    lk_vec_foreach(index, &table->indexes)
        if (lk_relation_matching_index(part, *index) == NULL)
            add_index(check, &sql, lk_qname_of_range(partition), table, *index);
    return sql.len > 0 ? lk_fmt(check->mem, "-- in migrations before:\n%s", sql.data) : "";
}

/* is_last returns whether no statement comes behind: what that does to the table it would do to the
 * partition as well. */
static bool
is_last(const struct lk_check *check)
{
    for (size_t i = check->statement->index + 1; i < check->outline->steps.count; i++)
        if (!check->outline->steps.items[i].setting &&
            check->outline->steps.items[i].control == LK_CONTROL_NONE)
            return false;
    return true;
}

/* fix goes the way that the hint shows. */
static void
fix(struct lk_check *check, struct lk_finding *finding, const RangeVar *partition,
    const struct lk_bound_steps *steps)
{
    char *add = lk_trimmed(lk_strdup(check->mem, steps->add.data));

    add[strlen(add) - 1] = '\0'; /* the statement's own semicolon stays */
    lk_fix_need_free(check, finding, NULL);
    if (!is_last(check))
        lk_fix_refuse(check, finding);
    lk_fix_swap(check, finding, check->statement->span, add);
    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "validate bound of %s", partition->relname),
                      .sql = lk_trimmed(lk_strdup(check->mem, steps->validate.data)),
                  });
    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "attach %s", partition->relname),
                      .sql = lk_fmt(check->mem, "%s;", lk_statement_text(check)),
                      .locks = true,
                  });
    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "drop bound of %s", partition->relname),
                      .sql = lk_trimmed(lk_strdup(check->mem, steps->drop.data)),
                      .locks = true,
                  });
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const AlterTableStmt *stmt,
       const PartitionCmd *partition, const struct readings *readings)
{
    struct lk_bound_steps steps = lk_bound_steps(check);
    char *condition =
        lk_bound_condition(check, lk_subject(check, stmt->relation), partition->bound);

    const char *indexes = readings->indexes ? index_steps(check, stmt, partition->name) : "";

    if (!readings->partition && readings->rest == NULL) {
        lk_finding_hint(check, finding, "%s-- and then:\n%s", indexes, lk_statement_apart(check));
        return;
    }
    if (condition == NULL) {
        lk_finding_hint(
            check, finding,
            "%s-- behind migrations that add a CHECK of what the bounds say, NOT VALID, "
            "and validate it:\n%s;",
            indexes, lk_statement_text(check));
        return;
    }
    if (readings->partition)
        lk_bound_add(check, &steps, lk_qname_of_range(partition->name), condition);
    if (readings->rest != NULL)
        lk_bound_add(check, &steps,
                     (struct lk_qname){readings->rest->schema, readings->rest->object.name},
                     lk_fmt(check->mem, "NOT (%s)", condition));
    lk_finding_hint(check, finding, "%s%s%s", indexes, indexes[0] != '\0' ? "-- then:\n" : "",
                    lk_bound_advice(check, &steps, lk_statement_apart(check)));
    if (readings->rest == NULL && indexes[0] == '\0') /* it would be twice as many migrations */
        fix(check, finding, partition->name, &steps);
}

static void
check_attach(struct lk_check *check, const AlterTableStmt *stmt, const PartitionCmd *partition)
{
    struct readings readings = readings_of(check, stmt, partition->name);
    char *name = lk_range_sql(check->mem, partition->name);
    const char *rest = readings.rest != NULL ? lk_relation_sql(check->mem, readings.rest) : NULL;

    bool reads = readings.partition || rest != NULL;
    if (!reads && !readings.indexes)
        return;
    struct lk_finding *finding =
        reads ? lk_report(check, check->statement->span,
                          "ATTACH PARTITION reads all of %s%s%s under an ACCESS EXCLUSIVE lock: "
                          "reads and writes wait",
                          readings.partition ? name : rest,
                          readings.partition && rest != NULL ? " and " : "",
                          readings.partition && rest != NULL ? rest : "")
              : lk_report(check, check->statement->span,
                          "ATTACH PARTITION builds the indexes that %s lacks under an ACCESS "
                          "EXCLUSIVE lock on it: reads and writes wait",
                          name);
    if (reads && readings.indexes)
        lk_finding_detail(check, finding,
                          "Under the same lock it builds the indexes that the table has and %s "
                          "does not.",
                          name);
    if (readings.partition || readings.indexes)
        lk_finding_object(check, finding, lk_subject_name(check, partition->name));
    if (rest != NULL)
        lk_finding_object(check, finding, rest);
    advise(check, finding, stmt, partition, &readings);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (stmt->objtype != OBJECT_TABLE)
        return;
    foreach(cell, stmt->cmds)
        if (lfirst_node(AlterTableCmd, cell)->subtype == AT_AttachPartition)
            check_attach(check, stmt,
                         castNode(PartitionCmd, lfirst_node(AlterTableCmd, cell)->def));
}

const struct lk_rule lk_rule_attach_partition_scan = {
    .name = "attach-partition-scan",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "ATTACH PARTITION reads the partition while nobody can use it",
    .fix = LK_RULE_FIX_SAFE,
    .on = {{T_AlterTableStmt, check_alter}},
};
