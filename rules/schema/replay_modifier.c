/*
 * rules/schema/replay_modifier.c
 *     Types that columns cannot have, and modifiers that types do not take: see replay_relation.h.
 *
 * Source: typenameTypeMod(), src/backend/parser/parse_type.c; anychar_typmodin() in varchar.c,
 * anybit_typmodin() in varbit.c, numerictypmodin() in numeric.c; CheckAttributeType(),
 * src/backend/catalog/heap.c.
 */
#include "parser/pg_names.h"
#include "rules/schema/builtin.h"
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"
#include "rules/schema/replay_relation.h"

#define LONGEST_TEXT 10485760
#define MOST_BITS 83886080
#define MOST_DIGITS 1000

/* read_modifiers reads integers; false where there is something else. */
static bool
read_modifiers(const List *typmods, int *ret, size_t most)
{
    size_t count = 0;
    ListCell *cell;

    foreach(cell, typmods) {
        const A_Const *constant = lfirst(cell);
        if (!IsA(constant, A_Const) || constant->isnull || !IsA(&constant->val, Integer))
            return false;
        if (count < most)
            ret[count++] = intVal(&constant->val);
    }
    return true;
}

static bool
refuse_length(struct lk_catalog *catalog, const char *type, int length, int most, int location)
{
    if (length < 1)
        lk_refuse(catalog, "22023", location, "length for type %s must be at least 1", type);
    else if (length > most)
        lk_refuse(catalog, "22023", location, "length for type %s cannot exceed %d", type, most);
    return length < 1 || length > most;
}

static bool
refuse_numeric(struct lk_catalog *catalog, const int *modifiers, int count, int location)
{
    if (count > 2)
        lk_refuse(catalog, "22023", location, "invalid NUMERIC type modifier");
    else if (modifiers[0] < 1 || modifiers[0] > MOST_DIGITS)
        lk_refuse(catalog, "22023", location, "NUMERIC precision %d must be between 1 and %d",
                  modifiers[0], MOST_DIGITS);
    else if (modifiers[1] < -MOST_DIGITS || modifiers[1] > MOST_DIGITS)
        lk_refuse(catalog, "22023", location, "NUMERIC scale %d must be between %d and %d",
                  modifiers[1], -MOST_DIGITS, MOST_DIGITS);
    else
        return false;
    return true;
}

/* refuse_modifiers refuses what a built-in type, or each value of its arrays, does not take. */
static bool
refuse_modifiers(struct lk_catalog *catalog, const TypeName *type_name, struct lk_type type)
{
    int modifiers[2] = {0}, count = list_length(type_name->typmods);
    int location = type_name->location;
    const char *name = strVal(llast(type_name->names));

    if (!read_modifiers(type_name->typmods, modifiers, LK_ARRAY_SIZE(modifiers)))
        return false;
    type.array = false;
    uint16_t number = lk_builtin_type_of(&type);
    const struct lk_builtin_type *info = lk_builtin_type_info(number);
    if (info != NULL && info->modifier[0] == '\0') {
        lk_refuse(catalog, "42601", location, "type modifier is not allowed for type \"%s%s\"",
                  name, type_name->arrayBounds != NIL ? "[]" : "");
        return true;
    }
    switch (number) {
    case LK_BT_bpchar:
    case LK_BT_varchar:
        return count == 1 && refuse_length(catalog, number == LK_BT_bpchar ? "char" : "varchar",
                                           modifiers[0], LONGEST_TEXT, location);
    case LK_BT_bit:
    case LK_BT_varbit:
        return count == 1 && refuse_length(catalog, name, modifiers[0], MOST_BITS, location);
    case LK_BT_numeric:
        return refuse_numeric(catalog, modifiers, count, location);
    default:
        return false;
    }
}

bool
lk_refuse_modifiers(struct lk_catalog *catalog, const TypeName *type_name)
{
    struct lk_type type;

    return lk_type_of(catalog->statement_mem, type_name, &type) && lk_type_is_builtin(&type) &&
           refuse_modifiers(catalog, type_name, type);
}

bool
lk_refuse_column_type(struct lk_catalog *catalog, const struct lk_column *column,
                      const TypeName *type_name)
{
    const struct lk_builtin_type *info = lk_builtin_type_info(lk_builtin_type_of(&column->type));

    if (type_name->typmods != NIL && refuse_modifiers(catalog, type_name, column->type))
        return true;
    if (info == NULL || info->typtype != 'p')
        return false;
    lk_refuse(catalog, "42P16", type_name->location, "column \"%s\" has pseudo-type %s",
              column->object.name, lk_type_visible(catalog, &column->type));
    return true;
}
