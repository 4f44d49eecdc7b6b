/*
 * # adding-not-nullable-field
 *
 * ## What it flags
 *
 * `ALTER COLUMN ... SET NOT NULL` on a table that is in use, unless a validated CHECK constraint
 * proves that there is no NULL; from PostgreSQL 18 on, also `ADD NOT NULL` without NOT VALID.
 *
 * ## Why it hurts
 *
 * The server reads the whole table to be sure, and holds an ACCESS EXCLUSIVE lock while it does:
 * neither reads nor writes get through for a time that grows with the table.
 *
 * ## Do instead
 *
 * Let a CHECK constraint do the reading, which validates under a lock that lets everybody work:
 *
 * ```sql
 * ALTER TABLE users ADD CONSTRAINT users_email_not_null_check CHECK (email IS NOT NULL) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null_check;
 * -- and in the one after that:
 * ALTER TABLE users ALTER COLUMN email SET NOT NULL;
 * ALTER TABLE users DROP CONSTRAINT users_email_not_null_check;
 * ```
 *
 * From 18 on, NOT NULL constraints can be NOT VALID themselves:
 *
 * ```sql
 * ALTER TABLE users ADD CONSTRAINT users_email_not_null NOT NULL email NOT VALID;
 * -- in the next migration:
 * ALTER TABLE users VALIDATE CONSTRAINT users_email_not_null;
 * ```
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction; on a
 * column that is NOT NULL already; where the history has a validated CHECK that says `column IS NOT
 * NULL`, alone or joined by AND.
 *
 * ## Versions
 *
 * The proof by a CHECK constraint counts from 12 on.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, SET NOT NULL
 */
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/not_null.h"
#include "rules/suggest.h"

/* One column that is to be NOT NULL. */
struct wish {
    const AlterTableStmt *stmt;
    size_t index; /* of the subcommand */
    const char *column;
    const Constraint *constraint; /* of ADD NOT NULL; NULL for SET NOT NULL */
};

/* unvalidated returns a constraint that proves the column, once somebody validates it; or NULL. */
static const struct lk_constraint *
unvalidated(const struct lk_check *check, const struct wish *wish)
{
    const struct lk_relation *table = lk_subject(check, wish->stmt->relation);

    if (table == NULL)
        return NULL;
    lk_vec_foreach(constraint, &table->constraints) {
        if ((*constraint)->validated)
            continue;
        if ((*constraint)->kind == LK_CONSTRAINT_NOT_NULL &&
            strcmp((*constraint)->columns.items[0], wish->column) == 0)
            return *constraint;
        lk_vec_foreach(proven, &(*constraint)->not_null)
            if (strcmp(*proven, wish->column) == 0)
                return *constraint;
    }
    return NULL;
}

/* added_here returns the index of the subcommand that adds the column with a default, or -1. */
static int
added_here(const struct wish *wish)
{
    ListCell *cell, *inner;
    int index = 0;

    foreach(cell, wish->stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_AddColumn &&
            strcmp(castNode(ColumnDef, command->def)->colname, wish->column) == 0)
            foreach(inner, castNode(ColumnDef, command->def)->constraints)
                if (lfirst_node(Constraint, inner)->contype == CONSTR_DEFAULT)
                    return index;
        index++;
    }
    return -1;
}

static struct lk_span
span_of(const struct lk_check *check, const struct wish *wish)
{
    return lk_alter_span(check, wish->stmt, wish->index);
}

/* Columns that are to be NOT NULL for which the server reads the table once. */
struct wishes {
    LK_VEC(struct wish) items;
};

/* Subcommands of ALTER TABLE for several columns. */
struct way {
    struct lk_buf names, add, validate;
    struct lk_buf set, drop; /* empty where the constraints are it */
};

static void
add_step(struct lk_buf *list, const char *command)
{
    if (command == NULL)
        return;
    lk_buf_sep(list, ", ");
    lk_buf_add(list, command);
}

static struct lk_proof
proof_of(const struct lk_check *check, const struct wish *wish)
{
    const char *given = wish->constraint != NULL ? wish->constraint->conname : NULL;

    return lk_proof_of(check, wish->stmt->relation, wish->column, given);
}

static struct way
way_of(const struct lk_check *check, const struct wishes *wishes)
{
    struct way way = {lk_buf_init(check->mem), lk_buf_init(check->mem), lk_buf_init(check->mem),
                      lk_buf_init(check->mem), lk_buf_init(check->mem)};

    lk_vec_foreach(wish, &wishes->items) {
        struct lk_proof proof = proof_of(check, wish);
        add_step(&way.names, lk_quote_ident(check->mem, wish->column));
        add_step(&way.add, proof.add);
        add_step(&way.validate, proof.validate);
        add_step(&way.set, proof.set);
        add_step(&way.drop, proof.drop);
    }
    return way;
}

