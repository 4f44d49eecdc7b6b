/*
 * rules/effects/effects_sequence.c
 *     What functions of the server's own lock that are told a relation by its name.
 *
 * Sources: init_sequence(), src/backend/commands/sequence.c; pg_get_serial_sequence(), ruleutils.c;
 * measured on 15 and 18.
 */
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"

/* text_of returns the string that an argument is, or NULL. */
static const char *
text_of(const Node *argument)
{
    while (argument != NULL && IsA(argument, TypeCast)) /* 'name'::regclass */
        argument = ((const TypeCast *)argument)->arg;
    if (argument == NULL || !IsA(argument, A_Const) || ((const A_Const *)argument)->isnull ||
        !IsA(&((const A_Const *)argument)->val, String))
        return NULL;
    return strVal(&((const A_Const *)argument)->val);
}

static const char *
argument_text(const FuncCall *call, int index)
{
    return index < list_length(call->args) ? text_of(list_nth(call->args, index)) : NULL;
}

/* named returns the relation that a text names as regclass reads it, or NULL. */
static const struct lk_relation *
named(const struct lk_gather *gather, const char *text)
{
    struct lk_qname name = {0};

    if (text == NULL || strchr(text, '"') != NULL)
        return NULL;
    char *copy = lk_strdup(gather->mem, text), *dot = strchr(copy, '.');
    name.name = dot != NULL ? dot + 1 : copy;
    if (dot != NULL) {
        *dot = '\0';
        name.schema = copy;
    }
    return lk_catalog_relation(gather->catalog, name.schema, name.name);
}

/* sequence_of returns the sequence that an argument means, or NULL. */
static const struct lk_relation *
sequence_of(const struct lk_gather *gather, const Node *argument)
{
    while (argument != NULL && IsA(argument, TypeCast))
        argument = ((const TypeCast *)argument)->arg;
    if (argument == NULL || !IsA(argument, FuncCall))
        return named(gather, text_of(argument));
    const FuncCall *call = (const FuncCall *)argument;
    const struct lk_relation *table = named(gather, argument_text(call, 0));
    const char *column = argument_text(call, 1);
    if (strcmp(lk_qname_of_list(call->funcname).name, "pg_get_serial_sequence") != 0 ||
        table == NULL || column == NULL)
        return NULL;
    return lk_catalog_sequence(gather->catalog, table, column);
}

static bool
is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/*
 * statistics_call notes the table whose statistics a function of 18 writes or clears: its arguments
 * are names and values in turn, or the schema and the table.
 */
static void
statistics_call(struct lk_gather *gather, const FuncCall *call, const char *function)
{
    static const char *const pairs[] = {"pg_restore_relation_stats", "pg_restore_attribute_stats"};
    static const char *const plain[] = {"pg_clear_relation_stats", "pg_clear_attribute_stats"};
    struct lk_qname name = {0};

    if (is_one_of(function, plain, LK_ARRAY_SIZE(plain)))
        name = (struct lk_qname){argument_text(call, 0), argument_text(call, 1)};
    else if (!is_one_of(function, pairs, LK_ARRAY_SIZE(pairs)))
        return;
    else
        for (int i = 0; i + 1 < list_length(call->args); i += 2) {
            const char *key = argument_text(call, i);
            if (key != NULL && strcmp(key, "schemaname") == 0)
                name.schema = argument_text(call, i + 1);
            else if (key != NULL && strcmp(key, "relname") == 0)
                name.name = argument_text(call, i + 1);
        }
    if (name.schema != NULL && name.name != NULL)
        lk_gather_lock(gather, name, LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

void
lk_gather_builtin_call(struct lk_gather *gather, const FuncCall *call)
{
    static const char *const numbers[] = {"nextval", "setval", "currval", "pg_sequence_last_value"};
    const char *function = lk_qname_of_list(call->funcname).name;

    if (call->args == NIL)
        return;
    statistics_call(gather, call, function);
    if (is_one_of(function, numbers, LK_ARRAY_SIZE(numbers)))
        lk_gather_lock_known(gather, sequence_of(gather, linitial(call->args)),
                             LK_LOCK_ROW_EXCLUSIVE);
}

/*
 * may_open_stored returns whether the server perhaps opens the sequences of an expression that it
 * stores. Measured: 15.20 does, 15.18 and 18.4 do not.
 */
static bool
may_open_stored(const struct lk_gather *gather)
{
    return lk_catalog_version(gather->catalog) < 18;
}

void
lk_gather_stored(struct lk_gather *gather, const Node *expression)
{
    struct lk_tree_calls calls = {0};
    bool maybe = gather->maybe;

    if (expression == NULL || !may_open_stored(gather))
        return;
    lk_tree_calls(gather->mem, expression, &calls);
    gather->maybe = true;
    lk_vec_foreach(call, &calls.items)
        if ((*call)->args != NIL)
            lk_gather_lock_known(gather, sequence_of(gather, linitial((*call)->args)),
                                 LK_LOCK_ACCESS_SHARE);
    gather->maybe = maybe;
}

void
lk_gather_drawn_by(struct lk_gather *gather, const struct lk_column *column, enum lk_lock_mode mode)
{
    if (column->serial || column->identity)
        lk_gather_lock_known(
            gather, lk_catalog_sequence(gather->catalog, column->relation, column->object.name),
            mode);
    if (column->default_value == NULL || column->generated)
        return;
    lk_vec_foreach(mention, &column->default_value->mentions) {
        const struct lk_relation *relation = (const struct lk_relation *)mention->object;
        if (relation != NULL && relation->object.class == LK_CLASS_RELATION &&
            relation->kind == LK_RELATION_SEQUENCE)
            lk_gather_lock_known(gather, relation, mode);
    }
}

void
lk_gather_stored_again(struct lk_gather *gather, const struct lk_column *column)
{
    bool maybe = gather->maybe;

    if (column->identity || !may_open_stored(gather))
        return;
    gather->maybe = true;
    lk_gather_drawn_by(gather, column, LK_LOCK_ACCESS_SHARE);
    gather->maybe = maybe;
}
