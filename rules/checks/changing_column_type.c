/*
 * # changing-column-type
 *
 * ## What it flags
 *
 * `ALTER COLUMN ... TYPE` that writes the table anew, builds an index anew, or checks a CHECK
 * constraint for every row, on a table that is in use.
 *
 * ## Why it hurts
 *
 * Every row is written to a new file and every index is rebuilt under an ACCESS EXCLUSIVE lock:
 * reads and writes wait for a time that grows with the table, which takes its space on disk a
 * second time. Planner statistics of the column are lost.
 *
 * ## Do instead
 *
 * Add a column of the new type, keep the two in step with a trigger, fill it in batches, and switch
 * over once both hold the same:
 *
 * ```sql
 * ALTER TABLE orders ADD COLUMN total_new bigint;
 * -- a trigger that copies total to total_new on INSERT and UPDATE; then, in batches:
 * UPDATE orders SET total_new = total WHERE id BETWEEN 1 AND 10000;
 * -- in a later migration:
 * ALTER TABLE orders DROP COLUMN total;
 * ALTER TABLE orders RENAME COLUMN total_new TO total;
 * ```
 *
 * Where the rows keep their form, an index is built anew all the same if the column stands in its
 * expression or predicate, if the new type is indexed by another operator class (citext,
 * timestamptz), if the new collation sorts otherwise, or if the table is partitioned: drop it
 * first, and build it again concurrently. A CHECK constraint on the column is dropped first, and
 * added again with NOT VALID.
 *
 * ## When it stays silent
 *
 * On a table created in the same migration, or emptied with TRUNCATE in the same transaction; where
 * the values keep their form on disk: varchar(n) to a wider one or to text, numeric with more
 * digits before the point, timestamp, time and interval with more precision, cidr to inet, citext
 * and text, an unconstrained domain and its base type, timestamp and timestamptz once the session's
 * time zone is set to UTC. On foreign tables. Where the history does not tell the former type, and
 * the new one is text or varchar.
 *
 * ## Versions
 *
 * timestamp to timestamptz under UTC is free from 12 on; the rest is the same in all.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, Notes
 * - PostgreSQL source: ATColumnChangeRequiresRewrite()
 */
#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/pgparse.h"
#include "rules/fix.h"
#include "rules/new_column.h"
#include "rules/set.h"
#include "rules/suggest.h"

static bool
is_time_zone_swap(const struct lk_type *from, const struct lk_type *to)
{
    return (lk_type_is(from, "timestamp") && lk_type_is(to, "timestamptz")) ||
           (lk_type_is(from, "timestamptz") && lk_type_is(to, "timestamp"));
}

/* new_name returns a name that no column of the table has. */
static char *
new_name(const struct lk_check *check, const AlterTableStmt *stmt, const char *column)
{
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    char *name = lk_new_array(check->mem, char, LK_NAME_SIZE);
    unsigned pass = 0;

    while (lk_relation_column(table, lk_object_name(name, column, NULL, "new", pass++)) != NULL)
        continue;
    return name;
}

/* What a command is about. */
struct retyping {
    const AlterTableStmt *stmt;
    const AlterTableCmd *command;
    const char *column;  /* quoted */
    const char *from;    /* " from integer", or nothing */
    struct lk_type type; /* the new one */
    const char *to;      /* the same as text, with COLLATE if that is said */
    bool zone_swap;      /* between timestamp and timestamptz */
};

/* Commands of one statement for which the server writes the table anew, once. */
struct rewritten {
    LK_VEC(struct retyping) items;
};

/* What several columns come to, one behind the other. */
struct swap {
    struct lk_buf add;    /* ADD COLUMN ... */
    struct lk_buf names;  /* of the new columns */
    struct lk_buf freed;  /* see lk_freed_text */
    struct lk_buf drop;   /* DROP COLUMN ... */
    struct lk_buf rename; /* statements */
    bool constrained;
};

static void
add_swap(const struct lk_check *check, struct swap *swap, const struct retyping *it)
{
    const char *table = lk_range_sql(check->mem, it->stmt->relation);
    const char *new_column =
        lk_quote_ident(check->mem, new_name(check, it->stmt, it->command->name));
    bool constrained = lk_type_is_constrained(check->catalog, &it->type);

    lk_buf_sep(&swap->add, ", ");
    lk_buf_addf(&swap->add, "ADD COLUMN %s%s %s",
                lk_can_stop_half_way(check) ? "IF NOT EXISTS " : "", new_column,
                constrained ? lk_type_sql(check->mem, lk_base_type(check, &it->type)) : it->to);
    lk_buf_sep(&swap->names, ", ");
    lk_buf_add(&swap->names, new_column);
    lk_buf_add(&swap->freed,
               lk_freed_text(check, lk_subject(check, it->stmt->relation), it->command->name));
    lk_buf_sep(&swap->drop, ", ");
    lk_buf_addf(&swap->drop, "DROP COLUMN %s", it->column);
    lk_buf_addf(&swap->rename,
                "-- lockkeeper: ignore renaming-column -- only the trigger names it\n"
                "ALTER TABLE %s RENAME COLUMN %s TO %s;\n",
                table, new_column, it->column);
    swap->constrained |= constrained;
}

