/*
 * tests/differential/facts.h
 *     A table of facts about statements: what servers were measured to do with them.
 *
 * Values separated by tabs, the first line names the columns. A fact is one statement on one
 * server: id, statement, setup, pg_version, in_txn_ok, locks, rewrite, scan, scan_reason,
 * index_build, lock_method,
 * index_access_exclusive. Lists are separated by semicolons; "none" and "-" are empty
 * ones.
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
    const char *indexes; /* locked ACCESS EXCLUSIVE */
};

struct lk_facts {
    LK_VEC(struct lk_fact) items;
};

/* lk_facts_read returns the facts of a table; a column that is not there fails the test. */
struct lk_facts lk_facts_read(TALLOC_CTX *mem, char *table);

/* A sorted set of words. */
struct lk_words {
    LK_VEC(char *) items;
};

/* lk_words_split adds the words of a list; `separator` stands between them. */
void lk_words_split(TALLOC_CTX *mem, struct lk_words *words, const char *list, char separator);

/* lk_words_joined returns the words in order, each once, joined by blanks. */
char *lk_words_joined(TALLOC_CTX *mem, struct lk_words *words);

/* lk_words_have returns whether the set has a word. */
bool lk_words_have(const struct lk_words *words, const char *word);

#endif
