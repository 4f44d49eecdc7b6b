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

/*
 * lk_replay_maybe applies a raw statement of which it is not known whether it is carried out: what
 * it creates is there, but only assumed, and of what it changes or drops less is known than before.
 */
void lk_replay_maybe(struct lk_catalog *catalog, const struct Node *tree);

#endif
