/*
 * rules/held.h
 *     What the transaction at hand has locked and done before the statement at hand.
 *
 * A transaction is the file's own, the runner's, or that of `lockkeeper apply`, whichever is the
 * widest: locks are kept to its end.
 */
#ifndef LK_RULES_HELD_H
#define LK_RULES_HELD_H

#include "rules/effects/effects.h"
#include "rules/schema/seen.h"
#include "rules/session.h"

/*
 * A lock on a table that others may be using. Not those of reading it: whoever waits for them asks
 * for ACCESS EXCLUSIVE, and that is no everyday neighbour.
 */
struct lk_held_lock {
    const char *relation; /* qualified and quoted */
    const char *root;     /* the table that it belongs to, if it is a partition, or inherits */
    enum lk_lock_mode mode;
    const char *tag; /* of the statement that took it, as the command tag */
    bool ddl;        /* that changes the schema: no LOCK, no TRUNCATE */
    bool bulk;       /* a statement wrote many rows of it, or may have */
    bool emptied;    /* TRUNCATE did, and nobody has written a row since */
};

struct lk_held {
    TALLOC_CTX *mem;
    uint32_t since; /* the index of the statement that the transaction starts with */
    LK_VEC(struct lk_held_lock) locks; /* one per table, the strongest; in the order taken */
    struct lk_seen *seen;              /* their names */
};

/*
 * lk_held_enter begins anew where the statement at `index` is in another transaction than the one
 * before it; `session` is the state before it.
 */
void lk_held_enter(struct lk_held *held, const struct lk_outline *outline,
                   const struct lk_session *session, uint32_t index);

/* lk_held_note adds what a statement has locked; the catalog is as it was before it. */
void lk_held_note(struct lk_held *held, const struct lk_catalog *catalog, const struct Node *tree,
                  const struct lk_effects *effects);

/* lk_held_on returns the lock on a table, by its qualified, quoted name, or NULL. */
const struct lk_held_lock *lk_held_on(const struct lk_held *held, const char *relation);

/* lk_named_relation returns the relation of a qualified, quoted name, or NULL. */
const struct lk_relation *lk_named_relation(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                                            const char *name);

/*
 * lk_root_name returns the name of the table that a partition, or one that inherits, belongs to;
 * that of the relation itself for others.
 */
const char *lk_root_name(TALLOC_CTX *mem, const struct lk_catalog *catalog, const char *name);

/* lk_root_of_lock is lk_root_name for what a lock is on. */
const char *lk_root_of_lock(TALLOC_CTX *mem, const struct lk_lock *lock);

/* lk_is_row_table returns whether a relation, NULL: unknown, is a table as far as is known. */
bool lk_is_row_table(const struct lk_relation *relation);

/*
 * lk_locks_table returns whether what a statement locks is a table: one that is not known is what
 * the statement takes it to be.
 */
bool lk_locks_table(const struct Node *tree, const struct lk_lock *lock);

struct RangeVar;
struct UpdateStmt;

/*
 * lk_is_of_one_row returns whether an UPDATE is of a table with a single row, as one that keeps the
 * schema's version is: it makes all rows the same, or the same in all columns of a unique key.
 */
bool lk_is_of_one_row(const struct lk_catalog *catalog, const struct UpdateStmt *stmt);

/*
 * lk_bulk_target returns the table of which UPDATE, DELETE, MERGE or INSERT ... SELECT may write
 * many rows; NULL for other statements, where WHERE picks rows by a unique key, and for a table of
 * a single row.
 */
const struct RangeVar *lk_bulk_target(const struct lk_catalog *catalog, const struct Node *tree);

#endif
