/*
 * rules/schema/replay_type_users.c
 *     Columns, domains and functions of a type: see replay_type.h.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_type.h"

struct users {
    struct lk_catalog *catalog;
    struct lk_object *type;
};

/* is_type returns whether a type is the one of the history, or an array of it. */
static bool
is_type(const struct lk_type *type, const struct lk_object *object)
{
    return type->name != NULL && !lk_type_is_builtin(type) &&
           strcmp(type->name, object->name) == 0 &&
           (type->schema == NULL || strcmp(type->schema, lk_object_schema(object)) == 0);
}

static void
note_columns(struct lk_object *object, void *data)
{
    const struct users *users = data;

    lk_vec_foreach(column, &((struct lk_relation *)object)->columns)
        if ((*column)->type_known && is_type(&(*column)->type, users->type))
            lk_depend(users->catalog, &(*column)->object, users->type, LK_DEPENDS_NORMAL);
}

static void
note_domain(struct lk_object *object, void *data)
{
    const struct users *users = data;

    if (((const struct lk_defined_type *)object)->kind == 'd' &&
        is_type(&((const struct lk_defined_type *)object)->base, users->type))
        lk_depend(users->catalog, object, users->type, LK_DEPENDS_NORMAL);
}

/* names returns whether a text mentions an object. */
static bool
names(const struct lk_text *text, const struct lk_object *object)
{
    if (text == NULL)
        return false;
    lk_vec_foreach(mention, &text->mentions)
        if (mention->object == object)
            return true;
    return false;
}

/* forget_columns makes the columns that have another type by now lean on the old one no more. */
static void
forget_columns(struct lk_catalog *catalog, struct lk_object *type)
{
    for (size_t i = type->dependents.count; i-- > 0;) {
        struct lk_object *user = type->dependents.items[i]->dependent;
        const struct lk_column *column = (const struct lk_column *)user;
        if (user->class == LK_CLASS_COLUMN && column->type_known && !is_type(&column->type, type) &&
            !names(column->default_value, type))
            lk_depend_not(catalog, user, type);
    }
}

void
lk_replay_note_users(struct lk_catalog *catalog, struct lk_object *type)
{
    struct users users = {catalog, type};

    if (type->class != LK_CLASS_TYPE &&
        (type->class != LK_CLASS_RELATION ||
         ((const struct lk_relation *)type)->kind != LK_RELATION_COMPOSITE))
        return;
    forget_columns(catalog, type);
    lk_catalog_objects(catalog, LK_CLASS_RELATION, note_columns, &users);
    lk_catalog_objects(catalog, LK_CLASS_TYPE, note_domain, &users);
}

/* rename gives a type that is the old one the new name. */
static bool
rename_type(struct lk_type *type, const struct lk_moved *moved)
{
    if (type->name == NULL || lk_type_is_builtin(type) ||
        strcmp(type->name, moved->old_name) != 0 ||
        (type->schema != NULL && strcmp(type->schema, moved->old_schema) != 0))
        return false;
    type->name = moved->name;
    type->schema = moved->schema;
    return true;
}

static void
rename_in_function(struct lk_catalog *catalog, struct lk_function *function,
                   const struct lk_moved *moved)
{
    lk_catalog_touch(catalog, function);
    rename_type(&function->result, moved);
    for (size_t i = 0; i < function->arguments.count; i++) {
        struct lk_argument argument = *function->arguments.items[i];
        /* a new one: a ROLLBACK brings the old one back */
        if (rename_type(&argument.type, moved))
            function->arguments.items[i] = lk_memdup(catalog->objects, &argument, sizeof(argument));
    }
    lk_replay_sign(catalog, function);
}

void
lk_replay_rename_uses(struct lk_catalog *catalog, const struct lk_object *object,
                      const struct lk_moved *moved)
{
    lk_vec_foreach(dependency, &object->dependents) {
        struct lk_object *user = (*dependency)->dependent;
        if (user->class == LK_CLASS_FUNCTION) {
            rename_in_function(catalog, (struct lk_function *)user, moved);
        } else if (user->class == LK_CLASS_COLUMN) {
            lk_catalog_touch(catalog, user);
            rename_type(&((struct lk_column *)user)->type, moved);
        } else if (user->class == LK_CLASS_TYPE) {
            lk_catalog_touch(catalog, user);
            rename_type(&((struct lk_defined_type *)user)->base, moved);
        }
    }
}
