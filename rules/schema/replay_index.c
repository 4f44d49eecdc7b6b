/*
 * rules/schema/replay_index.c
 *     Indexes: see replay_relation.h.
 */
#include "parser/tree.h"
#include "rules/schema/analyze.h"
#include "rules/schema/builtin.h"
#include "rules/schema/index_name.h"
#include "rules/schema/replay_relation.h"
#include "rules/schema/replay_view.h"

const char *
lk_replay_choose_name(struct lk_catalog *catalog, const char *schema, const char *name1,
                      const char *name2, const char *label, bool of_constraint)
{
    char name[LK_NAME_SIZE];
    unsigned pass = 0;

    do
        lk_object_name(name, name1, name2, label, pass++);
    while (lk_catalog_relation(catalog, schema, name) != NULL ||
           (of_constraint && lk_constraint_named(catalog, schema, name)));
    return lk_catalog_keep(catalog, name);
}

struct lk_relation *
lk_index_new(struct lk_catalog *catalog, struct lk_relation *table, const char *name)
{
    struct lk_relation *index =
        lk_catalog_add_relation(catalog, table->schema, name, LK_RELATION_INDEX);

    index->table = table;
    index->unlogged = table->unlogged;
    lk_catalog_touch(catalog, table);
    lk_vec_push(table, &table->indexes, index);
    return index;
}

struct lk_relation *
lk_index_copy(struct lk_catalog *catalog, struct lk_relation *table,
              const struct lk_relation *source, const char *name)
{
    struct lk_relation *index = lk_index_new(catalog, table, name);

    index->unique = source->unique;
    index->nulls_not_distinct = source->nulls_not_distinct;
    index->method = source->method;
    index->included = source->included;
    index->has_predicate = source->has_predicate;
    index->options = source->options;
    index->tablespace = source->tablespace;
    index->partial = source->partial;
    index->predicate = lk_text_moved(catalog, source->predicate, source->table, table);
    lk_vec_foreach(key, &source->keys)
        lk_vec_push(index, &index->keys, *key);
    lk_vec_foreach(key, &source->key_names)
        lk_vec_push(index, &index->key_names, *key);
    lk_vec_foreach(used, &source->uses)
        lk_vec_push(index, &index->uses, *used);
    lk_vec_foreach(element, &source->elements) {
        struct lk_text *moved = lk_text_moved(catalog, *element, source->table, table);
        lk_vec_push(index, &index->elements, moved);
        lk_lean(catalog, &index->object, index->table, moved);
    }
    return index;
}

struct lk_constraint *
lk_index_constraint(const struct lk_relation *index)
{
    if (index->table == NULL)
        return NULL;
    lk_vec_foreach(constraint, &index->table->constraints)
        if ((*constraint)->index == index)
            return *constraint;
    return NULL;
}

static bool
same_names(const char *const *a, const char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((a[i] == NULL) != (b[i] == NULL) || (a[i] != NULL && strcmp(a[i], b[i]) != 0))
            return false;
    return true;
}

static bool
same_text(const struct lk_text *a, const struct lk_text *b)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(lk_text_sql(scratch, a), lk_text_sql(scratch, b)) == 0;
}

/* same_elements compares what stands for the keys besides their columns. */
static bool
same_elements(const struct lk_relation *a, const struct lk_relation *b)
{
    /* a constraint's index has none: columns alone, in the default order */
    if (a->elements.count != b->elements.count)
        return true;
    for (size_t i = 0; i < a->elements.count; i++)
        if (!same_text(a->elements.items[i], b->elements.items[i]))
            return false;
    return true;
}

bool
lk_index_same(const struct lk_relation *a, const struct lk_relation *b)
{
    const char *method_a = a->method != NULL ? a->method : "btree";
    const char *method_b = b->method != NULL ? b->method : "btree";

    return a->unique == b->unique && a->nulls_not_distinct == b->nulls_not_distinct &&
           a->included == b->included && a->keys.count == b->keys.count &&
           strcmp(method_a, method_b) == 0 &&
           same_names(a->keys.items, b->keys.items, a->keys.count) &&
           same_text(a->predicate, b->predicate) && same_elements(a, b);
}

