/*
 * rules/schema/type.c
 *     Types of columns: see type.h.
 */
#include "rules/schema/type.h"

#include "parser/base/buf.h"
#include "parser/pg_names.h"
#include "parser/pgparse.h"
#include "rules/schema/builtin.h"

/*
 * The built-in types by pg_type's name, which they are sorted by, and SQL's; serial forms name the
 * integer they make.
 */
static const struct builtin {
    const char *name;
    const char *sql;
    uint16_t number;
} builtins[] = {
#define BUILTIN(name, sql)                                                                         \
    {                                                                                              \
#name, sql, LK_BT_##name                                                                   \
    }
    BUILTIN(aclitem, "aclitem"),
    BUILTIN(any, "\"any\""),
    BUILTIN(anyarray, "anyarray"),
    BUILTIN(anycompatible, "anycompatible"),
    BUILTIN(anycompatiblearray, "anycompatiblearray"),
    BUILTIN(anycompatiblemultirange, "anycompatiblemultirange"),
    BUILTIN(anycompatiblenonarray, "anycompatiblenonarray"),
    BUILTIN(anycompatiblerange, "anycompatiblerange"),
    BUILTIN(anyelement, "anyelement"),
    BUILTIN(anyenum, "anyenum"),
    BUILTIN(anymultirange, "anymultirange"),
    BUILTIN(anynonarray, "anynonarray"),
    BUILTIN(anyrange, "anyrange"),
    BUILTIN(bit, "bit"),
    BUILTIN(bool, "boolean"),
    BUILTIN(box, "box"),
    BUILTIN(bpchar, "character"),
    BUILTIN(bytea, "bytea"),
    BUILTIN(char, "\"char\""),
    BUILTIN(cid, "cid"),
    BUILTIN(cidr, "cidr"),
    BUILTIN(circle, "circle"),
    BUILTIN(cstring, "cstring"),
    BUILTIN(date, "date"),
    BUILTIN(datemultirange, "datemultirange"),
    BUILTIN(daterange, "daterange"),
    BUILTIN(event_trigger, "event_trigger"),
    BUILTIN(fdw_handler, "fdw_handler"),
    BUILTIN(float4, "real"),
    BUILTIN(float8, "double precision"),
    BUILTIN(gtsvector, "gtsvector"),
    BUILTIN(index_am_handler, "index_am_handler"),
    BUILTIN(inet, "inet"),
    BUILTIN(int2, "smallint"),
    BUILTIN(int2vector, "int2vector"),
    BUILTIN(int4, "integer"),
    BUILTIN(int4multirange, "int4multirange"),
    BUILTIN(int4range, "int4range"),
    BUILTIN(int8, "bigint"),
    BUILTIN(int8multirange, "int8multirange"),
    BUILTIN(int8range, "int8range"),
    BUILTIN(internal, "internal"),
    BUILTIN(interval, "interval"),
    BUILTIN(json, "json"),
    BUILTIN(jsonb, "jsonb"),
    BUILTIN(jsonpath, "jsonpath"),
    BUILTIN(language_handler, "language_handler"),
    BUILTIN(line, "line"),
    BUILTIN(lseg, "lseg"),
    BUILTIN(macaddr, "macaddr"),
    BUILTIN(macaddr8, "macaddr8"),
    BUILTIN(money, "money"),
    BUILTIN(name, "name"),
    BUILTIN(numeric, "numeric"),
    BUILTIN(nummultirange, "nummultirange"),
    BUILTIN(numrange, "numrange"),
    BUILTIN(oid, "oid"),
    BUILTIN(oidvector, "oidvector"),
    BUILTIN(path, "path"),
    BUILTIN(pg_lsn, "pg_lsn"),
    BUILTIN(pg_snapshot, "pg_snapshot"),
    BUILTIN(point, "point"),
    BUILTIN(polygon, "polygon"),
    BUILTIN(record, "record"),
    BUILTIN(refcursor, "refcursor"),
    BUILTIN(regclass, "regclass"),
    BUILTIN(regcollation, "regcollation"),
    BUILTIN(regconfig, "regconfig"),
    BUILTIN(regdictionary, "regdictionary"),
    BUILTIN(regnamespace, "regnamespace"),
    BUILTIN(regoper, "regoper"),
    BUILTIN(regoperator, "regoperator"),
    BUILTIN(regproc, "regproc"),
    BUILTIN(regprocedure, "regprocedure"),
    BUILTIN(regrole, "regrole"),
    BUILTIN(regtype, "regtype"),
    BUILTIN(table_am_handler, "table_am_handler"),
    BUILTIN(text, "text"),
    BUILTIN(tid, "tid"),
    BUILTIN(time, "time without time zone"),
    BUILTIN(timestamp, "timestamp without time zone"),
    BUILTIN(timestamptz, "timestamp with time zone"),
    BUILTIN(timetz, "time with time zone"),
    BUILTIN(trigger, "trigger"),
    BUILTIN(tsm_handler, "tsm_handler"),
    BUILTIN(tsmultirange, "tsmultirange"),
    BUILTIN(tsquery, "tsquery"),
    BUILTIN(tsrange, "tsrange"),
    BUILTIN(tstzmultirange, "tstzmultirange"),
    BUILTIN(tstzrange, "tstzrange"),
    BUILTIN(tsvector, "tsvector"),
    BUILTIN(txid_snapshot, "txid_snapshot"),
    BUILTIN(unknown, "unknown"),
    BUILTIN(uuid, "uuid"),
    BUILTIN(varbit, "bit varying"),
    BUILTIN(varchar, "character varying"),
    BUILTIN(void, "void"),
    BUILTIN(xid, "xid"),
    BUILTIN(xid8, "xid8"),
    BUILTIN(xml, "xml"),
#undef BUILTIN
};

