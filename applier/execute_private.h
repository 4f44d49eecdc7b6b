/*
 * applier/execute_private.h
 *     One migration under way, for the two ways to carry it out: execute.c and journalled.c.
 */
#ifndef LK_APPLIER_EXECUTE_PRIVATE_H
#define LK_APPLIER_EXECUTE_PRIVATE_H

#include "applier/conn_private.h"
#include "applier/execute.h"
#include "applier/message.h"

/* One migration under way. */
struct lk_work {
    TALLOC_CTX *mem;
    struct lk_executor *executor;
    const struct lk_plan_migration *migration;
    struct lk_history_entry entry;
    struct lk_outcome outcome;
    struct lk_retry retry;
    size_t lost_at;      /* the statement that the connection was lost at the last time; 0: none */
    unsigned lost_times; /* in a row */
    bool collided;       /* another run had written the row already, which is looked at once */
    /* of one that is not transactional: */
    int64_t rank;              /* of its row; 0: not there yet */
    struct lk_journal journal; /* as the database has it */
    size_t done_until;         /* the ordinal of the last statement that is done */
};

/* What to do after a failed try. */
enum lk_verdict { LK_AGAIN, LK_RECONNECTED, LK_GIVE_UP };

/* lk_work_judge decides what follows a failed message. */
enum lk_verdict lk_work_judge(struct lk_work *work, const struct lk_sent *sent,
                              enum lk_error_code code);

/*
 * lk_work_exec runs SQL of ours that can be repeated, until it is through; a failure is the
 * outcome's.
 */
bool lk_work_exec(struct lk_work *work, const char *sql, enum lk_error_code code);

/* lk_work_write writes rows of ours between a migration's statements, whatever role it has set, and
 * carries out what is to come `behind` (or NULL). */
bool lk_work_write(struct lk_work *work, const char *sql, const char *behind);

/* lk_work_read_failed decides what follows when something of ours could not be read. */
enum lk_verdict lk_work_read_failed(struct lk_work *work, struct lk_error *err,
                                    enum lk_error_code code);

/*
 * lk_work_find_row finds the migration's newest row, NULL if it has none: what the database says
 * when the connection broke and nobody heard how it went.
 */
bool lk_work_find_row(struct lk_work *work, const struct lk_history_row **ret);

/* lk_work_give_up notes that the migration stops here: interrupted, or with `code`. */
void lk_work_give_up(struct lk_work *work, enum lk_error_code code);

/* lk_work_load_journal reads what is done of a migration that has a row of its own. */
bool lk_work_load_journal(struct lk_work *work, struct lk_error *err);

/*
 * lk_work_refresh_journal reads the journal anew, and waits for backends that are still at its
 * statements: they hold the run's lock, but where the migration has given it away.
 */
bool lk_work_refresh_journal(struct lk_work *work);

/*
 * lk_work_orphan returns the entry of the statement that the backend of an earlier run is still at,
 * or NULL.
 */
const struct lk_journal_entry *lk_work_orphan(const struct lk_work *work);

/*
 * lk_work_wait_a_little waits, before `what` is looked at again; it returns false, with the
 * outcome, when the run is interrupted or its time is up.
 */
bool lk_work_wait_a_little(struct lk_work *work, const char *what);

/* lk_work_tell_waiting tells what is waited for. */
void lk_work_tell_waiting(struct lk_work *work, const char *what);

/* lk_work_apply_settings repeats the SETs of what is done already: they went with the old session.
 */
bool lk_work_apply_settings(struct lk_work *work);

/* lk_work_roll_back ends the transaction that a failed message left open, if it did. */
void lk_work_roll_back(struct lk_work *work);

/* lk_work_record_failure writes down that and why the migration stopped, if the connection still
 * can. */
void lk_work_record_failure(struct lk_work *work);

/*
 * lk_work_own_session adds to a message, in a transaction, what our rows are written with: as
 * ourselves, whoever the migration has made of the session, and in bounds.
 */
void lk_work_own_session(struct lk_work *work, struct lk_message *message);

/* lk_work_claim_turn adds to a message, in a transaction, that it fails where another session has
 * the run's lock: a migration may have given it away. */
void lk_work_claim_turn(struct lk_work *work, struct lk_message *message);

/* lk_work_on_statement tells of a statement that the server has carried out: for a message. */
void lk_work_on_statement(void *data, const struct lk_plan_statement *statement,
                          const struct lk_carried_out *how);

/*
 * lk_work_resumes returns whether an earlier try of the migration went on statement by statement,
 * so that part of it may be done, whatever the corrected file would be run as.
 */
bool lk_work_resumes(const struct lk_history_row *row);

/* lk_run_journalled carries out a migration that is not one transaction, or was not before. */
void lk_run_journalled(struct lk_work *work, const struct lk_history_row *row);

#endif
