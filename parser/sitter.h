/*
 * parser/sitter.h
 *     tree-sitter, fenced: a tree of SQL text, errors or not. For parser/ only.
 */
#ifndef LK_PARSER_SITTER_H
#define LK_PARSER_SITTER_H

#include <tree_sitter/api.h>

#include "parser/base/mem.h"
#include "parser/span.h"

/* The grammar, and its highlight query, of the npm package. */
const TSLanguage *tree_sitter_sql(void);
extern const char lk_highlights_scm[];

struct lk_sitter {
    TSTree *tree;
};

/*
 * lk_sitter_parse parses `span` of `text`, and returns the tree, freed with `mem`, or NULL when it
 * took too long. Offsets in the tree count from the span's start. What stands in strings, dollar
 * quotes and comments does not reach the grammar.
 */
struct lk_sitter *lk_sitter_parse(TALLOC_CTX *mem, const char *text, struct lk_span span);

#endif
