/*
 * cli/holds.h
 *     What a planned migration keeps others from, and for how long: what reports show of locks.
 */
#ifndef LK_CLI_HOLDS_H
#define LK_CLI_HOLDS_H

#include "applier/plan.h"

/* What waits for a relation: each keeps out what those before it do, too. */
enum lk_waits { LK_WAITS_NOTHING, LK_WAITS_CHANGES, LK_WAITS_WRITES, LK_WAITS_READS };

/* From which statement on something waits for a relation, up to which one. */
struct lk_hold {
    const char *relation;
    enum lk_waits waits;
    size_t first, last;  /* statements of the migration, from 0 */
    const char *grows;   /* the relation whose size the time grows with; NULL: it is short */
    const char *because; /* why that is, in words; or NULL */
};

struct lk_holds {
    LK_VEC(struct lk_hold) items; /* in the order in which it comes to that */
};

struct lk_hold_names {
    LK_VEC(const char *) items;
};

/* lk_holds_of returns what a step of a migration keeps others from: all of it until it ends where
 * it is a transaction. */
struct lk_holds lk_holds_of(TALLOC_CTX *mem, const struct lk_plan_migration *migration,
                            const struct lk_plan_step *step);

/* lk_holds_of_all returns the same of all steps of a migration. */
struct lk_holds lk_holds_of_all(TALLOC_CTX *mem, const struct lk_plan_migration *migration);

/* lk_holds_relations returns the relations of holds, each once, in their order. */
struct lk_hold_names lk_holds_relations(TALLOC_CTX *mem, const struct lk_holds *holds);

/* lk_holds_is_new returns whether a relation is one that nobody can be using yet. */
bool lk_holds_is_new(const struct lk_effects *effects, const char *relation);

/* lk_waits_words returns "reads and writes", "writes", "schema changes" or "nothing". */
const char *lk_waits_words(enum lk_waits waits);

#endif
