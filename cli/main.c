/*
 * cli/main.c
 *     The program: options, the command, the exit code.
 */
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "cli/complain.h"
#include "cli/databases.h"
#include "cli/help.h"
#include "cli/log_json.h"
#include "cli/paint.h"
#include "cli/version.h"
#include "parser/base/text.h"
#include "parser/pgparse.h"

static void
print_bug(const char *message)
{
    fprintf(stderr,
            "lockkeeper: internal error: %s\n"
            "This is a bug in lockkeeper; please report it with the input that leads to it.\n",
            message);
    _exit(lk_error_exit_code(LK_ERR_INTERNAL));
}

/* add_names splits "a,b" and adds the parts to a list option. */
static void
add_names(TALLOC_CTX *mem, int option, const char *names)
{
    switch (option) {
    case LK_OPTION_ACCEPT:
        lk_vec_push(mem, &lk_options.accept, lk_strdup(mem, names));
        return;
    case LK_OPTION_EXCLUDE:
        lk_vec_push(mem, &lk_options.exclude, lk_strdup(mem, names));
        return;
    case LK_OPTION_FORMAT:
        lk_vec_push(mem, &lk_options.formats, lk_strdup(mem, names));
        lk_options.format = *lk_vec_last(&lk_options.formats);
        return;
    }
    while (*names != '\0') {
        size_t length = strcspn(names, ",");
        char *name = lk_strndup(mem, names, length);
        if (length > 0 && option == LK_OPTION_SELECT)
            lk_vec_push(mem, &lk_options.select, name);
        else if (length > 0 && option == LK_OPTION_DATABASE)
            lk_vec_push(mem, &lk_options.databases, name);
        else if (length > 0)
            lk_vec_push(mem, &lk_options.ignore, name);
        names += length + (names[length] == ',');
    }
}

/*
 * parse_options reads options by a table; what is left over goes to `ret_rest` (NULL-terminated,
 * in `mem`). `stop` ends at the first word that is no option: the command.
 */
static bool
parse_options(TALLOC_CTX *mem, int argc, const char **argv, const struct poptOption *table,
              bool stop, const char ***ret_rest, struct lk_error *err)
{
    poptContext context =
        poptGetContext("lockkeeper", argc, argv, table, stop ? POPT_CONTEXT_POSIXMEHARDER : 0);
    int option;

    while ((option = poptGetNextOpt(context)) > 0) {
        char *value = poptGetOptArg(context);
        if (value != NULL)
            add_names(mem, option, value);
        free(value);
    }
    if (option < -1) {
        bool number = option == POPT_ERROR_BADNUMBER || option == POPT_ERROR_OVERFLOW;
        lk_fail(err, LK_ERR_USAGE, "%s: %s", poptBadOption(context, POPT_BADOPTION_NOALIAS),
                number ? "the option that this belongs to takes a number" : poptStrerror(option));
        lk_error_hint(err, "`lockkeeper --help` shows what there is.");
        poptFreeContext(context);
        return false;
    }
    const char **rest = poptGetArgs(context);
    size_t count = 0;
    while (rest != NULL && rest[count] != NULL)
        count++;
    *ret_rest = lk_new_array(mem, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        (*ret_rest)[i] = lk_strdup(mem, rest[i]);
    poptFreeContext(context);
    return true;
}

static const struct lk_command *
choose_command(const char *name, struct lk_error *err)
{
    const struct lk_command *command = lk_command_find(name);
    size_t count;
    const struct lk_command *const *commands = lk_commands(&count);

    if (command != NULL)
        return command;
    const char **names = lk_new_array(NULL, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = commands[i]->name;
    const char *nearest = lk_nearest(name, names, count);
    talloc_free(names);
    lk_fail(err, LK_ERR_USAGE, "there is no command \"%s\"", name);
    if (nearest != NULL)
        lk_error_hint(err, "Perhaps %s is meant.", nearest);
    else
        lk_error_hint(err, "`lockkeeper --help` lists them.");
    return NULL;
}

static enum lk_error_code
run_command(TALLOC_CTX *mem, const struct lk_command *command, const char **args,
            struct lk_error *err)
{
    struct lk_config *config;
    const char **rest;
    int argc = 1;

    while (args[argc] != NULL)
        argc++;
    if (!parse_options(mem, argc, args, command->options, false, &rest, err))
        return err->code;
    if (!lk_paint_setup(lk_options.color, STDOUT_FILENO)) {
        lk_fail(err, LK_ERR_USAGE, "--color is auto, always or never, not \"%s\"",
                lk_options.color);
        return err->code;
    }
    if (!lk_log_check(err))
        return err->code;
    if (lk_options.help) {
        lk_help_command(stdout, command);
        return LK_ERR_OK;
    }
    for (size_t i = 0; rest[i] != NULL; i++)
        lk_vec_push(mem, &lk_options.paths, rest[i]);
    if (command->unconfigured ? !lk_config_parse(mem, NULL, "", 0, &config, err)
                              : !lk_config_load(mem, lk_options.config, &config, err))
        return err->code;
    if (lk_options.format == NULL && lk_options.output != NULL)
        lk_options.format = command->written_format;
    struct lk_run run = {.mem = mem, .config = config};
    return lk_databases_run(&run, command, err);
}

static enum lk_error_code
run_program(TALLOC_CTX *mem, int argc, const char **argv, struct lk_error *err)
{
    const char **rest;

    if (!parse_options(mem, argc, argv, lk_program_options, true, &rest, err))
        return err->code;
    if (lk_options.version) {
        printf("lockkeeper %s (grammar of PostgreSQL %s)\n", LK_VERSION, lk_grammar_version());
        return LK_ERR_OK;
    }
    if (rest[0] == NULL && !lk_options.help) {
        lk_help_program(stderr);
        return LK_ERR_USAGE;
    }
    if (rest[0] == NULL) {
        lk_help_program(stdout);
        return LK_ERR_OK;
    }
    const struct lk_command *command = choose_command(rest[0], err);
    return command == NULL ? err->code : run_command(mem, command, rest, err);
}

int
main(int argc, const char **argv)
{
    struct lk_error err = {0};
    TALLOC_CTX *mem = lk_mem_new(NULL);

    setlocale(LC_CTYPE, "C.UTF-8"); /* in Turkish, INDEX would not be index */
    signal(SIGPIPE, SIG_IGN);
    lk_set_bug_handler(print_bug);
    enum lk_error_code code = run_program(mem, argc, argv, &err);
    if (err.message != NULL)
        lk_complain(&err);
    lk_error_clear(&err);
    talloc_free(mem);
    lk_pg_finish();
    return lk_error_exit_code(code);
}
