/*
 * rules/schema/replay_refuse.c
 *     What the server refuses of many statements alike: see replay_relation.h.
 */
#include "parser/tree_names.h"
#include "rules/schema/analyze.h"
#include "rules/schema/builtin.h"
#include "rules/schema/replay_drop.h"
#include "rules/schema/replay_relation.h"

bool
lk_is_known(const struct lk_relation *relation)
{
    return !relation->partial && !relation->object.assumed && !relation->object.doubtful;
}

bool
lk_is_system_column(const char *name)
{
    static const char *const names[] = {"tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) /* most differ at once */
        if (names[i][0] == name[0] && names[i][1] == name[1] && strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool
lk_refuse_system_name(struct lk_catalog *catalog, const char *name)
{
    if (!lk_is_system_column(name))
        return false;
    lk_refuse(catalog, "42701", -1, "column name \"%s\" conflicts with a system column name", name)
        ->name = lk_catalog_keep(catalog, name);
    return true;
}

bool
lk_refuse_column(struct lk_catalog *catalog, const struct lk_relation *relation, const char *name)
{
    if (!lk_is_known(relation) || lk_relation_column(relation, name) != NULL)
        return false;
    if (lk_is_system_column(name))
        lk_refuse(catalog, "0A000", -1, "cannot alter system column \"%s\"", name);
    else
        lk_refuse(catalog, "42703", -1, "column \"%s\" of relation \"%s\" does not exist", name,
                  relation->object.name)
            ->name = lk_catalog_keep(catalog, name);
    return true;
}

bool
lk_is_immutable(struct lk_catalog *catalog, const struct lk_relation *table, Node *expression)
{
    struct lk_tree_calls calls = {0};
    size_t refusals = catalog->refusals.items.count;
    char volatility = 0;

    lk_tree_calls(catalog->statement_mem, expression, &calls);
    lk_vec_foreach(call, &calls.items)
        if (lk_catalog_has_function(catalog, strVal(llast((*call)->funcname))))
            return true; /* inlined it may be better than it says */
    lk_analyze_expression(catalog, table, expression, (struct lk_mentions){0}, &volatility);
    catalog->refusals.items.count = refusals;
    return (volatility != 's' && volatility != 'v') ||
           HASH_COUNT(catalog->spaces[LK_CLASS_OPERATOR]) > 0 ||
           HASH_COUNT(catalog->spaces[LK_CLASS_CAST]) > 0;
}

bool
lk_refuse_missing(struct lk_catalog *catalog, const RangeVar *range)
{
    if (!lk_catalog_lacks(catalog, range->schemaname, range->relname))
        return false;
    const char *sql = lk_range_sql(catalog->statement_mem, range);
    struct lk_refusal *refusal;
    if (range->schemaname != NULL &&
        lk_entry_gone(catalog, LK_CLASS_SCHEMA, "", range->schemaname)) {
        refusal = lk_refuse(catalog, "3F000", range->location, "schema \"%s\" does not exist",
                            range->schemaname);
    } else if (range->schemaname != NULL) {
        refusal = lk_refuse(catalog, "42P01", range->location, "relation \"%s.%s\" does not exist",
                            range->schemaname, range->relname);
    } else {
        refusal = lk_refuse(catalog, "42P01", range->location, "relation \"%s\" does not exist",
                            range->relname);
    }
    refusal->name = sql;
    return true;
}

struct place {
    const char *schema;
    bool has; /* an extension lies in it */
};

static void
look_at_extension(struct lk_object *extension, void *data)
{
    struct place *place = data;

    lk_vec_foreach(dependency, &extension->depends)
        place->has |= (*dependency)->on->class == LK_CLASS_SCHEMA &&
                      strcmp((*dependency)->on->name, place->schema) == 0;
}

/* has_extension returns whether an extension lies in a schema, and brings who knows what. */
static bool
has_extension(const struct lk_catalog *catalog, const char *schema)
{
    struct place place = {.schema = schema};

    lk_catalog_objects(catalog, LK_CLASS_EXTENSION, look_at_extension, &place);
    return place.has;
}

/* lacks_type returns whether a name certainly means no type. */
static bool
lacks_type(const struct lk_catalog *catalog, struct lk_qname name)
{
    if (name.name[0] == '_' || /* an array by its own name, perhaps */
        lk_builtin_type(name.schema, name.name) != LK_BT_NONE)
        return false;
    if (!lk_catalog_lacks(catalog, name.schema, name.name))
        return false;
    if (name.schema != NULL)
        return lk_entry_gone(catalog, LK_CLASS_TYPE, name.schema, name.name) &&
               !has_extension(catalog, name.schema);
    if (lk_catalog_type(catalog, NULL, name.name) != NULL)
        return false;
    for (size_t i = 0; i < catalog->search_path.count; i++)
        if (!lk_entry_gone(catalog, LK_CLASS_TYPE, catalog->search_path.names[i], name.name))
            return false;
    return true;
}

bool
lk_refuse_type(struct lk_catalog *catalog, const TypeName *type_name)
{
    struct lk_qname name;
    struct lk_type type;

    if (type_name == NULL || type_name->names == NIL || type_name->pct_type ||
        !lk_type_of(catalog->statement_mem, type_name, &type))
        return false;
    if (lk_type_is_builtin(&type))
        return type_name->typmods != NIL && lk_refuse_modifiers(catalog, type_name);
    name = lk_qname_of_list(type_name->names);
    if (!lacks_type(catalog, name))
        return false;
    if (name.schema != NULL && lk_entry_gone(catalog, LK_CLASS_SCHEMA, "", name.schema)) {
        lk_refuse(catalog, "3F000", type_name->location, "schema \"%s\" does not exist",
                  name.schema);
        return true;
    }
    lk_refuse(catalog, "42704", type_name->location, "type \"%s%s%s%s\" does not exist",
              name.schema != NULL ? name.schema : "", name.schema != NULL ? "." : "", name.name,
              type_name->arrayBounds != NIL ? "[]" : "")
        ->name = lk_qname_sql(catalog->statement_mem, name);
    return true;
}

bool
lk_refuse_taken(struct lk_catalog *catalog, const char *schema, const char *name, int location)
{
    const struct lk_relation *relation = lk_catalog_relation(catalog, schema, name);
    const struct lk_defined_type *type = lk_catalog_type(catalog, schema, name);
    struct lk_refusal *refusal = NULL;

    if (relation != NULL && !relation->object.assumed) {
        refusal = lk_refuse(catalog, "42P07", location, "relation \"%s\" already exists", name);
        refusal->object = &relation->object;
    } else if (relation == NULL && type != NULL && !type->object.assumed) {
        refusal = lk_refuse(catalog, "42710", location, "type \"%s\" already exists", name);
        refusal->object = &type->object;
    }
    if (refusal == NULL)
        return false;
    refusal->name = lk_catalog_keep(catalog, name);
    return true;
}

const char *
lk_kind_words(enum lk_relation_kind kind)
{
    static const char *const words[] = {
        [LK_RELATION_TABLE] = "table",
        [LK_RELATION_PARTITIONED] = "table",
        [LK_RELATION_FOREIGN] = "foreign table",
        [LK_RELATION_VIEW] = "view",
        [LK_RELATION_MATVIEW] = "materialized view",
        [LK_RELATION_SEQUENCE] = "sequence",
        [LK_RELATION_INDEX] = "index",
        [LK_RELATION_COMPOSITE] = "composite type",
        [LK_RELATION_UNKNOWN] = "relation",
    };

    return words[kind];
}

char *
lk_object_words(TALLOC_CTX *mem, const struct lk_object *object)
{
    static const char *const classes[] = {
#define LK_CLASS(name, structure, words, place) [LK_CLASS_##name] = words,
#include "rules/schema/classes.def"
#undef LK_CLASS
    };
    const struct lk_relation *within = NULL;

    if (object->class == LK_CLASS_RELATION)
        return lk_fmt(mem, "%s %s", lk_kind_words(((const struct lk_relation *)object)->kind),
                      object->name);
    if (object->class == LK_CLASS_COLUMN)
        within = ((const struct lk_column *)object)->relation;
    else if (object->class == LK_CLASS_CONSTRAINT)
        within = ((const struct lk_constraint *)object)->relation;
    else if (object->class == LK_CLASS_TRIGGER || object->class == LK_CLASS_RULE ||
             object->class == LK_CLASS_POLICY)
        within = ((const struct lk_part *)object)->relation;
    if (within == NULL)
        return lk_fmt(mem, "%s %s", classes[object->class], object->name);
    return lk_fmt(mem, "%s %s %s %s", classes[object->class], object->name,
                  object->class == LK_CLASS_COLUMN ? "of" : "on",
                  lk_object_words(mem, &within->object));
}

/* drop_object removes what goes along: of a partitioned table's also what its partitions have of
 * it. */
static void
drop_object(struct lk_catalog *catalog, struct lk_object *object)
{
    if (!lk_object_is_there(catalog, object)) {
        lk_undepend(catalog, object);
        return;
    }
    if (object->class == LK_CLASS_RELATION &&
        ((struct lk_relation *)object)->kind == LK_RELATION_INDEX) {
        lk_index_drop(catalog, (struct lk_relation *)object);
        lk_undepend(catalog, object);
    } else if (object->class == LK_CLASS_CONSTRAINT && lk_object_relation(object) != NULL) {
        lk_constraint_drop(catalog, lk_object_relation(object), (struct lk_constraint *)object);
    } else {
        lk_catalog_drop_object(catalog, object);
    }
}

void
lk_lean(struct lk_catalog *catalog, struct lk_object *dependent, const struct lk_relation *own,
        const struct lk_text *text)
{
    if (text == NULL)
        return;
    lk_vec_foreach(mention, &text->mentions) {
        struct lk_object *on = mention->object;
        if (on == NULL || on == &own->object ||
            (on->class == LK_CLASS_COLUMN && ((const struct lk_column *)on)->relation == own))
            continue;
        lk_depend(catalog, dependent, on, LK_DEPENDS_NORMAL);
    }
}

bool
lk_refuse_dependents(struct lk_catalog *catalog, struct lk_object *object, bool cascade)
{
    struct lk_dropping dropping = {0};

    lk_vec_push(catalog->statement_mem, &dropping.objects.items, object);
    lk_replay_drop_along(catalog, &dropping, cascade);
    if (!cascade && dropping.refused.items.count > 0) {
        struct lk_refusal *refusal =
            lk_refuse(catalog, "2BP01", -1, "cannot drop %s because other objects depend on it",
                      lk_object_words(catalog->statement_mem, object));
        refusal->object = object;
        refusal->dependents = dropping.refused;
        return true;
    }
    for (size_t i = 1; i < dropping.objects.items.count; i++)
        drop_object(catalog, dropping.objects.items.items[i]);
    lk_vec_foreach(column, &dropping.defaults.items)
        lk_replay_drop_default(catalog, *column);
    return false;
}
