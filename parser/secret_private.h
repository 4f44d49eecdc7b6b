/*
 * parser/secret_private.h
 *     What the files that find secrets share.
 */
#ifndef LK_PARSER_SECRET_PRIVATE_H
#define LK_PARSER_SECRET_PRIVATE_H

#include "parser/naming.h"

/* lk_secret_word returns the length of the word for secrets that a text starts with, or 0. */
size_t lk_secret_word(const char *text, size_t size);

/* Places in a text, in its order. */
struct lk_places {
    LK_VEC(uint32_t) items;
};

/*
 * lk_secrets_inserted adds the constants that INSERT puts into columns which are called like
 * secrets, or into tables that are, and those that functions for encryption are called with. In
 * each such word is one of the `places`.
 */
void lk_secrets_inserted(TALLOC_CTX *mem, const char *text, size_t size,
                         const struct lk_places *places, struct lk_spans *spans);

#endif
