/*
 * rules/schema/replay_clauses.h
 *     Lists of options in which the grammar takes any word, or one twice.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_CLAUSES_H
#define LK_RULES_SCHEMA_REPLAY_CLAUSES_H

#include "rules/schema/replay_private.h"

enum lk_clauses {
#define LK_CLAUSES(list, sqlstate, message, twice) LK_CLAUSES_##list,
#define LK_CLAUSE(list, name, since)
#include "rules/schema/clauses.def"
#undef LK_CLAUSE
#undef LK_CLAUSES
};

/* lk_refuse_clauses refuses options that are not among those of a list, or there twice. */
bool lk_refuse_clauses(struct lk_catalog *catalog, enum lk_clauses list, const List *options);

/* lk_refuse_repeated refuses options that are there twice; `but` (NULL: none) may be. */
bool lk_refuse_repeated(struct lk_catalog *catalog, const List *options, const char *but);

#endif
