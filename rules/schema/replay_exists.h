/*
 * rules/schema/replay_exists.h
 *     What EXISTS over the server's catalogs comes to, asked of the replayed one.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_EXISTS_H
#define LK_RULES_SCHEMA_REPLAY_EXISTS_H

#include "rules/schema/replay_condition.h"

struct SelectStmt;

/*
 * lk_replay_exists returns whether a query finds anything: one over a view of information_schema or
 * pg_catalog, or over tables of pg_catalog that are joined by OIDs, which compares columns with
 * constants. UNKNOWN is any other, and what the replay is not sure of.
 */
enum lk_truth lk_replay_exists(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                               const struct SelectStmt *select);

#endif
