/*
 * parser/span.h
 *     Places in a file: byte ranges inside, 1-based lines and columns outside.
 */
#ifndef LK_PARSER_SPAN_H
#define LK_PARSER_SPAN_H

#include "parser/base/lk.h"

/* Bytes [start, end) of a source's text. */
struct lk_span {
    uint32_t start;
    uint32_t end;
};

/* What people see: both 1-based, columns counted in Unicode code points. */
struct lk_position {
    uint32_t line;
    uint32_t column;
};

#endif
