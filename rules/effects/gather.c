/*
 * rules/effects/gather.c
 *     Noting locks and work: see effects_private.h.
 */
#include "rules/effects/effects_private.h"
#include "rules/schema/seen.h"

/* find_lock returns the index of a relation's lock; the number of locks if there is none yet. */
static size_t
find_lock(struct lk_gather *gather, const char *relation)
{
    const struct lk_lock *locks = gather->effects->locks.items;
    size_t count = gather->effects->locks.count;

    if (count < LK_SEEN_MIN) {
        for (size_t i = 0; i < count; i++)
            if (strcmp(locks[i].relation, relation) == 0)
                return i;
        return count;
    }
    if (gather->locked == NULL)
        for (size_t i = 0; i < count; i++)
            lk_seen_name(gather->mem, &gather->locked, locks[i].relation, i);
    return lk_seen_name(gather->mem, &gather->locked, relation, count);
}

static void
add_lock(struct lk_gather *gather, const char *relation, enum lk_lock_mode mode, bool is_new)
{
    size_t count = gather->effects->locks.count;
    size_t index = find_lock(gather, relation);

    if (index < count) {
        struct lk_lock *lock = &gather->effects->locks.items[index];
        lock->mode = LK_MAX(lock->mode, mode);
        return;
    }
    *lk_vec_add(gather->mem, &gather->effects->locks) = (struct lk_lock){relation, mode, is_new};
}

void
lk_gather_lock_known(struct lk_gather *gather, const struct lk_relation *relation,
                     enum lk_lock_mode mode)
{
    if (relation != NULL)
        add_lock(gather, lk_relation_sql(gather->mem, relation), mode,
                 relation->temporary || lk_object_is_new(gather->catalog, &relation->object));
}

void
lk_gather_lock(struct lk_gather *gather, struct lk_qname name, enum lk_lock_mode mode)
{
    const struct lk_relation *relation =
        lk_catalog_relation(gather->catalog, name.schema, name.name);

    if (relation != NULL)
        lk_gather_lock_known(gather, relation, mode);
    else
        add_lock(gather, lk_catalog_resolved(gather->mem, gather->catalog, name.schema, name.name),
                 mode, false);
}

void
lk_gather_lock_range(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode)
{
    lk_gather_lock(gather, lk_qname_of_range(range), mode);
}

const struct lk_relation *
lk_gather_known(const struct lk_gather *gather, const RangeVar *range)
{
    return lk_catalog_relation(gather->catalog, range->schemaname, range->relname);
}

void
lk_gather_lock_children(struct lk_gather *gather, const struct lk_relation *relation,
                        enum lk_lock_mode mode)
{
    struct lk_relations children = {0};

    if (relation == NULL || relation->children.count == 0)
        return;
    lk_catalog_descendants(gather->mem, gather->catalog, relation, &children);
    lk_vec_foreach(child, &children.items)
        lk_gather_lock_known(gather, *child, mode);
}

void
lk_gather_lock_family(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode)
{
    lk_gather_lock_range(gather, range, mode);
    if (range->inh)
        lk_gather_lock_children(gather, lk_gather_known(gather, range), mode);
}

/* What is done to all of a relation. */
enum work { REWRITTEN, SCANNED };

/* is_noted returns whether a name is among those of a list. */
static bool
is_noted(struct lk_gather *gather, const char *const *names, size_t count, struct lk_seen **seen,
         const char *name)
{
    if (count < LK_SEEN_MIN) {
        for (size_t i = 0; i < count; i++)
            if (strcmp(names[i], name) == 0)
                return true;
        return false;
    }
    if (*seen == NULL)
        for (size_t i = 0; i < count; i++)
            lk_seen_name(gather->mem, seen, names[i], i);
    return lk_seen_name(gather->mem, seen, name, count) != count;
}

static void
add_name(struct lk_gather *gather, enum work work, const char *name)
{
    struct lk_effects *to = gather->effects;

    if (work == REWRITTEN &&
        !is_noted(gather, to->rewrites.items, to->rewrites.count, &gather->rewritten, name))
        lk_vec_push(gather->mem, &to->rewrites, name);
    if (work == SCANNED &&
        !is_noted(gather, to->scans.items, to->scans.count, &gather->scanned, name))
        lk_vec_push(gather->mem, &to->scans, name);
}

bool
lk_has_rows(const struct lk_relation *relation)
{
    return relation->kind == LK_RELATION_TABLE || relation->kind == LK_RELATION_MATVIEW ||
           relation->kind == LK_RELATION_UNKNOWN;
}

static void
add_rows(struct lk_gather *gather, const struct lk_relation *relation, enum work work)
{
    struct lk_relations children = {0};

    if (lk_has_rows(relation))
        add_name(gather, work, lk_relation_sql(gather->mem, relation));
    if (!gather->family || relation->children.count == 0)
        return;
    lk_catalog_descendants(gather->mem, gather->catalog, relation, &children);
    lk_vec_foreach(child, &children.items)
        if (lk_has_rows(*child))
            add_name(gather, work, lk_relation_sql(gather->mem, *child));
}

static void
add_work(struct lk_gather *gather, const RangeVar *range, enum work work)
{
    const struct lk_relation *relation = lk_gather_known(gather, range);

    if (relation != NULL)
        add_rows(gather, relation, work);
    else
        add_name(
            gather, work,
            lk_catalog_resolved(gather->mem, gather->catalog, range->schemaname, range->relname));
}

void
lk_gather_rewrite(struct lk_gather *gather, const RangeVar *range)
{
    add_work(gather, range, REWRITTEN);
}

void
lk_gather_scan(struct lk_gather *gather, const RangeVar *range)
{
    add_work(gather, range, SCANNED);
}

void
lk_gather_scan_known(struct lk_gather *gather, const struct lk_relation *relation)
{
    if (relation != NULL)
        add_rows(gather, relation, SCANNED);
}

void
lk_effects_merge(TALLOC_CTX *mem, struct lk_effects *effects, const struct lk_effects *from)
{
    struct lk_gather gather = {.mem = mem, .effects = effects};

    lk_vec_foreach(lock, &from->locks)
        add_lock(&gather, lock->relation, lock->mode, lock->is_new);
    lk_vec_foreach(relation, &from->rewrites)
        add_name(&gather, REWRITTEN, *relation);
    lk_vec_foreach(relation, &from->scans)
        add_name(&gather, SCANNED, *relation);
}
