/*
 * # narrowing-column-type
 *
 * ## What it flags
 *
 * `ALTER COLUMN ... TYPE` to a type that cannot hold every value of the old one: fewer digits or
 * characters, a smaller integer, text to something that is not text, a timestamp to a date, an enum
 * to one that lacks some of its values.
 *
 * ## Why it hurts
 *
 * It depends on the rows. Where one does not fit, the migration fails, after the server has read
 * the table up to there under an ACCESS EXCLUSIVE lock that blocks reads and writes; a test with
 * few rows does not show it. Where values are rounded or cut, nothing fails, and what was cut is
 * gone: numbers lose digits behind the point, `USING name::varchar(20)` cuts silently, a date has
 * no time.
 *
 * ## Do instead
 *
 * Have a CHECK constraint find out first whether all rows fit, which blocks nobody:
 *
 * ```sql
 * ALTER TABLE users ADD CONSTRAINT users_name_fits CHECK (char_length(name) <= 20) NOT VALID;
 * -- in the next migration:
 * ALTER TABLE users VALIDATE CONSTRAINT users_name_fits;
 * -- and in the one after that:
 * ALTER TABLE users ALTER COLUMN name TYPE varchar(20);
 * ALTER TABLE users DROP CONSTRAINT users_name_fits;
 * ```
 *
 * ## When it stays silent
 *
 * On tables and columns created in the same migration and on temporary tables; where the column's
 * present type is not known; where USING says how values are converted, other than by a plain cast;
 * of an enum's values, where the migration has rows updated or deleted before; and where a
 * validated CHECK constraint on this column alone keeps its values in the new bounds, or may, where
 * it is more than comparisons: that is how it is made sure of. What the change costs is what
 * changing-column-type speaks of.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, SET DATA TYPE; Numeric Types; Character Types
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/schema/predicate.h"
#include "rules/suggest.h"

/* How a value that is too much for the new type ends. */
struct loss {
    const char *message; /* what happens: "fails on ...", "cuts ..."; NULL: nothing is lost */
    const char *test;    /* what of the value has to be so, in front of `limit`; or NULL */
    const char *limit;
};

/* Types that hold whole numbers, or numbers that are not exact, by their rank. */
static const struct {
    const char *name;
    int rank;
    int digits; /* before the point */
    const char *range;
    int64_t least, most;
} numbers[] = {
    {"int2", 1, 5, "BETWEEN -32768 AND 32767", INT16_MIN, INT16_MAX},
    {"int4", 2, 10, "BETWEEN -2147483648 AND 2147483647", INT32_MIN, INT32_MAX},
    {"int8", 3, 19, "BETWEEN -9223372036854775808 AND 9223372036854775807", INT64_MIN, INT64_MAX},
    {"numeric", 4, 0, NULL, 0, 0},
    {"float4", 5, 0, NULL, 0, 0},
    {"float8", 6, 0, NULL, 0, 0},
};

/* number_of returns the index in `numbers`, -1 for other types. */
static int
number_of(const struct lk_type *type)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(numbers); i++)
        if (strcmp(type->name, numbers[i].name) == 0)
            return (int)i;
    return -1;
}

static bool
is_text(const struct lk_type *type)
{
    return strcmp(type->name, "text") == 0 || strcmp(type->name, "varchar") == 0 ||
           strcmp(type->name, "bpchar") == 0;
}

/* width_of returns how many characters or bits fit; INT32_MAX: no limit. */
static int32_t
width_of(const struct lk_type *type)
{
    return type->mod_count > 0 ? type->mods[0] : INT32_MAX;
}

static struct loss
numeric_loss(const struct lk_check *check, const struct lk_type *from, const struct lk_type *to)
{
    int32_t scale = to->mod_count > 1 ? to->mods[1] : 0, whole = width_of(to) - scale;
    int had_number = number_of(from);

    if (to->mod_count == 0)
        return (struct loss){0};
    const char *limit = whole <= 0 ? NULL : lk_fmt(check->mem, "< 1e%d", whole);
    if (numbers[had_number].digits > 0)
        return numbers[had_number].digits <= whole
                   ? (struct loss){0}
                   : (struct loss){"fails on numbers that are too large", "abs", limit};
    if (strcmp(from->name, "numeric") == 0 && from->mod_count > 0) {
        int32_t had_scale = from->mod_count > 1 ? from->mods[1] : 0;
        if (from->mods[0] - had_scale <= whole)
            return (struct loss){
                had_scale <= scale ? NULL : "rounds numbers with more digits behind the point",
                NULL, NULL};
    }
    return (struct loss){"fails on numbers that are too large, and rounds others", "abs", limit};
}

