/*
 * # renaming-table
 *
 * ## What it flags
 *
 * `ALTER TABLE ... RENAME TO` on a table that is in use, and the same on a view.
 *
 * ## Why it hurts
 *
 * Clients that are running know the old name: until their new version is deployed everywhere, each
 * of their statements that names the table fails.
 *
 * ## Do instead
 *
 * Leave a view of the old name behind, in the same transaction. A view over one table can be
 * written to as well as read:
 *
 * ```sql
 * BEGIN;
 * ALTER TABLE clients RENAME TO customers;
 * CREATE VIEW clients AS SELECT * FROM customers;
 * COMMIT;
 * ```
 *
 * and drop the view once nobody uses it.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, and when the migration creates a view of the old name.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, RENAME; CREATE VIEW, Updatable Views
 */
#include "parser/naming_write.h"
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/fix.h"
#include "rules/suggest.h"

/*
 * kind_of returns what kind of thing with columns it is that gets a new name, or NULL: ALTER TABLE
 * renames indexes and sequences as well.
 */
static const char *
kind_of(const struct lk_check *check, const RenameStmt *stmt)
{
    if (stmt->renameType == OBJECT_VIEW)
        return "view";
    if (stmt->renameType == OBJECT_MATVIEW)
        return "materialized view";
    if (stmt->renameType != OBJECT_TABLE)
        return NULL;
    const struct lk_relation *relation = lk_subject(check, stmt->relation);
    if (relation == NULL)
        return "table";
    switch (relation->kind) {
    case LK_RELATION_TABLE:
    case LK_RELATION_PARTITIONED:
    case LK_RELATION_UNKNOWN:
        return "table";
    case LK_RELATION_VIEW:
        return "view";
    case LK_RELATION_MATVIEW:
        return "materialized view";
    default:
        return NULL;
    }
}

/*
 * add_view has a view stand for the old name. Not where something knows nothing of it: the other
 * half, which renames back, and migrations behind this one, which may change what it shows.
 */
static void
add_view(struct lk_check *check, struct lk_finding *finding, const char *view)
{
    bool maybe = ((const RenameStmt *)check->statement->tree)->missing_ok;
    const struct lk_naming *naming = check->migration->folder->naming;

    lk_fix_need_sql(check, finding);
    if (maybe || (!lk_session_in_transaction(check->session) &&
                  check->outline->mode != LK_MODE_TRANSACTIONAL))
        lk_fix_refuse(check, finding);
    if (check->migration->ordinal < check->changelog->migrations.count || naming == NULL ||
        lk_naming_down_inside(naming) ||
        lk_counterpart(check->changelog, check->migration, LK_KIND_UNDO) != NULL)
        lk_fix_refuse(check, finding);
    lk_fix_after(check, finding, view);
    lk_fix_unsafe(check, finding);
}

static void
check_rename(struct lk_check *check, const Node *node)
{
    const RenameStmt *stmt = (const RenameStmt *)node;

    const char *kind = kind_of(check, stmt);

    if (kind == NULL || lk_subject_is_new(check, stmt->relation))
        return;
    const Node *replaced = lk_created_later(check, lk_subject_name(check, stmt->relation));
    if (replaced != NULL && (IsA(replaced, ViewStmt) || strcmp(kind, "table") != 0))
        return;
    char *old = lk_range_sql(check->mem, stmt->relation);
    char *new =
        lk_qname_sql(check->mem, (struct lk_qname){stmt->relation->schemaname, stmt->newname});
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "renaming %s %s to %s breaks clients that use the old name", kind, old, new);
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    char *view = lk_fmt(check->mem, "CREATE VIEW %s AS SELECT * FROM %s;", old, new);
    lk_finding_hint(check, finding,
                    "-- in one transaction:\n%s;\n"
                    "%s\n"
                    "-- drop the view once nobody uses it",
                    lk_statement_text(check), view);
    add_view(check, finding, view);
}

const struct lk_rule lk_rule_renaming_table = {
    .name = "renaming-table",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "RENAME of a table or view breaks clients that use the old name",
    .fix = LK_RULE_FIX_UNSAFE,
    .aliases = {"atlas:BC101"},
    .on = {{T_RenameStmt, check_rename}},
};
