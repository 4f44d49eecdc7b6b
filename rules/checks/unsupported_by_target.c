/*
 * # unsupported-by-target
 *
 * ## What it flags
 *
 * Syntax, options, functions and types that are newer than the configured `postgres_version`. The
 * built-in grammar is that of the newest release and takes them all; the target server does not.
 *
 * ## Why it hurts
 *
 * The migration passes here, and fails on the server.
 *
 * ## Do instead
 *
 * What the hint says, or wait until the server is upgraded and set `postgres_version` then.
 *
 * ## When it stays silent
 *
 * When no `postgres_version` is configured. A function or type of that name that the history has
 * created is yours.
 *
 * ## Versions
 *
 * | since | |
 * |---|---|
 * | 13 | DROP EXPRESSION, DROP DATABASE (FORCE), WITH TIES |
 * | 14 | multiranges, DETACH CONCURRENTLY, CREATE OR REPLACE TRIGGER, BEGIN ATOMIC, COMPRESSION |
 * | 15 | MERGE, NULLS NOT DISTINCT, security_invoker, row filters and column lists of publications
 * | | 16 | STORAGE in CREATE TABLE, IS JSON, JSON_OBJECT, any_value() | | 17 | MERGE ... RETURNING,
 * SET EXPRESSION, JSON_TABLE, COPY (ON_ERROR), GRANT MAINTAIN | | 18 | virtual columns, WITHOUT
 * OVERLAPS, NOT ENFORCED, NOT NULL ... NOT VALID, uuidv7() |
 *
 * ## References
 *
 * - PostgreSQL documentation: Appendix E, Release Notes
 */
#include "rules/features.h"
#include "rules/suggest.h"

/* is_own returns whether a function or type of that name is the user's. */
static bool
is_own(const struct lk_check *check, const struct lk_feature *feature)
{
    if (feature->kind == LK_FEATURE_FUNCTION)
        return lk_catalog_has_function(check->catalog, feature->what);
    return feature->kind == LK_FEATURE_TYPE &&
           lk_catalog_type(check->catalog, NULL, feature->what) != NULL;
}

static void
check_statement(struct lk_check *check)
{
    static const char *const nouns[] = {
        [LK_FEATURE_SYNTAX] = "",
        [LK_FEATURE_OPTION] = "the option ",
        [LK_FEATURE_FUNCTION] = "the function ",
        [LK_FEATURE_TYPE] = "the type ",
    };
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_feature_uses uses = {0};
    int target = check->settings->postgres_version;

    if (!check->settings->postgres_version_set)
        return;
    lk_features_of(scratch, check->statement->tree, &uses);
    lk_vec_foreach(use, &uses.items) {
        const struct lk_feature *feature = use->feature;
        if (feature->major <= target || is_own(check, feature))
            continue;
        struct lk_span span =
            use->location < 0 ? check->statement->span : lk_word_span(check, use->location);
        struct lk_finding *finding =
            lk_report(check, span, "%s%s came with PostgreSQL %d: %d refuses it",
                      nouns[feature->kind], feature->what, feature->major, target);
        if (feature->instead[0] != '\0')
            lk_finding_hint(check, finding, "%s", feature->instead);
    }
}

const struct lk_rule lk_rule_unsupported_by_target = {
    .name = "unsupported-by-target",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_ERROR,
    .summary = "syntax or a function that is newer than the configured postgres_version",
    .on_statement = check_statement,
};
