/*
 * rules/wording.h
 *     The words of findings, as people are to read them.
 */
#ifndef LK_RULES_WORDING_H
#define LK_RULES_WORDING_H

#include "parser/stand_in.h"
#include "rules/rule.h"

/*
 * lk_wording_finish goes over the words of the findings from index `first` on, which rules may have
 * compared before: the passwords of check->source (NULL: there is none) are taken out, and what
 * stands for placeholders has their form.
 */
void lk_wording_finish(const struct lk_check *check, size_t first,
                       const struct lk_stand_ins *stand_ins);

#endif
