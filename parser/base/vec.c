/*
 * parser/base/vec.c
 *     Growing of typed arrays: see vec.h.
 */
#include "parser/base/vec.h"

void *
lk_vec_grow(TALLOC_CTX *mem, void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count == *capacity) {
        size_t wanted = LK_MAX(*capacity * 2, 8);
        size_t most = LK_MEM_MAX / item_size - 1; /* talloc wants fewer than fit */

        if (wanted > most && *capacity < most)
            wanted = most;

        items = lk_mem_check(_talloc_realloc_array(mem, items, item_size, wanted, __location__));
        *capacity = wanted;
        memset((char *)items + count * item_size, 0, (wanted - count) * item_size);
    } else {
        memset((char *)items + count * item_size, 0, item_size);
    }
    return items;
}
