/*
 * parser/base/vec.c
 *     Growing of typed arrays: see vec.h.
 */
#include "parser/base/vec.h"

void *
lk_vec_grow(TALLOC_CTX *mem, void *items, size_t *capacity, size_t item_size)
{
    size_t wanted = LK_MAX(*capacity * 2, 8);
    size_t most = LK_MEM_MAX / item_size - 1; /* talloc wants fewer than fit */
    size_t full = *capacity;

    if (wanted > most && *capacity < most)
        wanted = most;
    items = lk_mem_check(_talloc_realloc_array(mem, items, item_size, wanted, __location__));
    *capacity = wanted;
    /* what looks for pointers in memory, rules/schema/sweep.c, is to find none there */
    memset((char *)items + full * item_size, 0, (wanted - full) * item_size);
    return items;
}
