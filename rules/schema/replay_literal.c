/*
 * rules/schema/replay_literal.c
 *     String constants that are to be values of a type: see replay_private.h.
 *
 * The server makes values of them when it reads the statement, whether it carries them out or not.
 * Source: coerce_type(), src/backend/parser/parse_coerce.c; enum_in(), check_safe_enum_use(),
 * src/backend/utils/adt/enum.c.
 */
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/literal.h"
#include "rules/schema/replay_drop.h"
#include "rules/schema/replay_private.h"

#define DEEPEST 32 /* domains over domains */

/*
 * base_of returns what a type is, or a domain over it; NULL where that is not known. `*ret` becomes
 * the one of the history that it is, or an array of.
 */
static const struct lk_type *
base_of(const struct lk_catalog *catalog, const struct lk_type *type,
        const struct lk_defined_type **ret)
{
    *ret = NULL;
    for (int depth = 0; depth < DEEPEST; depth++) {
        if (type->name == NULL)
            return NULL;
        if (type->number != 0 || lk_type_is_builtin(type)) {
            *ret = NULL;
            return type;
        }
        *ret = lk_catalog_type(catalog, type->schema, type->name);
        if (*ret == NULL || (*ret)->object.assumed || (*ret)->object.doubtful)
            return NULL;
        if ((*ret)->kind != 'd' || type->array)
            return type;
        type = &(*ret)->base;
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

/* refuse_label refuses a string that is no value of an enum, or one that cannot be used yet. */
static bool
refuse_label(struct lk_catalog *catalog, const struct lk_defined_type *of, const char *label,
             int location)
{
    bool known = has(of->labels.items, of->labels.count, label);

    if (known ? of->fresh_in != catalog->now.transaction ||
                    !has(of->fresh.items, of->fresh.count, label)
              : catalog->doubted) /* who knows what was added */
        return false;
    /* "type m": what messages call it is behind the class */
    const char *name = lk_replay_describe(catalog->statement_mem, catalog, &of->object) +
                       strlen(lk_class_words(LK_CLASS_TYPE)) + 1;
    struct lk_refusal *refusal =
        known ? lk_refuse(catalog, "55P04", location,
                          "unsafe use of new value \"%s\" of enum type %s", label, name)
              : lk_refuse(catalog, "22P02", location, "invalid input value for enum %s: \"%s\"",
                          name, label);
    refusal->object = &of->object;
    return true;
}

static bool
refuse_fault(struct lk_catalog *catalog, const struct lk_literal *literal, int location)
{
    lk_refuse(catalog, literal->sqlstate, location, "%s", literal->message);
    return true;
}

/* refuse_labels refuses a string that is no array of values of an enum. */
static bool
refuse_labels(struct lk_catalog *catalog, const struct lk_defined_type *of,
              struct lk_literal *literal, int location)
{
    struct lk_array_elements elements = {0};
    bool whole = lk_literal_elements(literal, &elements);

    lk_vec_foreach(label, &elements.items) {
        if (!whole && !has(of->labels.items, of->labels.count, *label))
            return false; /* which fault is seen first depends on the version */
        if (whole && refuse_label(catalog, of, *label, location))
            return true;
    }
    return !whole && refuse_fault(catalog, literal, location);
}

bool
lk_refuse_literal(struct lk_catalog *catalog, const struct lk_type *type, const Node *node)
{
    const A_Const *constant = (const A_Const *)node;
    const struct lk_defined_type *defined;

    if (node == NULL || !IsA(node, A_Const) || constant->isnull || !IsA(&constant->val, String) ||
        catalog->refusals.items.count > 0 || (type = base_of(catalog, type, &defined)) == NULL)
        return false;
    struct lk_literal literal = {.mem = catalog->statement_mem,
                                 .text = strVal(&constant->val),
                                 .version = lk_catalog_version(catalog)};
    if (defined == NULL)
        return lk_literal_is_refused(&literal, lk_builtin_type_of(type)) &&
               refuse_fault(catalog, &literal, constant->location);
    if (defined->kind != 'e')
        return false;
    return type->array ? refuse_labels(catalog, defined, &literal, constant->location)
                       : refuse_label(catalog, defined, literal.text, constant->location);
}
