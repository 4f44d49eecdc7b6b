/*
 * rules/schema/type.c
 *     Types of columns: see type.h.
 */
#include "rules/schema/type.h"

#include "parser/base/buf.h"
#include "parser/pg_names.h"
#include "parser/pgparse.h"

/*
 * The built-in types by pg_type's name, which they are sorted by, and SQL's; serial forms name the
 * integer they make.
 */
static const struct builtin {
    const char *name;
    const char *sql;
} builtins[] = {
    {"any", "\"any\""},
    {"anyarray", "anyarray"},
    {"anycompatible", "anycompatible"},
    {"anycompatiblearray", "anycompatiblearray"},
    {"anycompatiblemultirange", "anycompatiblemultirange"},
    {"anycompatiblenonarray", "anycompatiblenonarray"},
    {"anycompatiblerange", "anycompatiblerange"},
    {"anyelement", "anyelement"},
    {"anyenum", "anyenum"},
    {"anymultirange", "anymultirange"},
    {"anynonarray", "anynonarray"},
    {"anyrange", "anyrange"},
    {"bit", "bit"},
    {"bool", "boolean"},
    {"box", "box"},
    {"bpchar", "character"},
    {"bytea", "bytea"},
    {"char", "\"char\""},
    {"cid", "cid"},
    {"cidr", "cidr"},
    {"circle", "circle"},
    {"cstring", "cstring"},
    {"date", "date"},
    {"datemultirange", "datemultirange"},
    {"daterange", "daterange"},
    {"event_trigger", "event_trigger"},
    {"fdw_handler", "fdw_handler"},
    {"float4", "real"},
    {"float8", "double precision"},
    {"gtsvector", "gtsvector"},
    {"index_am_handler", "index_am_handler"},
    {"inet", "inet"},
    {"int2", "smallint"},
    {"int4", "integer"},
    {"int4multirange", "int4multirange"},
    {"int4range", "int4range"},
    {"int8", "bigint"},
    {"int8multirange", "int8multirange"},
    {"int8range", "int8range"},
    {"internal", "internal"},
    {"interval", "interval"},
    {"json", "json"},
    {"jsonb", "jsonb"},
    {"jsonpath", "jsonpath"},
    {"language_handler", "language_handler"},
    {"line", "line"},
    {"lseg", "lseg"},
    {"macaddr", "macaddr"},
    {"macaddr8", "macaddr8"},
    {"money", "money"},
    {"name", "name"},
    {"numeric", "numeric"},
    {"nummultirange", "nummultirange"},
    {"numrange", "numrange"},
    {"oid", "oid"},
    {"oidvector", "oidvector"},
    {"path", "path"},
    {"pg_lsn", "pg_lsn"},
    {"pg_snapshot", "pg_snapshot"},
    {"point", "point"},
    {"polygon", "polygon"},
    {"record", "record"},
    {"refcursor", "refcursor"},
    {"regclass", "regclass"},
    {"regcollation", "regcollation"},
    {"regconfig", "regconfig"},
    {"regdictionary", "regdictionary"},
    {"regnamespace", "regnamespace"},
    {"regoper", "regoper"},
    {"regoperator", "regoperator"},
    {"regproc", "regproc"},
    {"regprocedure", "regprocedure"},
    {"regrole", "regrole"},
    {"regtype", "regtype"},
    {"table_am_handler", "table_am_handler"},
    {"text", "text"},
    {"tid", "tid"},
    {"time", "time without time zone"},
    {"timestamp", "timestamp without time zone"},
    {"timestamptz", "timestamp with time zone"},
    {"timetz", "time with time zone"},
    {"trigger", "trigger"},
    {"tsm_handler", "tsm_handler"},
    {"tsmultirange", "tsmultirange"},
    {"tsquery", "tsquery"},
    {"tsrange", "tsrange"},
    {"tstzmultirange", "tstzmultirange"},
    {"tstzrange", "tstzrange"},
    {"tsvector", "tsvector"},
    {"txid_snapshot", "txid_snapshot"},
    {"unknown", "unknown"},
    {"uuid", "uuid"},
    {"varbit", "bit varying"},
    {"varchar", "character varying"},
    {"void", "void"},
    {"xid", "xid"},
    {"xid8", "xid8"},
    {"xml", "xml"},
};

static const struct {
    const char *word;
    const char *name;
} serials[] = {
    {"serial", "int4"},  {"serial4", "int4"},     {"bigserial", "int8"},
    {"serial8", "int8"}, {"smallserial", "int2"}, {"serial2", "int2"},
};

static const struct builtin *
find_builtin(const char *name)
{
    size_t low = 0, high = LK_ARRAY_SIZE(builtins);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = builtins[middle].name[0] - name[0];
        if (order == 0)
            order = strcmp(builtins[middle].name, name);
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

/* read_mods takes constant integers; interval's first one is a mask of fields, kept as it is. */
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
}

bool
lk_type_of(TALLOC_CTX *mem, const struct TypeName *type_name, struct lk_type *ret)
{
    struct lk_qname name = lk_qname_of_list(type_name->names);

    *ret = (struct lk_type){0};
    if (type_name->pct_type || type_name->names == NIL)
        return false;
    if (name.schema == NULL) {
        for (size_t i = 0; i < LK_ARRAY_SIZE(serials); i++) {
            if (serials[i].word[0] == name.name[0] && strcmp(serials[i].word, name.name) == 0) {
                ret->serial = true;
                name.name = serials[i].name;
            }
        }
    }
    /* a type of the user's own by a built-in name would have to be qualified */
    const struct builtin *builtin = name.schema == NULL || strcmp(name.schema, "pg_catalog") == 0
                                        ? find_builtin(name.name)
                                        : NULL;
    ret->schema = builtin != NULL ? "pg_catalog" : lk_strdup(mem, name.schema);
    ret->name = builtin != NULL ? builtin->name : lk_strdup(mem, name.name);
    ret->array = type_name->arrayBounds != NIL;
    read_mods(type_name->typmods, ret);
    return true;
}

bool
lk_type_is_builtin(const struct lk_type *type)
{
    return type->schema != NULL && strcmp(type->schema, "pg_catalog") == 0;
}

bool
lk_type_is(const struct lk_type *type, const char *name)
{
    return !type->array && type->schema != NULL && type->name[0] == name[0] &&
           strcmp(type->name, name) == 0 && lk_type_is_builtin(type);
}

bool
lk_type_equal(const struct lk_type *a, const struct lk_type *b)
{
    bool same_schema = a->schema == NULL || b->schema == NULL || strcmp(a->schema, b->schema) == 0;

    return same_schema && strcmp(a->name, b->name) == 0 && a->array == b->array &&
           a->mod_count == b->mod_count && memcmp(a->mods, b->mods, sizeof(a->mods)) == 0;
}

static bool
shows_mods(const struct lk_type *type)
{
    return type->mod_count > 0 && !lk_type_is(type, "interval");
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
    if (!bare && shows_mods(type)) {
        lk_buf_addf(&sql, "(%d", type->mods[0]);
        if (type->mod_count > 1)
            lk_buf_addf(&sql, ",%d", type->mods[1]);
        lk_buf_addc(&sql, ')');
    }
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
