/*
 * applier/sql.h
 *     The queries of applier/sql, embedded; parameters are $1, $2, ... of PQexecParams.
 */
#ifndef LK_APPLIER_SQL_H
#define LK_APPLIER_SQL_H

extern const char lk_sql_adopt_find[];
extern const char lk_sql_flyway_beside[];
extern const char lk_sql_flyway_clean[];
extern const char lk_sql_flyway_create[];
extern const char lk_sql_flyway_journal[];
extern const char lk_sql_flyway_load[];
extern const char lk_sql_flyway_load_alone[];
extern const char lk_sql_flyway_log[];
extern const char lk_sql_flyway_probe[];
extern const char lk_sql_flyway_runs[];
extern const char lk_sql_hold[];
extern const char lk_sql_holder[];
extern const char lk_sql_index_state[];
extern const char lk_sql_leaks[];
extern const char lk_sql_listing[];
extern const char lk_sql_native_create[];
extern const char lk_sql_native_journal[];
extern const char lk_sql_native_load[];
extern const char lk_sql_native_load_1[];
extern const char lk_sql_native_probe[];
extern const char lk_sql_native_run_finish[];
extern const char lk_sql_native_run_start[];
extern const char lk_sql_native_runs[];
extern const char lk_sql_native_runs_1[];
extern const char lk_sql_native_server[];
extern const char lk_sql_native_server_last[];
extern const char lk_sql_native_upgrade_2[];
extern const char lk_sql_native_views[];
extern const char lk_sql_old_transactions[];
extern const char lk_sql_search_path[];
extern const char lk_sql_target[];
extern const char lk_sql_trace_create_index[];
extern const char lk_sql_trace_detach[];
extern const char lk_sql_trace_drop_index[];
extern const char lk_sql_trace_reindex[];
extern const char lk_sql_watch[];
extern const char lk_sql_watch_end[];

#endif
