/*
 * parser/difference.h
 *     What differs between two texts of a migration.
 */
#ifndef LK_PARSER_DIFFERENCE_H
#define LK_PARSER_DIFFERENCE_H

#include "parser/naming.h"

enum lk_difference_kind {
    LK_DIFFERENCE_NONE,   /* all bytes are the same, but for a byte order mark */
    LK_DIFFERENCE_LAYOUT, /* comments and blanks: every token is the same */
    LK_DIFFERENCE_DOWN,   /* the tokens of what is applied are the same, others are not */
    LK_DIFFERENCE_UP,     /* what is applied */
};

struct lk_difference {
    enum lk_difference_kind kind;
    struct lk_span at; /* of UP: the first token of `now` that is another; empty: not known */
};

/*
 * lk_difference_of compares two texts under a convention (NULL: all of them is applied). Where
 * something is no SQL, as the rows behind COPY, blanks can mean something: any change is of UP
 * then.
 */
struct lk_difference lk_difference_of(const struct lk_naming *naming, struct lk_source *then,
                                      struct lk_source *now);

#endif
