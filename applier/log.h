/*
 * applier/log.h
 *     What a run leaves in writing: a line for whatever happens, with its time, as a whole and
 *     per migration.
 */
#ifndef LK_APPLIER_LOG_H
#define LK_APPLIER_LOG_H

#include "applier/execute.h"
#include "parser/base/buf.h"

struct lk_log {
    TALLOC_CTX *mem;
    struct lk_buf text;
    struct lk_history_logs parts; /* per migration, but for the one under way */
    const char *script;           /* that is under way; NULL: none */
    size_t started;               /* where it begins in the text */
    size_t left_out;              /* lines that there was no room for */
    int blocker;                  /* that was noted last */
    struct lk_events events;      /* that hear of everything, too */
};

/* lk_log_start returns an empty log; what its events hear is passed on to `events`. */
struct lk_log lk_log_start(TALLOC_CTX *mem, const struct lk_events *events);

/* lk_log_events returns events that write to the log, which must not be moved. */
struct lk_events lk_log_events(struct lk_log *log);

/* lk_log_add adds a line. */
void lk_log_add(struct lk_log *log, const char *format, ...) LK_PRINTF(2, 3);

/* lk_log_end ends the part of the migration under way, and says what was left out. */
void lk_log_end(struct lk_log *log);

#endif
