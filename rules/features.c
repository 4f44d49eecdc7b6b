/*
 * rules/features.c
 *     Features of statements: see features.h and features.def.
 */
#include "rules/features_private.h"

#include <strings.h>

static const struct lk_feature features[] = {
#define LK_SYNTAX(identifier, major, what, instead) {LK_FEATURE_SYNTAX, major, what, instead},
#define LK_USE(identifier, major, what, instead) {LK_FEATURE_USE, major, what, instead},
#include "rules/features.def"
};

static const struct option {
    int statement; /* a NodeTag */
    const char *option;
    const char *value; /* NULL: any, or none */
    struct lk_feature feature;
} options[] = {
#define LK_OPTION(statement, option, major)                                                        \
    {statement, option, NULL, {LK_FEATURE_OPTION, major, option, ""}},
#define LK_VALUE(statement, option, value, major)                                                  \
    {statement, option, value, {LK_FEATURE_VALUE, major, option " " value, ""}},
#include "rules/features.def"
};

static const struct call {
    const char *name;
    int count; /* of arguments */
    struct lk_feature feature;
} calls[] = {
#define LK_CALL(name, count, major)                                                                \
    {name, count, {LK_FEATURE_CALL, major, name "() with an argument count of " #count, ""}},
#include "rules/features.def"
};

static const struct lk_feature names[] = {
#define LK_NAME(kind, name, major) {LK_FEATURE_##kind, major, name, ""},
#include "rules/features.def"
};

static void
add(struct lk_feature_scan *scan, const struct lk_feature *feature, int location)
{
    if (feature->major <= scan->major)
        return;
    lk_vec_foreach(use, &scan->uses->items)
        if (use->feature == feature)
            return;
    lk_vec_push(scan->mem, &scan->uses->items, ((struct lk_feature_use){feature, location}));
}

void
lk_feature_if(struct lk_feature_scan *scan, bool used, enum lk_feature_id id, int location)
{
    if (used)
        add(scan, &features[id], location);
}

bool
lk_feature_is_newer(const struct lk_feature_scan *scan, enum lk_feature_id id)
{
    return features[id].major > scan->major;
}

/* ---- what goes by its name ---- */

void
lk_feature_name(struct lk_feature_scan *scan, enum lk_feature_kind kind, const char *name,
                int location)
{
    for (size_t i = 0; name != NULL && i < LK_ARRAY_SIZE(names); i++)
        if (names[i].kind == kind && names[i].major > scan->major &&
            strcmp(names[i].what, name) == 0)
            add(scan, &names[i], location);
}

/* plain_name returns a name that is not qualified, or by pg_catalog; else NULL. */
static const char *
plain_name(const List *words)
{
    if (words == NIL)
        return NULL;
    struct lk_qname name = lk_qname_of_list(words);

    return name.schema == NULL || strcmp(name.schema, "pg_catalog") == 0 ? name.name : NULL;
}

void
lk_feature_qualified(struct lk_feature_scan *scan, enum lk_feature_kind kind, const List *words,
                     int location)
{
    lk_feature_name(scan, kind, plain_name(words), location);
}

/* scan_set_config looks at the setting that a call of set_config or current_setting names. */
static void
scan_set_config(struct lk_feature_scan *scan, const FuncCall *call, const char *name)
{
    const A_Const *setting = call->args != NIL ? linitial(call->args) : NULL;
    bool sets = strcmp(name, "set_config") == 0;
    bool shows = strcmp(name, "current_setting") == 0 && list_length(call->args) == 1;

    if ((sets || shows) && setting != NULL && IsA(setting, A_Const) && !setting->isnull &&
        IsA(&setting->val, String))
        lk_feature_name(scan, LK_FEATURE_SETTING, setting->val.sval.sval, setting->location);
}

const char *
lk_feature_function(const struct lk_feature *feature)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(calls); i++)
        if (&calls[i].feature == feature)
            return calls[i].name;
    LK_BUG("no call: %s", feature->what);
}

void
lk_feature_call(struct lk_feature_scan *scan, const FuncCall *call)
{
    const char *name = plain_name(call->funcname);

    if (name == NULL)
        return;
    if (call->funcformat == COERCE_SQL_SYNTAX && strcmp(name, "timezone") == 0 &&
        list_length(call->args) == 1) {
        lk_feature_if(scan, true, LK_FEATURE_ID_AT_LOCAL, call->location);
        return;
    }
    lk_feature_name(scan, LK_FEATURE_FUNCTION, name, call->location);
    scan_set_config(scan, call, name);
    for (size_t i = 0; i < LK_ARRAY_SIZE(calls); i++)
        if (calls[i].count == list_length(call->args) && !call->func_variadic &&
            strcmp(calls[i].name, name) == 0)
            add(scan, &calls[i].feature, call->location);
}

