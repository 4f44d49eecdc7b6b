/*
 * rules/schema/replay_overlap.c
 *     Which rows the bounds of partitions take, and which two of them take the same: see
 *     replay_relation.h.
 *
 * Told is what constants tell: numbers, dates and times in the ISO form, strings that are equal. Of
 * any other two values it is not known how they compare, and nothing is said.
 * Source: check_new_partition_bound(), partition_rbound_cmp(),
 * src/backend/partitioning/partbounds.c; transformPartitionBound(),
 * src/backend/parser/parse_utilcmd.c.
 */
#include <ctype.h>
#include <errno.h>

#include "parser/pgparse.h"
#include "rules/schema/builtin.h"
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_relation.h"

enum datum_kind {
    BELOW = -1,
    VALUE = 0,
    ABOVE = 1,
    NOTHING
}; /* MINVALUE, a value, MAXVALUE, NULL */

struct datum {
    enum datum_kind kind;
    const char *text; /* that sorts as the value does, where `ordered`; NULL: not known */
    int64_t number;   /* of whole numbers, with `text` NULL */
    bool numeric;
    bool ordered;
};

struct data {
    LK_VEC(struct datum) items;
};

struct lk_limits {
    char strategy;
    struct data first;  /* of LIST all, of RANGE those of FROM */
    struct data second; /* of TO */
    int modulus, remainder;
};

/* ---- values ---- */

/* is_form returns whether a text starts with a form, d for a digit; `*rest` is what is behind. */
static bool
is_form(const char *text, const char *form, const char **rest)
{
    for (; *form != '\0'; form++, text++)
        if (*form == 'd' ? !isdigit((unsigned char)*text) : *text != *form)
            return false;
    *rest = text;
    return true;
}

/*
 * read_time makes one form of a date, or of a date and a time: "2024-01-01 00:00:00.000000", with
 * what is behind it: the zone. NULL: it is of another form.
 */
static const char *
read_time(TALLOC_CTX *mem, const char *text, bool date_only)
{
    char time[] = "00:00:00", fraction[] = "000000";
    const char *rest, *behind;

    if (!is_form(text, "dddd-dd-dd", &rest))
        return NULL;
    if ((*rest == ' ' || *rest == 'T') && is_form(rest + 1, "dd:dd", &behind)) {
        memcpy(time, rest + 1, strlen("00:00"));
        if (is_form(rest + 1, "dd:dd:dd", &behind))
            memcpy(time, rest + 1, strlen(time));
        rest = behind;
        for (size_t i = 0; *rest == '.' && isdigit((unsigned char)rest[1 + i]); i++) {
            if (i == strlen(fraction))
                return NULL;
            fraction[i] = rest[1 + i];
            behind = rest + 2 + i;
        }
        rest = behind;
    }
    if ((date_only && rest != text + strlen("dddd-dd-dd")) || strcasestr(rest, "bc") != NULL)
        return NULL;
    return lk_fmt(mem, "%.10s %s.%s%s", text, time, fraction, rest);
}

static bool
read_number(const char *text, int64_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0';
}

/* read_string takes a string constant as a value of a type. */
static void
read_string(TALLOC_CTX *mem, const char *text, uint16_t type, struct datum *ret)
{
    switch (type) {
    case LK_BT_int2:
    case LK_BT_int4:
    case LK_BT_int8:
    case LK_BT_numeric:
        ret->numeric = read_number(text, &ret->number);
        break;
    case LK_BT_date:
    case LK_BT_timestamp:
    case LK_BT_timestamptz:
        ret->text = read_time(mem, text, type == LK_BT_date);
        ret->ordered = true;
        break;
    case LK_BT_text:
    case LK_BT_varchar:
        ret->text = lk_strdup(mem, text);
        break;
    default:
        break;
    }
}

