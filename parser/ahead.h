/*
 * parser/ahead.h
 *     The migrations of a changelog, read and parsed ahead of whoever looks at them.
 */
#ifndef LK_PARSER_AHEAD_H
#define LK_PARSER_AHEAD_H

#include "parser/reading.h"

struct lk_ahead_options {
    const struct lk_values *values;
    int version;   /* of the server, as lk_migration_read takes it */
    uint32_t last; /* the ordinal of the last migration to read; 0: all of them */
};

struct lk_ahead;

/*
 * lk_ahead_start begins to read the migrations of a changelog in their order, which must stay as it
 * is. Where there are many and more than one processor, a thread of its own does so, a little
 * ahead; it ends with the last one, or when the result is freed.
 */
struct lk_ahead *lk_ahead_start(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                                const struct lk_ahead_options *options);

/*
 * lk_ahead_next returns the next migration, which is there until the one behind it is asked for;
 * NULL behind the last one.
 */
struct lk_reading *lk_ahead_next(struct lk_ahead *ahead);

/* lk_ahead_keep leaves the text that lk_ahead_next returned last where it is until `ahead` is
 * freed. */
void lk_ahead_keep(struct lk_ahead *ahead);

#endif