static struct loss
number_loss(const struct lk_check *check, const struct lk_type *from, const struct lk_type *to)
{
    int old = number_of(from), new = number_of(to);

    if (strcmp(to->name, "numeric") == 0)
        return numeric_loss(check, from, to);
    if (numbers[new].rank >= numbers[old].rank)
        return (struct loss){strcmp(from->name, "numeric") == 0 ? "rounds numbers with many digits"
                                                                : NULL,
                             NULL, NULL};
    if (numbers[old].digits > 0)
        return (struct loss){"fails on numbers that are too large", "", numbers[new].range};
    if (numbers[new].digits > 0)
        return (struct loss){"fails on numbers that are too large, and rounds others", "",
                             numbers[new].range};
    return (struct loss){"rounds numbers with many digits", NULL, NULL};
}

static struct loss
text_loss(const struct lk_check *check, const struct lk_type *from, const struct lk_type *to,
          bool cast)
{
    if (!is_text(to))
        return (struct loss){
            lk_fmt(check->mem, "fails on texts that are no %s", lk_type_sql(check->mem, to)), NULL,
            NULL};
    if (width_of(to) >= width_of(from))
        return (struct loss){0};
    return (struct loss){cast ? "cuts longer texts" : "fails on longer texts", "char_length",
                         lk_fmt(check->mem, "<= %d", width_of(to))};
}

/* time_loss is about types of time: what one has that the other has not. */
static struct loss
time_loss(const struct lk_type *from, const struct lk_type *to)
{
    bool stamp = strcmp(from->name, "timestamp") == 0 || strcmp(from->name, "timestamptz") == 0;
    int32_t had = from->mod_count > 0 ? from->mods[0] : 6;

    if (stamp && strcmp(to->name, "date") == 0)
        return (struct loss){"loses the time of day", NULL, NULL};
    if (stamp && (strcmp(to->name, "time") == 0 || strcmp(to->name, "timetz") == 0))
        return (struct loss){"loses the date", NULL, NULL};
    bool same = strcmp(from->name, to->name) == 0 || strncmp(from->name, to->name, 9) == 0;
    if (same && (stamp || strcmp(from->name, "time") == 0 || strcmp(from->name, "timetz") == 0) &&
        to->mod_count > 0 && to->mods[0] < had)
        return (struct loss){"rounds fractions of seconds", NULL, NULL};
    return (struct loss){0};
}

/* labels_of returns the enum that a type is, if all of it is known, or NULL. */
static const struct lk_defined_type *
labels_of(const struct lk_check *check, const struct lk_type *type)
{
    const struct lk_defined_type *found = lk_catalog_type(check->catalog, type->schema, type->name);

    return !type->array && found != NULL && found->kind == 'e' && !found->object.assumed &&
                   !found->object.doubtful
               ? found
               : NULL;
}

static bool
has_label(const struct lk_defined_type *type, const char *wanted)
{
    lk_vec_foreach(label, &type->labels)
        if (strcmp(*label, wanted) == 0)
            return true;
    return false;
}

/* enum_loss is about the labels that another enum lacks. */
static struct loss
enum_loss(const struct lk_check *check, const struct lk_type *from, const struct lk_type *to)
{
    const struct lk_defined_type *old = labels_of(check, from), *new = labels_of(check, to);
    struct lk_buf lost = lk_buf_init(check->mem);

    if (old == NULL || new == NULL)
        return (struct loss){0};
    lk_vec_foreach(label, &old->labels)
        if (!has_label(new, *label)) {
            lk_buf_sep(&lost, ", ");
            lk_buf_add(&lost, lk_quote_literal(check->mem, *label));
        }
    if (lost.len == 0)
        return (struct loss){0};
    return (struct loss){lk_fmt(check->mem, "fails on rows with %s", lost.data), "",
                         lk_fmt(check->mem, "NOT IN (%s)", lost.data)};
}

