/*
 * # constraint-missing-not-valid
 *
 * ## What it flags
 *
 * A CHECK constraint added without NOT VALID to a table that is in use, by ADD CONSTRAINT or as
 * part of ADD COLUMN, or to a domain that columns of such a table have.
 *
 * ## Why it hurts
 *
 * The server evaluates the expression for every row and holds an ACCESS EXCLUSIVE lock meanwhile:
 * reads and writes wait for a time that grows with the table. For a domain it is a SHARE lock on
 * each table with such a column: writes wait.
 *
 * ## Do instead
 *
 * ```sql
 * ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE orders VALIDATE CONSTRAINT orders_total_check;
 * ```
 *
 * NOT VALID holds for new rows at once; VALIDATE reads the old ones under a lock that lets
 * everybody work.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction. NOT
 * NULL and foreign keys have rules of their own; UNIQUE, PRIMARY KEY and EXCLUDE cannot be NOT
 * VALID.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, ADD table_constraint
 */
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/suggest.h"

/* move_out takes the constraint out of its column's definition, to be one of the table's. */
static void
move_out(struct lk_check *check, struct lk_finding *finding, const Constraint *constraint,
         const ColumnDef *definition, const char *name)
{
    const AlterTableStmt *stmt = castNode(AlterTableStmt, check->statement->tree);
    size_t index = lk_fix_command(check, constraint);

    lk_fix_name(check, finding, constraint, name);
    lk_fix_cut_part(check, finding, definition, constraint);
    lk_fix_insert(check, finding, lk_alter_span(check, stmt, index).end,
                  lk_fmt(check->mem, ", ADD CONSTRAINT %s %s NOT VALID",
                         lk_quote_ident(check->mem, name), lk_check_text(check, constraint)));
    lk_fix_wait(check, finding, name);
    lk_fix_validate(check, finding, name);
}

/* A constraint that is added. */
struct added {
    const Constraint *constraint;
    const ColumnDef *definition; /* of the new column that it comes with, or NULL */
    const char *name;            /* made as the server would where it has none */
};

struct all_added {
    LK_VEC(struct added) items;
};

/* name_of returns the name that a constraint gets beside those before it. */
static const char *
name_of(const struct lk_check *check, const struct all_added *all, const RangeVar *range,
        const Constraint *constraint)
{
    if (constraint->conname != NULL)
        return constraint->conname;
    const char *name = lk_made_name(check, lk_qname_of_range(range),
                                    lk_constraint_columns(check, constraint), "check");
    unsigned same = 0;
    lk_vec_foreach(before, &all->items)
        same += lk_starts_with(before->name, name);
    return same == 0 ? name : lk_fmt(check->mem, "%s%u", name, same);
}

static void
add(struct lk_check *check, const RangeVar *range, const Constraint *constraint,
    const ColumnDef *definition, void *data)
{
    struct all_added *all = data;

    if (constraint->skip_validation)
        return;
    struct added added = {constraint, definition, name_of(check, all, range, constraint)};
    lk_vec_push(check->mem, &all->items, added);
}

/* add_texts adds the names of constraints, and how these are added and validated, as subcommands.
 */
static void
add_texts(const struct lk_check *check, const struct all_added *all, struct lk_buf *names,
          struct lk_buf *add, struct lk_buf *validate)
{
    lk_vec_foreach(it, &all->items) {
        char *name = lk_quote_ident(check->mem, it->name);
        lk_buf_sep(names, ", ");
        lk_buf_add(names, name);
        lk_buf_sep(add, ", ");
        lk_buf_addf(add, "%sADD CONSTRAINT %s %s NOT VALID", lk_room_text(check, it->name, false),
                    name, lk_check_text(check, it->constraint));
        lk_buf_sep(validate, ", ");
        lk_buf_addf(validate, "VALIDATE CONSTRAINT %s", name);
    }
}

/* columns_text returns the statement that adds the columns that the constraints come with. */
static const char *
columns_text(const struct lk_check *check, const struct all_added *all, const char *table)
{
    struct lk_buf columns = lk_buf_init(check->mem);

    lk_vec_foreach(it, &all->items) {
        if (it->definition == NULL)
            continue;
        lk_buf_sep(&columns, ", ");
        lk_buf_addf(&columns, "ADD COLUMN %s",
                    lk_column_without(check, it->definition, it->constraint));
    }
    return columns.len == 0 ? "" : lk_fmt(check->mem, "ALTER TABLE %s %s;\n", table, columns.data);
}

