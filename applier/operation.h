/*
 * applier/operation.h
 *     Operations on the history alone: under the run's lock, in one transaction, told one by one.
 */
#ifndef LK_APPLIER_OPERATION_H
#define LK_APPLIER_OPERATION_H

#include "applier/status.h"
#include "applier/turn.h"

enum lk_change_kind {
#define LK_CHANGE(name, word, meaning) LK_CHANGE_##name,
#include "applier/changes.def"
#undef LK_CHANGE
    LK_CHANGE_COUNT
};

/* lk_change_word returns what was done, as a participle; lk_change_meaning what that means. */
const char *lk_change_word(enum lk_change_kind kind);
const char *lk_change_meaning(enum lk_change_kind kind);

struct lk_history_change {
    enum lk_change_kind kind;
    const char *script;
    const char *version; /* NULL: none */
    int64_t rank;        /* of the row that is changed; 0: there is a new one */
    struct lk_history_entry entry;
};

struct lk_history_changes {
    LK_VEC(struct lk_history_change) items;
    const char *from;       /* the history of another tool that they come from: its name; or NULL */
    const char *from_table; /* as SQL names it; NULL: a query */
};

/* What is asked for; each operation looks at its own. */
struct lk_request {
    const char *version;         /* baseline: NULL for the newest migration's */
    const char *migration;       /* skip: a version, script or path */
    const char *reason;          /* skip */
    bool as_applied;             /* skip: it was carried out otherwise */
    bool delete_missing;         /* repair, adopt */
    bool accept_server;          /* repair: see lk_target_moved */
    LK_VEC(const char *) accept; /* repair, adopt: versions, scripts or paths */
    const char *from;            /* adopt: the tool; NULL: found out */
    const char *table;           /* adopt: its table, with or without a schema; NULL: the usual */
    const char *query;           /* adopt: what to read instead; or NULL */
};

/* lk_change_add adds a change of a migration; `rank` is that of the row that it is made to, or 0.
 */
struct lk_history_change *lk_change_add(TALLOC_CTX *mem, struct lk_history_changes *changes,
                                        enum lk_change_kind kind, const struct lk_status_item *item,
                                        int64_t rank);

/* lk_change_add_baseline adds that everything up to a version is taken for done. */
struct lk_history_change *lk_change_add_baseline(TALLOC_CTX *mem,
                                                 struct lk_history_changes *changes,
                                                 struct lk_version version);

/*
 * An operation decides what to change in a history that nobody else changes meanwhile; nothing is
 * a valid answer. It refuses with an error.
 */
typedef bool lk_decide(TALLOC_CTX *mem, const struct lk_request *request,
                       const struct lk_target *target, const struct lk_status *status,
                       struct lk_history_changes *ret, struct lk_error *err);

/*
 * lk_decide_baseline records that everything up to a version is there already. It refuses where
 * migrations were applied, and versions that are none of this changelog.
 */
lk_decide lk_decide_baseline;

/*
 * lk_decide_repair removes failed tries that left nothing, accepts changes of comments and white
 * space, and those that the request names; it marks missing migrations as deleted if asked to.
 */
lk_decide lk_decide_repair;

/* lk_decide_skip records that a migration is not to be carried out, or was so already. */
lk_decide lk_decide_skip;

/*
 * lk_decide_adopt records what another tool's history says was applied, once that agrees with the
 * files; see adopt.h. What the history knows already stays as it is.
 */
lk_decide lk_decide_adopt;

struct lk_operated {
    int64_t run_id; /* 0: nothing was written */
    struct lk_history_changes changes;
    struct lk_status status; /* before */
};

/*
 * lk_operate carries an operation out in one transaction, as a run of its own; `dry_run` only
 * decides. Where the connection breaks it finds out what became of it, and tries again.
 */
bool lk_operate(TALLOC_CTX *mem, struct lk_target *target, const struct lk_status *status,
                const struct lk_run_options *options, lk_decide *decide,
                const struct lk_request *request, bool dry_run, struct lk_operated *ret,
                struct lk_error *err) LK_MUST_CHECK;

#endif
