/*
 * # ban-drop-constraint
 *
 * ## What it flags
 *
 * `DROP CONSTRAINT` of a primary key, a unique constraint or a foreign key of a table that is in
 * use.
 *
 * ## Why it hurts
 *
 * From then on rows come in that the constraint kept out, and it cannot be added again before
 * somebody has cleaned them up. With a primary key or unique constraint its index goes, which
 * queries, `ON CONFLICT` and foreign keys rely on. The statement takes an ACCESS EXCLUSIVE lock,
 * which blocks reads and writes, for a foreign key also on the table that it references.
 *
 * ## Do instead
 *
 * Make sure that no client counts on it, and say so:
 *
 * ```sql
 * -- lockkeeper: ignore ban-drop-constraint -- users are no longer unique by name
 * ALTER TABLE users DROP CONSTRAINT users_name_key;
 * ```
 *
 * ## When it stays silent
 *
 * On tables and constraints created in the same migration; where the same columns are still, or in
 * the same migration again, under a constraint of that kind (a UNIQUE INDEX counts for UNIQUE,
 * fewer columns do as well, and more in a foreign key); where the migration drops the table or one
 * of the columns as well, which other rules speak of; and where the history does not tell what kind
 * of constraint it is.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: ALTER TABLE, DROP CONSTRAINT
 */
#include "parser/pgparse.h"
#include "rules/around.h"
#include "rules/suggest.h"

#define MAX_KEYS 32 /* INDEX_MAX_KEYS of pg_config_manual.h */

/* What becomes of a constraint is asked about this. */
struct dropped {
    const struct lk_relation *table;
    const struct lk_constraint *constraint;
};

static bool
has(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return true;
    return false;
}

/*
 * says_so returns whether a constraint of that kind on `count` columns (NULL: an expression) keeps
 * out what this one does: unique in fewer columns is unique in more, and a foreign key with more
 * columns refers to a row all the same.
 */
static bool
says_so(const struct lk_constraint *constraint, const char *const *names, size_t count)
{
    if (constraint->kind == LK_CONSTRAINT_FOREIGN) {
        lk_vec_foreach(column, &constraint->columns)
            if (!has(names, count, *column))
                return false;
        return true;
    }
    for (size_t i = 0; i < count; i++)
        if (names[i] == NULL ||
            !has(constraint->columns.items, constraint->columns.count, names[i]))
            return false;
    return count > 0;
}

/* is_kept returns whether the table has another constraint or index that says the same. */
static bool
is_kept(const struct dropped *it)
{
    lk_vec_foreach(other, &it->table->constraints)
        if (*other != it->constraint && (*other)->kind == it->constraint->kind &&
            (*other)->target == it->constraint->target &&
            says_so(it->constraint, (*other)->columns.items, (*other)->columns.count))
            return true;
    lk_vec_foreach(index, &it->table->indexes)
        if (it->constraint->kind == LK_CONSTRAINT_UNIQUE && *index != it->constraint->index &&
            (*index)->unique && (*index)->valid && !(*index)->has_predicate &&
            says_so(it->constraint, (*index)->keys.items,
                    (*index)->keys.count - (*index)->included))
            return true;
    return false;
}

static bool
is_of_kind(const Constraint *constraint, enum lk_constraint_kind kind)
{
    switch (kind) {
    case LK_CONSTRAINT_PRIMARY:
        return constraint->contype == CONSTR_PRIMARY;
    case LK_CONSTRAINT_UNIQUE:
        return constraint->contype == CONSTR_UNIQUE || constraint->contype == CONSTR_PRIMARY;
    case LK_CONSTRAINT_FOREIGN:
        return constraint->contype == CONSTR_FOREIGN;
    default:
        return false;
    }
}

/* list_says_so is says_so for a list of String or IndexElem nodes. */
static bool
list_says_so(const struct lk_constraint *constraint, const List *names)
{
    const char *columns[MAX_KEYS];
    size_t count = 0;
    ListCell *cell;

    foreach(cell, names) {
        if (count == MAX_KEYS)
            return false;
        columns[count++] = IsA(lfirst(cell), IndexElem) ? ((const IndexElem *)lfirst(cell))->name
                                                        : strVal(lfirst(cell));
    }
    return says_so(constraint, columns, count);
}

