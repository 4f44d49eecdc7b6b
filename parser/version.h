/*
 * parser/version.h
 *     Versions of migrations, compared as Flyway compares them: numerically part by part, a missing
 *     part counting as 0, each part of any length.
 */
#ifndef LK_PARSER_VERSION_H
#define LK_PARSER_VERSION_H

#include "parser/base/vec.h"

struct lk_version {
    const char *text; /* as written in the name, separators as dots; NULL: no version */
    bool by_text;     /* the convention orders names as text, not as numbers */
    uint32_t rank;    /* its place, from 1, in the order that the convention lays down; 0: none */
};

/* Texts of versions, in the order of application. */
struct lk_version_list {
    LK_VEC(const char *) items;
};

/*
 * lk_version_length returns how many bytes at the start of `text` are a version
 * (\d+([._]\d+)*), 0 if none are. `dotted` false stops at the first separator.
 */
size_t lk_version_length(const char *text, bool dotted);

/* lk_version_new returns the version in the first `length` bytes, '_' turned into '.'. */
struct lk_version lk_version_new(TALLOC_CTX *mem, const char *text, size_t length);

/*
 * lk_version_compare returns <0, 0 or >0; 1, 01 and 1.0 are equal; no version comes last. Two
 * with different ranks compare by those. What is no number, and versions that go by text, compare
 * byte by byte.
 */
int lk_version_compare(struct lk_version a, struct lk_version b);

/*
 * lk_version_follows returns whether `b` is the next number after `a` in its last part, the parts
 * before being equal: what sequential numbering without a gap looks like. Of versions that are no
 * numbers the ones in front count, and may repeat: 1_a, 1_b, 2_c. What has no number in front
 * follows anything.
 */
bool lk_version_follows(struct lk_version a, struct lk_version b);

/* lk_version_parts returns how many parts the version has as written. */
size_t lk_version_parts(struct lk_version version);

/* lk_version_digits returns the number of digits of the part at `index` (from 0) as written. */
size_t lk_version_digits(struct lk_version version, size_t index);

#endif
