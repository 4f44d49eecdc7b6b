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
 * statement. Inside the file's own BEGIN and COMMIT. Where a statement in front has dropped what is
 * created, or created what is dropped, and where ALTER TABLE adds the constraint again that it
 * drops. In a DO block under a condition, or where an exception is handled: that is how such blocks
 * make sure of it themselves. Of a script in a folder without naming convention it reports the
 * first statement alone. The option `always` reports in transactions, too, for teams whose runner
 * may carry a migration out twice.
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
#include "parser/lexer.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/made.h"
#include "rules/suggest.h"

static bool
matters(const struct lk_check *check)
{
    /* IF NOT EXISTS (SELECT ... FROM pg_class) THEN CREATE is another way to say it */
    if (check->nested != NULL && check->nested->when == LK_WHEN_MAYBE)
        return false;
    if (check->migration->folder->naming == NULL && lk_reported(check))
        return false; /* of a loose script, nobody knows how it is run: once is enough */
    return lk_can_stop_half_way(check) || lk_rule_option(check, "always");
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
    case T_CreateSchemaStmt: /* with elements it takes no IF NOT EXISTS */
        return ((const CreateSchemaStmt *)node)->if_not_exists ||
                       ((const CreateSchemaStmt *)node)->schemaElts != NIL
                   ? NULL
                   : if_not_exists;
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

static bool
is_temporary_range(const struct lk_check *check, const RangeVar *range)
{
    const struct lk_relation *relation = lk_subject(check, range);

    return range->relpersistence == RELPERSISTENCE_TEMP ||
           (range->schemaname != NULL && strcmp(range->schemaname, "pg_temp") == 0) ||
           (relation != NULL && relation->temporary);
}

/* drops_temporary returns whether all that a DROP names is temporary. */
static bool
drops_temporary(const struct lk_check *check, const DropStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->objects) {
        if (!IsA(lfirst(cell), List))
            return false;
        struct lk_qname name = lk_qname_of_list(lfirst(cell));
        const struct lk_relation *relation =
            lk_catalog_relation(check->catalog, name.schema, name.name);
        if (relation == NULL || !relation->temporary)
            return false;
    }
    return true;
}

static void
check_index(struct lk_check *check, const IndexStmt *stmt)
{
    struct lk_qname index = {stmt->relation->schemaname, lk_index_name(check, stmt)};
    struct lk_finding *finding;

    if (stmt->if_not_exists || lk_is_dropped_before(check))
        return;
    if (stmt->concurrent && check->session->body) /* it fails in any case */
        return;
    if (stmt->idxname == NULL)
        finding = lk_report(check, check->statement->span,
                            "CREATE INDEX without a name builds a second index when the migration "
                            "is run again after a failure");
    else
        finding = report(check, stmt->concurrent ? "CREATE INDEX CONCURRENTLY" : "CREATE INDEX",
                         stmt->concurrent ? "DROP INDEX IF EXISTS" : "IF NOT EXISTS");
    if (!stmt->concurrent)
        lk_fix_behind(check, finding, "index", " IF NOT EXISTS");
    if (stmt->idxname == NULL)
        lk_fix_behind(check, finding, stmt->concurrent ? "concurrently" : "index",
                      lk_fmt(check->mem, " %s", lk_quote_ident(check->mem, index.name)));
    if (!stmt->concurrent) {
        lk_finding_hint(check, finding, "%s;", lk_fix_statement(check, finding));
        return;
    }
    lk_finding_detail(check, finding,
                      "IF NOT EXISTS is no help here: it takes the INVALID index that a failed "
                      "build leaves for a good one.");
    const char *drop = lk_fmt(check->mem, "DROP INDEX CONCURRENTLY IF EXISTS %s;",
                              lk_qname_sql(check->mem, index));
    lk_finding_hint(check, finding, "%s\n%s;", drop, lk_fix_statement(check, finding));
    lk_fix_before(check, finding, drop);
}

/* robust_clause returns what a subcommand lacks to be run again, or NULL; *ret_what is its name. */
static const char *
robust_clause(const AlterTableStmt *stmt, const AlterTableCmd *command, const char **ret_what)
{
    bool type = stmt->objtype == OBJECT_TYPE;

    if (command->missing_ok)
        return NULL;
    switch (command->subtype) {
    case AT_AddColumn: /* ADD ATTRIBUTE has no such clause */
        *ret_what = "ADD COLUMN";
        return type ? NULL : "IF NOT EXISTS";
    case AT_DropColumn:
        *ret_what = type ? "DROP ATTRIBUTE" : "DROP COLUMN";
        return "IF EXISTS";
    case AT_DropConstraint:
        *ret_what = "DROP CONSTRAINT"; /* one that is added again is there again */
        return lk_adds_constraint(stmt, command->name) != NULL ? NULL : "IF EXISTS";
    default:
        return NULL;
    }
}