void
lk_index_drop(struct lk_catalog *catalog, struct lk_relation *index)
{
    for (size_t i = index->children.count; i-- > 0;) {
        struct lk_relation *part = index->children.items[i];
        if (part->parent != index || !lk_is_there(catalog, part))
            continue;
        struct lk_constraint *constraint = lk_index_constraint(part);
        if (constraint != NULL)
            lk_constraint_drop(catalog, part->table, constraint);
        else
            lk_index_drop(catalog, part);
    }
    if (lk_is_there(catalog, index))
        lk_catalog_drop_relation(catalog, index);
}

/* add_element notes what stands for a key: the text of the element, with what it mentions. */
static void
add_element(struct lk_catalog *catalog, struct lk_relation *index, const IndexElem *element,
            struct lk_span span)
{
    struct lk_text *text = lk_replay_expression(catalog, index->table, element->expr, span);
    struct lk_column *column =
        element->name != NULL ? lk_relation_column(index->table, element->name) : NULL;

    if (text == NULL)
        return;
    if (column != NULL)
        lk_text_mention(text, (struct lk_mention){
                                  .span = lk_span_first(text->sql),
                                  .object = &column->object,
                                  .form = LK_MENTION_NAME,
                              });
    lk_vec_push(index, &index->elements, text);
    lk_lean(catalog, &index->object, index->table, text);
}

/* is_no_cast returns whether a cast leaves a column as it is: it is of that very type. */
static bool
is_no_cast(struct lk_catalog *catalog, const struct lk_column *column, const TypeName *type_name)
{
    struct lk_type type;

    if (column == NULL || !column->type_known || !lk_replay_type(catalog, type_name, &type, NULL) ||
        !lk_replay_same_type(&type, &column->type))
        return false;
    return type.mod_count == 0 || lk_type_equal(&type, &column->type);
}

/*
 * key_of returns the column that a key of an index is, or NULL: the server leaves COLLATE and casts
 * that change nothing out of an expression.
 * Source: ComputeIndexAttrs(), src/backend/commands/indexcmds.c; coerce_type_typmod().
 */
static const char *
key_of(struct lk_catalog *catalog, const struct lk_relation *table, const Node *expression)
{
    const char *name = NULL;

    if (IsA(expression, CollateClause)) {
        const Node *inside = ((const CollateClause *)expression)->arg;
        return key_of(catalog, table, inside);
    }
    if (IsA(expression, ColumnRef)) {
        const Node *field = llast(((const ColumnRef *)expression)->fields);
        return IsA(field, String) ? strVal(field) : NULL;
    }
    if (IsA(expression, TypeCast)) {
        const TypeCast *cast = (const TypeCast *)expression;
        name = key_of(catalog, table, cast->arg);
        if (name == NULL || !is_no_cast(catalog, lk_relation_column(table, name), cast->typeName))
            return NULL;
    } else if (IsA(expression, FuncCall)) { /* type(value) is a cast, too */
        const FuncCall *call = (const FuncCall *)expression;
        TypeName type = {.names = call->funcname, .typemod = -1, .location = -1};
        name = list_length(call->args) == 1 ? key_of(catalog, table, linitial(call->args)) : NULL;
        if (name == NULL || !is_no_cast(catalog, lk_relation_column(table, name), &type))
            return NULL;
    }
    return name;
}

/* add_keys notes the columns of an index; expressions as NULL. */
static void
add_keys(struct lk_catalog *catalog, struct lk_relation *index, const List *params,
         struct lk_span list)
{
    uint32_t at = list.end > list.start ? list.start : 0;
    ListCell *cell;

    foreach(cell, params) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        const char *name = element->name;
        if (name == NULL)
            name = key_of(catalog, index->table, element->expr);
        lk_vec_push(index, &index->keys, lk_intern(catalog, name));
        struct lk_span none = {0, 0};
        add_element(catalog, index, element, at > 0 ? lk_span_item(catalog, &at, list.end) : none);
    }
}

