/*
 * parser/secret.h
 *     Passwords and other secrets in SQL and in what is said about it: found by the words around
 *     them, so that nobody prints them.
 *
 * Meant are constants behind a word for secrets (CREATE ROLE ... PASSWORD 'x', OPTIONS (api_key
 * 'x'), SET x.token TO 'x'), what INSERT puts into columns and tables that are called so, the
 * arguments of functions that encrypt, what stands in connection strings (password=x,
 * scheme://user:x@host) and headers (Bearer x), signed tokens and private keys.
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

/*
 * lk_secrets_hide_passwords returns SQL that a server is to load without its passwords and the
 * secrets in options; what may be an expression stays, as a CHECK would be another one without.
 */
char *lk_secrets_hide_passwords(TALLOC_CTX *mem, const char *sql);

/* lk_secrets_hide_known is the same where the secrets of `sql` have been found before. */
char *lk_secrets_hide_known(TALLOC_CTX *mem, const char *text, const char *sql,
                            const struct lk_spans *secrets);

#endif
