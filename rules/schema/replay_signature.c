/*
 * rules/schema/replay_signature.c
 *     What the server refuses of the signature of a new function: see replay_signature.h.
 */
#include "rules/schema/replay_signature.h"

#include "parser/pgparse.h"
#include "parser/tree.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_clauses.h"
#include "rules/schema/replay_setting.h"

#define INVALID "42P13" /* invalid_function_definition */

/* number_of returns a type as builtin.h numbers it, LK_BT_OPAQUE for the user's own. */
static uint16_t
number_of(struct lk_catalog *catalog, const TypeName *type_name)
{
    struct lk_type type = {0};

    if (type_name == NULL || !lk_replay_type(catalog, type_name, &type, NULL) || type.name == NULL)
        return LK_BT_OPAQUE;
    return lk_builtin_type_of(&type);
}

/* refuse_type refuses a type that is not there: serial is one of columns in CREATE TABLE alone. */
static bool
refuse_type(struct lk_catalog *catalog, const TypeName *type_name)
{
    struct lk_type type;

    if (lk_refuse_type(catalog, type_name))
        return true;
    if (!lk_type_of(catalog->statement_mem, type_name, &type) || !type.serial)
        return false;
    const char *name = lk_qname_of_list(type_name->names).name;
    lk_refuse(catalog, "42704", type_name->location, "type \"%s\" does not exist", name)->name =
        lk_quote_ident(catalog->statement_mem, name);
    return true;
}

static bool
is_out(const FunctionParameter *parameter)
{
    return parameter->mode == FUNC_PARAM_OUT || parameter->mode == FUNC_PARAM_TABLE;
}

/* ---- parameters ---- */

/* refuse_name refuses a name that an earlier parameter has; one that is passed in may be that of
 * one that is returned. */
static bool
refuse_name(struct lk_catalog *catalog, const List *parameters, const FunctionParameter *parameter)
{
    bool out = is_out(parameter), both = parameter->mode == FUNC_PARAM_INOUT;
    ListCell *cell;

    foreach(cell, parameters) {
        const FunctionParameter *other = lfirst_node(FunctionParameter, cell);
        if (other == parameter)
            return false;
        bool apart = !both && other->mode != FUNC_PARAM_INOUT && is_out(other) != out;
        if (apart || other->name == NULL || strcmp(other->name, parameter->name) != 0)
            continue;
        lk_refuse(catalog, INVALID, -1, "parameter name \"%s\" used more than once",
                  parameter->name);
        return true;
    }
    return false;
}

/* Which parameters there were already. */
struct seen {
    bool variadic;
    bool has_default;
};

/* refuse_order refuses what cannot come behind what there was already. */
static const char *
refused_order(const struct seen *seen, const FunctionParameter *parameter, bool procedure)
{
    bool out = is_out(parameter);

    if (seen->variadic && !out)
        return "VARIADIC parameter must be the last input parameter";
    if (seen->variadic && procedure)
        return "VARIADIC parameter must be the last parameter";
    if (parameter->defexpr != NULL && out)
        return "only input parameters can have default values";
    if (parameter->defexpr == NULL && seen->has_default && !out)
        return "input parameters after one with a default value must also have defaults";
    return parameter->defexpr == NULL && seen->has_default && procedure
               ? "procedure OUT parameters cannot appear after one with a default value"
               : NULL;
}

/* refuse_default refuses a string constant that is no value of a parameter's type. */
static bool
refuse_default(struct lk_catalog *catalog, const FunctionParameter *parameter)
{
    struct lk_type type;

    return parameter->defexpr != NULL &&
           lk_replay_type(catalog, parameter->argType, &type, NULL) &&
           lk_refuse_literal(catalog, &type, parameter->defexpr);
}

