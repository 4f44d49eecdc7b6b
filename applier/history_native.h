/*
 * applier/history_native.h
 *     What of the native history other formats build on: its schema and its runs.
 */
#ifndef LK_APPLIER_HISTORY_NATIVE_H
#define LK_APPLIER_HISTORY_NATIVE_H

#include "applier/history.h"

/*
 * lk_native_age returns what is there of the native history, and whether that knows the server that
 * it is written on; it refuses what a newer version of the tool has made.
 */
bool lk_native_age(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age *ret,
                   bool *ret_server, struct lk_error *err) LK_MUST_CHECK;

/* lk_native_server reads which server the history was written on the last time. */
bool lk_native_server(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history_server *ret,
                      struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_native_create makes the native history's tables, or brings old ones up to date; `more` is SQL
 * that belongs to the same transaction, or NULL.
 */
bool lk_native_create(TALLOC_CTX *mem, struct lk_conn *conn, enum lk_history_age age,
                      const char *more, struct lk_error *err) LK_MUST_CHECK;

/* lk_native_runs reads runs by a query of the shape of native_runs.sql. */
bool lk_native_runs(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql, int64_t id,
                    struct lk_history_runs *ret, struct lk_error *err) LK_MUST_CHECK;

/* lk_native_journal reads a journal by a query of the shape of native_journal.sql, filled in. */
bool lk_native_journal(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                       struct lk_journal *ret, struct lk_error *err) LK_MUST_CHECK;

/* lk_native_close is the SQL that closes a run, without what it has to say of migrations. */
char *lk_native_close(TALLOC_CTX *mem, struct lk_conn *conn, int64_t run, const char *outcome,
                      const char *log);

extern const struct lk_history_format lk_history_format_native;

#endif
