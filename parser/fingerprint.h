/*
 * parser/fingerprint.h
 *     What a migration says, apart from how it is laid out.
 */
#ifndef LK_PARSER_FINGERPRINT_H
#define LK_PARSER_FINGERPRINT_H

#include "parser/naming.h"

/*
 * lk_fingerprint writes a SHA-256 over the words of a source under `naming` (or NULL): two that
 * differ in comments and in the white space between words have the same one. What is no SQL counts
 * byte by byte (rows behind COPY, commands of psql), and so does in which part a word stands, as
 * comments may be the borders between what is applied and what takes it back.
 */
void lk_fingerprint(const struct lk_source *source, const struct lk_naming *naming,
                    char hex[LK_SHA256_HEX_SIZE]);

/*
 * lk_fingerprint_statement writes a SHA-256 over the words of a part of a source, likewise, and in
 * whatever case words are that no quotes delimit.
 */
void lk_fingerprint_statement(const struct lk_source *source, struct lk_span part,
                              char hex[LK_SHA256_HEX_SIZE]);

#endif
