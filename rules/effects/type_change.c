/*
 * rules/effects/type_change.c
 *     What changing the type of a column does to its table.
 */
#include "parser/pg_nodes.h"
#include "rules/effects/effects.h"

/* Pairs of built-in types whose values have the same bits on disk. */
static const struct {
    const char *from;
    const char *to;
} coercible[] = {
    {"cidr", "inet"}, {"int4", "oid"}, {"oid", "int4"}, {"varchar", "text"}, {"text", "varchar"},
};

/* How the modifier of a type limits its values. */
static const struct {
    const char *name;
    size_t length_mod; /* which modifier is the limit */
    bool scale;        /* the other one must stay as it is */
    int32_t widest;    /* what "no modifier" is worth; 0: unlimited */
} limits[] = {
    {"interval", 1, false, 6},  {"numeric", 0, true, 0},      {"time", 0, false, 6},
    {"timestamp", 0, false, 6}, {"timestamptz", 0, false, 6}, {"timetz", 0, false, 6},
    {"varbit", 0, false, 0},    {"varchar", 0, false, 0},
};

/* limit_of returns the limit that a type's modifiers set: INT32_MAX for none. */
static int32_t
limit_of(const struct lk_type *type, size_t length_mod, int32_t widest)
{
    if (type->mod_count > length_mod)
        return type->mods[length_mod];
    return widest != 0 ? widest : INT32_MAX;
}

static int32_t
scale_of(const struct lk_type *type)
{
    return type->mod_count > 1 ? type->mods[1] : 0;
}

/* widens returns whether `to` is the type `from` with modifiers that take every value of it. */
static bool
widens(const struct lk_type *from, const struct lk_type *to)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(limits); i++) {
        if (!lk_type_is(from, limits[i].name) || !lk_type_is(to, limits[i].name))
            continue;
        if (limits[i].scale && to->mod_count > 0 &&
            (from->mod_count == 0 || scale_of(from) != scale_of(to)))
            return false;
        return limit_of(to, limits[i].length_mod, limits[i].widest) >=
               limit_of(from, limits[i].length_mod, limits[i].widest);
    }
    return false;
}

static bool
is_coercible(const struct lk_type *from, const struct lk_type *to)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(coercible); i++)
        if (lk_type_is(from, coercible[i].from) && lk_type_is(to, coercible[i].to))
            return to->mod_count == 0; /* text to varchar(n) checks every row */
    return false;
}

static bool
swaps_time_zone(const struct lk_type *from, const struct lk_type *to)
{
    return ((lk_type_is(from, "timestamp") && lk_type_is(to, "timestamptz")) ||
            (lk_type_is(from, "timestamptz") && lk_type_is(to, "timestamp"))) &&
           limit_of(to, 0, 6) >= limit_of(from, 0, 6);
}

/* is_citext goes by the name: the extension's schema is anyone's choice. */
static bool
is_citext(const struct lk_type *type)
{
    return !type->array && !lk_type_is_builtin(type) && strcmp(type->name, "citext") == 0;
}

static bool
is_text_like(const struct lk_type *type)
{
    return is_citext(type) || lk_type_is(type, "text") || lk_type_is(type, "varchar");
}

/* base_of returns the type below domains, and whether one on the way has constraints. */
static struct lk_type
base_of(const struct lk_catalog *catalog, const struct lk_type *type, bool *constrained)
{
    struct lk_type base = *type;

    for (int depth = 0; depth < 32 && !base.array && !lk_type_is_builtin(&base); depth++) {
        const struct lk_defined_type *domain = lk_catalog_type(catalog, base.schema, base.name);
        if (domain == NULL || domain->kind != 'd')
            break;
        *constrained |= domain->constrained;
        base = domain->base;
    }
    return base;
}

bool
lk_type_is_constrained(const struct lk_catalog *catalog, const struct lk_type *type)
{
    bool constrained = false;

    base_of(catalog, type, &constrained);
    return constrained;
}

static bool
is_free(const struct lk_type *from, const struct lk_type *to, bool utc)
{
    if (lk_type_equal(from, to) || widens(from, to) || is_coercible(from, to))
        return true;
    if ((is_citext(from) || is_citext(to)) && is_text_like(from) && is_text_like(to))
        return to->mod_count == 0;
    return utc && swaps_time_zone(from, to);
}

/* is_certain returns whether the type's storage is known: built in, or an enum of the history. */
static bool
is_certain(const struct lk_catalog *catalog, const struct lk_type *type)
{
    const struct lk_defined_type *defined;

    if (lk_type_is_builtin(type))
        return true;
    defined = lk_catalog_type(catalog, type->schema, type->name);
    return defined != NULL && defined->kind == 'e';
}

enum lk_type_change
lk_type_change_of(const struct lk_catalog *catalog, const struct lk_type *from,
                  const struct lk_type *to, bool utc)
{
    bool constrained = false, ignored = false;

    if (from == NULL)
        return LK_TYPE_CHANGE_UNKNOWN;
    struct lk_type old = base_of(catalog, from, &ignored);
    struct lk_type new = base_of(catalog, to, &constrained);
    if (is_free(&old, &new, utc) && (!constrained || lk_type_equal(from, to)))
        return LK_TYPE_CHANGE_FREE;
    if (constrained || (is_certain(catalog, &old) && is_certain(catalog, &new)))
        return LK_TYPE_CHANGE_REWRITE;
    return LK_TYPE_CHANGE_UNKNOWN;
}

/* same_opclass returns whether indexes hold both types by the same operator class. */
static bool
same_opclass(const struct lk_type *from, const struct lk_type *to)
{
    if (lk_type_is_builtin(from) && lk_type_is_builtin(to) && is_text_like(from) &&
        is_text_like(to))
        return true;
    if (lk_type_is(from, "cidr") && lk_type_is(to, "inet"))
        return true;
    return from->array == to->array && strcmp(from->name, to->name) == 0;
}

static bool
mentions(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return true;
    return false;
}

struct lk_type_work
lk_type_work_of(const struct lk_catalog *catalog, const struct lk_relation *table,
                const struct lk_column *column, const struct lk_type *to,
                const struct AlterTableStmt *stmt)
{
    struct lk_type_work work = {0};
    bool ignored = false;

    if (table == NULL || column == NULL || !column->type_known)
        return work;
    struct lk_type old = base_of(catalog, &column->type, &ignored);
    struct lk_type new = base_of(catalog, to, &ignored);
    bool keys_too = table->kind == LK_RELATION_PARTITIONED || !same_opclass(&old, &new);
    lk_vec_foreach(index, &table->indexes)
        if (mentions((*index)->uses.items, (*index)->uses.count, column->object.name) ||
            (keys_too && mentions((*index)->keys.items, (*index)->keys.count, column->object.name)))
            work.index = *index;
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK && (*constraint)->validated &&
            mentions((*constraint)->columns.items, (*constraint)->columns.count,
                     column->object.name) &&
            !lk_alter_drops(stmt, (*constraint)->object.name))
            work.check = *constraint;
    return work;
}
