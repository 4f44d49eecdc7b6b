/*
 * # rewriting-maintenance
 *
 * ## What it flags
 *
 * `VACUUM FULL` and `CLUSTER` of tables in use.
 *
 * ## Why it hurts
 *
 * Both write the whole table and all its indexes anew under an ACCESS EXCLUSIVE lock. Reads and
 * writes wait for a time that grows with the table, and the disk has to hold both copies.
 *
 * ## Do instead
 *
 * Plain VACUUM makes the room of dead rows usable again, without a lock that anybody would notice:
 *
 * ```sql
 * VACUUM (ANALYZE) users;
 * ```
 *
 * Where the file has to shrink, or the order of rows matters: `pg_repack --table=users` needs the
 * lock only for moments.
 *
 * ## When it stays silent
 *
 * On tables created in the same migration, and on temporary ones.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: VACUUM; CLUSTER; 25.1.2 Recovering Disk Space
 */
#include "parser/base/buf.h"
#include "parser/tree.h"
#include "rules/suggest.h"

static struct lk_finding *
report(struct lk_check *check, const char *what, const char *tables)
{
    return lk_report(check, check->statement->span,
                     "%s writes %s anew under an ACCESS EXCLUSIVE lock: reads and writes wait",
                     what, tables);
}

/* is_full returns whether VACUUM without a table is told to be FULL. */
/* add_tables names the tables in use that VACUUM FULL rewrites, and what to do instead. */
static void
add_tables(struct lk_check *check, const VacuumStmt *stmt, struct lk_buf *names,
           struct lk_buf *instead)
{
    ListCell *cell;

    foreach(cell, stmt->rels) {
        const RangeVar *range = lfirst_node(VacuumRelation, cell)->relation;
        if (range == NULL || lk_subject_is_new(check, range))
            continue;
        lk_buf_sep(names, ", ");
        lk_buf_add(names, lk_range_sql(check->mem, range));
        lk_buf_addf(instead, "VACUUM (ANALYZE) %s;\n", lk_range_sql(check->mem, range));
    }
}

static void
check_vacuum(struct lk_check *check, const Node *node)
{
    const VacuumStmt *stmt = (const VacuumStmt *)node;
    struct lk_buf names = lk_buf_init(check->mem), instead = lk_buf_init(check->mem);

    if (stmt->rels == NIL && stmt->is_vacuumcmd && lk_tree_option_is_on(stmt->options, "full")) {
        lk_finding_hint(check, report(check, "VACUUM FULL", "every table"), "VACUUM (ANALYZE);");
        return;
    }
    if (check->effects->rewrites.count == 0)
        return;
    add_tables(check, stmt, &names, &instead);
    if (names.len == 0)
        return;
    struct lk_finding *finding = report(check, "VACUUM FULL", names.data);
    ListCell *cell;
    foreach(cell, stmt->rels) {
        const RangeVar *range = lfirst_node(VacuumRelation, cell)->relation;
        if (range != NULL && !lk_subject_is_new(check, range))
            lk_finding_object(check, finding, lk_subject_name(check, range));
    }
    lk_finding_hint(check, finding,
                    "%s%s-- it makes the room usable again; pg_repack shrinks the file without "
                    "the lock",
                    lk_outside_advice(check), instead.data);
}

static void
check_cluster(struct lk_check *check, const Node *node)
{
    const ClusterStmt *stmt = (const ClusterStmt *)node;

    if (stmt->relation != NULL && lk_subject_is_new(check, stmt->relation))
        return;
    struct lk_finding *finding =
        report(check, "CLUSTER",
               stmt->relation != NULL ? lk_range_sql(check->mem, stmt->relation)
                                      : "every table that was clustered before");
    if (stmt->relation != NULL)
        lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_finding_hint(check, finding,
                    "Use pg_repack, which orders the rows of a table while others read and write "
                    "it.");
}

const struct lk_rule lk_rule_rewriting_maintenance = {
    .name = "rewriting-maintenance",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "VACUUM FULL and CLUSTER write the table anew while nobody can use it",
    .aliases = {"squawk:prefer-repack"},
    .on = {{T_VacuumStmt, check_vacuum}, {T_ClusterStmt, check_cluster}},
};
