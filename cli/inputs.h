/*
 * cli/inputs.h
 *     From options and configuration to settings and changelogs.
 */
#ifndef LK_CLI_INPUTS_H
#define LK_CLI_INPUTS_H

#include "cli/command.h"
#include "parser/changelog.h"
#include "rules/settings.h"

struct lk_inputs {
    LK_VEC(struct lk_changelog *) changelogs; /* each a database of its own to the replay */
    LK_VEC(const char *) databases;           /* that each is of; NULL: the file's own */
    LK_VEC(const char *) baselines;           /* of each; NULL: none */
    LK_VEC(struct lk_settings *) settings;    /* of each: placeholders are of a database */
    bool may_be_empty; /* a list of files was given, or files that are excluded */
    struct lk_found_folder programs;          /* left out, see lk_found_folders; or without path */
};

/* lk_inputs_settings returns what the rules go by: command line, then configuration, as it is for
 * the database at hand. */
struct lk_settings *lk_inputs_settings(struct lk_run *run, struct lk_error *err);

/* lk_inputs_options returns how migrations are found: convention and exclusions. */
bool lk_inputs_options(struct lk_run *run, struct lk_changelog_options *ret,
                       struct lk_error *err) LK_MUST_CHECK;

/*
 * lk_inputs_changelogs returns the changelogs that the paths name, or those of the configuration:
 * of the database at hand, or without one of all that are meant, each with its settings.
 * Folders that hold migrations are one changelog together, in the order given; folders below a
 * path that holds none itself are one each; files are checked in the history they belong to.
 */
bool lk_inputs_changelogs(struct lk_run *run, struct lk_inputs *ret,
                          struct lk_error *err) LK_MUST_CHECK;

/* lk_inputs_narrow leaves out the findings that --after, `baseline` and --since are not about. */
bool lk_inputs_narrow(struct lk_run *run, struct lk_inputs *inputs,
                      struct lk_error *err) LK_MUST_CHECK;

/* lk_inputs_changelog is the same for commands that need exactly one database. */
struct lk_changelog *lk_inputs_changelog(struct lk_run *run, struct lk_error *err);

/* lk_inputs_fail_on returns the severity from which on findings fail the run; OFF: never. */
bool lk_inputs_fail_on(const struct lk_run *run, enum lk_severity *ret,
                       struct lk_error *err) LK_MUST_CHECK;

/* lk_inputs_target returns what the configuration says for the database at hand and --env. */
bool lk_inputs_target(const struct lk_run *run, struct lk_config_target *ret,
                      struct lk_error *err) LK_MUST_CHECK;

#endif