static void
advise_all(struct lk_check *check, struct lk_finding *finding, const struct rewritten *all)
{
    struct swap swap = {lk_buf_init(check->mem), lk_buf_init(check->mem), lk_buf_init(check->mem),
                        lk_buf_init(check->mem), lk_buf_init(check->mem), false};
    const char *table = lk_range_sql(check->mem, all->items.items[0].stmt->relation);
    bool several = all->items.count > 1;

    lk_vec_foreach(it, &all->items)
        add_swap(check, &swap, it);
    const char *later = lk_fmt(check->mem,
                               "-- lockkeeper: ignore ban-drop-column -- %s %s all of %s\n"
                               "ALTER TABLE %s %s;\n%s",
                               swap.names.data, several ? "have" : "has", several ? "them" : "it",
                               table, swap.drop.data, lk_trimmed(swap.rename.data));
    lk_finding_hint(
        check, finding,
        "ALTER TABLE %s %s;\n"
        "%s-- keep %s in step with a trigger and fill %s in batches; in a later migration:\n"
        "%s%s",
        table, swap.add.data,
        swap.constrained
            ? "-- then the domain's conditions as a CHECK ... NOT VALID on the column, "
              "and in the next migration VALIDATE CONSTRAINT\n"
            : "",
        several ? "old and new" : "both", swap.names.data, swap.freed.data,
        lk_wait_apart(check, later));
}

static void
advise(struct lk_check *check, struct lk_finding *finding, const struct retyping *it)
{
    struct rewritten one = {0};

    lk_vec_push(check->mem, &one.items, *it);
    advise_all(check, finding, &one);
}

static struct lk_finding *
report(struct lk_check *check, const struct retyping *it, const char *does)
{
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "changing the type of %s%s to %s %s under an ACCESS EXCLUSIVE lock: reads and writes wait",
        it->column, it->from, it->to, does);

    lk_finding_object(
        check, finding,
        lk_fmt(check->mem, "%s.%s", lk_subject_name(check, it->stmt->relation), it->column));
    return finding;
}

/* in_utc returns a statement with what has it run in a session at UTC. */
static const char *
in_utc(const struct lk_check *check, const char *statement)
{
    bool local = lk_session_in_transaction(check->session);

    return lk_fmt(check->mem, "SET %stimezone = 'UTC';\n%s;%s", local ? "LOCAL " : "", statement,
                  local ? "" : "\nRESET timezone;");
}

/* report_index reports a change that rewrites nothing but builds an index anew. */
static void
report_index(struct lk_check *check, const struct retyping *it, const struct lk_relation *index)
{
    char *table = lk_range_sql(check->mem, it->stmt->relation);
    char *name = lk_relation_sql(check->mem, index);
    struct lk_finding *finding =
        report(check, it,
               lk_fmt(check->mem, "builds index %s of %s anew",
                      lk_quote_ident(check->mem, index->object.name), table));

    if (lk_subject_is_partitioned(check, it->stmt->relation) ||
        lk_relation_constraint(index->table, index->object.name) != NULL) {
        advise(check, finding, it);
        return;
    }
    const char *alter =
        lk_fmt(check->mem, "ALTER TABLE %s ALTER COLUMN %s TYPE %s", table, it->column, it->to);
    lk_finding_hint(check, finding,
                    "%sDROP INDEX CONCURRENTLY %s;\n"
                    "-- in the next migration:\n"
                    "%s\n"
                    "-- and in the one after that build the index again, with CREATE INDEX "
                    "CONCURRENTLY",
                    lk_outside_index(check), name,
                    lk_wait_apart(check, it->zone_swap ? in_utc(check, alter)
                                                       : lk_fmt(check->mem, "%s;", alter)));
}

