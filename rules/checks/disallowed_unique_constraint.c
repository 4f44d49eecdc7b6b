/*
 * # disallowed-unique-constraint
 *
 * ## What it flags
 *
 * A UNIQUE constraint added to a table that is in use without `USING INDEX`, by ADD CONSTRAINT or
 * as part of ADD COLUMN.
 *
 * ## Why it hurts
 *
 * The server builds the index under an ACCESS EXCLUSIVE lock: reads and writes wait for a time that
 * grows with the table.
 *
 * ## Do instead
 *
 * Build the index first, without blocking anybody, then make it the constraint's:
 *
 * ```sql
 * CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON users (email);
 * -- in the next migration:
 * ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;
 * ```
 *
 * A partitioned table takes neither. A unique index on the parent alone, completed by attaching
 * ones that were built concurrently on each partition, enforces the same.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ADD table_constraint_using_index
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/key.h"
#include "rules/partition.h"
#include "rules/suggest.h"

/* advise_partitioned builds the index on each partition, and attaches those to the parent's. */
static void
advise_partitioned(struct lk_check *check, struct lk_finding *finding, const RangeVar *range,
                   const char *name, const char *clauses, const char *parts)
{
    struct lk_buf builds = lk_buf_init(check->mem), attach = lk_buf_init(check->mem);
    struct lk_partitions partitions = lk_partitions_of(check, range);

    lk_vec_foreach(partition, &partitions.items) {
        struct lk_qname part = {(*partition)->schema, (*partition)->object.name};
        struct lk_qname index = {part.schema, lk_made_name(check, part, parts, "key")};
        lk_buf_addf(&builds, "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %s;\n",
                    lk_quote_ident(check->mem, index.name), lk_relation_sql(check->mem, *partition),
                    clauses);
        lk_buf_addf(&attach, "ALTER INDEX %s ATTACH PARTITION %s;\n",
                    lk_qname_sql(check->mem, (struct lk_qname){range->schemaname, name}),
                    lk_qname_sql(check->mem, index));
    }
    lk_finding_detail(check, finding,
                      "The table is partitioned: neither CONCURRENTLY nor USING INDEX is possible "
                      "on it.");
    lk_finding_hint(check, finding, "CREATE UNIQUE INDEX %s ON ONLY %s %s;\n%s",
                    lk_quote_ident(check->mem, name), lk_range_sql(check->mem, range), clauses,
                    lk_partitions_text(check, builds.data, attach.data));
}

/* What the fix is made of. */
struct steps {
    const char *name; /* of the constraint and its index, not quoted */
    const char *create;
    const char *add; /* ADD CONSTRAINT ... USING INDEX */
};

/* steps_of returns how the constraint `name` is made of an index `built` "ON" a table. */
static struct steps
steps_of(const struct lk_check *check, const char *name, const char *built, const char *on,
         const char *properties)
{
    char *index = lk_quote_ident(check->mem, built);

    return (struct steps){
        .name = name,
        .create = lk_fmt(check->mem, "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s", index, on),
        .add = lk_fmt(check->mem, "ADD CONSTRAINT %s UNIQUE USING INDEX %s%s",
                      lk_quote_ident(check->mem, name), index, properties),
    };
}

static void
fix(struct lk_check *check, struct lk_finding *finding, const Constraint *constraint,
    const ColumnDef *definition, const struct steps *steps)
{
    const AlterTableStmt *stmt = castNode(AlterTableStmt, check->statement->tree);
    struct lk_fix_index index = {steps->create, steps->name, NULL};

    lk_fix_name(check, finding, constraint, steps->name);
    if (stmt->missing_ok) /* CREATE INDEX has no such clause */
        lk_fix_refuse(check, finding);
    if (definition != NULL) {
        lk_fix_need_free(check, finding, steps->name);
        lk_fix_bound(check, finding);
        lk_fix_cut_part(check, finding, definition, constraint);
        lk_fix_build(check, finding, &index);
    } else {
        lk_fix_build_for(check, finding, lk_fix_command(check, constraint), &index);
    }
    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "add %s", steps->name),
                      .sql = lk_fmt(check->mem, "%s %s;", lk_alter_sql(check, stmt), steps->add),
                      .locks = true,
                  });
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const RangeVar *range,
       const Constraint *constraint, const ColumnDef *definition)
{
    char *table = lk_range_sql(check->mem, range);
    char *columns = definition != NULL ? lk_quote_ident(check->mem, definition->colname)
                                       : lk_columns_sql(check->mem, constraint->keys);
    const char *parts =
        definition != NULL ? definition->colname : lk_joined_names(check, constraint->keys);
    const char *given = constraint->conname != NULL
                            ? constraint->conname
                            : lk_made_name(check, lk_qname_of_range(range), parts, "key");
    char *clauses = lk_key_clauses(check, constraint, columns);
    const char *column = "", *outside = lk_outside_index(check);

    if (lk_subject_is_partitioned(check, range)) {
        advise_partitioned(check, finding, range, given, clauses, parts);
        return;
    }
    if (definition != NULL)
        column = lk_fmt(check->mem, "%sALTER TABLE %s ADD COLUMN %s;%s\n%s", lk_wait_text(check),
                        table, lk_column_without(check, definition, constraint), lk_wait_end(check),
                        outside[0] == '\0' ? "-- in the next migration:\n" : "");
    const char *on = lk_fmt(check->mem, "%s %s", table, clauses);
    const char *properties = lk_key_properties(constraint, definition);
    const char *room = lk_room_text(check, given, false);
    const char *built = given;
    if (room[0] != '\0') /* it is built while the former one still has the name */
        built = lk_made_name(check, lk_qname_of_range(range), parts, "key");
    struct steps steps = steps_of(check, given, built, on, properties);
    lk_finding_hint(
        check, finding,
        "%s%s%s;\n"
        "-- %s:\n"
        "%s",
        column, outside, steps.create,
        definition != NULL ? "and in the one after that" : "in the next migration",
        lk_wait_apart(check, lk_fmt(check->mem, "ALTER TABLE %s %s%s;", table, room, steps.add)));
    if (room[0] != '\0') /* it would drop the former constraint before there is another */
        lk_fix_refuse(check, finding);
    fix(check, finding, constraint, definition, &steps);
}

static void
report(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
       const ColumnDef *definition, void *data)
{
    (void)data;
    if (constraint->indexname != NULL)
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the UNIQUE constraint builds its index under an ACCESS EXCLUSIVE lock on %s: "
                  "reads and writes wait",
                  lk_range_sql(check->mem, range));

    lk_finding_object(check, finding, lk_subject_name(check, range));
    if (lk_key_is_temporal(constraint))
        lk_finding_detail(check, finding,
                          "A constraint WITHOUT OVERLAPS takes no USING INDEX: there is no way to "
                          "build its index beforehand.");
    else
        advise(check, finding, range, constraint, definition);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_added_constraint(check, (const AlterTableStmt *)node, CONSTR_UNIQUE, report, NULL);
}

const struct lk_rule lk_rule_disallowed_unique_constraint = {
    .name = "disallowed-unique-constraint",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a UNIQUE constraint builds its index while nobody can use the table",
    .fix = LK_RULE_FIX_SAFE,
    .aliases = {"atlas:PG305"},
    .on = {{T_AlterTableStmt, check_alter}},
};
