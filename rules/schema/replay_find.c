/*
 * rules/schema/replay_find.c
 *     Which object a statement means, whatever its kind; what it is refused for not finding.
 */
#include "rules/schema/replay_find.h"
#include "parser/base/buf.h"
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"

static const struct lk_object_kind kinds[] = {
#define LK_OBJECT_KIND(type, class, keyword, sqlstate) {type, LK_CLASS_##class, keyword, sqlstate},
#include "rules/schema/object_kinds.def"
#undef LK_OBJECT_KIND
};

const struct lk_object_kind *
lk_replay_kind(ObjectType type)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

/* ---- refusals ---- */

bool
lk_replay_no_schema(struct lk_catalog *catalog, const char *schema)
{
    if (schema == NULL || lk_catalog_schema(catalog, schema) != NULL || !catalog->complete ||
        catalog->nameless || strncmp(schema, "pg_", 3) == 0 ||
        strcmp(schema, "information_schema") == 0 ||
        lk_catalog_may_exist(catalog, LK_CLASS_SCHEMA, NULL, schema))
        return false;
    lk_refuse(catalog, "3F000", -1, "schema \"%s\" does not exist", schema)->name =
        lk_quote_ident(catalog->statement_mem, schema);
    return true;
}

/*
 * is_certain returns whether an object that is not in the catalog is not in the database either. A
 * name without a schema may be one of the server's own: dropping that is refused all the same.
 */
static bool
is_certain(const struct lk_catalog *catalog, const struct lk_sought *sought, enum lk_class class,
           struct lk_qname name)
{
    static const enum lk_class without_own[] = {
        LK_CLASS_EVENT_TRIGGER, LK_CLASS_FOREIGN_DATA_WRAPPER, LK_CLASS_FOREIGN_SERVER,
        LK_CLASS_PUBLICATION,   LK_CLASS_STATISTICS,           LK_CLASS_SUBSCRIPTION};
    bool own = name.schema == NULL && !sought->drop;

    for (size_t i = 0; i < LK_ARRAY_SIZE(without_own); i++)
        own &= without_own[i] != class;
    return !sought->missing_ok && !own &&
           !lk_catalog_may_exist(catalog, class, name.schema,
                                 class == LK_CLASS_OPERATOR ? NULL : name.name);
}

static struct lk_object *
refuse_missing(struct lk_catalog *catalog, const struct lk_sought *sought,
               const struct lk_object_kind *kind, struct lk_qname name, const char *sql)
{
    if (!is_certain(catalog, sought, kind->class, name)) {
        if (!sought->missing_ok)
            lk_replay_no_schema(catalog, name.schema);
        return NULL;
    }
    if (lk_replay_no_schema(catalog, name.schema))
        return NULL;
    const char *words = lk_class_words(kind->class);
    bool plain = kind->class == LK_CLASS_FUNCTION || kind->class == LK_CLASS_CAST ||
                 kind->class == LK_CLASS_OPERATOR || kind->class == LK_CLASS_TRANSFORM;
    if (kind->class == LK_CLASS_FUNCTION || kind->class == LK_CLASS_RELATION)
        words = kind->keyword;
    lk_refuse(catalog, kind->sqlstate, -1,
              plain ? "%s %s does not exist" : "%s \"%s\" does not exist", words, sql)
        ->name = lk_strdup(catalog->statement_mem, sql);
    return NULL;
}

/* ---- relations and their parts ---- */

static bool
is_of_kind(const struct lk_relation *relation, ObjectType type)
{
    switch (relation->kind) {
    case LK_RELATION_TABLE:
    case LK_RELATION_PARTITIONED:
        return type == OBJECT_TABLE;
    case LK_RELATION_FOREIGN:
        return type == OBJECT_FOREIGN_TABLE;
    case LK_RELATION_VIEW:
        return type == OBJECT_VIEW;
    case LK_RELATION_MATVIEW:
        return type == OBJECT_MATVIEW;
    case LK_RELATION_SEQUENCE:
        return type == OBJECT_SEQUENCE;
    case LK_RELATION_INDEX:
        return type == OBJECT_INDEX;
    case LK_RELATION_COMPOSITE:
        return type == OBJECT_TYPE;
    default:
        return true;
    }
}

static const char *
relation_words(ObjectType type)
{
    switch (type) {
    case OBJECT_VIEW:
        return "a view";
    case OBJECT_MATVIEW:
        return "a materialized view";
    case OBJECT_SEQUENCE:
        return "a sequence";
    case OBJECT_INDEX:
        return "an index";
    case OBJECT_FOREIGN_TABLE:
        return "a foreign table";
    default:
        return "a table";
    }
}

/*
 * refuse_missing_relation words it as DROP does, or as everything else that looks for relations.
 * Source: dropmsgstringarray, src/backend/commands/tablecmds.c.
 */