/* read_datum takes a constant, behind a sign or a cast to the column's own type. */
static void
read_datum(TALLOC_CTX *mem, const Node *node, uint16_t type, struct datum *ret)
{
    const A_Expr *sign = (const A_Expr *)node;
    const A_Const *constant;
    struct lk_type cast;

    if (IsA(node, ColumnRef) && list_length(((const ColumnRef *)node)->fields) == 1) {
        const Node *word = linitial(((const ColumnRef *)node)->fields);
        const char *name = IsA(word, String) ? strVal(word) : "";
        ret->kind = strcmp(name, "minvalue") == 0   ? BELOW
                    : strcmp(name, "maxvalue") == 0 ? ABOVE
                                                    : VALUE;
        return;
    }
    if (IsA(node, TypeCast)) {
        const TypeCast *of = (const TypeCast *)node;
        if (lk_type_of(mem, of->typeName, &cast) && lk_builtin_type_of(&cast) == type &&
            IsA(of->arg, A_Const))
            read_datum(mem, of->arg, type, ret);
        return;
    }
    bool negative = IsA(node, A_Expr) && sign->kind == AEXPR_OP && sign->lexpr == NULL &&
                    strcmp(strVal(llast(sign->name)), "-") == 0;
    constant = (const A_Const *)(negative ? sign->rexpr : node);
    if (!IsA(constant, A_Const))
        return;
    if (constant->isnull) {
        ret->kind = NOTHING;
        return;
    }
    bool number =
        type == LK_BT_int2 || type == LK_BT_int4 || type == LK_BT_int8 || type == LK_BT_numeric;
    if (number && IsA(&constant->val, Integer)) {
        ret->number = intVal(&constant->val);
        ret->numeric = true;
    } else if (number && IsA(&constant->val, Float)) {
        ret->numeric = read_number(castNode(Float, &constant->val)->fval, &ret->number);
    } else if (type == LK_BT_bool && IsA(&constant->val, Boolean)) {
        ret->number = boolVal(&constant->val);
        ret->numeric = true;
    } else if (IsA(&constant->val, String) && !negative) {
        read_string(mem, strVal(&constant->val), type, ret);
    }
    if (negative)
        ret->number = -ret->number;
}

/* compare says how two values stand to each other; false where that is not known. */
static bool
compare(const struct datum *a, const struct datum *b, int *ret)
{
    if (a->kind != b->kind || a->kind != VALUE) {
        *ret = (a->kind > b->kind) - (a->kind < b->kind);
        return true;
    }
    if (a->numeric && b->numeric) {
        *ret = (a->number > b->number) - (a->number < b->number);
        return true;
    }
    if (a->text == NULL || b->text == NULL)
        return false;
    *ret = strcmp(a->text, b->text);
    if (*ret == 0 || !a->ordered)
        return *ret == 0;
    /* with another zone behind the time, it is not known which one is earlier */
    size_t length = strlen("2024-01-01 00:00:00.000000");
    return strcmp(a->text + length, b->text + length) == 0;
}

/* sort_values does so for sorting, where strings count as those of the collation "C". */
static bool
sort_values(const struct datum *a, const struct datum *b, int *ret)
{
    if (compare(a, b, ret))
        return true;
    if (a->text == NULL || b->text == NULL || a->ordered)
        return false;
    *ret = strcmp(a->text, b->text);
    return true;
}

/* ---- bounds ---- */

/* key_types adds the types of the columns that a table is partitioned by; false: not all known. */
static bool
key_types(TALLOC_CTX *mem, const struct lk_relation *table, uint16_t *types, size_t room,
          size_t *count)
{
    const List *params = lk_partition_params(mem, table);
    ListCell *cell;

    *count = 0;
    foreach(cell, params) {
        const PartitionElem *element = lfirst_node(PartitionElem, cell);
        const struct lk_column *column =
            element->name != NULL ? lk_relation_column(table, element->name) : NULL;
        if (*count == room)
            return false;
        types[(*count)++] = column != NULL && column->type_known && element->opclass == NIL
                                ? lk_builtin_type_of(&column->type)
                                : LK_BT_OPAQUE;
    }
    return params != NIL;
}

