/*
 * rules/schema/replay_function.c
 *     CREATE FUNCTION, CREATE PROCEDURE and CREATE AGGREGATE; which function a name means.
 */
#include "parser/base/buf.h"
#include "rules/schema/analyze.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_named.h"
#include "rules/schema/replay_signature.h"
#include "rules/schema/replay_type.h"

/* ---- arguments ---- */

/* is_input returns whether an argument is passed in: it counts for who the function is. */
static bool
is_input(const struct lk_argument *argument)
{
    return argument->mode != 'o' && argument->mode != 't';
}

static struct lk_argument *
make_argument(struct lk_catalog *catalog, const FunctionParameter *parameter)
{
    struct lk_argument *argument = lk_new(catalog->objects, struct lk_argument);

    argument->name = lk_strdup(argument, parameter->name);
    argument->mode = parameter->mode == FUNC_PARAM_DEFAULT ? 'i' : (char)parameter->mode;
    argument->has_default = parameter->defexpr != NULL;
    argument->type_known = lk_replay_type(catalog, parameter->argType, &argument->type, NULL);
    argument->type.mod_count = 0;
    return argument;
}

static void
add_arguments(struct lk_catalog *catalog, struct lk_function *function, const List *parameters)
{
    ListCell *cell;

    foreach(cell, parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        lk_vec_push(function, &function->arguments, make_argument(catalog, parameter));
    }
}

void
lk_replay_sign(struct lk_catalog *catalog, struct lk_function *function)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_buf signature = lk_buf_init(scratch);
    const char *separator = "";

    lk_buf_addf(&signature, "%s(", lk_object_sql(scratch, &function->object, LK_MENTION_NAME));
    lk_vec_foreach(item, &function->arguments) {
        const struct lk_argument *argument = *item;
        if (!is_input(argument))
            continue;
        lk_buf_add(&signature, separator);
        lk_buf_add(&signature,
                   argument->type.name != NULL ? lk_type_words(scratch, &argument->type) : "?");
        separator = ", ";
    }
    lk_buf_addc(&signature, ')');
    lk_catalog_touch(catalog, function);
    function->signature = lk_catalog_keep(catalog, signature.data);
}

static bool
same_argument(const struct lk_type *a, const struct lk_type *b)
{
    return a->name != NULL && b->name != NULL && lk_replay_same_type(a, b);
}

static bool
same_inputs(const struct lk_function *a, const struct lk_function *b)
{
    size_t i = 0, j = 0;

    for (;; i++, j++) {
        while (i < a->arguments.count && !is_input(a->arguments.items[i]))
            i++;
        while (j < b->arguments.count && !is_input(b->arguments.items[j]))
            j++;
        if (i == a->arguments.count || j == b->arguments.count)
            return i == a->arguments.count && j == b->arguments.count;
        if (!same_argument(&a->arguments.items[i]->type, &b->arguments.items[j]->type))
            return false;
    }
}

/* find_same returns the function of a schema with the same name and input types, or NULL. */
static struct lk_function *
find_same(const struct lk_catalog *catalog, const struct lk_function *wanted)
{
    struct lk_function *found = NULL;

    while ((found = lk_catalog_functions(catalog, wanted->schema, wanted->object.name, found)))
        if (found != wanted && same_inputs(found, wanted))
            return found;
    return NULL;
}

/* ---- CREATE ---- */

/* result_of_outputs says what a function without RETURNS returns: its OUT arguments. */
static void
result_of_outputs(struct lk_function *function)
{
    size_t outputs = 0;

    lk_vec_foreach(item, &function->arguments) {
        const struct lk_argument *argument = *item;
        if (argument->mode != 'o' && argument->mode != 'b' && argument->mode != 't')
            continue;
        outputs++;
        function->result = argument->type;
        function->result_known = argument->type_known;
    }
    if (outputs == 1 && function->kind != 'p')
        return;
    function->result =
        (struct lk_type){.schema = lk_pg_catalog, .name = outputs == 0 ? "void" : "record"};
    function->result_known = true;
}

