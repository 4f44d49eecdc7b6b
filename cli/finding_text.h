/*
 * cli/finding_text.h
 *     What a finding says, as one text.
 */
#ifndef LK_CLI_FINDING_TEXT_H
#define LK_CLI_FINDING_TEXT_H

#include "cli/clean.h"
#include "rules/finding.h"

/* lk_finding_text returns message, detail and hint, a blank line between them, clean as asked. */
char *lk_finding_text(TALLOC_CTX *mem, const struct lk_finding *finding, enum lk_clean how);

/* lk_finding_is_whole returns whether a finding is about a file as a whole, and no place in it. */
bool lk_finding_is_whole(const struct lk_finding *finding);

#endif
