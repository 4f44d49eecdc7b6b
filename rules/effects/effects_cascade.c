/*
 * rules/effects/effects_cascade.c
 *     Locks on relations by DROP of what is none: of what leans on it, and goes along.
 *
 * Sources: performMultipleDeletions() and doDeletion(), src/backend/catalog/dependency.c;
 * RemoveStatisticsById(), statscmds.c; measured on 15 and 18.
 */
#include "parser/pgparse.h"
#include "parser/tree_names.h"
#include "rules/effects/effects_private.h"
#include "rules/schema/builtin.h"
#include "rules/schema/depend.h"

/* ---- what is dropped ---- */

/* add_named adds an object that is known by its name. */
static void
add_named(const struct lk_gather *gather, enum lk_class class, struct lk_qname name,
          struct lk_dropping *dropping)
{
    struct lk_object *object = lk_catalog_object(gather->catalog, class, name.schema, name.name);

    if (object != NULL)
        lk_vec_push(gather->mem, &dropping->objects.items, object);
}

/* add_schema adds a schema that is dropped with what lies in it; others are empty. */
static void
add_schema(const struct lk_gather *gather, const char *name, bool cascade,
           struct lk_dropping *dropping)
{
    struct lk_namespace *schema = lk_catalog_schema(gather->catalog, name);

    if (cascade && schema != NULL)
        lk_vec_push(gather->mem, &dropping->objects.items, &schema->object);
}

/* inputs returns how many arguments DROP names a routine by. */
static size_t
inputs(const struct lk_function *function)
{
    size_t count = 0;

    lk_vec_foreach(argument, &function->arguments)
        count += (*argument)->mode != 'o' && (*argument)->mode != 't';
    return count;
}

/* add_routine adds the routine that is meant, if there is only one that it can be. */
static void
add_routine(const struct lk_gather *gather, const ObjectWithArgs *target,
            struct lk_dropping *dropping)
{
    struct lk_qname name = lk_qname_of_list(target->objname);
    struct lk_function *candidate = NULL, *found = NULL;
    size_t count = 0;

    while ((candidate = lk_catalog_functions(gather->catalog, name.schema, name.name, candidate)))
        if (target->args_unspecified || inputs(candidate) == (size_t)list_length(target->objargs)) {
            found = candidate;
            count++;
        }
    if (count == 1)
        lk_vec_push(gather->mem, &dropping->objects.items, &found->object);
}

/* ---- extensions, whose members are known by their names ---- */

struct members {
    struct lk_gather *gather;
    const char *extension;
    struct lk_dropping *dropping;
};

/* calls_member returns whether an expression, or a query, calls a function of the extension. */
static bool
calls_member(const struct members *members, const struct lk_text *text, const char *before)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_tree_calls calls = {0};
    struct lk_pg_error error = {0};

    if (text == NULL)
        return false;
    char *sql = lk_fmt(scratch, "%s%s", before, text->sql);
    struct lk_pg_trees *trees =
        lk_pg_parse(scratch, sql, (struct lk_span){0, (uint32_t)strlen(sql)}, &error);
    if (trees == NULL || list_length(trees->statements) != 1)
        return false;
    lk_tree_calls(scratch, linitial_node(RawStmt, trees->statements)->stmt, &calls);
    lk_vec_foreach(call, &calls.items) {
        struct lk_qname name = lk_qname_of_list((*call)->funcname);
        if (lk_extension_provides(members->extension, "function", name.name) == LK_PROVIDES_YES &&
            lk_catalog_functions(members->gather->catalog, name.schema, name.name, NULL) == NULL)
            return true;
    }
    return false;
}

/* is_of_member returns whether a type is one of the extension's. */
static bool
is_of_member(const struct members *members, const struct lk_type *type)
{
    return !lk_type_is_builtin(type) &&
           lk_catalog_type(members->gather->catalog, type->schema, type->name) == NULL &&
           lk_extension_provides(members->extension, "type", type->name) == LK_PROVIDES_YES;
}

static void
add_column_users(const struct members *members, struct lk_column *column)
{
    bool typed = column->type_known && is_of_member(members, &column->type);

    if (typed || (column->generated && calls_member(members, column->default_value, "SELECT ")))
        lk_vec_push(members->gather->mem, &members->dropping->objects.items, &column->object);
    else if (calls_member(members, column->default_value, "SELECT "))
        lk_vec_push(members->gather->mem, &members->dropping->defaults.items, &column->object);
}

