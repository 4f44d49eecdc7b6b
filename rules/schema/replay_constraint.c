/*
 * rules/schema/replay_constraint.c
 *     Constraints, and the indexes behind them: see replay_relation.h.
 */
#include "parser/base/buf.h"
#include "parser/tree.h"
#include "parser/tree_names.h"
#include "rules/schema/builtin.h"
#include "rules/schema/index_name.h"
#include "rules/schema/replay_relation.h"

/* What an expression is when a column is NULL, as far as that can be told. */
enum truth { UNKNOWN, TRUE_THEN, FALSE_THEN };

static enum truth truth_of(const Node *expression, const char *column, int depth);

/* all_or_any returns the truth of AND (`any` FALSE_THEN) and OR (`any` TRUE_THEN). */
static enum truth
all_or_any(const List *args, const char *column, enum truth any, int depth)
{
    bool all = true;
    ListCell *cell;

    foreach(cell, args) {
        enum truth truth = truth_of(lfirst(cell), column, depth);
        if (truth == any)
            return any;
        all &= truth != UNKNOWN;
    }
    return !all ? UNKNOWN : any == TRUE_THEN ? FALSE_THEN : TRUE_THEN;
}

/* is_equal_true returns whether an expression is `... = true`, which is simplified away. */
static bool
is_equal_true(const Node *expression)
{
    const A_Expr *expr = (const A_Expr *)expression;
    const A_Const *constant;

    if (!IsA(expression, A_Expr) || expr->kind != AEXPR_OP || expr->lexpr == NULL ||
        !IsA(expr->rexpr, A_Const) || strcmp(strVal(llast(expr->name)), "=") != 0)
        return false;
    constant = (const A_Const *)expr->rexpr;
    return !constant->isnull && IsA(&constant->val, Boolean) && boolVal(&constant->val);
}

static enum truth
opposite(enum truth truth)
{
    if (truth == UNKNOWN)
        return UNKNOWN;
    return truth == TRUE_THEN ? FALSE_THEN : TRUE_THEN;
}

static enum truth
truth_of(const Node *expression, const char *column, int depth)
{
    if (depth > 64)
        return UNKNOWN;
    if (IsA(expression, BoolExpr)) {
        const BoolExpr *it = (const BoolExpr *)expression;
        if (it->boolop == NOT_EXPR)
            return opposite(truth_of(linitial(it->args), column, depth + 1));
        return all_or_any(it->args, column, it->boolop == AND_EXPR ? FALSE_THEN : TRUE_THEN,
                          depth + 1);
    }
    if (is_equal_true(expression))
        return truth_of(((const A_Expr *)expression)->lexpr, column, depth + 1);
    const NullTest *test = (const NullTest *)expression;
    if (!IsA(expression, NullTest) || !IsA(test->arg, ColumnRef))
        return UNKNOWN;
    const Node *last = llast(((const ColumnRef *)test->arg)->fields);
    if (!IsA(last, String) || strcmp(strVal(last), column) != 0)
        return UNKNOWN;
    return test->nulltesttype == IS_NULL ? TRUE_THEN : FALSE_THEN;
}

void
lk_replay_not_null(struct lk_catalog *catalog, Node *expression, struct lk_constraint *ret)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_tree_names names = {0};

    if (expression == NULL)
        return;
    lk_tree_columns(scratch, expression, &names);
    lk_vec_foreach(name, &names.items)
        if (truth_of(expression, *name, 0) == FALSE_THEN)
            lk_vec_push(ret, &ret->not_null, lk_intern(catalog, *name));
}

const char *
lk_constraint_unused(struct lk_catalog *catalog, const struct lk_relation *table,
                     const char *columns, const char *label)
{
    char name[LK_NAME_SIZE];
    const char *second = columns[0] != '\0' ? columns : NULL;
    unsigned pass = 0;

    do
        lk_object_name(name, table->object.name, second, label, pass++);
    while (lk_constraint_named(catalog, table->schema, name) ||
           lk_relation_constraint(table, name) != NULL);
    return lk_catalog_keep(catalog, name);
}

