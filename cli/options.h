/*
 * cli/options.h
 *     Options of the command line: shared tables, and where their values go.
 */
#ifndef LK_CLI_OPTIONS_H
#define LK_CLI_OPTIONS_H

#include <popt.h>

#include "parser/base/vec.h"

/* Every option's value; NULL, 0 and false where it was not given. */
struct lk_options {
    /* global */
    const char *config;
    const char *env;
    const char *url;
    const char *format; /* the last of `formats` */
    LK_VEC(const char *) formats;
    const char *output;
    const char *color;
    int quiet;
    int verbose;
    int no_progress;
    const char *log_format;
    int help;
    int version;
    /* reading migrations */
    int postgres_version;
    const char *naming;
    /* lint */
    const char *fail_on;
    const char *after;
    const char *since;
    const char *stdin_filename;
    const char *files_from;
    const char *known;       /* --baseline */
    const char *write_known; /* --write-baseline */
    int max_findings;
    int max_characters;
    /* fix */
    int diff;
    int unsafe;
    /* both */
    LK_VEC(const char *) select;
    LK_VEC(const char *) ignore;
    /* init */
    int force;
    /* plan, apply, status, verify */
    const char *at;
    const char *plan;
    const char *to;
    int dry_run;
    int no_gate;
    int exit_code;
    const char *server_bin;
    /* operations on the history */
    const char *reason;
    int as_applied;
    const char *from;
    const char *table;
    const char *query;
    int accept_server;
    int ignore_other_history;
    int delete_missing;
    int steps;
    const char *down_to;
    int runs;
    int run;
    /* comment */
    const char *pull_request;
    const char *repository;
    const char *api_url;
    const char *comment_name;
    int strict;
    LK_VEC(const char *) accept;
    LK_VEC(const char *) exclude;
    LK_VEC(const char *) databases;
    int fail_fast;
    LK_VEC(const char *) paths; /* what is no option */
};

extern struct lk_options lk_options;

/* The shared tables, to be included by commands with POPT_ARG_INCLUDE_TABLE. */
extern struct poptOption lk_global_options[];
extern struct poptOption lk_reading_options[];
extern struct poptOption lk_checking_options[];

/* One `--select RULE[,RULE...]`, `--accept MIGRATION`, `-f FORMAT`: options given several times. */
enum lk_list_option {
    LK_OPTION_SELECT = 1000,
    LK_OPTION_IGNORE,
    LK_OPTION_ACCEPT,
    LK_OPTION_EXCLUDE,
    LK_OPTION_FORMAT,
    LK_OPTION_DATABASE,
};

#define LK_GLOBAL_TABLE                                                                            \
    {                                                                                              \
        NULL, '\0', POPT_ARG_INCLUDE_TABLE, lk_global_options, 0, "Global options:", NULL          \
    }
#define LK_CHECKING_TABLE                                                                          \
    {                                                                                              \
        NULL, '\0', POPT_ARG_INCLUDE_TABLE, lk_checking_options, 0, "What is told of:", NULL       \
    }
#define LK_READING_TABLE                                                                           \
    {                                                                                              \
        NULL, '\0', POPT_ARG_INCLUDE_TABLE, lk_reading_options, 0, "Reading migrations:", NULL     \
    }

#endif