/* report reports constraints for which the server reads the table once. */
static void
report(struct lk_check *check, const RangeVar *range, const struct all_added *all)
{
    struct lk_buf names = lk_buf_init(check->mem), add = lk_buf_init(check->mem),
                  validate = lk_buf_init(check->mem);
    char *table = lk_range_sql(check->mem, range);

    if (all->items.count == 0)
        return;
    add_texts(check, all, &names, &add, &validate);
    bool several = all->items.count > 1;
    struct lk_finding *finding = lk_report(check, check->statement->span,
                                           "the CHECK constraint%s%s%s all of %s under an ACCESS "
                                           "EXCLUSIVE lock: reads and writes wait",
                                           several ? "s " : "", several ? names.data : "",
                                           several ? " read" : " reads", table);
    lk_finding_object(check, finding, lk_subject_name(check, range));
    lk_finding_hint(check, finding,
                    "%s%sALTER TABLE %s %s;%s\n"
                    "-- in the next migration:\n"
                    "ALTER TABLE %s %s;",
                    lk_bound(check, finding), columns_text(check, all, table), table, add.data,
                    lk_wait_end(check), table, validate.data);
    lk_fix_bound(check, finding);
    lk_vec_foreach(it, &all->items) {
        if (it->definition != NULL)
            move_out(check, finding, it->constraint, it->definition, it->name);
        else
            lk_fix_not_valid(check, finding, it->constraint, it->name);
    }
}

/* is_of_column returns whether a constraint comes with a new column that has others like it. */
static bool
is_of_column(const struct all_added *all, const struct added *it)
{
    size_t count = 0;

    lk_vec_foreach(other, &all->items)
        count += it->definition != NULL && other->definition == it->definition;
    return count > 1;
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct all_added all = {0}, together = {0};

    lk_each_added_constraint(check, stmt, CONSTR_CHECK, add, &all);
    lk_vec_foreach(it, &all.items) {
        struct all_added one = {0};
        struct all_added *which = is_of_column(&all, it) ? &one : &together;
        lk_vec_push(check->mem, &which->items, *it);
        report(check, stmt->relation, &one);
    }
    report(check, stmt->relation, &together);
}

/* check_domain reports a CHECK of a domain, for which the tables with such columns are read. */
static void
check_domain(struct lk_check *check, const Node *node)
{
    const AlterDomainStmt *stmt = (const AlterDomainStmt *)node;
    const struct lk_lock *lock = lk_strongest_lock(check->effects);

    if (stmt->subtype != 'C' || lock == NULL)
        return;
    char *domain = lk_qname_sql(check->mem, lk_qname_of_list(stmt->typeName));
    const char *name = castNode(Constraint, stmt->def)->conname;
    struct lk_finding *finding =
        lk_report(check, check->statement->span,
                  "the CHECK constraint of domain %s reads all of %s under a %s lock: %s wait",
                  domain, lock->relation, lk_lock_sql(lock->mode), lk_lock_blocks(lock->mode));
    lk_finding_object(check, finding, lock->relation);
    const char *validate = name == NULL
                               ? NULL
                               : lk_fmt(check->mem, "ALTER DOMAIN %s VALIDATE CONSTRAINT %s;",
                                        domain, lk_quote_ident(check->mem, name));
    lk_finding_hint(check, finding, "%s NOT VALID;%s", lk_statement_text(check),
                    validate == NULL
                        ? ""
                        : lk_fmt(check->mem, "\n-- in a later migration, at a quiet time:\n%s",
                                 lk_wait_apart(check, validate)));
}

const struct lk_rule lk_rule_constraint_missing_not_valid = {
    .name = "constraint-missing-not-valid",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a CHECK constraint without NOT VALID reads the table while nobody can use it",
    .fix = LK_RULE_FIX_SAFE,
    .on = {{T_AlterTableStmt, check_alter}, {T_AlterDomainStmt, check_domain}},
};
