/*
 * rules/schema/replay_opclass.c
 *     Whether an access method can index what it is to: see replay_relation.h.
 *
 * Source: DefineIndex(), ComputeIndexAttrs() and ResolveOpClass(),
 * src/backend/commands/indexcmds.c; ComputePartitionAttrs(), src/backend/commands/tablecmds.c.
 */
#include "parser/pgparse.h"
#include "rules/schema/builtin.h"
#include "rules/schema/replay_relation.h"

#define DOMAIN_DEPTH 32 /* domains over domains */

uint16_t
lk_type_number(const struct lk_catalog *catalog, const struct lk_type *type)
{
    if (type->name == NULL)
        return LK_BT_OPAQUE;
    uint16_t number = lk_builtin_type_of(type), array = type->array ? LK_BT_ARRAY : 0;
    if (lk_type_is_builtin(type) || number != LK_BT_OPAQUE)
        return number;
    for (unsigned i = 0; i < DOMAIN_DEPTH; i++) {
        const struct lk_defined_type *defined = lk_catalog_type(catalog, type->schema, type->name);
        const struct lk_relation *row =
            defined == NULL ? lk_catalog_relation(catalog, type->schema, type->name) : NULL;
        if (defined != NULL && defined->kind == 'e')
            return (uint16_t)(LK_BT_ENUM(0) | array);
        if (row != NULL && row->kind != LK_RELATION_INDEX && row->kind != LK_RELATION_SEQUENCE)
            return (uint16_t)(LK_BT_COMPOSITE(0) | array);
        if (defined == NULL || defined->kind != 'd' || defined->base.name == NULL || array != 0)
            break;
        type = &defined->base;
        number = lk_builtin_type_of(type);
        if (number != LK_BT_OPAQUE)
            return number;
        array = type->array ? LK_BT_ARRAY : 0;
    }
    return LK_BT_OPAQUE;
}

const char *
lk_type_visible(const struct lk_catalog *catalog, const struct lk_type *type)
{
    struct lk_type visible = *type;

    visible.mod_count = 0;
    for (size_t i = 0; i < catalog->search_path.count; i++)
        if (!lk_type_is_builtin(type) && type->schema != NULL &&
            strcmp(type->schema, catalog->search_path.names[i]) == 0)
            visible.schema = NULL;
    return lk_type_sql(catalog->statement_mem, &visible);
}

static void
look_at_extension(struct lk_object *extension, void *data)
{
    bool *known = data;

    *known &= lk_extension_provides(extension->name, "opclass", "") != LK_PROVIDES_UNKNOWN;
}

bool
lk_extensions_are_known(const struct lk_catalog *catalog)
{
    bool known = true;

    if (HASH_COUNT(catalog->spaces[LK_CLASS_EXTENSION]) > 0)
        lk_catalog_objects(catalog, LK_CLASS_EXTENSION, look_at_extension, &known);
    return known;
}

bool
lk_casts_are_known(const struct lk_catalog *catalog)
{
    return catalog->complete && HASH_COUNT(catalog->spaces[LK_CLASS_CAST]) == 0 &&
           lk_extensions_are_known(catalog);
}

bool
lk_type_is_near(const struct lk_type *from, const struct lk_type *to)
{
    static const char *const pairs[][2] = {{"int4", "int8"},    {"int4", "int2"},
                                           {"int4", "numeric"}, {"int4", "float8"},
                                           {"text", "varchar"}, {"timestamptz", "timestamp"}};

    if (from->array != to->array || from->name == NULL || to->name == NULL)
        return false;
    if (from->name == to->name || strcmp(from->name, to->name) == 0)
        return true;
    for (size_t i = 0; i < LK_ARRAY_SIZE(pairs); i++)
        if (from->name[0] == pairs[i][0][0] && to->name[0] == pairs[i][1][0] &&
            strcmp(from->name, pairs[i][0]) == 0 && strcmp(to->name, pairs[i][1]) == 0)
            return lk_type_is_builtin(from) && lk_type_is_builtin(to);
    return false;
}

/* Casts that were looked for: the same ones come again and again. */
struct looked_for {
    uint16_t from, to;
    uint16_t version;
    bool known;
    bool answer;
};

#define LOOKED_FOR 256

static _Thread_local struct looked_for looked_for[LOOKED_FOR];

bool
lk_is_no_assignment(const struct lk_catalog *catalog, uint16_t from, uint16_t to)
{
    if (from == LK_BT_NONE || to == LK_BT_NONE || lk_builtin_is_opaque(from) ||
        lk_builtin_is_opaque(to))
        return false;
    unsigned version = lk_catalog_version(catalog);
    struct looked_for *it = &looked_for[(from * 31u + to) % LOOKED_FOR];
    if (it->known && it->from == from && it->to == to && it->version == version)
        return it->answer;
    struct lk_builtin_cast cast = lk_builtin_cast(from, to, version);
    *it = (struct looked_for){
        .from = from,
        .to = to,
        .version = (uint16_t)version,
        .known = true,
        .answer = cast.method != LK_BUILTIN_UNKNOWN_CAST &&
                  (cast.method == LK_BUILTIN_NO_CAST || cast.context == LK_BUILTIN_EXPLICIT)};
    return it->answer;
}

/* What comes with contrib brings some for types of the server's own for gin, gist and bloom only.
 */
