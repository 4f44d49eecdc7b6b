/*
 * parser/base/file.h
 *     Whole files in and out, and directory listings.
 */
#ifndef LK_PARSER_BASE_FILE_H
#define LK_PARSER_BASE_FILE_H

#include "parser/base/err.h"
#include "parser/base/vec.h"

struct lk_bytes {
    char *data; /* NUL-terminated after `size` bytes */
    size_t size;
};

/* The largest file that is read, 200 MiB: talloc has no objects of more than 256. */
#define LK_FILE_MAX ((size_t)200 << 20)

/* lk_file_read returns the content of `path` in `mem`; "-" is standard input. */
bool lk_file_read(TALLOC_CTX *mem, const char *path, struct lk_bytes *ret,
                  struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_file_write puts `size` bytes in place of `path` atomically: readers see the old file or the
 * new one, and a failure leaves the old one. The permissions of an existing file are kept, its
 * owner where that is allowed, and links to it: what they lead to is replaced.
 */
bool lk_file_write(const char *path, const char *data, size_t size,
                   struct lk_error *err) LK_MUST_CHECK;

struct lk_entry {
    char *name;
    bool directory;
};

struct lk_listing {
    LK_VEC(struct lk_entry) entries; /* sorted by name as bytes; hidden ones left out */
};

/* lk_directory_list returns what is in `path`. */
bool lk_directory_list(TALLOC_CTX *mem, const char *path, struct lk_listing *ret,
                       struct lk_error *err) LK_MUST_CHECK;

/* lk_is_directory returns whether `path` is one (links followed). */
bool lk_is_directory(const char *path);

/* lk_file_exists returns whether anything is at `path`. */
bool lk_file_exists(const char *path);

#endif
