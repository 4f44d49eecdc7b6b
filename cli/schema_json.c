/*
 * cli/schema_json.c
 *     The schema as one JSON document.
 */
#include <jansson.h>

#include "cli/schema.h"
#include "cli/version.h"
#include "parser/pgparse.h"

static json_t *
text(const char *value)
{
    json_t *string = value == NULL ? json_null() : json_string(value);

    return string != NULL ? string : json_null();
}

static json_t *
sql(TALLOC_CTX *mem, const struct lk_text *value)
{
    return text(lk_text_sql(mem, value));
}

static json_t *
names(const char *const *items, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, text(items[i]));
    return array;
}

static json_t *
column_of(TALLOC_CTX *mem, const struct lk_column *column)
{
    const char *identity = column->identity ? (column->always ? "always" : "by default") : NULL;
    const char *generated = column->generated ? (column->is_virtual ? "virtual" : "stored") : NULL;

    return json_pack("{s:s,s:o,s:b,s:b,s:o,s:o,s:o,s:o,s:o}", "name", column->object.name, "type",
                     text(column->type_known ? lk_type_sql(mem, &column->type) : NULL), "not_null",
                     column->not_null, "has_default", column->has_default, "default",
                     sql(mem, column->default_value), "identity", text(identity), "generated",
                     text(generated), "collation", text(column->collation), "comment",
                     text(column->object.comment));
}

static json_t *
constraint_of(TALLOC_CTX *mem, const struct lk_constraint *constraint)
{
    const char *target =
        constraint->target != NULL ? lk_relation_sql(mem, constraint->target) : NULL;

    return json_pack(
        "{s:s,s:s,s:o,s:o,s:o,s:o,s:b,s:b,s:b}", "name", constraint->object.name, "kind",
        lk_constraint_kind_name(constraint->kind), "columns",
        names(constraint->columns.items, constraint->columns.count), "expression",
        sql(mem, constraint->expression), "references", text(target), "referenced_columns",
        names(constraint->referenced_columns.items, constraint->referenced_columns.count),
        "validated", constraint->validated, "deferrable", constraint->deferrable, "enforced",
        !constraint->not_enforced);
}

static json_t *
index_of(TALLOC_CTX *mem, const struct lk_relation *index)
{
    return json_pack("{s:s,s:s,s:b,s:b,s:o,s:o}", "name", index->object.name, "method",
                     index->method != NULL ? index->method : "btree", "unique", index->unique,
                     "valid", index->valid, "keys", names(index->keys.items, index->keys.count),
                     "predicate", sql(mem, index->predicate));
}

static json_t *
parts_of(const struct lk_relation *relation, enum lk_class class)
{
    json_t *array = json_array();

    lk_vec_foreach(part, &relation->parts)
        if ((*part)->object.class == class)
            json_array_append_new(array, text((*part)->object.name));
    return array;
}

static json_t *
relation_of(TALLOC_CTX *mem, const struct lk_relation *relation)
{
    json_t *columns = json_array(), *constraints = json_array(), *indexes = json_array();

    lk_vec_foreach(column, &relation->columns)
        json_array_append_new(columns, column_of(mem, *column));
    lk_vec_foreach(constraint, &relation->constraints)
        json_array_append_new(constraints, constraint_of(mem, *constraint));
    lk_vec_foreach(index, &relation->indexes)
        json_array_append_new(indexes, index_of(mem, *index));
    const char *parent = relation->parent != NULL ? lk_relation_sql(mem, relation->parent) : NULL;
    return json_pack(
        "{s:s,s:s,s:s,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o}", "schema", relation->schema,
        "name", relation->object.name, "kind", lk_relation_kind_name(relation->kind), "complete",
        !relation->partial, "partition_of", text(parent), "columns", columns, "constraints",
        constraints, "indexes", indexes, "triggers", parts_of(relation, LK_CLASS_TRIGGER),
        "policies", parts_of(relation, LK_CLASS_POLICY), "rules", parts_of(relation, LK_CLASS_RULE),
        "query", sql(mem, relation->query), "row_security", relation->row_security, "comment",
        text(relation->object.comment));
}

