/*
 * cli/git.h
 *     What the git program says about a folder: the only file that knows git.
 */
#ifndef LK_CLI_GIT_H
#define LK_CLI_GIT_H

#include "parser/base/err.h"
#include "parser/base/file.h"

/* What a file became since the merge base. Paths are relative to the root, with slashes. */
struct lk_git_change {
    const char *from;
    const char *to; /* NULL: it has no other name */
    bool removed;   /* the file of the name `from` is not there, or not known to git */
    bool same;      /* git says that every byte is the same */
};

struct lk_git_paths {
    LK_VEC(const char *) items;
};

/* The repository of a folder, at a revision. */
struct lk_git {
    const char *root;     /* absolute */
    const char *revision; /* as people wrote it */
    const char *tip;      /* the commit that this is */
    const char *base;     /* the one where the work tree's history and that one's meet */
    LK_VEC(struct lk_git_change) changes; /* of SQL files, from the base to the work tree */
};

/*
 * lk_git_open looks `revision` up in the repository that `folder` is in the work tree of, and
 * compares. It fails, of code USAGE, where there is no repository, no such revision or no merge
 * base; the hint says how to get the latter into a shallow clone.
 */
struct lk_git *lk_git_open(TALLOC_CTX *mem, const char *folder, const char *revision,
                           struct lk_error *err);

/* lk_git_root returns the root of the work tree that `folder` is in. */
char *lk_git_root(TALLOC_CTX *mem, const char *folder, struct lk_error *err);

/* lk_git_prefix returns the path from the root to `folder`: "" or with a slash at its end. */
char *lk_git_prefix(TALLOC_CTX *mem, const char *folder, struct lk_error *err);

/* lk_git_list returns the files below `prefix` in a commit, sorted, relative to it. */
bool lk_git_list(TALLOC_CTX *mem, const struct lk_git *git, const char *commit, const char *prefix,
                 struct lk_git_paths *ret, struct lk_error *err) LK_MUST_CHECK;

/* lk_git_read returns a file of the merge base as git would check it out. */
bool lk_git_read(TALLOC_CTX *mem, const struct lk_git *git, const char *path, struct lk_bytes *ret,
                 struct lk_error *err) LK_MUST_CHECK;

#endif