static struct loss
loss_of(const struct lk_check *check, const struct lk_type *from, const struct lk_type *to,
        bool cast)
{
    struct loss loss = {0};

    if (from->array != to->array || !lk_type_is_builtin(from))
        return loss;
    if (is_text(from) && (is_text(to) || cast))
        loss = text_loss(check, from, to, cast);
    else if (lk_type_is_builtin(to) && number_of(from) >= 0 && number_of(to) >= 0)
        loss = number_loss(check, from, to);
    else if (lk_type_is_builtin(to) && strcmp(from->name, "varbit") == 0 &&
             strcmp(to->name, "varbit") == 0 && width_of(to) < width_of(from))
        loss =
            (struct loss){cast ? "cuts longer strings of bits" : "fails on longer strings of bits",
                          "bit_length", lk_fmt(check->mem, "<= %d", width_of(to))};
    else if (lk_type_is_builtin(to))
        loss = time_loss(from, to);
    if (from->array)
        loss.test = NULL;
    return loss;
}

/* mentions returns whether a condition of that kind is part of a predicate. */
static bool
mentions(const struct lk_predicate *predicate, enum lk_predicate_kind kind)
{
    if (predicate->kind == kind)
        return true;
    lk_vec_foreach(part, &predicate->args)
        if (mentions(*part, kind))
            return true;
    return false;
}

static bool
is_dated(const char *column, const void *data)
{
    (void)column;
    (void)data;
    return false;
}

/*
 * guards returns whether a CHECK may be there to keep the values in the bounds of a type: of one
 * that is not understood that is taken for granted.
 */
static bool
guards(TALLOC_CTX *mem, const struct lk_constraint *constraint, const struct lk_type *to,
       bool labels)
{
    const struct lk_predicate *says = lk_predicate_of_check(mem, constraint);
    const char *column = constraint->columns.items[0];
    int number = lk_type_is_builtin(to) && !to->array ? number_of(to) : -1;

    if (mentions(says, LK_PREDICATE_OTHER) || (labels && mentions(says, LK_PREDICATE_NOT_EQUAL)))
        return true;
    if (number < 0 || numbers[number].range == NULL)
        return mentions(says, LK_PREDICATE_EQUAL);
    struct lk_predicate least = {
        .kind = LK_PREDICATE_GREATER_EQUAL, .column = column, .number = numbers[number].least};
    struct lk_predicate most = {
        .kind = LK_PREDICATE_LESS_EQUAL, .column = column, .number = numbers[number].most};
    return lk_predicate_implies(&says, 1, &least, is_dated, NULL) &&
           lk_predicate_implies(&says, 1, &most, is_dated, NULL);
}

/* is_guarded returns whether a validated CHECK sees to it that a column's values fit a type. */
static bool
is_guarded(TALLOC_CTX *mem, const struct lk_relation *table, const char *column,
           const struct lk_type *to, bool labels)
{
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK && (*constraint)->validated &&
            (*constraint)->not_null.count == 0 && (*constraint)->columns.count == 1 &&
            strcmp((*constraint)->columns.items[0], column) == 0 &&
            guards(mem, *constraint, to, labels))
            return true;
    return false;
}