/* What PARTITION BY takes: PARTITION_MAX_KEYS. */
#define MOST_KEYS 32

/* read_end takes one end of a range, a value for each column of the key. */
static void
read_end(TALLOC_CTX *mem, const List *values, const uint16_t *types, size_t count, struct data *ret)
{
    for (size_t i = 0; i < count && i < (size_t)list_length(values); i++)
        read_datum(mem, list_nth(values, (int)i), types[i], lk_vec_add(mem, &ret->items));
}

const struct lk_limits *
lk_partition_limits(TALLOC_CTX *mem, const struct lk_relation *table,
                    const PartitionBoundSpec *bound)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    uint16_t types[MOST_KEYS];
    size_t count = 0;
    ListCell *cell;

    if (bound == NULL || bound->is_default || !key_types(scratch, table, types, MOST_KEYS, &count))
        return NULL;
    struct lk_limits *limits = lk_new(mem, struct lk_limits);
    limits->strategy = bound->strategy;
    limits->modulus = bound->modulus;
    limits->remainder = bound->remainder;
    foreach(cell, bound->listdatums)
        read_datum(limits, lfirst(cell), types[0], lk_vec_add(limits, &limits->first.items));
    read_end(limits, bound->lowerdatums, types, count, &limits->first);
    read_end(limits, bound->upperdatums, types, count, &limits->second);
    return limits;
}

/* in_order compares two ends of ranges; false: not known. Behind an open one nothing matters. */
static bool
in_order(const struct data *a, const struct data *b, int *ret)
{
    *ret = 0;
    if (a->items.count == 0 || a->items.count != b->items.count)
        return false;
    for (size_t i = 0; i < a->items.count && *ret == 0; i++) {
        if (!compare(&a->items.items[i], &b->items.items[i], ret))
            return false;
        if (*ret == 0 && a->items.items[i].kind != VALUE)
            break;
    }
    return true;
}

/* overlap returns whether two bounds certainly take rows in common. */
static bool
overlap(const struct lk_limits *a, const struct lk_limits *b)
{
    int order;

    if (a->strategy != b->strategy)
        return false;
    switch (a->strategy) {
    case PARTITION_STRATEGY_HASH: {
        int smaller = LK_MIN(a->modulus, b->modulus), larger = LK_MAX(a->modulus, b->modulus);
        return smaller > 0 && larger % smaller == 0 &&
               a->remainder % smaller == b->remainder % smaller;
    }
    case PARTITION_STRATEGY_LIST:
        lk_vec_foreach(one, &a->first.items)
            lk_vec_foreach(other, &b->first.items)
                if (compare(one, other, &order) && order == 0)
                    return true;
        return false;
    default:
        return in_order(&a->first, &b->second, &order) && order < 0 &&
               in_order(&b->first, &a->second, &order) && order < 0;
    }
}

/* ---- their order ---- */

/* least returns the smallest value of a LIST but NULL; NULL: there is no other. */
static const struct datum *
least(const struct lk_limits *limits)
{
    const struct datum *found = NULL;
    int order;

    lk_vec_foreach(datum, &limits->first.items)
        if (datum->kind == VALUE &&
            (found == NULL || (sort_values(datum, found, &order) && order < 0)))
            found = datum;
    return found;
}

/*
 * sort_bounds says how the server puts two partitions in order; 0 where that is not known.
 * Source: partition_bounds_create(), src/backend/partitioning/partbounds.c.
 */
