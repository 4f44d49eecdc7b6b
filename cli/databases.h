/*
 * cli/databases.h
 *     Several databases of one configuration: which are meant, and one after the other.
 */
#ifndef LK_CLI_DATABASES_H
#define LK_CLI_DATABASES_H

#include "applier/target.h"
#include "cli/command.h"

struct lk_databases {
    LK_VEC(const char *) names; /* none: the file is about one database, or the paths are of none */
    bool several; /* more than one may be meant, even if it is one: what is reported is a list */
};

/*
 * lk_databases_choose returns the databases of the configuration that are meant, in its order:
 * those of --database, else those that the paths on the command line are migrations of, else all.
 */
bool lk_databases_choose(struct lk_run *run, struct lk_databases *ret,
                         struct lk_error *err) LK_MUST_CHECK;

/* lk_databases_has returns whether a database's migrations lie at a path, or around it. */
bool lk_databases_has(TALLOC_CTX *mem, const struct lk_config *config, const char *database,
                      const char *path);

/*
 * lk_databases_run carries a command out: once, or for each of several databases. One that fails
 * does not keep the others from their turn, but for --fail-fast and interrupts; the highest of the
 * exit codes is that of all. JSON reports become one document with a list `databases`.
 */
enum lk_error_code lk_databases_run(struct lk_run *run, const struct lk_command *command,
                                    struct lk_error *err);

/* lk_databases_meet fails where two names of the configuration lead to one database: their
 * histories would be one, too. */
bool lk_databases_meet(struct lk_run *run, const struct lk_target *target,
                       struct lk_error *err) LK_MUST_CHECK;

#endif
