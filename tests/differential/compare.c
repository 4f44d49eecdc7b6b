/*
 * tests/differential/compare.c
 *     Comparing listings: see replay.h.
 */
#include "parser/base/file.h"
#include "tests/differential/replay.h"

static int
order(const struct lk_row *a, const struct lk_row *b)
{
    int result = strcmp(a->kind, b->kind);

    if (result == 0)
        result = strcmp(a->identity, b->identity);
    return result == 0 ? strcmp(a->property, b->property) : result;
}

static int
by_key(const void *a, const void *b)
{
    return order(a, b);
}

/* unquote removes the quotes of names that need none: which words are reserved differs. */
static void
unquote(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0';) {
        size_t length = *at == '"' ? strcspn(at + 1, "\"") : 0;
        size_t plain = *at == '"' ? strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;
        bool is_plain = length > 0 && plain == length && at[1 + length] == '"' &&
                        strchr("0123456789", at[1]) == NULL && (at == text || at[-1] != '"');
        size_t skip = is_plain;
        at += skip;
        length = is_plain ? length : 1;
        memmove(to, at, length);
        to += length;
        at += length + skip;
    }
    *to = '\0';
}

static void
unquote_names(TALLOC_CTX *mem, struct lk_row_names *names)
{
    for (size_t i = 0; i < names->items.count; i++) {
        char *identity = lk_strdup(mem, names->items.items[i]);
        unquote(identity);
        names->items.items[i] = identity;
    }
}

void
lk_rows_sort(TALLOC_CTX *mem, struct lk_rows *rows)
{
    lk_vec_foreach(row, &rows->items) {
        char *identity = lk_strdup(mem, row->identity), *value = lk_strdup(mem, row->value);
        unquote(identity);
        row->identity = identity;
        if (strcmp(row->property, "comment") != 0)
            unquote(value);
        row->value = value;
    }
    unquote_names(mem, &rows->vague);
    unquote_names(mem, &rows->doubtful);
    if (rows->items.count > 0)
        qsort(rows->items.items, rows->items.count, sizeof(rows->items.items[0]), by_key);
}

static const char *
field(TALLOC_CTX *mem, const PGresult *result, int tuple, int column)
{
    return lk_strdup(mem, PQgetvalue(result, tuple, column));
}

void
lk_rows_of_server(TALLOC_CTX *mem, PGconn *pg, struct lk_rows *ret)
{
    struct lk_bytes query;
    struct lk_error err = {0};

    if (!lk_file_read(mem, LK_SOURCE_DIR "/tests/differential/catalog.sql", &query, &err))
        LK_BUG("%s", err.message);
    /* types are shown with the schemas that search_path does not name */
    PQclear(PQexec(pg, "BEGIN"));
    PQclear(PQexec(pg, "SET LOCAL search_path = ''"));
    PGresult *result = PQexec(pg, query.data);

    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        LK_BUG("cannot read the catalogs: %s", PQerrorMessage(pg));
    for (int i = 0; i < PQntuples(result); i++)
        if (!PQgetisnull(result, i, 3))
            lk_vec_push(mem, &ret->items,
                        ((struct lk_row){field(mem, result, i, 0), field(mem, result, i, 1),
                                         field(mem, result, i, 2), field(mem, result, i, 3)}));
    PQclear(result);
    PQclear(PQexec(pg, "ROLLBACK"));
    lk_rows_sort(mem, ret);
}

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

/* is_vague returns whether a row is of a part of a relation that is not known as a whole. */
static bool
is_vague(const struct lk_row_names *names, const char *identity)
{
    lk_vec_foreach(vague, &names->items) {
        size_t length = strlen(*vague);
        if (strncmp(identity, *vague, length) == 0 &&
            (identity[length] == '\0' || identity[length] == '.'))
            return true;
    }
    return false;
}

static bool
same_row(const struct lk_row *a, const struct lk_row *b)
{
    if (a->kind == NULL || b->kind == NULL)
        return a->kind == b->kind;
    return order(a, b) == 0 && strcmp(a->value, b->value) == 0;
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
note_difference(TALLOC_CTX *mem, struct lk_replayed *ret, const char *place,
                const struct lk_row *server, const struct lk_row *replay)
{
    struct lk_difference it = {lk_strdup(mem, place), copy_row(mem, server), copy_row(mem, replay)};

    lk_vec_foreach(known, &ret->differences)
        if (same_row(&known->server, &it.server) && same_row(&known->replay, &it.replay))
            return;
    lk_vec_push(mem, &ret->differences, it);
}

void
lk_rows_compare(TALLOC_CTX *mem, const struct lk_rows *server, const struct lk_rows *replay,
                const char *place, struct lk_replayed *ret)
{
    size_t i = 0, k = 0;

    while (i < server->items.count || k < replay->items.count) {
        const struct lk_row *a = i < server->items.count ? &server->items.items[i] : NULL;
        const struct lk_row *b = k < replay->items.count ? &replay->items.items[k] : NULL;
        int way = a == NULL ? 1 : (b == NULL ? -1 : order(a, b));
        struct lk_kind_score *score = score_of(mem, ret, way <= 0 ? a->kind : b->kind);

        i += way <= 0;
        k += way >= 0;
        if (way == 0 && strcmp(a->value, b->value) == 0) {
            score->equal++;
        } else if ((way == 0 && strchr(b->value, '?') != NULL) ||
                   (way > 0 && strchr(b->value, '?') != NULL) ||
                   (way < 0 && is_vague(&replay->vague, a->identity)) ||
                   is_vague(&replay->doubtful, way <= 0 ? a->identity : b->identity)) {
            score->unknown++;
        } else {
            score->different++;
            note_difference(mem, ret, place, way <= 0 ? a : NULL, way >= 0 ? b : NULL);
        }
    }
}