/* key_names returns the names of the columns of a key, as those of an index are made. */
static const char *
key_names(TALLOC_CTX *mem, const Constraint *definition, const struct lk_constraint *constraint)
{
    List *elements = NIL;
    ListCell *cell;
    size_t count = 0;

    foreach(cell, definition->exclusions)
        elements = lappend(elements, linitial(lfirst_node(List, cell)));
    const char **names = lk_index_column_names(mem, elements, NIL);
    size_t room = constraint->columns.count + (size_t)list_length(definition->including) + 1;
    const char **all = lk_new_array(mem, const char *, room + (size_t)list_length(elements));
    list_free(elements);
    if (definition->contype != CONSTR_EXCLUSION)
        lk_vec_foreach(column, &constraint->columns)
            all[count++] = *column;
    while (*names != NULL)
        all[count++] = *names++;
    foreach(cell, definition->including)
        all[count++] = strVal(lfirst(cell));
    return lk_index_joined(mem, all);
}

/* choose_name returns what the constraint is called when it was given no name. */
static const char *
choose_name(struct lk_catalog *catalog, struct lk_relation *table,
            const struct lk_constraint *constraint, const Constraint *definition)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    const char *columns = key_names(scratch, definition, constraint);
    const char *table_name = table->object.name;

    if (definition->indexname != NULL)
        return lk_catalog_keep(catalog, definition->indexname);
    switch (constraint->kind) {
    case LK_CONSTRAINT_PRIMARY:
        return lk_replay_choose_name(catalog, table->schema, table_name, NULL, "pkey", true);
    case LK_CONSTRAINT_UNIQUE:
        return lk_replay_choose_name(catalog, table->schema, table_name, columns, "key", true);
    case LK_CONSTRAINT_EXCLUDE:
        return lk_replay_choose_name(catalog, table->schema, table_name, columns, "excl", true);
    case LK_CONSTRAINT_FOREIGN:
        return lk_constraint_unused(catalog, table, columns, "fkey");
    case LK_CONSTRAINT_NOT_NULL:
        return lk_constraint_unused(catalog, table, columns, "not_null");
    case LK_CONSTRAINT_CHECK: /* named after its column, if there is just one */
        break;
    }
    return lk_constraint_unused(catalog, table,
                                constraint->columns.count == 1 ? constraint->columns.items[0] : "",
                                "check");
}

void
lk_replay_set_not_null(struct lk_catalog *catalog, struct lk_relation *table,
                       const struct lk_constraint *constraint, bool not_null)
{
    lk_vec_foreach(name, &constraint->columns) {
        struct lk_column *column = lk_relation_column(table, *name);
        if (column != NULL) {
            lk_catalog_touch(catalog, column);
            column->not_null = not_null;
        }
    }
}

bool
lk_constraint_kind_of(const struct Constraint *definition, enum lk_constraint_kind *ret)
{
    switch (definition->contype) {
    case CONSTR_CHECK:
        *ret = LK_CONSTRAINT_CHECK;
        return true;
    case CONSTR_NOTNULL:
        *ret = LK_CONSTRAINT_NOT_NULL;
        return true;
    case CONSTR_PRIMARY:
        *ret = LK_CONSTRAINT_PRIMARY;
        return true;
    case CONSTR_UNIQUE:
        *ret = LK_CONSTRAINT_UNIQUE;
        return true;
    case CONSTR_EXCLUSION:
        *ret = LK_CONSTRAINT_EXCLUDE;
        return true;
    case CONSTR_FOREIGN:
        *ret = LK_CONSTRAINT_FOREIGN;
        return true;
    default:
        return false;
    }
}

/* add_used adds the columns that a CHECK expression refers to. */
static void
add_used(struct lk_catalog *catalog, struct lk_constraint *constraint, Node *expression)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_tree_names names = {0};

    lk_tree_columns(scratch, expression, &names);
    lk_vec_foreach(name, &names.items)
        lk_vec_push(constraint, &constraint->columns, lk_intern(catalog, *name));
}

static void
add_names(struct lk_catalog *catalog, struct lk_constraint *constraint, const List *names)
{
    ListCell *cell;

    foreach(cell, names)
        lk_vec_push(constraint, &constraint->columns, lk_intern(catalog, strVal(lfirst(cell))));
}

