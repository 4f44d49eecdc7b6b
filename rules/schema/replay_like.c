/*
 * rules/schema/replay_like.c
 *     LIKE in CREATE TABLE: see replay_relation.h.
 */
#include "rules/schema/replay_relation.h"

static struct lk_relation *
source_of(struct lk_catalog *catalog, const TableLikeClause *like)
{
    return lk_catalog_relation(catalog, like->relation->schemaname, like->relation->relname);
}

/*
 * copy_identity makes a column an identity that counts as another one does, but for the type: the
 * server says it of a new column's sequence alone.
 * Source: generateSerialExtraStmts(), src/backend/parser/parse_utilcmd.c.
 */
static void
copy_identity(struct lk_catalog *catalog, struct lk_relation *table, struct lk_column *column,
              const struct lk_column *source)
{
    const struct lk_relation *counted =
        lk_catalog_sequence(catalog, source->relation, source->object.name);

    column->identity = true;
    column->always = source->always;
    struct lk_relation *sequence = lk_column_add_sequence(catalog, table, column, NIL, true);
    if (sequence == NULL || counted == NULL || counted->sequence == NULL)
        return;
    struct lk_sequence *counts =
        lk_memdup(catalog->objects, counted->sequence, sizeof(*counted->sequence));
    counts->type = "bigint";
    sequence->sequence = counts;
}

static void
copy_column(struct lk_catalog *catalog, struct lk_relation *table, const struct lk_column *source,
            bits32 options)
{
    bool generated = source->generated && (options & CREATE_TABLE_LIKE_GENERATED) != 0;
    bool defaults = !source->generated && (options & CREATE_TABLE_LIKE_DEFAULTS) != 0;
    struct lk_column *column = lk_column_copy(catalog, table, source, generated || defaults);

    if (source->identity && (options & CREATE_TABLE_LIKE_IDENTITY) != 0)
        copy_identity(catalog, table, column, source);
    if ((options & CREATE_TABLE_LIKE_STORAGE) != 0)
        column->storage = source->storage;
    if ((options & CREATE_TABLE_LIKE_COMPRESSION) != 0)
        column->compression = source->compression;
    if ((options & CREATE_TABLE_LIKE_COMMENTS) != 0)
        column->object.comment = source->object.comment;
}

bool
lk_like_columns(struct lk_catalog *catalog, struct lk_relation *table, const TableLikeClause *like)
{
    const RangeVar *range = like->relation;

    if (lk_refuse_missing(catalog, range))
        return false;
    const struct lk_relation *source =
        lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
    if (source->kind == LK_RELATION_INDEX || source->kind == LK_RELATION_SEQUENCE) {
        lk_refuse(catalog, "42809", range->location, "relation \"%s\" is invalid in LIKE clause",
                  source->object.name)
            ->object = &source->object;
        return false;
    }
    table->partial |= source->partial || source->object.assumed;
    lk_vec_foreach(column, &source->columns) {
        struct lk_column *old = lk_relation_column(table, (*column)->object.name);
        if (old != NULL && old->inherited) { /* merged */
            old->inherited = false;
            continue;
        }
        if (old != NULL) {
            if (!old->object.assumed)
                lk_refuse(catalog, "42701", range->location,
                          "column \"%s\" specified more than once", (*column)->object.name);
            return false;
        }
        copy_column(catalog, table, *column, like->options);
    }
    return true;
}

/* copy_index adds an index like that of the source, with its constraint if it has one. */
static void
copy_index(struct lk_catalog *catalog, struct lk_relation *table, const struct lk_relation *index,
           bool comments)
{
    const struct lk_constraint *constraint = lk_index_constraint(index);
    const char *name = lk_index_choose_name(catalog, table, index, constraint);

    if (constraint != NULL && constraint->kind == LK_CONSTRAINT_PRIMARY &&
        lk_constraint_key(table) != NULL) {
        lk_refuse(catalog, "42P16", -1, "multiple primary keys for table \"%s\" are not allowed",
                  table->object.name);
        return;
    }
    struct lk_relation *copy = lk_index_copy(catalog, table, index, name);
    if (comments)
        copy->object.comment = index->object.comment;
    if (constraint == NULL)
        return;
    struct lk_constraint *own = lk_constraint_copy(catalog, table, constraint, name);
    own->index = copy;
    own->parent = NULL;
    own->inherited = false;
    if (comments)
        own->object.comment = constraint->object.comment;
    lk_depend(catalog, &copy->object, &own->object, LK_DEPENDS_INTERNAL);
}

static void
copy_check(struct lk_catalog *catalog, struct lk_relation *table,
           const struct lk_constraint *constraint, bool comments)
{
    if (lk_relation_constraint(table, constraint->object.name) != NULL)
        return;
    struct lk_constraint *own =
        lk_constraint_copy(catalog, table, constraint, constraint->object.name);
    own->validated = !own->not_enforced;
    if (comments)
        own->object.comment = constraint->object.comment;
}

void
lk_like_not_nulls(struct lk_catalog *catalog, struct lk_relation *table,
                  const TableLikeClause *like)
{
    const struct lk_relation *source = source_of(catalog, like);

    if (source == NULL)
        return;
    lk_vec_foreach(constraint, &source->constraints) {
        if ((*constraint)->kind != LK_CONSTRAINT_NOT_NULL)
            continue;
        struct lk_column *column = lk_relation_column(table, (*constraint)->columns.items[0]);
        if (column == NULL)
            continue;
        struct lk_constraint *own =
            lk_constraint_add_not_null(catalog, table, column, (*constraint)->object.name, false);
        if (own != NULL)
            own->no_inherit = (*constraint)->no_inherit;
    }
}

void
lk_like_rest(struct lk_catalog *catalog, struct lk_relation *table, const TableLikeClause *like)
{
    const struct lk_relation *source = source_of(catalog, like);
    bool comments = (like->options & CREATE_TABLE_LIKE_COMMENTS) != 0;

    if (source == NULL || source == table)
        return;
    if ((like->options & CREATE_TABLE_LIKE_CONSTRAINTS) != 0)
        lk_vec_foreach(constraint, &source->constraints)
            if ((*constraint)->kind == LK_CONSTRAINT_CHECK)
                copy_check(catalog, table, *constraint, comments);
    if ((like->options & CREATE_TABLE_LIKE_INDEXES) != 0 && table->kind != LK_RELATION_FOREIGN)
        lk_vec_foreach(index, &source->indexes)
            copy_index(catalog, table, *index, comments);
}