static bool
returns_table(const struct lk_function *function)
{
    lk_vec_foreach(argument, &function->arguments)
        if ((*argument)->mode == 't')
            return true;
    return false;
}

static void
set_result(struct lk_catalog *catalog, struct lk_function *function, const CreateFunctionStmt *stmt)
{
    const TypeName *type = stmt->returnType;

    if (type == NULL || returns_table(function)) {
        result_of_outputs(function);
        function->returns_set = returns_table(function);
        return;
    }
    function->result_known = lk_replay_type(catalog, type, &function->result, NULL);
    function->result.mod_count = 0;
    function->returns_set = type->setof;
}

static void
set_options(struct lk_function *function, const List *options)
{
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "volatility") == 0)
            function->volatility = strVal(option->arg)[0];
        else if (strcmp(option->defname, "window") == 0)
            function->kind = 'w';
    }
}

/* describe returns a function as CREATE FUNCTION tells of it, not in the catalog. */
static struct lk_function *
describe(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    struct lk_qname name = lk_qname_of_list(stmt->funcname);
    struct lk_function *function = lk_new(catalog->statement_mem, struct lk_function);

    function->object.class = LK_CLASS_FUNCTION;
    function->object.name = name.name;
    function->object.touched = catalog->level;
    function->schema = name.schema != NULL ? name.schema : lk_catalog_creation_schema(catalog);
    function->kind = stmt->is_procedure ? 'p' : 'f';
    function->volatility = 'v';
    add_arguments(catalog, function, stmt->parameters);
    set_result(catalog, function, stmt);
    set_options(function, stmt->options);
    return function;
}

/* next_input returns the next argument that is passed in, from `*index` on, or NULL. */
static const struct lk_argument *
next_input(const struct lk_function *function, size_t *index)
{
    while (*index < function->arguments.count) {
        const struct lk_argument *argument = function->arguments.items[(*index)++];
        if (is_input(argument))
            return argument;
    }
    return NULL;
}

/* differs_inside returns whether OR REPLACE would change an argument's name or drop a default. */
static bool
differs_inside(struct lk_catalog *catalog, const struct lk_function *old,
               const struct lk_function *new)
{
    size_t i = 0, j = 0;
    const struct lk_argument *before, *after;

    while ((before = next_input(old, &i)) != NULL && (after = next_input(new, &j)) != NULL) {
        if (before->name != NULL &&
            (after->name == NULL || strcmp(before->name, after->name) != 0)) {
            lk_refuse(catalog, "42P13", -1, "cannot change name of input parameter \"%s\"",
                      before->name)
                ->object = &old->object;
            return true;
        }
        if (before->has_default && !after->has_default) {
            lk_refuse(catalog, "42P13", -1,
                      "cannot remove parameter defaults from existing function")
                ->object = &old->object;
            return true;
        }
    }
    return false;
}

static bool
same_outputs(const struct lk_function *a, const struct lk_function *b)
{
    size_t i = 0, j = 0;

    for (;; i++, j++) {
        while (i < a->arguments.count && strchr("iv", a->arguments.items[i]->mode) != NULL)
            i++;
        while (j < b->arguments.count && strchr("iv", b->arguments.items[j]->mode) != NULL)
            j++;
        if (i == a->arguments.count || j == b->arguments.count)
            return i == a->arguments.count && j == b->arguments.count;
        const struct lk_argument *left = a->arguments.items[i], *right = b->arguments.items[j];
        if (!left->type_known || !right->type_known)
            continue;
        if (!same_argument(&left->type, &right->type) ||
            strcmp(left->name != NULL ? left->name : "", right->name != NULL ? right->name : "") !=
                0)
            return false;
    }
}

static bool
same_result(const struct lk_function *a, const struct lk_function *b)
{
    if (a->returns_set != b->returns_set)
        return false;
    if (!a->result_known || !b->result_known)
        return true;
    if (!lk_replay_same_type(&a->result, &b->result))
        return false;
    return !lk_type_is(&a->result, "record") || same_outputs(a, b);
}