static void
add_columns(struct lk_catalog *catalog, struct lk_constraint *constraint,
            const Constraint *definition, const char *column)
{
    ListCell *cell;

    if (definition->contype == CONSTR_CHECK) {
        add_used(catalog, constraint, definition->raw_expr);
        return;
    }
    if (column != NULL) {
        lk_vec_push(constraint, &constraint->columns, lk_intern(catalog, column));
        return;
    }
    add_names(catalog, constraint, definition->keys);
    add_names(catalog, constraint, definition->fk_attrs);
    foreach(cell, definition->exclusions) {
        const IndexElem *element = linitial_node(IndexElem, lfirst_node(List, cell));
        if (element->name != NULL)
            lk_vec_push(constraint, &constraint->columns, lk_intern(catalog, element->name));
    }
}

static bool
has_expression(const struct lk_relation *index)
{
    lk_vec_foreach(key, &index->keys)
        if (*key == NULL)
            return true;
    return false;
}

/* adopt_index takes the index named by USING INDEX, which takes the constraint's name. */
static void
adopt_index(struct lk_catalog *catalog, struct lk_relation *table, struct lk_constraint *constraint,
            const Constraint *definition)
{
    struct lk_relation *index = lk_catalog_relation(catalog, table->schema, definition->indexname);

    if (index == NULL) {
        if (lk_is_known(table) &&
            lk_entry_gone(catalog, LK_CLASS_RELATION, table->schema, definition->indexname))
            lk_refuse(catalog, "42704", definition->location, "index \"%s\" does not exist",
                      definition->indexname);
        return;
    }
    if (index->kind != LK_RELATION_INDEX) {
        lk_refuse(catalog, "42809", definition->location, "\"%s\" is not an index",
                  definition->indexname);
        return;
    }
    if (index->table != table)
        lk_refuse(catalog, "55000", definition->location,
                  "index \"%s\" does not belong to table \"%s\"", definition->indexname,
                  table->object.name);
    else if (lk_index_constraint(index) != NULL)
        lk_refuse(catalog, "55000", definition->location,
                  "index \"%s\" is already associated with a constraint", definition->indexname);
    else if (!index->unique && !index->object.assumed)
        lk_refuse(catalog, "42809", definition->location, "\"%s\" is not a unique index",
                  definition->indexname);
    else if (has_expression(index))
        lk_refuse(catalog, "42809", definition->location, "index \"%s\" contains expressions",
                  definition->indexname);
    else if (index->has_predicate)
        lk_refuse(catalog, "42809", definition->location, "\"%s\" is a partial index",
                  definition->indexname);
    for (size_t i = 0; i < index->keys.count - index->included; i++)
        if (index->keys.items[i] != NULL)
            lk_vec_push(constraint, &constraint->columns, index->keys.items[i]);
    constraint->index = index;
    lk_depend(catalog, &index->object, &constraint->object, LK_DEPENDS_INTERNAL);
    if (strcmp(index->object.name, constraint->object.name) != 0)
        lk_catalog_move_relation(catalog, index, NULL, constraint->object.name);
}

/* refuse_key_types refuses a key over a type that its access method cannot index. */
static bool
refuse_key_types(struct lk_catalog *catalog, const struct lk_relation *table,
                 const struct lk_constraint *constraint, const Constraint *definition,
                 const char *method)
{
    struct lk_key_words words = {.location = definition->location};
    unsigned needs = constraint->kind == LK_CONSTRAINT_EXCLUDE ? LK_METHOD_EXCLUDE : 0;
    ListCell *cell;

    needs |= definition->including != NIL ? LK_METHOD_INCLUDE : 0;
    needs |= list_length(definition->exclusions) > 1 ? LK_METHOD_MULTICOLUMN : 0;
    if (lk_refuse_method(catalog, method, needs))
        return true;
    foreach(cell, definition->exclusions) {
        const IndexElem *element = linitial_node(IndexElem, lfirst_node(List, cell));
        const struct lk_column *column =
            element->name != NULL ? lk_relation_column(table, element->name) : NULL;
        words.collation = element->collation;
        words.opclass = element->opclass;
        if (column != NULL && column->type_known &&
            lk_refuse_key(catalog, method, &column->type, &words))
            return true;
    }
    for (size_t i = 0; definition->exclusions == NIL && i < constraint->columns.count; i++) {
        const struct lk_column *column = lk_relation_column(table, constraint->columns.items[i]);
        if (column != NULL && column->type_known &&
            lk_refuse_key(catalog, method, &column->type, &words))
            return true;
    }
    return false;
}

