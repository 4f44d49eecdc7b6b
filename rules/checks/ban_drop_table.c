/*
 * # ban-drop-table
 *
 * ## What it flags
 *
 * `DROP TABLE` of a table with a past.
 *
 * ## Why it hurts
 *
 * The data is gone, and every client that still reads the table fails. The statement takes ACCESS
 * EXCLUSIVE locks on the table and on every table that its foreign keys point to.
 *
 * ## Do instead
 *
 * Stop using the table, deploy that, and rename it first: a rename can be taken back.
 *
 * ```sql
 * ALTER TABLE old_orders RENAME TO old_orders_deleted;
 * -- weeks later:
 * DROP TABLE old_orders_deleted;
 * ```
 *
 * When the drop is meant, say so where the next reader looks:
 * `-- lockkeeper: ignore ban-drop-table -- unused since 2026-03`.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration and on temporary tables; with IF EXISTS, on one that the
 * history, if it starts with an empty database, has not created, or has dropped.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: DROP TABLE
 */
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/pgparse.h"
#include "rules/suggest.h"

/* add_instead adds what can be taken back: a rename, or for a partition its detachment; each in a
 * migration of its own, as each keeps others out of a table. */
static void
add_instead(const struct lk_check *check, struct lk_buf *buf, struct lk_qname name)
{
    const struct lk_relation *table = lk_catalog_relation(check->catalog, name.schema, name.name);
    char *sql = lk_qname_sql(check->mem, name);
    bool partition = table != NULL && table->parent != NULL;
    bool concurrently =
        partition && lk_catalog_default_partition(check->catalog, table->parent) == NULL;

    const char *instead =
        partition
            ? lk_fmt(check->mem, "ALTER TABLE %s DETACH PARTITION %s%s;",
                     lk_relation_sql(check->mem, table->parent), sql,
                     concurrently ? " CONCURRENTLY" : "")
            : lk_fmt(check->mem,
                     "-- lockkeeper: ignore renaming-table -- unused since ...\n"
                     "ALTER TABLE %s RENAME TO %s;",
                     sql, lk_quote_ident(check->mem, lk_made_name(check, name, "", "deleted")));
    if (buf->len == 0)
        lk_buf_addf(buf, "%s%s\n", concurrently ? lk_outside_advice(check) : "", instead);
    else
        lk_buf_addf(buf, "-- in the next migration:\n%s\n",
                    concurrently ? instead : lk_wait_apart(check, instead));
}

/* is_set_aside returns whether a table has been renamed as this rule advises: by its name. */
static bool
is_set_aside(struct lk_qname name)
{
    return lk_ends_with(name.name, "_deleted");
}

static bool
has_past(const struct lk_check *check, const DropStmt *stmt, struct lk_qname name)
{
    return !lk_named_is_new(check, name) && !lk_named_is_absent(check, name, stmt->missing_ok);
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    bool aside = true;
    ListCell *cell;

    if (stmt->removeType != OBJECT_TABLE)
        return;
    struct lk_buf names = lk_buf_init(check->mem);
    struct lk_buf instead = lk_buf_init(check->mem);
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        if (!has_past(check, stmt, name))
            continue;
        lk_buf_sep(&names, ", ");
        lk_buf_add(&names, lk_qname_sql(check->mem, name));
        add_instead(check, &instead, name);
        aside &= is_set_aside(name);
    }
    if (names.len == 0)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "DROP TABLE %s loses its data and breaks clients that use it", names.data);
    foreach(cell, stmt->objects) {
        struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
        if (has_past(check, stmt, name))
            lk_finding_object(
                check, finding,
                lk_catalog_resolved(check->mem, check->catalog, name.schema, name.name));
    }
    if (aside)
        lk_hint_meant(check, finding, "once nothing has missed it for a while");
    else
        lk_finding_hint(check, finding, "%s-- and drop it once nothing has missed it for a while",
                        instead.data);
}

const struct lk_rule lk_rule_ban_drop_table = {
    .name = "ban-drop-table",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP TABLE of a table with a past",
    .aliases = {"atlas:DS102"},
    .on = {{T_DropStmt, check_drop}},
};
