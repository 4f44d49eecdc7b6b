/*
 * cli/report.h
 *     Reporters: one format, one file report_<format>.c, one line in reports.def.
 *
 * A reporter writes documents to a stream: findings, a plan, what became of a run, a status.
 */
#ifndef LK_CLI_REPORT_H
#define LK_CLI_REPORT_H

#include "applier/operation.h"
#include "applier/run.h"
#include "applier/status.h"
#include "rules/engine.h"
#include "rules/patch.h"

/* What `lint` has to tell. */
struct lk_lint_report {
    struct lk_findings findings; /* of all changelogs */
    size_t files;
    size_t statements;
    size_t counts[LK_SEVERITY_COUNT]; /* not suppressed */
    size_t suppressed;
    size_t left_out; /* beyond --max-findings */
    double duration_ms;
    const char *naming; /* for people: "flyway", "flyway, plain", or "" */
};

/* What `fix` has to tell. */
struct lk_fix_report {
    LK_VEC(struct lk_patched *) files; /* that were written */
    size_t left_out;                   /* findings whose fix needs --unsafe, or other files */
};

/* What an operation on the history has to tell. */
struct lk_operation_report {
    const char *command;
    const char *database;
    bool dry_run;
    const struct lk_operated *operated;
};

struct lk_reporter {
    const char *name;
    const char *summary;
    void (*lint)(FILE *stream, const struct lk_lint_report *report);
    void (*fix)(FILE *stream, const struct lk_fix_report *report);
    void (*plan)(FILE *stream, const struct lk_plan *plan);
    void (*run)(FILE *stream, const struct lk_run_result *result);
    void (*status)(FILE *stream, const struct lk_status *status);
    void (*operation)(FILE *stream, const struct lk_operation_report *report);
    void (*runs)(FILE *stream, const struct lk_history_runs *runs);
};

/* lk_reporters returns all reporters, sorted by name; `*count` of them. */
const struct lk_reporter *const *lk_reporters(size_t *count);

/* lk_reporter_choose returns the one that --format asks for, text by default. */
const struct lk_reporter *lk_reporter_choose(struct lk_error *err);

/* A report's way out: standard output, or the file of --output, written as a whole at the end. */
struct lk_outlet {
    FILE *stream;
    struct lk_outlet_text *text; /* what the file will hold; NULL: standard output */
};

struct lk_outlet lk_outlet_open(void);
bool lk_outlet_close(struct lk_outlet *outlet, struct lk_error *err) LK_MUST_CHECK;

#endif
