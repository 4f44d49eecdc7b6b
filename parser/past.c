/*
 * parser/past.c
 *     Which migration of now is which one of then: see past.h.
 */
#include "parser/past.h"

/* Migrations by their paths. */
struct index {
    LK_VEC(const struct lk_migration *) sorted;
};

static int
compare_paths(const void *a, const void *b)
{
    return strcmp((*(const struct lk_migration *const *)a)->path,
                  (*(const struct lk_migration *const *)b)->path);
}

static struct index
index_of(TALLOC_CTX *mem, const struct lk_changelog *changelog)
{
    struct index index = {0};

    lk_vec_foreach(migration, &changelog->migrations)
        lk_vec_push(mem, &index.sorted, migration);
    if (index.sorted.count > 0)
        qsort(index.sorted.items, index.sorted.count, sizeof(index.sorted.items[0]), compare_paths);
    return index;
}

static const struct lk_migration *
find(const struct index *index, const char *path)
{
    const struct lk_migration wanted = {.path = path}, *key = &wanted;
    const struct lk_migration **found =
        index->sorted.count == 0 ? NULL
                                 : bsearch(&key, index->sorted.items, index->sorted.count,
                                           sizeof(index->sorted.items[0]), compare_paths);

    return found != NULL ? *found : NULL;
}

const struct lk_migration *
lk_past_find(const struct lk_changelog *changelog, const char *path)
{
    lk_vec_foreach(migration, &changelog->migrations)
        if (strcmp(migration->path, path) == 0)
            return migration;
    return NULL;
}

/* same_name returns whether two names are one to a runner, wherever the files lie. */
static bool
same_name(const struct lk_name *a, const struct lk_name *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->version.text == NULL || b->version.text == NULL)
        return a->version.text == b->version.text && strcmp(a->description, b->description) == 0;
    struct lk_version left = a->version, right = b->version;
    left.rank = right.rank = 0; /* places shift when others come in between */
    return lk_version_compare(left, right) == 0;
}

bool
lk_same_migration(const struct lk_migration *left, const struct lk_migration *right)
{
    return left->folder->priority == right->folder->priority &&
           same_name(&left->name, &right->name);
}

bool
lk_is_still(const struct lk_migration *then, const struct lk_migration *now)
{
    bool nameless = now->folder->naming != NULL && now->folder->naming->nameless;

    return nameless || same_name(&then->name, &now->name);
}

static struct lk_former *
former_of(const struct lk_past *past, const struct lk_migration *then)
{
    return &past->formers[then - past->base->migrations.items];
}

static void
pair(struct lk_past *past, const struct lk_migration *then, const struct lk_migration *now)
{
    if (then == NULL || now == NULL || then->name.kind != now->name.kind ||
        former_of(past, then)->ordinal != 0 || past->origins[now->ordinal] != NULL)
        return;
    former_of(past, then)->ordinal = now->ordinal;
    past->origins[now->ordinal] = former_of(past, then);
}

/* pair_versions pairs what is left over by versions: another file has the same one now. */
static void
pair_versions(struct lk_past *past, const struct lk_changelog *changelog)
{
    lk_vec_foreach(then, &past->base->migrations) {
        if (former_of(past, then)->ordinal != 0 || then->folder->naming == NULL)
            continue;
        lk_vec_foreach(now, &changelog->migrations)
            if (past->origins[now->ordinal] == NULL && lk_same_migration(then, now))
                pair(past, then, now);
    }
}

struct lk_past *
lk_past_new(TALLOC_CTX *mem, const char *name, const struct lk_changelog *changelog,
            const struct lk_changelog *base, const struct lk_changelog *tip,
            const struct lk_renamings *renamings)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_past *past = lk_new(mem, struct lk_past);

    past->name = name;
    past->base = base;
    past->tip = tip;
    past->formers = lk_new_array(past, struct lk_former, base->migrations.count);
    past->origins = lk_new_array(past, const struct lk_former *, changelog->migrations.count + 1);
    struct index then = index_of(scratch, base), now = index_of(scratch, changelog);
    lk_vec_foreach(migration, &changelog->migrations)
        pair(past, find(&then, migration->path), migration);
    lk_vec_foreach(renaming, &renamings->items)
        pair(past, find(&then, renaming->from), find(&now, renaming->to));
    pair_versions(past, changelog);
    return past;
}

const struct lk_former *
lk_past_of(const struct lk_past *past, const struct lk_migration *migration,
           const struct lk_migration **ret_then)
{
    const struct lk_former *former = past->origins[migration->ordinal];

    *ret_then = former == NULL ? NULL : &past->base->migrations.items[former - past->formers];
    return former;
}