/* add_users adds a relation, or what of it, leans on a member of the extension. */
static void
add_users(struct lk_relation *relation, void *data)
{
    const struct members *members = data;
    bool leans = calls_member(members, relation->query, "") ||
                 calls_member(members, relation->predicate, "SELECT ");

    lk_vec_foreach(element, &relation->elements)
        leans |= calls_member(members, *element, "SELECT ");
    if (leans)
        lk_vec_push(members->gather->mem, &members->dropping->objects.items, &relation->object);
    lk_vec_foreach(column, &relation->columns)
        add_column_users(members, *column);
    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK &&
            calls_member(members, (*constraint)->expression, "SELECT "))
            lk_vec_push(members->gather->mem, &members->dropping->objects.items,
                        &(*constraint)->object);
}

/* add_server adds a server of a foreign-data wrapper of the extension. */
static void
add_server(struct lk_object *object, void *data)
{
    const struct members *members = data;
    struct lk_gather *gather = members->gather;
    const CreateForeignServerStmt *stmt = (const CreateForeignServerStmt *)lk_gather_made_by(
        gather->mem, ((const struct lk_named *)object)->definition, T_CreateForeignServerStmt);

    if (stmt != NULL &&
        lk_extension_provides(members->extension, "wrapper", stmt->fdwname) == LK_PROVIDES_YES)
        lk_vec_push(gather->mem, &members->dropping->objects.items, object);
}

static void
add_extension(struct lk_gather *gather, const char *name, bool cascade,
              struct lk_dropping *dropping)
{
    struct members members = {gather, name, dropping};

    add_named(gather, LK_CLASS_EXTENSION, (struct lk_qname){NULL, name}, dropping);
    if (!cascade) /* refused where anything leans on its members */
        return;
    lk_catalog_objects(gather->catalog, LK_CLASS_FOREIGN_SERVER, add_server, &members);
    lk_catalog_relations(gather->catalog, add_users, &members);
}

/* ---- what goes along ---- */

/* A foreign table goes with its server by its name. */
struct served {
    TALLOC_CTX *mem;
    const struct lk_object *server;
    struct lk_dropping *dropping;
};

static void
add_served(struct lk_relation *relation, void *data)
{
    const struct served *served = data;

    if (relation->server != NULL && strcmp(relation->server, served->server->name) == 0)
        lk_vec_push(served->mem, &served->dropping->objects.items, &relation->object);
}

static void
add_wrapped(struct lk_gather *gather, struct lk_dropping *dropping)
{
    for (size_t i = 0; i < dropping->objects.items.count; i++) {
        struct served served = {gather->mem, dropping->objects.items.items[i], dropping};
        if (served.server->class == LK_CLASS_FOREIGN_SERVER)
            lk_catalog_relations(gather->catalog, add_served, &served);
    }
}

/* lock_measured notes the tables that a statistics object is of. */
static void
lock_measured(struct lk_gather *gather, const struct lk_object *statistics)
{
    lk_vec_foreach(dependency, &statistics->depends)
        if ((*dependency)->on->class == LK_CLASS_COLUMN)
            lk_gather_lock_known(gather, ((const struct lk_column *)(*dependency)->on)->relation,
                                 LK_LOCK_SHARE_UPDATE_EXCLUSIVE);
}

static void
lock_object(struct lk_gather *gather, const struct lk_object *object)
{
    enum lk_lock_mode mode = LK_LOCK_ACCESS_EXCLUSIVE;
    const struct lk_constraint *constraint = (const struct lk_constraint *)object;

    switch (object->class) {
    case LK_CLASS_RELATION:
        lk_gather_drop_known(gather, (const struct lk_relation *)object);
        break;
    case LK_CLASS_COLUMN:
        lk_gather_lock_known(gather, ((const struct lk_column *)object)->relation, mode);
        break;
    case LK_CLASS_CONSTRAINT:
        lk_gather_lock_known(gather, constraint->relation, mode);
        lk_gather_unlink(gather, constraint, mode);
        break;
    case LK_CLASS_TRIGGER:
    case LK_CLASS_RULE:
    case LK_CLASS_POLICY:
        lk_gather_lock_known(gather, ((const struct lk_part *)object)->relation, mode);
        break;
    case LK_CLASS_STATISTICS:
        lock_measured(gather, object);
        break;
    default:
        break;
    }
}

static void
lock_dropped(struct lk_gather *gather, const struct lk_dropping *dropping)
{
    lk_vec_foreach(item, &dropping->objects.items)
        lock_object(gather, *item);
    lk_vec_foreach(item, &dropping->defaults.items)
        if ((*item)->class == LK_CLASS_COLUMN)
            lk_gather_lock_known(gather, ((const struct lk_column *)*item)->relation,
                                 LK_LOCK_ACCESS_EXCLUSIVE);
}

