/*
 * cli/prepare.h
 *     What plan, apply, status and validate start from: the files, the database, what is pending.
 */
#ifndef LK_CLI_PREPARE_H
#define LK_CLI_PREPARE_H

#include "applier/choose.h"
#include "applier/run.h"
#include "cli/inputs.h"
#include "cli/report.h"

enum lk_connect {
    LK_CONNECT_IF_NAMED, /* when --url or the configuration names a database */
    LK_CONNECT_ALWAYS,   /* else by the PG* variables and libpq's defaults */
    LK_CONNECT_TO_ADOPT, /* the same, whatever the format of its history is */
};

struct lk_prepared {
    struct lk_changelog *changelog;
    struct lk_settings *settings;
    struct lk_config_apply apply; /* nothing left unsaid: defaults filled in */
    struct lk_target *target;     /* NULL: no database */
    struct lk_status status;
    bool backwards; /* the plan takes migrations back */
    bool *chosen;   /* by ordinal: what is carried out instead of all that is pending; or NULL */
    struct lk_plan *plan;
    const struct lk_migration *unplanned; /* pending, but no text; NULL: none */
    struct lk_findings left_out;          /* see struct lk_walked */
    struct lk_lint_report lint;           /* findings of the pending migrations */
};

/* lk_prepare_target reads configuration and files, connects, and compares files and history. */
bool lk_prepare_target(struct lk_run *run, enum lk_connect connect, const char *url,
                       const struct lk_events *events, struct lk_prepared *ret,
                       struct lk_error *err) LK_MUST_CHECK;

/* lk_prepare_database reads the configuration and connects: what needs no files starts so. */
bool lk_prepare_database(struct lk_run *run, const struct lk_events *events,
                         struct lk_prepared *ret, struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_prepare_check_others fails where another tool has migrated the database, and nothing says that
 * this is not to count: see lk_adopt_check_none. Without a database there is nothing to fail on.
 */
bool lk_prepare_check_others(struct lk_run *run, const struct lk_prepared *prepared,
                             struct lk_error *err) LK_MUST_CHECK;

/* lk_prepare_plan lints the pending migrations and plans them, in one walk. */
bool lk_prepare_plan(struct lk_run *run, struct lk_prepared *prepared,
                     struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_prepare_undo lints and plans what takes migrations back, on the schema as it is without those
 * that are pending; rules about names and versions have no say in it.
 */
bool lk_prepare_undo(struct lk_run *run, struct lk_prepared *prepared, const struct lk_undos *undos,
                     struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_prepare_check fails, of code FINDINGS, where it is not known what a pending migration does: it
 * cannot be parsed, or holds what would be left out.
 */
bool lk_prepare_check(const struct lk_prepared *prepared, struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_prepare_whole fails where a pending migration cannot be planned at all: it is no text, or
 * holds what would be left out, of code FINDINGS, whether that is reported or not.
 */
bool lk_prepare_whole(const struct lk_prepared *prepared, struct lk_error *err) LK_MUST_CHECK;

/* lk_retry_policy_of returns the retry policy of filled-in settings. */
struct lk_retry_policy lk_retry_policy_of(const struct lk_config_apply *apply);

#endif
