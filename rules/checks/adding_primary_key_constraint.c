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
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction; with
 * USING INDEX where the columns are known to hold no NULL; on ONLY a partitioned table.
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
#include "rules/new_column.h"
#include "rules/not_null.h"
#include "rules/suggest.h"

/* What the advice is about. */
struct key {
    const RangeVar *range;
    const Constraint *constraint;
    const ColumnDef *definition; /* the new column that it comes with, or NULL */
    char *table;
    const char *plain; /* the name of the constraint */
    char *name;        /* the same, quoted */
    char *list;        /* of the columns, as SQL */
    LK_VEC(const char *) columns;
};

/* may_be_null returns whether a column is not known to be NOT NULL. */
static bool
may_be_null(const struct lk_check *check, const struct key *key, const char *column)
{
    const struct lk_column *known = lk_relation_column(lk_subject(check, key->range), column);

    return known == NULL || !known->not_null;
}

/* Steps to columns that are NOT NULL, as statements of their own. */
struct proofs {
    size_t count;
    struct lk_buf add; /* subcommands, for one statement */
    struct lk_buf add_each;
    struct lk_buf validate;
    struct lk_buf set; /* empty where the proofs are it */
};

static struct proofs
proofs_of(const struct lk_check *check, const struct key *key)
{
    struct proofs proofs = {0, lk_buf_init(check->mem), lk_buf_init(check->mem),
                            lk_buf_init(check->mem), lk_buf_init(check->mem)};

    lk_vec_foreach(column, &key->columns) {
        if (!may_be_null(check, key, *column))
            continue;
        struct lk_proof proof = lk_proof_of(check, key->range, *column, NULL);
        lk_buf_sep(&proofs.add, ", ");
        lk_buf_add(&proofs.add, proof.add);
        lk_buf_addf(&proofs.add_each, "ALTER TABLE %s %s;\n", key->table, proof.add);
        lk_buf_addf(&proofs.validate, "ALTER TABLE %s %s;\n", key->table, proof.validate);
        if (proof.set != NULL)
            lk_buf_addf(&proofs.set,
                        "ALTER TABLE %s %s;\n"
                        "ALTER TABLE %s %s;\n",
                        key->table, proof.set, key->table, proof.drop);
        proofs.count++;
    }
    return proofs;
}

/* add_proofs adds the steps that make the columns NOT NULL up to VALIDATE. */
static void
add_proofs(const struct lk_check *check, const struct proofs *proofs, struct lk_buf *buf)
{
    if (proofs->count > 0)
        lk_buf_addf(buf, "%.*s%s\n-- in the next migration:\n%s", (int)proofs->add_each.len - 1,
                    proofs->add_each.data, lk_wait_end(check), proofs->validate.data);
}

/* advise_partitioned makes the key of the parent alone, and attaches those of its partitions. */
static void
advise_partitioned(struct lk_check *check, struct lk_finding *finding, const struct key *key)
{
    struct lk_buf buf = lk_buf_init(check->mem);
    struct lk_partitions partitions = lk_partitions_of(check, key->range);
    struct proofs proofs = proofs_of(check, key);
    char *clauses = lk_key_clauses(check, key->constraint, key->list);

    lk_finding_detail(check, finding,
                      "The table is partitioned: neither CONCURRENTLY nor USING INDEX is possible "
                      "on it.");
    if (proofs.count > 0)
        lk_buf_add(&buf, lk_wait_text(check));
    add_proofs(check, &proofs, &buf);
    const char *only =
        lk_fmt(check->mem, "%sALTER TABLE ONLY %s ADD CONSTRAINT %s PRIMARY KEY (%s);",
               proofs.set.data, key->table, key->name, key->list);
    if (proofs.count > 0)
        lk_buf_addf(&buf, "-- and in the one after that:\n%s", lk_wait_apart(check, only));
    else
        lk_buf_add(&buf, only);
    if (partitions.items.count == 0)
        lk_buf_add(&buf, "\n-- then build it concurrently on each partition, and attach it here");
    lk_vec_foreach(partition, &partitions.items) {
        struct lk_qname part = {(*partition)->schema, (*partition)->object.name};
        struct lk_qname index = {part.schema, lk_made_name(check, part, "", "pkey")};
        char *name = lk_quote_ident(check->mem, index.name);
        char *table = lk_relation_sql(check->mem, *partition);
        const char *attach = lk_fmt(
            check->mem,
            "ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY USING INDEX %s;\n"
            "ALTER INDEX %s ATTACH PARTITION %s;",
            table, name, name,
            lk_catalog_resolved(check->mem, check->catalog, key->range->schemaname, key->plain),
            lk_qname_sql(check->mem, index));
        lk_buf_addf(&buf,
                    "\n-- in the next migration:\n"
                    "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %s;\n"
                    "-- and in the one after that:\n"
                    "%s",
                    name, table, clauses, lk_wait_apart(check, attach));
    }
    lk_finding_hint(check, finding, "%s", buf.data);
}

