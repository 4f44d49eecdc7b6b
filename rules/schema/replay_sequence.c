/*
 * rules/schema/replay_sequence.c
 *     Sequences.
 */
#include "rules/schema/replay_private.h"

static void
create_sequence(struct lk_catalog *catalog, const RangeVar *range)
{
    struct lk_relation *old = lk_catalog_relation(catalog, range->schemaname, range->relname);

    if (old != NULL && !old->object.assumed)
        return;
    lk_catalog_add_relation(
        catalog, range->relpersistence == RELPERSISTENCE_TEMP ? "pg_temp" : range->schemaname,
        range->relname, LK_RELATION_SEQUENCE);
}

/* own_sequence follows OWNED BY table.column, or NONE. */
static void
own_sequence(struct lk_catalog *catalog, const RangeVar *range, const List *options)
{
    struct lk_relation *sequence = lk_catalog_relation(catalog, range->schemaname, range->relname);
    ListCell *cell;

    foreach(cell, options) {
        const DefElem *option = lfirst_node(DefElem, cell);
        if (sequence == NULL || strcmp(option->defname, "owned_by") != 0)
            continue;
        const List *words = castNode(List, option->arg);
        struct lk_qname name = lk_qname_of_first(words, list_length(words) - 1);
        struct lk_relation *table = NULL;
        if (list_length(words) > 1)
            table = lk_catalog_relation(catalog, name.schema, name.name);
        lk_replay_own_sequence(catalog, sequence, table, strVal(llast(words)));
    }
}

void
lk_replay_create_sequence(struct lk_catalog *catalog, const CreateSeqStmt *stmt)
{
    create_sequence(catalog, stmt->sequence);
    own_sequence(catalog, stmt->sequence, stmt->options);
}

void
lk_replay_alter_sequence(struct lk_catalog *catalog, const AlterSeqStmt *stmt)
{
    own_sequence(catalog, stmt->sequence, stmt->options);
}
