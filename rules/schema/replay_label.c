/*
 * rules/schema/replay_label.c
 *     String constants that are to be values of an enum: see replay_private.h.
 *
 * The server makes values of them when it reads the statement, whether it carries them out or not.
 * Source: enum_in(), check_safe_enum_use(), src/backend/utils/adt/enum.c.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_drop.h"
#include "rules/schema/replay_private.h"

#define DEEPEST 32 /* domains over domains */

/* enum_of returns the enum of which all values are known that a type is, or a domain over; NULL. */
static const struct lk_defined_type *
enum_of(const struct lk_catalog *catalog, const struct lk_type *type)
{
    const struct lk_defined_type *defined = NULL;

    for (int depth = 0; depth < DEEPEST; depth++) {
        if (type->name == NULL || type->array || lk_type_is_builtin(type))
            return NULL;
        defined = lk_catalog_type(catalog, type->schema, type->name);
        if (defined == NULL || defined->object.assumed || defined->object.doubtful)
            return NULL;
        if (defined->kind != 'd')
            return defined->kind == 'e' ? defined : NULL;
        type = &defined->base;
    }
    return NULL;
}

static bool
has(const char *const *labels, size_t count, const char *label)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(labels[i], label) == 0)
            return true;
    return false;
}

bool
lk_refuse_label(struct lk_catalog *catalog, const struct lk_type *type, const Node *node)
{
    const A_Const *constant = (const A_Const *)node;

    if (node == NULL || !IsA(node, A_Const) || constant->isnull || !IsA(&constant->val, String) ||
        catalog->refusals.items.count > 0)
        return false;
    const struct lk_defined_type *of = enum_of(catalog, type);
    const char *label = strVal(&constant->val);
    if (of == NULL)
        return false;
    /* "type m": what messages call it is behind the class */
    const char *name = lk_replay_describe(catalog->statement_mem, catalog, &of->object) +
                       strlen(lk_class_words(LK_CLASS_TYPE)) + 1;
    if (!has(of->labels.items, of->labels.count, label) && catalog->doubted)
        return false; /* who knows what was added */
    if (!has(of->labels.items, of->labels.count, label))
        lk_refuse(catalog, "22P02", constant->location, "invalid input value for enum %s: \"%s\"",
                  name, label)
            ->object = &of->object;
    else if (of->fresh_in == catalog->now.transaction &&
             has(of->fresh.items, of->fresh.count, label))
        lk_refuse(catalog, "55P04", constant->location,
                  "unsafe use of new value \"%s\" of enum type %s", label, name)
            ->object = &of->object;
    return catalog->refusals.items.count > 0;
}
