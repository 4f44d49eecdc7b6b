/*
 * rules/schema/relation.c
 *     Relations of the replayed catalog and what they consist of: see catalog.h.
 */
#include "parser/pgparse.h"
#include "rules/schema/catalog_private.h"

struct lk_relation *
lk_catalog_relation(const struct lk_catalog *catalog, const char *schema, const char *name)
{
    return (struct lk_relation *)lk_catalog_object(catalog, LK_CLASS_RELATION, schema, name);
}

void
lk_catalog_relations(const struct lk_catalog *catalog,
                     void (*visit)(struct lk_relation *relation, void *data), void *data)
{
    struct lk_catalog_entry *entry, *next;

    HASH_ITER(hh, catalog->spaces[LK_CLASS_RELATION], entry, next)
        visit((struct lk_relation *)entry->object, data);
}

struct lk_relation *
lk_catalog_add_relation(struct lk_catalog *catalog, const char *schema, const char *name,
                        enum lk_relation_kind kind)
{
    struct lk_relation *relation = lk_new(catalog->objects, struct lk_relation);

    lk_object_init(catalog, &relation->object, LK_CLASS_RELATION, name);
    relation->kind = kind;
    relation->schema =
        schema != NULL ? lk_intern(catalog, schema) : lk_catalog_creation_schema(catalog);
    if (kind != LK_RELATION_INDEX)
        relation->sql = lk_quote_qualified(relation, relation->schema, name);
    relation->temporary = lk_names_temporary(relation->schema);
    relation->valid = true;
    lk_entry_add(catalog, &relation->object, relation->schema, name);
    return relation;
}

bool
lk_catalog_names_others(const struct lk_catalog *catalog)
{
    return catalog->names_others;
}

struct lk_relation *
lk_catalog_assume(struct lk_catalog *catalog, const char *schema, const char *name,
                  enum lk_relation_kind kind)
{
    struct lk_relation *relation = lk_catalog_relation(catalog, schema, name);

    if (relation == NULL) {
        relation = lk_catalog_add_relation(catalog, schema, name, kind);
        relation->object.assumed = true;
        relation->partial = true;
        catalog->names_others = true;
    }
    return relation;
}

static void
drop_index(struct lk_catalog *catalog, struct lk_relation *index)
{
    if (index->table != NULL) {
        lk_catalog_touch(catalog, index->table);
        lk_remove_pointer(&index->table->indexes, index);
    }
    lk_undepend(catalog, &index->object);
    lk_entry_remove(catalog, LK_CLASS_RELATION, index->schema, index->object.name);
}

/* undepend_parts forgets what the parts of a relation lean on, and who leans on them. */
static void
undepend_parts(struct lk_catalog *catalog, struct lk_relation *relation)
{
    lk_vec_foreach(column, &relation->columns)
        lk_undepend(catalog, &(*column)->object);
    lk_vec_foreach(constraint, &relation->constraints)
        lk_undepend(catalog, &(*constraint)->object);
    lk_vec_foreach(part, &relation->parts)
        lk_undepend(catalog, &(*part)->object);
    lk_vec_foreach(index, &relation->indexes)
        lk_undepend(catalog, &(*index)->object);
    lk_undepend(catalog, &relation->object);
}

void
lk_catalog_drop_relation(struct lk_catalog *catalog, struct lk_relation *relation)
{
    if (relation->kind == LK_RELATION_INDEX) {
        drop_index(catalog, relation);
        return;
    }
    for (size_t i = 0; i < relation->indexes.count; i++)
        lk_entry_remove(catalog, LK_CLASS_RELATION, relation->indexes.items[i]->schema,
                        relation->indexes.items[i]->object.name);
    lk_entry_remove(catalog, LK_CLASS_RELATION, relation->schema, relation->object.name);
    undepend_parts(catalog, relation);
}

/* follow_move tells the foreign keys that point to a relation what it is called now. */
static void
follow_move(struct lk_catalog *catalog, const struct lk_relation *relation)
{
    lk_vec_foreach(referrer, &relation->referrers)
        lk_vec_foreach(constraint, &(*referrer)->constraints)
            if ((*constraint)->target == relation) {
                lk_catalog_touch(catalog, *constraint);
                (*constraint)->references_schema = relation->schema;
                (*constraint)->references = relation->object.name;
            }
}

void
lk_catalog_move_relation(struct lk_catalog *catalog, struct lk_relation *relation,
                         const char *schema, const char *name)
{
    lk_entry_remove(catalog, LK_CLASS_RELATION, relation->schema, relation->object.name);
    lk_catalog_touch(catalog, relation);
    if (schema != NULL)
        relation->schema = lk_intern(catalog, schema);
    if (name != NULL)
        relation->object.name = lk_catalog_keep(catalog, name);
    if (relation->kind != LK_RELATION_INDEX)
        relation->sql =
            lk_quote_qualified(catalog->objects, relation->schema, relation->object.name);
    lk_entry_add(catalog, &relation->object, relation->schema, relation->object.name);
    follow_move(catalog, relation);
    /* indexes and owned sequences lie in their table's schema */
    for (size_t i = 0; schema != NULL && i < relation->indexes.count; i++)
        lk_catalog_move_relation(catalog, relation->indexes.items[i], schema, NULL);
    for (size_t i = 0; schema != NULL && i < relation->sequences.count; i++)
        if (lk_is_there(catalog, relation->sequences.items[i]))
            lk_catalog_move_relation(catalog, relation->sequences.items[i], schema, NULL);
}