/* fix goes the way that the hint shows; `create` is NULL where the index is there. */
static void
fix(struct lk_check *check, struct lk_finding *finding, const struct key *key,
    const struct proofs *proofs, const char *create, const char *add)
{
    const AlterTableStmt *stmt = castNode(AlterTableStmt, check->statement->tree);
    size_t command = lk_fix_command(check, key->constraint);
    struct lk_fix_index index = {create, key->plain, NULL};

    if (stmt->missing_ok) /* CREATE INDEX has no such clause */
        lk_fix_refuse(check, finding);
    if (proofs->count == 0) {
        lk_fix_build_for(check, finding, command, &index);
    } else {
        lk_fix_need_free(check, finding, key->plain);
        lk_fix_bound(check, finding);
        lk_fix_swap(check, finding, lk_alter_span(check, stmt, command), proofs->add.data);
        lk_fix_follow(check, finding,
                      &(struct lk_follow){
                          .label = lk_fmt(check->mem, "validate %s not null", key->range->relname),
                          .sql = lk_trimmed(lk_strdup(check->mem, proofs->validate.data)),
                      });
        if (create != NULL)
            lk_fix_build(check, finding, &index);
    }
    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "add %s", key->plain),
                      .sql = lk_fmt(check->mem, "%s%s;", proofs->set.data, add),
                      .locks = true,
                  });
}

/* advise_column advises on a key that comes with its column: no fix fills that. */
static void
advise_column(struct lk_check *check, struct lk_finding *finding, const struct key *key,
              const char *create, const char *add)
{
    lk_finding_hint(
        check, finding,
        "ALTER TABLE %s ADD COLUMN %s;\n"
        "-- fill it in batches, make it NOT NULL as adding-not-nullable-field says, and "
        "then:\n"
        "%s%s;\n"
        "-- in the next migration:\n"
        "%s",
        key->table, lk_column_bare(check, key->definition), lk_outside_index(check), create,
        lk_wait_apart(check, lk_fmt(check->mem, "%s;", add)));
}

/* create_text returns what builds the index of the key; NULL: it is there. */
static const char *
create_text(const struct lk_check *check, const struct key *key, const char *index)
{
    if (key->constraint->indexname != NULL)
        return NULL;
    return lk_fmt(check->mem, "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %s",
                  lk_quote_ident(check->mem, index), key->table,
                  lk_key_clauses(check, key->constraint, key->list));
}

/* add_text returns what makes the key of an index; `room`: see lk_room_text. */
static const char *
add_text(const struct lk_check *check, const struct key *key, const char *room, const char *index)
{
    return lk_fmt(check->mem, "ALTER TABLE %s %sADD CONSTRAINT %s PRIMARY KEY USING INDEX %s%s",
                  key->table, room, key->name, lk_quote_ident(check->mem, index),
                  lk_key_properties(key->constraint, key->definition));
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const struct key *key)
{
    struct lk_buf buf = lk_buf_init(check->mem);
    struct proofs proofs = proofs_of(check, key);
    const char *room = lk_room_text(check, key->plain, true), *index = key->plain;

    if (key->constraint->indexname != NULL)
        index = key->constraint->indexname;
    else if (room[0] != '\0') /* it is built while the former one still has the name */
        index = lk_made_name(check, lk_qname_of_range(key->range), "", "pkey");
    const char *create = create_text(check, key, index), *add = add_text(check, key, room, index);
    if (key->definition != NULL) {
        advise_column(check, finding, key, create, add);
        return;
    }
    if (proofs.count > 0)
        lk_buf_add(&buf, lk_wait_text(check));
    add_proofs(check, &proofs, &buf);
    if (create != NULL)
        lk_buf_addf(&buf, "%s%s;\n",
                    proofs.count > 0 ? "-- and in the one after that:\n" : lk_outside_index(check),
                    create);
    lk_finding_hint(check, finding, "%s-- %s:\n%s", buf.data,
                    proofs.count > 0 ? "and in the one after that" : "in the next migration",
                    lk_wait_apart(check, lk_fmt(check->mem, "%s%s;", proofs.set.data, add)));
    if (room[0] != '\0') /* it would drop the former key before there is another */
        lk_fix_refuse(check, finding);
    fix(check, finding, key, &proofs, create, add);
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
       const ColumnDef *definition, void *data)
{
    (void)data;
    struct key key = {.range = range, .constraint = constraint, .definition = definition};
    bool built = constraint->indexname != NULL;

    if (built ? check->effects->scans.count == 0
              : !range->inh && lk_subject_is_partitioned(check, range))
        return; /* ONLY the partitioned table has no rows of its own */
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
    key.plain = constraint->conname != NULL
                    ? constraint->conname
                    : lk_made_name(check, lk_qname_of_range(range), "", "pkey");
    key.name = lk_quote_ident(check->mem, key.plain);
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
    lk_each_added_constraint(check, (const AlterTableStmt *)node, CONSTR_PRIMARY, report, NULL);
}

const struct lk_rule lk_rule_adding_primary_key_constraint = {
    .name = "adding-primary-key-constraint",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a PRIMARY KEY builds its index while nobody can use the table",
    .fix = LK_RULE_FIX_SAFE,
    .aliases = {"squawk:adding-serial-primary-key-field", "atlas:PG304"},
    .on = {{T_AlterTableStmt, check_alter}},
};
