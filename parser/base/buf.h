/*
 * parser/base/buf.h
 *     Strings under construction.
 */
#ifndef LK_PARSER_BASE_BUF_H
#define LK_PARSER_BASE_BUF_H

#include "parser/base/mem.h"

struct lk_buf {
    TALLOC_CTX *mem;
    char *data; /* never NULL, always NUL-terminated; lives in `mem` */
    size_t len;
    size_t capacity;
};

/* lk_buf_init returns an empty string that grows in `mem`. */
struct lk_buf lk_buf_init(TALLOC_CTX *mem);

void lk_buf_add(struct lk_buf *buf, const char *text);
void lk_buf_addn(struct lk_buf *buf, const char *text, size_t length);
void lk_buf_addc(struct lk_buf *buf, char c);
void lk_buf_addf(struct lk_buf *buf, const char *format, ...) LK_PRINTF(2, 3);

/* lk_buf_sep adds `separator` unless the string is still empty. */
void lk_buf_sep(struct lk_buf *buf, const char *separator);

#endif
