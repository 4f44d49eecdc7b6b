/*
 * rules/schema/sweep.c
 *     Frees what the history has left behind: see lk_catalog_sweep in catalog.h.
 *
 * A change of an object replaces texts, vectors and whole objects, and frees none of them: a
 * ROLLBACK may need the former state, and objects share what they point to. Between transactions
 * there is no former state. What is needed then is what pointers lead to from the catalog, and
 * every word in reach that is an address in a piece of memory is taken for such a pointer: at worst
 * something is kept for longer.
 */
#include "rules/schema/catalog_private.h"
#include "rules/schema/replay_private.h"

/* lk_catalog_tidy waits for at least so many pieces of memory that are not needed, it thinks. */
#define LEFT_BEHIND_MIN 16384

/* A piece of memory below catalog->objects. */
struct piece {
    uintptr_t start, end;
    size_t parent; /* its number */
    bool reached;
};

struct sweep {
    TALLOC_CTX *mem;
    LK_VEC(struct piece) pieces; /* each behind its parent */
    LK_VEC(size_t) path;         /* the number of the last one, and of those that it belongs to */
    struct piece **sorted;       /* by address */
    LK_VEC(const struct piece *) unread;
};

typedef uintptr_t __attribute__((may_alias)) word;

/* note_piece is called by talloc for each piece of memory, before what belongs to it. */
static void
note_piece(const void *memory, int depth, int max_depth, int is_reference, void *data)
{
    struct sweep *sweep = data;
    struct piece piece = {.start = (uintptr_t)memory, .parent = SIZE_MAX};

    (void)max_depth;
    (void)is_reference; /* there are none */
    piece.end = piece.start + talloc_get_size(memory);
    sweep->path.count = (size_t)depth;
    if (depth > 0)
        piece.parent = *lk_vec_last(&sweep->path);
    lk_vec_push(sweep->mem, &sweep->path, sweep->pieces.count);
    lk_vec_push(sweep->mem, &sweep->pieces, piece);
}

#define DIGIT_BITS 11

/* sort_by_digit puts pieces in the order of one digit of their distance from `first`. */
static void
sort_by_digit(struct piece **from, struct piece **to, size_t count, uintptr_t first, unsigned shift)
{
    size_t places[1 << DIGIT_BITS] = {0};
    size_t place = 0;

    for (size_t i = 0; i < count; i++)
        places[(from[i]->start - first) >> shift & (LK_ARRAY_SIZE(places) - 1)]++;
    for (size_t i = 0; i < LK_ARRAY_SIZE(places); i++) {
        size_t here = places[i];
        places[i] = place;
        place += here;
    }
    for (size_t i = 0; i < count; i++)
        to[places[(from[i]->start - first) >> shift & (LK_ARRAY_SIZE(places) - 1)]++] = from[i];
}

/* sort_pieces fills `sorted`: there are many, and they lie close together. */
static void
sort_pieces(struct sweep *sweep)
{
    size_t count = sweep->pieces.count;
    struct piece **other = lk_new_array(sweep->mem, struct piece *, count);
    uintptr_t first = UINTPTR_MAX, last = 0;

    sweep->sorted = lk_new_array(sweep->mem, struct piece *, count);
    for (size_t i = 0; i < count; i++) {
        sweep->sorted[i] = &sweep->pieces.items[i];
        first = LK_MIN(first, sweep->pieces.items[i].start);
        last = LK_MAX(last, sweep->pieces.items[i].start);
    }
    for (unsigned shift = 0; shift < 64 && (last - first) >> shift > 0; shift += DIGIT_BITS) {
        struct piece **from = sweep->sorted;
        sort_by_digit(from, other, count, first, shift);
        sweep->sorted = other;
        other = from;
    }
}

static struct sweep
gather(TALLOC_CTX *mem, const struct lk_catalog *catalog)
{
    struct sweep sweep = {.mem = mem};

    talloc_report_depth_cb(catalog->objects, 0, -1, note_piece, &sweep);
    sort_pieces(&sweep);
    return sweep;
}

