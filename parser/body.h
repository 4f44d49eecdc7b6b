/*
 * parser/body.h
 *     What a statement carries inside: the SQL in the body of a DO block, a function, a procedure.
 */
#ifndef LK_PARSER_BODY_H
#define LK_PARSER_BODY_H

#include "parser/fragment.h"
#include "parser/script.h"

/* When a statement in a body is carried out. */
enum lk_when {
    LK_WHEN_NOW,    /* with the statement that carries it */
    LK_WHEN_MAYBE,  /* then, on a condition; or it is taken back */
    LK_WHEN_CALLED, /* when somebody calls the routine */
};

/* One way that an IF can go. */
struct lk_arm {
    const struct Node *condition; /* SELECT of it; NULL: ELSE */
    bool negated;                 /* NOT of what that gives */
    const struct lk_arm *before;  /* of the same IF, whose condition is not true; or NULL */
    const struct lk_arm *around;  /* that the IF stands in, or NULL */
};

/* A statement in a body, also in a body in that body. */
struct lk_nested {
    struct lk_statement statement; /* its spans are of `source`, its index is the outermost one's */
    struct lk_source *source;      /* the file, or a text decoded from it */
    enum lk_when when;
    bool conditional; /* it need not be reached when its own body is executed */
    bool caught;      /* MAYBE, but carried out now unless the schema is in its way */
    bool certain;     /* the server reads it, and what is around it, with the outermost statement */
    bool decides;     /* it gives a variable its value that is the condition of arms: theirs, too */
    const struct lk_arm *arm; /* of MAYBE: that it is reached in, where that is all; or NULL */
    bool dynamic; /* an EXECUTE whose text is not known: without tree and without error */
    const struct Node *likely; /* of that: with LK_UNKNOWN_PART (constant.h) in names; or NULL */
};

struct lk_body {
    struct lk_fragment text;
    LK_VEC(struct lk_nested) items; /* in the order of the text */
};

/* lk_has_body returns whether a statement is of a kind that carries others. */
bool lk_has_body(const struct Node *tree);

/*
 * lk_body_read returns the body of a statement, or NULL where it is in a language that is not
 * known, or is no string constant. What is broken in it is a nested statement with an error: there
 * is an error only where the server refuses the outer statement, too.
 */
struct lk_body *lk_body_read(TALLOC_CTX *mem, struct lk_source *source,
                             const struct lk_statement *statement);

/*
 * lk_body_called is lk_body_read for CREATE FUNCTION or PROCEDURE as a call finds it: its
 * statements are carried out now. What is broken in it is left out.
 */
struct lk_body *lk_body_called(TALLOC_CTX *mem, struct lk_source *source,
                               const struct lk_statement *statement);

/*
 * lk_body_of is lk_body_read for a tree whose text is not at hand: what is in the body stands in a
 * source of its own, and what is broken in it is left out.
 */
struct lk_body *lk_body_of(TALLOC_CTX *mem, const struct Node *tree);

#endif
