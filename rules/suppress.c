/*
 * rules/suppress.c
 *     Suppressions: see suppress.h.
 */
#include "rules/suppress.h"

#include "rules/registry.h"

/* covers returns whether a directive is about the place of a finding. */
static bool
covers(const struct lk_directive *directive, const struct lk_finding *finding)
{
    if (directive->kind == LK_DIRECTIVE_IGNORE_FILE)
        return true;
    return directive->kind == LK_DIRECTIVE_IGNORE && directive->target != UINT32_MAX &&
           (finding->target == directive->target || finding->outer == directive->target);
}

static void
apply(TALLOC_CTX *mem, struct lk_directive *directive, struct lk_finding *finding)
{
    bool all = directive->names.count == 0;

    if (!covers(directive, finding))
        return;
    lk_vec_foreach(name, &directive->names) {
        if (lk_rule_alias(finding->rule, directive->tool, name->text)) {
            name->used = true;
            all = true;
        }
    }
    if (!all)
        return;
    directive->used = true;
    if (!finding->suppressed) {
        finding->suppressed = true;
        finding->reason = lk_strdup(mem, directive->reason);
    }
}

void
lk_suppress(struct lk_findings *findings, size_t first, uint32_t ordinal,
            struct lk_directives *directives)
{
    for (size_t i = first; i < findings->items.count; i++) {
        if (findings->items.items[i].ordinal != ordinal)
            continue;
        lk_vec_foreach(directive, &directives->items)
            apply(findings->mem, directive, &findings->items.items[i]);
    }
}
