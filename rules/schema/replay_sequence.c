/*
 * rules/schema/replay_sequence.c
 *     Sequences: what they count, and who owns them.
 */
#include <inttypes.h>

#include "parser/tree.h"
#include "rules/schema/analyze_private.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_relation.h"

/* The types of sequences. */
static const struct {
    const char *name; /* as in pg_type */
    const char *sql;
    int64_t min, max;
} types[] = {
    {"int8", "bigint", INT64_MIN, INT64_MAX},
    {"int4", "integer", INT32_MIN, INT32_MAX},
    {"int2", "smallint", INT16_MIN, INT16_MAX},
};

struct numbers {
    size_t type; /* in types */
    int64_t increment, min, max, start, cache;
    bool cycle;
};

static size_t
type_at(const char *sql)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(types); i++)
        if (strcmp(types[i].sql, sql) == 0 || strcmp(types[i].name, sql) == 0)
            return i;
    return 0;
}

/* value_of reads a number; false where it is none. */
static bool
value_of(const Node *value, int64_t *ret)
{
    if (IsA(value, Integer))
        *ret = intVal(value);
    else if (IsA(value, Float))
        *ret = strtoll(((const Float *)value)->fval, NULL, 10);
    else
        return false;
    return true;
}

/* number_of reads what an option counts; false where it has no number: NO MAXVALUE. */
static bool
number_of(const DefElem *option, int64_t *ret)
{
    return option != NULL && option->arg != NULL && value_of(option->arg, ret);
}

static struct numbers
numbers_of(const struct lk_sequence *old)
{
    return (struct numbers){
        .type = type_at(old->type),
        .increment = old->increment,
        .min = old->min,
        .max = old->max,
        .start = old->start,
        .cache = old->cache,
        .cycle = old->cycle,
    };
}

/* set_type notes AS type; the limits follow where they were those of the former type. */
static void
set_type(struct numbers *numbers, const DefElem *as, bool first, bool *reset_min, bool *reset_max)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_type type;

    if (as == NULL || !lk_type_of(scratch, (const TypeName *)as->arg, &type))
        return;
    size_t old = numbers->type;
    numbers->type = type_at(type.name);
    *reset_max = !first && numbers->max == types[old].max;
    *reset_min = !first && numbers->min == types[old].min;
}

/* follow_type gives a sequence another type, and the limits of that where it had the former's. */
static void
follow_type(struct numbers *numbers, size_t type)
{
    if (numbers->max == types[numbers->type].max)
        numbers->max = types[type].max;
    if (numbers->min == types[numbers->type].min)
        numbers->min = types[type].min;
    numbers->type = type;
}

/* merge_options works as init_params() of src/backend/commands/sequence.c does. */
static void
merge_options(struct numbers *numbers, const List *options, bool first)
{
    bool reset_min = false, reset_max = false;
    const DefElem *max = lk_tree_option(options, "maxvalue"),
                  *min = lk_tree_option(options, "minvalue");
    const DefElem *cycle = lk_tree_option(options, "cycle");

    set_type(numbers, lk_tree_option(options, "as"), first, &reset_min, &reset_max);
    number_of(lk_tree_option(options, "increment"), &numbers->increment);
    if (!number_of(max, &numbers->max) && (first || max != NULL || reset_max))
        numbers->max = numbers->increment > 0 || reset_max ? types[numbers->type].max : -1;
    if (!number_of(min, &numbers->min) && (first || min != NULL || reset_min))
        numbers->min = numbers->increment < 0 || reset_min ? types[numbers->type].min : 1;
    if (!number_of(lk_tree_option(options, "start"), &numbers->start) && first)
        numbers->start = numbers->increment > 0 ? numbers->min : numbers->max;
    number_of(lk_tree_option(options, "cache"), &numbers->cache);
    if (cycle != NULL && cycle->arg != NULL)
        numbers->cycle = boolVal(cycle->arg);
}

static bool
refuse_numbers(struct lk_catalog *catalog, const struct numbers *numbers)
{
    static const char state[] = "22023";

    if (numbers->increment == 0)
        lk_refuse(catalog, state, -1, "INCREMENT must not be zero");
    else if (numbers->max > types[numbers->type].max || numbers->max < types[numbers->type].min)
        lk_refuse(catalog, state, -1,
                  "MAXVALUE (%" PRId64 ") is out of range for sequence data type %s", numbers->max,
                  types[numbers->type].sql);
    else if (numbers->min > types[numbers->type].max || numbers->min < types[numbers->type].min)
        lk_refuse(catalog, state, -1,
                  "MINVALUE (%" PRId64 ") is out of range for sequence data type %s", numbers->min,
                  types[numbers->type].sql);
    else if (numbers->min >= numbers->max)
        lk_refuse(catalog, state, -1,
                  "MINVALUE (%" PRId64 ") must be less than MAXVALUE (%" PRId64 ")", numbers->min,
                  numbers->max);
    else if (numbers->start < numbers->min)
        lk_refuse(catalog, state, -1,
                  "START value (%" PRId64 ") cannot be less than MINVALUE (%" PRId64 ")",
                  numbers->start, numbers->min);
    else if (numbers->start > numbers->max)
        lk_refuse(catalog, state, -1,
                  "START value (%" PRId64 ") cannot be greater than MAXVALUE (%" PRId64 ")",
                  numbers->start, numbers->max);
    else if (numbers->cache <= 0)
        lk_refuse(catalog, state, -1, "CACHE (%" PRId64 ") must be greater than zero",
                  numbers->cache);
    else
        return false;
    return true;
}