static void
report(struct lk_check *check, const AlterTableStmt *stmt, const AlterTableCmd *command,
       const struct lk_type *from, const struct lk_type *to, const struct loss *loss, bool labels)
{
    char *table = lk_range_sql(check->mem, stmt->relation);
    char *column = lk_quote_ident(check->mem, command->name);
    struct lk_finding *finding = lk_report(
        check, check->statement->span, "changing the type of %s from %s to %s %s in %s", column,
        lk_type_sql(check->mem, from), lk_type_sql(check->mem, to), loss->message, table);

    lk_finding_object(check, finding,
                      lk_fmt(check->mem, "%s.%s", lk_subject_name(check, stmt->relation), column));
    if (loss->test == NULL || loss->limit == NULL) {
        lk_finding_hint(check, finding,
                        "Add a column of the new type, fill it in batches, and drop the old one "
                        "once nobody misses what it holds.");
        return;
    }
    char *name = lk_quote_ident(
        check->mem, lk_made_name(check, lk_qname_of_range(stmt->relation), command->name, "fits"));
    char *value = labels                  ? lk_fmt(check->mem, "%s::text", column)
                  : loss->test[0] == '\0' ? column
                                          : lk_fmt(check->mem, "%s(%s)", loss->test, column);
    lk_finding_hint(
        check, finding,
        "ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s %s) NOT VALID;\n"
        "-- in the next migration:\n"
        "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n"
        "-- and in the one after that:\n"
        "%s",
        table, name, value, loss->limit, table, name,
        lk_wait_apart(check, lk_fmt(check->mem, "%s;\nALTER TABLE %s DROP CONSTRAINT %s;",
                                    lk_statement_text(check), table, name)));
}

/* goes_by_text returns whether USING casts a column to a type by way of text, as from one enum to
 * another. */
static bool
goes_by_text(TALLOC_CTX *mem, const AlterTableCmd *command, const struct lk_type *to)
{
    const TypeCast *outer = (const TypeCast *)castNode(ColumnDef, command->def)->raw_default;
    struct lk_type type;

    if (outer == NULL || !IsA(outer, TypeCast) || !lk_type_of(mem, outer->typeName, &type) ||
        !lk_type_equal(&type, to))
        return false;
    const TypeCast *inner = (const TypeCast *)outer->arg;
    if (!IsA(inner, TypeCast) || !lk_type_of(mem, inner->typeName, &type) || !is_text(&type) ||
        !IsA(inner->arg, ColumnRef))
        return false;
    const Node *last = llast(((const ColumnRef *)inner->arg)->fields);
    return IsA(last, String) && strcmp(strVal(last), command->name) == 0;
}

/* A column whose rows may have been seen to. */
struct seen_to {
    const struct lk_relation *table;
    const char *column;
};

static bool
sees_to(const struct lk_check *check, const Node *tree, const void *data)
{
    const struct seen_to *seen = data;
    const UpdateStmt *update = (const UpdateStmt *)tree;
    ListCell *cell;

    if (IsA(tree, DeleteStmt))
        return lk_subject(check, ((const DeleteStmt *)tree)->relation) == seen->table;
    if (!IsA(tree, UpdateStmt) || lk_subject(check, update->relation) != seen->table)
        return false;
    foreach(cell, update->targetList)
        if (strcmp(lfirst_node(ResTarget, cell)->name, seen->column) == 0)
            return true;
    return false;
}

static void
check_column(struct lk_check *check, const AlterTableStmt *stmt, const AlterTableCmd *command,
             const struct lk_relation *table)
{
    const struct lk_column *column = lk_relation_column(table, command->name);
    const struct seen_to seen = {table, command->name};
    struct loss loss = {0};
    bool labels = false; /* are lost, which a CHECK compares as texts */
    struct lk_type to;

    if (column == NULL || !column->type_known ||
        lk_object_is_new(check->catalog, &column->object) ||
        !lk_type_of(check->mem, castNode(ColumnDef, command->def)->typeName, &to))
        return;
    bool cast = castNode(ColumnDef, command->def)->raw_default != NULL;
    if (lk_alter_keeps_value(command, &to))
        loss = loss_of(check, &column->type, &to, cast);
    else if ((labels = goes_by_text(check->mem, command, &to)) &&
             !lk_find_earlier(check, sees_to, &seen))
        loss = enum_loss(check, &column->type, &to);
    if (loss.message != NULL && !is_guarded(check->mem, table, command->name, &to, labels))
        report(check, stmt, command, &column->type, &to, &loss, labels);
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_AlterColumnType) || !lk_alters_rows(check, stmt))
        return;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    if (table == NULL)
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype == AT_AlterColumnType)
            check_column(check, stmt, command, table);
    }
}

const struct lk_rule lk_rule_narrowing_column_type = {
    .name = "narrowing-column-type",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a type that cannot hold every value of the old one",
    .on = {{T_AlterTableStmt, check_alter}},
};
