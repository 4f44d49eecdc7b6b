/*
 * parser/secret.h
 *     Passwords in SQL and in what is said about it: found by the words around them, so that nobody
 *     prints them.
 *
 * Meant are constants behind a word for passwords (CREATE ROLE ... PASSWORD 'x', OPTIONS (password
 * 'x'), SET x.password = 'x'), and those in connection strings (password=x, scheme://user:x@host).
 */
#ifndef LK_PARSER_SECRET_H
#define LK_PARSER_SECRET_H

#include "parser/naming.h"

/* lk_secrets_find returns where passwords stand in a text: without quotes, and never empty. */
struct lk_spans lk_secrets_find(TALLOC_CTX *mem, const char *text, size_t size);

/*
 * lk_secrets_blot overwrites, with as many asterisks, what of the passwords of a larger text lies
 * in `text`, which starts at `offset` of it.
 */
void lk_secrets_blot(char *text, size_t offset, const struct lk_spans *secrets);

/*
 * lk_secrets_hide returns what is said of `sql` (or NULL: of nothing in particular) without the
 * passwords that stand in it, and without any that are recognised in the text itself.
 */
char *lk_secrets_hide(TALLOC_CTX *mem, const char *text, const char *sql);

#endif
