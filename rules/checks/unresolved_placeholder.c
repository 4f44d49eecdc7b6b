/*
 * # unresolved-placeholder
 *
 * ## What it flags
 *
 * `${name}`, a psql variable (`:name`, `:'name'`, `:"name"`) or a template (`{{ ... }}`) that
 * nothing gives a value.
 *
 * ## Why it hurts
 *
 * The server never sees a placeholder: whatever runs the file has to put something in its place,
 * and fails, or sends it as it is, which is a syntax error. Nor can the statement be checked for
 * what it really does.
 *
 * ## Do instead
 *
 * Give it a value, the same for linting and for applying:
 *
 * ```yaml
 * apply:
 *   placeholders: {schema: app}
 * ```
 *
 * or, for a psql variable, `\set name value` in the file.
 *
 * ## When it stays silent
 *
 * On placeholders inside literals, comments and function bodies, unless the convention's runner
 * replaces them there (Flyway); on Flyway's own placeholders: the database tells the applier
 * `${flyway:database}`, `${flyway:defaultSchema}` and `${flyway:user}`, and the rest are known, all
 * but `${flyway:timestamp}`; on variables that `\gset` or `\getenv` may have set; on goose's
 * ENVSUB, whose values are the environment's. A name is reported once a file.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - PostgreSQL documentation: psql, SQL Interpolation
 */
#include "rules/suggest.h"

static const char *
kind_of(const struct lk_inset *inset)
{
    switch (inset->kind) {
    case LK_INSET_PLACEHOLDER:
        return "placeholder";
    case LK_INSET_TEMPLATE:
        return "template";
    default:
        return "psql variable";
    }
}

/* is_repeated returns whether an earlier one of the file asks for the same. */
static bool
is_repeated(const struct lk_check *check, const struct lk_inset *inset)
{
    const struct lk_inset *first = check->source->insets.items.items;

    for (const struct lk_inset *at = first; at < inset; at++)
        if (at->name != NULL && lk_inset_is_value(at) && strcmp(at->name, inset->name) == 0)
            return true;
    return false;
}

static void
check_file(struct lk_check *check)
{
    struct lk_span region = check->script->region;

    lk_vec_foreach(inset, &check->source->insets.items) {
        if (!lk_inset_is_value(inset) || inset->value != NULL || inset->later ||
            inset->span.start < region.start || inset->span.start >= region.end ||
            is_repeated(check, inset))
            continue;
        struct lk_finding *finding =
            lk_report(check, inset->span, "the %s %s has no value", kind_of(inset), inset->name);
        lk_finding_detail(check, finding,
                          "lockkeeper.yml can give it one: apply: {placeholders: {%s: ...}}",
                          inset->name);
    }
}

const struct lk_rule lk_rule_unresolved_placeholder = {
    .name = "unresolved-placeholder",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_ERROR,
    .summary = "a placeholder, psql variable or template without a value",
    .end_of_file = check_file,
};
