/*
 * cli/finding_text.c
 *     What a finding says: see finding_text.h.
 */
#include "cli/finding_text.h"

char *
lk_finding_text(TALLOC_CTX *mem, const struct lk_finding *finding, enum lk_clean how)
{
    const char *const parts[] = {finding->message, finding->detail, finding->hint};
    struct lk_buf text = lk_buf_init(mem);

    for (size_t i = 0; i < LK_ARRAY_SIZE(parts); i++) {
        if (parts[i] == NULL || parts[i][0] == '\0')
            continue;
        lk_buf_sep(&text, "\n\n");
        lk_buf_add(&text, parts[i]);
    }
    return lk_clean(mem, text.data, how);
}

bool
lk_finding_is_whole(const struct lk_finding *finding)
{
    return finding->excerpt == NULL;
}
