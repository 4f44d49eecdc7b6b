/*
 * rules/schema/replay_private.h
 *     The parts of the replay, one file per family of statements.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_PRIVATE_H
#define LK_RULES_SCHEMA_REPLAY_PRIVATE_H

#include "parser/pg_names.h"
#include "rules/schema/replay.h"

/* replay_table.c */
void lk_replay_create_table(struct lk_catalog *catalog, const CreateStmt *stmt,
                            enum lk_relation_kind kind);
void lk_replay_create_as(struct lk_catalog *catalog, const CreateTableAsStmt *stmt);
void lk_replay_alter_table(struct lk_catalog *catalog, const AlterTableStmt *stmt);

/*
 * lk_replay_add_column adds a column and what its definition brings along: constraints, and the
 * indexes behind them. `existing` is the table before the statement.
 */
void lk_replay_add_column(struct lk_catalog *catalog, struct lk_relation *table,
                          const ColumnDef *definition);

/* lk_replay_own_sequence makes a sequence one that a column owns; `table` NULL: nobody's. */
void lk_replay_own_sequence(struct lk_catalog *catalog, struct lk_relation *sequence,
                            struct lk_relation *table, const char *column);

/* replay_view.c */
void lk_replay_create_view(struct lk_catalog *catalog, const ViewStmt *stmt);

/* lk_replay_query notes what the query of a view reads. */
void lk_replay_query(struct lk_catalog *catalog, struct lk_relation *view, Node *query);

/* replay_constraint.c */
void lk_replay_constraint(struct lk_catalog *catalog, struct lk_relation *table,
                          const Constraint *definition, const char *column);

/* lk_replay_set_not_null says of a constraint's columns whether they are certain to hold no NULL.
 */
void lk_replay_set_not_null(struct lk_catalog *catalog, struct lk_relation *table,
                            const struct lk_constraint *constraint, bool not_null);

/*
 * lk_replay_not_null collects the columns that a CHECK expression proves to be not null into
 * `ret->not_null`: IS NOT NULL, NOT (IS NULL), and ANDs of them.
 */
void lk_replay_not_null(struct lk_catalog *catalog, const Node *expression,
                        struct lk_constraint *ret);

/* replay_index.c */
void lk_replay_create_index(struct lk_catalog *catalog, const IndexStmt *stmt);

/*
 * lk_replay_choose_name returns an unused relation name made of parts, as the server makes them:
 * name1[_name2]_label with a number behind it if taken, cut to 63 bytes.
 * Source: ChooseRelationName(), src/backend/commands/indexcmds.c.
 */
const char *lk_replay_choose_name(struct lk_catalog *catalog, const char *schema, const char *name1,
                                  const char *name2, const char *label);

/* replay_drop.c */
void lk_replay_drop(struct lk_catalog *catalog, const DropStmt *stmt);
void lk_replay_rename(struct lk_catalog *catalog, const RenameStmt *stmt);
void lk_replay_set_schema(struct lk_catalog *catalog, const AlterObjectSchemaStmt *stmt);

/* replay_session.c */
void lk_replay_transaction(struct lk_catalog *catalog, const TransactionStmt *stmt);
void lk_replay_set(struct lk_catalog *catalog, const VariableSetStmt *stmt);
void lk_replay_set_config(struct lk_catalog *catalog, const SelectStmt *stmt);

#endif