static struct lk_object *
refuse_missing_relation(struct lk_catalog *catalog, const struct lk_sought *sought,
                        struct lk_qname name)
{
    const struct lk_object_kind *kind = lk_replay_kind(sought->type);
    const char *words = sought->type == OBJECT_MATVIEW         ? "materialized view"
                        : sought->type == OBJECT_FOREIGN_TABLE ? "foreign table"
                                                               : kind->keyword;

    /* an unqualified name may be one of the server's own */
    bool own = name.schema == NULL &&
               (strncmp(name.name, "pg_", 3) == 0 ||
                lk_entry_find(catalog, LK_CLASS_RELATION, "pg_catalog", name.name) != NULL);

    if (sought->missing_ok || own || lk_replay_no_schema(catalog, name.schema) ||
        lk_catalog_may_exist(catalog, LK_CLASS_RELATION, name.schema, name.name))
        return NULL;
    bool undefined = sought->type == OBJECT_INDEX || sought->type == OBJECT_FOREIGN_TABLE;
    lk_refuse(catalog, sought->drop && undefined ? "42704" : "42P01", -1,
              "%s \"%s\" does not exist", sought->drop ? words : "relation",
              !sought->drop && name.schema != NULL
                  ? lk_fmt(catalog->statement_mem, "%s.%s", name.schema, name.name)
                  : name.name)
        ->name = lk_qname_sql(catalog->statement_mem, name);
    return NULL;
}

static struct lk_object *
find_relation(struct lk_catalog *catalog, const struct lk_sought *sought, struct lk_qname name)
{
    struct lk_relation *relation = lk_catalog_relation(catalog, name.schema, name.name);

    if (relation == NULL)
        return refuse_missing_relation(catalog, sought, name);
    /* ALTER TABLE and ALTER INDEX take relations of other kinds, too, unlike ALTER VIEW */
    bool lenient = sought->type == OBJECT_TABLE || sought->type == OBJECT_INDEX;
    if (is_of_kind(relation, sought->type) || (lenient && !sought->drop && !sought->strict))
        return &relation->object;
    if (!relation->object.assumed)
        lk_refuse(catalog, "42809", -1, "\"%s\" is not %s", relation->object.name,
                  relation_words(sought->type))
            ->object = &relation->object;
    return NULL;
}

/* find_part returns a column, constraint, trigger, rule or policy of a relation, or NULL. */
static struct lk_object *
find_part(const struct lk_relation *relation, enum lk_class class, const char *name)
{
    if (class == LK_CLASS_COLUMN)
        return (struct lk_object *)lk_relation_column(relation, name);
    if (class == LK_CLASS_CONSTRAINT)
        return (struct lk_object *)lk_relation_constraint(relation, name);
    lk_vec_foreach(part, &relation->parts)
        if ((*part)->object.class == class && strcmp((*part)->object.name, name) == 0)
            return &(*part)->object;
    return NULL;
}

static struct lk_object *
find_relation_part(struct lk_catalog *catalog, const struct lk_sought *sought,
                   const struct lk_object_kind *kind, struct lk_qname table, const char *name)
{
    const struct lk_relation *relation = lk_catalog_relation(catalog, table.schema, table.name);
    struct lk_object *part;

    if (relation == NULL) {
        struct lk_sought whole = *sought;
        whole.type = OBJECT_TABLE;
        whole.drop = false;
        return refuse_missing_relation(catalog, &whole, table);
    }
    part = find_part(relation, kind->class, name);
    if (kind->class == LK_CLASS_RULE && strcmp(name, "_RETURN") == 0 &&
        (relation->kind == LK_RELATION_VIEW || relation->kind == LK_RELATION_MATVIEW))
        return NULL; /* what makes it a view: no object of its own here */
    if (kind->class == LK_CLASS_CONSTRAINT && lk_relation_echoing(relation, name) != NULL)
        return NULL; /* nor this one */
    if (part != NULL || relation->partial || relation->object.assumed || sought->missing_ok)
        return part;
    /* the SQLSTATE and the words of each class are get_object_address_relobject()'s */
    if (kind->class == LK_CLASS_COLUMN)
        lk_refuse(catalog, kind->sqlstate, -1, "column \"%s\" of relation \"%s\" does not exist",
                  name, relation->object.name);
    else
        lk_refuse(catalog, kind->sqlstate, -1, "%s \"%s\" for %s \"%s\" does not exist",
                  lk_class_words(kind->class), name,
                  kind->class == LK_CLASS_RULE ? "relation" : "table", relation->object.name);
    (*lk_vec_last(&catalog->refusals.items)).object = &relation->object;
    return NULL;
}

/* ---- types ---- */

