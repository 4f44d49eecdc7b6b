/*
 * # unnamed-object
 *
 * ## What it flags
 *
 * `CREATE INDEX` without a name, and `ALTER TABLE ... ADD` of a constraint without one.
 *
 * ## Why it hurts
 *
 * The server makes up a name, and another one if that is taken: carried out twice, the statement
 * succeeds twice and leaves a second index or constraint that costs at each write. A later
 * migration that wants to drop it has to guess its name, which may differ between databases.
 *
 * ## Do instead
 *
 * ```sql
 * CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
 * ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users NOT
 * VALID;
 * ```
 *
 * ## When it stays silent
 *
 * On what stands in CREATE TABLE or ADD COLUMN, whose names the table's own and the column's make
 * certain; on temporary tables; on NOT NULL and on primary keys, of which a table has one. In a
 * migration that is not one transaction prefer-robust-stmts speaks of an index without a name.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL source: ChooseIndexName(), ChooseConstraintName()
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

static bool
is_temporary(const struct lk_check *check, const RangeVar *range)
{
    const struct lk_relation *relation = lk_subject(check, range);

    return (relation != NULL && relation->temporary) ||
           (range->schemaname != NULL && strcmp(range->schemaname, "pg_temp") == 0);
}

static void
check_index(struct lk_check *check, const Node *node)
{
    const IndexStmt *stmt = (const IndexStmt *)node;

    if (stmt->idxname != NULL || is_temporary(check, stmt->relation) || lk_can_stop_half_way(check))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the index on %s has no name of its own: the server chooses one",
                  lk_range_sql(check->mem, stmt->relation));
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    char *name = lk_quote_ident(check->mem, lk_index_name(check, stmt));
    lk_finding_hint(check, finding, "%s;",
                    lk_statement_insert(check, stmt->concurrent ? "concurrently" : "index",
                                        lk_fmt(check->mem, " %s", name)));
}

/* What constraints are called, and what their names end in. */
static const struct {
    ConstrType type;
    const char *word;
    const char *label;
} kinds[] = {
    {CONSTR_CHECK, "CHECK", "check"},
    {CONSTR_UNIQUE, "UNIQUE", "key"},
    {CONSTR_FOREIGN, "FOREIGN KEY", "fkey"},
    {CONSTR_EXCLUSION, "EXCLUDE", "excl"},
};

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (stmt->objtype != OBJECT_TABLE || !lk_alter_has(stmt, AT_AddConstraint) ||
        is_temporary(check, stmt->relation))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const Constraint *constraint = (const Constraint *)command->def;
        if (command->subtype != AT_AddConstraint || constraint->conname != NULL ||
            constraint->indexname != NULL)
            continue;
        for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++) {
            if (kinds[i].type != constraint->contype)
                continue;
            struct lk_finding *finding =
                lk_report(check, check->statement->span,
                          "the %s constraint of %s has no name of its own: the server chooses one",
                          kinds[i].word, lk_range_sql(check->mem, stmt->relation));
            lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
            char *name = lk_made_name(check, lk_qname_of_range(stmt->relation),
                                      lk_constraint_columns(check, constraint), kinds[i].label);
            lk_finding_hint(check, finding, "ALTER TABLE %s ADD CONSTRAINT %s %s;",
                            lk_range_sql(check->mem, stmt->relation),
                            lk_quote_ident(check->mem, name),
                            lk_constraint_text(check, constraint));
        }
    }
}

const struct lk_rule lk_rule_unnamed_object = {
    .name = "unnamed-object",
    .group = LK_GROUP_IDEMPOTENCY,
    .severity = LK_SEVERITY_INFO,
    .summary = "an index or constraint without a name",
    .on = {{T_IndexStmt, check_index}, {T_AlterTableStmt, check_alter}},
};
