/*
 * rules/schema/sql.c
 *     The order in which objects are made: see sql.h.
 *
 * Tables come before what is done to them, as in a dump: keys and indexes, then views, foreign
 * keys, triggers; each object behind those that it leans on.
 */
#include "rules/schema/sql.h"

#include "parser/pgparse.h"
#include "rules/schema/sorted.h"
#include "rules/schema/sql_private.h"

/* maker_of returns the object whose statement makes another one. */
static const struct lk_object *
maker_of(const struct lk_object *object)
{
    const struct lk_relation *relation = NULL;

    switch (object->class) {
    case LK_CLASS_COLUMN:
        relation = ((const struct lk_column *)object)->relation;
        break;
    case LK_CLASS_CONSTRAINT:
        relation = ((const struct lk_constraint *)object)->relation;
        break;
    case LK_CLASS_RELATION:
        if (((const struct lk_relation *)object)->kind == LK_RELATION_INDEX)
            relation = ((const struct lk_relation *)object)->table;
        break;
    default:
        break;
    }
    return relation != NULL ? &relation->object : object;
}

static void write_object(struct lk_writer *writer, const struct lk_object *object);

static bool
is_sequence(const struct lk_object *object)
{
    return object->class == LK_CLASS_RELATION &&
           ((const struct lk_relation *)object)->kind == LK_RELATION_SEQUENCE;
}

static void
write_needed(struct lk_writer *writer, const struct lk_object *object)
{
    if (is_sequence(object)) /* it comes before the table that owns it */
        return;
    lk_vec_foreach(dependency, &object->depends)
        write_object(writer, maker_of((*dependency)->on));
}

/* write_needed_by_table writes what stands in CREATE TABLE: types, defaults, checks, parents. */
static void
write_needed_by_table(struct lk_writer *writer, const struct lk_relation *relation)
{
    lk_vec_foreach(column, &relation->columns)
        write_needed(writer, &(*column)->object);
    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_CHECK)
            write_needed(writer, &(*constraint)->object);
    if (relation->parent != NULL)
        write_object(writer, &relation->parent->object);
}

/* write_needed_by_type writes what stands in CREATE DOMAIN behind CHECK. */
static void
write_needed_by_type(struct lk_writer *writer, const struct lk_defined_type *type)
{
    lk_vec_foreach(constraint, &type->constraints)
        write_needed(writer, &(*constraint)->object);
}

static bool
is_left_out(const struct lk_object *object)
{
    const struct lk_relation *relation = (const struct lk_relation *)object;

    if (object->assumed && !object->doubtful)
        return true;
    if (object->class != LK_CLASS_RELATION)
        return false;
    return relation->temporary || relation->kind == LK_RELATION_INDEX ||
           (relation->sequence != NULL && relation->sequence->of_identity);
}

static void
write_changes(struct lk_writer *writer, const struct lk_changes *changes)
{
    if (changes != NULL)
        lk_vec_foreach(change, &changes->items)
            lk_write_definition(writer, *change);
}

static void
write_statement(struct lk_writer *writer, const struct lk_object *object)
{
    switch (object->class) {
    case LK_CLASS_SCHEMA:
        if (strcmp(object->name, "pg_temp") != 0 && strcmp(object->name, "public") != 0)
            lk_buf_addf(&writer->out, "CREATE SCHEMA %s;\n",
                        lk_quote_ident(writer->mem, object->name));
        break;
    case LK_CLASS_RELATION:
        lk_write_relation(writer, (const struct lk_relation *)object);
        break;
    case LK_CLASS_TYPE:
        lk_write_type(writer, (const struct lk_defined_type *)object);
        write_changes(writer, ((const struct lk_defined_type *)object)->changes);
        break;
    case LK_CLASS_FUNCTION:
        lk_write_definition(writer, ((const struct lk_function *)object)->definition);
        write_changes(writer, ((const struct lk_function *)object)->changes);
        break;
    case LK_CLASS_COLUMN:
    case LK_CLASS_CONSTRAINT:
    case LK_CLASS_TRIGGER:
    case LK_CLASS_RULE:
    case LK_CLASS_POLICY:
        break;
    case LK_CLASS_DEFAULT_PRIVILEGES:
        lk_write_default_privileges(writer, (const struct lk_named *)object);
        break;
    default: {
        const struct lk_named *named = (const struct lk_named *)object;
        lk_write_definition(writer, named->definition);
        write_changes(writer, named->changes);
    }
    }
}

/* write_heirs writes what has to inherit from a table before that has all of its columns. */
static void
write_heirs(struct lk_writer *writer, const struct lk_relation *table)
{
    struct lk_relations heirs = {0};

    if (lk_late_columns(writer->mem, writer->catalog, table, &heirs) == table->columns.count)
        return;
    lk_vec_foreach(heir, &heirs.items)
        write_object(writer, &(*heir)->object);
    lk_write_late(writer, table);
}