const char lk_pg_catalog[] = "pg_catalog";

static const struct {
    const char *word;
    const char *name;
} serials[] = {
    {"serial", "int4"},  {"serial4", "int4"},     {"bigserial", "int8"},
    {"serial8", "int8"}, {"smallserial", "int2"}, {"serial2", "int2"},
};

/* integer_of_serial returns the type of integer that a serial one makes, NULL for other types. */
static const char *
integer_of_serial(const char *name)
{
    if (name[0] == 's' || name[0] == 'b')
        for (size_t i = 0; i < LK_ARRAY_SIZE(serials); i++)
            if (strcmp(serials[i].word, name) == 0)
                return serials[i].name;
    return NULL;
}

static const struct builtin *
find_builtin(const char *name)
{
    size_t low = 0, high = LK_ARRAY_SIZE(builtins);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *at = builtins[middle].name, *wanted = name;
        while (*at != '\0' && *at == *wanted)
            at++, wanted++;
        int order = (unsigned char)*at - (unsigned char)*wanted;
        if (order == 0)
            return &builtins[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const char *
builtin_sql(const char *name)
{
    const struct builtin *builtin = find_builtin(name);

    return builtin != NULL ? builtin->sql : NULL;
}

/*
 * read_mods takes constant integers; interval's first one is a mask of fields, kept as it is. What
 * numeric has no scale for has none: 0.
 */
static void
read_mods(const List *mods, struct lk_type *ret)
{
    ListCell *cell;

    foreach(cell, mods) {
        const Node *node = lfirst(cell);
        if (!IsA(node, A_Const) || ret->mod_count == LK_ARRAY_SIZE(ret->mods))
            continue;
        const A_Const *constant = (const A_Const *)node;
        if (!constant->isnull && IsA(&constant->val, Integer))
            ret->mods[ret->mod_count++] = intVal(&constant->val);
    }
    if (ret->mod_count == 1 && lk_type_is_builtin(ret) && strcmp(ret->name, "numeric") == 0)
        ret->mods[ret->mod_count++] = 0;
}

bool
lk_type_of(TALLOC_CTX *mem, const struct TypeName *type_name, struct lk_type *ret)
{
    struct lk_qname name = lk_qname_of_list(type_name->names);

    *ret = (struct lk_type){0};
    if (type_name->pct_type || type_name->names == NIL)
        return false;
    const char *serial = name.schema == NULL ? integer_of_serial(name.name) : NULL;
    if (serial != NULL) {
        ret->serial = true;
        name.name = serial;
    }
    /* a type of the user's own by a built-in name would have to be qualified */
    bool may_be_builtin = name.schema == NULL || strcmp(name.schema, "pg_catalog") == 0;
    const struct builtin *builtin = may_be_builtin ? find_builtin(name.name) : NULL;
    bool by_name = false; /* an array type by its own name: _int4 */
    if (builtin == NULL && may_be_builtin && name.name[0] == '_') {
        builtin = find_builtin(name.name + 1);
        by_name = builtin != NULL;
    }
    ret->schema = builtin != NULL ? lk_pg_catalog : lk_strdup(mem, name.schema);
    ret->name = builtin != NULL ? builtin->name : lk_strdup(mem, name.name);
    ret->number = builtin != NULL ? builtin->number : 0;
    ret->array = by_name || type_name->arrayBounds != NIL;
    read_mods(type_name->typmods, ret);
    return true;
}

/* is_text compares strings that mostly are one and the same, or differ at once. */
static bool
is_text(const char *a, const char *b)
{
    return a == b || (a[0] == b[0] && strcmp(a, b) == 0);
}

bool
lk_type_is_builtin(const struct lk_type *type)
{
    return type->schema != NULL && is_text(type->schema, lk_pg_catalog);
}

bool
lk_type_is(const struct lk_type *type, const char *name)
{
    return !type->array && type->schema != NULL && is_text(type->name, name) &&
           lk_type_is_builtin(type);
}

bool
lk_type_equal(const struct lk_type *a, const struct lk_type *b)
{
    bool same_schema = a->schema == NULL || b->schema == NULL || is_text(a->schema, b->schema);

    return same_schema && is_text(a->name, b->name) && a->array == b->array &&
           a->mod_count == b->mod_count && memcmp(a->mods, b->mods, sizeof(a->mods)) == 0;
}

/* How SQL writes them. Source: intervaltypmodout(), src/backend/utils/adt/timestamp.c. */
static const struct {
    int32_t mask;
    const char *words;
} fields[] = {
    {LK_INTERVAL_YEAR, " year"},
    {LK_INTERVAL_MONTH, " month"},
    {LK_INTERVAL_DAY, " day"},
    {LK_INTERVAL_HOUR, " hour"},
    {LK_INTERVAL_MINUTE, " minute"},
    {LK_INTERVAL_SECOND, " second"},
    {LK_INTERVAL_YEAR | LK_INTERVAL_MONTH, " year to month"},
    {LK_INTERVAL_DAY | LK_INTERVAL_HOUR, " day to hour"},
    {LK_INTERVAL_DAY | LK_INTERVAL_HOUR | LK_INTERVAL_MINUTE, " day to minute"},
    {LK_INTERVAL_DAY | LK_INTERVAL_HOUR | LK_INTERVAL_MINUTE | LK_INTERVAL_SECOND,
     " day to second"},
    {LK_INTERVAL_HOUR | LK_INTERVAL_MINUTE, " hour to minute"},
    {LK_INTERVAL_HOUR | LK_INTERVAL_MINUTE | LK_INTERVAL_SECOND, " hour to second"},
    {LK_INTERVAL_MINUTE | LK_INTERVAL_SECOND, " minute to second"},
};

static void
add_interval_mods(struct lk_buf *sql, const struct lk_type *type)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(fields); i++)
        if (fields[i].mask == type->mods[0])
            lk_buf_add(sql, fields[i].words);
    if (type->mod_count > 1)
        lk_buf_addf(sql, "(%d)", LK_MIN(type->mods[1], 6));
}