/*
 * refuses_replace returns whether the server does not let one function take another's place.
 * Source: ProcedureCreate(), src/backend/catalog/pg_proc.c.
 */
static bool
refuses_replace(struct lk_catalog *catalog, const struct lk_function *old,
                const struct lk_function *new, bool replace)
{
    if (old->object.assumed)
        return false;
    if (!replace) {
        struct lk_refusal *refusal =
            lk_refuse(catalog, "42723", -1,
                      "function \"%s\" already exists with same argument types", old->object.name);
        refusal->object = &old->object;
        refusal->name = old->signature;
        return true;
    }
    if (old->kind != new->kind) {
        lk_refuse(catalog, "42809", -1, "cannot change routine kind")->object = &old->object;
        return true;
    }
    if (!same_result(old, new)) {
        lk_refuse(catalog, "42P13", -1,
                  old->kind == 'p' ? "cannot change whether a procedure has output parameters"
                                   : "cannot change return type of existing function")
            ->object = &old->object;
        return true;
    }
    return differs_inside(catalog, old, new);
}

/*
 * lean_inside notes what a function names in the defaults of its arguments and in a body that is
 * SQL itself: the server resolves these when it is created.
 */
static void
lean_inside(struct lk_catalog *catalog, struct lk_function *function,
            const CreateFunctionStmt *stmt)
{
    struct lk_mentions mentions = {function->definition, catalog->statement->span.start};
    Node *body = stmt->sql_body;
    ListCell *cell;

    foreach(cell, stmt->parameters)
        lk_analyze_expression(catalog, NULL, lfirst_node(FunctionParameter, cell)->defexpr,
                              mentions, NULL);
    if (body != NULL && IsA(body, ReturnStmt))
        lk_analyze_routine(catalog, body, mentions);
    else if (body != NULL && IsA(body, List))
        foreach(cell, linitial_node(List, (List *)body))
            lk_analyze_routine(catalog, lfirst(cell), mentions);
    lk_depend_text(catalog, &function->object, function->definition, LK_DEPENDS_NORMAL);
}

/* lean notes on which types and in which language a function is. */
static void
lean(struct lk_catalog *catalog, struct lk_function *function, const CreateFunctionStmt *stmt)
{
    uint32_t start = catalog->statement->span.start;
    ListCell *cell;

    foreach(cell, stmt->parameters)
        lk_replay_use_type(catalog, lfirst_node(FunctionParameter, cell)->argType,
                           &function->object, function->definition, start);
    if (!returns_table(function))
        lk_replay_use_type(catalog, stmt->returnType, &function->object, function->definition,
                           start);
    foreach(cell, stmt->options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        struct lk_object *language = NULL;
        if (strcmp(option->defname, "language") == 0)
            language = lk_catalog_object(catalog, LK_CLASS_LANGUAGE, NULL, strVal(option->arg));
        if (language != NULL)
            lk_depend(catalog, &function->object, language, LK_DEPENDS_NORMAL);
    }
}

/* put adds a described function to the catalog, or puts it in the place of an old one. */
static struct lk_function *
put(struct lk_catalog *catalog, struct lk_function *old, const struct lk_function *described)
{
    struct lk_function *function = old;

    if (function == NULL) {
        function = lk_catalog_add_function(catalog, described->schema, described->object.name,
                                           described->kind);
        lk_replay_created(catalog, &function->object);
    } else {
        lk_undepend_on(catalog, &function->object);
        lk_catalog_touch(catalog, function);
        lk_catalog_retire(catalog, function->definition);
        lk_vec_foreach(argument, &function->arguments)
            lk_catalog_retire(catalog, *argument);
        if (function->object.assumed)
            catalog->created = &function->object;
        function->object.assumed = function->object.doubtful = false;
    }
    function->kind = described->kind;
    function->result = described->result;
    function->result_known = described->result_known;
    function->returns_set = described->returns_set;
    function->volatility = described->volatility;
    function->commits = false;
    function->changes = NULL;
    function->arguments.count = 0;
    lk_vec_foreach(argument, &described->arguments)
        lk_vec_push(function, &function->arguments, *argument);
    lk_replay_sign(catalog, function);
    return function;
}

