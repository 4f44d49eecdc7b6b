/*
 * # prefer-robust-stmts
 *
 * ## What it flags
 *
 * CREATE without IF NOT EXISTS or OR REPLACE, DROP without IF EXISTS, ADD COLUMN without IF NOT
 * EXISTS and the like, in a migration that is not one transaction.
 *
 * ## Why it hurts
 *
 * When such a migration fails half way, what was done stays. The next try starts from the top and
 * stops at the first statement that has been carried out already.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE users ADD COLUMN IF NOT EXISTS nickname text;
 * DROP INDEX CONCURRENTLY IF EXISTS users_email_idx;
 * CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
 * ```
 *
 * IF NOT EXISTS compares names only; on CREATE INDEX CONCURRENTLY it would take the INVALID index
 * of a failed try for a good one. That is why the index is dropped first.
 *
 * ## When it stays silent
 *
 * In a migration that is one transaction (its failure leaves nothing) and in one with a single
 * statement. Inside the file's own BEGIN and COMMIT. The option `always` reports in transactions,
 * too, for teams whose runner may carry a migration out twice.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: CREATE TABLE, ALTER TABLE, CREATE INDEX
 */
#include "parser/command.h"
#include "parser/pgparse.h"
#include "rules/suggest.h"

static bool
matters(const struct lk_check *check)
{
    if (lk_rule_option(check, "always"))
        return true;
    return check->outline->mode != LK_MODE_TRANSACTIONAL && !check->session->block &&
           check->script->statements.count > 1;
}

static struct lk_finding *
report(struct lk_check *check, const char *what, const char *missing)
{
    return lk_report(check, check->statement->span,
                     "%s without %s fails when the migration is run again after a failure", what,
                     missing);
}

/* anchor returns the word of a statement behind which a missing clause belongs. */
static const char *
anchor(const Node *node, const char *missing)
{
    const char *tag = lk_command_tag(node);

    if (strcmp(missing, "OR REPLACE") == 0)
        return "create";
    if (IsA(node, CreateTableAsStmt))
        return ((const CreateTableAsStmt *)node)->objtype == OBJECT_MATVIEW ? "view" : "table";
    if (IsA(node, DropStmt) && ((const DropStmt *)node)->concurrent)
        return "concurrently";
    return strrchr(tag, ' ') + 1;
}

/* missing_clause returns what would make a statement run twice, or NULL if it is there. */
static const char *
missing_clause(const struct lk_check *check, const Node *node)
{
    static const char if_not_exists[] = "IF NOT EXISTS", or_replace[] = "OR REPLACE";

    switch (nodeTag(node)) {
    case T_CreateStmt:
        return ((const CreateStmt *)node)->if_not_exists ? NULL : if_not_exists;
    case T_CreateSeqStmt:
        return ((const CreateSeqStmt *)node)->if_not_exists ? NULL : if_not_exists;
    case T_CreateSchemaStmt:
        return ((const CreateSchemaStmt *)node)->if_not_exists ? NULL : if_not_exists;
    case T_CreateExtensionStmt:
        return ((const CreateExtensionStmt *)node)->if_not_exists ? NULL : if_not_exists;
    case T_CreateTableAsStmt:
        return ((const CreateTableAsStmt *)node)->if_not_exists ||
                       ((const CreateTableAsStmt *)node)->is_select_into
                   ? NULL
                   : if_not_exists;
    case T_ViewStmt:
        return ((const ViewStmt *)node)->replace ? NULL : or_replace;
    case T_CreateFunctionStmt:
        return ((const CreateFunctionStmt *)node)->replace ? NULL : or_replace;
    case T_CreateTrigStmt: /* CREATE OR REPLACE TRIGGER came with 14, not for constraint triggers */
        return ((const CreateTrigStmt *)node)->replace ||
                       ((const CreateTrigStmt *)node)->isconstraint ||
                       check->settings->postgres_version < 14
                   ? NULL
                   : or_replace;
    case T_DropStmt:
        return ((const DropStmt *)node)->missing_ok ? NULL : "IF EXISTS";
    default:
        return NULL;
    }
}

