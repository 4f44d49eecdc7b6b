/*
 * rules/schema/resolved.h
 *     What calls and operators come to, remembered: a history asks for the same few over and over.
 */
#ifndef LK_RULES_SCHEMA_RESOLVED_H
#define LK_RULES_SCHEMA_RESOLVED_H

#include "rules/schema/builtin.h"

/*
 * lk_resolved_call is lk_builtin_resolve_function. The newest answers of the process are kept; what
 * falls on the same place takes it, so that they never grow.
 */
struct lk_builtin_resolution lk_resolved_call(const struct lk_builtin_call *call);

/* lk_resolved_operator is lk_builtin_resolve_operator, remembered in the same way. */
struct lk_builtin_resolution lk_resolved_operator(const char *name, uint16_t left, uint16_t right,
                                                  unsigned version);

#endif