/* noun_end returns where the verb and the noun of a subcommand end. */
static uint32_t
noun_end(const struct lk_check *check, struct lk_span span)
{
    static const char *const nouns[] = {"attribute", "column", "constraint"};
    const char *text = check->source->text;
    struct lk_lexer lexer = lk_lexer_at(text, span);
    uint32_t end = lk_lex_code(&lexer).span.end;
    struct lk_token noun = lk_lex_code(&lexer);

    for (size_t i = 0; i < LK_ARRAY_SIZE(nouns); i++)
        if (lk_token_is(text, noun, nouns[i]))
            end = noun.span.end;
    return end;
}

/* make_robust puts the clauses that a statement lacks into it. */
static void
make_robust(struct lk_check *check, struct lk_finding *finding, const AlterTableStmt *stmt)
{
    const char *what;
    size_t index = 0;
    ListCell *cell;

    foreach(cell, stmt->cmds) {
        struct lk_span span = lk_alter_span(check, stmt, index++);
        const char *clause = robust_clause(stmt, lfirst_node(AlterTableCmd, cell), &what);
        if (clause != NULL)
            lk_fix_insert(check, finding, noun_end(check, span), lk_fmt(check->mem, " %s", clause));
    }
}

static void
check_alter(struct lk_check *check, const AlterTableStmt *stmt)
{
    ListCell *cell;
    const char *what, *clause = NULL;

    foreach(cell, stmt->cmds)
        if ((clause = robust_clause(stmt, lfirst_node(AlterTableCmd, cell), &what)) != NULL)
            break;
    if (clause == NULL)
        return;
    struct lk_finding *finding = report(check, what, clause);
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    make_robust(check, finding, stmt);
    lk_finding_hint(check, finding, "%s;", lk_fix_statement(check, finding));
}

/* is_temporary returns whether a statement is about a relation that goes with the session. */
static bool
is_temporary(const struct lk_check *check, const Node *node)
{
    switch (nodeTag(node)) {
    case T_CreateStmt:
        return is_temporary_range(check, ((const CreateStmt *)node)->relation);
    case T_CreateTableAsStmt:
        return is_temporary_range(check, ((const CreateTableAsStmt *)node)->into->rel);
    case T_CreateSeqStmt:
        return is_temporary_range(check, ((const CreateSeqStmt *)node)->sequence);
    case T_ViewStmt:
        return is_temporary_range(check, ((const ViewStmt *)node)->view);
    case T_IndexStmt:
        return is_temporary_range(check, ((const IndexStmt *)node)->relation);
    case T_AlterTableStmt:
        return is_temporary_range(check, ((const AlterTableStmt *)node)->relation);
    case T_DropStmt:
        return drops_temporary(check, (const DropStmt *)node);
    default:
        return false;
    }
}

/* is_made_up_for returns whether the statements in front see to it that this one can be run again.
 */
static bool
is_made_up_for(const struct lk_check *check, const Node *tree)
{
    return IsA(tree, DropStmt) ? lk_is_made_before(check, (const DropStmt *)tree)
                               : lk_is_dropped_before(check);
}

static void
check_statement(struct lk_check *check)
{
    const Node *tree = check->statement->tree;

    if (!matters(check) || is_temporary(check, tree))
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
    if (missing == NULL || is_made_up_for(check, tree))
        return;
    struct lk_finding *finding = report(check, lk_command_tag(tree), missing);
    lk_fix_behind(check, finding, anchor(tree, missing), lk_fmt(check->mem, " %s", missing));
    lk_finding_hint(check, finding, "%s;", lk_fix_statement(check, finding));
}

const struct lk_rule lk_rule_prefer_robust_stmts = {
    .name = "prefer-robust-stmts",
    .group = LK_GROUP_IDEMPOTENCY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a statement that cannot be run again, in a migration that is not one transaction",
    .fix = LK_RULE_FIX_SAFE,
    .options = {{.name = "always", .summary = "report inside transactions, too"}},
    .on_statement = check_statement,
};
