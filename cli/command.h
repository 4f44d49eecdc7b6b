/*
 * cli/command.h
 *     What a command is: one file cmd_<verb>.c, one exported struct, one line in commands.def.
 */
#ifndef LK_CLI_COMMAND_H
#define LK_CLI_COMMAND_H

#include "cli/config.h"
#include "cli/options.h"
#include "parser/base/err.h"

/* What a command runs with. */
struct lk_run {
    TALLOC_CTX *mem;
    const struct lk_config *config; /* never NULL: empty where there is no file */
};

struct lk_command {
    const char *name;
    const char *summary;
    const char *usage; /* what follows the command's name and options: "[PATH...]" */
    struct poptOption *options;
    bool unconfigured; /* it goes by no configuration */
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