bool
lk_opclasses_are_known(const struct lk_catalog *catalog, const char *method)
{
    if (!catalog->complete || HASH_COUNT(catalog->spaces[LK_CLASS_OPERATOR_CLASS]) > 0)
        return false;
    if (strcmp(method, "gin") == 0 || strcmp(method, "gist") == 0)
        return HASH_COUNT(catalog->spaces[LK_CLASS_EXTENSION]) == 0;
    return lk_extensions_are_known(catalog);
}

bool
lk_refuse_collation(struct lk_catalog *catalog, const struct lk_type *type, const List *collation,
                    int location)
{
    struct lk_qname name = lk_qname_of_list(collation);
    uint16_t number = lk_type_number(catalog, type);
    const struct lk_builtin_type *info;

    if (number == LK_BT_NONE || number == LK_BT_unknown || lk_builtin_is_opaque(number) ||
        (strcmp(name.name, "C") != 0 && strcmp(name.name, "POSIX") != 0 &&
         strcmp(name.name, "default") != 0 &&
         lk_catalog_object(catalog, LK_CLASS_COLLATION, name.schema, name.name) == NULL))
        return false;
    info = lk_builtin_type_info((uint16_t)(number & ~LK_BT_ARRAY));
    if (info != NULL && (info->collation[0] != '\0' || info->typtype == 'p'))
        return false;
    lk_refuse(catalog, "42804", location, "collations are not supported by type %s",
              lk_type_visible(catalog, type));
    return true;
}

bool
lk_type_is_ordered(const struct lk_type *type)
{
    static const char *const names[] = {"text", "int4", "int8",        "uuid",      "varchar",
                                        "bool", "date", "timestamptz", "timestamp", "numeric"};

    if (type->array || type->name == NULL || !lk_type_is_builtin(type))
        return false;
    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        if (type->name[0] == names[i][0] && strcmp(type->name, names[i]) == 0)
            return true;
    return false;
}

bool
lk_refuse_key(struct lk_catalog *catalog, const char *method, const struct lk_type *type,
              const struct lk_key_words *words)
{
    struct lk_qname class = lk_qname_of_list(words->opclass);
    bool named = words->opclass != NIL, is_there;

    if (!named && words->collation == NIL && strcmp(method, "btree") == 0 &&
        lk_type_is_ordered(type))
        return false;
    if (words->collation != NIL &&
        lk_refuse_collation(catalog, type, words->collation, words->location))
        return true;
    if (lk_builtin_method(method) == NULL ||
        (named && !lk_opclasses_are_known(catalog, method)) || /* most are those of an extension */
        (named && class.schema != NULL && strcmp(class.schema, "pg_catalog") != 0))
        return false;
    uint16_t number = lk_type_number(catalog, type);
    if (lk_builtin_opclass(method, named ? class.name : NULL, number, lk_catalog_version(catalog),
                           &is_there) != LK_PROVIDES_NO ||
        !lk_opclasses_are_known(catalog, method))
        return false;
    const char *sql = lk_type_visible(catalog, type);
    if (!named)
        lk_refuse(catalog, "42704", words->location,
                  "data type %s has no default operator class for access method \"%s\"", sql,
                  method);
    else if (!is_there)
        lk_refuse(catalog, "42704", words->location,
                  "operator class \"%s\" does not exist for access method \"%s\"", class.name,
                  method)
            ->name = lk_quote_ident(catalog->statement_mem, class.name);
    else
        lk_refuse(catalog, "42804", words->location,
                  "operator class \"%s\" does not accept data type %s", class.name, sql);
    return true;
}

/* refuse_no_method refuses an access method that certainly is not there. */
static bool
refuse_no_method(struct lk_catalog *catalog, const char *method)
{
    if (lk_catalog_object(catalog, LK_CLASS_ACCESS_METHOD, NULL, method) != NULL ||
        lk_catalog_may_exist(catalog, LK_CLASS_ACCESS_METHOD, NULL, method))
        return false;
    lk_refuse(catalog, "42704", -1, "access method \"%s\" does not exist", method)->name =
        lk_quote_ident(catalog->statement_mem, method);
    return true;
}

bool
lk_refuse_table_method(struct lk_catalog *catalog, const char *method)
{
    if (strcmp(method, "heap") == 0)
        return false;
    if (lk_builtin_method(method) == NULL)
        return refuse_no_method(catalog, method);
    lk_refuse(catalog, "55000", -1, "access method \"%s\" is not of type TABLE", method);
    return true;
}

bool
lk_refuse_method(struct lk_catalog *catalog, const char *method, unsigned needs)
{
    static const struct {
        unsigned need;
        const char *words;
    } features[] = {
        {LK_METHOD_UNIQUE, "unique indexes"},
        {LK_METHOD_INCLUDE, "included columns"},
        {LK_METHOD_MULTICOLUMN, "multicolumn indexes"},
        {LK_METHOD_EXCLUDE, "exclusion constraints"},
    };
    if (strcmp(method, "btree") == 0) /* which can all of it */
        return false;
    const struct lk_builtin_method_traits *traits = lk_builtin_method(method);
    if (traits == NULL)
        return strcmp(method, "rtree") != 0 /* GiST */ && refuse_no_method(catalog, method);
    for (size_t i = 0; i < LK_ARRAY_SIZE(features); i++) {
        if ((needs & features[i].need) == 0 || (traits->can & features[i].need) != 0)
            continue;
        lk_refuse(catalog, "0A000", -1, "access method \"%s\" does not support %s", method,
                  features[i].words);
        return true;
    }
    return false;
}
