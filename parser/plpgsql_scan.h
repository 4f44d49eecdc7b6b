/*
 * parser/plpgsql_scan.h
 *     The tokens and the pieces of a PL/pgSQL body, for parser/plpgsql.c and plpgsql_block.c.
 */
#ifndef LK_PARSER_PLPGSQL_SCAN_H
#define LK_PARSER_PLPGSQL_SCAN_H

#include "parser/lexer.h"
#include "parser/plpgsql.h"

/* What an expression or a statement can end at, outside of parentheses. */
enum lk_scan_end {
    LK_AT_SEMICOLON = 1,
    LK_AT_COMMA = 2,
    LK_AT_THEN = 4,
    LK_AT_LOOP = 8,
    LK_AT_WHEN = 16,
    LK_AT_USING = 32,
    LK_AT_INTO = 64,
    LK_AT_BY = 128,
    LK_AT_DOTS = 256,
};

struct lk_scan {
    TALLOC_CTX *mem;
    const char *text;
    struct lk_lexer lexer; /* behind the token at hand */
    struct lk_token token; /* at hand */
    struct lk_span last;   /* of the token before */
    uint32_t statement;    /* where the PL/pgSQL statement at hand starts */
    unsigned depth;        /* of statements that hold others */
    unsigned conditions;   /* those of them that need not be entered */
    unsigned arms;         /* and those of these that are arms of IF */
    size_t arm;            /* the innermost arm, see plpgsql.h */
    bool looping;          /* in a loop that is one of the result's */
    bool skips;            /* an EXIT or CONTINUE before may have ended this turn of it */
    bool left;             /* a RETURN or EXIT before may have ended the block */
    bool failed;
    struct lk_plpgsql *result;
};

/* lk_scan_syntax_error fails at the token at hand. */
void lk_scan_syntax_error(struct lk_scan *scan);

/* lk_scan_advance takes the next token for the one at hand. */
void lk_scan_advance(struct lk_scan *scan);

/* lk_scan_is_word returns whether an undelimited word is at hand, in any case. */
bool lk_scan_is_word(const struct lk_scan *scan, const char *word);
bool lk_scan_is_symbol(const struct lk_scan *scan, const char *symbol);

/* lk_scan_is_name returns whether a word or a delimited name is at hand. */
bool lk_scan_is_name(const struct lk_scan *scan);

/* lk_scan_is_reserved returns whether it is a word that no variable can have for a name. */
bool lk_scan_is_reserved(const struct lk_scan *scan);

/* lk_scan_is_identifier returns whether it is a name that the language does not reserve. */
bool lk_scan_is_identifier(const struct lk_scan *scan);

/* lk_scan_is_assignment returns whether := or = is at hand. */
bool lk_scan_is_assignment(const struct lk_scan *scan);

/* lk_scan_accept_word moves behind a word and returns whether it was at hand. */
bool lk_scan_accept_word(struct lk_scan *scan, const char *word);
bool lk_scan_accept_symbol(struct lk_scan *scan, const char *symbol);

/* lk_scan_expect_word moves behind a word, or fails where another token is at hand. */
void lk_scan_expect_word(struct lk_scan *scan, const char *word);
void lk_scan_expect_semicolon(struct lk_scan *scan);

/* lk_scan_skip_statement moves behind the next semicolon: what is before it is not looked at. */
void lk_scan_skip_statement(struct lk_scan *scan);

/* lk_scan_is_end returns whether the token at hand is one of `ends`. */
bool lk_scan_is_end(const struct lk_scan *scan, unsigned ends);

/* lk_scan_note_nesting counts parentheses and brackets; one that closes nothing is an error. */
void lk_scan_note_nesting(struct lk_scan *scan, int *depth);

/*
 * lk_scan_read_sql reads up to one of `ends` and adds what is there as a piece. `missing` is what
 * the server says is missing when it meets a semicolon first (read_sql_construct).
 */
void lk_scan_read_sql(struct lk_scan *scan, enum lk_plpgsql_kind kind, unsigned ends,
                      const char *missing);

/* lk_scan_read_expression is that for an expression, lk_scan_read_list for several between commas.
 */
void lk_scan_read_expression(struct lk_scan *scan, unsigned ends, const char *missing);
void lk_scan_read_list(struct lk_scan *scan, unsigned ends, const char *missing);

/* lk_scan_skip_name moves behind a variable or a qualified name. */
void lk_scan_skip_name(struct lk_scan *scan);

/* lk_scan_read_into_target moves behind INTO's targets. */
void lk_scan_read_into_target(struct lk_scan *scan);

/* lk_scan_read_dynamic reads an expression whose value EXECUTE carries out. */
void lk_scan_read_dynamic(struct lk_scan *scan, unsigned ends, const char *missing);

/* lk_scan_statements reads statements up to a word that ends a section of them; lk_scan_branch is
 * that for those that need not be reached. plpgsql.c */
void lk_scan_statements(struct lk_scan *scan);
void lk_scan_branch(struct lk_scan *scan);

/* The statements LOOP, WHILE, and FOR and FOREACH, from their first word on: plpgsql_loop.c. */
void lk_scan_loop(struct lk_scan *scan);
void lk_scan_while(struct lk_scan *scan);
void lk_scan_for(struct lk_scan *scan);

/*
 * lk_scan_is_given returns whether anything in a text may give a variable a value: an assignment,
 * what stands behind INTO, FOR or USING's like, GET and FETCH. Rather once too often.
 */
bool lk_scan_is_given(const char *text, struct lk_span span, struct lk_span variable);

/* lk_scan_execsql reads a statement of SQL, whose INTO is PL/pgSQL's (make_execsql_stmt). */
void lk_scan_execsql(struct lk_scan *scan);

/* ---- plpgsql.c, plpgsql_block.c ---- */

/* lk_scan_statements reads up to a word that ends a section of statements. */
void lk_scan_statements(struct lk_scan *scan);

/* lk_scan_branch reads statements that need not be reached. */
void lk_scan_branch(struct lk_scan *scan);

/* lk_scan_keep_constants leaves those of the result's constants that nothing up to `end` changes.
 */
void lk_scan_keep_constants(struct lk_scan *scan, uint32_t end);

/* lk_scan_block reads from DECLARE or BEGIN to END [label]. */
void lk_scan_block(struct lk_scan *scan);

#endif
