/*
 * tests/differential/facts.h
 *     A table of facts about statements: what servers were measured to do with them.
 *
 * Values separated by tabs, the first line names the columns. A fact is one statement on one
 * server: id, statement, setup, pg_version, in_txn_ok, locks, rewrite, scan, scan_reason,
 * index_build, lock_method, index_access_exclusive, blocks_reads_on, first_sqlstate,
 * rerun_sqlstate, rerun_effect. Lists are separated by semicolons; "none" and "-" are empty ones.
 */
#ifndef LK_TESTS_DIFFERENTIAL_FACTS_H
#define LK_TESTS_DIFFERENTIAL_FACTS_H

#include "parser/base/vec.h"

struct lk_fact {
    const char *id;
    const char *statement;
    const char *setup;  /* committed before */
    const char *before; /* ran earlier in the same transaction */
    unsigned version;
    const char *in_transaction;
    const char *locks;
    const char *rewrite;
    const char *scan;
    const char *scan_reason;
    const char *index_build;
    const char *lock_method;
    const char *indexes;       /* locked ACCESS EXCLUSIVE */
    const char *reads;         /* on what the locks of tables block reads */
    const char *first, *again; /* SQLSTATE of both runs */
    const char *outcome;       /* of the second one */
};

struct lk_facts {
    LK_VEC(struct lk_fact) items;
};

/* lk_facts_read returns the facts of a table; a column that is not there fails the test. */
struct lk_facts lk_facts_read(TALLOC_CTX *mem, char *table);

#endif
