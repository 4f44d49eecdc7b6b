/*
 * rules/schema/replay_private.h
 *     The parts of the replay, one file per family of statements.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_PRIVATE_H
#define LK_RULES_SCHEMA_REPLAY_PRIVATE_H

#include "parser/pg_names.h"
#include "rules/schema/replay.h"

/* what replay.def names */
#define LK_REPLAY(Tag, function) void function(struct lk_catalog *catalog, const Tag *stmt);
#include "rules/schema/replay.def"
#undef LK_REPLAY

/* lk_replay_tree replays a statement, or one inside of the statement at hand. */
void lk_replay_tree(struct lk_catalog *catalog, const Node *tree);

/* lk_replay_at says which statement is at hand from now on. */
void lk_replay_at(struct lk_catalog *catalog, const struct lk_statement *statement,
                  const char *text);

/* lk_replay_offset returns where in the text a node's location is. */
uint32_t lk_replay_offset(const struct lk_catalog *catalog, int location);

/* lk_replay_text returns a span of the text at hand that lives as long as the catalog. */
struct lk_text *lk_replay_text(struct lk_catalog *catalog, struct lk_span span);

/*
 * lk_replay_add_column adds a column and what its definition brings along: constraints, and the
 * indexes behind them. `existing` is the table before the statement.
 */
void lk_replay_add_column(struct lk_catalog *catalog, struct lk_relation *table,
                          const ColumnDef *definition);

/* lk_replay_own_sequence makes a sequence one that a column owns; `table` NULL: nobody's. */
void lk_replay_own_sequence(struct lk_catalog *catalog, struct lk_relation *sequence,
                            struct lk_relation *table, const char *column);

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

/*
 * lk_replay_choose_name returns an unused relation name made of parts, as the server makes them:
 * name1[_name2]_label with a number behind it if taken, cut to 63 bytes.
 * Source: ChooseRelationName(), src/backend/commands/indexcmds.c.
 */
const char *lk_replay_choose_name(struct lk_catalog *catalog, const char *schema, const char *name1,
                                  const char *name2, const char *label);

#endif