/* makes_up returns whether a subcommand makes up for the constraint, or makes it pointless. */
static bool
makes_up(const struct dropped *it, const AlterTableCmd *command)
{
    if (command->subtype == AT_DropColumn) {
        lk_vec_foreach(column, &it->constraint->columns)
            if (strcmp(*column, command->name) == 0)
                return true;
        return false;
    }
    if (command->subtype != AT_AddConstraint)
        return false;
    const Constraint *added = castNode(Constraint, command->def);
    if (!is_of_kind(added, it->constraint->kind))
        return false;
    if (it->constraint->kind == LK_CONSTRAINT_PRIMARY || added->indexname != NULL)
        return true; /* a table has one primary key; what an index of that name holds is not asked
                      */
    return list_says_so(it->constraint,
                        added->contype == CONSTR_FOREIGN ? added->fk_attrs : added->keys);
}

static bool
is_table(const struct lk_check *check, const RangeVar *range, const struct lk_relation *table)
{
    return range != NULL && lk_subject(check, range) == table;
}

/* replaces returns whether a statement makes up for the constraint, or drops its table. */
static bool
replaces(const struct lk_check *check, const Node *tree, const void *data)
{
    const struct dropped *it = data;
    ListCell *cell;

    if (IsA(tree, AlterTableStmt)) {
        if (is_table(check, ((const AlterTableStmt *)tree)->relation, it->table))
            foreach(cell, ((const AlterTableStmt *)tree)->cmds)
                if (makes_up(it, lfirst_node(AlterTableCmd, cell)))
                    return true;
    } else if (IsA(tree, IndexStmt)) {
        const IndexStmt *stmt = (const IndexStmt *)tree;
        return it->constraint->kind == LK_CONSTRAINT_UNIQUE && stmt->unique &&
               stmt->whereClause == NULL && is_table(check, stmt->relation, it->table) &&
               list_says_so(it->constraint, stmt->indexParams);
    } else if (IsA(tree, DropStmt) && ((const DropStmt *)tree)->removeType == OBJECT_TABLE) {
        foreach(cell, ((const DropStmt *)tree)->objects) {
            struct lk_qname name = lk_qname_of_list(lfirst_node(List, cell));
            const struct lk_relation *gone =
                lk_catalog_relation(check->catalog, name.schema, name.name);
            if (gone == it->table || (gone != NULL && gone == it->constraint->target))
                return true;
        }
    }
    return false;
}

static void
report(struct lk_check *check, const AlterTableStmt *stmt, const struct lk_constraint *constraint)
{
    char *table = lk_range_sql(check->mem, stmt->relation);
    char *name = lk_quote_ident(check->mem, constraint->object.name);
    struct lk_finding *finding;

    if (constraint->kind == LK_CONSTRAINT_FOREIGN)
        finding = lk_report(check, check->statement->span,
                            "dropping foreign key %s of %s lets in rows that refer to nothing",
                            name, table);
    else
        finding = lk_report(check, check->statement->span,
                            "dropping %s %s of %s lets in duplicates, and its index goes with it",
                            constraint->kind == LK_CONSTRAINT_PRIMARY ? "primary key"
                                                                      : "unique constraint",
                            name, table);
    lk_finding_object(check, finding, lk_subject_name(check, stmt->relation));
    lk_hint_meant(check, finding, "once no client counts on it");
}

static void
check_alter(struct lk_check *check, const Node *node)
{
    const AlterTableStmt *stmt = (const AlterTableStmt *)node;
    ListCell *cell;

    if (!lk_alter_has(stmt, AT_DropConstraint) || !check->alters_used)
        return;
    const struct lk_relation *table = lk_subject(check, stmt->relation);
    if (table == NULL)
        return;
    foreach(cell, stmt->cmds) {
        const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);
        if (command->subtype != AT_DropConstraint)
            continue;
        struct dropped it = {table, lk_relation_constraint(table, command->name)};
        if (it.constraint == NULL || lk_object_is_new(check->catalog, &it.constraint->object) ||
            (it.constraint->kind != LK_CONSTRAINT_PRIMARY &&
             it.constraint->kind != LK_CONSTRAINT_UNIQUE &&
             it.constraint->kind != LK_CONSTRAINT_FOREIGN))
            continue;
        if (is_kept(&it) || replaces(check, node, &it) || lk_find_later(check, replaces, &it))
            continue;
        report(check, stmt, it.constraint);
    }
}

const struct lk_rule lk_rule_ban_drop_constraint = {
    .name = "ban-drop-constraint",
    .group = LK_GROUP_DESTRUCTIVE,
    .severity = LK_SEVERITY_WARNING,
    .summary = "DROP CONSTRAINT of a primary key, unique constraint or foreign key",
    .aliases = {"atlas:CD101"},
    .on = {{T_AlterTableStmt, check_alter}},
};
