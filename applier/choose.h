/*
 * applier/choose.h
 *     Which migrations people mean.
 */
#ifndef LK_APPLIER_CHOOSE_H
#define LK_APPLIER_CHOOSE_H

#include "applier/status.h"

/*
 * lk_choose_named returns the migration that is called so: by its script, its version, or its path.
 * None, or several, is an error of code USAGE.
 */
const struct lk_status_item *lk_choose_named(TALLOC_CTX *mem, const struct lk_status *status,
                                             const char *name, struct lk_error *err);

/* A migration to be taken back. */
struct lk_undo {
    const struct lk_status_item *item;
    const struct lk_migration *down; /* what takes it back: an undo file, or its own second part */
    bool own;                        /* the latter */
};

struct lk_undos {
    LK_VEC(struct lk_undo) items;
};

/*
 * lk_choose_undos returns what to take back, in that order: the last `steps` applied migrations,
 * or with `to` those above that version ("0": all). One without a way back is an error that names
 * it, as is one that stopped half way.
 */
bool lk_choose_undos(TALLOC_CTX *mem, const struct lk_status *status, const char *to, size_t steps,
                     struct lk_undos *ret, struct lk_error *err) LK_MUST_CHECK;

#endif
