/*
 * rules/finding.c
 *     Findings: see finding.h.
 */
#include "rules/finding.h"

#include "rules/rule.h"

static const char *const severities[LK_SEVERITY_COUNT] = {
    [LK_SEVERITY_OFF] = "off",
    [LK_SEVERITY_INFO] = "info",
    [LK_SEVERITY_WARNING] = "warning",
    [LK_SEVERITY_ERROR] = "error",
};

const char *
lk_severity_name(enum lk_severity severity)
{
    return severities[severity];
}

enum lk_severity
lk_severity_parse(const char *name)
{
    enum lk_severity severity = LK_SEVERITY_OFF;

    while (severity < LK_SEVERITY_COUNT && strcmp(severities[severity], name) != 0)
        severity++;
    return severity;
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
compare_findings(const void *a, const void *b)
{
    const struct lk_finding *left = a, *right = b;
    int order = compare_numbers(left->ordinal, right->ordinal);

    if (order == 0)
        order = strcmp(left->path, right->path);
    if (order == 0)
        order = compare_numbers(left->span.start, right->span.start);
    if (order == 0)
        order = compare_numbers(right->severity, left->severity);
    if (order == 0)
        order = strcmp(left->rule->name, right->rule->name);
    return order != 0 ? order : strcmp(left->message, right->message);
}

void
lk_findings_sort(struct lk_findings *findings)
{
    if (findings->items.count > 0)
        qsort(findings->items.items, findings->items.count, sizeof(struct lk_finding),
              compare_findings);
}

/* compare_places orders findings by what they say of which place, then as they stand. */
static int
compare_places(const void *a, const void *b)
{
    const struct lk_finding *left = *(struct lk_finding *const *)a;
    const struct lk_finding *right = *(struct lk_finding *const *)b;
    int order = strcmp(left->path, right->path);

    if (order == 0)
        order = compare_numbers(left->span.start, right->span.start);
    if (order == 0)
        order = compare_numbers(left->suppressed, right->suppressed);
    if (order == 0)
        order = strcmp(left->rule->name, right->rule->name);
    return order != 0 ? order : strcmp(left->message, right->message);
}

static int
compare_places_in_order(const void *a, const void *b)
{
    const struct lk_finding *left = *(struct lk_finding *const *)a;
    const struct lk_finding *right = *(struct lk_finding *const *)b;
    int order = compare_places(a, b);

    return order != 0 ? order : (left > right) - (left < right);
}

void
lk_findings_merge(struct lk_findings *findings)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    LK_VEC(struct lk_finding *) sorted = {0};
    bool included = false;
    size_t kept = 0;

    lk_vec_foreach(finding, &findings->items)
        included |= finding->included;
    if (!included)
        return;
    lk_vec_foreach(finding, &findings->items)
        lk_vec_push(scratch, &sorted, finding);
    qsort(sorted.items, sorted.count, sizeof(sorted.items[0]), compare_places_in_order);
    for (size_t i = sorted.count; i-- > 1;)
        if ((sorted.items[i]->included || sorted.items[i - 1]->included) &&
            compare_places(&sorted.items[i - 1], &sorted.items[i]) == 0)
            sorted.items[i]->rule = NULL;
    lk_vec_foreach(finding, &findings->items)
        if (finding->rule != NULL)
            findings->items.items[kept++] = *finding;
    findings->items.count = kept;
}
