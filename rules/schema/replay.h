/*
 * rules/schema/replay.h
 *     What a statement does to the catalog.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_H
#define LK_RULES_SCHEMA_REPLAY_H

#include "rules/schema/catalog.h"

struct Node;

/*
 * lk_replay applies a raw statement to the catalog as if the server had carried it out. What the
 * server would refuse changes nothing.
 */
void lk_replay(struct lk_catalog *catalog, const struct Node *tree);

#endif