static bool
integer_of(const List *list, int index, long *ret)
{
    const A_Const *value = list_nth(list, index);

    if (!IsA(value, A_Const) || value->isnull || !IsA(&value->val, Integer))
        return false;
    *ret = intVal(&value->val);
    return true;
}

void
lk_feature_type(struct lk_feature_scan *scan, const TypeName *type)
{
    long precision, scale;

    if (type == NULL || type->names == NIL)
        return;
    lk_feature_qualified(scan, LK_FEATURE_TYPE, type->names, type->location);
    const char *name = plain_name(type->names);
    if (name != NULL && strcmp(name, "numeric") == 0 && list_length(type->typmods) == 2 &&
        integer_of(type->typmods, 0, &precision) && integer_of(type->typmods, 1, &scale))
        lk_feature_if(scan, scale < 0 || scale > precision, LK_FEATURE_ID_NUMERIC_SCALE,
                      type->location);
}

void
lk_feature_role(struct lk_feature_scan *scan, const RoleSpec *role)
{
    if (role == NULL)
        return;
    lk_feature_if(scan, role->roletype == ROLESPEC_CURRENT_ROLE, LK_FEATURE_ID_CURRENT_ROLE,
                  role->location);
    if (role->roletype == ROLESPEC_CSTRING)
        lk_feature_name(scan, LK_FEATURE_ROLE, role->rolename, role->location);
}

void
lk_feature_roles(struct lk_feature_scan *scan, const List *roles)
{
    ListCell *cell;

    foreach(cell, roles)
        lk_feature_role(scan, lfirst_node(RoleSpec, cell));
}

/* ---- options ---- */

const char *
lk_feature_value(const DefElem *option)
{
    const Node *arg = option->arg;

    if (arg == NULL)
        return NULL;
    if (IsA(arg, String))
        return strVal(arg);
    return IsA(arg, TypeName) ? strVal(llast(((const TypeName *)arg)->names)) : NULL;
}

void
lk_feature_options(struct lk_feature_scan *scan, int statement, const List *list)
{
    ListCell *cell;

    foreach(cell, list) {
        const DefElem *option = lfirst_node(DefElem, cell);
        const char *value = lk_feature_value(option);
        for (size_t i = 0; i < LK_ARRAY_SIZE(options); i++)
            if (options[i].statement == statement &&
                strcmp(options[i].option, option->defname) == 0 &&
                (options[i].value == NULL ||
                 (value != NULL && strcasecmp(options[i].value, value) == 0)))
                add(scan, &options[i].feature, option->location);
    }
}

void
lk_feature_parameters(struct lk_feature_scan *scan, const List *list)
{
    ListCell *cell;

    foreach(cell, list) {
        const DefElem *option = lfirst_node(DefElem, cell);
        const char *value = lk_feature_value(option);
        lk_feature_name(scan, LK_FEATURE_PARAMETER, option->defname, option->location);
        lk_feature_if(scan,
                      strcmp(option->defname, "vacuum_index_cleanup") == 0 && value != NULL &&
                          strcasecmp(value, "auto") == 0,
                      LK_FEATURE_ID_INDEX_CLEANUP_AUTO, option->location);
        lk_feature_if(scan, strcmp(option->defname, "security_invoker") == 0,
                      LK_FEATURE_ID_SECURITY_INVOKER, option->location);
    }
}

/* ---- statements ---- */

void
lk_feature_statement(struct lk_feature_scan *scan, const Node *tree)
{
    if (tree == NULL || lk_feature_relation(scan, tree) || lk_feature_routine(scan, tree) ||
        lk_feature_replication(scan, tree) || lk_feature_access(scan, tree) ||
        lk_feature_administration(scan, tree))
        return;
    lk_feature_tree(scan, tree); /* a query, or what the walker does not know and leaves alone */
}

void
lk_features_newer(TALLOC_CTX *mem, const struct lk_source *source,
                  const struct lk_statement *statement, int major, struct lk_feature_uses *ret)
{
    struct lk_feature_scan scan = {
        .mem = mem, .text = source->text, .statement = statement, .major = major, .uses = ret};

    lk_feature_statement(&scan, statement->tree);
    lk_feature_numbers(&scan);
}
