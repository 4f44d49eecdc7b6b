/*
 * rules/schema/replay_type.h
 *     Types and who uses them, for the files that change either.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_TYPE_H
#define LK_RULES_SCHEMA_REPLAY_TYPE_H

#include "rules/schema/replay_find.h"

/* lk_replay_note_users makes sure that the columns and domains of a type are known to lean on it.
 */
void lk_replay_note_users(struct lk_catalog *catalog, struct lk_object *type);

/* A type that has another name or schema now. */
struct lk_moved {
    const char *old_schema, *old_name;
    const char *schema, *name;
};

/* lk_replay_rename_uses follows that in all that lean on it. */
void lk_replay_rename_uses(struct lk_catalog *catalog, const struct lk_object *object,
                           const struct lk_moved *moved);

/*
 * lk_replay_type_taken refuses the name of a new type, or of a relation with a row type, that a
 * type or such a relation has already, and returns whether it is so.
 */
bool lk_replay_type_taken(struct lk_catalog *catalog, const char *schema, const char *name);

/*
 * lk_replay_shell_of_result adds the shell type that a function in C makes of the type that it
 * returns, where there is none yet. Source: compute_return_type(), functioncmds.c.
 */
void lk_replay_shell_of_result(struct lk_catalog *catalog, const CreateFunctionStmt *stmt);

#endif