static struct lk_object *
find_type(struct lk_catalog *catalog, const struct lk_sought *sought, const TypeName *type_name)
{
    const struct lk_object_kind *kind = lk_replay_kind(sought->type);
    struct lk_object *object;
    struct lk_type type;
    bool known = lk_replay_type(catalog, type_name, &type, &object);

    if (object == NULL) {
        if ((known && lk_type_is_builtin(&type)) || type.name == NULL)
            return NULL;
        struct lk_qname name = {type.schema, type.name};
        if (!sought->missing_ok && !sought->drop && lk_refuse_type(catalog, type_name))
            return NULL;
        return refuse_missing(catalog, sought, lk_replay_kind(OBJECT_TYPE), name,
                              lk_qname_sql(catalog->statement_mem, name));
    }
    const struct lk_defined_type *defined = (const struct lk_defined_type *)object;
    if (kind->type == OBJECT_DOMAIN && !object->assumed &&
        (object->class != LK_CLASS_TYPE || defined->kind != 'd')) {
        lk_refuse(catalog, "42809", -1, "\"%s\" is not a domain", object->name)->object = object;
        return NULL;
    }
    return object;
}

/* ---- what is told apart by more than its name ---- */

char *
lk_replay_type_words(struct lk_catalog *catalog, const TypeName *type_name)
{
    struct lk_type type;

    if (type_name == NULL)
        return lk_strdup(catalog->statement_mem, "none");
    lk_replay_type(catalog, type_name, &type, NULL);
    return type.name != NULL ? lk_type_words(catalog->statement_mem, &type)
                             : lk_strdup(catalog->statement_mem, "?");
}

const char *
lk_replay_operator_kind(struct lk_catalog *catalog, const TypeName *left, const TypeName *right)
{
    return lk_fmt(catalog->statement_mem, "(%s, %s)", lk_replay_type_words(catalog, left),
                  lk_replay_type_words(catalog, right));
}

char *
lk_replay_cast_name(struct lk_catalog *catalog, const TypeName *source, const TypeName *target)
{
    return lk_fmt(catalog->statement_mem, "(%s AS %s)", lk_replay_type_words(catalog, source),
                  lk_replay_type_words(catalog, target));
}

char *
lk_replay_transform_name(struct lk_catalog *catalog, const TypeName *type, const char *language)
{
    return lk_fmt(catalog->statement_mem, "FOR %s LANGUAGE %s", lk_replay_type_words(catalog, type),
                  lk_quote_ident(catalog->statement_mem, language));
}

struct lk_named *
lk_replay_named(const struct lk_catalog *catalog, enum lk_class class, const char *schema,
                const char *name, const char *kind)
{
    struct lk_object *object = lk_catalog_object(catalog, class, schema, name);

    for (; object != NULL; object = object->overload) {
        struct lk_named *named = (struct lk_named *)object;
        if (kind == NULL || (named->kind != NULL && strcmp(named->kind, kind) == 0))
            return named;
    }
    return NULL;
}

static struct lk_object *
find_named(struct lk_catalog *catalog, const struct lk_sought *sought, struct lk_qname name,
           const char *kind_of)
{
    const struct lk_object_kind *kind = lk_replay_kind(sought->type);
    struct lk_named *named = lk_replay_named(catalog, kind->class, name.schema, name.name, kind_of);

    if (named != NULL)
        return &named->object;
    /* roles and tablespaces are the cluster's, and a language may come with the server */
    if (kind->class == LK_CLASS_ROLE || kind->class == LK_CLASS_TABLESPACE ||
        kind->class == LK_CLASS_LANGUAGE || kind->class == LK_CLASS_ACCESS_METHOD)
        return NULL;
    return refuse_missing(catalog, sought, kind, name,
                          kind->class == LK_CLASS_CAST || kind->class == LK_CLASS_TRANSFORM ||
                                  kind->class == LK_CLASS_OPERATOR
                              ? name.name
                              : lk_qname_sql(catalog->statement_mem, name));
}

/* split returns the last word of a list; `*rest` becomes the name that the others make. */
static const char *
split(const List *words, struct lk_qname *rest)
{
    *rest = lk_qname_of_first(words, list_length(words) - 1);
    return strVal(llast(words));
}