/* method_of returns the access method of the index behind a constraint. */
static const char *
method_of(const Constraint *definition)
{
#if LK_GRAMMAR >= 18
    if (definition->without_overlaps)
        return "gist";
#endif
    return definition->access_method != NULL ? definition->access_method : "btree";
}

/* add_index makes the index that enforces a constraint. */
static void
add_index(struct lk_catalog *catalog, struct lk_relation *table, struct lk_constraint *constraint,
          const Constraint *definition)
{
    List *elements = NIL;
    ListCell *cell;

    if (refuse_key_types(catalog, table, constraint, definition, method_of(definition)))
        return;
    struct lk_relation *index = lk_index_new(catalog, table, constraint->object.name);

    index->unique = constraint->kind != LK_CONSTRAINT_EXCLUDE;
    index->nulls_not_distinct = definition->nulls_not_distinct;
    index->method = lk_intern(catalog, definition->access_method);
    index->tablespace = lk_intern(catalog, definition->indexspace);
    index->options = lk_options_changed(catalog, NULL, definition->options, false, false);
    index->has_predicate = lk_index_is_partial(definition->where_clause);
    foreach(cell, definition->exclusions) {
        const IndexElem *element = linitial_node(IndexElem, lfirst_node(List, cell));
        elements = lappend(elements, linitial(lfirst_node(List, cell)));
        lk_vec_push(index, &index->keys,
                    element->name != NULL ? lk_intern(catalog, element->name) : NULL);
    }
    if (constraint->kind == LK_CONSTRAINT_EXCLUDE)
        lk_index_set_names(catalog, index, elements, NIL);
    else
        lk_vec_foreach(name, &constraint->columns)
            lk_vec_push(index, &index->keys, *name);
    list_free(elements);
    foreach(cell, definition->including)
        lk_vec_push(index, &index->keys, lk_intern(catalog, strVal(lfirst(cell))));
    index->included = (size_t)list_length(definition->including);
    constraint->index = index;
    lk_depend(catalog, &index->object, &constraint->object, LK_DEPENDS_INTERNAL);
#if LK_GRAMMAR >= 18
    constraint->period = definition->without_overlaps || definition->fk_with_period;
    if (definition->without_overlaps)
        index->method = "gist";
#endif
}

/* refuse_truth refuses a CHECK that is not true or false. */
static void
refuse_truth(struct lk_catalog *catalog, const struct lk_typed *typed, const Constraint *definition)
{
    struct lk_type type = typed->type;

    if (!typed->type_known || catalog->refusals.items.count > 0 ||
        !lk_is_no_assignment(catalog, lk_type_number(catalog, &type), LK_BT_bool) ||
        !lk_casts_are_known(catalog))
        return;
    lk_refuse(catalog, "42804", definition->location,
              "argument of CHECK must be type boolean, not type %s",
              lk_type_visible(catalog, &type));
}

static void
add_expression(struct lk_catalog *catalog, struct lk_relation *table,
               struct lk_constraint *constraint, const Constraint *definition)
{
    if (constraint->kind == LK_CONSTRAINT_CHECK) {
        if (lk_refuse_inside(catalog, LK_IN_CHECK, definition->raw_expr))
            return;
        lk_replay_not_null(catalog, definition->raw_expr, constraint);
        struct lk_typed typed = {0};
        if (catalog->statement != NULL)
            constraint->expression = lk_replay_typed(
                catalog, table, definition->raw_expr,
                lk_span_parens(catalog, lk_replay_offset(catalog, definition->location)), &typed);
        refuse_truth(catalog, &typed, definition);
    } else if (constraint->kind == LK_CONSTRAINT_EXCLUDE) {
        constraint->expression = lk_exclude_text(catalog, table, definition);
    }
    lk_lean(catalog, &constraint->object, table, constraint->expression);
}