/* follow_set adds the migration that makes columns NOT NULL: `set`, and perhaps `drop`. */
static void
follow_set(struct lk_check *check, struct lk_finding *finding, const struct wish *wish,
           const char *set, const char *drop)
{
    char *alter = lk_alter_sql(check, wish->stmt);

    lk_fix_follow(check, finding,
                  &(struct lk_follow){
                      .label = lk_fmt(check->mem, "set %s %s not null",
                                      wish->stmt->relation->relname, wish->column),
                      .sql = drop == NULL
                                 ? lk_fmt(check->mem, "%s %s;", alter, set)
                                 : lk_fmt(check->mem, "%s %s;\n%s %s;", alter, set, alter, drop),
                      .locks = true,
                  });
}

/* fix_new goes the way to constraints that are not there yet. */
static void
fix_new(struct lk_check *check, struct lk_finding *finding, const struct wishes *wishes,
        const struct way *way)
{
    const struct wish *first = wishes->items.items;

    lk_vec_foreach(wish, &wishes->items) {
        struct lk_proof proof = proof_of(check, wish);
        if (wish->constraint != NULL) {
            lk_fix_not_valid(check, finding, wish->constraint, proof.plain);
            continue;
        }
        if (!wish->stmt->relation->inh) /* ONLY: a CHECK is for those who inherit as well */
            lk_fix_refuse(check, finding);
        lk_fix_swap(check, finding, span_of(check, wish), proof.add);
        lk_fix_wait(check, finding, proof.plain);
        if (wishes->items.count == 1)
            lk_fix_validate(check, finding, proof.plain);
    }
    if (wishes->items.count > 1 && first->constraint == NULL)
        lk_fix_follow(
            check, finding,
            &(struct lk_follow){
                .label = lk_fmt(check->mem, "validate %s not null", first->stmt->relation->relname),
                .sql = lk_fmt(check->mem, "%s %s;", lk_alter_sql(check, first->stmt),
                              way->validate.data),
            });
    if (way->set.len > 0)
        follow_set(check, finding, first, way->set.data, way->drop.data);
}

/* advise_new advises on the way to constraints that are not there yet. */
static void
advise_new(struct lk_check *check, struct lk_finding *finding, const struct wishes *wishes)
{
    char *table = lk_range_sql(check->mem, wishes->items.items[0].stmt->relation);
    struct way way = way_of(check, wishes);
    const char *wait = lk_bound(check, finding), *set = "";

    if (way.set.len > 0)
        set =
            lk_fmt(check->mem, "\n-- and in the one after that:\n%s",
                   lk_wait_apart(check, lk_fmt(check->mem, "ALTER TABLE %s %s;\nALTER TABLE %s %s;",
                                               table, way.set.data, table, way.drop.data)));
    lk_finding_hint(check, finding,
                    "%sALTER TABLE %s %s;%s\n"
                    "-- in the next migration:\n"
                    "ALTER TABLE %s %s;%s",
                    wait, table, way.add.data, lk_wait_end(check), table, way.validate.data, set);
    lk_fix_bound(check, finding);
    fix_new(check, finding, wishes, &way);
}

/* fix_known has a constraint validated that proves the column; where the migration at hand adds it,
 * in one behind that. */
static void
fix_known(struct lk_check *check, struct lk_finding *finding, const struct wish *wish,
          const struct lk_constraint *known)
{
    const char *validate = lk_fmt(check->mem, "VALIDATE CONSTRAINT %s",
                                  lk_quote_ident(check->mem, known->object.name));
    bool is_check = known->kind != LK_CONSTRAINT_NOT_NULL;
    bool alone = list_length(wish->stmt->cmds) == 1;
    bool here = known->object.birth.migration == check->migration->ordinal;

    lk_fix_wait(check, finding, known->object.name);
    if (alone && !here) {
        lk_fix_swap(check, finding, span_of(check, wish), validate);
    } else if (alone && is_check) {
        lk_fix_validate(check, finding, known->object.name);
        lk_fix_postpone(
            check, finding,
            lk_fmt(check->mem, "set %s %s not null", wish->stmt->relation->relname, wish->column));
        return;
    } else if (alone) {
        lk_fix_swap(check, finding, span_of(check, wish), validate);
        lk_fix_postpone(check, finding, lk_fmt(check->mem, "validate %s", known->object.name));
        return;
    } else {
        lk_fix_cut_command(check, finding, wish->index);
        lk_fix_validate(check, finding, known->object.name);
    }
    if (is_check)
        follow_set(check, finding, wish,
                   lk_fmt(check->mem, "ALTER COLUMN %s SET NOT NULL",
                          lk_quote_ident(check->mem, wish->column)),
                   NULL);
}