static int
sort_bounds(const struct lk_relation *a, const struct lk_relation *b)
{
    const struct lk_limits *one = a->limits, *other = b->limits;
    const struct datum *first, *second;
    int order = 0;

    if (a->is_default || b->is_default)
        return (int)a->is_default - (int)b->is_default;
    if (one == NULL || other == NULL || one->strategy != other->strategy)
        return 0;
    switch (one->strategy) {
    case PARTITION_STRATEGY_HASH:
        return one->modulus != other->modulus ? one->modulus - other->modulus
                                              : one->remainder - other->remainder;
    case PARTITION_STRATEGY_LIST:
        first = least(one);
        second = least(other);
        if (first == NULL || second == NULL)
            return (first == NULL) - (second == NULL);
        return sort_values(first, second, &order) ? order : 0;
    default:
        return in_order(&one->first, &other->first, &order) ? order : 0;
    }
}

void
lk_partition_in_order(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                      const struct lk_relation *table, struct lk_relations *ret)
{
    lk_vec_foreach(child, &table->children) {
        if ((*child)->parent != table || !lk_is_there(catalog, *child))
            continue;
        size_t at = ret->items.count;
        lk_vec_push(mem, &ret->items, *child);
        for (; at > 0 && sort_bounds(*child, ret->items.items[at - 1]) < 0; at--)
            ret->items.items[at] = ret->items.items[at - 1];
        ret->items.items[at] = *child;
    }
}

/* ---- refusals ---- */

/* refuse_hash refuses a modulus and a remainder that make no sense by themselves. */
static bool
refuse_hash(struct lk_catalog *catalog, const PartitionBoundSpec *bound)
{
    const char *why = NULL;

    if (bound->modulus <= 0)
        why = "modulus for hash partition must be an integer value greater than zero";
    else if (bound->remainder < 0)
        why = "remainder for hash partition must be an integer value greater than or equal to zero";
    else if (bound->remainder >= bound->modulus)
        why = "remainder for hash partition must be less than modulus";
    if (why != NULL)
        lk_refuse(catalog, "42P16", bound->location, "%s", why);
    return why != NULL;
}

/*
 * refuse_end refuses columns and queries in one end of a range, NULL, and values behind an open
 * one. Source: validateInfiniteBounds(), src/backend/parser/parse_utilcmd.c.
 */
static bool
refuse_end(struct lk_catalog *catalog, const List *values)
{
    const char *word = NULL, *words[] = {"MINVALUE", "MAXVALUE"};
    ListCell *cell;

    foreach(cell, values) {
        const Node *value = lfirst(cell);
        struct datum datum = {0};
        read_datum(catalog->statement_mem, value, LK_BT_OPAQUE, &datum);
        bool open = datum.kind == BELOW || datum.kind == ABOVE;
        if (!open && lk_refuse_inside(catalog, LK_IN_BOUND, value))
            return true;
        if (datum.kind == NOTHING) {
            lk_refuse(catalog, "42P17", exprLocation(value), "cannot specify NULL in range bound");
            return true;
        }
    }
    foreach(cell, values) {
        struct datum datum = {0};
        read_datum(catalog->statement_mem, lfirst(cell), LK_BT_OPAQUE, &datum);
        const char *now = datum.kind == BELOW ? words[0] : datum.kind == ABOVE ? words[1] : NULL;
        if (word != NULL && word != now) {
            lk_refuse(catalog, "42804", -1, "every bound following %s must also be %s", word, word);
            return true;
        }
        word = now;
    }
    return false;
}

/* refuse_literals refuses string constants that a key's columns cannot take. */
static bool
refuse_literals(struct lk_catalog *catalog, const struct lk_relation *table, const List *values,
                bool of_first)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    const List *params = lk_partition_params(scratch, table);

    for (int i = 0; i < list_length(values); i++) {
        int key = of_first ? 0 : i;
        const PartitionElem *element =
            key < list_length(params) ? list_nth_node(PartitionElem, params, key) : NULL;
        const struct lk_column *column = element != NULL && element->name != NULL
                                             ? lk_relation_column(table, element->name)
                                             : NULL;
        if (column != NULL && column->type_known &&
            lk_refuse_literal(catalog, &column->type, list_nth(values, i)))
            return true;
    }
    return false;
}

