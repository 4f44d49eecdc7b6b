/*
 * # renaming-enum-value
 *
 * ## What it flags
 *
 * `ALTER TYPE ... RENAME VALUE` of an enum that is in use.
 *
 * ## Why it hurts
 *
 * All rows show the new label at once. Clients that are running send and expect the old one: their
 * statements fail with "invalid input value for enum", and what they read they do not know. A
 * subscriber of logical replication, which is sent labels, stops until it has the new one, too.
 *
 * ## Do instead
 *
 * Add the new value, have clients cope with both, and move rows over in batches. The old value
 * stays in the type and does no harm:
 *
 * ```sql
 * ALTER TYPE status ADD VALUE 'cancelled' AFTER 'canceled';
 * -- once every client copes with both, in batches:
 * UPDATE orders SET status = 'cancelled' WHERE status = 'canceled' AND id BETWEEN 1 AND 10000;
 * ```
 *
 * ## When it stays silent
 *
 * On a type created in the same migration. It reports once a type and migration.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TYPE, RENAME VALUE
 */
#include "parser/pgparse.h"
#include "rules/suggest.h"

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterEnumStmt *stmt = (const AlterEnumStmt *)node;
    struct lk_qname name = lk_qname_of_list(stmt->typeName);
    const struct lk_defined_type *type = lk_catalog_type(check->catalog, name.schema, name.name);

    if (stmt->oldVal == NULL || (type != NULL && lk_object_is_new(check->catalog, &type->object)))
        return;
    char *sql = lk_qname_sql(check->mem, name);
    if (lk_reported_on(check, check->rule->name, sql))
        return;
    char *old = lk_quote_literal(check->mem, stmt->oldVal);
    char *new = lk_quote_literal(check->mem, stmt->newVal);
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "renaming value %s of %s to %s breaks clients that know the old one", old, sql, new);
    lk_finding_object(check, finding, sql);
    lk_finding_hint(check, finding,
                    "ALTER TYPE %s ADD VALUE %s AFTER %s;\n"
                    "-- once every client copes with both, move rows over in batches",
                    sql, new, old);
}

const struct lk_rule lk_rule_renaming_enum_value = {
    .name = "renaming-enum-value",
    .group = LK_GROUP_COMPATIBILITY,
    .severity = LK_SEVERITY_WARNING,
    .summary = "RENAME VALUE of an enum breaks clients that know the old one",
    .on = {{T_AlterEnumStmt, check_alter}},
};
