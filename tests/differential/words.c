/*
 * tests/differential/words.c
 *     Sets of words: see words.h.
 */
#include "tests/differential/words.h"

#include "parser/base/buf.h"

void
lk_words_split(TALLOC_CTX *mem, struct lk_words *words, const char *list, char separator)
{
    const char delimiters[] = {separator, '\0'};

    if (strcmp(list, "none") == 0 || strcmp(list, "-") == 0)
        return;
    for (const char *at = list; *at != '\0'; at += strspn(at, delimiters)) {
        size_t length = strcspn(at, delimiters);
        lk_vec_push(mem, &words->items, lk_strndup(mem, at, length));
        at += length;
    }
}

void
lk_words_add(TALLOC_CTX *mem, struct lk_words *words, const char *word)
{
    lk_vec_push(mem, &words->items, lk_strdup(mem, word));
}

static int
compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char *
lk_words_joined(TALLOC_CTX *mem, struct lk_words *words)
{
    struct lk_buf text = lk_buf_init(mem);
    const char *previous = "";

    if (words->items.count > 0)
        qsort(words->items.items, words->items.count, sizeof(char *), compare);
    lk_vec_foreach(word, &words->items) {
        if (strcmp(previous, *word) != 0)
            lk_buf_addf(&text, "%s%s", text.len > 0 ? " " : "", *word);
        previous = *word;
    }
    return text.data != NULL ? text.data : lk_strdup(mem, "");
}

bool
lk_words_have(const struct lk_words *words, const char *word)
{
    lk_vec_foreach(known, &words->items)
        if (strcmp(*known, word) == 0)
            return true;
    return false;
}
