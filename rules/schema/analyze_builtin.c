/*
 * rules/schema/analyze_builtin.c
 *     Values as builtin.h numbers their types, and back.
 */
#include "rules/schema/analyze_private.h"

/* number_of returns which one of the user's own types it is, SIZE_MAX when there is no room. */
static size_t
number_of(struct lk_analysis *an, const struct lk_type *type)
{
    for (size_t i = 0; i < an->types.count; i++)
        if (lk_type_same(&an->types.items[i], type))
            return i;
    if (an->types.count > 0xfff)
        return SIZE_MAX;
    lk_vec_push(an->mem, &an->types, *type);
    lk_vec_last(&an->types)->array = false;
    lk_vec_last(&an->types)->mod_count = 0;
    return an->types.count - 1;
}

/* user_type returns the number of a type that the history defines. */
static uint16_t
user_type(struct lk_analysis *an, struct lk_type type)
{
    const struct lk_defined_type *defined = lk_catalog_type(an->catalog, type.schema, type.name);
    struct lk_operand row = {.typed = {.type = type, .type_known = true}};

    type.array = false;
    if (defined != NULL && defined->kind == 'e') {
        size_t number = number_of(an, &type);
        return number == SIZE_MAX ? LK_BT_OPAQUE : (uint16_t)LK_BT_ENUM(number);
    }
    row.typed.type.array = false;
    if (defined == NULL && lk_operand_relation(an, &row) != NULL) {
        size_t number = number_of(an, &type);
        return number == SIZE_MAX ? LK_BT_OPAQUE : (uint16_t)LK_BT_COMPOSITE(number);
    }
    return LK_BT_OPAQUE;
}

#define DOMAIN_DEPTH 32 /* domains over domains */

/* base_of returns what a domain is based on in the end; not in arrays. */
static struct lk_operand
base_of(const struct lk_analysis *an, const struct lk_operand *operand)
{
    struct lk_operand base = *operand;

    for (unsigned i = 0; i < DOMAIN_DEPTH; i++) {
        const struct lk_type *type = &base.typed.type;
        if (lk_type_is_builtin(type) || type->array)
            break;
        const struct lk_defined_type *defined =
            lk_catalog_type(an->catalog, type->schema, type->name);
        if (defined == NULL || defined->kind != 'd' || defined->base.name == NULL)
            break;
        base.typed.type = defined->base;
        lk_operand_canonical(&base);
    }
    return base;
}

uint16_t
lk_operand_number(struct lk_analysis *an, const struct lk_operand *operand)
{
    if (!operand->typed.type_known)
        return LK_BT_OPAQUE;
    struct lk_operand base = base_of(an, operand);
    struct lk_type *type = &base.typed.type;
    if (lk_type_is_builtin(type) ||
        (type->schema != NULL && strcmp(type->schema, "information_schema") == 0))
        return lk_builtin_type_of(type);
    uint16_t number = user_type(an, *type);
    return type->array && number != LK_BT_OPAQUE ? (uint16_t)(number | LK_BT_ARRAY) : number;
}

struct lk_operand
lk_operand_of_number(struct lk_analysis *an, uint16_t number)
{
    struct lk_operand operand = {0};
    uint16_t element = (uint16_t)(number & ~LK_BT_ARRAY);

    if (number == LK_BT_NONE || lk_builtin_is_opaque(number))
        return operand;
    if (element >= 0x4000 && element < 0x6000) {
        operand.typed.type = an->types.items[element & 0xfff];
        operand.typed.type.array = (number & LK_BT_ARRAY) != 0;
        operand.typed.type_known = true;
        return operand;
    }
    operand.typed.type_known = lk_builtin_type_write(number, &operand.typed.type);
    return operand;
}

bool
lk_operand_is_collatable(struct lk_analysis *an, const struct lk_operand *operand)
{
    uint16_t number = lk_operand_number(an, operand);
    const struct lk_builtin_type *info;

    if (number == LK_BT_NONE || lk_builtin_is_opaque(number))
        return false;
    info = lk_builtin_type_info((uint16_t)(number & ~LK_BT_ARRAY));
    return info != NULL && info->collation[0] != '\0';
}

/* collation_of returns a value's collation where it is not the default one. */
static const char *
collation_of(const struct lk_operand *operand)
{
    if (operand->typed.collation == NULL && lk_operand_is(operand, "name"))
        return "pg_catalog.\"C\"";
    return operand->typed.collation;
}

