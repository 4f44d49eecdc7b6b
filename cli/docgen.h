/*
 * cli/docgen.h
 *     Generated pages that have a file of their own to make them.
 */
#ifndef LK_CLI_DOCGEN_H
#define LK_CLI_DOCGEN_H

#include "cli/command.h"
#include "parser/base/buf.h"

/* lk_docgen_locks adds the page on locks, made by the model that predicts them. */
void lk_docgen_locks(TALLOC_CTX *mem, struct lk_buf *page);

/* lk_docgen_recovery adds the page on what a run does when something goes wrong. */
void lk_docgen_recovery(TALLOC_CTX *mem, struct lk_buf *page);

/* lk_docgen_man adds the manual page, in man(7)'s macros. */
void lk_docgen_man(TALLOC_CTX *mem, struct lk_buf *page);

/* The completions, for bash, zsh and fish. */
void lk_docgen_bash(TALLOC_CTX *mem, struct lk_buf *page);
void lk_docgen_zsh(TALLOC_CTX *mem, struct lk_buf *page);
void lk_docgen_fish(TALLOC_CTX *mem, struct lk_buf *page);

/* The options of a table and of those it includes, in the order of --help. */
struct lk_option_list {
    LK_VEC(const struct poptOption *) items;
};

/* lk_docgen_options returns a table's options, without those of the table `except` (NULL: all). */
struct lk_option_list lk_docgen_options(TALLOC_CTX *mem, const struct poptOption *table,
                                        const struct poptOption *except);

#endif
