/*
 * tests/differential/compare.c
 *     Comparing listings: see replay.h.
 */
#include "applier/listing.h"
#include "tests/differential/replay.h"

static struct lk_kind_score *
score_of(TALLOC_CTX *mem, struct lk_replayed *ret, const char *kind)
{
    lk_vec_foreach(score, &ret->kinds)
        if (strcmp(score->kind, kind) == 0)
            return score;
    struct lk_kind_score *score = lk_vec_add(mem, &ret->kinds);
    score->kind = lk_strdup(mem, kind);
    return score;
}

static bool
same_row(const struct lk_row *a, const struct lk_row *b)
{
    if (a->kind == NULL || b->kind == NULL)
        return a->kind == b->kind;
    return lk_row_order(a, b) == 0 && strcmp(a->value, b->value) == 0;
}

static struct lk_row
copy_row(TALLOC_CTX *mem, const struct lk_row *row)
{
    if (row == NULL)
        return (struct lk_row){0};
    return (struct lk_row){lk_strdup(mem, row->kind), lk_strdup(mem, row->identity),
                           lk_strdup(mem, row->property), lk_strdup(mem, row->value)};
}

/* note_difference keeps a difference when it is seen first. */
static void
note_difference(TALLOC_CTX *mem, struct lk_differences *ret, const char *place,
                const struct lk_row *server, const struct lk_row *replay)
{
    struct lk_difference it = {lk_strdup(mem, place), copy_row(mem, server), copy_row(mem, replay)};

    lk_vec_foreach(known, &ret->items)
        if (same_row(&known->server, &it.server) && same_row(&known->replay, &it.replay))
            return;
    lk_vec_push(mem, &ret->items, it);
}

struct scoring {
    TALLOC_CTX *mem;
    const char *place;
    struct lk_replayed *ret;
};

static void
score(void *data, const struct lk_row *server, const struct lk_row *replay, enum lk_row_match match)
{
    struct scoring *scoring = data;
    struct lk_kind_score *score =
        score_of(scoring->mem, scoring->ret, server != NULL ? server->kind : replay->kind);

    score->equal += match == LK_ROW_EQUAL;
    score->unknown += match == LK_ROW_UNKNOWN;
    score->different += match == LK_ROW_DIFFERENT;
    if (match == LK_ROW_EQUAL)
        return;
    note_difference(scoring->mem,
                    match == LK_ROW_UNKNOWN ? &scoring->ret->unknowns : &scoring->ret->differences,
                    scoring->place, server, replay);
}

void
lk_rows_score(TALLOC_CTX *mem, const struct lk_rows *server, const struct lk_rows *replay,
              const char *place, struct lk_replayed *ret)
{
    struct scoring scoring = {mem, place, ret};

    lk_rows_compare(server, replay, score, &scoring);
}

void
lk_rows_of_server(TALLOC_CTX *mem, PGconn *pg, struct lk_rows *ret)
{
    struct lk_error err = {0};

    if (!lk_listing_read(mem, pg, ret, &err))
        LK_BUG("%s", err.message);
}
