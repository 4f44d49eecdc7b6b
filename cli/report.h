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

/* What there is to tell of a changelog beside its findings, where a reporter wants it. */
struct lk_lint_history {
    const struct lk_changelog *changelog;
    const struct lk_plan *plan;      /* of the migrations that are reported; NULL: not wanted */
    const struct lk_catalog *before; /* the schema without those */
    const struct lk_catalog *after;  /* and with them; both NULL: not wanted */
};

/* What `lint` has to tell. */
struct lk_lint_report {
    struct lk_findings findings; /* of all changelogs */
    size_t files;
    size_t statements;
    size_t counts[LK_SEVERITY_COUNT]; /* not suppressed */
    size_t suppressed;
    size_t left_out; /* beyond --max-findings */
    double duration_ms;
    const char *naming;       /* for people: "flyway", "flyway, plain", or "" */
    const char *root;         /* what paths for other programs count from; NULL: not wanted */
    enum lk_severity fail_on; /* OFF: never */
    LK_VEC(struct lk_lint_history) histories;
};

/* What a reporter of lint wants to know beside the findings. */
enum lk_report_wants {
    LK_WANTS_ROOT = 1,
    LK_WANTS_QUOTES = 2, /* and fingerprints */
    LK_WANTS_PLANS = 4,
    LK_WANTS_SCHEMAS = 8,
};

/* What `fix` has to tell. */
struct lk_fix_report {
    LK_VEC(struct lk_patched *) files; /* that were written */
    size_t left_out;                   /* findings whose fix needs --unsafe, or other files */
    bool unfinished;                   /* another run goes on */
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
    unsigned wants;                        /* LK_WANTS_* */
    bool (*prepare)(struct lk_error *err); /* what may fail comes before anything else; or NULL */
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

/* lk_reporter_is_complete returns whether there is a document for everything there is to report. */
bool lk_reporter_is_complete(const struct lk_reporter *reporter);

/* lk_reporter_choose returns the one that --format asks for, text by default; only `lint` has
 * others than those that report everything. */
const struct lk_reporter *lk_reporter_choose(struct lk_error *err);

/* A report's way out: standard output, or the file of --output, written as a whole at the end. */
struct lk_outlet {
    FILE *stream;
    struct lk_outlet_text *text; /* what the file will hold; NULL: standard output */
};

/*
 * lk_outlet_keep has all that is reported from now on kept, or written again; lk_outlet_take
 * returns what was kept since it was called last, or NULL.
 */
void lk_outlet_keep(bool keep);
char *lk_outlet_take(TALLOC_CTX *mem);

struct lk_outlet lk_outlet_open(void);
bool lk_outlet_close(struct lk_outlet *outlet, struct lk_error *err) LK_MUST_CHECK;

/* A report that was asked for, and where it goes. */
struct lk_report_request {
    const struct lk_reporter *reporter;
    const char *path; /* NULL: standard output */
};

struct lk_report_requests {
    LK_VEC(struct lk_report_request) items;
    unsigned wants; /* of all of them */
};

/*
 * lk_report_requests_read returns what --format and --output of `lint` ask for: several formats,
 * each with a file of its own. Two that go to the same place are an error.
 */
bool lk_report_requests_read(TALLOC_CTX *mem, struct lk_report_requests *ret,
                             struct lk_error *err) LK_MUST_CHECK;

/* lk_report_requests_write writes the reports of lint, files first, each as a whole or not at
 * all. */
bool lk_report_requests_write(const struct lk_report_requests *requests,
                              const struct lk_lint_report *report,
                              struct lk_error *err) LK_MUST_CHECK;

#endif
