/*
 * # ban-drop-view
 *
 * ## What it flags
 *
 * `DROP VIEW` and `DROP MATERIALIZED VIEW` of a view with a past.
 *
 * ## Why it hurts
 *
 * Clients that read the view fail from then on, and what GRANT gave on it is gone. The statement
 * takes an ACCESS EXCLUSIVE lock on the view, which waits for all who read it.
 *
 * ## Do instead
 *
 * Rename it first: a rename can be taken back.
 *
 * ```sql
 * ALTER VIEW active_users RENAME TO active_users_deleted;
 * -- weeks later:
 * DROP VIEW active_users_deleted;
 * ```
 *
 * To change a view, replace it: `CREATE OR REPLACE VIEW`, or DROP and CREATE in one transaction
 * where columns go or change their type.
 *
 * ## When it stays silent
 *
 * On a view created in the same migration, on temporary ones, and where the same migration creates
 * a view or table of that name anew.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: DROP VIEW, DROP MATERIALIZED VIEW
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    const char *word = stmt->removeType == OBJECT_MATVIEW ? "MATERIALIZED VIEW" : "VIEW";
    ListCell *cell;

    if (stmt->removeType != OBJECT_VIEW && stmt->removeType != OBJECT_MATVIEW)
        return;
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        char *full = lk_catalog_resolved(check->mem, check->catalog, name.schema, name.name);
        bool known = lk_catalog_relation(check->catalog, name.schema, name.name) != NULL;
        if (lk_named_is_new(check, name) || lk_is_absent(check, known, stmt->missing_ok) ||
            lk_created_later(check, full) != NULL)
            continue;
        lk_report_missed(check, word, name, "read", lk_made_name(check, name, "", "deleted"),
                         "renaming-table");
    }
}

const struct lk_rule lk_rule_ban_drop_view = {
    .name = "ban-drop-view",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP VIEW of a view with a past",
    .on = {{T_DropStmt, check_drop}},
};
