/*
 * applier/timeouts.h
 *     Classes of statements, by what they do to others, and the timeouts that each gets.
 */
#ifndef LK_APPLIER_TIMEOUTS_H
#define LK_APPLIER_TIMEOUTS_H

#include "rules/effects/effects.h"

enum lk_stmt_class {
#define LK_STMT(name, word, lock, statement, snapshots, meaning) LK_STMT_##name,
#include "applier/timeouts.def"
#undef LK_STMT
    LK_STMT_COUNT
};

/* In milliseconds; 0: none, -1: not said. */
struct lk_timeouts {
    int64_t lock;
    int64_t statement;
};

/* lk_stmt_of returns the class of a statement; `strong`: it, or one before it in its transaction,
 * holds a strong lock on what is not new. */
enum lk_stmt_class lk_stmt_of(const struct lk_effects *effects, bool strong);

/* lk_stmt_word returns what the class is called. */
const char *lk_stmt_word(enum lk_stmt_class of);

/* lk_stmt_is_patient returns whether its statements have no timeouts of their own accord. */
bool lk_stmt_is_patient(enum lk_stmt_class of);

/* lk_stmt_waits returns whether old transactions are waited for before it is begun. */
bool lk_stmt_waits(enum lk_stmt_class of);

/* lk_stmt_timeouts returns the timeouts of a class, `given` where the table says so. */
struct lk_timeouts lk_stmt_timeouts(enum lk_stmt_class of, struct lk_timeouts given);

#endif
