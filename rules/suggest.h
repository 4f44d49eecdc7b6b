/*
 * rules/suggest.h
 *     What rules share: is it new here, is it in use, and how is it run.
 */
#ifndef LK_RULES_SUGGEST_H
#define LK_RULES_SUGGEST_H

#include "rules/rewrite.h"

/* lk_subject returns the relation that a name means, or NULL when the history does not tell. */
const struct lk_relation *lk_subject(const struct lk_check *check, const RangeVar *range);

/*
 * lk_subject_is_new returns whether nobody can be using the relation: it was created in this
 * migration or in one that is pending too, or is temporary. An unknown relation is not new.
 */
bool lk_subject_is_new(const struct lk_check *check, const RangeVar *range);

/* lk_drops returns whether DROP names the relation. */
bool lk_drops(const struct lk_check *check, const DropStmt *stmt,
              const struct lk_relation *relation);

/* lk_named_is_new is lk_subject_is_new for a name that stands in a DROP. */
bool lk_named_is_new(const struct lk_check *check, struct lk_qname name);

/*
 * lk_is_absent returns whether DROP says IF EXISTS (`missing_ok`) of what is not there: it is not
 * `known` to a history that does not begin with this very migration.
 */
bool lk_is_absent(const struct lk_check *check, bool known, bool missing_ok);

/*
 * lk_named_is_absent returns whether DROP says IF EXISTS of a relation that is certain not to be
 * there: the history starts with an empty database, and has not created it or has dropped it.
 */
bool lk_named_is_absent(const struct lk_check *check, struct lk_qname name, bool missing_ok);

/*
 * lk_alters_used_table returns whether ALTER TABLE works on rows that others may be using: those of
 * a table that is neither new nor foreign. Rules find it in `alters_used`.
 */
bool lk_alters_used_table(const struct lk_check *check, const AlterTableStmt *stmt);

/*
 * lk_subject_is_emptied returns whether the transaction has emptied the table with TRUNCATE: what
 * is done with all of its rows takes no time, and who waits does so for the transaction as it is.
 */
bool lk_subject_is_emptied(const struct lk_check *check, const RangeVar *range);

/* lk_alters_rows is `alters_used` for a table that may have rows. */
bool lk_alters_rows(const struct lk_check *check, const AlterTableStmt *stmt);

/* lk_alter_has returns whether ALTER TABLE has a subcommand of a type. */
bool lk_alter_has(const AlterTableStmt *stmt, AlterTableType type);

/*
 * lk_each_added_constraint calls `each` for the constraints of a type that ALTER TABLE adds to a
 * table that others may be using: with the column it comes with, NULL for one that comes alone.
 */
void lk_each_added_constraint(struct lk_check *check, const AlterTableStmt *stmt, ConstrType type,
                              void (*each)(struct lk_check *check, const RangeVar *range,
                                           const Constraint *constraint,
                                           const ColumnDef *definition, void *data),
                              void *data);

/* lk_adds_constraint returns the constraint of that name that ALTER TABLE adds, or NULL. */
const Constraint *lk_adds_constraint(const AlterTableStmt *stmt, const char *name);

/* lk_subject_is_partitioned returns whether the relation is known to be partitioned. */
bool lk_subject_is_partitioned(const struct lk_check *check, const RangeVar *range);

/* lk_subject_name returns the relation's qualified, quoted name. */
char *lk_subject_name(const struct lk_check *check, const RangeVar *range);

/* Columns of a table, by their names. */
struct lk_columns {
    LK_VEC(const char *) items;
};

/* lk_columns_text returns their names, quoted, with commas between. */
char *lk_columns_text(const struct lk_check *check, const struct lk_columns *columns);

/* lk_finding_columns adds them to a finding's objects. */
void lk_finding_columns(struct lk_check *check, struct lk_finding *finding, const RangeVar *range,
                        const struct lk_columns *columns);

/*
 * lk_outside_advice returns how to get a statement out of the transaction in this migration's
 * convention, as a comment in front of it; "" when it is outside already.
 */
const char *lk_outside_advice(const struct lk_check *check);

/* lk_outside_index is the same for CREATE INDEX CONCURRENTLY in place of the statement at hand. */
const char *lk_outside_index(const struct lk_check *check);