/* add_uses notes the columns that its expressions and its predicate refer to. */
static void
add_uses(struct lk_catalog *catalog, struct lk_relation *index, const IndexStmt *stmt)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_tree_names names = {0};
    ListCell *cell;

    foreach(cell, stmt->indexParams)
        lk_tree_columns(scratch, lfirst_node(IndexElem, cell)->expr, &names);
    lk_tree_columns(scratch, stmt->whereClause, &names);
    lk_vec_foreach(name, &names.items)
        lk_vec_push(index, &index->uses, lk_intern(catalog, *name));
}

bool
lk_index_is_partial(const Node *condition)
{
    const A_Const *constant = (const A_Const *)condition;

    /* the server takes a condition that always holds for none */
    return condition != NULL && !(IsA(condition, A_Const) && !constant->isnull &&
                                  IsA(&constant->val, Boolean) && boolVal(&constant->val));
}

/* describe sets what CREATE INDEX says of an index. */
static void
describe(struct lk_catalog *catalog, struct lk_relation *index, const IndexStmt *stmt)
{
    uint32_t start = lk_replay_offset(catalog, stmt->relation->location);
    struct lk_span list = lk_span_parens(catalog, start);
    uint32_t behind = lk_span_word_end(catalog, list.end); /* the parenthesis */

    index->unique = stmt->unique;
    index->nulls_not_distinct = stmt->nulls_not_distinct;
    index->method = lk_intern(catalog, stmt->accessMethod);
    index->tablespace = lk_intern(catalog, stmt->tableSpace);
    index->options = lk_options_changed(catalog, NULL, stmt->options, false, false);
    index->has_predicate = lk_index_is_partial(stmt->whereClause);
    index->included = (size_t)list_length(stmt->indexIncludingParams);
    add_keys(catalog, index, stmt->indexParams, list);
    if (index->included > 0) {
        uint32_t including = lk_span_behind(catalog, behind, "include");
        add_keys(catalog, index, stmt->indexIncludingParams,
                 including > 0 ? lk_span_parens(catalog, including) : (struct lk_span){0, 0});
    }
    add_uses(catalog, index, stmt);
    lk_index_set_names(catalog, index, stmt->indexParams, stmt->indexIncludingParams);
    if (!index->has_predicate)
        return;
    uint32_t where = lk_span_behind(catalog, behind, "where");
    if (where > 0)
        index->predicate = lk_replay_expression(catalog, index->table, stmt->whereClause,
                                                lk_span_until(catalog, where, 0));
    lk_lean(catalog, &index->object, index->table, index->predicate);
}

/* refuse_table refuses what cannot have an index. */
static bool
refuse_table(struct lk_catalog *catalog, const struct lk_relation *table, const IndexStmt *stmt)
{
    struct lk_refusal *refusal;

    switch (table->kind) {
    case LK_RELATION_VIEW:
    case LK_RELATION_SEQUENCE:
    case LK_RELATION_INDEX:
    case LK_RELATION_COMPOSITE:
    case LK_RELATION_FOREIGN:
        refusal = lk_refuse(catalog, "42809", stmt->relation->location,
                            "cannot create index on relation \"%s\"", table->object.name);
        refusal->object = &table->object;
        return true;
    case LK_RELATION_PARTITIONED:
        if (!stmt->concurrent)
            return false;
        lk_refuse(catalog, "0A000", -1,
                  "cannot create index on partitioned table \"%s\" concurrently",
                  table->object.name);
        return true;
    default:
        return false;
    }
}

static bool
refuse_queries(struct lk_catalog *catalog, const IndexStmt *stmt)
{
    ListCell *cell;

    if (lk_refuse_inside(catalog, LK_IN_PREDICATE, stmt->whereClause))
        return true;
    foreach(cell, stmt->indexParams)
        if (lk_refuse_inside(catalog, LK_IN_INDEX, lfirst_node(IndexElem, cell)->expr))
            return true;
    return false;
}

