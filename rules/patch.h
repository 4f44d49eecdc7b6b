/*
 * rules/patch.h
 *     Fixes carried out in memory, until none is left: what the files hold then.
 */
#ifndef LK_RULES_PATCH_H
#define LK_RULES_PATCH_H

#include "rules/engine.h"
#include "rules/fix.h"

/* A part of a file as it is in the end. */
struct lk_patch_part {
    const char *text;
    size_t at; /* where it is in the end */
    size_t size;
    bool kept; /* it stands in the file now, at `from` */
    size_t from;
};

/* A fix that was carried out. */
struct lk_patch_note {
    const struct lk_rule *rule;
    size_t place;  /* of the finding, in bytes, in the file as it is now */
    uint32_t line; /* there */
    const char *message;
};

struct lk_patched {
    const char *path;                   /* in the end */
    const char *former;                 /* what it is called now; NULL: it is made */
    struct lk_bytes before;             /* all of its bytes now */
    struct lk_bytes after;              /* and in the end */
    LK_VEC(struct lk_patch_part) parts; /* what that consists of */
    LK_VEC(struct lk_patch_note) notes; /* in the order of places */
};

struct lk_patch {
    bool unsafe;     /* fixes that change more than the flagged clause, too */
    bool stay;       /* none that make or rename files */
    size_t left_out; /* findings whose fix was not carried out: unsafe, or another file */
    bool unfinished; /* there were so many that it stopped: another run goes on */
    LK_VEC(struct lk_patched *) files; /* that change, in the order of their fixes */
};

/*
 * lk_patch_run carries out the fixes of a changelog, over and over, since one can make room for
 * another; nothing is written. `patch` says which, and gets what came of it, alive as long as
 * `mem`; the changelog stands for the files as they are in the end. It fails only when a file
 * cannot be read.
 */
bool lk_patch_run(TALLOC_CTX *mem, struct lk_changelog *changelog, const struct lk_walk *walk,
                  struct lk_patch *patch, struct lk_error *err) LK_MUST_CHECK;

#endif
