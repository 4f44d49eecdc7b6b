/*
 * applier/target.h
 *     A database to work on: connected, identified, with its history.
 */
#ifndef LK_APPLIER_TARGET_H
#define LK_APPLIER_TARGET_H

#include "applier/history.h"

struct lk_target {
    struct lk_conn *conn;
    const struct lk_history_format *format;
    char *name; /* "user@host:port/database" */
    char *database;
    char *user;              /* as it connected */
    char *schema;            /* where what is created without one goes; NULL: nowhere */
    char *system_identifier; /* NULL where the role may not ask */
    int timeline;            /* of the server's WAL; 0: a standby's, which follows another's */
    char *role;              /* the session's own, as SET ROLE takes it: NONE, or a quoted name */
    bool standby;
    bool read_only;
    enum lk_history_age age;
    struct lk_history history;
};

/* lk_target_open connects, asks which database it is, and reads its history. Nothing is changed. */
struct lk_target *lk_target_open(TALLOC_CTX *mem, const struct lk_conn_options *options,
                                 const struct lk_history_format *format, struct lk_error *err);

/* lk_target_reload reads the history again. */
bool lk_target_reload(TALLOC_CTX *mem, struct lk_target *target,
                      struct lk_error *err) LK_MUST_CHECK;

/* What has become of the server since the history was written on it. */
enum lk_target_move {
    LK_TARGET_SAME,
    LK_TARGET_COPIED,   /* it is another cluster */
    LK_TARGET_SWITCHED, /* its WAL branched off: a standby was promoted, or a backup restored */
};

enum lk_target_move lk_target_moved(const struct lk_target *target);

/* lk_target_history_sha256 returns the checksum of what was applied. */
void lk_target_history_sha256(const struct lk_target *target, char hex[LK_SHA256_HEX_SIZE]);

#endif
