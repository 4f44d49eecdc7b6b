/*
 * rules/quote.h
 *     What findings are about, for reports that show it and for recognising it: the statement, the
 *     places of a fix, a fingerprint. Only walks whose settings ask for `quotes` have them.
 */
#ifndef LK_RULES_QUOTE_H
#define LK_RULES_QUOTE_H

#include "rules/rule.h"

/* A statement as it stands in its file. */
struct lk_quote {
    const char *sql; /* comments in it and all; of a long one the beginning */
    bool cut;        /* there is more of it */
    uint32_t line;   /* that it starts in, from 1 */
    uint32_t column;
    char digest[LK_SHA256_HEX_SIZE]; /* see lk_fingerprint_statement */
};

/* lk_quote_statement returns the statement at hand, for the finding that was added last. */
const struct lk_quote *lk_quote_statement(const struct lk_check *check,
                                          const struct lk_finding *finding);

/* lk_quote_bytes fills in the columns of a finding as bytes of the line of its file. */
void lk_quote_bytes(struct lk_source *source, struct lk_finding *finding);

/* lk_quote_places fills in where the edits of fixes are: of the findings from `first` on, which
 * are about `source`. */
void lk_quote_places(struct lk_findings *findings, size_t first, struct lk_source *source);

/*
 * lk_findings_identify gives findings their fingerprints: 32 hexadecimal digits over the rule, the
 * objects and the words of the statement, or for one that is about a whole file its name; and of
 * several with the same ones, how many stand before it. Lines, comments and white space have no
 * part in it, nor has the folder. The findings of a run belong together, in their order.
 */
void lk_findings_identify(struct lk_findings *findings);

#endif
