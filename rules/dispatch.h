/*
 * rules/dispatch.h
 *     Which rules are called when: tables of those that are switched on.
 */
#ifndef LK_RULES_DISPATCH_H
#define LK_RULES_DISPATCH_H

#include "rules/rule.h"

enum lk_moment {
    LK_ON_STATEMENT,
    LK_ON_BROKEN,
    LK_ON_DYNAMIC,
    LK_END_OF_FILE,
    LK_AFTER_SUPPRESSION,
    LK_END_OF_CHANGELOG,
    LK_MOMENT_COUNT
};

struct lk_dispatch;

/* lk_dispatch_new returns the tables for some settings; they live as long as `mem`. */
struct lk_dispatch *lk_dispatch_new(TALLOC_CTX *mem, const struct lk_settings *settings);

/*
 * lk_dispatch_tree calls the rules that want the nodes of a statement: itself, those in its WITH
 * clause, and the definitions in it.
 */
void lk_dispatch_tree(const struct lk_dispatch *dispatch, struct lk_check *check,
                      const struct Node *tree);

/* lk_dispatch_moment calls the checks of one moment; with `undo` of rules that look at undo, too.
 */
void lk_dispatch_moment(const struct lk_dispatch *dispatch, struct lk_check *check,
                        enum lk_moment moment, bool undo);

/* lk_dispatch_refusal calls the rules that report what the server refuses with its SQLSTATE. */
void lk_dispatch_refusal(const struct lk_dispatch *dispatch, struct lk_check *check,
                         const struct lk_refusal *refusal);

#endif