/* write_object writes an object behind those that it leans on, once. */
static void
write_object(struct lk_writer *writer, const struct lk_object *object)
{
    if (object->class == LK_CLASS_RELATION) /* parents have what inherits written, see there */
        lk_vec_foreach(parent, &((const struct lk_relation *)object)->parents)
            write_object(writer, &(*parent)->object);
    if (lk_seen_address(writer->mem, &writer->written, object) || is_left_out(object))
        return;
    write_needed(writer, object);
    if (object->class == LK_CLASS_RELATION)
        write_needed_by_table(writer, (const struct lk_relation *)object);
    else if (object->class == LK_CLASS_TYPE)
        write_needed_by_type(writer, (const struct lk_defined_type *)object);
    write_statement(writer, object);
    if (object->class == LK_CLASS_RELATION)
        write_heirs(writer, (const struct lk_relation *)object);
}

struct collected {
    TALLOC_CTX *mem;
    struct lk_objects *objects;
};

static void
collect(struct lk_object *object, void *data)
{
    const struct collected *collected = data;

    lk_vec_push(collected->mem, &collected->objects->items, object);
}

/* objects_of returns the objects of a class in a fixed order. */
static void
objects_of(struct lk_writer *writer, enum lk_class class, struct lk_objects *ret)
{
    struct collected collected = {writer->mem, ret};

    lk_catalog_objects(writer->catalog, class, collect, &collected);
    lk_sort_by_name(ret);
}

static void
write_class(struct lk_writer *writer, enum lk_class class)
{
    struct lk_objects objects = {0};

    objects_of(writer, class, &objects);
    lk_vec_foreach(object, &objects.items)
        write_object(writer, *object);
}

static bool
is_view(const struct lk_relation *relation)
{
    return relation->kind == LK_RELATION_VIEW || relation->kind == LK_RELATION_MATVIEW;
}

typedef void write_part(struct lk_writer *writer, const struct lk_relation *relation);

/* write_relations calls `write` for the relations that are made. */
static void
write_relations(struct lk_writer *writer, const struct lk_objects *relations, write_part *write)
{
    lk_vec_foreach(object, &relations->items)
        if (!is_left_out(*object))
            write(writer, (const struct lk_relation *)*object);
}

static void
write_unless_view(struct lk_writer *writer, const struct lk_relation *relation)
{
    if (!is_view(relation))
        write_object(writer, &relation->object);
}

static void
write_view(struct lk_writer *writer, const struct lk_relation *relation)
{
    if (is_view(relation))
        write_object(writer, &relation->object);
}

static void
write_keys(struct lk_writer *writer, const struct lk_relation *relation)
{
    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_PRIMARY ||
            (*constraint)->kind == LK_CONSTRAINT_UNIQUE ||
            (*constraint)->kind == LK_CONSTRAINT_EXCLUDE)
            lk_write_constraint(writer, *constraint);
}

static bool
is_of_constraint(const struct lk_relation *index)
{
    lk_vec_foreach(constraint, &index->table->constraints)
        if ((*constraint)->index == index && (*constraint)->kind != LK_CONSTRAINT_FOREIGN)
            return true;
    return false;
}

static void
write_indexes(struct lk_writer *writer, const struct lk_relation *relation)
{
    struct lk_objects indexes = {0};

    lk_vec_foreach(index, &relation->indexes)
        if (!is_of_constraint(*index))
            lk_vec_push(writer->mem, &indexes.items, &(*index)->object);
    lk_sort_by_name(&indexes);
    lk_vec_foreach(index, &indexes.items)
        lk_write_index(writer, (const struct lk_relation *)*index);
}

/* write_attached says which indexes of partitions belong to which of their table's. */
static void
write_attached(struct lk_writer *writer, const struct lk_relation *relation)
{
    lk_vec_foreach(index, &relation->indexes)
        if ((*index)->parent != NULL)
            lk_buf_addf(&writer->out, "ALTER INDEX %s ATTACH PARTITION %s;\n",
                        lk_relation_sql(writer->mem, (*index)->parent),
                        lk_relation_sql(writer->mem, *index));
}

