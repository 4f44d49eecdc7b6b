/*
 * rules/effects/gather.c
 *     Noting locks and work: see effects_private.h.
 */
#include "rules/effects/effects_private.h"
#include "rules/schema/seen.h"

/* Where locks are noted: those that are taken, or those that may be. */
struct locks {
    struct lk_lock *items;
    size_t count;
    struct lk_seen **seen;
};

/* find_lock returns the index of a relation's lock; the number of locks if there is none yet. */
static size_t
find_lock(struct lk_gather *gather, struct locks locks, const char *relation)
{
    if (locks.count < LK_SEEN_MIN) {
        for (size_t i = 0; i < locks.count; i++)
            if (strcmp(locks.items[i].relation, relation) == 0)
                return i;
        return locks.count;
    }
    if (*locks.seen == NULL)
        for (size_t i = 0; i < locks.count; i++)
            lk_seen_name(gather->mem, locks.seen, locks.items[i].relation, i);
    return lk_seen_name(gather->mem, locks.seen, relation, locks.count);
}

/* strengthen raises a lock that is noted already to a mode, and returns whether it is. */
static bool
strengthen(struct lk_gather *gather, struct locks locks, const struct lk_lock *added)
{
    size_t index = find_lock(gather, locks, added->relation);

    if (index == locks.count)
        return false;
    locks.items[index].mode = LK_MAX(locks.items[index].mode, added->mode);
    return true;
}

/* add_lock notes a lock; if it is not noted yet, it gets a copy of the relation's name. */
static void
add_lock(struct lk_gather *gather, const struct lk_lock *added)
{
    struct lk_effects *to = gather->effects;
    struct locks locks = {to->locks.items, to->locks.count, &gather->locked};
    struct locks may = {to->may_lock.items, to->may_lock.count, &gather->perhaps};

    if (strengthen(gather, gather->maybe ? may : locks, added))
        return;
    struct lk_lock *lock = gather->maybe ? lk_vec_add(gather->mem, &to->may_lock)
                                         : lk_vec_add(gather->mem, &to->locks);
    *lock = *added;
    lock->relation = lk_strdup(gather->mem, added->relation);
}

void
lk_gather_sure(struct lk_gather *gather)
{
    struct lk_effects *effects = gather->effects;
    size_t kept = 0;

    for (size_t i = 0; i < effects->may_lock.count; i++) {
        const struct lk_lock *lock = &effects->may_lock.items[i];
        struct locks locks = {effects->locks.items, effects->locks.count, &gather->locked};
        size_t index = find_lock(gather, locks, lock->relation);
        if (index == locks.count || locks.items[index].mode < lock->mode)
            effects->may_lock.items[kept++] = *lock;
    }
    effects->may_lock.count = kept;
}

void
lk_gather_lock_known(struct lk_gather *gather, const struct lk_relation *relation,
                     enum lk_lock_mode mode)
{
    if (relation == NULL)
        return;
    bool is_new = relation->temporary || lk_object_is_new(gather->catalog, &relation->object);
    const char *sql =
        relation->sql != NULL ? relation->sql : lk_relation_sql(gather->mem, relation);
    add_lock(gather, &(struct lk_lock){sql, mode, is_new, relation});
}

/* find returns the relation that a name means, NULL if none is known. */
static const struct lk_relation *
find(struct lk_gather *gather, const char *schema, const char *name)
{
    const struct lk_relation *asked = gather->asked;

    if (asked != NULL && strcmp(asked->object.name, name) == 0 &&
        (schema == NULL ? gather->by_path : strcmp(asked->schema, schema) == 0))
        return asked;
    gather->asked = lk_catalog_relation(gather->catalog, schema, name);
    gather->by_path = schema == NULL;
    return gather->asked;
}

void
lk_gather_lock(struct lk_gather *gather, struct lk_qname name, enum lk_lock_mode mode)
{
    const struct lk_relation *relation = find(gather, name.schema, name.name);

    if (relation != NULL)
        lk_gather_lock_known(gather, relation, mode);
    else if (!gather->known)
        add_lock(gather, &(struct lk_lock){
                             .relation = lk_catalog_resolved(gather->mem, gather->catalog,
                                                             name.schema, name.name),
                             .mode = mode,
                         });
}

void
lk_gather_lock_range(struct lk_gather *gather, const RangeVar *range, enum lk_lock_mode mode)
{
    lk_gather_lock(gather, lk_qname_of_range(range), mode);
}

