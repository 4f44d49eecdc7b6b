/*
 * parser/inset_private.h
 *     The search for what is no SQL, shared by those who know its kinds: see inset.h.
 */
#ifndef LK_PARSER_INSET_PRIVATE_H
#define LK_PARSER_INSET_PRIVATE_H

#include "parser/lexer.h"
#include "parser/source.h"

struct lk_inset_variable;

/* What is known of the condition that a text stands under, between \if and \endif. */
enum lk_inset_branch_state {
    LK_BRANCH_TAKEN,
    LK_BRANCH_NOT_YET, /* nor was one before: the next may be */
    LK_BRANCH_OVER,    /* one before was, or all of the \if is skipped */
    LK_BRANCH_UNKNOWN, /* a value is missing: what stands here is read, and perhaps not run */
};

struct lk_inset_branch {
    size_t command; /* the inset of its \if */
    enum lk_inset_branch_state state;
    bool last; /* its \else has been */
};

/* A file whose text is searched, from the first \i to it on. */
struct lk_inset_file {
    struct lk_inset_file *outer; /* the file that includes it; NULL: the migration itself */
    struct lk_source *source;
    const char *real; /* its path without links; NULL: not needed yet */
    uint32_t start;   /* where its text is in the whole */
    LK_VEC(struct lk_inset_branch) branches;
    uint32_t skipped;  /* from here on, while its text is skipped */
    bool unterminated; /* it ends inside a literal, a name or a comment */
};

/* The state of the search. */
struct lk_inset_search {
    struct lk_source *source;
    struct lk_lexer lexer;
    struct lk_inset_file *file;
    const char *root; /* what lies below may be included; NULL: not looked for yet */
    bool repository;  /* that is a repository */
    unsigned includes;
    struct lk_inset_variable *variables; /* a table of uthash */
    char *masked;                        /* NULL: nothing is masked yet */
    bool everywhere;
    bool in_bodies;
    bool envsub;   /* goose: ${NAME} is taken from the environment */
    bool surprise; /* variables have been set to what is known only when run */
    bool no_close; /* no }} stands behind here: not looked for again */
    bool no_mark;  /* nor does a line \. behind rows */
    unsigned brackets;
    unsigned words;  /* of the statement so far */
    uint32_t start;  /* where that starts */
    bool joined;     /* statements before it wait to be sent with it */
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

/* lk_inset_placeholder is lk_inset_value for ${name}: Flyway takes its names in any case. */
const char *lk_inset_placeholder(const struct lk_inset_search *search, const char *name);

/* lk_inset_comes_from_database returns whether the applier puts a value in that the database tells
 * it. */
bool lk_inset_comes_from_database(const char *name);

/* lk_inset_set gives a variable a value from here on; NULL takes it away. */
void lk_inset_set(struct lk_inset_search *search, const char *name, const char *value);

/* lk_inset_question returns what :{?name} stands for: TRUE, FALSE, or NULL where that depends. */
const char *lk_inset_question(const struct lk_inset_search *search, const char *name);

/* lk_inset_forget makes the value of one variable unknown from here on. */
void lk_inset_forget(struct lk_inset_search *search, const char *name);

/*
 * lk_inset_forget_results makes unknown what \gset may have put into variables whose names start
 * with `prefix`: the columns of a query, whose text is a span of the source.
 */
void lk_inset_forget_results(struct lk_inset_search *search, const char *prefix,
                             struct lk_span query);

/* lk_inset_forget_all lets go of all variables at the end of the search. */
void lk_inset_forget_all(struct lk_inset_search *search);

/* lk_inset_text searches the text up to the lexer's end, which is one file's. */
void lk_inset_text(struct lk_inset_search *search);

/* lk_inset_command takes the psql command whose backslash stands at `at`. */
void lk_inset_command(struct lk_inset_search *search, uint32_t at);

/* lk_inset_semicolon ends a statement at the semicolon at `at`, and takes the rows it is sent. */
void lk_inset_semicolon(struct lk_inset_search *search, uint32_t at);

/* lk_inset_reset forgets the statement that has begun. */
void lk_inset_reset(struct lk_inset_search *search);

/* ---- \if ---- */

/* What an argument of a command says, as far as that is known. */
struct lk_inset_argument {
    char *text;          /* NULL: there is none */
    const char *missing; /* a variable without a value; NULL: none */
    bool unknown;        /* something else has a say: the shell, a value that is too long */
};

/* lk_inset_is_skipped returns whether the text at hand is in a branch that is not taken. */
bool lk_inset_is_skipped(const struct lk_inset_search *search);

/* lk_inset_is_certain returns whether the text at hand is run for sure. */
bool lk_inset_is_certain(const struct lk_inset_search *search);

/*
 * lk_inset_branch follows \if, \elif, \else or \endif, the inset at `index`; `condition` is what
 * stands behind the first two.
 */
void lk_inset_branch(struct lk_inset_search *search, size_t index,
                     const struct lk_inset_argument *condition);

/* lk_inset_skip masks the skipped text before `at`, and goes on with skipping from `next` on. */
void lk_inset_skip(struct lk_inset_search *search, uint32_t at, uint32_t next);

/* lk_inset_end_file ends the skipping and refuses each \if of the file that is still open. */
void lk_inset_end_file(struct lk_inset_search *search);

/* ---- \i ---- */

/* lk_inset_include includes the file that \i or \ir names, the inset at `index`; the lexer stands
 * behind it. */
void lk_inset_include(struct lk_inset_search *search, size_t index,
                      const struct lk_inset_argument *name);

/* lk_is_inset_name_byte returns whether a byte can be in the name of a variable. */
static inline bool
lk_is_inset_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c & 0x80) != 0;
}

#endif