void
lk_gather_drop_with(struct lk_gather *gather, struct lk_object *object)
{
    struct lk_dropping dropping = {0};

    if (object == NULL)
        return;
    lk_vec_push(gather->mem, &dropping.objects.items, object);
    lk_depend_drop(gather->mem, gather->catalog, true, &dropping);
    lock_dropped(gather, &dropping);
}

/* ---- by owner ---- */

/* What roles own that a statement names. */
struct owned {
    TALLOC_CTX *mem;
    const List *roles;
    struct lk_objects objects;
};

static void
add_owned(struct lk_object *object, void *data)
{
    struct owned *owned = data;
    ListCell *cell;

    foreach(cell, owned->roles) {
        const RoleSpec *role = lfirst_node(RoleSpec, cell);
        if (role->roletype == ROLESPEC_CSTRING && object->owner != NULL &&
            strcmp(object->owner, role->rolename) == 0)
            lk_vec_push(owned->mem, &owned->objects.items, object);
    }
}

static void
add_owned_relation(struct lk_relation *relation, void *data)
{
    add_owned(&relation->object, data);
}

static struct lk_objects
owned_by(const struct lk_gather *gather, const List *roles)
{
    static const enum lk_class classes[] = {LK_CLASS_SCHEMA, LK_CLASS_TYPE, LK_CLASS_FUNCTION,
                                            LK_CLASS_FOREIGN_SERVER};
    struct owned owned = {.mem = gather->mem, .roles = roles};

    lk_catalog_relations(gather->catalog, add_owned_relation, &owned);
    for (size_t i = 0; i < LK_ARRAY_SIZE(classes); i++)
        lk_catalog_objects(gather->catalog, classes[i], add_owned, &owned);
    return owned.objects;
}

void
lk_gather_drop_owned(struct lk_gather *gather, const DropOwnedStmt *stmt)
{
    struct lk_dropping dropping = {.objects = owned_by(gather, stmt->roles)};

    lk_depend_drop(gather->mem, gather->catalog, stmt->behavior == DROP_CASCADE, &dropping);
    lock_dropped(gather, &dropping);
}

void
lk_gather_reassign(struct lk_gather *gather, const ReassignOwnedStmt *stmt)
{
    struct lk_objects owned = owned_by(gather, stmt->roles);

    lk_vec_foreach(item, &owned.items) {
        const struct lk_relation *relation = (const struct lk_relation *)*item;
        if ((*item)->class != LK_CLASS_RELATION)
            continue;
        lk_gather_lock_known(gather, relation, LK_LOCK_ACCESS_EXCLUSIVE);
        lk_vec_foreach(sequence, &relation->sequences)
            if ((*sequence)->table == relation)
                lk_gather_lock_known(gather, *sequence, LK_LOCK_ACCESS_EXCLUSIVE);
    }
}

/* ---- by name ---- */

void
lk_gather_drop_other(struct lk_gather *gather, const DropStmt *stmt, const Node *object)
{
    struct lk_dropping dropping = {0};
    bool cascade = stmt->behavior == DROP_CASCADE;

    switch (stmt->removeType) {
    case OBJECT_AGGREGATE:
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
        add_routine(gather, castNode(ObjectWithArgs, object), &dropping);
        break;
    case OBJECT_COLLATION:
        add_named(gather, LK_CLASS_COLLATION, lk_qname_of_list(castNode(List, object)), &dropping);
        break;
    case OBJECT_STATISTIC_EXT:
        add_named(gather, LK_CLASS_STATISTICS, lk_qname_of_list(castNode(List, object)), &dropping);
        break;
    case OBJECT_EXTENSION:
        add_extension(gather, strVal(object), cascade, &dropping);
        break;
    case OBJECT_FDW:
        add_named(gather, LK_CLASS_FOREIGN_DATA_WRAPPER, (struct lk_qname){NULL, strVal(object)},
                  &dropping);
        break;
    case OBJECT_FOREIGN_SERVER:
        add_named(gather, LK_CLASS_FOREIGN_SERVER, (struct lk_qname){NULL, strVal(object)},
                  &dropping);
        break;
    case OBJECT_SCHEMA:
        add_schema(gather, strVal(object), cascade, &dropping);
        break;
    case OBJECT_LANGUAGE:
        add_named(gather, LK_CLASS_LANGUAGE, (struct lk_qname){NULL, strVal(object)}, &dropping);
        break;
    default:
        return;
    }
    if (cascade) {
        lk_depend_drop(gather->mem, gather->catalog, true, &dropping);
        add_wrapped(gather, &dropping);
    }
    lock_dropped(gather, &dropping);
}