/* write_identities says by which index rows are told apart, and which one they are sorted by. */
static void
write_identities(struct lk_writer *writer, const struct lk_relation *table)
{
    const char *name = lk_relation_sql(writer->mem, table);
    TALLOC_CTX *mem = writer->mem;

    if (table->replica_identity == 'f')
        lk_buf_addf(&writer->out, "ALTER TABLE ONLY %s REPLICA IDENTITY FULL;\n", name);
    else if (table->replica_identity == 'n')
        lk_buf_addf(&writer->out, "ALTER TABLE ONLY %s REPLICA IDENTITY NOTHING;\n", name);
    else if (table->replica_identity == 'i' && table->identity != NULL)
        lk_buf_addf(&writer->out, "ALTER TABLE ONLY %s REPLICA IDENTITY USING INDEX %s;\n", name,
                    lk_quote_ident(mem, table->identity->object.name));
    if (table->clustered != NULL)
        lk_buf_addf(&writer->out, "ALTER TABLE ONLY %s CLUSTER ON %s;\n", name,
                    lk_quote_ident(mem, table->clustered->object.name));
}

static void
write_foreign_keys(struct lk_writer *writer, const struct lk_relation *relation)
{
    lk_vec_foreach(constraint, &relation->constraints)
        if ((*constraint)->kind == LK_CONSTRAINT_FOREIGN && !(*constraint)->inherited)
            lk_write_constraint(writer, *constraint);
}

static void
write_parts(struct lk_writer *writer, const struct lk_relation *relation)
{
    lk_vec_foreach(part, &relation->parts) {
        if ((*part)->parent != NULL) /* that of a partition comes with its table's */
            continue;
        write_needed(writer, &(*part)->object);
        lk_write_part(writer, *part);
    }
}

/* write_rows says what no command can: superusers say it in the server's own catalogs. */
static void
write_rows(struct lk_writer *writer, const struct lk_relation *relation)
{
    TALLOC_CTX *mem = writer->mem;

    if (relation->detaching)
        lk_buf_addf(&writer->out,
                    "UPDATE pg_catalog.pg_inherits SET inhdetachpending = true WHERE inhrelid = "
                    "%s::regclass;\n",
                    lk_quote_literal(mem, lk_relation_sql(mem, relation)));
    if (relation->kind == LK_RELATION_PARTITIONED) /* valid once each partition has its part */
        return;
    lk_vec_foreach(index, &relation->indexes)
        if (!(*index)->valid)
            lk_buf_addf(&writer->out,
                        "UPDATE pg_catalog.pg_index SET indisvalid = false WHERE indexrelid = "
                        "%s::regclass;\n",
                        lk_quote_literal(mem, lk_relation_sql(mem, *index)));
}

static void
write_about(struct lk_writer *writer, const struct lk_relation *relation)
{
    lk_write_about(writer, &relation->object);
}

static void
write_about_class(struct lk_writer *writer, enum lk_class class)
{
    struct lk_objects objects = {0};

    objects_of(writer, class, &objects);
    lk_vec_foreach(object, &objects.items) {
        bool public = class == LK_CLASS_SCHEMA && strcmp((*object)->name, "public") == 0;
        if (public || !is_left_out(*object)) /* public is there without being made */
            lk_write_about(writer, *object);
    }
}

char *
lk_schema_sql(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    static const enum lk_class first[] = {LK_CLASS_ROLE, LK_CLASS_SCHEMA, LK_CLASS_EXTENSION};
    struct lk_writer writer = {.mem = mem, .catalog = catalog, .out = lk_buf_init(mem)};
    struct lk_objects relations = {0};

    objects_of(&writer, LK_CLASS_RELATION, &relations);
    lk_buf_add(&writer.out, "SET check_function_bodies = off;\n");
    for (size_t i = 0; i < LK_ARRAY_SIZE(first); i++)
        write_class(&writer, first[i]);
    write_class(&writer, LK_CLASS_TYPE);
    write_relations(&writer, &relations, write_unless_view);
    write_relations(&writer, &relations, lk_write_table_details);
    write_relations(&writer, &relations, write_keys);
    write_relations(&writer, &relations, write_view);
    for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
        if (class != LK_CLASS_DEFAULT_PRIVILEGES && class != LK_CLASS_PUBLICATION)
            write_class(&writer, class);
    write_relations(&writer, &relations, write_indexes);
    write_relations(&writer, &relations, write_attached);
    write_relations(&writer, &relations, write_identities);
    write_relations(&writer, &relations, write_foreign_keys);
    write_relations(&writer, &relations, write_parts);
    write_class(&writer, LK_CLASS_PUBLICATION);
    write_relations(&writer, &relations, write_about);
    for (enum lk_class class = 0; class < LK_CLASS_COUNT; class ++)
        if (class != LK_CLASS_RELATION && class != LK_CLASS_DEFAULT_PRIVILEGES)
            write_about_class(&writer, class);
    write_class(&writer, LK_CLASS_DEFAULT_PRIVILEGES);
    write_relations(&writer, &relations, write_rows);
    return writer.out.data;
}