char *
lk_relation_sql(TALLOC_CTX *mem, const struct lk_relation *relation)
{
    return relation->sql != NULL ? lk_strdup(mem, relation->sql)
                                 : lk_quote_qualified(mem, relation->schema, relation->object.name);
}

char *
lk_catalog_resolved(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *schema,
                    const char *name)
{
    const struct lk_relation *relation = lk_catalog_relation(catalog, schema, name);

    if (relation != NULL)
        return lk_relation_sql(mem, relation);
    return lk_quote_qualified(mem, schema != NULL ? schema : lk_catalog_creation_schema(catalog),
                              name);
}

/* ---- columns and constraints ---- */

struct lk_column *
lk_relation_column(const struct lk_relation *relation, const char *name)
{
    if (relation == NULL)
        return NULL;
    return (struct lk_column *)lk_roster_find(relation->column_names,
                                              (struct lk_object *const *)relation->columns.items,
                                              relation->columns.count, name);
}

struct lk_constraint *
lk_relation_constraint(const struct lk_relation *relation, const char *name)
{
    if (relation == NULL)
        return NULL;
    return (struct lk_constraint *)lk_roster_find(
        relation->constraint_names, (struct lk_object *const *)relation->constraints.items,
        relation->constraints.count, name);
}

const struct lk_echo *
lk_constraint_echo(const struct lk_constraint *constraint, const char *name)
{
    lk_vec_foreach(echo, &constraint->echoes)
        if (strcmp((*echo)->name, name) == 0)
            return *echo;
    return NULL;
}

struct lk_constraint *
lk_relation_echoing(const struct lk_relation *relation, const char *name)
{
    lk_vec_foreach(constraint, &relation->constraints)
        if (lk_constraint_echo(*constraint, name) != NULL)
            return *constraint;
    return NULL;
}

struct lk_column *
lk_catalog_add_column(struct lk_catalog *catalog, struct lk_relation *relation, const char *name)
{
    struct lk_column *column = lk_new(catalog->objects, struct lk_column);

    lk_object_init(catalog, &column->object, LK_CLASS_COLUMN, name);
    column->relation = relation;
    lk_catalog_touch(catalog, relation);
    lk_vec_push(relation, &relation->columns, column);
    lk_roster_add(relation, &column->object);
    return column;
}

static bool
mentions(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* lk_catalog_drop_column takes the indexes and constraints over the column along, as DROP does. */
void
lk_catalog_drop_column(struct lk_catalog *catalog, struct lk_relation *relation,
                       struct lk_column *column)
{
    const char *name = column->object.name;

    lk_catalog_touch(catalog, relation);
    struct lk_relation *sequence = lk_catalog_sequence(catalog, relation, name);
    if (sequence != NULL)
        lk_catalog_drop_relation(catalog, sequence);
    lk_roster_remove(relation, &column->object);
    lk_remove_pointer(&relation->columns, column);
    lk_undepend(catalog, &column->object);
    for (size_t i = relation->constraints.count; i-- > 0;) {
        struct lk_constraint *constraint = relation->constraints.items[i];
        if (mentions(constraint->columns.items, constraint->columns.count, name))
            lk_catalog_drop_constraint(catalog, relation, constraint);
    }
    for (size_t i = relation->indexes.count; i-- > 0;) {
        struct lk_relation *index = relation->indexes.items[i];
        if (mentions(index->keys.items, index->keys.count, name) ||
            mentions(index->uses.items, index->uses.count, name))
            drop_index(catalog, index);
    }
}

struct lk_constraint *
lk_catalog_add_constraint(struct lk_catalog *catalog, struct lk_relation *relation,
                          const char *name, enum lk_constraint_kind kind)
{
    struct lk_constraint *constraint = lk_new(catalog->objects, struct lk_constraint);

    lk_object_init(catalog, &constraint->object, LK_CLASS_CONSTRAINT, name);
    constraint->kind = kind;
    constraint->relation = relation;
    constraint->validated = true;
    lk_catalog_touch(catalog, relation);
    lk_vec_push(relation, &relation->constraints, constraint);
    lk_roster_add(relation, &constraint->object);
    lk_constraint_note_name(catalog, constraint, constraint->object.name);
    return constraint;
}

void
lk_catalog_drop_constraint(struct lk_catalog *catalog, struct lk_relation *relation,
                           struct lk_constraint *constraint)
{
    lk_catalog_touch(catalog, relation);
    lk_roster_remove(relation, &constraint->object);
    lk_remove_pointer(&relation->constraints, constraint);
    lk_undepend(catalog, &constraint->object);
    if (constraint->index != NULL)
        drop_index(catalog, constraint->index);
}

void
lk_catalog_rename_part(struct lk_catalog *catalog, struct lk_relation *relation,
                       struct lk_object *part, const char *name)
{
    lk_catalog_touch(catalog, relation); /* so that a ROLLBACK sees to its roster */
    lk_catalog_touch(catalog, part);
    lk_roster_remove(relation, part);
    part->name = lk_catalog_keep(catalog, name);
    lk_roster_add(relation, part);
    if (part->class == LK_CLASS_CONSTRAINT)
        lk_constraint_note_name(catalog, (struct lk_constraint *)part, part->name);
}
