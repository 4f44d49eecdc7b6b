/*
 * rules/fix_private.h
 *     What the files that make fixes share.
 */
#ifndef LK_RULES_FIX_PRIVATE_H
#define LK_RULES_FIX_PRIVATE_H

#include "rules/fix.h"

/* Of a file with more, no statement is moved, and nothing is put into a migration behind it: what
 * has to be looked at for each grows with their number. */
#define LK_FIX_MAX_STATEMENTS 200

/* lk_fix_of returns the fix of a finding, which begins with the first question for it. */
struct lk_fix *lk_fix_of(struct lk_check *check, struct lk_finding *finding);

/* lk_skip_blanks returns where blanks in a line end, from `at` on. */
uint32_t lk_skip_blanks(const char *text, uint32_t at, uint32_t end);

/* lk_fix_text returns a part of a file as the edits make it, and as it can be written elsewhere. */
char *lk_fix_text(TALLOC_CTX *mem, const struct lk_fix *fix, const struct lk_source *source,
                  struct lk_span span);

/*
 * lk_fix_whole returns where all that is a statement's own stands: the comments right above it, its
 * semicolon, a comment behind it in the line.
 */
struct lk_span lk_fix_whole(const struct lk_check *check, const struct lk_statement *statement);

/* lk_fix_take_whole deletes the statement at hand with all that is its own, and the edits in it. */
void lk_fix_take_whole(struct lk_check *check, struct lk_finding *finding);

/* lk_fix_end sees to it that a statement has a semicolon behind it. */
void lk_fix_end(struct lk_check *check, struct lk_finding *finding,
                const struct lk_statement *statement);

/* lk_fix_switch_off has the runner open no transaction around the migration; false where that
 * cannot be said. */
bool lk_fix_switch_off(struct lk_check *check, struct lk_finding *finding);

/* lk_fix_one_message returns whether the runner sends a file of so many statements as one message
 * once it opens no transaction for it: an implicit one, if there is more than one. */
bool lk_fix_one_message(const struct lk_naming *naming, size_t statements);

/* The names that what stands around a statement may need it for. */
struct lk_fix_names {
    LK_VEC(const char *) tables;
    const char *made; /* or dropped; NULL: none */
};

/* lk_fix_names_of returns the names of the relations that the statement locks, and `made`. */
struct lk_fix_names lk_fix_names_of(const struct lk_check *check, const char *made);

/*
 * lk_fix_mentions returns whether a part of the text has one of the names in it, as a name of
 * whatever: false says for sure that the part has nothing to do with them.
 */
bool lk_fix_mentions(const char *text, struct lk_span span, const struct lk_fix_names *names,
                     bool tables);

/*
 * lk_fix_is_free returns whether the statements behind the one at hand do not mind it coming after
 * them, and whether it means the same in a migration of its own.
 */
bool lk_fix_is_free(const struct lk_check *check, const struct lk_fix_names *names);

/*
 * lk_fix_made_need returns whether one of the migrations that fixes have made right behind the one
 * at hand needs what the statement does: what it is moved to has to stand in front of them.
 */
bool lk_fix_made_need(const struct lk_check *check, const struct lk_fix_names *names);

/*
 * lk_fix_can_wait returns that of the work on rows that a constraint, `made`, brings: those
 * statements may need the constraint, but not that it has been checked.
 */
bool lk_fix_can_wait(const struct lk_check *check, const struct lk_fix_names *names);

#endif