bool
lk_partition_refuse_values(struct lk_catalog *catalog, const struct lk_relation *table,
                           const PartitionBoundSpec *bound)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    uint16_t types[MOST_KEYS];
    size_t count = 0;
    ListCell *cell;

    if (bound->strategy == PARTITION_STRATEGY_HASH)
        return refuse_hash(catalog, bound);
    foreach(cell, bound->listdatums)
        if (lk_refuse_inside(catalog, LK_IN_BOUND, lfirst(cell)))
            return true;
    if (refuse_literals(catalog, table, bound->listdatums, true))
        return true;
    if (bound->strategy != PARTITION_STRATEGY_RANGE ||
        !key_types(scratch, table, types, MOST_KEYS, &count))
        return false;
    bool lower = (size_t)list_length(bound->lowerdatums) != count;
    if (!lower && (size_t)list_length(bound->upperdatums) == count)
        return refuse_end(catalog, bound->lowerdatums) || refuse_end(catalog, bound->upperdatums) ||
               refuse_literals(catalog, table, bound->lowerdatums, false) ||
               refuse_literals(catalog, table, bound->upperdatums, false);
    lk_refuse(catalog, "42P16", bound->location,
              "%s must specify exactly one value per partitioning column", lower ? "FROM" : "TO");
    return true;
}

/* refuse_modulus refuses one that does not divide, and is not divided by, those of the others. */
static bool
refuse_modulus(struct lk_catalog *catalog, const struct lk_limits *limits,
               const struct lk_relation *other, const PartitionBoundSpec *bound)
{
    if (limits->strategy != PARTITION_STRATEGY_HASH || other->limits->modulus <= 0 ||
        limits->modulus % other->limits->modulus == 0 ||
        other->limits->modulus % limits->modulus == 0)
        return false;
    lk_refuse(catalog, "42P17", bound->location,
              "every hash partition modulus must be a factor of the next larger modulus")
        ->object = &other->object;
    return true;
}

static bool
refuse_overlap_with(struct lk_catalog *catalog, const struct lk_limits *limits,
                    const struct lk_relation *other, const char *part,
                    const PartitionBoundSpec *bound)
{
    if (other->limits == NULL || !lk_is_there(catalog, other) || other->object.assumed ||
        other->object.doubtful || !overlap(limits, other->limits))
        return false;
    lk_refuse(catalog, "42P17", bound->location, "partition \"%s\" would overlap partition \"%s\"",
              part, other->object.name)
        ->object = &other->object;
    return true;
}

bool
lk_partition_refuse_overlap(struct lk_catalog *catalog, const struct lk_relation *table,
                            const char *part, const PartitionBoundSpec *bound)
{
    const struct lk_relation *leaving = lk_catalog_leaving_partition(catalog, table);
    const struct lk_limits *limits = lk_partition_limits(catalog->statement_mem, table, bound);
    int order;

    if (limits == NULL || !lk_is_known(table))
        return false;
    if (limits->strategy == PARTITION_STRATEGY_RANGE &&
        in_order(&limits->first, &limits->second, &order) && order >= 0) {
        lk_refuse(catalog, "42P17", bound->location,
                  "empty range bound specified for partition \"%s\"", part);
        return true;
    }
    lk_vec_foreach(child, &table->children)
        if ((*child)->parent == table && (*child)->limits != NULL && lk_is_there(catalog, *child) &&
            refuse_modulus(catalog, limits, *child, bound))
            return true;
    lk_vec_foreach(child, &table->children)
        if ((*child)->parent == table && refuse_overlap_with(catalog, limits, *child, part, bound))
            return true;
    return leaving != NULL && refuse_overlap_with(catalog, limits, leaving, part, bound);
}
