/*
 * cli/help.h
 *     --help, from the tables of commands and options.
 */
#ifndef LK_CLI_HELP_H
#define LK_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* The options before the command: the global ones. */
extern struct poptOption lk_program_options[];

/* lk_help_program prints what the program is and its commands, in 80 columns. */
void lk_help_program(FILE *stream);

/*
 * lk_help_wrap prints text from `column` on in 80 columns, broken at blanks, further lines at
 * `indent`, and ends the line.
 */
void lk_help_wrap(FILE *stream, const char *text, size_t column, size_t indent);

/* lk_help_command prints a command's usage and options, in 80 columns. */
void lk_help_command(FILE *stream, const struct lk_command *command);

#endif
