/*
 * rules/suppress.h
 *     Suppressions: directives against findings.
 */
#ifndef LK_RULES_SUPPRESS_H
#define LK_RULES_SUPPRESS_H

#include "parser/directive.h"
#include "rules/finding.h"

/*
 * lk_suppress marks the findings from index `first` on that are about the migration `ordinal` and
 * that its directives suppress, and marks the directives (and the names in them) that did.
 */
void lk_suppress(struct lk_findings *findings, size_t first, uint32_t ordinal,
                 struct lk_directives *directives);

#endif
