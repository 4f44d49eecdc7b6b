/*
 * cli/options.c
 *     The shared option tables: see options.h.
 */
#include "cli/options.h"

struct lk_options lk_options;

struct poptOption lk_global_options[] = {
    {"config", 'c', POPT_ARG_STRING, &lk_options.config, 0,
     "configuration file (default: lockkeeper.yml here or above)", "FILE"},
    {"database", '\0', POPT_ARG_STRING, NULL, LK_OPTION_DATABASE,
     "one of the configuration's databases, several of them (a,b), a pattern with * or all",
     "NAME"},
    {"fail-fast", '\0', POPT_ARG_NONE, &lk_options.fail_fast, 0,
     "of several databases, stop at the first one that fails", NULL},
    {"env", '\0', POPT_ARG_STRING, &lk_options.env, 0, "one of the configuration's environments",
     "NAME"},
    {"url", '\0', POPT_ARG_STRING, &lk_options.url, 0,
     "the database, as libpq takes it (also PG* variables and service files)", "CONNINFO"},
    {"format", 'f', POPT_ARG_STRING, NULL, LK_OPTION_FORMAT,
     "text or json (default: text); lint has others, and FORMAT:FILE to write several", "FORMAT"},
    {"output", 'o', POPT_ARG_STRING, &lk_options.output, 0,
     "write the report to FILE instead of standard output", "FILE"},
    {"color", '\0', POPT_ARG_STRING, &lk_options.color, 0, "auto, always or never (default: auto)",
     "WHEN"},
    {"quiet", 'q', POPT_ARG_NONE, &lk_options.quiet, 0, "no summary and no progress", NULL},
    {"verbose", 'v', POPT_ARG_NONE, &lk_options.verbose, 0, "say what is being done", NULL},
    {"no-progress", '\0', POPT_ARG_NONE, &lk_options.no_progress, 0, "no progress on a terminal",
     NULL},
    {"log-format", '\0', POPT_ARG_STRING, &lk_options.log_format, 0,
     "what happens, on standard error: text, or json for a line of it each (default: text)",
     "FORMAT"},
    {"help", '\0', POPT_ARG_NONE, &lk_options.help, 0, "show this help", NULL},
    {"version", '\0', POPT_ARG_NONE, &lk_options.version, 0,
     "show the version of the tool and of its grammar", NULL},
    POPT_TABLEEND,
};

struct poptOption lk_checking_options[] = {
    {"after", '\0', POPT_ARG_STRING, &lk_options.after, 0,
     "show findings of later versions only; all are replayed", "VERSION"},
    {"since", '\0', POPT_ARG_STRING, &lk_options.since, 0,
     "show findings of migrations that are new or changed since the merge base with a branch, tag "
     "or commit of git; all are replayed",
     "GITREV"},
    {"select", '\0', POPT_ARG_STRING, NULL, LK_OPTION_SELECT, "only these rules or groups",
     "RULE[,RULE]"},
    {"ignore", '\0', POPT_ARG_STRING, NULL, LK_OPTION_IGNORE, "not these rules or groups",
     "RULE[,RULE]"},
    {"baseline", '\0', POPT_ARG_STRING, &lk_options.known, 0,
     "not the findings that this file has, which --write-baseline wrote", "FILE"},
    {"exclude", '\0', POPT_ARG_STRING, NULL, LK_OPTION_EXCLUDE,
     "not the files that match; they are not replayed either", "GLOB"},
    POPT_TABLEEND,
};

struct poptOption lk_reading_options[] = {
    {"postgres-version", '\0', POPT_ARG_INT, &lk_options.postgres_version, 0,
     "major version that facts and advice are for (default: 15)", "N"},
    {"naming", '\0', POPT_ARG_STRING, &lk_options.naming, 0,
     "naming convention of the files (default: auto)", "NAME"},
    POPT_TABLEEND,
};
