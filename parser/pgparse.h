/*
 * parser/pgparse.h
 *     libpg_query, fenced: raw parse trees with an owner, errors with byte offsets.
 */
#ifndef LK_PARSER_PGPARSE_H
#define LK_PARSER_PGPARSE_H

#include "parser/base/mem.h"
#include "parser/span.h"

struct List;
struct Node;

/* The raw trees of a piece of text; freed with the talloc context they were made in. */
struct lk_pg_trees {
    struct List *statements; /* of RawStmt, NULL when there are none */
    uint32_t base;           /* where the piece starts: add it to every location */
    void *context;           /* the MemoryContext that holds the trees */
};

struct lk_pg_error {
    char *message;
    uint32_t offset; /* in the whole text, where the server would point */
};

/*
 * lk_pg_parse parses `span` of `text` and returns its trees, or NULL with `error` filled (its
 * message in `mem`). No input ends the process: what the grammar throws comes back as an error.
 */
struct lk_pg_trees *lk_pg_parse(TALLOC_CTX *mem, const char *text, struct lk_span span,
                                struct lk_pg_error *error) LK_MUST_CHECK;

/*
 * lk_pg_equal returns whether two nodes say the same, their places in the text aside; false where
 * it cannot be told: they are no complete nodes, or nested too deeply. PostgreSQL's equal() ends
 * the process then.
 */
bool lk_pg_equal(const void *a, const void *b);

/*
 * lk_pg_start prepares a thread for what looks into trees: parsing does so by itself. Trees can be
 * freed in another thread than the one that they were made in.
 */
void lk_pg_start(void);

/* lk_pg_finish releases what libpg_query keeps for the life of this thread. */
void lk_pg_finish(void);

/*
 * lk_quote_ident returns `name` as it must be written in SQL: delimited when it holds anything
 * but lower-case letters, digits and underscores, or is a keyword that is not unreserved.
 * Source: quote_identifier(), src/backend/utils/adt/ruleutils.c.
 */
char *lk_quote_ident(TALLOC_CTX *mem, const char *name);

/* lk_quote_qualified returns schema.name, both as lk_quote_ident does; `schema` may be NULL. */
char *lk_quote_qualified(TALLOC_CTX *mem, const char *schema, const char *name);

/* lk_quote_literal returns `text` as a string constant, safe whatever the server's settings. */
char *lk_quote_literal(TALLOC_CTX *mem, const char *text);

/* lk_is_keyword returns whether the word (any case) is one of the grammar's keywords. */
bool lk_is_keyword(const char *word);

/* lk_keywords returns the grammar's keywords in lower case, `*count` of them, in `mem`. */
const char **lk_keywords(TALLOC_CTX *mem, size_t *count);

/* lk_is_reserved returns whether a word (lower case) must be quoted to be a column's name. */
bool lk_is_reserved(const char *word);

/* lk_grammar_version returns the version of PostgreSQL whose grammar is read, such as "18.6". */
const char *lk_grammar_version(void);

/* lk_grammar_major returns its major version. */
int lk_grammar_major(void);

#endif
