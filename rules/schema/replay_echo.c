/*
 * rules/schema/replay_echo.c
 *     What a foreign key has for each partition of what it references: see replay_relation.h.
 *
 * The server makes a constraint for each of them below the one that somebody has written, and only
 * where that follows no other: what partitions have of their table's key has none.
 * Source: addFkRecurseReferenced(), CloneFkReferenced(), DetachPartitionFinalize(),
 * src/backend/commands/tablecmds.c.
 */
#include "rules/schema/index_name.h"
#include "rules/schema/replay_relation.h"

/* From this version on such constraints are called as the key, with a number. */
#define NAMED_AS_KEY 18

const char *
lk_foreign_other_name(struct lk_catalog *catalog, const struct lk_relation *table,
                      const struct lk_constraint *key, const char *name)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    char other[LK_NAME_SIZE];

    if (lk_catalog_version(catalog) < NAMED_AS_KEY) {
        const char **columns = lk_new_array(scratch, const char *, key->columns.count + 1);
        for (size_t i = 0; i < key->columns.count; i++)
            columns[i] = key->columns.items[i];
        return lk_constraint_unused(catalog, table, lk_index_joined(scratch, columns), "fkey");
    }
    for (unsigned pass = 1;
         lk_constraint_named(catalog, table->schema, lk_object_name(other, name, NULL, "", pass));
         pass++)
        continue;
    return lk_catalog_keep(catalog, other);
}

static void add_all(struct lk_catalog *catalog, struct lk_constraint *key,
                    const struct lk_echo *model, const struct lk_relation *table);

/*
 * add gives a touched key an echo for a partition, and for those below that: like the key, or like
 * the echo for the table above.
 */
static void
add(struct lk_catalog *catalog, struct lk_constraint *key, const struct lk_echo *model,
    struct lk_relation *part)
{
    struct lk_echo *echo = lk_new(catalog->objects, struct lk_echo);

    echo->name = lk_foreign_other_name(catalog, key->relation, key, model->name);
    echo->target = part;
    echo->validated = model->validated;
    lk_vec_push(key, &key->echoes, echo);
    lk_constraint_note_name(catalog, key, echo->name);
    lk_depend(catalog, &key->object, &part->object, LK_DEPENDS_NORMAL);
    add_all(catalog, key, model, part);
}

static void
add_all(struct lk_catalog *catalog, struct lk_constraint *key, const struct lk_echo *model,
        const struct lk_relation *table)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    struct lk_relations parts = {0};

    if (table->kind != LK_RELATION_PARTITIONED)
        return;
    lk_partition_in_order(scratch, catalog, table, &parts);
    lk_vec_foreach(part, &parts.items)
        add(catalog, key, model, *part);
}

/* model_for returns what a key has for a table; its target NULL: nothing. */
static struct lk_echo
model_for(const struct lk_constraint *key, const struct lk_relation *table)
{
    if (key->target == table)
        return (struct lk_echo){key->object.name, key->target, key->validated};
    lk_vec_foreach(echo, &key->echoes)
        if ((*echo)->target == table)
            return **echo;
    return (struct lk_echo){0};
}

void
lk_echo_key(struct lk_catalog *catalog, struct lk_constraint *key)
{
    if (key->target == NULL || key->target->kind != LK_RELATION_PARTITIONED)
        return;
    struct lk_echo model = model_for(key, key->target);
    lk_catalog_touch(catalog, key);
    add_all(catalog, key, &model, key->target);
}

/* for_each_key visits the keys that reference a table or what it is a partition of. */
static void
for_each_key(struct lk_catalog *catalog, const struct lk_relation *table,
             void (*visit)(struct lk_catalog *catalog, struct lk_constraint *key, void *data),
             void *data)
{
    for (const struct lk_relation *above = table; above != NULL; above = above->parent)
        lk_vec_foreach(referrer, &above->referrers) {
            if (!lk_is_there(catalog, *referrer))
                continue;
            lk_vec_foreach(key, &(*referrer)->constraints)
                if ((*key)->kind == LK_CONSTRAINT_FOREIGN && (*key)->target == above &&
                    (*key)->parent == NULL)
                    visit(catalog, *key, data);
        }
}

static void
add_partition(struct lk_catalog *catalog, struct lk_constraint *key, void *data)
{
    struct lk_relation *part = data;
    struct lk_echo model = model_for(key, part->parent);

    if (model.target == NULL)
        return;
    lk_catalog_touch(catalog, key);
    add(catalog, key, &model, part);
}

void
lk_echo_partition(struct lk_catalog *catalog, struct lk_relation *part,
                  const struct lk_relation *table)
{
    for_each_key(catalog, table, add_partition, part);
}

void
lk_echo_forget(struct lk_catalog *catalog, struct lk_constraint *key)
{
    if (key->echoes.count == 0)
        return;
    lk_catalog_touch(catalog, key);
    lk_vec_foreach(echo, &key->echoes)
        lk_depend_not(catalog, &key->object, &(*echo)->target->object);
    key->echoes.count = 0;
}

static void
drop_partition(struct lk_catalog *catalog, struct lk_constraint *key, void *data)
{
    const struct lk_relation *part = data;
    size_t kept = 0;

    lk_catalog_touch(catalog, key);
    lk_vec_foreach(echo, &key->echoes) {
        if (lk_is_above(catalog, part, (*echo)->target))
            lk_depend_not(catalog, &key->object, &(*echo)->target->object);
        else
            key->echoes.items[kept++] = *echo;
    }
    key->echoes.count = kept;
}

void
lk_echo_leave(struct lk_catalog *catalog, struct lk_relation *part, const struct lk_relation *table)
{
    for_each_key(catalog, table, drop_partition, part);
}

/* replace puts a changed echo into the place of a former one. */
static void
replace(struct lk_catalog *catalog, const struct lk_echo **place, struct lk_echo changed)
{
    struct lk_echo *echo = lk_new(catalog->objects, struct lk_echo);

    *echo = changed;
    *place = echo;
}

void
lk_echo_rename(struct lk_catalog *catalog, struct lk_constraint *key, const char *name,
               const char *new_name)
{
    lk_catalog_touch(catalog, key);
    lk_vec_foreach(echo, &key->echoes) {
        if (strcmp((*echo)->name, name) != 0)
            continue;
        struct lk_echo changed = **echo;
        changed.name = lk_catalog_keep(catalog, new_name);
        replace(catalog, echo, changed);
        lk_constraint_note_name(catalog, key, changed.name);
    }
}

void
lk_echo_validate(struct lk_catalog *catalog, struct lk_constraint *key, const char *name)
{
    lk_catalog_touch(catalog, key);
    lk_vec_foreach(echo, &key->echoes) {
        if (name != NULL && strcmp((*echo)->name, name) != 0)
            continue;
        struct lk_echo changed = **echo;
        changed.validated = true;
        replace(catalog, echo, changed);
    }
}
