/*
 * # adding-foreign-key-constraint
 *
 * ## What it flags
 *
 * A foreign key added to a table that is in use without NOT VALID: `ADD CONSTRAINT ... FOREIGN
 * KEY`, and `REFERENCES` in ADD COLUMN.
 *
 * ## Why it hurts
 *
 * The statement holds SHARE ROW EXCLUSIVE locks on both tables while it looks every row of the one
 * up in the other: writes to both wait for a time that grows with the table.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey
 *     FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;
 * ```
 *
 * VALIDATE reads the table too, but lets writes through. Before PostgreSQL 18 a partitioned table
 * takes no NOT VALID foreign key: add it to each partition in that way, then to the parent, which
 * takes the ones of its partitions over.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration. A new column with REFERENCES and without DEFAULT has
 * nothing to be looked up: there the finding is a warning about the locks alone.
 *
 * ## Versions
 *
 * All; NOT VALID on partitioned tables from 18 on.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ADD table_constraint
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

/* key_name returns the quoted name of a foreign key, made as the server would where it has none. */
static char *
key_name(const struct lk_check *check, const RangeVar *table, const Constraint *constraint,
         const char *column)
{
    const char *name = constraint->conname;

    if (name == NULL)
        name =
            lk_made_name(check, table->relname,
                         column != NULL ? column : strVal(linitial(constraint->fk_attrs)), "fkey");
    return lk_quote_ident(check->mem, name);
}

/* key_text returns "FOREIGN KEY (...) REFERENCES ..." as written, made of the parts for a column.
 */
static char *
key_text(const struct lk_check *check, const Constraint *constraint, const char *column)
{
    if (column == NULL) {
        char *text = lk_clause_text(check, constraint->location);
        const char *start = strcasestr(text, "foreign");
        return lk_strdup(check->mem, start != NULL ? start : text);
    }
    return lk_fmt(
        check->mem, "FOREIGN KEY (%s) REFERENCES %s%s%s%s", lk_quote_ident(check->mem, column),
        lk_range_sql(check->mem, constraint->pktable), constraint->pk_attrs != NIL ? " (" : "",
        lk_columns_sql(check->mem, constraint->pk_attrs), constraint->pk_attrs != NIL ? ")" : "");
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const RangeVar *range,
       const Constraint *constraint, const char *column)
{
    char *table = lk_range_sql(check->mem, range);
    char *name = key_name(check, range, constraint, column);
    char *text = key_text(check, constraint, column);

    if (lk_subject_is_partitioned(check, range) && check->settings->postgres_version < 18) {
        lk_finding_detail(check, finding,
                          "Before PostgreSQL 18 a partitioned table takes no NOT VALID foreign "
                          "key, but it takes over those of its partitions.");
        lk_finding_hint(check, finding,
                        "-- for each partition:\n"
                        "ALTER TABLE partition ADD CONSTRAINT %s %s NOT VALID;\n"
                        "-- in the next migration, for each partition:\n"
                        "ALTER TABLE partition VALIDATE CONSTRAINT %s;\n"
                        "-- and then:\n"
                        "ALTER TABLE %s ADD CONSTRAINT %s %s;",
                        name, text, name, table, name, text);
        return;
    }
    lk_finding_hint(check, finding,
                    "ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID;\n"
                    "-- in the next migration:\n"
                    "ALTER TABLE %s VALIDATE CONSTRAINT %s;",
                    table, name, text, table, name);
}

static void
report_scan(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
            const char *column)
{
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the foreign key of %s to %s is checked for every row under SHARE ROW EXCLUSIVE "
                  "locks: writes to both wait",
                  lk_range_sql(check->mem, range), lk_range_sql(check->mem, constraint->pktable));

    lk_finding_object(check, finding, lk_subject_name(check, range));
    lk_finding_object(check, finding, lk_subject_name(check, constraint->pktable));
    advise(check, finding, range, constraint, column);
}

/* report_locks reports a new column's foreign key, for which there is nothing to look up. */
static void
report_locks(struct lk_check *check, const RangeVar *range, const ColumnDef *definition,
             const Constraint *constraint)
{
    char *table = lk_range_sql(check->mem, range);
    char *target = lk_range_sql(check->mem, constraint->pktable);
    char *column = lk_quote_ident(check->mem, definition->colname);
    char *name = key_name(check, range, constraint, definition->colname);

    if (lk_subject_is_new(check, constraint->pktable))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the foreign key of the new column takes a SHARE ROW EXCLUSIVE lock on %s along "
                  "with the ACCESS EXCLUSIVE one on %s",
                  target, table);
    finding->severity = LK_MIN(finding->severity, LK_SEVERITY_WARNING);
    lk_finding_object(check, finding, lk_subject_name(check, range));
    lk_finding_object(check, finding, lk_subject_name(check, constraint->pktable));
    lk_finding_detail(
        check, finding,
        "Both are brief, as a new column without DEFAULT has nothing to be looked up; "
        "but writes to both tables queue up behind whoever holds one of them.");
    lk_finding_hint(check, finding,
                    "Add column %s first, without REFERENCES; then, in the next migration:\n"
                    "ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID;",
                    column, table, name, key_text(check, constraint, definition->colname));
}

static void
check_column(struct lk_check *check, const RangeVar *range, const ColumnDef *definition)
{
    const Constraint *foreign_key = NULL;
    bool has_default = false;
    ListCell *cell;

    foreach(cell, definition->constraints) {
        const Constraint *constraint = lfirst_node(Constraint, cell);
        if (constraint->contype == CONSTR_FOREIGN)
            foreign_key = constraint;
        has_default |= constraint->contype == CONSTR_DEFAULT;
    }
    if (foreign_key == NULL)
        return;
    if (has_default)
        report_scan(check, range, foreign_key, definition->colname);
    else
        report_locks(check, range, definition, foreign_key);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (!lk_alters_used_table(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const Constraint *constraint = (const Constraint *)command->def;
        if (lk_alter_skips(check->catalog, stmt, command))
            continue;
        if (command->subtype == AT_AddColumn)
            check_column(check, stmt->relation, castNode(ColumnDef, command->def));
        else if (command->subtype == AT_AddConstraint && constraint->contype == CONSTR_FOREIGN &&
                 !constraint->skip_validation)
            report_scan(check, stmt->relation, constraint, NULL);
    }
}

const struct lk_rule lk_rule_adding_foreign_key_constraint = {
    .name = "adding-foreign-key-constraint",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a foreign key without NOT VALID blocks writes to both tables while it is checked",
    .on = {{T_AlterTableStmt, check_alter}},
};
