/*
 * rules/schema/replay_drop.h
 *     Dropping objects with what leans on them, for the statements that do.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_DROP_H
#define LK_RULES_SCHEMA_REPLAY_DROP_H

#include "rules/schema/replay_find.h"

/*
 * lk_replay_drop_objects drops `dropping->objects` and what goes along, or notes the server's
 * refusal and changes nothing.
 */
void lk_replay_drop_objects(struct lk_catalog *catalog, struct lk_dropping *dropping, bool cascade);

/* lk_replay_drop_along adds to `dropping` what goes along with its objects, or stands against that.
 */
void lk_replay_drop_along(struct lk_catalog *catalog, struct lk_dropping *dropping, bool cascade);

/* lk_replay_drop_default takes the DEFAULT of a column or a domain away. */
void lk_replay_drop_default(struct lk_catalog *catalog, struct lk_object *object);

/* lk_replay_remove carries out what lk_depend_drop has found. */
void lk_replay_remove(struct lk_catalog *catalog, const struct lk_dropping *dropping);

/* lk_replay_describe returns an object as the server's messages write it: "column a of table t". */
char *lk_replay_describe(TALLOC_CTX *mem, const struct lk_catalog *catalog,
                         const struct lk_object *object);

#endif
