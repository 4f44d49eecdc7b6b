/*
 * parser/plpgsql.h
 *     The SQL in a PL/pgSQL body: which statements and expressions it holds, and under which
 *     conditions they are reached.
 *
 * It follows the language's grammar (src/pl/plpgsql/src/pl_gram.y) as far as borders go; what
 * depends on the declared variables is left open. Nothing is said of what is not sure.
 */
#ifndef LK_PARSER_PLPGSQL_H
#define LK_PARSER_PLPGSQL_H

#include "parser/base/vec.h"
#include "parser/span.h"

enum lk_plpgsql_kind {
    LK_PLPGSQL_SQL,        /* a statement */
    LK_PLPGSQL_PERFORM,    /* a query with PERFORM in the place of SELECT */
    LK_PLPGSQL_EXPRESSION, /* what could stand behind SELECT */
    LK_PLPGSQL_DYNAMIC,    /* an expression whose value EXECUTE carries out */
};

/* One way that an IF can go. Numbers count from 1; 0: none. */
struct lk_plpgsql_arm {
    size_t piece;  /* its condition; 0: ELSE */
    size_t before; /* the arm before it of the same IF, whose condition is not true */
    size_t around; /* the arm that the IF stands in */
    size_t giver;  /* the piece that gives its condition's variable its value, see below */
    bool negated;  /* the condition is NOT and that variable */
};

/* A loop that goes through the values of an expression or a query. Numbers count from 1. */
struct lk_plpgsql_loop {
    struct lk_span variable; /* that has the value at hand, and no other one in the loop */
    size_t values;           /* the piece that tells them */
    size_t first, last;      /* the pieces in it; last < first: none */
};

/* A variable of text that has the value of its declaration as long as it is there. */
struct lk_plpgsql_constant {
    struct lk_span variable;
    size_t value;    /* the piece that tells it, counted from 1 */
    uint32_t behind; /* where its declaration ends */
};

struct lk_plpgsql_piece {
    enum lk_plpgsql_kind kind;
    struct lk_span span;  /* from its first word to its last */
    struct lk_span into;  /* INTO and its targets, which are not SQL; empty: none */
    struct lk_span whole; /* of the PL/pgSQL statement, where that is more than `span` */
    bool conditional;     /* it need not be reached when the body is executed, or is taken back */
    bool caught;          /* it is reached, and taken back only for what lies in the schema */
    size_t arm;           /* that it is reached in, if that is the only condition; 0: it is not */
    bool each;            /* that it stands in a loop of `loops` is all that it depends on */
};

struct lk_plpgsql {
    LK_VEC(struct lk_plpgsql_piece) pieces; /* in the order of the text, up to an error */
    LK_VEC(struct lk_plpgsql_arm) arms;
    LK_VEC(struct lk_plpgsql_loop) loops; /* in their order; none in another one */
    LK_VEC(struct lk_plpgsql_constant) constants;
    const char *error; /* why the body's structure is refused, or NULL */
    uint32_t error_at;
    bool understood; /* false: an error, or nested too deeply to be read */
};

/* lk_plpgsql_scan returns the pieces of the body at `span` of a text. They live in `mem`. */
struct lk_plpgsql lk_plpgsql_scan(TALLOC_CTX *mem, const char *text, struct lk_span span);

/*
 * lk_plpgsql_find_givers notes in a body's arms the pieces that their conditions have their values
 * from, where those are Boolean variables by themselves, or NOT and one: the only statement that
 * gives it one, always carried out before. 0: there is none, or it is not clear.
 */
void lk_plpgsql_find_givers(TALLOC_CTX *mem, struct lk_plpgsql *plpgsql, const char *text,
                            struct lk_span body);

#endif