void
lk_sequence_set(struct lk_catalog *catalog, struct lk_relation *sequence, const char *type,
                const List *options)
{
    const struct lk_sequence *old = sequence->sequence;
    struct numbers numbers = {.increment = 1, .cache = 1};

    if (old != NULL)
        numbers = numbers_of(old);
    else if (sequence->object.assumed)
        return;
    if (old == NULL && type != NULL)
        numbers.type = type_at(type);
    merge_options(&numbers, options, old == NULL);
    if (old != NULL && type != NULL) /* the column's has changed */
        follow_type(&numbers, type_at(type));
    if (refuse_numbers(catalog, &numbers))
        return;
    struct lk_sequence *counts = lk_new(catalog->objects, struct lk_sequence);
    *counts = (struct lk_sequence){
        .type = types[numbers.type].sql,
        .start = numbers.start,
        .increment = numbers.increment,
        .min = numbers.min,
        .max = numbers.max,
        .cache = numbers.cache,
        .cycle = numbers.cycle,
        .of_identity = old != NULL && old->of_identity,
    };
    const DefElem *restart = lk_tree_option(options, "restart");
    counts->next = old != NULL && restart == NULL ? old->next : counts->start;
    number_of(restart, &counts->next);
    lk_catalog_touch(catalog, sequence);
    sequence->sequence = counts;
}

void
lk_sequence_move(struct lk_catalog *catalog, struct lk_relation *sequence, const int64_t *next)
{
    if (sequence->sequence == NULL)
        return;
    struct lk_sequence *counts =
        lk_memdup(catalog->objects, sequence->sequence, sizeof(*sequence->sequence));
    counts->next = next != NULL ? *next : counts->min;
    lk_catalog_touch(catalog, sequence);
    sequence->sequence = counts;
}

/* integer_of reads a constant number; false where it is none. */
static bool
integer_of(const Node *node, int64_t *ret)
{
    const A_Const *constant = (const A_Const *)node;

    return IsA(node, A_Const) && !constant->isnull && value_of((const Node *)&constant->val, ret);
}

void
lk_replay_setval(struct lk_catalog *catalog, const SelectStmt *stmt)
{
    if (list_length(stmt->targetList) != 1)
        return;
    const FuncCall *call = (const FuncCall *)linitial_node(ResTarget, stmt->targetList)->val;
    if (call == NULL || !IsA(call, FuncCall) || list_length(call->args) < 2 ||
        strcmp(lk_qname_of_list(call->funcname).name, "setval") != 0)
        return;
    const Node *name = linitial(call->args);
    if (IsA(name, TypeCast))
        name = ((const TypeCast *)name)->arg;
    struct lk_relation *sequence = lk_constant_relation(catalog->statement_mem, catalog, name);
    if (sequence == NULL || sequence->kind != LK_RELATION_SEQUENCE)
        return;
    const A_Const *called = list_length(call->args) > 2 ? lthird(call->args) : NULL;
    bool is_next = called != NULL && IsA(called, A_Const) && IsA(&called->val, Boolean) &&
                   !boolVal(&called->val);
    int64_t value;
    bool known = stmt->fromClause == NIL && integer_of(lsecond(call->args), &value);
    if (known && !is_next && sequence->sequence != NULL)
        value += sequence->sequence->increment;
    lk_sequence_move(catalog, sequence, known ? &value : NULL);
}

void
lk_replay_own_sequence(struct lk_catalog *catalog, struct lk_relation *sequence,
                       struct lk_relation *table, const char *column)
{
    lk_catalog_touch(catalog, sequence);
    for (size_t i = sequence->object.depends.count; i-- > 0;) { /* no other dependencies */
        struct lk_object *former = sequence->object.depends.items[i]->on;
        if (former->class == LK_CLASS_COLUMN)
            lk_undepend_on(catalog, &sequence->object);
    }
    sequence->table = table;
    sequence->keys.count = 0;
    if (table == NULL)
        return;
    lk_vec_push(sequence, &sequence->keys, lk_intern(catalog, column));
    lk_link(catalog, table, sequences, sequence);
    struct lk_column *owner = lk_relation_column(table, column);
    if (owner != NULL)
        lk_depend(catalog, &sequence->object, &owner->object, LK_DEPENDS_AUTO);
}

