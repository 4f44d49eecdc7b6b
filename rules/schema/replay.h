/*
 * rules/schema/replay.h
 *     What a statement does to the catalog.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_H
#define LK_RULES_SCHEMA_REPLAY_H

#include "rules/schema/refusal.h"

struct Node;

struct CreateFunctionStmt;
struct List;
struct lk_routines;
struct lk_statement;

/*
 * lk_replay applies a parsed statement to the catalog as if the server had carried it out; `text`
 * is what its span counts in. What the server would refuse changes nothing, and is told by
 * lk_catalog_refusals.
 */
void lk_replay(struct lk_catalog *catalog, const struct lk_statement *statement, const char *text);

/*
 * lk_replay_nested does so for a statement of a body, in which the names of columns may be those of
 * variables.
 */
void lk_replay_nested(struct lk_catalog *catalog, const struct lk_statement *statement,
                      const char *text);

/*
 * lk_replay_maybe applies a parsed statement of which it is not known whether it is carried out:
 * what it creates is there, but only assumed, and of what it changes or drops less is known than
 * before.
 */
void lk_replay_maybe(struct lk_catalog *catalog, const struct lk_statement *statement,
                     const char *text);

/*
 * lk_replay_caught applies a parsed statement whose error is caught, if it is one that lies in the
 * schema: where the schema is known it is known whether that happens, otherwise it is only perhaps
 * carried out.
 */
void lk_replay_caught(struct lk_catalog *catalog, const struct lk_statement *statement,
                      const char *text);

/*
 * lk_replay_partly notes what an EXECUTE may have done of which only parts are known, see
 * lk_constant_guess; NULL: nothing is. What it brought into tables is not known then, nor which of
 * their constraints are left.
 */
void lk_replay_partly(struct lk_catalog *catalog, const struct Node *likely);

/* lk_replay_function_of returns the function that CREATE FUNCTION has made or replaced, or NULL. */
struct lk_function *lk_replay_function_of(struct lk_catalog *catalog,
                                          const struct CreateFunctionStmt *stmt);

/*
 * lk_replay_called returns the statement that made a routine (NULL: not known), in which what it
 * carries out as text is constant, where the values that it is called with are and that suffices.
 */
const char *lk_replay_called(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                             const struct lk_function *function, const struct List *values);

/*
 * lk_replay_follow says which routines' statements have been carried out by themselves: a call of
 * one of them does nothing any more. NULL: none; the list stays its owner's.
 */
void lk_replay_follow(struct lk_catalog *catalog, const struct lk_routines *routines);

#endif