/* report_check reports a change that rewrites nothing but checks a constraint for every row. */
static void
report_check(struct lk_check *check, const struct retyping *it,
             const struct lk_constraint *constraint)
{
    char *table = lk_range_sql(check->mem, it->stmt->relation);
    char *name = lk_quote_ident(check->mem, constraint->object.name);
    struct lk_finding *finding = report(
        check, it, lk_fmt(check->mem, "checks constraint %s for every row of %s", name, table));

    lk_finding_hint(
        check, finding,
        "ALTER TABLE %s DROP CONSTRAINT %s;\n"
        "ALTER TABLE %s ALTER COLUMN %s TYPE %s;\n"
        "-- add the constraint again, with NOT VALID at its end, and validate it in the "
        "next migration",
        table, name, table, it->column, it->to);
}

/* sets_zone returns whether the file says by itself which time zone it is in. */
static bool
sets_zone(const struct lk_check *check)
{
    lk_vec_foreach(statement, &check->script->statements) {
        struct lk_set set = {.kind = LK_SET_NONE};
        if (statement->tree != NULL)
            set = lk_set_of(statement->tree);
        if (set.kind == LK_SET_RESET_ALL ||
            (set.kind != LK_SET_NONE && strcmp(set.name, "timezone") == 0))
            return true;
    }
    return false;
}

/* is_cast_in_utc returns whether USING is the column itself AT TIME ZONE 'UTC': what a session at
 * UTC makes of it without USING. */
static bool
is_cast_in_utc(const AlterTableCmd *command)
{
    const Node *using = castNode(ColumnDef, command->def)->raw_default;

    if (using == NULL || !IsA(using, FuncCall))
        return false;
    const FuncCall *call = (const FuncCall *)using;
    if (call->funcformat != COERCE_SQL_SYNTAX || list_length(call->args) != 2 ||
        strcmp(strVal(llast(call->funcname)), "timezone") != 0 ||
        !IsA(linitial(call->args), A_Const) || !IsA(lsecond(call->args), ColumnRef))
        return false;
    const A_Const *zone = linitial(call->args);
    const Node *column = llast(lsecond_node(ColumnRef, call->args)->fields);
    return !zone->isnull && IsA(&zone->val, String) && strcasecmp(strVal(&zone->val), "utc") == 0 &&
           IsA(column, String) && strcmp(strVal(column), command->name) == 0;
}

/* report_using_zone reports a change that would rewrite nothing without its USING. */
static void
report_using_zone(struct lk_check *check, const struct retyping *it)
{
    char *table = lk_range_sql(check->mem, it->stmt->relation);
    struct lk_finding *finding = report(check, it, lk_fmt(check->mem, "rewrites all of %s", table));

    lk_finding_detail(
        check, finding,
        "Without USING, and with the session's time zone at UTC, the same comes of it "
        "and nothing is rewritten.");
    lk_finding_hint(check, finding, "%s",
                    in_utc(check, lk_fmt(check->mem, "ALTER TABLE %s ALTER COLUMN %s TYPE %s",
                                         table, it->column, it->to)));
}

/* report_zone reports a change that rewrites nothing once the session is in UTC; `works`: but does
 * other work even then. */
static void
report_zone(struct lk_check *check, const struct retyping *it, bool works)
{
    struct lk_finding *finding = report(
        check, it,
        lk_fmt(check->mem, "rewrites all of %s", lk_range_sql(check->mem, it->stmt->relation)));

    lk_finding_detail(check, finding,
                      "With the session's time zone at UTC, and if that is what the values mean, "
                      "they stay as they are and nothing is rewritten.");
    lk_finding_hint(check, finding, "%s", in_utc(check, lk_statement_text(check)));
    lk_fix_unsafe(check, finding); /* where the values are of another zone, they change */
    if (works || sets_zone(check))
        lk_fix_refuse(check, finding);
    lk_fix_before(check, finding, "SET timezone = 'UTC';");
    lk_fix_after(check, finding, "RESET timezone;");
}

/* report_rewrites reports all commands for which the table is written anew: that is done once. */
static void
report_rewrites(struct lk_check *check, const struct rewritten *all)
{
    const struct retyping *first = all->items.items;
    struct lk_buf changes = lk_buf_init(check->mem);

    if (all->items.count == 0)
        return;
    lk_vec_foreach(it, &all->items) {
        lk_buf_sep(&changes, ", ");
        lk_buf_addf(&changes, "%s%s to %s", it->column, it->from, it->to);
    }
    struct lk_finding *finding = lk_report(
        check, check->statement->span,
        "changing the type%s of %s rewrites all of %s under an ACCESS EXCLUSIVE lock: reads and "
        "writes wait",
        all->items.count > 1 ? "s" : "", changes.data,
        lk_range_sql(check->mem, first->stmt->relation));
    lk_vec_foreach(it, &all->items)
        lk_finding_object(
            check, finding,
            lk_fmt(check->mem, "%s.%s", lk_subject_name(check, it->stmt->relation), it->column));
    advise_all(check, finding, all);
}

