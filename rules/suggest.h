/*
 * rules/suggest.h
 *     What rules share: is it new here, and the user's own SQL turned into advice.
 */
#ifndef LK_RULES_SUGGEST_H
#define LK_RULES_SUGGEST_H

#include "parser/pg_names.h"
#include "rules/rule.h"

/* lk_subject returns the relation that a name means, or NULL when the history does not tell. */
const struct lk_relation *lk_subject(const struct lk_check *check, const RangeVar *range);

/*
 * lk_subject_is_new returns whether nobody can be using the relation: it was created in this
 * migration or in one that is pending too, or is temporary. An unknown relation is not new.
 */
bool lk_subject_is_new(const struct lk_check *check, const RangeVar *range);

/*
 * lk_alters_used_table returns whether ALTER TABLE works on rows that others may be using: those of
 * a table that is neither new nor foreign.
 */
bool lk_alters_used_table(const struct lk_check *check, const AlterTableStmt *stmt);

/* lk_subject_is_partitioned returns whether the relation is known to be partitioned. */
bool lk_subject_is_partitioned(const struct lk_check *check, const RangeVar *range);

/* lk_subject_name returns the relation's qualified, quoted name. */
char *lk_subject_name(const struct lk_check *check, const RangeVar *range);

/* lk_statement_text returns the statement as written. */
char *lk_statement_text(const struct lk_check *check);

/* lk_statement_insert returns it with `insertion` behind the first `word` (any case). */
char *lk_statement_insert(const struct lk_check *check, const char *word, const char *insertion);

/*
 * lk_clause_text returns the text from a node's location to where its clause ends: the next comma
 * or closing parenthesis on the same level, or the statement's end.
 */
char *lk_clause_text(const struct lk_check *check, int location);

/* lk_alter_span returns where in the text the subcommand of that index of ALTER TABLE stands. */
struct lk_span lk_alter_span(const struct lk_check *check, const AlterTableStmt *stmt,
                             size_t index);

/*
 * lk_outside_advice returns how to get a statement out of the transaction in this migration's
 * convention, as a sentence for the end of a hint; "" when it is outside already.
 */
const char *lk_outside_advice(const struct lk_check *check);

/* lk_reported returns whether the rule at hand has reported on this migration before. */
bool lk_reported(const struct lk_check *check);

/*
 * lk_always_true returns whether a WHERE clause lets every row through: none at all, a constant
 * true, or a comparison of equal constants.
 */
bool lk_always_true(const Node *where);

/* lk_made_name returns a name for a new constraint or index: parts joined by '_', 63 bytes at most.
 */
char *lk_made_name(const struct lk_check *check, const char *table, const char *columns,
                   const char *label);

#endif
