/*
 * rules/effects/type_change.c
 *     What changing the type of a column does to its table.
 */
#include "parser/pg_names.h"
#include "rules/effects/effects.h"

/* Pairs of built-in types whose values have the same bits on disk. */
static const struct {
    const char *from;
    const char *to;
} coercible[] = {
    {"bit", "varbit"},   {"cidr", "inet"}, {"text", "varchar"}, {"varbit", "bit"},
    {"varchar", "text"}, {"xml", "text"},  {"xml", "varchar"},
};

/* Types that are an oid, and go for one and for int4 as they are; not for one another. */
static const char *const oids[] = {
    "oid",     "regclass",    "regcollation", "regconfig",    "regdictionary", "regnamespace",
    "regoper", "regoperator", "regproc",      "regprocedure", "regrole",       "regtype",
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

static bool
is_oid(const struct lk_type *type)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(oids); i++)
        if (lk_type_is(type, oids[i]))
            return true;
    return false;
}

/*
 * finest_field returns which field of an interval its modifier keeps: 0 for seconds, and more for
 * coarser ones. Source: intervaltypmodleastfield(), src/backend/utils/adt/timestamp.c.
 */
static int
finest_field(const struct lk_type *type)
{
    int32_t fields = type->mod_count > 0 ? type->mods[0] : LK_INTERVAL_SECOND;

    if ((fields & LK_INTERVAL_SECOND) != 0)
        return 0;
    if ((fields & LK_INTERVAL_MINUTE) != 0)
        return 1;
    if ((fields & LK_INTERVAL_HOUR) != 0)
        return 2;
    if ((fields & LK_INTERVAL_DAY) != 0)
        return 3;
    return (fields & LK_INTERVAL_MONTH) != 0 ? 4 : 5;
}

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
        if (lk_type_is(to, "interval") && finest_field(to) > finest_field(from))
            return false;
        return limit_of(to, limits[i].length_mod, limits[i].widest) >=
               limit_of(from, limits[i].length_mod, limits[i].widest);
    }
    return false;
}

/* is_unlimited returns whether a type's modifiers take every value of the type without them. */
static bool
is_unlimited(const struct lk_type *type)
{
    struct lk_type bare = *type;

    bare.mod_count = 0;
    return type->mod_count == 0 || widens(&bare, type);
}

/* is_coercible: a modifier of the new type is applied to every row, as text to varchar(n) is. */
static bool
is_coercible(const struct lk_type *from, const struct lk_type *to)
{
    if (!is_unlimited(to))
        return false;
    if ((is_oid(from) && (lk_type_is(to, "oid") || lk_type_is(to, "int4"))) ||
        (is_oid(to) && (lk_type_is(from, "oid") || lk_type_is(from, "int4"))))
        return true;
    for (size_t i = 0; i < LK_ARRAY_SIZE(coercible); i++)
        if (lk_type_is(from, coercible[i].from) && lk_type_is(to, coercible[i].to))
            return true;
    return false;
}

static bool
swaps_time_zone(const struct lk_type *from, const struct lk_type *to)
{
    return ((lk_type_is(from, "timestamp") && lk_type_is(to, "timestamptz")) ||
            (lk_type_is(from, "timestamptz") && lk_type_is(to, "timestamp"))) &&
           is_unlimited(to);
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
    if (from->array && to->array && to->mod_count == 0 && strcmp(from->name, to->name) == 0)
        return true; /* just without the limit of its elements */
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
    if (!lk_type_equal(&old, from) && lk_type_equal(to, &new))
        old.mod_count = 0; /* a domain's value is taken for one of the bare type below it */
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
    if ((lk_type_is(from, "cidr") && lk_type_is(to, "inet")) || (is_oid(from) && is_oid(to)))
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

/* computes returns whether an index has expressions or a predicate: no two of those are the same.
 */
static bool
computes(const struct lk_relation *index)
{
    if (index->has_predicate)
        return true;
    lk_vec_foreach(key, &index->keys)
        if (*key == NULL)
            return true;
    return false;
}

/* has_key returns whether an index is sorted by a column, which it is not by those of INCLUDE. */
static bool
has_key(const struct lk_relation *index, const char *column)
{
    return mentions(index->keys.items, index->keys.count - index->included, column);
}

/*
 * is_rebuilt returns whether an index over a column cannot stay as it is: none of those that
 * partitions get theirs from does, and of others none whose operator class changes, by `classes`.
 */
static bool
is_rebuilt(const struct lk_relation *table, const struct lk_relation *index, const char *column,
           bool classes)
{
    if (mentions(index->uses.items, index->uses.count, column))
        return true;
    if (table->kind == LK_RELATION_PARTITIONED || computes(index))
        return mentions(index->keys.items, index->keys.count, column);
    return classes && has_key(index, column);
}

/* same_collation returns whether a COLLATE clause, NULL for none, is what a column has. */
static bool
same_collation(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_column *column,
               const CollateClause *clause)
{
    struct lk_qname wanted = {0};

    if (clause != NULL)
        wanted = lk_qname_of_list(clause->collname);
    if (wanted.name == NULL || strcmp(wanted.name, "default") == 0)
        return column->collation == NULL;
    if (wanted.schema == NULL) {
        const struct lk_object *known =
            lk_catalog_object(catalog, LK_CLASS_COLLATION, NULL, wanted.name);
        wanted.schema = known != NULL ? lk_object_schema(known) : "pg_catalog";
    }
    return column->collation != NULL && strcmp(lk_qname_sql(mem, wanted), column->collation) == 0;
}

struct lk_type_work
lk_type_work_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, const struct lk_relation *table,
                const struct lk_column *column, const struct lk_type *to,
                const struct AlterTableStmt *stmt, const struct AlterTableCmd *command)
{
    struct lk_type_work work = {0};
    bool ignored = false;

    if (table == NULL || column == NULL || !column->type_known)
        return work;
    struct lk_type old = base_of(catalog, &column->type, &ignored);
    struct lk_type new = base_of(catalog, to, &ignored);
    bool classes = !same_opclass(&old, &new);
    lk_vec_foreach(index, &table->indexes)
        if (is_rebuilt(table, *index, column->object.name, classes))
            lk_vec_push(mem, &work.indexes, *index);
    if (!same_collation(mem, catalog, column, castNode(ColumnDef, command->def)->collClause))
        lk_vec_foreach(index, &table->indexes)
            if (has_key(*index, column->object.name))
                lk_vec_push(mem, &work.resorted, *index);
    lk_vec_foreach(constraint, &table->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK && (*constraint)->validated &&
            mentions((*constraint)->columns.items, (*constraint)->columns.count,
                     column->object.name) &&
            !lk_alter_drops(stmt, (*constraint)->object.name))
            work.check = *constraint;
    return work;
}
