/*
 * # adding-primary-key-constraint
 *
 * ## What it flags
 *
 * A PRIMARY KEY added to a table that is in use without `USING INDEX`, by ADD CONSTRAINT or as part
 * of ADD COLUMN; and one with USING INDEX whose columns may still hold NULL.
 *
 * ## Why it hurts
 *
 * The server builds the index, and reads the table to see that no column is NULL, under an ACCESS
 * EXCLUSIVE lock: reads and writes wait for a time that grows with the table.
 *
 * ## Do instead
 *
 * Make the columns NOT NULL first, in the way of rule adding-not-nullable-field, and build the
 * index without blocking anybody:
 *
 * ```sql
 * CREATE UNIQUE INDEX CONCURRENTLY users_pkey ON users (id);
 * -- in the next migration:
 * ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_pkey;
 * ```
 *
 * A partitioned table takes neither CONCURRENTLY nor USING INDEX. A primary key on the parent
 * alone, completed by attaching those of the partitions, does the same.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration; with USING INDEX where the columns are known to hold no
 * NULL.
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
#include "rules/key.h"
#include "rules/new_column.h"
#include "rules/suggest.h"

/* What the advice is about. */
struct key {
    const RangeVar *range;
    const Constraint *constraint;
    const ColumnDef *definition; /* the new column that it comes with, or NULL */
    char *table;
    char *name; /* of the constraint, quoted */
    char *list; /* of the columns, as SQL */
    LK_VEC(const char *) columns;
};

/* may_be_null returns whether a column is not known to be NOT NULL. */
static bool
may_be_null(const struct lk_check *check, const struct key *key, const char *column)
{
    const struct lk_column *known = lk_relation_column(lk_subject(check, key->range), column);

    return known == NULL || !known->not_null;
}

/* not_null_name returns the name of the constraint that proves a column to hold no NULL. */
static char *
not_null_name(const struct lk_check *check, const struct key *key, const char *column)
{
    return lk_quote_ident(check->mem,
                          lk_made_name(check, lk_qname_of_range(key->range), column, "not_null"));
}