void
lk_replay_create_function(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    lk_replay_shell_of_result(catalog, stmt);
    struct lk_function *described = describe(catalog, stmt);
    struct lk_function *old = find_same(catalog, described);

    if (lk_replay_no_schema(catalog, described->schema) || lk_refuse_signature(catalog, stmt))
        return;
    if (old != NULL && refuses_replace(catalog, old, described, stmt->replace))
        return;
    struct lk_function *function = put(catalog, old, described);
    function->definition = lk_replay_definition(
        catalog, stmt->is_procedure ? "procedure" : "function", &function->object);
    function->path = NULL;
    lean(catalog, function, stmt);
    lean_inside(catalog, function, stmt);
}

struct lk_function *
lk_replay_function_of(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    return find_same(catalog, describe(catalog, stmt));
}

/* old_base returns the type behind basetype in CREATE AGGREGATE name (basetype = ...). */
static TypeName *
old_base(const DefineStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->definition) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "basetype") == 0 && option->arg != NULL &&
            IsA(option->arg, TypeName))
            return (TypeName *)option->arg;
    }
    return NULL;
}

/* state_of returns the type that an aggregate collects in, or NULL. */
static const TypeName *
state_of(const DefineStmt *stmt)
{
    ListCell *cell;

    foreach(cell, stmt->definition) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "stype") == 0 && option->arg != NULL &&
            IsA(option->arg, TypeName))
            return (const TypeName *)option->arg;
    }
    return NULL;
}

/* set_result sets what an aggregate returns: its state, where no last function makes it another. */
static void
set_aggregate_result(struct lk_catalog *catalog, struct lk_function *aggregate,
                     const DefineStmt *stmt)
{
    TypeName *state = NULL;
    ListCell *cell;

    foreach(cell, stmt->definition) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "finalfunc") == 0)
            return;
        if (strncmp(option->defname, "stype", 5) == 0 && option->arg != NULL &&
            IsA(option->arg, TypeName))
            state = (TypeName *)option->arg;
    }
    if (state != NULL)
        aggregate->result_known = lk_replay_type(catalog, state, &aggregate->result, NULL);
}

/* The functions that an aggregate is made of, by what they take. */
static const struct part_of_aggregate {
    const char *name;
    const char *state; /* the option that gives the type of their first argument */
    bool inputs;       /* the aggregate's own arguments come behind it */
    bool twice;        /* the first one comes again */
    bool makes_result;
} parts_of_aggregate[] = {
    {"sfunc", "stype", .inputs = true},        {"sfunc1", "stype", .inputs = true},
    {"combinefunc", "stype", .twice = true},   {"finalfunc", "stype", .makes_result = true},
    {"msfunc", "mstype", .inputs = true},      {"minvfunc", "mstype", .inputs = true},
    {"mfinalfunc", "mstype", .inputs = false},
};

/* option_of returns the value of an option of CREATE AGGREGATE, a name or a type, or NULL. */
static TypeName *
option_of(const DefineStmt *stmt, const char *name)
{
    ListCell *cell;

    foreach(cell, stmt->definition) {
        const DefElem *option = lfirst_node(DefElem, cell);
        bool same = strcmp(option->defname, name) == 0 ||
                    (strcmp(name, "stype") == 0 && strcmp(option->defname, "stype1") == 0);
        if (same && option->arg != NULL && IsA(option->arg, TypeName))
            return (TypeName *)option->arg;
    }
    return NULL;
}