/* refuse_absent refuses to index a column that is not there. */
static bool
refuse_absent(struct lk_catalog *catalog, const struct lk_relation *table, const char *name)
{
    if (!lk_is_known(table))
        return false;
    if (strcmp(name, "ctid") == 0 || strcmp(name, "tableoid") == 0) {
        lk_refuse(catalog, "0A000", -1, "index creation on system columns is not supported");
        return true;
    }
    if (lk_is_system_column(name)) /* of a type that has no operators to index */
        return false;
    lk_refuse(catalog, "42703", -1, "column \"%s\" does not exist", name)->name =
        lk_catalog_keep(catalog, name);
    return true;
}

/* refuse_included refuses to include columns that are not there. */
static bool
refuse_included(struct lk_catalog *catalog, const struct lk_relation *table, const List *params)
{
    ListCell *cell;

    foreach(cell, params) {
        const char *name = lfirst_node(IndexElem, cell)->name;
        if (name != NULL && lk_relation_column(table, name) == NULL &&
            refuse_absent(catalog, table, name))
            return true;
    }
    return false;
}

/* refuse_method refuses an access method that cannot do what is asked of it. */
static bool
refuse_method(struct lk_catalog *catalog, const IndexStmt *stmt)
{
    unsigned needs = (stmt->unique ? LK_METHOD_UNIQUE : 0) |
                     (stmt->indexIncludingParams != NIL ? LK_METHOD_INCLUDE : 0) |
                     (list_length(stmt->indexParams) > 1 ? LK_METHOD_MULTICOLUMN : 0);

    return lk_refuse_method(catalog, stmt->accessMethod, needs);
}

/*
 * refuse_order refuses an order for an access method that has none.
 * Source: ComputeIndexAttrs(), src/backend/commands/indexcmds.c.
 */
static bool
refuse_order(struct lk_catalog *catalog, const char *method, const IndexElem *element)
{
    const struct lk_builtin_method_traits *traits = lk_builtin_method(method);
    const char *what = element->ordering != SORTBY_DEFAULT               ? "ASC/DESC"
                       : element->nulls_ordering != SORTBY_NULLS_DEFAULT ? "NULLS FIRST/LAST"
                                                                         : NULL;

    if (what == NULL || traits == NULL || (traits->can & LK_METHOD_ORDER) != 0)
        return false;
    lk_refuse(catalog, "0A000", -1, "access method \"%s\" does not support %s options", method,
              what);
    return true;
}

/*
 * refuse_expression refuses an expression that need not give the same later on, or is of a type
 * that the access method cannot index.
 */
static bool
refuse_expression(struct lk_catalog *catalog, const struct lk_relation *table, const char *method,
                  const IndexElem *element)
{
    struct lk_key_words words = {element->collation, element->opclass, -1};
    size_t refusals = catalog->refusals.items.count;

    if (!lk_is_immutable(catalog, table, element->expr)) {
        lk_refuse(catalog, "42P17", -1, "functions in index expression must be marked IMMUTABLE");
        return true;
    }
    struct lk_typed typed =
        lk_analyze_expression(catalog, table, element->expr, (struct lk_mentions){0}, NULL);
    if (catalog->refusals.items.count > refusals)
        return true;
    return typed.type_known && lk_refuse_key(catalog, method, &typed.type, &words);
}

/* Source: ComputeIndexAttrs(), src/backend/commands/indexcmds.c. */
static bool
refuse_element(struct lk_catalog *catalog, const struct lk_relation *table, const char *method,
               const IndexElem *element)
{
    struct lk_key_words words = {element->collation, element->opclass, -1};

    if (element->name == NULL)
        return refuse_expression(catalog, table, method, element) ||
               refuse_order(catalog, method, element);
    const struct lk_column *column = lk_relation_column(table, element->name);
    if (column == NULL)
        return refuse_absent(catalog, table, element->name);
    return (column->type_known && !column->object.assumed &&
            lk_refuse_key(catalog, method, &column->type, &words)) ||
           refuse_order(catalog, method, element);
}

