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
 * When no `postgres_version` is configured. A function, a type or a table of that name that the
 * history has created is yours. In a DO block what stands behind a condition may never be reached:
 * there, and in a function, only syntax is reported, which the server checks all the same; and in
 * an EXECUTE behind a condition nothing.
 *
 * ## Versions
 *
 * | since | for example |
 * |---|---|
 * | 13 | DROP EXPRESSION, DROP DATABASE (FORCE), WITH TIES |
 * | 14 | multiranges, DETACH CONCURRENTLY, CREATE OR REPLACE TRIGGER, BEGIN ATOMIC, COMPRESSION |
 * | 15 | MERGE, NULLS NOT DISTINCT, security_invoker, row filters of publications |
 * | 16 | 0x1F and 1_000, STORAGE in CREATE TABLE, IS JSON, JSON_OBJECT, any_value() |
 * | 17 | MERGE ... RETURNING, SET EXPRESSION, JSON_TABLE, AT LOCAL, SET transaction_timeout |
 * | 18 | virtual columns, WITHOUT OVERLAPS, NOT ENFORCED, NOT NULL ... NOT VALID, uuidv7() |
 *
 * ## References
 *
 * - PostgreSQL documentation: Appendix E, Release Notes
 */
#include "parser/pg_nodes.h"
#include "rules/features.h"
#include "rules/suggest.h"

/* is_own returns whether what goes by that name is the user's. */
static bool
is_own(const struct lk_check *check, const struct lk_feature *feature)
{
    switch (feature->kind) {
    case LK_FEATURE_FUNCTION:
        return lk_catalog_has_function(check->catalog, feature->what);
    case LK_FEATURE_CALL:
        return lk_catalog_has_function(check->catalog, lk_feature_function(feature));
    case LK_FEATURE_TYPE:
        return lk_catalog_type(check->catalog, NULL, feature->what) != NULL;
    case LK_FEATURE_VIEW:
        return lk_catalog_relation(check->catalog, NULL, feature->what) != NULL;
    default:
        return false;
    }
}

/* is_met returns whether a server that has not got a feature refuses the statement for it. */
static bool
is_met(const struct lk_check *check, const struct lk_feature *feature)
{
    if (is_own(check, feature))
        return false;
    if (check->nested == NULL || check->nested->when == LK_WHEN_NOW)
        return true;
    return check->nested->certain && feature->kind == LK_FEATURE_SYNTAX;
}

/* look_at reports what is too new of the statement at hand. */
static void
look_at(struct lk_check *check)
{
    static const char *const nouns[] = {
        [LK_FEATURE_SYNTAX] = "",
        [LK_FEATURE_USE] = "",
        [LK_FEATURE_OPTION] = "the option ",
        [LK_FEATURE_VALUE] = "the option ",
        [LK_FEATURE_CALL] = "",
        [LK_FEATURE_FUNCTION] = "the function ",
        [LK_FEATURE_TYPE] = "the type ",
        [LK_FEATURE_SETTING] = "the setting ",
        [LK_FEATURE_ROLE] = "the role ",
        [LK_FEATURE_PARAMETER] = "the storage parameter ",
        [LK_FEATURE_COLLATION] = "the collation ",
        [LK_FEATURE_OPERATOR_CLASS] = "the operator class ",
        [LK_FEATURE_VIEW] = "the view ",
    };
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_feature_uses uses = {0};
    int target = check->settings->postgres_version;

    lk_features_newer(scratch, check->source, check->statement, target, &uses);
    lk_vec_foreach(use, &uses.items) {
        const struct lk_feature *feature = use->feature;
        if (!is_met(check, feature))
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

/* look_into looks at the body of a routine, which the server reads when it creates that. */
static void
look_into(struct lk_check *check)
{
    const struct lk_body *body = lk_script_body(check->script, check->statement->index);
    struct lk_check inside = *check;

    if (body == NULL || !lk_session_checks_bodies(check->session))
        return;
    lk_vec_foreach(nested, &body->items) {
        if (nested->statement.tree == NULL)
            continue;
        inside.nested = nested;
        inside.source = nested->source;
        inside.statement = &nested->statement;
        look_at(&inside);
    }
}

static void
check_statement(struct lk_check *check)
{
    if (!check->settings->postgres_version_set)
        return;
    look_at(check);
    if (check->nested == NULL && IsA(check->statement->tree, CreateFunctionStmt))
        look_into(check);
}

const struct lk_rule lk_rule_unsupported_by_target = {
    .name = "unsupported-by-target",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_ERROR,
    .summary = "syntax or a function that is newer than the configured postgres_version",
    .on_statement = check_statement,
};