/* is_dropped_before returns whether a statement before drops the index of that name. */
static bool
is_dropped_before(const struct lk_check *check, const char *name)
{
    for (uint32_t i = 0; i < check->statement->index; i++) {
        const Node *tree = check->script->statements.items[i].tree;
        ListCell *cell;
        if (tree == NULL || !IsA(tree, DropStmt) ||
            ((const DropStmt *)tree)->removeType != OBJECT_INDEX)
            continue;
        foreach(cell, ((const DropStmt *)tree)->objects)
            if (strcmp(lk_qname_of_list(lfirst_node(List, cell)).name, name) == 0)
                return true;
    }
    return false;
}

static void
check_index(struct lk_check *check, const IndexStmt *stmt)
{
    struct lk_finding *finding;

    if (stmt->if_not_exists)
        return;
    if (stmt->idxname == NULL) {
        finding = lk_report(check, check->statement->span,
                            "CREATE INDEX without a name builds a second index when the migration "
                            "is run again after a failure");
        lk_finding_hint(check, finding, "Give the index a name.");
    } else if (!stmt->concurrent) {
        finding = report(check, "CREATE INDEX", "IF NOT EXISTS");
        lk_finding_hint(check, finding, "%s;",
                        lk_statement_insert(check, "index", " IF NOT EXISTS"));
    } else if (!is_dropped_before(check, stmt->idxname)) {
        finding = report(check, "CREATE INDEX CONCURRENTLY", "DROP INDEX before it");
        lk_finding_detail(check, finding,
                          "IF NOT EXISTS is no help here: it takes the INVALID index that a failed "
                          "build leaves for a good one.");
        lk_finding_hint(
            check, finding, "DROP INDEX CONCURRENTLY IF EXISTS %s;\n%s;",
            lk_qname_sql(check->mem, (struct lk_qname){stmt->relation->schemaname, stmt->idxname}),
            lk_statement_text(check));
    }
}

static void
check_alter(struct lk_check *check, const AlterTableStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const char *what = command->subtype == AT_AddColumn        ? "ADD COLUMN"
                           : command->subtype == AT_DropColumn     ? "DROP COLUMN"
                           : command->subtype == AT_DropConstraint ? "DROP CONSTRAINT"
                                                                   : NULL;
        if (what == NULL || command->missing_ok)
            continue;
        const char *name = command->subtype == AT_AddColumn
                               ? castNode(ColumnDef, command->def)->colname
                               : command->name;
        const char *clause = command->subtype == AT_AddColumn ? "IF NOT EXISTS" : "IF EXISTS";
        struct lk_finding *finding = report(check, what, clause);
        lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
        lk_finding_hint(check, finding, "ALTER TABLE %s %s %s %s ...",
                        lk_range_sql(check->mem, stmt->relation), what, clause,
                        lk_quote_ident(check->mem, name));
    }
}

static void
check_statement(struct lk_check *check)
{
    const Node *tree = check->statement->tree;

    if (!matters(check))
        return;
    if (IsA(tree, IndexStmt)) {
        check_index(check, (const IndexStmt *)tree);
        return;
    }
    if (IsA(tree, AlterTableStmt)) {
        check_alter(check, (const AlterTableStmt *)tree);
        return;
    }
    const char *missing = missing_clause(check, tree);
    if (missing == NULL)
        return;
    struct lk_finding *finding = report(check, lk_command_tag(tree), missing);
    lk_finding_hint(
        check, finding, "%s;",
        lk_statement_insert(check, anchor(tree, missing), lk_fmt(check->mem, " %s", missing)));
}

const struct lk_rule lk_rule_prefer_robust_stmts = {
    .name = "prefer-robust-stmts",
    .group = LK_GROUP_IDEMPOTENCY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a statement that cannot be run again, in a migration that is not one transaction",
    .options = {{"always", "report inside transactions, too"}},
    .on_statement = check_statement,
};
