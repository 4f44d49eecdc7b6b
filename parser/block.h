/*
 * parser/block.h
 *     Where other databases' clients see a statement end: at a line of its own, not a semicolon.
 */
#ifndef LK_PARSER_BLOCK_H
#define LK_PARSER_BLOCK_H

#include "parser/span.h"

/*
 * lk_block_line returns the line that ends the block of statements that starts with `span`: "/" or
 * GO behind a routine, package or trigger, "/" behind DECLARE or BEGIN, "DELIMITER ;" behind
 * DELIMITER; an empty span when it starts none, or has no such line. For statements that the
 * grammar refuses: what it takes has none of these.
 */
struct lk_span lk_block_line(const char *text, struct lk_span span);

#endif
