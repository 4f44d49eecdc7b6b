/*
 * parser/tree.h
 *     Walking raw parse trees, fenced: no tree, however odd or deep, ends the process.
 *
 * PostgreSQL's own functions on trees (equal, raw_expression_tree_walker) throw on nodes that they
 * do not know, and recurse without a limit. Outside of parser/ nobody calls them.
 */
#ifndef LK_PARSER_TREE_H
#define LK_PARSER_TREE_H

#include "parser/base/vec.h"

struct List;
struct Node;
struct WithClause;

/* Names of columns, each once, in the order of the text; strings belong to the tree. */
struct lk_tree_names {
    LK_VEC(const char *) items;
};

/*
 * lk_tree_columns adds the columns that an expression (NULL: none) or a list of them refers to. An
 * expression that is nested absurdly deep is not read to its end.
 */
void lk_tree_columns(TALLOC_CTX *mem, void *expression, struct lk_tree_names *names);

/* lk_tree_is_leaf returns whether nothing that is walked to is below a node: a constant, a column.
 */
bool lk_tree_is_leaf(const struct Node *node);

/*
 * lk_tree_walk calls `visit` for each node of a query, expression (NULL: none) or list of them,
 * from the outside in. Where a node is unknown, or nested absurdly deep, it ends.
 */
void lk_tree_walk(const void *tree, void (*visit)(const struct Node *node, void *data), void *data);

/* lk_tree_option returns the first of a list of DefElem by a name; NULL: it is not given. */
const struct DefElem *lk_tree_option(const struct List *options, const char *name);

/*
 * lk_tree_option_is_on returns whether a boolean option is given and true.
 * Source: defGetBoolean(), src/backend/commands/define.c.
 */
bool lk_tree_option_is_on(const struct List *options, const char *name);

/* lk_tree_with returns the WITH clause of a query or of a statement with rows; NULL for none. */
const struct WithClause *lk_tree_with(const struct Node *statement);

/* lk_tree_returned returns what INSERT, UPDATE or DELETE returns of its rows; NULL: nothing. */
const struct List *lk_tree_returned(const struct Node *statement);

/*
 * lk_tree_ctes returns the CommonTableExpr list of a statement's WITH clause, NULL for none. Only
 * there, on top of a statement, can WITH hold INSERT, UPDATE, DELETE or MERGE.
 */
const struct List *lk_tree_ctes(const struct Node *statement);

#endif