/* find_in_list finds what the grammar writes as a list of words, or of types. */
static struct lk_object *
find_in_list(struct lk_catalog *catalog, const struct lk_sought *sought,
             const struct lk_object_kind *kind, List *words)
{
    struct lk_qname rest;

    switch (kind->class) {
    case LK_CLASS_RELATION:
        return find_relation(catalog, sought, lk_qname_of_list(words));
    case LK_CLASS_COLUMN:
    case LK_CLASS_CONSTRAINT:
    case LK_CLASS_TRIGGER:
    case LK_CLASS_RULE:
    case LK_CLASS_POLICY: {
        const char *name = split(words, &rest);
        return find_relation_part(catalog, sought, kind, rest, name);
    }
    case LK_CLASS_TYPE: {
        TypeName type = {.type = T_TypeName, .names = words, .location = -1};
        return find_type(catalog, sought, &type);
    }
    case LK_CLASS_OPERATOR_CLASS:
    case LK_CLASS_OPERATOR_FAMILY: {
        rest = lk_qname_of_list(words); /* behind the access method */
        if (list_length(words) == 2)
            rest.schema = NULL;
        return find_named(catalog, sought, rest, strVal(linitial(words)));
    }
    case LK_CLASS_CAST:
        return find_named(
            catalog, sought,
            (struct lk_qname){NULL, lk_replay_cast_name(catalog, linitial(words), lsecond(words))},
            NULL);
    case LK_CLASS_TRANSFORM:
        return find_named(catalog, sought,
                          (struct lk_qname){NULL, lk_replay_transform_name(catalog, linitial(words),
                                                                           strVal(lsecond(words)))},
                          NULL);
    default:
        return find_named(catalog, sought, lk_qname_of_list(words), NULL);
    }
}

static struct lk_object *
find_with_arguments(struct lk_catalog *catalog, const struct lk_sought *sought,
                    const struct lk_object_kind *kind, const ObjectWithArgs *target)
{
    struct lk_function *function;
    ListCell *cell;

    if (kind->class == LK_CLASS_OPERATOR && lsecond(target->objargs) == NULL) {
        lk_refuse(catalog, "42601", -1, "postfix operators are not supported");
        return NULL;
    }
    foreach(cell, target->objargs)
        if (!sought->missing_ok && lk_refuse_type(catalog, lfirst(cell)))
            return NULL;
    if (kind->class == LK_CLASS_OPERATOR)
        return find_named(
            catalog, sought, lk_qname_of_list(target->objname),
            lk_replay_operator_kind(catalog, linitial(target->objargs), lsecond(target->objargs)));
    function = lk_replay_find_function(catalog, sought, target);
    return function != NULL ? &function->object : NULL;
}

static struct lk_object *
find_domain_constraint(struct lk_catalog *catalog, const List *words)
{
    struct lk_object *object;
    struct lk_type type;

    lk_replay_type(catalog, linitial_node(TypeName, words), &type, &object);
    if (object == NULL)
        lk_refuse_type(catalog, linitial_node(TypeName, words));
    if (object == NULL || object->class != LK_CLASS_TYPE)
        return NULL;
    struct lk_constraint *constraint =
        lk_type_constraint((struct lk_defined_type *)object, strVal(lsecond(words)));
    if (constraint == NULL && !object->assumed && !object->doubtful)
        lk_refuse(catalog, "42704", -1, "constraint \"%s\" for domain %s does not exist",
                  strVal(lsecond(words)), lk_type_words(catalog->statement_mem, &type));
    return (struct lk_object *)constraint;
}

struct lk_object *
lk_replay_find(struct lk_catalog *catalog, const struct lk_sought *sought)
{
    const struct lk_object_kind *kind = lk_replay_kind(sought->type);
    Node *object = sought->object;

    if (sought->type == OBJECT_DOMCONSTRAINT)
        return find_domain_constraint(catalog, (const List *)object);
    if (kind == NULL)
        return NULL;
    if (object == NULL || IsA(object, RangeVar)) {
        const RangeVar *range = object != NULL ? (const RangeVar *)object : sought->relation;
        if (range == NULL)
            return NULL;
        return kind->class == LK_CLASS_RELATION
                   ? find_relation(catalog, sought, lk_qname_of_range(range))
                   : find_relation_part(catalog, sought, kind, lk_qname_of_range(range),
                                        sought->part);
    }
    switch (nodeTag(object)) {
    case T_List:
        return find_in_list(catalog, sought, kind, (List *)object);
    case T_TypeName:
        return find_type(catalog, sought, (const TypeName *)object);
    case T_ObjectWithArgs:
        return find_with_arguments(catalog, sought, kind, (const ObjectWithArgs *)object);
    case T_String:
        if (kind->class == LK_CLASS_SCHEMA) {
            struct lk_namespace *schema = lk_catalog_schema(catalog, strVal(object));
            if (schema == NULL && !sought->missing_ok)
                lk_replay_no_schema(catalog, strVal(object));
            return (struct lk_object *)schema;
        }
        return find_named(catalog, sought, (struct lk_qname){NULL, strVal(object)}, NULL);
    default:
        return NULL;
    }
}

struct lk_object *
lk_replay_find_as(struct lk_catalog *catalog, ObjectType type, const RangeVar *relation,
                  Node *object)
{
    struct lk_sought sought = {.type = type, .relation = relation, .object = object};

    return lk_replay_find(catalog, &sought);
}
