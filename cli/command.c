/*
 * cli/command.c
 *     The table of commands: see command.h.
 */
#include "cli/command.h"

#define LK_COMMAND(identifier) extern const struct lk_command lk_command_##identifier;
#include "cli/commands.def"
#undef LK_COMMAND

static const struct lk_command *const commands[] = {
#define LK_COMMAND(identifier) &lk_command_##identifier,
#include "cli/commands.def"
#undef LK_COMMAND
};

const struct lk_command *const *
lk_commands(size_t *count)
{
    *count = LK_ARRAY_SIZE(commands);
    return commands;
}

const struct lk_command *
lk_command_find(const char *name)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}
