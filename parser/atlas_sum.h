/*
 * parser/atlas_sum.h
 *     atlas.sum: which files a folder of migrations has, in which order, with which content.
 */
#ifndef LK_PARSER_ATLAS_SUM_H
#define LK_PARSER_ATLAS_SUM_H

#include "parser/base/file.h"

#define LK_ATLAS_SUM "atlas.sum"

struct lk_atlas_entry {
    uint32_t line; /* from 1 */
    const char *file;
    const char *hash; /* base64 */
};

struct lk_atlas_sum {
    const char *total; /* of the first line, base64; NULL: that is no sum */
    LK_VEC(struct lk_atlas_entry) entries;
};

/* lk_atlas_sum_read returns in `ret` the sums of a folder; false when it has none. */
bool lk_atlas_sum_read(TALLOC_CTX *mem, const char *folder, struct lk_atlas_sum *ret);

enum lk_atlas_verdict {
    LK_ATLAS_SAME,
    LK_ATLAS_CHANGED, /* the file is not the one that was summed up */
    LK_ATLAS_MISSING, /* the file is not there */
    LK_ATLAS_BROKEN,  /* the total is not that of the entries: the sums themselves were edited */
};

/*
 * lk_atlas_sum_check compares the files of a folder with its sums and returns the first
 * difference; `*ret_entry` is the entry it is in, NULL for BROKEN.
 */
enum lk_atlas_verdict lk_atlas_sum_check(const struct lk_atlas_sum *sum, const char *folder,
                                         const struct lk_atlas_entry **ret_entry);

/*
 * lk_atlas_sum_with returns the content of atlas.sum with a file that has been added to the folder;
 * NULL where the sums did not agree with the files before: that is not to be papered over.
 */
char *lk_atlas_sum_with(TALLOC_CTX *mem, const char *folder, const char *file);

#endif