/* refuse_kind refuses what a kind of table cannot have. */
static bool
refuse_kind(struct lk_catalog *catalog, const struct lk_relation *table,
            enum lk_constraint_kind kind, const Constraint *definition)
{
    static const char *const words[] = {
        [LK_CONSTRAINT_PRIMARY] = "primary key",
        [LK_CONSTRAINT_UNIQUE] = "unique",
        [LK_CONSTRAINT_EXCLUDE] = "exclusion",
        [LK_CONSTRAINT_FOREIGN] = "foreign key",
    };

    if (table->kind == LK_RELATION_FOREIGN && kind < LK_ARRAY_SIZE(words) && words[kind] != NULL) {
        lk_refuse(catalog, "0A000", definition->location,
                  "%s constraints are not supported on foreign tables", words[kind]);
        return true;
    }
    if (kind == LK_CONSTRAINT_PRIMARY && lk_constraint_key(table) != NULL &&
        !lk_constraint_key(table)->object.assumed) {
        struct lk_refusal *refusal =
            lk_refuse(catalog, "42P16", definition->location,
                      "multiple primary keys for table \"%s\" are not allowed", table->object.name);
        refusal->object = &lk_constraint_key(table)->object;
        return true;
    }
    return false;
}

/* refuse_columns refuses keys over columns that are not there, or there twice. */
static bool
refuse_columns(struct lk_catalog *catalog, const struct lk_relation *table,
               const struct lk_constraint *constraint, const Constraint *definition)
{
    const char *what = constraint->kind == LK_CONSTRAINT_FOREIGN
                           ? "referenced in foreign key constraint"
                           : "named in key";

    if (constraint->kind == LK_CONSTRAINT_NOT_NULL)
        return lk_refuse_column(catalog, table, constraint->columns.items[0]);
    if (constraint->kind == LK_CONSTRAINT_CHECK || !lk_is_known(table))
        return false;
    lk_vec_foreach(name, &constraint->columns) {
        if (lk_relation_column(table, *name) == NULL) {
            if (constraint->kind == LK_CONSTRAINT_FOREIGN && lk_is_system_column(*name)) {
                lk_refuse(catalog, "0A000", definition->location,
                          "system columns cannot be used in foreign keys");
                return true;
            }
            if (lk_is_system_column(*name)) /* allowed or not, it is there */
                return false;
            lk_refuse(catalog, "42703", definition->location, "column \"%s\" %s does not exist",
                      *name, what)
                ->name = *name;
            return true;
        }
        if (constraint->kind != LK_CONSTRAINT_PRIMARY && constraint->kind != LK_CONSTRAINT_UNIQUE)
            continue;
        for (size_t i = 0; constraint->columns.items + i < name; i++) {
            if (strcmp(constraint->columns.items[i], *name) != 0)
                continue;
            lk_refuse(catalog, "42701", definition->location,
                      "column \"%s\" appears twice in %s constraint", *name,
                      constraint->kind == LK_CONSTRAINT_PRIMARY ? "primary key" : "unique");
            return true;
        }
    }
    return false;
}

/* From this version on partitioned tables can have EXCLUDE. */
#define PARTITIONED_EXCLUDE 17

/*
 * refuse_partitioned refuses what partitioned tables cannot have, and a key that leaves out a
 * column of the partition key.
 */
static bool
refuse_partitioned(struct lk_catalog *catalog, const struct lk_relation *table,
                   const struct lk_constraint *constraint, const Constraint *definition)
{
    unsigned version = lk_catalog_version(catalog);

    if (table->kind == LK_RELATION_PARTITIONED && constraint->kind == LK_CONSTRAINT_EXCLUDE &&
        version > 0 && version < PARTITIONED_EXCLUDE) {
        lk_refuse(catalog, "0A000", definition->location,
                  "exclusion constraints are not supported on partitioned tables");
        return true;
    }
    if (table->kind == LK_RELATION_PARTITIONED && constraint->kind == LK_CONSTRAINT_CHECK &&
        definition->is_no_inherit) {
        lk_refuse(catalog, "42P16", definition->location,
                  "cannot add NO INHERIT constraint to partitioned table \"%s\"",
                  table->object.name);
        return true;
    }
    if (constraint->kind != LK_CONSTRAINT_PRIMARY && constraint->kind != LK_CONSTRAINT_UNIQUE)
        return false;
    return lk_partition_refuse_unique(
        catalog, table, constraint->columns.items, constraint->columns.count,
        constraint->kind == LK_CONSTRAINT_PRIMARY ? "PRIMARY KEY" : "UNIQUE");
}

