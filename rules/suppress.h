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

/*
 * lk_will_suppress returns whether directives mean a finding, while its file is still being
 * checked; it marks nothing.
 */
bool lk_will_suppress(const struct lk_directives *directives, const struct lk_finding *finding);

/* Directives of several migrations. */
struct lk_directive_refs {
    LK_VEC(struct lk_directive *) items;
};

/*
 * lk_suppress_share takes directives for one where a file is included several times: what one of
 * them suppressed, all of them did.
 */
void lk_suppress_share(struct lk_directive_refs *directives);

#endif