/* lk_is_noticed returns whether the runner notices by itself that the statement, once it says
 * CONCURRENTLY, cannot run in a transaction. */
bool lk_is_noticed(const struct lk_check *check);

/*
 * lk_hint_meant advises to say that a statement is meant, and why: `until`, in words, is what has
 * to be so before.
 */
void lk_hint_meant(struct lk_check *check, struct lk_finding *finding, const char *until);

/*
 * lk_report_missed reports DROP of something that clients may miss: `word` is its kind, `verb` what
 * they do with it. Advised is to rename it first, to `aside` (not quoted), of which the rule
 * `renaming` speaks (NULL: none does).
 */
void lk_report_missed(struct lk_check *check, const char *word, struct lk_qname name,
                      const char *verb, const char *aside, const char *renaming);

/*
 * lk_can_stop_half_way returns whether the migration may fail with what the statement at hand did
 * left behind: it is not one transaction, and has other statements that may fail; SET does not.
 */
bool lk_can_stop_half_way(const struct lk_check *check);

/* lk_strongest_lock returns the strongest lock on a relation in use that keeps writes out, or NULL.
 */
const struct lk_lock *lk_strongest_lock(const struct lk_effects *effects);

/* lk_wait_is_bounded returns whether something ends the statement's wait for its locks: a
 * lock_timeout of the file or of the applier. */
bool lk_wait_is_bounded(const struct lk_check *check);

/*
 * lk_is_bound_told returns whether a finding of which people hear advises what ends the wait for
 * the statement's locks, or needs none: lk_finding.bounds.
 */
bool lk_is_bound_told(const struct lk_check *check);

/* lk_bound has a finding advise to end the wait for the statement's locks: it returns what to set
 * in front of it, lines, for the hint; "" where the wait is bounded. */
const char *lk_bound(struct lk_check *check, struct lk_finding *finding);

/* lk_wait_text returns only the text: for a statement that goes into another migration. */
const char *lk_wait_text(const struct lk_check *check);

/* lk_wait_end returns what sets it back, with a line's end in front, to be put behind the last
 * statement of a migration: "" where the end of the transaction does. */
const char *lk_wait_end(const struct lk_check *check);

/*
 * lk_wait_apart returns complete statements that wait for strong locks, as another migration than
 * the one at hand has them: with what ends the wait, unless the applier does or nobody asks for it.
 */
const char *lk_wait_apart(const struct lk_check *check, const char *sql);

/* lk_statement_apart returns the statement at hand, complete, as a migration of its own has it. */
const char *lk_statement_apart(const struct lk_check *check);

/* lk_reported returns whether the rule at hand has reported on this migration before, and
 * lk_reported_by whether another one has. */
bool lk_reported(const struct lk_check *check);
bool lk_reported_by(const struct lk_check *check, const struct lk_rule *rule);

/*
 * lk_detail_held adds to a finding about long work which table the transaction keeps others out of
 * meanwhile; nothing where there is none.
 */
void lk_detail_held(struct lk_check *check, struct lk_finding *finding);

/* lk_reported_here returns whether a rule has reported the statement at hand, and people hear of
 * it: it is not suppressed. */
bool lk_reported_here(const struct lk_check *check, const char *rule);

/* lk_reported_on returns whether a rule has, on an object of that qualified, quoted name. */
bool lk_reported_on(const struct lk_check *check, const char *rule, const char *object);

/*
 * lk_freed_text returns a comment, to stand in front of DROP COLUMN, that says for what the server
 * would refuse that: what leans on the column and does not go along with it; "" of nothing.
 */
const char *lk_freed_text(const struct lk_check *check, const struct lk_relation *table,
                          const char *column);

/*
 * lk_counterpart returns the migration of a kind that has the same version and folder as another
 * one of the changelog, or NULL.
 */
const struct lk_migration *lk_counterpart(const struct lk_changelog *changelog,
                                          const struct lk_migration *migration,
                                          enum lk_migration_kind kind);

/*
 * lk_always_true returns whether a WHERE clause lets every row through: none at all, a constant
 * true, or a comparison of equal constants.
 */
bool lk_always_true(const Node *where);

#endif
