/*
 * parser/script.h
 *     A file as statements: spans, comments, raw parse trees, and every syntax error.
 */
#ifndef LK_PARSER_SCRIPT_H
#define LK_PARSER_SCRIPT_H

#include "parser/base/vec.h"
#include "parser/source.h"

struct Node;
struct lk_body;
struct lk_pg_trees;

struct lk_statement {
    uint32_t index;        /* from 0, in the order of the file */
    struct lk_span span;   /* from its first word to its last; no comment around it, no semicolon */
    struct lk_span region; /* with what stands before it and its semicolon */
    struct Node *tree;     /* see lk_script_tree; NULL where the grammar refuses it */
    uint32_t base;         /* where its parse started: node locations count from there */
    const char *error;     /* the grammar's message, or NULL */
    uint32_t error_at;     /* where that points */
    struct lk_body *body;  /* see lk_script_body */
};

struct lk_chunk; /* a run of statements parsed in one go */

struct lk_script {
    struct lk_source *source;
    struct lk_span region; /* what of the source was read: from the first region to the last */
    LK_VEC(struct lk_statement) statements;
    LK_VEC(struct lk_span) comments; /* in the order of the file, delimiters included */
    LK_VEC(struct lk_chunk) chunks;
    uint64_t loaded; /* bytes of text whose trees are in memory */
};

/*
 * lk_script_new returns the statements of `region` of a source. Nothing is parsed yet; the script
 * lives as long as `mem` and needs the source as long.
 */
struct lk_script *lk_script_new(TALLOC_CTX *mem, struct lk_source *source, struct lk_span region);

/*
 * lk_script_add adds the statements of a further region, behind those that are there; call it
 * before any tree is asked for. What stands between two regions is not read.
 */
void lk_script_add(struct lk_script *script, struct lk_span region);

/*
 * lk_script_tree returns the parse tree of the statement at `index` (the RawStmt's statement), or
 * NULL where the grammar refuses it and `error` says why. A tree stays valid until a statement is
 * asked for whose tree is not in memory: those of a file of ordinary size all stay. The number of
 * statements can grow by the call: a broken statement that swallowed others is split again.
 */
struct Node *lk_script_tree(struct lk_script *script, size_t index);

/*
 * lk_script_body returns what the statement at `index` carries inside: the body of a DO block, a
 * function or a procedure; or NULL where there is none that can be read. It lives as long as the
 * statement's tree.
 */
const struct lk_body *lk_script_body(struct lk_script *script, size_t index);

/* lk_script_load makes the first trees and bodies, as many as are in memory together. */
void lk_script_load(struct lk_script *script);

/* lk_statement_offset returns the byte offset of a node's `location` (-1: the statement's start).
 */
uint32_t lk_statement_offset(const struct lk_statement *statement, int location);

#endif
