/*
 * # adding-foreign-key-constraint
 *
 * ## What it flags
 *
 * A foreign key added to a table that is in use without NOT VALID: `ADD CONSTRAINT ... FOREIGN
 * KEY`, and `REFERENCES` in ADD COLUMN.
 *
 * ## Why it hurts
 *
 * The statement holds SHARE ROW EXCLUSIVE locks on both tables while it looks every row of the one
 * up in the other: writes to both wait for a time that grows with the table.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey
 *     FOREIGN KEY (user_id) REFERENCES users (id) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey;
 * ```
 *
 * VALIDATE reads the table too, but lets writes through. Before PostgreSQL 18 a partitioned table
 * takes no NOT VALID foreign key: add it to each partition in that way, then to the parent, which
 * takes the ones of its partitions over.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction. A new
 * column with REFERENCES and without DEFAULT has nothing to be looked up: there the finding is a
 * warning about the locks alone, and silent where the file, a directive or the applier's
 * configuration gives a lock_timeout. A partitioned table whose partitions all have the foreign
 * key, validated, takes them over and reads nothing.
 *
 * ## Versions
 *
 * All; NOT VALID on partitioned tables from 18 on.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ADD table_constraint
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/schema/replay_relation.h"
#include "rules/suggest.h"

/* One foreign key that is being added. */
struct key {
    const RangeVar *range;
    const Constraint *constraint;
    const ColumnDef *definition; /* of the column it comes with, or NULL */
    const char *plain;           /* its name, made as the server would where it has none */
    const char *name;            /* the same, quoted */
    const char *text;            /* FOREIGN KEY (...) REFERENCES ... */
};

static struct key
key_of(const struct lk_check *check, const RangeVar *range, const Constraint *constraint,
       const ColumnDef *definition)
{
    struct key key = {.range = range, .constraint = constraint, .definition = definition};
    const char *columns =
        definition != NULL ? definition->colname : lk_joined_names(check, constraint->fk_attrs);

    key.plain = constraint->conname != NULL
                    ? constraint->conname
                    : lk_made_name(check, lk_qname_of_range(range), columns, "fkey");
    key.name = lk_quote_ident(check->mem, key.plain);
    key.text = definition != NULL ? lk_foreign_key_text(check, definition, constraint)
                                  : lk_constraint_text(check, constraint);
    return key;
}

/* column_first returns the statement that adds the column without the foreign key, if it has one.
 */
static const char *
column_first(const struct lk_check *check, const struct key *key)
{
    if (key->definition == NULL)
        return "";
    return lk_fmt(check->mem, "ALTER TABLE %s ADD COLUMN %s;%s\n-- in the next migration:\n",
                  lk_range_sql(check->mem, key->range),
                  lk_column_without(check, key->definition, key->constraint), lk_wait_end(check));
}

/* advise_partitioned goes by way of the partitions, before 18. */
static void
advise_partitioned(struct lk_check *check, struct lk_finding *finding, const struct key *key)
{
    struct lk_buf add = lk_buf_init(check->mem), validate = lk_buf_init(check->mem);
    struct lk_partitions partitions = lk_partitions_of(check, key->range);

    lk_vec_foreach(partition, &partitions.items) {
        char *name = lk_relation_sql(check->mem, *partition);
        lk_buf_addf(&add, "ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID;\n", name, key->name,
                    key->text);
        lk_buf_addf(&validate, "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n", name, key->name);
    }
    if (partitions.items.count == 0)
        lk_buf_add(&add, "-- add it with NOT VALID to each partition, and validate it there\n");
    lk_finding_detail(
        check, finding,
        "Before PostgreSQL 18 a partitioned table takes no NOT VALID foreign key, but "
        "it takes over those of its partitions.");
    const char *wait = lk_bound(check, finding), *end = lk_wait_end(check);
    if (end[0] != '\0' && key->definition == NULL && validate.len > 0)
        lk_buf_addf(&add, "%s\n", end + 1);
    const char *last = lk_fmt(check->mem, "ALTER TABLE %s %sADD CONSTRAINT %s %s;",
                              lk_range_sql(check->mem, key->range),
                              lk_room_text(check, key->plain, false), key->name, key->text);
    lk_finding_hint(check, finding, "%s%s%s%s%s-- and then:\n%s", wait, column_first(check, key),
                    add.data, validate.len > 0 ? "-- in the next migration:\n" : "", validate.data,
                    lk_wait_apart(check, last));
}

