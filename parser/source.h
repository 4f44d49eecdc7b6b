/*
 * parser/source.h
 *     A file's bytes, and what can be said of them before any SQL is read.
 */
#ifndef LK_PARSER_SOURCE_H
#define LK_PARSER_SOURCE_H

#include "parser/base/file.h"
#include "parser/base/vec.h"
#include "parser/inset.h"
#include "parser/span.h"

#define LK_SHA256_HEX_SIZE 65

/* A stretch of a decoded text, up to the next one. */
struct lk_stretch {
    uint32_t at;    /* where it starts in the decoded text */
    uint32_t from;  /* where that is in its origin */
    uint32_t width; /* how much of it all of the stretch stands for; 0: byte for byte the same */
};

struct lk_stretches {
    LK_VEC(struct lk_stretch) items;
};

struct lk_source {
    const char *path; /* as people wrote it */
    const char *raw;  /* the file's bytes, BOM included */
    size_t raw_size;
    const char *original; /* after a byte order mark, NUL-terminated; spans count from here */
    const char *text;     /* the same with what is no SQL masked, at the same length */
    uint32_t size;
    uint32_t invalid; /* where the text stops being UTF-8 (or holds a NUL); `size` if nowhere */
    uint32_t *lines;  /* starts of lines, made by the first lk_source_position */
    uint32_t line_count;
    struct lk_insets insets; /* what lk_source_mask found */
    uint32_t last_offset; /* the last position asked for: the next one is often near */
    uint32_t last_column;
    struct lk_source *origin; /* of a text decoded from literals: what they stand in; or NULL */
    struct lk_stretches stretches; /* where there */
};

/* lk_source_read returns the file at `path` ("-": standard input), alive as long as `mem`. */
struct lk_source *lk_source_read(TALLOC_CTX *mem, const char *path,
                                 struct lk_error *err) LK_MUST_CHECK;

/* lk_source_new returns a source of the given bytes, which are not copied (NUL after the last). */
struct lk_source *lk_source_new(TALLOC_CTX *mem, const char *path, const char *bytes, size_t size);

/* lk_source_file returns the file that a source is, or was decoded from. */
struct lk_source *lk_source_file(struct lk_source *source);

/* lk_source_span returns where a span of a source stands in that file. */
struct lk_span lk_source_span(const struct lk_source *source, struct lk_span span);

/* lk_source_position returns the file's line and column of a byte offset (the end included). */
struct lk_position lk_source_position(struct lk_source *source, uint32_t offset);

/* lk_source_line returns the span of a file's 1-based line without its terminator. */
struct lk_span lk_source_line(struct lk_source *source, uint32_t line);

/* lk_sha256 writes the SHA-256 of `size` bytes as 64 hexadecimal digits and a NUL. */
void lk_sha256(const void *bytes, size_t size, char hex[LK_SHA256_HEX_SIZE]);

/*
 * lk_flyway_checksum returns Flyway's checksum of a migration: the CRC32 of the lines' bytes
 * without their terminators (\n, \r\n or \r) and without a byte order mark, as signed 32 bits.
 * Source: Flyway, ChecksumCalculator.
 */
int32_t lk_flyway_checksum(const struct lk_source *source);

#endif
