/*
 * parser/stand_in.c
 *     Names that stand for placeholders: see stand_in.h.
 */
#include "parser/stand_in.h"

#include <ctype.h>

#include "parser/base/buf.h"

/* So many are told apart: each name in what is said is compared with all of them. */
#define MOST 500

/* is_word returns whether a byte can be part of a name that is not delimited. */
static bool
is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (c & 0x80) != 0;
}

/* word_around returns the word that an inset is in, or is. */
static struct lk_span
word_around(const struct lk_source *source, struct lk_span span)
{
    while (span.start > 0 && is_word(source->text[span.start - 1]))
        span.start--;
    while (span.end < source->size && is_word(source->text[span.end]))
        span.end++;
    return span;
}

static void
add(TALLOC_CTX *mem, struct lk_stand_ins *known, char *name, const char *written)
{
    size_t at = 0, length = strlen(name);

    for (char *c = name; *c != '\0'; c++)
        *c = (char)((*c & 0x80) != 0 ? *c : tolower((unsigned char)*c));
    for (; at < known->items.count && strlen(known->items.items[at].name) >= length; at++)
        if (strcmp(known->items.items[at].name, name) == 0)
            return;
    if (known->items.count == MOST)
        return;
    lk_vec_push(mem, &known->items, ((struct lk_stand_in){name, written}));
    struct lk_stand_in *items = known->items.items, added = items[known->items.count - 1];
    memmove(items + at + 1, items + at, (known->items.count - 1 - at) * sizeof(*items));
    items[at] = added;
}

void
lk_stand_ins_add(TALLOC_CTX *mem, struct lk_stand_ins *known, const struct lk_source *source)
{
    lk_vec_foreach(inset, &source->insets.items) {
        struct lk_span span = inset->span;
        if (!lk_inset_is_value(inset) || inset->quoted || source->text[span.start] != '_' ||
            memchr(source->original + span.start, '\n', span.end - span.start) != NULL)
            continue;
        span = word_around(source, span);
        add(mem, known, lk_strndup(mem, source->text + span.start, span.end - span.start),
            lk_strndup(mem, source->original + span.start, span.end - span.start));
    }
}

/* is_at returns whether a name stands at an offset of a text, by itself or as a part of one that
 * was made of it. */
static bool
is_at(const char *text, size_t at, const char *name)
{
    size_t length = strlen(name);

    return strncmp(text + at, name, length) == 0 &&
           (text[at + length] == '_' || !is_word(text[at + length]));
}

const char *
lk_stand_ins_show(TALLOC_CTX *mem, const struct lk_stand_ins *known, const char *text)
{
    struct lk_buf shown = {0};
    size_t done = 0;

    for (size_t at = 0; text[at] != '\0'; at++) {
        if (at > 0 && text[at - 1] != '_' && is_word(text[at - 1]))
            continue;
        lk_vec_foreach(each, &known->items) {
            if (!is_at(text, at, each->name))
                continue;
            if (done == 0)
                shown = lk_buf_init(mem);
            lk_buf_addn(&shown, text + done, at - done);
            lk_buf_add(&shown, each->written);
            at += strlen(each->name) - 1;
            done = at + 1;
            break;
        }
    }
    if (done == 0)
        return text;
    lk_buf_add(&shown, text + done);
    return shown.data;
}
