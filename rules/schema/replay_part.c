/*
 * rules/schema/replay_part.c
 *     What triggers, rules and policies have in common: see replay_part.h.
 */
#include "rules/schema/replay_part.h"

#include "rules/schema/replay_view.h"

struct lk_part *
lk_part_find(const struct lk_relation *relation, enum lk_class class, const char *name)
{
    if (relation != NULL)
        lk_vec_foreach(part, &relation->parts)
            if ((*part)->object.class == class && strcmp((*part)->object.name, name) == 0)
                return *part;
    return NULL;
}

struct lk_part *
lk_catalog_add_part(struct lk_catalog *catalog, struct lk_relation *relation, enum lk_class class,
                    const char *name)
{
    struct lk_part *part = lk_new(catalog->objects, struct lk_part);

    part->object.class = class;
    part->object.name = lk_strdup(part, name);
    part->object.birth = catalog->now;
    part->object.touched = catalog->level;
    part->relation = relation;
    part->state = 'O';
    lk_catalog_touch(catalog, relation);
    lk_vec_push(relation, &relation->parts, part);
    return part;
}

static void
drop_one(struct lk_catalog *catalog, struct lk_part *part)
{
    lk_catalog_touch(catalog, part->relation);
    lk_remove_pointer(&part->relation->parts, part);
    lk_undepend(catalog, &part->object);
}

/* clone_of returns the trigger that a relation has of another's, or NULL. */
static struct lk_part *
clone_of(const struct lk_relation *relation, const struct lk_part *part)
{
    lk_vec_foreach(own, &relation->parts)
        if ((*own)->parent == part)
            return *own;
    return NULL;
}

void
lk_catalog_drop_part(struct lk_catalog *catalog, struct lk_part *part)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(catalog->pool);
    LK_VEC(struct lk_part *) gone = {0};

    lk_vec_push(scratch, &gone, part);
    for (size_t i = 0; i < gone.count; i++) {
        const struct lk_relation *relation = gone.items[i]->relation;
        for (size_t j = 0; gone.items[i]->each_row && j < relation->children.count; j++) {
            struct lk_part *clone = clone_of(relation->children.items[j], gone.items[i]);
            if (clone != NULL)
                lk_vec_push(scratch, &gone, clone);
        }
    }
    lk_vec_foreach(item, &gone)
        drop_one(catalog, *item);
}

struct lk_relation *
lk_part_relation(struct lk_catalog *catalog, const RangeVar *range)
{
    return lk_catalog_assume(catalog, range->schemaname, range->relname, LK_RELATION_UNKNOWN);
}

struct lk_part *
lk_part_make(struct lk_catalog *catalog, struct lk_relation *relation, enum lk_class class,
             const char *name, bool replace)
{
    struct lk_part *part = lk_part_find(relation, class, name);

    if (part == NULL)
        return lk_catalog_add_part(catalog, relation, class, name);
    if (!replace && !part->object.assumed) {
        struct lk_refusal *refusal =
            lk_refuse(catalog, "42710", -1, "%s \"%s\" for %s \"%s\" already exists",
                      class == LK_CLASS_TRIGGER ? "trigger"
                      : class == LK_CLASS_RULE  ? "rule"
                                                : "policy",
                      name, class == LK_CLASS_POLICY ? "table" : "relation", relation->object.name);
        refusal->object = &part->object;
        return NULL;
    }
    lk_catalog_touch(catalog, part);
    return part;
}

void
lk_part_define(struct lk_catalog *catalog, struct lk_part *part, struct lk_text *definition)
{
    part->definition = definition;
    lk_undepend_on(catalog, &part->object);
    if (definition == NULL)
        return;
    lk_vec_foreach(mention, &definition->mentions)
        if (mention->object != NULL && mention->object != &part->object &&
            mention->object != &part->relation->object)
            lk_depend(catalog, &part->object, mention->object, LK_DEPENDS_NORMAL);
}

/* ---- the text ---- */

static bool
is_word(struct lk_catalog *catalog, size_t index, const char *word)
{
    return lk_token_is(catalog->text, lk_token(catalog, index), word);
}

static int
depth_step(struct lk_catalog *catalog, size_t index)
{
    struct lk_token token = lk_token(catalog, index);

    if (lk_token_is_symbol(catalog->text, token, '('))
        return 1;
    return lk_token_is_symbol(catalog->text, token, ')') ? -1 : 0;
}

/* find_create returns the CREATE in front of a token. */
static size_t
find_create(struct lk_catalog *catalog, size_t index)
{
    while (index > 0 && !is_word(catalog, index, "create"))
        index--;
    return index;
}

/* find_end returns the token behind the statement, which may be one of CREATE SCHEMA's. */
static size_t
find_end(struct lk_catalog *catalog, size_t index)
{
    int depth = 0;

    for (;; index++) {
        if (lk_token(catalog, index).kind == LK_TOKEN_END)
            return index;
        depth += depth_step(catalog, index);
        if (depth == 0 && (lk_token_is_symbol(catalog->text, lk_token(catalog, index), ';') ||
                           is_word(catalog, index, "create") || is_word(catalog, index, "grant")))
            return index;
    }
}

struct lk_part_text
lk_part_text(struct lk_catalog *catalog, const RangeVar *range, const char *keyword,
             struct lk_part *part)
{
    struct lk_part_text text = {0};
    size_t named = lk_token_index(catalog, range->location);

    if (named == SIZE_MAX)
        return text;
    text.first = find_create(catalog, named);
    text.end = find_end(catalog, named);
    text.mentions.start = lk_token(catalog, text.first).span.start;
    text.mentions.text = lk_replay_text(
        catalog, (struct lk_span){text.mentions.start, lk_token(catalog, text.end - 1).span.end});
    struct lk_analysis an = {.catalog = catalog, .mentions = text.mentions};
    size_t name = lk_part_token(catalog, &text, text.first, keyword);
    if (name != SIZE_MAX)
        lk_mention_add(&an, (struct lk_mention){.span = lk_token(catalog, name + 1).span,
                                                .object = &part->object,
                                                .form = LK_MENTION_NAME});
    lk_mention_words(&an, range->location, 1 + (range->schemaname != NULL), &part->relation->object,
                     LK_MENTION_QUALIFIED);
    return text;
}

size_t
lk_part_token(struct lk_catalog *catalog, const struct lk_part_text *text, size_t from,
              const char *word)
{
    int depth = 0;

    for (size_t i = from; i < text->end; i++) {
        depth += depth_step(catalog, i);
        if (depth == 0 && is_word(catalog, i, word))
            return i;
    }
    return SIZE_MAX;
}

void
lk_part_row(struct lk_analysis *an, struct lk_scope *scope, const struct lk_relation *relation,
            const char *name, bool bare)
{
    struct lk_scope_item *row = lk_scope_relation(an, scope, relation, name);

    row->aliased = true;
    row->columns_hidden = !bare;
}
