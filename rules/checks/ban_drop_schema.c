/*
 * # ban-drop-schema
 *
 * ## What it flags
 *
 * `DROP SCHEMA` of a schema with a past.
 *
 * ## Why it hurts
 *
 * With CASCADE every table, view, type and function in it is gone at once, and with them whatever
 * elsewhere leans on them; each of the tables is locked ACCESS EXCLUSIVE, which blocks reads and
 * writes. Without CASCADE the server refuses to drop a schema that holds anything, and clients that
 * have it in their search_path or create objects in it fail.
 *
 * ## Do instead
 *
 * Move what is still used elsewhere, and rename the schema first: a rename can be taken back.
 *
 * ```sql
 * ALTER SCHEMA legacy RENAME TO legacy_deleted;
 * -- weeks later:
 * DROP SCHEMA legacy_deleted CASCADE;
 * ```
 *
 * ## When it stays silent
 *
 * On a schema created in the same migration, and on `DROP SCHEMA IF EXISTS` of one that the
 * migrations before never created. It speaks for the CASCADE, too: ban-drop-cascade is
 * silent on DROP SCHEMA.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: DROP SCHEMA
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/suggest.h"

static bool
is_new(const struct lk_check *check, const char *name)
{
    const struct lk_namespace *schema = lk_catalog_schema(check->catalog, name);

    return schema != NULL && lk_object_is_new(check->catalog, &schema->object);
}

static bool
is_absent(const struct lk_check *check, const DropStmt *stmt, const char *name)
{
    return lk_is_absent(check, lk_catalog_schema(check->catalog, name) != NULL, stmt->missing_ok);
}

/* What of a schema goes. */
struct content {
    TALLOC_CTX *mem;
    const char *schema;
    size_t tables, others;
};

static void
count(struct lk_relation *relation, void *data)
{
    struct content *content = data;

    if (strcmp(relation->schema, content->schema) != 0 || relation->kind == LK_RELATION_INDEX)
        return;
    if (relation->kind == LK_RELATION_TABLE || relation->kind == LK_RELATION_PARTITIONED)
        content->tables++;
    else
        content->others++;
}

/* free_name returns a name that no schema of the history has. */
static char *
free_name(const struct lk_check *check, const char *name)
{
    char *ret = lk_new_array(check->mem, char, LK_NAME_SIZE);
    unsigned pass = 0;

    while (lk_catalog_schema(check->catalog, lk_object_name(ret, name, NULL, "deleted", pass++)))
        continue;
    return ret;
}

static void
report(struct lk_check *check, const char *name, bool cascade)
{
    struct content content = {.mem = check->mem, .schema = name};
    char *sql = lk_quote_ident(check->mem, name);
    struct lk_finding *finding;

    if (cascade) {
        finding = lk_report(check, check->statement->span,
                            "DROP SCHEMA %s CASCADE loses all that is in it", sql);
        lk_catalog_relations(check->catalog, count, &content);
        if (content.tables + content.others > 0)
            lk_finding_detail(check, finding, "As far as the history tells, that is %zu table%s%s.",
                              content.tables, content.tables == 1 ? "" : "s",
                              content.others == 0
                                  ? ""
                                  : lk_fmt(check->mem, " and %zu other relation%s", content.others,
                                           content.others == 1 ? "" : "s"));
    } else {
        finding = lk_report(check, check->statement->span,
                            "DROP SCHEMA %s breaks clients that create objects in it or have it in "
                            "their search_path",
                            sql);
    }
    lk_finding_object(check, finding, sql);
    lk_finding_hint(check, finding,
                    "-- lockkeeper: ignore renaming-schema -- unused since ...\n"
                    "ALTER SCHEMA %s RENAME TO %s;\n"
                    "-- and drop it once nothing has missed it for a while",
                    sql, lk_quote_ident(check->mem, free_name(check, name)));
}

static void
check_drop(struct lk_check *check, const Node *node)
{
    const DropStmt *stmt = (const DropStmt *)node;
    ListCell *cell;

    if (stmt->removeType != OBJECT_SCHEMA)
        return;
    foreach(cell, stmt->objects)
        if (!is_new(check, strVal(lfirst(cell))) && !is_absent(check, stmt, strVal(lfirst(cell))))
            report(check, strVal(lfirst(cell)), stmt->behavior == DROP_CASCADE);
}

const struct lk_rule lk_rule_ban_drop_schema = {
    .name = "ban-drop-schema",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP SCHEMA of a schema with a past",
    .aliases = {"atlas:DS101"},
    .on = {{T_DropStmt, check_drop}},
};
