/*
 * tests/differential/measure.h
 *     What a server does to carry a statement out: locks, new files, scans, index builds.
 *
 * A statement is carried out in a transaction that is rolled back, after a look at pg_locks and the
 * files of all relations. One that is refused there is carried out while every table is locked by
 * somebody else: the locks that it waits for, one after the other, are those that it takes.
 */
#ifndef LK_TESTS_DIFFERENTIAL_MEASURE_H
#define LK_TESTS_DIFFERENTIAL_MEASURE_H

#include <libpq-fe.h>

#include "applier/server.h"
#include "parser/base/vec.h"
#include "tests/differential/words.h"

struct lk_bench;

/* What one statement did. Relations are those that were there before, named as they were then. */
struct lk_measure {
    const char *sqlstate; /* "00000" */
    const char *message;
    bool refused;           /* in a transaction block */
    bool validates_key;     /* a foreign key: how that is read is the planner's choice */
    const char *again;      /* SQLSTATE of a second run; NULL: there was none */
    struct lk_words locks;  /* "users:AccessExclusive": the strongest on tables, views, sequences */
    struct lk_words unread; /* what nobody can read meanwhile, if only for an index */
    struct lk_words files;  /* tables whose file is another one */
    struct lk_words scans;  /* tables read from end to end; not those with other files */
    struct lk_words indexed; /* tables of which indexes were built */
};

/* lk_bench_new returns a place to measure: databases made of a script on a server. */
struct lk_bench *lk_bench_new(TALLOC_CTX *mem, const struct lk_server *server, const char *schema);

/* lk_bench_measure carries a statement out, after a setup (NULL: none) that is committed. */
struct lk_measure lk_bench_measure(TALLOC_CTX *mem, struct lk_bench *bench, const char *setup,
                                   const char *statement);

#endif
