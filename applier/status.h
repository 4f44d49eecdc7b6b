/*
 * applier/status.h
 *     Files against history: what is applied, what is pending, what disagrees.
 */
#ifndef LK_APPLIER_STATUS_H
#define LK_APPLIER_STATUS_H

#include "applier/target.h"

enum lk_state {
#define LK_STATE(name, word, disagrees, meaning) LK_STATE_##name,
#include "applier/states.def"
#undef LK_STATE
    LK_STATE_COUNT
};

struct lk_status_item {
    enum lk_state state;
    const struct lk_migration *migration; /* NULL: MISSING */
    const struct lk_history_row *row;     /* NULL: the history has none */
    const char *script;
    const char *version; /* NULL: repeatable */
    const char *description;
    char sha256[LK_SHA256_HEX_SIZE]; /* of the file and what it includes; empty: there is none */
    char fingerprint[LK_SHA256_HEX_SIZE]; /* the same of its words; empty: nobody needed it */
    int32_t flyway_checksum;
    int32_t flyway_checksum_raw; /* without values put in: of a repeatable one it is right, too */
    bool ignored;                /* the settings say that this state is nothing to speak of */
};

/* What was compared with what. */
struct lk_status_options {
    const struct lk_changelog *changelog;
    bool allow_out_of_order;
    const char *to;                 /* versions above are not pending; NULL: no limit */
    const char *const *ignore;      /* see lk_ignore_check; NULL: nothing; ends with NULL */
    const struct lk_values *values; /* of variables, which may say what is included */
    int postgres_version;
};

struct lk_status {
    struct lk_status_options options;
    const char *database;
    const char *current_version; /* the highest one applied; NULL: none */
    const char *at_work; /* the session of another run, in words; NULL: none, or nobody asked */
    LK_VEC(struct lk_status_item) items; /* in the order of application; missing ones last */
    size_t counts[LK_STATE_COUNT];
};

/*
 * lk_status_of compares a changelog with the history of `target` (NULL: no database, everything is
 * pending). Files are read for their checksums; one that cannot be read is an error.
 */
bool lk_status_of(TALLOC_CTX *mem, const struct lk_target *target,
                  const struct lk_status_options *options, struct lk_status *ret,
                  struct lk_error *err) LK_MUST_CHECK;

/* lk_status_again does the same as `before`, with the history as it is by now. */
bool lk_status_again(TALLOC_CTX *mem, const struct lk_status *before,
                     const struct lk_target *target, struct lk_status *ret,
                     struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_status_look_around finds out whether another run is at work, and which of the migrations that
 * are half done it is at: those are RUNNING then.
 */
bool lk_status_look_around(TALLOC_CTX *mem, const struct lk_target *target,
                           struct lk_status *status, struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_ignore_check fails on what is no pattern KIND:STATE: kinds are versioned, repeatable and *,
 * states are missing, future, pending, ignored (out of order) and *. They mean what Flyway's
 * ignoreMigrationPatterns do: such a migration is no reason to fail; out of order, it is left out.
 */
bool lk_ignore_check(const char *pattern, struct lk_error *err) LK_MUST_CHECK;

/* lk_state_word returns "pending", "applied" and so on; lk_state_disagrees whether files and
 * history contradict each other in that state. */
const char *lk_state_word(enum lk_state state);
bool lk_state_disagrees(enum lk_state state);

/* lk_state_is_pending returns whether apply carries out what is in that state. */
bool lk_state_is_pending(enum lk_state state);

/*
 * lk_status_check fails with code DISAGREE when any migration is in such a state; the error names
 * the first ones and what to do.
 */
bool lk_status_check(const struct lk_status *status, struct lk_error *err) LK_MUST_CHECK;

/* lk_status_find returns what is said of a migration of the changelog, or NULL. */
const struct lk_status_item *lk_status_find(const struct lk_status *status,
                                            const struct lk_migration *migration);

/* lk_status_is_pending returns whether apply would carry the migration out. */
bool lk_status_is_pending(const struct lk_status *status, const struct lk_migration *migration);

#endif
