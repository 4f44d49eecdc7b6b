/*
 * cli/diff_text.c
 *     What has become of a text: see diff_text.h.
 *
 * The fewest lines that go and come, by E. W. Myers, "An O(ND) Difference Algorithm and Its
 * Variations" (1986), for texts that have much in common; of others the middle changes as a whole.
 */
#include "cli/diff_text.h"

#include "cli/hunks.h"

#define MOST_CHANGES 1500 /* lines; the search takes as many of these squared */

struct texts {
    TALLOC_CTX *mem;
    struct lk_lines old, new;
    size_t first;      /* lines that are the same at the beginning */
    size_t olds, news; /* what is between those and the ones at the end that are the same */
    struct lk_line_changes changes;
};

static bool
same_line(const struct texts *texts, size_t old, size_t new)
{
    const size_t *left = texts->old.starts.items + old, *right = texts->new.starts.items + new;
    size_t size = left[1] - left[0];

    return size == right[1] - right[0] &&
           memcmp(texts->old.text + left[0], texts->new.text + right[0], size) == 0;
}

/* trim leaves what is the same at both ends out. */
static void
trim(struct texts *texts)
{
    size_t olds = texts->old.count, news = texts->new.count;

    while (texts->first < LK_MIN(olds, news) && same_line(texts, texts->first, texts->first))
        texts->first++;
    while (olds > texts->first && news > texts->first && same_line(texts, olds - 1, news - 1)) {
        olds--;
        news--;
    }
    texts->olds = olds - texts->first;
    texts->news = news - texts->first;
}

/* add_change adds lines that go and come; of two that touch, one is made. */
static void
add_change(struct texts *texts, struct lk_line_change change)
{
    struct lk_line_change *last =
        texts->changes.items.count > 0 ? lk_vec_last(&texts->changes.items) : NULL;

    if (last != NULL && last->old + last->olds == change.old &&
        last->new + last->news == change.new) {
        last->olds += change.olds;
        last->news += change.news;
        return;
    }
    lk_vec_push(texts->mem, &texts->changes.items, change);
}

/* follow_back adds the changes of a path through the table of both texts, from its end. */
static void
follow_back(struct texts *texts, int32_t *const *ends, int32_t steps)
{
    int32_t x = (int32_t)texts->olds, y = (int32_t)texts->news;
    LK_VEC(struct lk_line_change) reversed = {0};

    for (int32_t d = steps; d > 0; d--) {
        const int32_t *before = ends[d - 1] + (d - 1);
        int32_t k = x - y;
        bool down = k == -d || (k != d && before[k - 1] < before[k + 1]);
        int32_t from = down ? k + 1 : k - 1;
        x = before[from];
        y = x - from;
        lk_vec_push(texts->mem, &reversed,
                    ((struct lk_line_change){texts->first + (size_t)x, down ? 0 : 1,
                                             texts->first + (size_t)y, down ? 1 : 0}));
    }
    for (size_t i = reversed.count; i-- > 0;)
        add_change(texts, reversed.items[i]);
}

/*
 * advance returns how far the diagonal `k` is reached with `d` changes; before[] is how far with
 * one less.
 */
static int32_t
advance(const struct texts *texts, const int32_t *before, int32_t d, int32_t k)
{
    int32_t x = 0;

    if (d > 0)
        x = k == -d || (k != d && before[k - 1] < before[k + 1]) ? before[k + 1]
                                                                 : before[k - 1] + 1;
    while (x < (int32_t)texts->olds && x - k < (int32_t)texts->news && x - k >= 0 &&
           same_line(texts, texts->first + (size_t)x, texts->first + (size_t)(x - k)))
        x++;
    return x;
}

/* search finds the fewest changes; false where there are too many. */
static bool
search(struct texts *texts)
{
    int32_t **ends = lk_new_array(texts->mem, int32_t *, MOST_CHANGES + 1);
    int32_t goal = (int32_t)texts->olds - (int32_t)texts->news;

    for (int32_t d = 0; d <= MOST_CHANGES; d++) {
        ends[d] = lk_new_array(texts->mem, int32_t, (size_t)(2 * d + 1));
        int32_t *now = ends[d] + d;
        for (int32_t k = -d; k <= d; k += 2) {
            now[k] = advance(texts, d > 0 ? ends[d - 1] + (d - 1) : NULL, d, k);
            if (k == goal && now[k] >= (int32_t)texts->olds) {
                follow_back(texts, ends, d);
                return true;
            }
        }
    }
    return false;
}

char *
lk_diff_texts(TALLOC_CTX *mem, const char *before, const char *after)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *text = NULL;
    size_t size = 0;
    struct texts texts = {
        .mem = scratch,
        .old = lk_lines_of(scratch, (struct lk_bytes){(char *)(uintptr_t)before, strlen(before)}),
        .new = lk_lines_of(scratch, (struct lk_bytes){(char *)(uintptr_t)after, strlen(after)}),
    };
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        LK_BUG("out of memory");
    trim(&texts);
    if ((texts.olds > 0 && texts.news > 0 && !search(&texts)) ||
        (texts.olds == 0) != (texts.news == 0))
        add_change(&texts,
                   (struct lk_line_change){texts.first, texts.olds, texts.first, texts.news});
    lk_hunks_print(stream, &texts.old, &texts.new, &texts.changes);
    if (fclose(stream) != 0)
        LK_BUG("out of memory");
    char *ret = lk_strdup(mem, text);
    free(text);
    return ret;
}