void
lk_operand_collate(struct lk_analysis *an, struct lk_operand *result,
                   const struct lk_operand *operands, size_t count)
{
    const char *collation = NULL;
    enum lk_collating collating = LK_COLLATING_IMPLICIT;

    for (size_t i = 0; i < count; i++) {
        const char *other = collation_of(&operands[i]);
        if (operands[i].collating == LK_COLLATING_EXPLICIT) {
            collation = other;
            collating = LK_COLLATING_EXPLICIT;
        } else if (collating == LK_COLLATING_IMPLICIT && other != NULL) {
            if (collation != NULL && strcmp(collation, other) != 0)
                collating = LK_COLLATING_CONFLICT;
            collation = other;
        }
    }
    result->typed.collation = NULL;
    result->collating = LK_COLLATING_IMPLICIT;
    if (collation == NULL && collating == LK_COLLATING_IMPLICIT)
        return; /* most have none */
    if (!lk_operand_is_collatable(an, result) || collating == LK_COLLATING_CONFLICT)
        return;
    result->typed.collation = collation;
    result->collating = collating;
    if (lk_operand_is(result, "name") && collation != NULL &&
        strcmp(collation, "pg_catalog.\"C\"") == 0)
        result->typed.collation = NULL; /* that of the type */
}

bool
lk_type_same(const struct lk_type *a, const struct lk_type *b)
{
    bool same_schema = a->schema == b->schema || (a->schema != NULL && b->schema != NULL &&
                                                  strcmp(a->schema, b->schema) == 0);

    return same_schema && strcmp(a->name, b->name) == 0;
}

void
lk_operand_canonical(struct lk_operand *operand)
{
    struct lk_type *type = &operand->typed.type;

    /* names in pg_catalog win over the user's own */
    if (operand->typed.type_known && type->schema == NULL && type->name != NULL &&
        lk_builtin_type(NULL, type->name) != LK_BT_NONE)
        type->schema = lk_pg_catalog;
}

/* same_types returns the type that all have, modifiers aside and literals left out. */
static struct lk_operand
same_types(const struct lk_operands *operands)
{
    struct lk_operand result = {0};

    lk_vec_foreach(operand, &operands->items) {
        if (!operand->typed.type_known)
            return (struct lk_operand){0};
        if (lk_operand_is(operand, "unknown"))
            continue;
        if (!result.typed.type_known)
            result = *operand;
        else if (!lk_type_same(&result.typed.type, &operand->typed.type) ||
                 result.typed.type.array != operand->typed.type.array)
            return (struct lk_operand){0};
    }
    return result;
}

/* is_domain returns whether a value's type is a domain of the history's. */
static bool
is_domain(const struct lk_analysis *an, const struct lk_operand *operand)
{
    const struct lk_type *type = &operand->typed.type;
    const struct lk_defined_type *defined =
        lk_type_is_builtin(type) ? NULL : lk_catalog_type(an->catalog, type->schema, type->name);

    return defined != NULL && defined->kind == 'd';
}

/* literals_of returns how many are literals without a type. */
static size_t
literals_of(const struct lk_operands *operands)
{
    size_t count = 0;

    lk_vec_foreach(operand, &operands->items)
        count += lk_operand_is(operand, "unknown");
    return count;
}

struct lk_operand
lk_operand_common(struct lk_analysis *an, const struct lk_operands *operands)
{
    struct lk_operand result = same_types(operands);
    size_t literals = literals_of(operands), count = operands->items.count;

    if (literals > 0 && literals == count) {
        result = lk_operand_of_number(an, LK_BT_text);
    } else if (!result.typed.type_known || (literals > 0 && is_domain(an, &result))) {
        uint16_t *numbers = lk_new_array(an->mem, uint16_t, count);
        for (size_t i = 0; i < count; i++)
            numbers[i] = lk_operand_number(an, &operands->items.items[i]);
        result = lk_operand_of_number(
            an, lk_builtin_common_type(numbers, count, lk_catalog_version(an->catalog)));
    }
    if (!result.typed.type_known)
        return result;
    lk_vec_foreach(operand, &operands->items)
        if (!lk_type_equal(&result.typed.type, &operand->typed.type)) {
            result.typed.type.mod_count = 0;
            memset(result.typed.type.mods, 0, sizeof(result.typed.type.mods));
        }
    lk_operand_collate(an, &result, operands->items.items, count);
    return result;
}
