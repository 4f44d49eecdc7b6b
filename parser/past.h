/*
 * parser/past.h
 *     What the migrations of a changelog were at an earlier time: facts that rules compare with.
 *     Where they come from is not known here.
 */
#ifndef LK_PARSER_PAST_H
#define LK_PARSER_PAST_H

#include "parser/changelog.h"

/* What became of a migration of the past. */
struct lk_former {
    uint32_t ordinal;     /* of the migration that it is now; 0: it is none any more */
    bool gone;            /* it is none because its file was removed or called otherwise */
    struct lk_bytes text; /* its bytes then, where they are others now; data NULL: the same */
    const char *included; /* a file that it includes and that is another one now; NULL: none */
};

struct lk_past {
    const char *name;                 /* what people call that time: "origin/main" */
    const struct lk_changelog *base;  /* the migrations where the work at hand branched off */
    const struct lk_changelog *tip;   /* those that are there by now; the base's or more */
    struct lk_former *formers;        /* one for each migration of `base`, in its order */
    const struct lk_former **origins; /* by ordinal of now: what it was; NULL: it is new */
};

/* A file that was called otherwise; paths as in the changelogs. */
struct lk_renaming {
    const char *from;
    const char *to;
};

struct lk_renamings {
    LK_VEC(struct lk_renaming) items;
};

/*
 * lk_past_new returns the past of a sorted changelog, each of its migrations paired with one of
 * `base` where there is one: of the same path, by a renaming, or of the same version. The folders
 * of all three are the same ones in the same order. Whether a text changed, and what is gone, is
 * left to be filled in.
 */
struct lk_past *lk_past_new(TALLOC_CTX *mem, const char *name, const struct lk_changelog *changelog,
                            const struct lk_changelog *base, const struct lk_changelog *tip,
                            const struct lk_renamings *renamings);

/* lk_past_of returns what a migration was, NULL where it is new; *ret_then is its name of then. */
const struct lk_former *lk_past_of(const struct lk_past *past, const struct lk_migration *migration,
                                   const struct lk_migration **ret_then);

/* lk_past_find returns the migration at `path` of a changelog, or NULL. */
const struct lk_migration *lk_past_find(const struct lk_changelog *changelog, const char *path);

/* lk_same_migration returns whether two are one to a runner: folder, kind and version, or
 * description. */
bool lk_same_migration(const struct lk_migration *left, const struct lk_migration *right);

/*
 * lk_is_still returns whether what a migration has become is the same one to a runner: also in
 * another folder.
 */
bool lk_is_still(const struct lk_migration *then, const struct lk_migration *now);

#endif