/* merge_check makes an inherited CHECK the table's own, too: the server sees that they are equal.
 */
static void
merge_check(struct lk_catalog *catalog, struct lk_constraint *inherited,
            const Constraint *definition)
{
    lk_catalog_touch(catalog, inherited);
    inherited->inherited = false;
    if (!inherited->not_enforced || lk_is_not_enforced(definition))
        return;
    inherited->not_enforced = false;
    inherited->validated = true;
}

/* refuse_name refuses a name that another constraint, or relation where it has an index, has. */
static bool
refuse_name(struct lk_catalog *catalog, const struct lk_relation *table,
            enum lk_constraint_kind kind, const Constraint *definition)
{
    const struct lk_constraint *old = lk_relation_constraint(table, definition->conname);
    bool has_index = kind == LK_CONSTRAINT_PRIMARY || kind == LK_CONSTRAINT_UNIQUE ||
                     kind == LK_CONSTRAINT_EXCLUDE;

    if (has_index && definition->indexname == NULL &&
        lk_refuse_taken(catalog, table->schema, definition->conname, definition->location))
        return true;
    if (old == NULL)
        return lk_refuse_constraint_taken(catalog, table, definition->conname);
    if (kind == LK_CONSTRAINT_CHECK && old->kind == kind && old->inherited) {
        merge_check(catalog, lk_relation_constraint(table, definition->conname), definition);
        return true;
    }
    lk_refuse_constraint_taken(catalog, table, definition->conname);
    return true;
}

/* add_behind adds what stands behind a constraint: its index, its target. */
static void
add_behind(struct lk_catalog *catalog, struct lk_relation *table, struct lk_constraint *constraint,
           const Constraint *definition)
{
    switch (constraint->kind) {
    case LK_CONSTRAINT_FOREIGN:
        lk_constraint_reference(catalog, table, constraint, definition);
        break;
    case LK_CONSTRAINT_PRIMARY:
    case LK_CONSTRAINT_UNIQUE:
    case LK_CONSTRAINT_EXCLUDE:
        if (definition->indexname != NULL)
            adopt_index(catalog, table, constraint, definition);
        else
            add_index(catalog, table, constraint, definition);
        break;
    default:
        break;
    }
}

struct lk_constraint *
lk_constraint_define(struct lk_catalog *catalog, struct lk_relation *table,
                     const Constraint *definition, const char *column)
{
    enum lk_constraint_kind kind;

    if (!lk_constraint_kind_of(definition, &kind) ||
        refuse_kind(catalog, table, kind, definition) ||
        (definition->conname != NULL && refuse_name(catalog, table, kind, definition)))
        return NULL;
    struct lk_constraint *constraint = lk_catalog_add_constraint(catalog, table, "", kind);
    add_columns(catalog, constraint, definition, column);
    if (refuse_columns(catalog, table, constraint, definition) ||
        refuse_partitioned(catalog, table, constraint, definition))
        return NULL;
    lk_catalog_rename_part(catalog, table, &constraint->object,
                           definition->conname != NULL
                               ? definition->conname
                               : choose_name(catalog, table, constraint, definition));
    constraint->not_enforced = lk_is_not_enforced(definition);
    constraint->validated = !definition->skip_validation && !constraint->not_enforced;
    constraint->deferrable = definition->deferrable;
    constraint->deferred = definition->initdeferred;
    constraint->no_inherit = definition->is_no_inherit;
    add_expression(catalog, table, constraint, definition);
    add_behind(catalog, table, constraint, definition);
    if (kind == LK_CONSTRAINT_PRIMARY || (kind == LK_CONSTRAINT_NOT_NULL && constraint->validated))
        lk_replay_set_not_null(catalog, table, constraint, true);
    return constraint;
}

void
lk_replay_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                     const Constraint *definition, const char *column)
{
    lk_constraint_define(catalog, table, definition, column);
}
