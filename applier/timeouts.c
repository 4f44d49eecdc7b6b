/*
 * applier/timeouts.c
 *     Classes of statements: see timeouts.h.
 */
#include "applier/timeouts.h"

enum source { NONE, GIVEN };

static const struct {
    const char *word;
    enum source lock, statement;
    bool waits;
} classes[] = {
#define LK_STMT(name, word, lock, statement, snapshots, meaning) {word, lock, statement, snapshots},
#include "applier/timeouts.def"
#undef LK_STMT
};

enum lk_stmt_class
lk_stmt_of(const struct lk_effects *effects, bool strong)
{
    if (effects->concurrently)
        return effects->dropped_index != NULL || effects->detached != NULL ? LK_STMT_CONCURRENTLY
                                                                           : LK_STMT_BUILD;
    if (effects->validates && !strong)
        return LK_STMT_VALIDATE;
    return strong ? LK_STMT_STRONG : LK_STMT_WEAK;
}

const char *
lk_stmt_word(enum lk_stmt_class of)
{
    return classes[of].word;
}

bool
lk_stmt_is_patient(enum lk_stmt_class of)
{
    return classes[of].lock == NONE;
}

bool
lk_stmt_waits(enum lk_stmt_class of)
{
    return classes[of].waits;
}

struct lk_timeouts
lk_stmt_timeouts(enum lk_stmt_class of, struct lk_timeouts given)
{
    return (struct lk_timeouts){
        .lock = classes[of].lock == GIVEN ? given.lock : 0,
        .statement = classes[of].statement == GIVEN ? given.statement : 0,
    };
}
