/*
 * rules/schema/replay_signature.h
 *     What the server refuses of new functions and aggregates for what their statement says.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_SIGNATURE_H
#define LK_RULES_SCHEMA_REPLAY_SIGNATURE_H

#include "rules/schema/replay_private.h"

/* lk_refuse_signature refuses parameters, results, options and bodies that no function has. */
bool lk_refuse_signature(struct lk_catalog *catalog, const CreateFunctionStmt *stmt);

/* lk_refuse_attributes refuses options that are there twice, or not for procedures. */
bool lk_refuse_attributes(struct lk_catalog *catalog, const List *options, bool procedure);

/*
 * lk_refuse_undetermined refuses a polymorphic type that no parameter tells; `what` it is: "result"
 * or "transition".
 */
bool lk_refuse_undetermined(struct lk_catalog *catalog, const TypeName *type,
                            const List *parameters, const char *what);

#endif