/* find_piece returns the piece that an address lies in, or NULL. */
static struct piece *
find_piece(const struct sweep *sweep, uintptr_t address)
{
    size_t low = 0, high = sweep->pieces.count;

    while (low < high) { /* to the first one that starts behind it */
        size_t middle = low + (high - low) / 2;
        if (sweep->sorted[middle]->start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    struct piece *found = low > 0 ? sweep->sorted[low - 1] : NULL;
    return found != NULL && (address < found->end || address == found->start) ? found : NULL;
}

static void
reach(struct sweep *sweep, struct piece *piece)
{
    if (piece == NULL || piece->reached)
        return;
    piece->reached = true;
    lk_vec_push(sweep->mem, &sweep->unread, piece);
}

/* read_words reaches what the words of some memory point to. */
static void
read_words(struct sweep *sweep, uintptr_t start, uintptr_t end)
{
    uintptr_t first = sweep->sorted[0]->start;
    uintptr_t last = sweep->sorted[sweep->pieces.count - 1]->end;

    for (; start + sizeof(word) <= end; start += sizeof(word)) {
        uintptr_t address = *(const word *)start;
        if (address >= first && address <= last)
            reach(sweep, find_piece(sweep, address));
    }
}

/* reach_all reaches what the catalog leads to, and returns how many pieces those are. */
static size_t
reach_all(struct sweep *sweep, const struct lk_catalog *catalog)
{
    size_t count = 0;

    reach(sweep, &sweep->pieces.items[0]);
    read_words(sweep, (uintptr_t)catalog, (uintptr_t)(catalog + 1));
    for (; sweep->unread.count > 0; count++) {
        const struct piece *piece = sweep->unread.items[--sweep->unread.count];
        read_words(sweep, piece->start, piece->end);
    }
    return count;
}

static bool
is_reached(const void *memory, const void *data)
{
    const struct piece *piece = find_piece(data, (uintptr_t)memory);

    return piece != NULL && piece->reached;
}

/* free_rest frees what is not reached; what belongs to it and is reached finds another parent. */
static void
free_rest(const struct sweep *sweep, struct lk_catalog *catalog)
{
    const struct piece *pieces = sweep->pieces.items;

    for (size_t i = 1; i < sweep->pieces.count; i++)
        if (pieces[i].reached && !pieces[pieces[i].parent].reached)
            talloc_steal(catalog->objects, (void *)pieces[i].start);
    for (size_t i = 1; i < sweep->pieces.count; i++)
        if (!pieces[i].reached && pieces[pieces[i].parent].reached)
            talloc_free((void *)pieces[i].start);
}

/* forget_gone forgets relations that a relation once had to do with. */
static void
forget_gone(struct lk_relation *relation, void *data)
{
    const struct lk_catalog *catalog = data;
    LK_VEC(struct lk_relation *) *const vectors[] = {
        (void *)&relation->referrers, (void *)&relation->readers, (void *)&relation->sequences};

    for (size_t i = 0; i < LK_ARRAY_SIZE(vectors); i++) {
        size_t kept = 0;
        lk_vec_foreach(item, vectors[i])
            if (lk_is_there(catalog, *item))
                vectors[i]->items[kept++] = *item;
        for (size_t k = kept; k < vectors[i]->count; k++)
            vectors[i]->items[k] = NULL;
        vectors[i]->count = kept;
    }
}

void
lk_catalog_sweep(struct lk_catalog *catalog)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);

    if (catalog->undos.count > 0 || catalog->savepoints.count > 0)
        return;
    lk_replay_at(catalog, NULL, NULL);
    catalog->created = NULL;
    lk_catalog_relations(catalog, forget_gone, catalog);
    struct sweep sweep = gather(mem, catalog);
    catalog->kept = reach_all(&sweep, catalog);
    lk_names_keep(catalog, is_reached, &sweep);
    free_rest(&sweep, catalog);
    catalog->left_behind = 0;
}

void
lk_catalog_tidy(struct lk_catalog *catalog)
{
    if (catalog->left_behind > LK_MAX(catalog->kept, LEFT_BEHIND_MIN))
        lk_catalog_sweep(catalog);
}
