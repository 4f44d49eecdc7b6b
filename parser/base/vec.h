/*
 * parser/base/vec.h
 *     Typed dynamic arrays: `LK_VEC(struct lk_span) spans;`, zero-initialised when empty.
 *
 * The items live in the context given to the pushes, and move when the array grows: keep indexes,
 * or pointers only once the array is complete.
 */
#ifndef LK_PARSER_BASE_VEC_H
#define LK_PARSER_BASE_VEC_H

#include <string.h>

#include "parser/base/mem.h"

#define LK_VEC(type)                                                                               \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

/* lk_vec_grow returns the items of a full vector with room for more; `capacity` is updated. */
void *lk_vec_grow(TALLOC_CTX *mem, void *items, size_t *capacity, size_t item_size);

#define LK_VEC_MAKE_ROOM(mem, vec)                                                                 \
    ((vec)->count < (vec)->capacity                                                                \
         ? (void)0                                                                                 \
         : (void)((vec)->items = lk_vec_grow((mem), (vec)->items, &(vec)->capacity,                \
                                             sizeof((vec)->items[0]))))

/* lk_vec_add appends a zeroed item and returns its address. */
#define lk_vec_add(mem, vec)                                                                       \
    (LK_VEC_MAKE_ROOM(mem, vec),                                                                   \
     (__typeof__((vec)->items))memset(&(vec)->items[(vec)->count++], 0, sizeof((vec)->items[0])))

#define lk_vec_push(mem, vec, value)                                                               \
    (LK_VEC_MAKE_ROOM(mem, vec), (void)((vec)->items[(vec)->count++] = (value)))

#define lk_vec_last(vec) (&(vec)->items[(vec)->count - 1])

/* lk_vec_foreach visits the items of a vector in order; `item` is a pointer declared here. */
#define lk_vec_foreach(item, vec)                                                                  \
    for (__typeof__((vec)->items + 0) item = (vec)->items;                                         \
         (vec)->items != NULL && item < (vec)->items + (vec)->count; item++)

#endif
