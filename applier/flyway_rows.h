/*
 * applier/flyway_rows.h
 *     Flyway's history as it is read: the table, its lock, and what its rows say.
 */
#ifndef LK_APPLIER_FLYWAY_ROWS_H
#define LK_APPLIER_FLYWAY_ROWS_H

#include "applier/history.h"

/*
 * lk_flyway_sql returns a query on the history that the connection knows: `history_table` in it
 * becomes the table's name, and $1 to $9 are filled in.
 */
char *lk_flyway_sql(TALLOC_CTX *mem, struct lk_conn *conn, const char *sql,
                    const char *const *params, size_t count);

/* lk_flyway_table returns the name of the history's table, without its schema. */
const char *lk_flyway_table(const struct lk_conn *conn);

/* lk_flyway_name returns a table's name as Flyway quotes it: always. */
char *lk_flyway_name(TALLOC_CTX *mem, const char *schema, const char *table);

/*
 * lk_flyway_lock_key returns the key of the advisory lock that Flyway takes for a history table,
 * named as SQL does: "schema"."table".
 * Source: Flyway, PostgreSQLConnection.lock and PostgreSQLAdvisoryLockTemplate.
 */
int64_t lk_flyway_lock_key(const char *table);

/*
 * lk_flyway_load is lk_history_format.load: it finds the table in the connection's schema, or the
 * first one of its search_path. Rows are read as Flyway does: markers of deletion and undo change
 * what earlier rows say, those of schemas say nothing.
 * Source: Flyway, MigrationInfoServiceImpl and BaseAppliedMigration.
 */
bool lk_flyway_load(TALLOC_CTX *mem, struct lk_conn *conn, struct lk_history *ret,
                    enum lk_history_age *ret_age, struct lk_error *err) LK_MUST_CHECK;

#endif
