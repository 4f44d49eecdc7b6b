/*
 * cli/command.h
 *     What a command is: one file cmd_<verb>.c, one exported struct, one line in commands.def.
 */
#ifndef LK_CLI_COMMAND_H
#define LK_CLI_COMMAND_H

#include "cli/config.h"
#include "cli/options.h"
#include "parser/base/err.h"

struct lk_met;

/* What a command runs with. */
struct lk_run {
    TALLOC_CTX *mem;
    const struct lk_config *config; /* never NULL: empty where there is no file */
    const char *database; /* of the configuration's databases, the one at hand; NULL: none is */
    struct lk_met *met;   /* the databases that were connected to: see lk_databases_meet */
};

/* What a command does where the configuration has several databases and --database names none. */
enum lk_several {
    LK_SEVERAL_OWN,   /* it sees to that itself, or needs none */
    LK_SEVERAL_EACH,  /* it is carried out for each of them */
    LK_SEVERAL_NAMED, /* it wants to be told: each of those named */
    LK_SEVERAL_ONE,   /* it wants to be told one */
};

struct lk_command {
    const char *name;
    const char *summary;
    const char *usage; /* what follows the command's name and options: "[PATH...]" */
    struct poptOption *options;
    bool unconfigured; /* it goes by no configuration */
    enum lk_several several;
    bool connects;              /* always: a URL that cannot be expanded stops all of it */
    const char *written_format; /* of --output without --format; NULL: text */
    /*
     * run carries the command out. It returns the code of the run's end; `err` holds what is to
     * be said when that is neither OK nor FINDINGS.
     */
    enum lk_error_code (*run)(struct lk_run *run, struct lk_error *err);
};

/* lk_commands returns all commands in the order of commands.def; `*count` of them. */
const struct lk_command *const *lk_commands(size_t *count);

/* lk_command_find returns the command of that name, or NULL. */
const struct lk_command *lk_command_find(const char *name);

#endif
