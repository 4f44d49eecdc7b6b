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

/* A part of a text that several files make up, up to the next one. */
struct lk_piece {
    uint32_t at;            /* where it starts in the text */
    uint32_t from;          /* where that is in its file */
    bool made;              /* it is not in the file: it stands for the byte there */
    struct lk_source *file; /* one for each time that a file is included */
};

struct lk_pieces {
    LK_VEC(struct lk_piece) items;
};

struct lk_spans;

struct lk_source {
    const char *path; /* as people wrote it */
    const char *home; /* the changelog's folder: its repository's files may be included; or NULL */
    const char *raw;  /* the file's bytes, BOM included; with includes, all that they make */
    size_t raw_size;
    const char *original; /* after a byte order mark, NUL-terminated; spans count from here */
    const char *text;     /* the same with what is no SQL masked, at the same length */
    uint32_t size;
    uint32_t invalid; /* where the text stops being UTF-8 (or holds a NUL); `size` if nowhere */
    uint32_t *lines;  /* starts of lines, made by the first lk_source_position */
    uint32_t line_count;
    struct lk_insets insets; /* what lk_source_mask found */
    uint32_t last_offset;    /* the last position asked for: the next one is often near */
    uint32_t last_column;
    struct lk_source *origin; /* of a text decoded from literals: what they stand in; or NULL */
    struct lk_stretches stretches; /* where there */
    struct lk_pieces pieces;  /* with files that psql would include; empty: all of it is its own */
    char *whole;              /* the text that they make; NULL: there are none */
    struct lk_spans *secrets; /* see lk_source_secrets; NULL: nobody asked yet */
};

/* Where something stands for people: in one of the files that make up a source. */
struct lk_place {
    struct lk_source *file;
    struct lk_span span;
};

/* lk_source_read returns the file at `path` ("-": standard input), alive as long as `mem`. */
struct lk_source *lk_source_read(TALLOC_CTX *mem, const char *path,
                                 struct lk_error *err) LK_MUST_CHECK;

/* lk_source_new returns a source of the given bytes, which are not copied (NUL after the last). */
struct lk_source *lk_source_new(TALLOC_CTX *mem, const char *path, const char *bytes, size_t size);

/* lk_source_copy returns a source that lives in `mem` alone, with all that its places need. */
struct lk_source *lk_source_copy(TALLOC_CTX *mem, const struct lk_source *source);

/* lk_source_span returns where a span stands in the text that its source was decoded from: that of
 * the migration, included files and all. */
struct lk_span lk_source_span(const struct lk_source *source, struct lk_span span);

/* lk_source_span_within returns where it stands in one of the texts on the way there. */
struct lk_span lk_source_span_within(const struct lk_source *source, struct lk_span span,
                                     const struct lk_source *within);

/*
 * lk_source_place returns the file that a span starts in, and where there: people know files, and
 * not what psql makes of several. A span that goes on in another file is cut short.
 */
struct lk_place lk_source_place(struct lk_source *source, struct lk_span span);

/* lk_source_own returns the file itself, without what it includes. */
struct lk_source *lk_source_own(struct lk_source *source);

/*
 * lk_source_include puts the text of `file` into a source at `at`, which is in the piece of the
 * file `into`: on lines of its own and with a semicolon behind it, all of which stand for the byte
 * `from` of `into`. It returns where the file's text is then.
 */
struct lk_span lk_source_include(struct lk_source *source, uint32_t at, struct lk_source *into,
                                 uint32_t from, struct lk_source *file);

/* lk_make_room returns a text of `size` bytes and a NUL, in `mem`, with room for `count` at `at`.
 */
char *lk_make_room(TALLOC_CTX *mem, char *text, uint32_t size, uint32_t at, uint32_t count);

/* lk_source_position returns the line and column of a byte offset (the end included) in the file
 * that it stands in. */
struct lk_position lk_source_position(struct lk_source *source, uint32_t offset);

/* lk_source_secrets returns where passwords stand in a file: see lk_secrets_find. */
const struct lk_spans *lk_source_secrets(struct lk_source *source);

/* lk_source_line returns the span of a file's 1-based line without its terminator. */
struct lk_span lk_source_line(struct lk_source *source, uint32_t line);

/* lk_sha256 writes the SHA-256 of `size` bytes as 64 hexadecimal digits and a NUL. */
void lk_sha256(const void *bytes, size_t size, char hex[LK_SHA256_HEX_SIZE]);

/* lk_digest returns the digits of another digest, by OpenSSL's name for it: "SHA384". */
char *lk_digest(TALLOC_CTX *mem, const char *name, const void *bytes, size_t size);

/*
 * lk_flyway_checksum returns Flyway's checksum of a migration: the CRC32 of the lines' bytes
 * without their terminators (\n, \r\n or \r) and without a byte order mark, as signed 32 bits.
 * What the file includes has no part in it. Source: Flyway, ChecksumCalculator.
 */
int32_t lk_flyway_checksum(struct lk_source *source);

/* lk_flyway_checksum_filled is the same with values put in for placeholders: that of repeatable
 * migrations, of which Flyway takes the other one for right as well. */
int32_t lk_flyway_checksum_filled(struct lk_source *source);

#endif
