/*
 * parser/inset_private.h
 *     The search for what is no SQL, shared by those who know its kinds: see inset.h.
 */
#ifndef LK_PARSER_INSET_PRIVATE_H
#define LK_PARSER_INSET_PRIVATE_H

#include "parser/lexer.h"
#include "parser/source.h"

struct lk_inset_variable;

/* The state of the search. */
struct lk_inset_search {
    struct lk_source *source;
    struct lk_lexer lexer;
    struct lk_inset_variable *variables; /* a table of uthash */
    char *masked;                        /* NULL: nothing is masked yet */
    bool everywhere;
    bool envsub;   /* goose: ${NAME} is taken from the environment */
    bool surprise; /* variables have been set to what is known only when run */
    bool no_close; /* no }} stands behind here: not looked for again */
    bool no_mark;  /* nor does a line \. behind rows */
    unsigned brackets;
    unsigned words;  /* of the statement so far */
    bool create;     /* it starts with CREATE */
    bool routine;    /* it is a DO, or makes a function or procedure: dollar quotes hold code */
    bool copy;       /* it starts with COPY */
    bool from;       /* its last word was FROM, outside parentheses */
    bool stdin_rows; /* COPY ... FROM STDIN */
    unsigned parens;
    LK_VEC(uint32_t) copies; /* semicolons of those not yet sent, joined by \; */
    int version;             /* of the server that the script is for */
};

/* lk_inset_add adds an inset of that kind. */
struct lk_inset *lk_inset_add(struct lk_inset_search *search, enum lk_inset_kind kind,
                              struct lk_span span);

/* lk_inset_blank puts `text` at the start of a span and white space behind it; line ends stay. */
void lk_inset_blank(struct lk_inset_search *search, struct lk_span span, const char *text);

/* lk_inset_value returns the value of a variable at this point of the script, or NULL. */
const char *lk_inset_value(const struct lk_inset_search *search, const char *name);

/* lk_inset_set gives a variable a value from here on; NULL takes it away. */
void lk_inset_set(struct lk_inset_search *search, const char *name, const char *value);

/* lk_inset_command takes the psql command whose backslash stands at `at`. */
void lk_inset_command(struct lk_inset_search *search, uint32_t at);

/* lk_inset_semicolon ends a statement at the semicolon at `at`, and takes the rows it is sent. */
void lk_inset_semicolon(struct lk_inset_search *search, uint32_t at);

/* lk_is_inset_name_byte returns whether a byte can be in the name of a variable. */
static inline bool
lk_is_inset_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c & 0x80) != 0;
}

#endif
