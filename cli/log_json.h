/*
 * cli/log_json.h
 *     --log-format json: what happens, and how it ends, as one JSON object a line on standard
 *     error, for collectors of logs.
 */
#ifndef LK_CLI_LOG_JSON_H
#define LK_CLI_LOG_JSON_H

#include "applier/execute.h"

/* lk_log_is_json returns whether that is asked for; lk_log_check fails on any other word but text.
 */
bool lk_log_is_json(void);
bool lk_log_check(struct lk_error *err) LK_MUST_CHECK;

/* lk_log_json_events returns the events that are told so. */
struct lk_events lk_log_json_events(void);

/* lk_log_json_warning tells of an error that the program goes on in spite of. */
void lk_log_json_warning(const struct lk_error *err);

/* lk_log_json_error tells how the program ends. */
void lk_log_json_error(const struct lk_error *err);

#endif