/* Source: interpret_function_parameter_list(), src/backend/commands/functioncmds.c. */
static bool
refuse_parameters(struct lk_catalog *catalog, const List *parameters, bool procedure, bool shells)
{
    struct seen seen = {0};
    ListCell *cell;

    foreach(cell, parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        const char *wrong = refused_order(&seen, parameter, procedure);
        uint16_t type = parameter->mode == FUNC_PARAM_VARIADIC
                            ? number_of(catalog, parameter->argType)
                            : LK_BT_OPAQUE;
        if (!shells && refuse_type(catalog, parameter->argType)) {
            struct lk_refusal *refusal = lk_vec_last(&catalog->refusals.items);
            if (strcmp(refusal->sqlstate, "42704") == 0)
                refusal->message =
                    lk_fmt(catalog->statement_mem, "type %s does not exist", refusal->name);
            return true;
        }
        if (parameter->argType->setof)
            wrong = procedure ? "procedures cannot accept set arguments"
                              : "functions cannot accept set arguments";
        else if (!lk_builtin_is_opaque(type) && type != LK_BT_any && type != LK_BT_anyarray &&
                 type != LK_BT_anycompatiblearray && lk_builtin_element(type) == LK_BT_NONE)
            wrong = "VARIADIC parameter must be an array";
        if (wrong != NULL) {
            lk_refuse(catalog, INVALID, -1, "%s", wrong);
            return true;
        }
        if (parameter->name != NULL && parameter->name[0] != '\0' &&
            refuse_name(catalog, parameters, parameter))
            return true;
        if (refuse_default(catalog, parameter))
            return true;
        seen.variadic |= parameter->mode == FUNC_PARAM_VARIADIC;
        seen.has_default |= parameter->defexpr != NULL;
    }
    return false;
}

/* ---- types that come from the arguments' ---- */

/* The families of polymorphic types, and their ranges, which tell less. */
enum family { NOT_POLYMORPHIC, ANY, ANY_RANGE, COMPATIBLE, COMPATIBLE_RANGE };

static enum family
family_of(uint16_t type)
{
    switch (type) {
    case LK_BT_anyelement:
    case LK_BT_anyarray:
    case LK_BT_anynonarray:
    case LK_BT_anyenum:
        return ANY;
    case LK_BT_anyrange:
    case LK_BT_anymultirange:
        return ANY_RANGE;
    case LK_BT_anycompatible:
    case LK_BT_anycompatiblearray:
    case LK_BT_anycompatiblenonarray:
        return COMPATIBLE;
    case LK_BT_anycompatiblerange:
    case LK_BT_anycompatiblemultirange:
        return COMPATIBLE_RANGE;
    default:
        return NOT_POLYMORPHIC;
    }
}

/*
 * is_determined returns whether the arguments tell what a polymorphic type is.
 * Source: check_valid_polymorphic_signature(), src/backend/parser/parse_coerce.c.
 */
static bool
is_determined(struct lk_catalog *catalog, uint16_t type, const List *parameters)
{
    enum family wanted = family_of(type);
    ListCell *cell;

    if (wanted == NOT_POLYMORPHIC)
        return true;
    foreach(cell, parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        enum family family = family_of(number_of(catalog, parameter->argType));
        if (is_out(parameter))
            continue;
        if (family == wanted || (wanted == ANY && family == ANY_RANGE) ||
            (wanted == COMPATIBLE && family == COMPATIBLE_RANGE))
            return true;
    }
    return false;
}

bool
lk_refuse_undetermined(struct lk_catalog *catalog, const TypeName *type, const List *parameters,
                       const char *what)
{
    if (type == NULL || is_determined(catalog, number_of(catalog, type), parameters))
        return false;
    lk_refuse(catalog, INVALID, -1, "cannot determine %s data type", what);
    return true;
}

/* Source: ProcedureCreate(), src/backend/catalog/pg_proc.c. */
static bool
refuse_results(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    ListCell *cell;

    if (lk_refuse_undetermined(catalog, stmt->returnType, stmt->parameters, "result"))
        return true;
    foreach(cell, stmt->parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        if ((is_out(parameter) || parameter->mode == FUNC_PARAM_INOUT) &&
            lk_refuse_undetermined(catalog, parameter->argType, stmt->parameters, "result"))
            return true;
    }
    return false;
}

/* ---- options ---- */

bool
lk_refuse_attributes(struct lk_catalog *catalog, const List *options, bool procedure)
{
    static const char *const of_functions[] = {"window",   "volatility", "leakproof", "strict",
                                               "parallel", "cost",       "rows",      "support"};
    ListCell *cell;

    foreach(cell, options)
        for (size_t i = 0; procedure && i < LK_ARRAY_SIZE(of_functions); i++)
            if (strcmp(lfirst_node(DefElem, cell)->defname, of_functions[i]) == 0) {
                lk_refuse(catalog, INVALID, lfirst_node(DefElem, cell)->location,
                          "invalid attribute in procedure definition");
                return true;
            }
    if (lk_refuse_repeated(catalog, options, "set"))
        return true;
    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (strcmp(option->defname, "set") == 0 &&
            lk_refuse_setting(catalog, castNode(VariableSetStmt, option->arg), false))
            return true;
    }
    return false;
}

