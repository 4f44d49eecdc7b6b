/*
 * rules/schema/replay_view.h
 *     What a query gives to the relation that is made of it.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_VIEW_H
#define LK_RULES_SCHEMA_REPLAY_VIEW_H

#include "rules/schema/analyze.h"
#include "rules/schema/replay_private.h"

/* A query of CREATE VIEW, CREATE TABLE AS and their like. */
struct lk_replay_query {
    struct lk_text *text; /* NULL: not found in the statement */
    struct lk_result result;
};

/*
 * lk_replay_read_query reads the query behind AS in the statement that names `range`, and gives the
 * columns of its result the names of a list. What the server refuses is noted.
 */
struct lk_replay_query lk_replay_read_query(struct lk_catalog *catalog, const RangeVar *range,
                                            Node *query, const List *names);

/* lk_replay_columns gives a new or touched relation the columns of a query. */
void lk_replay_columns(struct lk_catalog *catalog, struct lk_relation *relation,
                       const struct lk_result *result);

/* lk_replay_set_query makes it the query of a touched view, with all that hangs on it. */
void lk_replay_set_query(struct lk_catalog *catalog, struct lk_relation *view,
                         const struct lk_replay_query *query, Node *tree);

/* lk_replay_refused returns whether the statement at hand is certain to be refused. */
bool lk_replay_refused(const struct lk_catalog *catalog);

#endif