/* move_out takes the foreign key out of its column's definition, into migrations behind this one.
 */
static void
move_out(struct lk_check *check, struct lk_finding *finding, const struct key *key)
{
    const AlterTableStmt *stmt = castNode(AlterTableStmt, check->statement->tree);

    lk_fix_name(check, finding, key->constraint, key->plain);
    lk_fix_wait(check, finding, key->plain);
    lk_fix_cut_part(check, finding, key->definition, key->constraint);
    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "add %s", key->plain),
                      .sql = lk_fmt(check->mem, "%s ADD CONSTRAINT %s %s NOT VALID;",
                                    lk_alter_sql(check, stmt), key->name, key->text),
                      .locks = true,
                  });
    lk_fix_validate(check, finding, key->plain);
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const struct key *key)
{
    char *table = lk_range_sql(check->mem, key->range);

    if (lk_subject_is_partitioned(check, key->range) && check->settings->postgres_version < 18) {
        advise_partitioned(check, finding, key);
        return;
    }
    const char *add = lk_fmt(check->mem, "ALTER TABLE %s %sADD CONSTRAINT %s %s NOT VALID;", table,
                             lk_room_text(check, key->plain, false), key->name, key->text);
    bool apart = key->definition != NULL;
    lk_finding_hint(check, finding,
                    "%s%s%s%s\n"
                    "-- %s:\n"
                    "ALTER TABLE %s VALIDATE CONSTRAINT %s;",
                    lk_bound(check, finding), column_first(check, key),
                    apart ? lk_wait_apart(check, add) : add, apart ? "" : lk_wait_end(check),
                    apart ? "and in the one after that" : "in the next migration", table,
                    key->name);
    lk_fix_bound(check, finding);
    if (key->definition != NULL)
        move_out(check, finding, key);
    else
        lk_fix_not_valid(check, finding, key->constraint, key->plain);
}

static void
report_scan(struct lk_check *check, const struct key *key)
{
    const RangeVar *target = key->constraint->pktable;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the foreign key of %s to %s is checked for every row under SHARE ROW EXCLUSIVE "
                  "locks: writes to both wait",
                  lk_range_sql(check->mem, key->range), lk_range_sql(check->mem, target));

    lk_finding_object(check, finding, lk_subject_name(check, key->range));
    lk_finding_object(check, finding, lk_subject_name(check, target));
    advise(check, finding, key);
    lk_detail_held(check, finding);
}

/* report_locks reports a new column's foreign key, for which there is nothing to look up. */
static void
report_locks(struct lk_check *check, const struct key *key)
{
    const RangeVar *target = key->constraint->pktable;
    char *table = lk_range_sql(check->mem, key->range);

    if (lk_subject_is_new(check, target) || lk_wait_is_bounded(check))
        return;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the foreign key of the new column takes a SHARE ROW EXCLUSIVE lock on %s along "
                  "with the ACCESS EXCLUSIVE one on %s",
                  lk_range_sql(check->mem, target), table);
    finding->severity = LK_MIN(finding->severity, LK_SEVERITY_WARNING);
    lk_finding_object(check, finding, lk_subject_name(check, key->range));
    lk_finding_object(check, finding, lk_subject_name(check, target));
    lk_finding_detail(
        check, finding,
        "Both are brief, as a new column without DEFAULT has nothing to be looked up; "
        "but writes to both tables queue up behind whoever holds one of them.");
    advise(check, finding, key);
}

