/*
 * rules/schema/literal.h
 *     What the input functions of the server's own types say of a string.
 *
 * The server calls them when it reads a statement that has the string as a constant, whether what
 * it stands in is carried out or not. Told is what is certain whatever the session's settings: a
 * date of another form than 2024-01-31, for example, may be one.
 */
#ifndef LK_RULES_SCHEMA_LITERAL_H
#define LK_RULES_SCHEMA_LITERAL_H

#include "parser/base/vec.h"

struct lk_literal {
    TALLOC_CTX *mem; /* of the message */
    const char *text;
    unsigned version;     /* of the server; 0: not known */
    const char *sqlstate; /* where it is refused */
    const char *message;  /* as the server words it */
};

/*
 * lk_literal_is_refused returns whether a string is no value of a type, LK_BT_* or an array of one,
 * and then fills in the SQLSTATE and the message; false, too, where that is not known.
 */
bool lk_literal_is_refused(struct lk_literal *literal, uint16_t type);

struct lk_array_elements {
    LK_VEC(const char *) items; /* NULL is left out */
};

/*
 * lk_literal_elements finds the elements of an array of one dimension. It returns false, with
 * SQLSTATE and message, where the string is no array; true with no elements where it has more
 * dimensions, or bounds of its own.
 */
bool lk_literal_elements(struct lk_literal *literal, struct lk_array_elements *ret);

/* lk_literal_refuse fills in what the server says, and returns true. */
bool lk_literal_refuse(struct lk_literal *literal, const char *sqlstate, const char *format, ...)
    LK_PRINTF(3, 4);

/* lk_literal_skip returns where a text goes on behind what isspace() calls space. */
const char *lk_literal_skip(const char *text);

/* lk_literal_is_end returns whether nothing but space is left. */
bool lk_literal_is_end(const char *text);

/* literal_json.c: lk_json_is_valid returns whether a text is a JSON value, or too deep to tell. */
bool lk_json_is_valid(const char *text);

/* literal_time.c: dates and times; `type` is what messages call it. */
bool lk_literal_is_no_time(struct lk_literal *literal, const char *type);
bool lk_literal_is_no_date(struct lk_literal *literal, const char *type);
bool lk_literal_is_no_interval(struct lk_literal *literal, const char *type);

#endif
