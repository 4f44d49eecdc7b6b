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
