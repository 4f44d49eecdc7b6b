/*
 * rules/rewrite.h
 *     The user's own SQL taken apart and put together again: what hints are made of.
 *
 * A hint is either one sentence, or SQL that the server takes: prose in SQL is a comment.
 */
#ifndef LK_RULES_REWRITE_H
#define LK_RULES_REWRITE_H

#include "parser/pg_names.h"
#include "rules/rule.h"

/* lk_statement_text returns the statement as written. */
char *lk_statement_text(const struct lk_check *check);

/* lk_marked_text returns the statement that a comment has to stand before to be about the one at
 * hand: that itself, or the one of the migration that calls the routine it stands in. */
char *lk_marked_text(const struct lk_check *check);

/* lk_trimmed cuts white space off the end of a text, and returns it. */
char *lk_trimmed(char *text);

/* lk_statement_insert returns it with `insertion` behind the first `word` (any case). */
char *lk_statement_insert(const struct lk_check *check, const char *word, const char *insertion);

/* lk_alter_sql returns what a further ALTER TABLE of the same table starts with. */
char *lk_alter_sql(const struct lk_check *check, const AlterTableStmt *stmt);

/* lk_alter_span returns where in the text the subcommand of that index of ALTER TABLE stands. */
struct lk_span lk_alter_span(const struct lk_check *check, const AlterTableStmt *stmt,
                             size_t index);

/*
 * lk_room_text returns the subcommands of the ALTER TABLE at hand that make room for the constraint
 * `name` that it adds, as written and with commas behind them: DROP CONSTRAINT of that name, and
 * for a `key` of the primary key that the table has.
 */
char *lk_room_text(const struct lk_check *check, const char *name, bool key);

/*
 * lk_constraint_text returns the text of a table constraint as written, without CONSTRAINT name: up
 * to the next comma or closing parenthesis on the same level, or the statement's end.
 */
char *lk_constraint_text(const struct lk_check *check, const Constraint *constraint);

/* lk_check_text returns "CHECK (...)" of a table's or column's constraint as written, and NO
 * INHERIT where that is said. */
char *lk_check_text(const struct lk_check *check, const Constraint *constraint);

/* lk_column_attributes returns what stands behind a column's constraint: " DEFERRABLE", or "". */
const char *lk_column_attributes(const ColumnDef *definition, const Constraint *constraint);

/* lk_foreign_key_text returns "FOREIGN KEY (column) REFERENCES ..." for a column's constraint. */
char *lk_foreign_key_text(const struct lk_check *check, const ColumnDef *definition,
                          const Constraint *constraint);

/*
 * lk_column_without returns the definition of ADD COLUMN as written, but without one of its
 * constraints.
 */
char *lk_column_without(const struct lk_check *check, const ColumnDef *definition,
                        const Constraint *constraint);

/* lk_column_part returns a column's constraint as written, without CONSTRAINT name. */
char *lk_column_part(const struct lk_check *check, const ColumnDef *definition,
                     const Constraint *constraint);

/* lk_column_part_span returns where a column's constraint stands, with CONSTRAINT name. */
struct lk_span lk_column_part_span(const struct lk_check *check, const ColumnDef *definition,
                                   const Constraint *constraint);

/*
 * lk_column_bare returns the definition of ADD COLUMN without any constraint: name, type, COLLATE;
 * of a serial type the integer's.
 */
char *lk_column_bare(const struct lk_check *check, const ColumnDef *definition);

/* lk_constraint_columns returns the names of the columns of a table's constraint, joined as in the
 * name that the server makes: of a CHECK, the one that it is about. */
const char *lk_constraint_columns(const struct lk_check *check, const Constraint *constraint);

/* lk_joined_names returns "a_b" for a list of String nodes. */
char *lk_joined_names(const struct lk_check *check, const List *names);

/*
 * lk_made_name returns a name that no constraint of the table and no relation beside it has, made
 * as the server makes them: table_columns_label, with a number if need be. Not quoted.
 */
char *lk_made_name(const struct lk_check *check, struct lk_qname table, const char *columns,
                   const char *label);

/*
 * lk_index_made_name returns the name that the server gives such an index of a table (its own, or
 * one of its partitions) where the statement gives none, not quoted.
 */
char *lk_index_made_name(const struct lk_check *check, const IndexStmt *stmt,
                         struct lk_qname table);

/* lk_index_name returns the name of the index that CREATE INDEX makes, not quoted. */
char *lk_index_name(const struct lk_check *check, const IndexStmt *stmt);

/*
 * lk_index_on returns CREATE INDEX CONCURRENTLY of the same index, called `name`, on another table
 * (its qualified, quoted name).
 */
char *lk_index_on(const struct lk_check *check, const IndexStmt *stmt, const char *name,
                  const char *table);

/* Partitions of a table, in the order of their names. */
struct lk_partitions {
    LK_VEC(const struct lk_relation *) items;
};

/* lk_partitions_of returns the partitions of a table that the history knows of. */
struct lk_partitions lk_partitions_of(const struct lk_check *check, const RangeVar *table);

#endif