/*
 * refuse_elements refuses what cannot be indexed so.
 * Source: CheckPredicate(), ComputeIndexAttrs(), src/backend/commands/indexcmds.c.
 */
static bool
refuse_elements(struct lk_catalog *catalog, const struct lk_relation *table, const IndexStmt *stmt)
{
    ListCell *cell;

    if (stmt->whereClause != NULL) {
        lk_analyze_condition_of(catalog, table, stmt->whereClause, (struct lk_mentions){0},
                                "WHERE");
        if (lk_replay_refused(catalog))
            return true;
    }
    if (stmt->whereClause != NULL && !lk_is_immutable(catalog, table, stmt->whereClause)) {
        lk_refuse(catalog, "42P17", -1, "functions in index predicate must be marked IMMUTABLE");
        return true;
    }
    foreach(cell, stmt->indexParams)
        if (refuse_element(catalog, table, stmt->accessMethod, lfirst_node(IndexElem, cell)))
            return true;
    return false;
}

/* refuse_partitioned refuses a unique index that leaves out a column of the partition key. */
static bool
refuse_partitioned(struct lk_catalog *catalog, const struct lk_relation *table,
                   const IndexStmt *stmt)
{
    size_t count = (size_t)list_length(stmt->indexParams), i = 0;
    const char **columns = lk_new_array(catalog->statement_mem, const char *, count);
    ListCell *cell;

    foreach(cell, stmt->indexParams)
        columns[i++] = lfirst_node(IndexElem, cell)->name;
    return lk_is_known(table) &&
           lk_partition_refuse_unique(catalog, table, columns, count, "UNIQUE");
}

/* new_name returns the name of the index that is created; NULL: refused, or it is there. */
static const char *
new_name(struct lk_catalog *catalog, const struct lk_relation *table, const IndexStmt *stmt)
{
    TALLOC_CTX *scratch = catalog->statement_mem;

    if (stmt->idxname == NULL)
        return lk_replay_choose_name(
            catalog, table->schema, table->object.name,
            lk_index_joined(scratch, lk_index_column_names(scratch, stmt->indexParams,
                                                           stmt->indexIncludingParams)),
            "idx", false);
    if (lk_catalog_relation(catalog, table->schema, stmt->idxname) == NULL)
        return stmt->idxname;
    if (!stmt->if_not_exists && stmt->options == NIL) /* those are looked at before */
        lk_refuse_taken(catalog, table->schema, stmt->idxname, -1);
    return NULL;
}

void
lk_replay_create_index(struct lk_catalog *catalog, const IndexStmt *stmt)
{
    const RangeVar *range = stmt->relation;

    if (lk_refuse_missing(catalog, range))
        return;
    struct lk_relation *table =
        lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
    if (refuse_queries(catalog, stmt) || refuse_table(catalog, table, stmt) ||
        refuse_method(catalog, stmt) || refuse_elements(catalog, table, stmt) ||
        refuse_included(catalog, table, stmt->indexIncludingParams) ||
        (stmt->unique && table->kind == LK_RELATION_PARTITIONED &&
         refuse_partitioned(catalog, table, stmt)))
        return;
    const char *name = new_name(catalog, table, stmt);
    if (name == NULL)
        return;
    size_t mark = lk_catalog_mark(catalog), refusals = catalog->refusals.items.count;
    struct lk_relation *index = lk_index_new(catalog, table, name);
    describe(catalog, index, stmt);
    if (catalog->refusals.items.count > refusals) {
        lk_catalog_return_to(catalog, mark);
        return;
    }
    if (table->kind != LK_RELATION_PARTITIONED)
        return;
    bool parts = false;
    lk_vec_foreach(child, &table->children) {
        if ((*child)->parent != table || !lk_is_there(catalog, *child))
            continue;
        parts = true;
        if (range->inh)
            lk_partition_index(catalog, *child, index, false);
    }
    index->valid &= range->inh || !parts;
}
