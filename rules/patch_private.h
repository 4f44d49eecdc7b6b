/*
 * rules/patch_private.h
 *     Texts that fixes change, for those who choose the fixes.
 */
#ifndef LK_RULES_PATCH_PRIVATE_H
#define LK_RULES_PATCH_PRIVATE_H

#include "rules/patch.h"

/* What a file consists of, in its order. */
struct lk_patch_parts {
    LK_VEC(struct lk_patch_part) items;
};

/* Edits of a file, in its order; those at one place in the order in which they are made. */
struct lk_edits {
    LK_VEC(struct lk_edit) items;
};

/* lk_patched_new returns a file that is as it was; it has the bytes, and takes them along. */
struct lk_patched *lk_patched_new(TALLOC_CTX *mem, const char *path, struct lk_bytes bytes);

/* lk_patched_place returns where an offset behind a byte order mark of the text at hand is in the
 * file as it is now; what is not in there has a place behind its end. */
size_t lk_patched_place(const struct lk_patched *file, uint32_t offset);

/* lk_patched_number gives the notes of a file their lines. */
void lk_patched_number(struct lk_patched *file);

/* lk_patched_edit returns a file's parts with edits made. */
struct lk_patch_parts lk_patched_edit(TALLOC_CTX *mem, const struct lk_patched *file,
                                      const struct lk_edits *edits);

/* lk_patch_join returns the text that parts make. */
struct lk_bytes lk_patch_join(TALLOC_CTX *mem, const struct lk_patch_parts *parts);

/* lk_with_ends returns a text with \n at the ends of its lines, or \r\n. */
char *lk_with_ends(TALLOC_CTX *mem, const char *text, bool carriage_returns);

/* lk_has_carriage_returns returns whether a file's lines end with \r\n. */
bool lk_has_carriage_returns(struct lk_bytes bytes);

#endif