/* lean_on_parts notes the functions that an aggregate is made of, where several have a name. */
static void
lean_on_parts(struct lk_catalog *catalog, struct lk_function *aggregate, const DefineStmt *stmt)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(parts_of_aggregate); i++) {
        const struct part_of_aggregate *part = &parts_of_aggregate[i];
        const TypeName *named = option_of(stmt, part->name);
        TypeName *type = option_of(stmt, part->state);
        if (named == NULL || type == NULL)
            continue;
        struct lk_qname name = lk_qname_of_list(named->names);
        FunctionParameter parameter = {.mode = FUNC_PARAM_DEFAULT, .argType = type};
        struct lk_function wanted = {.object = {.name = name.name}}, *it = NULL;
        for (int k = 0; k <= part->twice; k++)
            lk_vec_push(catalog->statement_mem, &wanted.arguments,
                        make_argument(catalog, &parameter));
        if (part->inputs)
            lk_vec_foreach(argument, &aggregate->arguments)
                lk_vec_push(catalog->statement_mem, &wanted.arguments, *argument);
        while ((it = lk_catalog_functions(catalog, name.schema, name.name, it)) != NULL)
            if (it->kind != 'a' && same_inputs(it, &wanted))
                break;
        if (it == NULL)
            continue;
        lk_depend(catalog, &aggregate->object, &it->object, LK_DEPENDS_NORMAL);
        if (part->makes_result) {
            aggregate->result = it->result;
            aggregate->result_known = it->result_known;
        }
    }
}

/* lean_on_order notes the operator that min() and max() of an own kind stand for: SORTOP. */
static void
lean_on_order(struct lk_catalog *catalog, struct lk_function *aggregate, const DefineStmt *stmt,
              const List *parameters)
{
    ListCell *cell;

    if (list_length(parameters) != 1)
        return;
    const TypeName *type = linitial_node(FunctionParameter, parameters)->argType;
    foreach(cell, stmt->definition) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "sortop") != 0 || option->arg == NULL ||
            !IsA(option->arg, List))
            continue;
        struct lk_qname name = lk_qname_of_list((const List *)option->arg);
        struct lk_named *operator=
            lk_replay_named(catalog, LK_CLASS_OPERATOR, name.schema, name.name,
                            lk_replay_operator_kind(catalog, type, type));
        if (operator!= NULL)
            lk_depend(catalog, &aggregate->object, &operator->object, LK_DEPENDS_NORMAL);
    }
}

void
lk_replay_create_aggregate(struct lk_catalog *catalog, const DefineStmt *stmt)
{
    struct lk_qname name = lk_qname_of_list(stmt->defnames);
    struct lk_function *described = lk_new(catalog->statement_mem, struct lk_function);
    const List *parameters =
        stmt->oldstyle || stmt->args == NIL ? NIL : linitial_node(List, stmt->args);
    TypeName *base = stmt->oldstyle ? old_base(stmt) : NULL;

    described->object.class = LK_CLASS_FUNCTION;
    described->object.name = name.name;
    described->object.touched = catalog->level;
    described->schema = name.schema != NULL ? name.schema : lk_catalog_creation_schema(catalog);
    described->kind = 'a';
    described->volatility = 'i';
    add_arguments(catalog, described, parameters);
    if (base != NULL && strcmp(lk_qname_of_list(base->names).name, "any") != 0) {
        FunctionParameter parameter = {.mode = FUNC_PARAM_DEFAULT, .argType = base};
        lk_vec_push(described, &described->arguments, make_argument(catalog, &parameter));
    }
    set_aggregate_result(catalog, described, stmt);
    if (!stmt->oldstyle &&
        lk_refuse_undetermined(catalog, state_of(stmt), parameters, "transition"))
        return;
    struct lk_function *old = find_same(catalog, described);
    if (old != NULL && refuses_replace(catalog, old, described, stmt->replace))
        return;
    struct lk_function *function = put(catalog, old, described);
    function->definition = lk_replay_definition(catalog, "aggregate", &function->object);
    lk_replay_lean_on_elements(catalog, &function->object, stmt->definition);
    lean_on_parts(catalog, function, stmt);
    lean_on_order(catalog, function, stmt, parameters);
    ListCell *cell;
    foreach(cell, parameters)
        lk_replay_use_type(catalog, lfirst_node(FunctionParameter, cell)->argType,
                           &function->object, function->definition, catalog->statement->span.start);
}
