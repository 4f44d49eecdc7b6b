/*
 * # disallowed-unique-constraint
 *
 * ## What it flags
 *
 * A UNIQUE constraint added to a table that is in use without `USING INDEX`, by ADD CONSTRAINT or
 * as part of ADD COLUMN.
 *
 * ## Why it hurts
 *
 * The server builds the index under an ACCESS EXCLUSIVE lock: reads and writes wait for a time that
 * grows with the table.
 *
 * ## Do instead
 *
 * Build the index first, without blocking anybody, then make it the constraint's:
 *
 * ```sql
 * CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
 * -- in the next migration:
 * ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
 * ```
 *
 * A partitioned table takes neither. A unique index on the parent alone, completed by attaching
 * ones that were built concurrently on each partition, enforces the same.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ADD table_constraint_using_index
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/suggest.h"

static char *
joined(const struct lk_check *check, const List *names)
{
    struct lk_buf text = lk_buf_init(check->mem);
    ListCell *cell;

    foreach(cell, names) {
        lk_buf_sep(&text, "_");
        lk_buf_add(&text, strVal(lfirst(cell)));
    }
    return text.data;
}

/* properties returns what of the constraint's definition goes behind USING INDEX. */
static const char *
properties(const Constraint *constraint)
{
    if (!constraint->deferrable)
        return "";
    return constraint->initdeferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE";
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const RangeVar *range,
       const Constraint *constraint, const char *column)
{
    char *table = lk_range_sql(check->mem, range);
    char *columns = column != NULL ? lk_quote_ident(check->mem, column)
                                   : lk_columns_sql(check->mem, constraint->keys);
    const char *parts = column != NULL ? column : joined(check, constraint->keys);
    const char *given = constraint->conname != NULL
                            ? constraint->conname
                            : lk_made_name(check, range->relname, parts, "key");
    char *name = lk_quote_ident(check->mem, given);
    const char *include = constraint->including == NIL
                              ? ""
                              : lk_fmt(check->mem, " INCLUDE (%s)",
                                       lk_columns_sql(check->mem, constraint->including));
    const char *nulls = constraint->nulls_not_distinct ? " NULLS NOT DISTINCT" : "";

    if (lk_subject_is_partitioned(check, range)) {
        lk_finding_detail(check, finding,
                          "The table is partitioned: neither CONCURRENTLY nor USING INDEX is "
                          "possible on it.");
        lk_finding_hint(check, finding,
                        "CREATE UNIQUE INDEX %s ON ONLY %s (%s)%s%s;\n"
                        "-- then, for each partition, in migrations of their own:\n"
                        "-- CREATE UNIQUE INDEX CONCURRENTLY partition_key ON partition (%s)%s%s;\n"
                        "-- ALTER INDEX %s ATTACH PARTITION partition_key;",
                        name, table, columns, include, nulls, columns, include, nulls, name);
        return;
    }
    lk_finding_hint(check, finding,
                    "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s)%s%s;\n"
                    "-- in the next migration:\n"
                    "ALTER TABLE %s ADD CONSTRAINT %s UNIQUE USING INDEX %s%s;",
                    name, table, columns, include, nulls, table, name, name,
                    properties(constraint));
}

static void
report(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
       const char *column)
{
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the UNIQUE constraint builds its index under an ACCESS EXCLUSIVE lock on %s: "
                  "reads and writes wait",
                  lk_range_sql(check->mem, range));

    lk_finding_object(check, finding, lk_subject_name(check, range));
    advise(check, finding, range, constraint, column);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell, *inner;

    if (!lk_alters_used_table(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (lk_alter_skips(check->catalog, stmt, command))
            continue;
        if (command->subtype == AT_AddConstraint) {
            const Constraint *constraint = castNode(Constraint, command->def);
            if (constraint->contype == CONSTR_UNIQUE && constraint->indexname == NULL)
                report(check, stmt->relation, constraint, NULL);
        } else if (command->subtype == AT_AddColumn) {
            const ColumnDef *definition = castNode(ColumnDef, command->def);
            foreach(inner, definition->constraints)
                if (lfirst_node(Constraint, inner)->contype == CONSTR_UNIQUE)
                    report(check, stmt->relation, lfirst(inner), definition->colname);
        }
    }
}

const struct lk_rule lk_rule_disallowed_unique_constraint = {
    .name = "disallowed-unique-constraint",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a UNIQUE constraint builds its index while nobody can use the table",
    .aliases = {"atlas:PG305"},
    .on = {{T_AlterTableStmt, check_alter}},
};