/* add_proofs adds the steps that make the columns NOT NULL up to VALIDATE. */
static bool
add_proofs(const struct lk_check *check, const struct key *key, struct lk_buf *buf)
{
    bool since_18 = check->settings->postgres_version >= 18, any = false;
    struct lk_buf validate = lk_buf_init(check->mem);

    lk_vec_foreach(column, &key->columns) {
        if (!may_be_null(check, key, *column))
            continue;
        char *quoted = lk_quote_ident(check->mem, *column);
        char *name = not_null_name(check, key, *column);
        if (since_18)
            lk_buf_addf(buf, "ALTER TABLE %s ADD CONSTRAINT %s NOT NULL %s NOT VALID;\n",
                        key->table, name, quoted);
        else
            lk_buf_addf(buf, "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID;\n",
                        key->table, name, quoted);
        lk_buf_addf(&validate, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n", key->table, name);
        any = true;
    }
    if (any)
        lk_buf_addf(buf, "-- in the next migration:\n%s", validate.data);
    return any;
}

/* add_not_null adds SET NOT NULL, which needs no scan behind the proofs. */
static void
add_not_null(const struct lk_check *check, const struct key *key, struct lk_buf *buf)
{
    if (check->settings->postgres_version >= 18)
        return;
    lk_vec_foreach(column, &key->columns)
        if (may_be_null(check, key, *column))
            lk_buf_addf(buf,
                        "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;\n"
                        "ALTER TABLE %s DROP CONSTRAINT %s;\n",
                        key->table, lk_quote_ident(check->mem, *column), key->table,
                        not_null_name(check, key, *column));
}

/* advise_partitioned makes the key of the parent alone, and attaches those of its partitions. */
static void
advise_partitioned(struct lk_check *check, struct lk_finding *finding, const struct key *key)
{
    struct lk_buf buf = lk_buf_init(check->mem);
    struct lk_partitions partitions = lk_partitions_of(check, key->range);
    char *clauses = lk_key_clauses(check, key->constraint, key->list);

    lk_finding_detail(check, finding,
                      "The table is partitioned: neither CONCURRENTLY nor USING INDEX is possible "
                      "on it.");
    if (add_proofs(check, key, &buf)) {
        lk_buf_add(&buf, "-- and in the one after that:\n");
        add_not_null(check, key, &buf);
    }
    lk_buf_addf(&buf, "ALTER TABLE ONLY %s ADD CONSTRAINT %s PRIMARY KEY (%s);\n", key->table,
                key->name, key->list);
    lk_buf_add(&buf, partitions.items.count > 0
                         ? "-- then, each in a migration of its own:"
                         : "-- then build it concurrently on each partition, and attach it here");
    lk_vec_foreach(partition, &partitions.items) {
        struct lk_qname part = {(*partition)->schema, (*partition)->object.name};
        struct lk_qname index = {part.schema, lk_made_name(check, part, "", "pkey")};
        char *name = lk_quote_ident(check->mem, index.name);
        char *table = lk_relation_sql(check->mem, *partition);
        lk_buf_addf(&buf,
                    "\nCREATE UNIQUE INDEX CONCURRENTLY %s ON %s %s;\n"
                    "ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY USING INDEX %s;\n"
                    "ALTER INDEX %s ATTACH PARTITION %s;",
                    name, table, clauses, table, name, name,
                    lk_catalog_resolved(
                        check->mem, check->catalog, key->range->schemaname,
                        key->constraint->conname != NULL
                            ? key->constraint->conname
                            : lk_made_name(check, lk_qname_of_range(key->range), "", "pkey")),
                    lk_qname_sql(check->mem, index));
    }
    lk_finding_hint(check, finding, "%s", buf.data);
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const struct key *key)
{
    struct lk_buf buf = lk_buf_init(check->mem);
    const char *pause = "-- in the next migration:\n";

    if (key->definition != NULL) {
        lk_buf_addf(&buf, "ALTER TABLE %s ADD COLUMN %s;\n", key->table,
                    lk_column_bare(check, key->definition));
        lk_buf_add(&buf, "-- fill it in batches, make it NOT NULL as adding-not-nullable-field "
                         "says, and then:\n");
    } else if (add_proofs(check, key, &buf)) {
        pause = "-- and in the one after that:\n";
    }
    if (key->constraint->indexname == NULL)
        lk_buf_addf(&buf, "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %s;\n", key->name, key->table,
                    lk_key_clauses(check, key->constraint, key->list));
    lk_buf_add(&buf, pause);
    if (key->definition == NULL)
        add_not_null(check, key, &buf);
    lk_buf_addf(&buf, "ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY USING INDEX %s%s;", key->table,
                key->name,
                key->constraint->indexname != NULL
                    ? lk_quote_ident(check->mem, key->constraint->indexname)
                    : key->name,
                lk_key_properties(key->constraint, key->definition));
    lk_finding_hint(check, finding, "%s", buf.data);
}

/* read_columns reads the columns of the key: those of the index with USING INDEX, if it is known.
 */
static void
read_columns(const struct lk_check *check, struct key *key)
{
    const struct lk_relation *table = lk_subject(check, key->range), *index = NULL;
    struct lk_buf list = lk_buf_init(check->mem);
    ListCell *cell;

    if (key->definition != NULL)
        lk_vec_push(check->mem, &key->columns, key->definition->colname);
    foreach(cell, key->constraint->keys)
        lk_vec_push(check->mem, &key->columns, strVal(lfirst(cell)));
    if (table != NULL && key->constraint->indexname != NULL)
        index = lk_catalog_relation(check->catalog, table->schema, key->constraint->indexname);
    for (size_t i = 0; index != NULL && i + index->included < index->keys.count; i++)
        if (index->keys.items[i] != NULL)
            lk_vec_push(check->mem, &key->columns, index->keys.items[i]);
    lk_vec_foreach(column, &key->columns) {
        lk_buf_sep(&list, ", ");
        lk_buf_add(&list, lk_quote_ident(check->mem, *column));
    }
    key->list = list.data;
}

static void
report(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
       const ColumnDef *definition)
{
    struct key key = {.range = range, .constraint = constraint, .definition = definition};
    bool built = constraint->indexname != NULL;

    if (built && check->effects->scans.count == 0)
        return;
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        built ? "PRIMARY KEY USING INDEX reads all of %s for NULL under an ACCESS EXCLUSIVE lock: "
                "reads and writes wait"
              : "the PRIMARY KEY builds its index under an ACCESS EXCLUSIVE lock on %s: reads and "
                "writes wait",
        lk_range_sql(check->mem, range));
    lk_finding_object(check, finding, lk_subject_name(check, range));
    key.table = lk_range_sql(check->mem, range);
    read_columns(check, &key);
    key.name =
        lk_quote_ident(check->mem, constraint->conname != NULL
                                       ? constraint->conname
                                       : lk_made_name(check, lk_qname_of_range(range), "", "pkey"));
    if (lk_key_is_temporal(constraint))
        lk_finding_detail(check, finding,
                          "A constraint WITHOUT OVERLAPS takes no USING INDEX: there is no way to "
                          "build its index beforehand.");
    else if (lk_subject_is_partitioned(check, range) && definition == NULL)
        advise_partitioned(check, finding, &key);
    else
        advise(check, finding, &key);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    lk_each_added_constraint(check, (const AlterTableStmt *)node, CONSTR_PRIMARY, report);
}

const struct lk_rule lk_rule_adding_primary_key_constraint = {
    .name = "adding-primary-key-constraint",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a PRIMARY KEY builds its index while nobody can use the table",
    .aliases = {"squawk:adding-serial-primary-key-field", "atlas:PG304"},
    .on = {{T_AlterTableStmt, check_alter}},
};