static void
check_column(struct lk_check *check, const RangeVar *range, const ColumnDef *definition)
{
    const Constraint *foreign_key = NULL;
    bool has_default = false;
    ListCell *cell;

    foreach(cell, definition->constraints) {
        const Constraint *constraint = lfirst_node(Constraint, cell);
        if (constraint->contype == CONSTR_FOREIGN)
            foreign_key = constraint;
        has_default |= constraint->contype == CONSTR_DEFAULT;
    }
    if (foreign_key == NULL)
        return;
    struct key key = key_of(check, range, foreign_key, definition);
    if (has_default)
        report_scan(check, &key);
    else
        report_locks(check, &key);
}

/* is_same_list returns whether names of columns are those of a list, in its order. */
static bool
is_same_list(const char *const *names, size_t count, const List *list)
{
    ListCell *cell;

    if (count != (size_t)list_length(list))
        return false;
    foreach(cell, list)
        if (strcmp(*names++, strVal(lfirst(cell))) != 0)
            return false;
    return true;
}

/* is_ready returns whether a partition has the foreign key already, checked, and as the server
 * wants it to take it over (tryAttachPartitionForeignKey). */
static bool
is_ready(const struct lk_check *check, const struct lk_relation *partition,
         const Constraint *wanted)
{
    const struct lk_relation *target = lk_subject(check, wanted->pktable);
    const struct lk_constraint *key = target == NULL ? NULL : lk_constraint_key(target);

    lk_vec_foreach(each, &partition->constraints) {
        const struct lk_constraint *it = *each;
        if (it->kind != LK_CONSTRAINT_FOREIGN || !it->validated || it->target == NULL ||
            it->target != target || it->parent != NULL || it->deferrable != wanted->deferrable ||
            it->deferred != wanted->initdeferred || it->on_delete != wanted->fk_del_action ||
            it->on_update != wanted->fk_upd_action || it->match != wanted->fk_matchtype ||
            !is_same_list(it->columns.items, it->columns.count, wanted->fk_attrs))
            continue;
        bool by_key = it->referenced_columns.count == 0 && key != NULL;
        if (wanted->pk_attrs == NIL
                ? it->referenced_columns.count == 0
                : is_same_list(by_key ? key->columns.items : it->referenced_columns.items,
                               by_key ? key->columns.count : it->referenced_columns.count,
                               wanted->pk_attrs))
            return true;
    }
    return false;
}

/* is_taken_over returns whether each partition has the foreign key that its table gets. */
static bool
is_taken_over(const struct lk_check *check, const RangeVar *range, const Constraint *constraint)
{
    if (!lk_subject_is_partitioned(check, range))
        return false;
    struct lk_partitions partitions = lk_partitions_of(check, range);

    lk_vec_foreach(partition, &partitions.items)
        if (!is_ready(check, *partition, constraint))
            return false;
    return partitions.items.count > 0 && !lk_subject(check, range)->partial;
}

static void
check_constraint(struct lk_check *check, const RangeVar *range, const Constraint *constraint)
{
    if (is_taken_over(check, range, constraint))
        return;
    struct key key = key_of(check, range, constraint, NULL);

    report_scan(check, &key);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if ((!lk_alter_has(stmt, AT_AddConstraint) && !lk_alter_has(stmt, AT_AddColumn)) ||
        !lk_alters_rows(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const Constraint *constraint = (const Constraint *)command->def;
        if (lk_alter_skips(check->catalog, stmt, command))
            continue;
        if (command->subtype == AT_AddColumn)
            check_column(check, stmt->relation, castNode(ColumnDef, command->def));
        else if (command->subtype == AT_AddConstraint && constraint->contype == CONSTR_FOREIGN &&
                 !constraint->skip_validation)
            check_constraint(check, stmt->relation, constraint);
    }
}

const struct lk_rule lk_rule_adding_foreign_key_constraint = {
    .name = "adding-foreign-key-constraint",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a foreign key without NOT VALID blocks writes to both tables while it is checked",
    .fix = LK_RULE_FIX_SAFE,
    .on = {{T_AlterTableStmt, check_alter}},
};
