/*
 * # renaming-schema
 *
 * ## What it flags
 *
 * `ALTER SCHEMA ... RENAME TO`, and `SET SCHEMA` of a table, view, sequence or materialized view
 * that is in use.
 *
 * ## Why it hurts
 *
 * Clients that are running know the old name, in their statements or in their search_path: until
 * their new version is deployed everywhere, each of their statements that goes by it fails.
 *
 * ## Do instead
 *
 * For a table or view leave a view in its old place, in the same transaction; it can be written to
 * as well as read:
 *
 * ```sql
 * BEGIN;
 * ALTER TABLE orders SET SCHEMA archive;
 * CREATE VIEW orders AS SELECT * FROM archive.orders;
 * COMMIT;
 * ```
 *
 * For a schema, move its tables one by one in this way, and drop it once nobody uses it.
 *
 * ## When it stays silent
 *
 * On schemas and relations created in the same migration, and when the migration creates a relation
 * of the old name in the old place, or renames another schema to the old name.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER SCHEMA; ALTER TABLE, SET SCHEMA; CREATE VIEW, Updatable Views
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

static bool
makes_schema(const struct lk_check *check, const Node *tree, const void *name)
{
    (void)check;
    return IsA(tree, RenameStmt) && ((const RenameStmt *)tree)->renameType == OBJECT_SCHEMA &&
           strcmp(((const RenameStmt *)tree)->newname, name) == 0;
}

static void
check_rename(struct lk_check *check, const Node *node)
{
    const RenameStmt *stmt = (const RenameStmt *)node;

    if (stmt->renameType != OBJECT_SCHEMA)
        return;
    const struct lk_namespace *schema = lk_catalog_schema(check->catalog, stmt->subname);
    if ((schema != NULL && lk_object_is_new(check->catalog, &schema->object)) ||
        lk_find_later(check, makes_schema, stmt->subname) != NULL)
        return;
    char *old = lk_quote_ident(check->mem, stmt->subname);
    char *new = lk_quote_ident(check->mem, stmt->newname);
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "renaming schema %s to %s breaks clients that use the old name", old, new);
    lk_finding_object(check, finding, old);
    lk_finding_hint(check, finding,
                    "CREATE SCHEMA %s;\n"
                    "-- move table by table with SET SCHEMA, in one transaction with a view that "
                    "stays in its place",
                    new);
}

/* word_of returns how ALTER calls what can be moved, or NULL. */
static const char *
word_of(ObjectType type)
{
    switch (type) {
    case OBJECT_TABLE:
        return "table";
    case OBJECT_FOREIGN_TABLE:
        return "foreign table";
    case OBJECT_VIEW:
        return "view";
    case OBJECT_MATVIEW:
        return "materialized view";
    case OBJECT_SEQUENCE:
        return "sequence";
    default:
        return NULL;
    }
}

static void
check_move(struct lk_check *check, const Node *node)
{
    const AlterObjectSchemaStmt *stmt = (const AlterObjectSchemaStmt *)node;
    const char *word = word_of(stmt->objectType);

    if (word == NULL || lk_subject_is_new(check, stmt->relation))
        return;
    const struct lk_relation *relation = lk_subject(check, stmt->relation);
    char *old = lk_subject_name(check, stmt->relation);
    if (lk_is_absent(check, relation != NULL, stmt->missing_ok) ||
        lk_created_later(check, old) != NULL)
        return;
    char *name = lk_range_sql(check->mem, stmt->relation);
    struct lk_qname moved = {stmt->newschema, stmt->relation->relname};
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "moving %s %s to schema %s breaks clients that look for it where it was", word,
                  name, lk_quote_ident(check->mem, stmt->newschema));
    lk_finding_object(check, finding, old);
    if (stmt->objectType == OBJECT_SEQUENCE)
        lk_hint_meant(check, finding, "once no client names the sequence");
    else
        lk_finding_hint(check, finding,
                        "-- in one transaction:\n%s;\n"
                        "CREATE VIEW %s AS SELECT * FROM %s;\n"
                        "-- drop the view once nobody uses it",
                        lk_statement_text(check), old, lk_qname_sql(check->mem, moved));
}

const struct lk_rule lk_rule_renaming_schema = {
    .name = "renaming-schema",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "RENAME of a schema, or SET SCHEMA, breaks clients that use the old name",
    .on = {{T_RenameStmt, check_rename}, {T_AlterObjectSchemaStmt, check_move}},
};
