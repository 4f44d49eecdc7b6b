/*
 * applier/libpq.h
 *     libpq, loaded at the first connection and not with the program: with what it needs itself,
 * for Kerberos, LDAP and TLS, that takes longer than linting a file, which needs no database.
 */
#ifndef LK_APPLIER_LIBPQ_H
#define LK_APPLIER_LIBPQ_H

#include <libpq-fe.h>

#include "parser/base/err.h"

/* What is called by libpq's names here are functions of ours, lk_PQexec and so on. */
#define LK_PQ(result, name, parameters, arguments) result name parameters __asm__("lk_" #name);
#include "applier/libpq.def"
#undef LK_PQ

/* lk_libpq_load makes libpq's functions callable, if they are not yet; fails where it is missing.
 */
bool lk_libpq_load(struct lk_error *err) LK_MUST_CHECK;

#endif