/* report_unknown reports a change of which the history does not tell whether it rewrites. */
static void
report_unknown(struct lk_check *check, const struct retyping *it)
{
    struct lk_finding *finding = report(
        check, it,
        lk_fmt(check->mem, "may rewrite all of %s", lk_range_sql(check->mem, it->stmt->relation)));

    lk_finding_detail(check, finding, "The history does not tell the column's present type.");
    advise(check, finding, it);
}

/*
 * is_often_free returns whether a change to a type is free more often than not, the former type not
 * being known: a limit of a text is made longer, or taken away.
 */
static bool
is_often_free(const struct lk_type *to)
{
    return lk_type_is(to, "varchar") || lk_type_is(to, "text");
}

/* type_text returns the new type as a definition says it. */
static const char *
type_text(const struct lk_check *check, const AlterTableCmd *command, const struct lk_type *to)
{
    const CollateClause *clause = castNode(ColumnDef, command->def)->collClause;
    char *type = lk_type_sql(check->mem, to);

    if (clause == NULL)
        return type;
    return lk_fmt(check->mem, "%s COLLATE %s", type,
                  lk_qname_sql(check->mem, lk_qname_of_list(clause->collname)));
}

/* check_command reports a change of type; one that rewrites the table it adds to `rewritten`. */
static void
check_command(struct lk_check *check, const AlterTableStmt *stmt, const AlterTableCmd *command,
              struct rewritten *rewritten)
{
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    const struct lk_column *column = lk_relation_column(table, command->name);
    const struct lk_type *from = column != NULL && column->type_known ? &column->type : NULL;
    struct lk_type to;

    if (!lk_type_of(check->mem, castNode(ColumnDef, command->def)->typeName, &to))
        return;
    struct retyping it = {
        .stmt = stmt,
        .command = command,
        .column = lk_quote_ident(check->mem, command->name),
        .from = from != NULL ? lk_fmt(check->mem, " from %s", lk_type_sql(check->mem, from)) : "",
        .type = to,
        .to = type_text(check, command, &to),
        .zone_swap = from != NULL && is_time_zone_swap(from, &to),
    };
    bool kept = lk_alter_keeps_value(command, &to);
    enum lk_type_change change =
        kept ? lk_type_change_of(check->catalog, from, &to, lk_session_is_utc(check->session))
             : LK_TYPE_CHANGE_REWRITE;
    if (change == LK_TYPE_CHANGE_FREE) {
        struct lk_type_work work =
            lk_type_work_of(check->mem, check->catalog, table, column, &to, stmt, command);
        if (work.indexes.count > 0)
            report_index(check, &it, work.indexes.items[0]);
        else if (work.resorted.count > 0)
            report_index(check, &it, work.resorted.items[0]);
        else if (work.check != NULL)
            report_check(check, &it, work.check);
    } else if (kept && it.zone_swap &&
               lk_type_change_of(check->catalog, from, &to, true) == LK_TYPE_CHANGE_FREE) {
        struct lk_type_work work =
            lk_type_work_of(check->mem, check->catalog, table, column, &to, stmt, command);
        report_zone(check, &it, work.indexes.count + work.resorted.count > 0 || work.check != NULL);
    } else if (it.zone_swap && is_cast_in_utc(command) &&
               lk_type_change_of(check->catalog, from, &to, true) == LK_TYPE_CHANGE_FREE) {
        report_using_zone(check, &it);
    } else if (change == LK_TYPE_CHANGE_REWRITE) {
        lk_vec_push(check->mem, &rewritten->items, it);
    } else if (!is_often_free(&to)) {
        report_unknown(check, &it);
    }
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    struct rewritten rewritten = {0};
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_AlterColumnType) || !lk_alters_rows(check, stmt))
        return;
    foreach(cell, stmt->cmds)
        if (lfirst_node(AlterTableCmd, cell)->subtype == AT_AlterColumnType)
            check_command(check, stmt, lfirst(cell), &rewritten);
    report_rewrites(check, &rewritten);
}

const struct lk_rule lk_rule_changing_column_type = {
    .name = "changing-column-type",
    .group = LK_GROUP_LOCK,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a new column type rewrites the table while nobody can use it",
    .fix = LK_RULE_FIX_UNSAFE,
    .aliases = {"atlas:PG301"},
    .on = {{T_AlterTableStmt, check_alter}},
};