static json_t *
relations_of(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    struct lk_objects objects = {0};
    json_t *array = json_array();

    lk_sorted_objects(mem, catalog, LK_CLASS_RELATION, &objects);
    lk_vec_foreach(object, &objects.items) {
        const struct lk_relation *relation = (const struct lk_relation *)*object;
        if (relation->kind != LK_RELATION_INDEX) /* they are told of with their tables */
            json_array_append_new(array, relation_of(mem, relation));
    }
    return array;
}

static json_t *
type_of(TALLOC_CTX *mem, const struct lk_object *object)
{
    const struct lk_defined_type *type = (const struct lk_defined_type *)object;

    return json_pack("{s:s,s:s,s:s,s:o,s:o}", "schema", type->schema, "name", object->name, "kind",
                     type->kind == 'e'   ? "enum"
                     : type->kind == 'd' ? "domain"
                     : type->kind == 'r' ? "range"
                                         : "base",
                     "labels", names(type->labels.items, type->labels.count), "base",
                     text(type->kind == 'd' ? lk_type_sql(mem, &type->base) : NULL));
}

static json_t *
function_of(TALLOC_CTX *mem, const struct lk_object *object)
{
    const struct lk_function *function = (const struct lk_function *)object;
    const char *kind = function->kind == 'p'   ? "procedure"
                       : function->kind == 'a' ? "aggregate"
                       : function->kind == 'w' ? "window"
                                               : "function";

    return json_pack("{s:o,s:s,s:o,s:s,s:o}", "schema", text(function->schema), "name",
                     object->name, "signature", text(function->signature), "kind", kind, "result",
                     text(function->result_known ? lk_type_sql(mem, &function->result) : NULL));
}

static json_t *
named_of(TALLOC_CTX *mem, const struct lk_object *object)
{
    (void)mem;
    return json_pack("{s:o,s:s,s:o}", "schema", text(lk_object_schema(object)), "name",
                     object->name, "comment", text(object->comment));
}

static json_t *
objects_of(TALLOC_CTX *mem, const struct lk_catalog *catalog, enum lk_class class,
           json_t *(*of)(TALLOC_CTX *mem, const struct lk_object *object))
{
    struct lk_objects objects = {0};
    json_t *array = json_array();

    lk_sorted_objects(mem, catalog, class, &objects);
    lk_vec_foreach(object, &objects.items)
        json_array_append_new(array, of(mem, *object));
    return array;
}

/* add_named adds, by the name of their class, the objects known by name that there are. */
static void
add_named(TALLOC_CTX *mem, json_t *document, const struct lk_catalog *catalog)
{
    static const char *const classes[] = {
#define LK_CLASS(name, structure, words, place) words,
#include "rules/schema/classes.def"
#undef LK_CLASS
    };

    for (size_t i = LK_CLASS_FUNCTION + 1; i < LK_ARRAY_SIZE(classes); i++) {
        json_t *array = objects_of(mem, catalog, (enum lk_class)i, named_of);
        if (json_array_size(array) > 0)
            json_object_set_new(document, classes[i], array);
        else
            json_decref(array);
    }
}

static void
write_json(FILE *stream, const struct lk_catalog *catalog)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    json_t *document = json_pack("{s:{s:s,s:s,s:s},s:o,s:o,s:o,s:o}", "tool", "name", "lockkeeper",
                                 "version", LK_VERSION, "grammar", lk_grammar_version(), "schemas",
                                 objects_of(scratch, catalog, LK_CLASS_SCHEMA, named_of),
                                 "relations", relations_of(scratch, catalog), "types",
                                 objects_of(scratch, catalog, LK_CLASS_TYPE, type_of), "functions",
                                 objects_of(scratch, catalog, LK_CLASS_FUNCTION, function_of));

    add_named(scratch, document, catalog);
    json_dumpf(document, stream, JSON_INDENT(2));
    fputc('\n', stream);
    json_decref(document);
}

const struct lk_schema_format lk_schema_format_json = {
    .name = "json",
    .summary = "one document with all objects",
    .write = write_json,
};
