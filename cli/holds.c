/*
 * cli/holds.c
 *     What a migration keeps others from: see holds.h.
 */
#include "cli/holds.h"

bool
lk_holds_is_new(const struct lk_effects *effects, const char *relation)
{
    lk_vec_foreach(lock, &effects->locks)
        if (strcmp(lock->relation, relation) == 0)
            return lock->is_new;
    return false;
}

const char *
lk_waits_words(enum lk_waits waits)
{
    static const char *const words[] = {
        [LK_WAITS_NOTHING] = "nothing",
        [LK_WAITS_CHANGES] = "schema changes",
        [LK_WAITS_WRITES] = "writes",
        [LK_WAITS_READS] = "reads and writes",
    };

    return words[waits];
}

/* held_on returns what waits for a relation by now. */
static enum lk_waits
held_on(const struct lk_holds *holds, size_t first, const char *relation)
{
    enum lk_waits waits = LK_WAITS_NOTHING;

    for (size_t i = first; i < holds->items.count; i++)
        if (strcmp(holds->items.items[i].relation, relation) == 0)
            waits = holds->items.items[i].waits;
    return waits;
}

/* lengthen notes that holds from `first` on last while `relation` is gone through. */
static void
lengthen(struct lk_holds *holds, size_t first, const struct lk_effects *effects,
         const char *relation, const char *why)
{
    if (lk_holds_is_new(effects, relation))
        return;
    for (size_t i = first; i < holds->items.count; i++) {
        struct lk_hold *hold = &holds->items.items[i];
        if (hold->grows == NULL) {
            hold->grows = relation;
            hold->because = why;
        }
    }
}

static void
add_step(TALLOC_CTX *mem, const struct lk_plan_migration *migration,
         const struct lk_plan_step *step, struct lk_holds *holds)
{
    size_t first = holds->items.count;

    for (size_t i = step->first; i < step->first + step->count; i++) {
        const struct lk_effects *effects = &migration->statements.items[i].effects;
        if (!step->transaction)
            first = holds->items.count;
        lk_vec_foreach(blocked, &effects->blocked) {
            enum lk_waits waits = blocked->reads    ? LK_WAITS_READS
                                  : blocked->writes ? LK_WAITS_WRITES
                                                    : LK_WAITS_CHANGES;
            if (waits > held_on(holds, first, blocked->relation))
                *lk_vec_add(mem, &holds->items) = (struct lk_hold){
                    .relation = blocked->relation,
                    .waits = waits,
                    .first = i,
                    .last = step->transaction ? step->first + step->count - 1 : i,
                };
        }
        lk_vec_foreach(pass, &effects->rewrites)
            lengthen(holds, first, effects, pass->relation, pass->why);
        lk_vec_foreach(build, &effects->builds)
            lengthen(holds, first, effects, build->relation, build->why);
        lk_vec_foreach(pass, &effects->scans)
            lengthen(holds, first, effects, pass->relation, pass->why);
    }
}

struct lk_holds
lk_holds_of(TALLOC_CTX *mem, const struct lk_plan_migration *migration,
            const struct lk_plan_step *step)
{
    struct lk_holds holds = {0};

    add_step(mem, migration, step, &holds);
    return holds;
}

struct lk_holds
lk_holds_of_all(TALLOC_CTX *mem, const struct lk_plan_migration *migration)
{
    struct lk_holds holds = {0};

    lk_vec_foreach(step, &migration->steps)
        add_step(mem, migration, step, &holds);
    return holds;
}

struct lk_hold_names
lk_holds_relations(TALLOC_CTX *mem, const struct lk_holds *holds)
{
    struct lk_hold_names names = {0};

    lk_vec_foreach(hold, &holds->items) {
        bool known = false;
        lk_vec_foreach(name, &names.items)
            known |= strcmp(*name, hold->relation) == 0;
        if (!known)
            lk_vec_push(mem, &names.items, hold->relation);
    }
    return names;
}