static void
advise_known(struct lk_check *check, struct lk_finding *finding, const struct wish *wish,
             const struct lk_constraint *known)
{
    char *table = lk_range_sql(check->mem, wish->stmt->relation);
    char *constraint = lk_quote_ident(check->mem, known->object.name);

    if (known->kind == LK_CONSTRAINT_NOT_NULL)
        lk_finding_hint(check, finding, "ALTER TABLE %s VALIDATE CONSTRAINT %s;", table,
                        constraint);
    else
        lk_finding_hint(
            check, finding,
            "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n"
            "-- in the next migration:\n"
            "%s",
            table, constraint,
            lk_wait_apart(check, lk_fmt(check->mem, "ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;",
                                        table, lk_quote_ident(check->mem, wish->column))));
    fix_known(check, finding, wish, known);
}

/* advise_here advises to say NOT NULL where the statement adds the column with a default. */
static void
advise_here(struct lk_check *check, struct lk_finding *finding, const struct wish *wish,
            size_t index)
{
    struct lk_span span = lk_alter_span(check, wish->stmt, index);
    const AlterTableCmd *added = list_nth_node(AlterTableCmd, wish->stmt->cmds, (int)index);

    lk_finding_hint(check, finding, "ALTER TABLE %s %.*s NOT NULL;",
                    lk_range_sql(check->mem, wish->stmt->relation), (int)(span.end - span.start),
                    check->source->text + span.start);
    if (added->missing_ok || wish->constraint != NULL || index > wish->index)
        lk_fix_refuse(check, finding);
    lk_fix_insert(check, finding, span.end, " NOT NULL");
    lk_fix_cut_command(check, finding, wish->index);
}

static struct lk_finding *
report(struct lk_check *check, const struct wish *first, const char *names, bool several)
{
    return lk_report(check, check->statement->span,
                     "%s NOT NULL on column%s %s reads all of %s under an ACCESS EXCLUSIVE lock: "
                     "reads and writes wait",
                     first->constraint != NULL ? "ADD" : "SET", several ? "s" : "", names,
                     lk_range_sql(check->mem, first->stmt->relation));
}

static void
name_object(struct lk_check *check, struct lk_finding *finding, const struct wish *wish)
{
    lk_finding_object(check, finding,
                      lk_fmt(check->mem, "%s.%s", lk_subject_name(check, wish->stmt->relation),
                             lk_quote_ident(check->mem, wish->column)));
}

/* report_new reports the columns that nothing proves yet. */
static void
report_new(struct lk_check *check, const struct wishes *wishes)
{
    if (wishes->items.count == 0)
        return;
    struct lk_finding *finding = report(check, wishes->items.items,
                                        way_of(check, wishes).names.data, wishes->items.count > 1);
    lk_vec_foreach(wish, &wishes->items)
        name_object(check, finding, wish);
    advise_new(check, finding, wishes);
}

/* check_column reports a column that something may prove; others it adds to `wishes`. */
static void
check_column(struct lk_check *check, const struct wish *wish, struct wishes *wishes)
{
    const struct lk_constraint *known = unvalidated(check, wish);
    int index = added_here(wish);

    if (lk_alter_proves_not_null(wish->stmt, lk_subject(check, wish->stmt->relation), wish->column))
        return;
    if (index < 0 && known == NULL) {
        lk_vec_push(check->mem, &wishes->items, *wish);
        return;
    }
    struct lk_finding *finding =
        report(check, wish, lk_quote_ident(check->mem, wish->column), false);
    name_object(check, finding, wish);
    if (index >= 0)
        advise_here(check, finding, wish, (size_t)index);
    else
        advise_known(check, finding, wish, known);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct wishes wishes = {0}, added = {0};
    size_t index = 0;
    ListCell *cell;

    if (!lk_alters_rows(check, stmt))
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        const Constraint *constraint = (const Constraint *)command->def;
        if (command->subtype == AT_SetNotNull)
            check_column(check, &(struct wish){stmt, index, command->name, NULL}, &wishes);
        else if (command->subtype == AT_AddConstraint && constraint->contype == CONSTR_NOTNULL &&
                 !constraint->skip_validation && constraint->keys != NIL)
            check_column(
                check, &(struct wish){stmt, index, strVal(linitial(constraint->keys)), constraint},
                &added);
        index++;
    }
    report_new(check, &wishes);
    report_new(check, &added);
}

const struct lk_rule lk_rule_adding_not_nullable_field = {
    .name = "adding-not-nullable-field",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "SET NOT NULL reads the whole table while nobody can use it",
    .fix = LK_RULE_FIX_SAFE,
    .aliases = {"atlas:PG303"},
    .on = {{T_AlterTableStmt, check_alter}},
};