const struct lk_relation *
lk_gather_known(struct lk_gather *gather, const RangeVar *range)
{
    return find(gather, range->schemaname, range->relname);
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
struct work {
    enum { REWRITTEN, SCANNED, INDEXED } kind;
    const char *index; /* that is built; NULL: its name is not known */
    const char *why;
};

/* is_noted returns whether a relation is among those that something is done to already. */
static bool
is_noted(struct lk_gather *gather, const struct lk_pass *works, size_t count, struct lk_seen **seen,
         const char *relation)
{
    if (count < LK_SEEN_MIN) {
        for (size_t i = 0; i < count; i++)
            if (strcmp(works[i].relation, relation) == 0)
                return true;
        return false;
    }
    if (*seen == NULL)
        for (size_t i = 0; i < count; i++)
            lk_seen_name(gather->mem, seen, works[i].relation, i);
    return lk_seen_name(gather->mem, seen, relation, count) != count;
}

static void
add_rewrite(struct lk_gather *gather, const char *relation, const char *why)
{
    struct lk_effects *to = gather->effects;

    if (!is_noted(gather, to->rewrites.items, to->rewrites.count, &gather->rewritten, relation))
        *lk_vec_add(gather->mem, &to->rewrites) = (struct lk_pass){relation, why};
}

static void
add_scan(struct lk_gather *gather, const char *relation, const char *why)
{
    struct lk_effects *to = gather->effects;

    if (!is_noted(gather, to->scans.items, to->scans.count, &gather->scanned, relation))
        *lk_vec_add(gather->mem, &to->scans) = (struct lk_pass){relation, why};
}

static void
add_build(struct lk_gather *gather, const struct lk_build *build)
{
    if (build->index != NULL)
        lk_vec_foreach(known, &gather->effects->builds)
            if (known->index != NULL && strcmp(known->index, build->index) == 0)
                return;
    lk_vec_push(gather->mem, &gather->effects->builds, *build);
}

/* add_to notes work on a relation by its name. */
static void
add_to(struct lk_gather *gather, const char *relation, const struct work *work)
{
    if (gather->maybe)
        return;
    switch (work->kind) {
    case REWRITTEN:
        add_rewrite(gather, relation, work->why);
        break;
    case SCANNED:
        add_scan(gather, relation, work->why);
        break;
    case INDEXED:
        add_build(gather, &(struct lk_build){relation, work->index, work->why});
        add_scan(gather, relation, work->why);
        break;
    }
}

bool
lk_has_rows(const struct lk_relation *relation)
{
    return relation->kind == LK_RELATION_TABLE || relation->kind == LK_RELATION_MATVIEW ||
           relation->kind == LK_RELATION_UNKNOWN;
}

bool
lk_has_row_trigger(const struct lk_relation *relation, const char *name)
{
    lk_vec_foreach(part, &relation->parts)
        if ((*part)->object.class == LK_CLASS_TRIGGER && (*part)->each_row &&
            (name == NULL || strcmp((*part)->object.name, name) == 0))
            return true;
    return false;
}

static void
add_known(struct lk_gather *gather, const struct lk_relation *relation, struct work work)
{
    struct lk_relations children = {0};

    if (lk_has_rows(relation))
        add_to(gather, lk_relation_sql(gather->mem, relation), &work);
    if (!gather->family || relation->children.count == 0)
        return;
    work.index = NULL; /* theirs have names of their own */
    lk_catalog_descendants(gather->mem, gather->catalog, relation, &children);
    lk_vec_foreach(child, &children.items)
        if (lk_has_rows(*child))
            add_to(gather, lk_relation_sql(gather->mem, *child), &work);
}

static void
add_work(struct lk_gather *gather, const RangeVar *range, struct work work)
{
    const struct lk_relation *relation = lk_gather_known(gather, range);

    if (relation != NULL)
        add_known(gather, relation, work);
    else if (!gather->known)
        add_to(gather,
               lk_catalog_resolved(gather->mem, gather->catalog, range->schemaname, range->relname),
               &work);
}

void
lk_gather_rewrite(struct lk_gather *gather, const RangeVar *range, const char *why)
{
    add_work(gather, range, (struct work){REWRITTEN, NULL, why});
}

void
lk_gather_rewrite_known(struct lk_gather *gather, const struct lk_relation *relation,
                        const char *why)
{
    if (relation != NULL)
        add_known(gather, relation, (struct work){REWRITTEN, NULL, why});
}

void
lk_gather_scan(struct lk_gather *gather, const RangeVar *range, const char *why)
{
    add_work(gather, range, (struct work){SCANNED, NULL, why});
}

void
lk_gather_scan_known(struct lk_gather *gather, const struct lk_relation *relation, const char *why)
{
    if (relation != NULL)
        add_known(gather, relation, (struct work){SCANNED, NULL, why});
}

void
lk_gather_build(struct lk_gather *gather, const RangeVar *range, const char *index, const char *why)
{
    add_work(gather, range, (struct work){INDEXED, index, why});
}

void
lk_gather_build_known(struct lk_gather *gather, const struct lk_relation *relation,
                      const struct lk_relation *index, const char *why)
{
    const char *name = index != NULL ? lk_relation_sql(gather->mem, index) : NULL;

    if (relation != NULL)
        add_known(gather, relation, (struct work){INDEXED, name, why});
}

void
lk_gather_copy_index(struct lk_gather *gather, const struct lk_relation *index, const char *why)
{
    if (index->table != NULL && lk_has_rows(index->table) && !gather->maybe)
        add_build(gather, &(struct lk_build){lk_relation_sql(gather->mem, index->table),
                                             lk_relation_sql(gather->mem, index), why});
}

/* ---- what locks come to ---- */

static struct lk_blocked *
find_blocked(struct lk_gather *gather, const char *relation)
{
    struct lk_effects *effects = gather->effects;
    size_t count = effects->blocked.count, index = count;

    if (count >= LK_SEEN_MIN && gather->blocked == NULL)
        for (size_t i = 0; i < count; i++)
            lk_seen_name(gather->mem, &gather->blocked, effects->blocked.items[i].relation, i);
    if (count >= LK_SEEN_MIN)
        index = lk_seen_name(gather->mem, &gather->blocked, relation, count);
    else
        for (index = 0; index < count; index++)
            if (strcmp(effects->blocked.items[index].relation, relation) == 0)
                break;
    if (index < count)
        return &effects->blocked.items[index];
    struct lk_blocked *added = lk_vec_add(gather->mem, &effects->blocked);
    added->relation = relation;
    return added;
}

static void
add_blocked(struct lk_gather *gather, const struct lk_blocked *from)
{
    struct lk_blocked *to = find_blocked(gather, from->relation);

    if (!to->reads && from->index != NULL)
        to->index = from->index;
    else if (from->index == NULL && from->reads)
        to->index = NULL;
    to->reads |= from->reads;
    to->writes |= from->writes;
    to->changes |= from->changes;
}

/* block notes what a lock keeps others from. */
static void
block(struct lk_gather *gather, const struct lk_lock *lock)
{
    const struct lk_relation *relation = lock->known;
    bool all = lock->mode == LK_LOCK_ACCESS_EXCLUSIVE;

    if (lock->is_new || lock->mode < LK_LOCK_SHARE_UPDATE_EXCLUSIVE)
        return;
    if (relation == NULL || relation->kind != LK_RELATION_INDEX)
        add_blocked(gather, &(struct lk_blocked){
                                .relation = lock->relation,
                                .reads = all,
                                .writes = lk_lock_is_strong(lock->mode),
                                .changes = true,
                            });
    else if (all && relation->table != NULL)
        add_blocked(gather, &(struct lk_blocked){
                                .relation = lk_relation_sql(gather->mem, relation->table),
                                .index = lock->relation,
                                .reads = true,
                                .writes = true,
                            });
}

void
lk_gather_lock_indexes(struct lk_gather *gather, const struct lk_relation *relation)
{
    lk_vec_foreach(index, &relation->indexes)
        lk_gather_lock_known(gather, *index, LK_LOCK_ACCESS_EXCLUSIVE);
}

void
lk_gather_blocked(struct lk_gather *gather)
{
    lk_vec_foreach(lock, &gather->effects->locks)
        block(gather, lock);
}

/* merge_locks adds locks of a statement that is carried out, and may drop what they are on, while
 * the effects last. */
static void
merge_locks(struct lk_gather *gather, const struct lk_lock *locks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct lk_lock lock = locks[i];
        lock.known = NULL;
        add_lock(gather, &lock);
    }
}

void
lk_effects_merge(TALLOC_CTX *mem, struct lk_effects *effects, const struct lk_effects *from)
{
    struct lk_gather gather = {.mem = mem, .effects = effects};

    merge_locks(&gather, from->locks.items, from->locks.count);
    gather.maybe = true;
    merge_locks(&gather, from->may_lock.items, from->may_lock.count);
    gather.maybe = false;
    lk_gather_sure(&gather);
    lk_vec_foreach(blocked, &from->blocked)
        add_blocked(&gather, blocked);
    lk_vec_foreach(work, &from->rewrites)
        add_rewrite(&gather, work->relation, work->why);
    lk_vec_foreach(work, &from->scans)
        add_scan(&gather, work->relation, work->why);
    lk_vec_foreach(build, &from->builds)
        add_build(&gather, build);
}
