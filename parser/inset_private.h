/*
 * parser/inset_private.h
 *     What the search for insets shares with the part of it that knows psql.
 */
#ifndef LK_PARSER_INSET_PRIVATE_H
#define LK_PARSER_INSET_PRIVATE_H

#include "parser/inset.h"
#include "parser/lexer.h"
#include "parser/source.h"

/* The state of the search through a source. */
struct lk_inset_search {
    struct lk_source *source;
    struct lk_lexer lexer;
    struct lk_values values;
    char *masked; /* NULL: nothing is masked yet */
    bool everywhere;
    bool envsub;   /* goose: ${NAME} is taken from the environment */
    bool surprise; /* variables have been set to what is known only when run */
    unsigned brackets;
    unsigned words; /* of the statement so far */
    bool create;    /* the statement starts with CREATE */
    bool routine; /* it is a DO, or creates a function or procedure: its dollar quotes hold code */
    bool copy;    /* it starts with COPY */
    bool from;    /* its last word was FROM, outside parentheses */
    bool stdin_rows; /* COPY ... FROM STDIN */
    unsigned parens;
    int version; /* of the server that the script is for */
};

/* lk_inset_is_name_byte returns whether a byte can be part of a name that is not delimited. */
static inline bool
lk_inset_is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c & 0x80) != 0;
}

/* lk_inset_add adds an inset; the result is good until the next one is added. */
struct lk_inset *lk_inset_add(struct lk_inset_search *search, enum lk_inset_kind kind,
                              struct lk_span span);

/* lk_inset_blank puts `text` at the start of a span and white space behind it; line ends stay. */
void lk_inset_blank(struct lk_inset_search *search, struct lk_span span, const char *text);

/* lk_inset_set_value gives a variable or placeholder a value from here on; NULL takes it away. */
void lk_inset_set_value(struct lk_inset_search *search, const char *name, const char *value);

/* lk_inset_start_statement forgets what was seen of the statement before. */
void lk_inset_start_statement(struct lk_inset_search *search);

/* lk_psql_take_command takes the command whose backslash stands at `at`. */
void lk_psql_take_command(struct lk_inset_search *search, uint32_t at);

/* lk_psql_take_rows takes the rows of the COPY whose semicolon stands at `owner`, if they follow.
 */
void lk_psql_take_rows(struct lk_inset_search *search, uint32_t owner);

#endif