/* refuse_language refuses a language that certainly is not there. */
static bool
refuse_language(struct lk_catalog *catalog, const char *language)
{
    static const char *const own[] = {"internal", "c", "sql", "plpgsql"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(own); i++)
        if (strcmp(own[i], language) == 0)
            return false;
    if (lk_catalog_object(catalog, LK_CLASS_LANGUAGE, NULL, language) != NULL ||
        lk_catalog_may_exist(catalog, LK_CLASS_LANGUAGE, NULL, language))
        return false;
    lk_refuse(catalog, "42704", -1, "language \"%s\" does not exist", language)->name =
        lk_quote_ident(catalog->statement_mem, language);
    return true;
}

/* refused_body returns what is wrong with the bodies that there are, or NULL. */
static const char *
refused_body(TALLOC_CTX *mem, const CreateFunctionStmt *stmt, const char *language)
{
    const DefElem *as = lk_tree_option(stmt->options, "as");
    bool is_list = as != NULL && as->arg != NULL && IsA(as->arg, List);

    if (stmt->sql_body != NULL && as != NULL)
        return "duplicate function body specified";
    if (stmt->sql_body != NULL && strcmp(language, "sql") != 0)
        return "inline SQL function body only valid for language SQL";
    if (stmt->sql_body == NULL && as == NULL)
        return "no function body specified";
    if (is_list && list_length((const List *)as->arg) > 1 && strcmp(language, "c") != 0)
        return lk_fmt(mem, "only one AS item needed for language \"%s\"", language);
    return NULL;
}

/*
 * outputs_of returns how many parameters are returned, and the type of the first.
 */
static size_t
outputs_of(struct lk_catalog *catalog, const List *parameters, uint16_t *ret)
{
    size_t count = 0;
    ListCell *cell;

    foreach(cell, parameters) {
        const FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);
        if (!is_out(parameter) && parameter->mode != FUNC_PARAM_INOUT)
            continue;
        if (count++ == 0)
            *ret = number_of(catalog, parameter->argType);
    }
    return count;
}

/* makes_shells returns whether a type that is not there yet is made by naming it as the result. */
static bool
makes_shells(const CreateFunctionStmt *stmt)
{
    const DefElem *language = lk_tree_option(stmt->options, "language");

    return language != NULL && (strcmp(strVal(language->arg), "c") == 0 ||
                                strcmp(strVal(language->arg), "internal") == 0);
}

/* refuse_result refuses RETURNS that is not there, or not what OUT parameters say. */
static bool
refuse_result(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    uint16_t first = LK_BT_OPAQUE;
    size_t outputs = outputs_of(catalog, stmt->parameters, &first);

    if (stmt->is_procedure)
        return false;
    if (stmt->returnType == NULL) {
        if (outputs > 0)
            return false;
        lk_refuse(catalog, INVALID, -1, "function result type must be specified");
        return true;
    }
    if (!makes_shells(stmt) && refuse_type(catalog, stmt->returnType))
        return true;
    if (outputs == 0)
        return false;
    uint16_t wanted = outputs > 1 ? LK_BT_record : first;
    uint16_t type = number_of(catalog, stmt->returnType);
    ListCell *cell;
    foreach(cell, stmt->parameters)
        if (lfirst_node(FunctionParameter, cell)->mode == FUNC_PARAM_TABLE)
            return false;
    if (type == wanted || type == LK_BT_NONE || wanted == LK_BT_NONE ||
        (outputs == 1 && lk_builtin_is_opaque(wanted)) || lk_builtin_is_opaque(type))
        return false;
    struct lk_type words;
    lk_builtin_type_write(wanted, &words);
    lk_refuse(catalog, INVALID, -1, "function result type must be %s because of OUT parameters",
              lk_type_words(catalog->statement_mem, &words));
    return true;
}

/* Source: CreateFunction(), src/backend/commands/functioncmds.c. */
bool
lk_refuse_signature(struct lk_catalog *catalog, const CreateFunctionStmt *stmt)
{
    const DefElem *option = lk_tree_option(stmt->options, "language");
    const char *language = option != NULL ? strVal(option->arg) : "sql";

    if (lk_refuse_attributes(catalog, stmt->options, stmt->is_procedure))
        return true;
    if (option == NULL && stmt->sql_body == NULL) {
        lk_refuse(catalog, INVALID, -1, "no language specified");
        return true;
    }
    if (refuse_language(catalog, language) ||
        refuse_parameters(catalog, stmt->parameters, stmt->is_procedure, makes_shells(stmt)) ||
        refuse_result(catalog, stmt))
        return true;
    const char *wrong = refused_body(catalog->statement_mem, stmt, language);
    if (wrong != NULL) {
        lk_refuse(catalog, INVALID, -1, "%s", wrong);
        return true;
    }
    return refuse_results(catalog, stmt);
}
