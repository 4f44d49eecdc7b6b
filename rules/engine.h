/*
 * rules/engine.h
 *     One walk over a changelog: effects, then rules, then replay, statement by statement.
 */
#ifndef LK_RULES_ENGINE_H
#define LK_RULES_ENGINE_H

#include "rules/rule.h"

/* What a walk can be watched with: all of it is there only during the call. */
struct lk_visitor {
    void *data;
    void (*statement)(void *data, const struct lk_check *check);
    void (*migration)(void *data, const struct lk_check *check); /* after its last statement */
};

struct lk_walk {
    const struct lk_settings *settings;
    uint32_t pending_from;            /* see lk_catalog_set_pending */
    const struct lk_visitor *visitor; /* or NULL */
    uint32_t last; /* the ordinal of the last migration to walk; 0: all of them */
};

struct lk_walked {
    struct lk_findings findings; /* sorted, suppressed ones marked; of reported migrations only */
    struct lk_findings
        left_out; /* what apply would leave out, and nobody has suppressed: whatever
                     severity its rule has, off included; in the order of the files */
    size_t files;
    size_t statements;
    struct lk_catalog *catalog; /* the schema at the end; lives as long as the findings */
};

/*
 * lk_engine_walk replays the changelog from an empty database and returns what the rules found.
 * It fails only when a file cannot be read. Findings and catalog live in `mem`.
 */
bool lk_engine_walk(TALLOC_CTX *mem, const struct lk_changelog *changelog,
                    const struct lk_walk *walk, struct lk_walked *ret,
                    struct lk_error *err) LK_MUST_CHECK;

/* lk_findings_fail returns whether any finding that is not suppressed is at least `severity`. */
bool lk_findings_fail(const struct lk_findings *findings, enum lk_severity severity);

#endif
