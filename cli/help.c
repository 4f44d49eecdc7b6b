/*
 * cli/help.c
 *     --help: see help.h.
 */
#include "cli/help.h"

#define WIDTH 79
#define INDENT 28 /* where the descriptions of options start */

struct poptOption lk_program_options[] = {LK_GLOBAL_TABLE, POPT_TABLEEND};

void
lk_help_wrap(FILE *stream, const char *text, size_t column, size_t indent)
{
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', stream);
            column++;
        }
        fprintf(stream, "%.*s", (int)length, text);
        column += length;
        text += length;
        while (*text == ' ')
            text++;
    }
    fputc('\n', stream);
}

static void
print_option(FILE *stream, const struct poptOption *option)
{
    char left[80];
    int length =
        snprintf(left, sizeof(left), "  %c%c%c --%s%s%s", option->shortName ? '-' : ' ',
                 option->shortName ? option->shortName : ' ', option->shortName ? ',' : ' ',
                 option->longName, option->argDescrip != NULL ? " " : "",
                 option->argDescrip != NULL ? option->argDescrip : "");

    fputs(left, stream);
    if (length >= INDENT - 1)
        fprintf(stream, "\n%*s", INDENT, "");
    else
        fprintf(stream, "%*s", INDENT - length, "");
    lk_help_wrap(stream, option->descrip, INDENT, INDENT);
}

static void
print_table(FILE *stream, const struct poptOption *table, const char *title)
{
    bool titled = false;

    for (const struct poptOption *option = table; option->longName != NULL || option->arg != NULL;
         option++) {
        if ((option->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE)
            continue;
        if (!titled)
            fprintf(stream, "\n%s\n", title);
        titled = true;
        print_option(stream, option);
    }
    for (const struct poptOption *option = table; option->longName != NULL || option->arg != NULL;
         option++)
        if ((option->argInfo & POPT_ARG_MASK) == POPT_ARG_INCLUDE_TABLE)
            print_table(stream, option->arg, option->descrip);
}

void
lk_help_program(FILE *stream)
{
    size_t count;
    const struct lk_command *const *commands = lk_commands(&count);

    fputs("Usage: lockkeeper [OPTION...] COMMAND [OPTION...] [PATH...]\n\n"
          "Checks PostgreSQL migrations, plans them and carries them out.\n\nCommands:\n",
          stream);
    for (size_t i = 0; i < count; i++) {
        int length = fprintf(stream, "  %s", commands[i]->name);
        fprintf(stream, "%*s", 14 - length, "");
        lk_help_wrap(stream, commands[i]->summary, 14, 14);
    }
    print_table(stream, lk_program_options, "Options:");
    fputs("\n`lockkeeper COMMAND --help` shows the options of a command.\n", stream);
}

void
lk_help_command(FILE *stream, const struct lk_command *command)
{
    fprintf(stream, "Usage: lockkeeper %s [OPTION...]%s%s\n\n", command->name,
            command->usage[0] != '\0' ? " " : "", command->usage);
    lk_help_wrap(stream, command->summary, 0, 0);
    print_table(stream, command->options, "Options:");
}
