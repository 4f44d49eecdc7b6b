/*
 * rules/finding.h
 *     Findings: what the rules have to say, as data.
 */
#ifndef LK_RULES_FINDING_H
#define LK_RULES_FINDING_H

#include "parser/changelog.h"

enum lk_severity {
    LK_SEVERITY_OFF,
    LK_SEVERITY_INFO,
    LK_SEVERITY_WARNING,
    LK_SEVERITY_ERROR,
    LK_SEVERITY_COUNT
};

/* Whether the advice of a finding sees to it that statements do not wait for locks without end. */
enum lk_bounds {
    LK_BOUNDS_NOT,
    LK_BOUNDS_HERE, /* the statement itself */
    LK_BOUNDS_ON,   /* and those behind it in the migration */
};

struct lk_fix;
struct lk_quote;
struct lk_rule;

struct lk_finding {
    const struct lk_rule *rule;
    enum lk_severity severity;
    const char *path;
    uint32_t ordinal; /* of the migration; 0: of the changelog, or a file that is no migration */
    bool included;    /* in a file that the migration includes */
    struct lk_span span;
    struct lk_position start; /* 1-based; 0:0 for a file as a whole */
    struct lk_position end;
    uint32_t statement;  /* from 1; 0: none */
    uint32_t target;     /* where that statement starts: what suppressions go by */
    uint32_t outer;      /* where the one starts that it is in the body of, or UINT32_MAX */
    const char *kind;    /* its command tag, or NULL */
    const char *message; /* lowercase, no final period */
    const char *detail;  /* NULL or full sentences */
    const char *hint;    /* NULL or what to do instead; runnable SQL */
    struct lk_fix *fix;  /* see lk_finding_fix */
    LK_VEC(const char *) objects; /* qualified and quoted */
    bool runner;           /* about the convention's own runner: `lockkeeper apply` copes with it */
    enum lk_bounds bounds; /* what its advice does about the wait for locks */
    bool suppressed;
    bool known; /* that is why: it was there when somebody wrote down what was */
    const char *reason;      /* of the suppression, NULL: none given */
    const char *excerpt;     /* the source line it starts on, for people; of a long one a part */
    uint32_t excerpt_column; /* of the line, where that begins: 1 for all but parts */
    uint32_t start_byte; /* the columns as bytes of UTF-8, the end behind the last one; only if */
    uint32_t end_byte;   /* somebody asked */
    const struct lk_quote *quote; /* the statement; NULL: it is about none, or nobody asked */
    const char *fingerprint;      /* see lk_findings_identify; NULL before that */
};

struct lk_findings {
    TALLOC_CTX *mem; /* of all strings */
    LK_VEC(struct lk_finding) items;
};

/* lk_severity_name returns "error", "warning", "info" or "off"; lk_severity_parse is its inverse
 * (LK_SEVERITY_COUNT: no such word). */
const char *lk_severity_name(enum lk_severity severity);
enum lk_severity lk_severity_parse(const char *name);

/* lk_findings_sort puts findings in the order of migrations, then of places, then of rules. */
void lk_findings_sort(struct lk_findings *findings);

/*
 * lk_findings_merge keeps one finding, the first, of those that say the same of the same place in a
 * file that is included several times.
 */
void lk_findings_merge(struct lk_findings *findings);

#endif