/* own_sequence follows OWNED BY table.column, or NONE. */
static void
own_sequence(struct lk_catalog *catalog, struct lk_relation *sequence, const List *options)
{
    const DefElem *option = lk_tree_option(options, "owned_by");

    if (option == NULL || sequence == NULL)
        return;
    const List *words = castNode(List, option->arg);
    struct lk_qname name = lk_qname_of_first(words, list_length(words) - 1);
    if (sequence->sequence != NULL && sequence->sequence->of_identity) {
        lk_refuse(catalog, "0A000", option->location,
                  "cannot change ownership of identity sequence");
        return;
    }
    if (list_length(words) == 1) {
        lk_replay_own_sequence(catalog, sequence, NULL, NULL);
        return;
    }
    struct lk_relation *table = lk_catalog_relation(catalog, name.schema, name.name);
    if (table == NULL && lk_catalog_lacks(catalog, name.schema, name.name)) {
        lk_refuse(catalog, "42P01", option->location, "relation \"%s\" does not exist", name.name);
        return;
    }
    if (table == NULL)
        return;
    const char *column = strVal(llast(words));
    if (lk_is_known(table) && lk_is_known(sequence) && strcmp(table->schema, sequence->schema) != 0)
        lk_refuse(catalog, "55000", option->location,
                  "sequence must be in same schema as table it is linked to");
    else if (lk_is_known(table) && lk_relation_column(table, column) == NULL)
        lk_refuse(catalog, "42703", option->location,
                  "column \"%s\" of relation \"%s\" does not exist", column, table->object.name);
    else
        lk_replay_own_sequence(catalog, sequence, table, column);
}

/* refuse_options refuses what is there twice, and a type that is no integer. */
static bool
refuse_options(struct lk_catalog *catalog, const List *options)
{
    const DefElem *as = lk_tree_option(options, "as");
    const TypeName *type_name = as != NULL ? castNode(TypeName, as->arg) : NULL;
    struct lk_type type = {0};

    if (lk_refuse_repeated(catalog, options, NULL) || lk_refuse_type(catalog, type_name))
        return true;
    if (type_name == NULL || !lk_replay_type(catalog, type_name, &type, NULL) ||
        lk_type_is(&type, "int2") || lk_type_is(&type, "int4") || lk_type_is(&type, "int8") ||
        !lk_type_is_builtin(&type))
        return false;
    lk_refuse(catalog, "22023", as->location, "sequence type must be smallint, integer, or bigint");
    return true;
}

void
lk_replay_create_sequence(struct lk_catalog *catalog, const CreateSeqStmt *stmt)
{
    const RangeVar *range = stmt->sequence;
    const char *schema =
        range->relpersistence == RELPERSISTENCE_TEMP ? "pg_temp" : range->schemaname;
    const struct lk_relation *old = lk_catalog_relation(
        catalog, schema != NULL ? schema : lk_catalog_creation_schema(catalog), range->relname);
    size_t refusals = catalog->refusals.items.count;

    if (old != NULL && (!old->object.assumed || stmt->if_not_exists)) {
        if (!stmt->if_not_exists)
            lk_refuse_taken(catalog, old->schema, range->relname, range->location);
        return;
    }
    if (refuse_options(catalog, stmt->options))
        return;
    size_t mark = lk_catalog_mark(catalog);
    struct lk_relation *sequence =
        lk_catalog_add_relation(catalog, schema, range->relname, LK_RELATION_SEQUENCE);
    lk_replay_created(catalog, &sequence->object);
    sequence->unlogged = range->relpersistence == RELPERSISTENCE_UNLOGGED;
    lk_sequence_set(catalog, sequence, NULL, stmt->options);
    own_sequence(catalog, sequence, stmt->options);
    if (catalog->refusals.items.count > refusals)
        lk_catalog_return_to(catalog, mark);
}

void
lk_replay_alter_sequence(struct lk_catalog *catalog, const AlterSeqStmt *stmt)
{
    const RangeVar *range = stmt->sequence;
    struct lk_relation *sequence = lk_catalog_relation(catalog, range->schemaname, range->relname);
    size_t refusals = catalog->refusals.items.count;

    if (sequence == NULL) {
        if (!stmt->missing_ok)
            lk_refuse_missing(catalog, range);
        return;
    }
    if (sequence->kind != LK_RELATION_SEQUENCE && sequence->kind != LK_RELATION_UNKNOWN) {
        lk_refuse(catalog, "42809", range->location, "cannot open relation \"%s\"",
                  sequence->object.name);
        return;
    }
    if (refuse_options(catalog, stmt->options))
        return;
    size_t mark = lk_catalog_mark(catalog);
    lk_sequence_set(catalog, sequence, NULL, stmt->options);
    own_sequence(catalog, sequence, stmt->options);
    if (catalog->refusals.items.count > refusals)
        lk_catalog_return_to(catalog, mark);
}
