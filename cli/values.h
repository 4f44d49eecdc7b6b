/*
 * cli/values.h
 *     The words that an option or an argument takes: what a shell offers, and the manual lists.
 */
#ifndef LK_CLI_VALUES_H
#define LK_CLI_VALUES_H

#include "cli/command.h"

enum lk_value_kind {
    LK_VALUE_NONE,  /* the option takes none */
    LK_VALUE_TEXT,  /* anything */
    LK_VALUE_FILE,  /* a file or folder */
    LK_VALUE_WORD,  /* one of the words */
    LK_VALUE_WORDS, /* some of the words, with commas between them */
};

struct lk_value_set {
    enum lk_value_kind kind;
    LK_VEC(const char *) words;
};

/* lk_value_set_of returns what `option` takes where it is given to `command` (NULL: before any). */
struct lk_value_set lk_value_set_of(TALLOC_CTX *mem, const struct lk_command *command,
                                    const struct poptOption *option);

/* lk_value_set_of_arguments returns what a command's arguments are. */
struct lk_value_set lk_value_set_of_arguments(TALLOC_CTX *mem, const struct lk_command *command);

#endif
