/*
 * rules/schema/replay_index_name.c
 *     What the server calls indexes and their columns: see index_name.h and replay_relation.h.
 */
#include "parser/base/buf.h"
#include "rules/schema/analyze.h"
#include "rules/schema/index_name.h"
#include "rules/schema/replay_relation.h"

#define NAME_MAX_BYTES 63

static bool
is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* distinct returns a name that is not among those before it, with a number if need be. */
static const char *
distinct(TALLOC_CTX *mem, const char *const *names, size_t count, const char *name)
{
    const char *candidate = name;
    char number[16];

    for (int i = 1; is_among(names, count, candidate); i++) {
        snprintf(number, sizeof(number), "%d", i);
        size_t room = LK_MIN(strlen(name), NAME_MAX_BYTES - strlen(number));
        candidate = lk_fmt(mem, "%.*s%s", (int)lk_name_cut(name, room), name, number);
    }
    return candidate;
}

static void
add_names(TALLOC_CTX *mem, const List *params, const char **names, size_t *count)
{
    ListCell *cell;

    foreach(cell, params) {
        const IndexElem *element = lfirst_node(IndexElem, cell);
        const char *name = element->name;
        if (name == NULL)
            name = lk_figured_name(element->expr);
        if (name == NULL)
            name = "expr";
        names[*count] = distinct(mem, names, *count, name);
        ++*count;
    }
}

const char **
lk_index_column_names(TALLOC_CTX *mem, const List *params, const List *including)
{
    size_t count = 0;
    const char **names =
        lk_new_array(mem, const char *, (size_t)(list_length(params) + list_length(including) + 1));

    add_names(mem, params, names, &count);
    add_names(mem, including, names, &count);
    return names;
}

char *
lk_index_joined(TALLOC_CTX *mem, const char *const *names)
{
    struct lk_buf joined = lk_buf_init(mem);

    for (; *names != NULL && joined.len < NAME_MAX_BYTES; names++) {
        lk_buf_sep(&joined, "_");
        lk_buf_add(&joined, *names);
    }
    return joined.data;
}

void
lk_index_set_names(struct lk_catalog *catalog, struct lk_relation *index, const List *params,
                   const List *including)
{
    TALLOC_CTX *scratch = catalog->statement_mem;

    for (const char **name = lk_index_column_names(scratch, params, including); *name != NULL;
         name++)
        lk_vec_push(index, &index->key_names, lk_intern(catalog, *name));
}

const char *
lk_index_choose_name(struct lk_catalog *catalog, const struct lk_relation *table,
                     const struct lk_relation *source, const struct lk_constraint *constraint)
{
    TALLOC_CTX *scratch = catalog->statement_mem;
    const char *label = "idx";

    if (constraint != NULL && constraint->kind == LK_CONSTRAINT_PRIMARY)
        return lk_replay_choose_name(catalog, table->schema, table->object.name, NULL, "pkey",
                                     true);
    if (constraint != NULL)
        label = constraint->kind == LK_CONSTRAINT_EXCLUDE ? "excl" : "key";
    const char **names = lk_new_array(scratch, const char *, source->keys.count + 1);
    for (size_t i = 0; i < source->keys.count; i++) {
        const char *name =
            i < source->key_names.count ? source->key_names.items[i] : source->keys.items[i];
        names[i] = distinct(scratch, names, i, name != NULL ? name : "expr");
    }
    return lk_replay_choose_name(catalog, table->schema, table->object.name,
                                 lk_index_joined(scratch, names), label, constraint != NULL);
}
