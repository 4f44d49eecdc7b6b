/*
 * rules/schema/replay_trigger.c
 *     Triggers, their clones on partitions, and whether they fire.
 */
#include "rules/schema/replay_part.h"
#include "rules/schema/replay_view.h"

/* mention_columns mentions the columns of UPDATE OF, which have no locations of their own. */
static void
mention_columns(struct lk_analysis *an, const struct lk_part_text *text,
                const struct lk_relation *relation, const List *columns)
{
    size_t at = lk_part_token(an->catalog, text, text->first, "of");
    ListCell *cell;

    foreach(cell, columns) {
        struct lk_column *column = lk_relation_column(relation, strVal(lfirst(cell)));
        at = at == SIZE_MAX ? at : at + 1;
        if (column != NULL && at == SIZE_MAX)
            lk_mention_silently(an, &column->object);
        else if (column != NULL)
            lk_mention_add(an, (struct lk_mention){.span = lk_token(an->catalog, at).span,
                                                   .object = &column->object,
                                                   .form = LK_MENTION_NAME});
        at = at == SIZE_MAX ? at : at + 1;
    }
}

/* mention_function mentions the function behind EXECUTE. */
static void
mention_function(struct lk_analysis *an, const struct lk_part_text *text, List *name)
{
    size_t execute = lk_part_token(an->catalog, text, text->first, "execute");
    struct lk_object *function = lk_find_function(an->catalog, lk_qname_of_list(name), 0);

    if (execute == SIZE_MAX || function == NULL)
        return;
    /* EXECUTE FUNCTION name, EXECUTE PROCEDURE name */
    struct lk_token first = lk_token(an->catalog, execute + 2);
    struct lk_token last = lk_token(an->catalog, execute + 2 * (size_t)list_length(name));
    lk_mention_add(an, (struct lk_mention){.span = {first.span.start, last.span.end},
                                           .object = function,
                                           .form = LK_MENTION_QUALIFIED});
}

/* clone_below gives the partitions of a table its triggers. */
static void
clone_below(struct lk_catalog *catalog, const struct lk_relation *relation)
{
    for (size_t i = 0; i < relation->children.count; i++)
        if (relation->children.items[i]->parent == relation &&
            lk_is_there(catalog, relation->children.items[i]))
            lk_replay_clone_triggers(catalog, relation->children.items[i], relation);
}

void
lk_replay_create_trigger(struct lk_catalog *catalog, const CreateTrigStmt *stmt)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    struct lk_relation *relation = lk_part_relation(catalog, stmt->relation);
    struct lk_scope scope = {0};
    struct lk_part *part =
        lk_part_make(catalog, relation, LK_CLASS_TRIGGER, stmt->trigname, stmt->replace);

    if (part == NULL)
        return;
    struct lk_part_text text = lk_part_text(catalog, stmt->relation, "trigger", part);
    struct lk_analysis an = {.catalog = catalog, .mem = scratch, .mentions = text.mentions};
    mention_columns(&an, &text, relation, stmt->columns);
    if (stmt->constrrel != NULL) {
        struct lk_relation *other =
            lk_catalog_relation(catalog, stmt->constrrel->schemaname, stmt->constrrel->relname);
        if (other != NULL)
            lk_mention_words(&an, stmt->constrrel->location,
                             1 + (stmt->constrrel->schemaname != NULL), &other->object,
                             LK_MENTION_QUALIFIED);
    }
    lk_part_row(&an, &scope, relation, "old", false);
    lk_part_row(&an, &scope, relation, "new", false);
    lk_analyze_node(&an, &scope, stmt->whenClause);
    mention_function(&an, &text, stmt->funcname);
    part->each_row = stmt->row;
    lk_part_define(catalog, part, text.mentions.text);
    if (part->each_row && relation->kind == LK_RELATION_PARTITIONED)
        clone_below(catalog, relation);
}

void
lk_replay_clone_triggers(struct lk_catalog *catalog, struct lk_relation *partition,
                         const struct lk_relation *parent)
{
    for (size_t i = 0; i < parent->parts.count; i++) {
        struct lk_part *part = parent->parts.items[i];
        if (part->object.class != LK_CLASS_TRIGGER || !part->each_row)
            continue;
        struct lk_part *clone = lk_part_find(partition, LK_CLASS_TRIGGER, part->object.name);
        if (clone == NULL)
            clone = lk_catalog_add_part(catalog, partition, LK_CLASS_TRIGGER, part->object.name);
        lk_catalog_touch(catalog, clone);
        clone->parent = part;
        clone->each_row = true;
        clone->state = part->state;
        clone->definition = part->definition;
        lk_undepend_on(catalog, &clone->object);
        lk_depend(catalog, &clone->object, &part->object, LK_DEPENDS_INTERNAL);
    }
    if (partition->kind == LK_RELATION_PARTITIONED)
        clone_below(catalog, partition);
}

void
lk_replay_drop_clones(struct lk_catalog *catalog, struct lk_relation *partition)
{
    for (size_t i = partition->parts.count; i-- > 0;)
        if (partition->parts.items[i]->parent != NULL)
            lk_catalog_drop_part(catalog, partition->parts.items[i]);
}
