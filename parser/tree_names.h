/*
 * parser/tree_names.h
 *     What raw parse trees name besides columns: relations and functions.
 */
#ifndef LK_PARSER_TREE_NAMES_H
#define LK_PARSER_TREE_NAMES_H

#include "parser/base/vec.h"

struct AlterTableCmd;
struct Constraint;
struct FuncCall;
struct Node;
struct RangeVar;

/* The relations that a query names; the nodes belong to the tree. */
struct lk_tree_ranges {
    LK_VEC(const struct RangeVar *) items; /* not its WITH queries, nor what INTO makes */
    bool star;                             /* it says `*` somewhere */
    bool locking;                          /* it says FOR UPDATE or the like somewhere */
};

/* lk_tree_ranges adds the relations of a query (NULL: none), each as often as it is named. */
void lk_tree_ranges(TALLOC_CTX *mem, const void *query, struct lk_tree_ranges *ranges);

/* The functions that an expression calls; the nodes belong to the tree. */
struct lk_tree_calls {
    LK_VEC(const struct FuncCall *) items;
};

/* lk_tree_calls adds the function calls in an expression (NULL: none). */
void lk_tree_calls(TALLOC_CTX *mem, const void *expression, struct lk_tree_calls *calls);

/* lk_tree_reads adds both for a query, which it goes through once. */
void lk_tree_reads(TALLOC_CTX *mem, const void *query, struct lk_tree_ranges *ranges,
                   struct lk_tree_calls *calls);

/*
 * lk_is_virtual returns whether a GENERATED constraint makes a virtual column, which is what newer
 * grammars take it to be unless it says STORED.
 */
bool lk_is_virtual(const struct Constraint *constraint);

/* lk_is_not_enforced returns whether a constraint is NOT ENFORCED, for which 18 has the word. */
bool lk_is_not_enforced(const struct Constraint *constraint);

/* What ALTER CONSTRAINT says; before 18 it has nothing to say but deferrability. */
struct lk_constraint_change {
    const char *name;
    bool enforcement, enforced;
    bool deferrability, deferrable, deferred;
    bool inheritance, no_inherit;
};

/* lk_constraint_change_of returns what an ALTER CONSTRAINT subcommand says. */
struct lk_constraint_change lk_constraint_change_of(const struct AlterTableCmd *command);

#endif
