/*
 * parser/base/vec.c
 *     Growing of typed arrays: see vec.h.
 */
#include "parser/base/vec.h"

#define FEW 8 /* items that there is room for at first: most arrays have no more */

void *
lk_vec_grow(TALLOC_CTX *mem, void *items, size_t *capacity, size_t item_size)
{
    size_t full = *capacity, wanted = LK_MAX(full * 2, FEW);
    size_t most = LK_MEM_MAX / item_size - 1; /* talloc wants fewer than fit */

    if (wanted > most && full < most)
        wanted = most;
    *capacity = wanted;
    if (items == NULL)
        return lk_mem_check(talloc_zero_size(mem, wanted * item_size));
    items = lk_mem_check(talloc_realloc_size(mem, items, wanted * item_size));
    /* what looks for pointers in memory, rules/schema/sweep.c, is to find none there */
    memset((char *)items + full * item_size, 0, (wanted - full) * item_size);
    return items;
}
