/*
 * rules/around.h
 *     What else a migration does, before the statement at hand and behind it.
 */
#ifndef LK_RULES_AROUND_H
#define LK_RULES_AROUND_H

#include "parser/pg_names.h"
#include "rules/rule.h"

/* A question about a statement; `data` is the asker's own. */
typedef bool lk_matches(const struct lk_check *check, const Node *tree, const void *data);

/*
 * lk_find_later returns the first statement behind the one at hand that matches, or NULL; the
 * statements that DO blocks carry out are among them. lk_find_earlier does so for those before it,
 * the nearest first.
 */
const Node *lk_find_later(const struct lk_check *check, lk_matches *matches, const void *data);
const Node *lk_find_earlier(const struct lk_check *check, lk_matches *matches, const void *data);

/*
 * lk_found_next returns whether a statement of the migration behind the one at hand, in the same
 * folder, matches: where no other can share a file with the statement at hand. It is read for that.
 */
bool lk_found_next(const struct lk_check *check, lk_matches *matches, const void *data);

/* A question about a subcommand of ALTER TABLE. */
typedef bool lk_command_matches(const AlterTableCmd *command);

/*
 * lk_altered_later returns whether the ALTER TABLE at hand, or one behind it, has a subcommand for
 * a column of `table` that matches; a table that is not known (NULL) is not found again.
 */
bool lk_altered_later(const struct lk_check *check, const struct lk_relation *table,
                      const char *column, lk_command_matches *matches);

/*
 * lk_created_later returns the statement behind the one at hand that creates a relation of that
 * qualified, quoted name, or renames one to it; NULL: none does.
 */
const Node *lk_created_later(const struct lk_check *check, const char *name);

#endif
