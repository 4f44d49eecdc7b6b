/*
 * rules/schema/replay_function_find.c
 *     Which function DROP, ALTER, COMMENT and GRANT mean; ALTER FUNCTION.
 */
#include "parser/base/buf.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_find.h"
#include "rules/schema/replay_signature.h"

static bool
is_of_kind(const struct lk_function *function, ObjectType type)
{
    switch (type) {
    case OBJECT_AGGREGATE:
        return function->kind == 'a';
    case OBJECT_PROCEDURE:
        return function->kind == 'p';
    case OBJECT_FUNCTION:
        return function->kind != 'p';
    default:
        return true;
    }
}

/* takes returns whether a list holds the types of a function's inputs, or of `all` arguments. */
static bool
takes(struct lk_catalog *catalog, const struct lk_function *function, const List *types, bool all)
{
    ListCell *cell = list_head(types);

    lk_vec_foreach(item, &function->arguments) {
        const struct lk_argument *argument = *item;
        struct lk_type type;
        if (!all && (argument->mode == 'o' || argument->mode == 't'))
            continue;
        if (cell == NULL)
            return false;
        lk_replay_type(catalog, lfirst_node(TypeName, cell), &type, NULL);
        if (type.name == NULL || argument->type.name == NULL ||
            !lk_replay_same_type(&type, &argument->type))
            return false;
        cell = lnext(types, cell);
    }
    return cell == NULL;
}

static char *
target_sql(struct lk_catalog *catalog, const ObjectWithArgs *target)
{
    struct lk_buf sql = lk_buf_init(catalog->statement_mem);
    const char *separator = "";
    ListCell *cell;

    lk_buf_addf(&sql, "%s(",
                lk_qname_sql(catalog->statement_mem, lk_qname_of_list(target->objname)));
    foreach(cell, target->objargs) {
        lk_buf_addf(&sql, "%s%s", separator, lk_replay_type_words(catalog, lfirst(cell)));
        separator = ",";
    }
    lk_buf_addc(&sql, ')');
    return sql.data;
}

static void
refuse_missing(struct lk_catalog *catalog, const struct lk_sought *sought,
               const ObjectWithArgs *target, bool found)
{
    struct lk_qname name = lk_qname_of_list(target->objname);
    const char *word =
        sought->type == OBJECT_ROUTINE ? "procedure" : lk_replay_kind(sought->type)->keyword;

    /* a name without a schema may be one of the server's own: dropping it is refused all the same
     */
    if (sought->missing_ok ||
        lk_catalog_may_exist(catalog, LK_CLASS_FUNCTION, name.schema, name.name) ||
        (name.schema == NULL && !sought->drop && !found))
        return;
    if (lk_replay_no_schema(catalog, name.schema)) /* the server looks for that first */
        return;
    if (target->args_unspecified)
        lk_refuse(catalog, "42883", -1, "could not find a %s named \"%s\"", word,
                  lk_qname_sql(catalog->statement_mem, name));
    else
        lk_refuse(catalog, "42883", -1, "%s %s does not exist", word, target_sql(catalog, target));
    lk_vec_last(&catalog->refusals.items)->name = lk_qname_sql(catalog->statement_mem, name);
}

static void
refuse_ambiguous(struct lk_catalog *catalog, const struct lk_sought *sought,
                 const ObjectWithArgs *target, const struct lk_function *first)
{
    lk_refuse(catalog, "42725", -1, "%s name \"%s\" is not unique",
              lk_replay_kind(sought->type)->keyword,
              lk_qname_sql(catalog->statement_mem, lk_qname_of_list(target->objname)))
        ->object = &first->object;
}

/* is_hidden returns whether a function of an earlier schema in search_path has the same inputs. */
static bool
is_hidden(const struct lk_catalog *catalog, const char *schema, const struct lk_function *function)
{
    struct lk_function *earlier = NULL;

    while ((earlier = lk_catalog_functions(catalog, schema, function->object.name, earlier)) !=
           function)
        if (earlier->signature != NULL && strcmp(earlier->signature, function->signature) == 0)
            return true;
    return false;
}

/*
 * Without arguments the name has to be unique among those of the kind; with them the inputs have to
 * be the same, or for a procedure all its arguments.
 * Source: LookupFuncWithArgs(), src/backend/parser/parse_func.c.
 */
struct lk_function *
lk_replay_find_function(struct lk_catalog *catalog, const struct lk_sought *sought,
                        const ObjectWithArgs *target)
{
    struct lk_qname name = lk_qname_of_list(target->objname);
    struct lk_function *candidate = NULL, *found = NULL, *wrong = NULL;
    bool any = false;

    while ((candidate = lk_catalog_functions(catalog, name.schema, name.name, candidate))) {
        any = true;
        if (!target->args_unspecified && !takes(catalog, candidate, target->objargs, false) &&
            !(candidate->kind == 'p' && takes(catalog, candidate, target->objargs, true)))
            continue;
        if (!is_of_kind(candidate, sought->type)) {
            wrong = candidate;
            continue;
        }
        if (target->args_unspecified && found != NULL &&
            !is_hidden(catalog, name.schema, candidate)) {
            if (!found->object.assumed && !candidate->object.assumed)
                refuse_ambiguous(catalog, sought, target, found);
            return NULL;
        }
        if (found == NULL)
            found = candidate;
    }
    if (found != NULL)
        return found;
    if (wrong != NULL && !wrong->object.assumed && !target->args_unspecified)
        lk_refuse(catalog, "42809", -1, "%s is not %s %s", target_sql(catalog, target),
                  sought->type == OBJECT_AGGREGATE ? "an" : "a",
                  lk_replay_kind(sought->type)->keyword)
            ->object = &wrong->object;
    else if (wrong == NULL)
        refuse_missing(catalog, sought, target, any);
    return NULL;
}

void
lk_replay_alter_function(struct lk_catalog *catalog, const AlterFunctionStmt *stmt)
{
    struct lk_sought sought = {.type = stmt->objtype};
    struct lk_function *function = lk_replay_find_function(catalog, &sought, stmt->func);
    ListCell *cell;

    if (function == NULL || lk_refuse_attributes(catalog, stmt->actions, function->kind == 'p'))
        return;
    lk_catalog_touch(catalog, function);
    foreach(cell, stmt->actions) {
        const DefElem *action = lfirst_node(DefElem, cell);
        if (strcmp(action->defname, "volatility") == 0)
            function->volatility = strVal(action->arg)[0];
    }
    function->changes = lk_replay_changed(catalog, &function->object, function->changes,
                                          lk_replay_kind(stmt->objtype)->keyword);
    foreach(cell, stmt->func->objargs)
        lk_replay_use_type(catalog, lfirst_node(TypeName, cell), &function->object,
                           *lk_vec_last(&function->changes->items), catalog->statement->span.start);
}
