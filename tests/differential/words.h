/*
 * tests/differential/words.h
 *     Sorted sets of words, which is what measured and predicted things are compared as.
 */
#ifndef LK_TESTS_DIFFERENTIAL_WORDS_H
#define LK_TESTS_DIFFERENTIAL_WORDS_H

#include "parser/base/vec.h"

struct lk_words {
    LK_VEC(char *) items;
};

/* lk_words_split adds the words of a list; `separator` stands between them. */
void lk_words_split(TALLOC_CTX *mem, struct lk_words *words, const char *list, char separator);

/* lk_words_add adds a copy of a word. */
void lk_words_add(TALLOC_CTX *mem, struct lk_words *words, const char *word);

/* lk_words_joined returns the words in order, each once, joined by blanks. */
char *lk_words_joined(TALLOC_CTX *mem, struct lk_words *words);

/* lk_words_have returns whether the set has a word. */
bool lk_words_have(const struct lk_words *words, const char *word);

#endif
