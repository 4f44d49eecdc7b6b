/*
 * rules/schema/replay_setting.h
 *     Settings that there are none of, and values that they do not take.
 */
#ifndef LK_RULES_SCHEMA_REPLAY_SETTING_H
#define LK_RULES_SCHEMA_REPLAY_SETTING_H

#include "rules/schema/replay_private.h"

/* lk_refuse_setting refuses to SET or RESET a setting, in the session at hand if `now`. */
bool lk_refuse_setting(struct lk_catalog *catalog, const VariableSetStmt *stmt, bool now);

/* lk_refuse_setting_name refuses a name that certainly is of no setting. */
bool lk_refuse_setting_name(struct lk_catalog *catalog, const char *name);

#endif
