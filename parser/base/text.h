/*
 * parser/base/text.h
 *     Small questions about strings.
 */
#ifndef LK_PARSER_BASE_TEXT_H
#define LK_PARSER_BASE_TEXT_H

#include "parser/base/mem.h"

/* lk_starts_with and lk_ends_with compare bytes, case-sensitively. */
bool lk_starts_with(const char *text, const char *prefix);
bool lk_ends_with(const char *text, const char *suffix);

/* lk_word_is returns whether the `length` bytes at `text` are `word`, ASCII case ignored. */
bool lk_word_is(const char *text, size_t length, const char *word);

/*
 * lk_nearest returns the one of `count` names that is most likely meant by `name`, or NULL when
 * none is near: edit distance (with swapped neighbours) of at most a third of the length.
 */
const char *lk_nearest(const char *name, const char *const *names, size_t count);

/*
 * lk_glob_match returns whether `path` matches `pattern`: `*` and `?` stay within a folder, `**`
 * crosses folders, and a pattern that names a folder matches everything in it.
 */
bool lk_glob_match(const char *pattern, const char *path);

/*
 * lk_duration_parse reads "500ms", "2s", "10m", "1h", or plain milliseconds, up to the server's
 * limit for timeouts (2^31 - 1 ms), and returns whether `text` is one.
 */
bool lk_duration_parse(const char *text, int64_t *ret_ms);

/* lk_path_join returns "dir/name", or one of them alone where the other is "." or `dir` empty. */
char *lk_path_join(TALLOC_CTX *mem, const char *dir, const char *name);

/*
 * lk_path_absolute returns a path from the root, without "." and ".." in it. Links are not
 * followed: what is behind one keeps the name that people know it by.
 */
char *lk_path_absolute(TALLOC_CTX *mem, const char *path);

/* lk_path_compare compares as folders are walked: by the names of folders first, as bytes. */
int lk_path_compare(const char *left, const char *right);

/* lk_path_base returns the part after the last slash, inside `path`. */
const char *lk_path_base(const char *path);

/* lk_path_dir returns the part before the last slash: "." where there is none. */
char *lk_path_dir(TALLOC_CTX *mem, const char *path);

#endif