static void
add_mods(struct lk_buf *sql, const struct lk_type *type)
{
    if (lk_type_is_builtin(type) && strcmp(type->name, "interval") == 0) {
        add_interval_mods(sql, type);
        return;
    }
    lk_buf_addf(sql, "(%d", type->mods[0]);
    if (type->mod_count > 1)
        lk_buf_addf(sql, ",%d", type->mods[1]);
    lk_buf_addc(sql, ')');
}

/* type_sql writes a type; `bare`: as if nothing were known of its length. */
static char *
type_sql(TALLOC_CTX *mem, const struct lk_type *type, bool bare)
{
    struct lk_buf sql = lk_buf_init(mem);
    const char *builtin = lk_type_is_builtin(type) ? builtin_sql(type->name) : NULL;
    if (builtin != NULL && type->mod_count == 0 && !bare && strcmp(type->name, "bpchar") == 0)
        builtin = type->name; /* "character" is that of one character */
    const char *zone = builtin != NULL ? strstr(builtin, " with") : NULL;

    if (builtin == NULL) {
        bool shown = type->schema != NULL && !lk_type_is_builtin(type);
        lk_buf_add(&sql,
                   lk_qname_sql(mem, (struct lk_qname){shown ? type->schema : NULL, type->name}));
    } else if (zone != NULL) { /* timestamp(3) with time zone */
        lk_buf_addn(&sql, builtin, (size_t)(zone - builtin));
    } else {
        lk_buf_add(&sql, builtin);
    }
    if (!bare && type->mod_count > 0)
        add_mods(&sql, type);
    if (zone != NULL)
        lk_buf_add(&sql, zone);
    if (type->array)
        lk_buf_add(&sql, "[]");
    return sql.data;
}

char *
lk_type_sql(TALLOC_CTX *mem, const struct lk_type *type)
{
    return type_sql(mem, type, false);
}

char *
lk_type_words(TALLOC_CTX *mem, const struct lk_type *type)
{
    return type_sql(mem, type, true);
}
