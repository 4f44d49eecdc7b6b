/*
 * rules/effects/second_run.h
 *     What a statement that was carried out says when it is carried out once more.
 */
#ifndef LK_RULES_EFFECTS_SECOND_RUN_H
#define LK_RULES_EFFECTS_SECOND_RUN_H

#include "rules/schema/catalog.h"

struct Node;

enum lk_again {
    LK_AGAIN_SAME,       /* it succeeds, and leaves everything as it is */
    LK_AGAIN_SKIPS,      /* IF [NOT] EXISTS has it do nothing */
    LK_AGAIN_REPEATS,    /* it leaves everything as it is, with as much work */
    LK_AGAIN_DUPLICATES, /* it succeeds, and there is one more of what it makes */
    LK_AGAIN_ERROR,
    LK_AGAIN_UNKNOWN, /* data or a program decide */
};

struct lk_second_run {
    enum lk_again again;
    const char *sqlstate; /* of an error */
};

/*
 * lk_second_run_of returns what a raw statement does on a database that looks like `after`, which
 * is what it left. Source: measured on 15 and 18; the files of src/backend/commands for each
 * SQLSTATE.
 */
struct lk_second_run lk_second_run_of(TALLOC_CTX *mem, const struct lk_catalog *after,
                                      const struct Node *tree);

/* lk_rows_again is that for INSERT, UPDATE, DELETE, TRUNCATE and COPY; work that is repeated is the
 * same to it. */
struct lk_second_run lk_rows_again(TALLOC_CTX *mem, const struct lk_catalog *after,
                                   const struct Node *tree);

#endif
