/*
 * # unused-suppression
 *
 * ## What it flags
 *
 * `-- lockkeeper: ignore` and `ignore-file` that suppress nothing or name no rule, and comments
 * that are addressed to the tool but not understood.
 *
 * ## Why it hurts
 *
 * What it was for is gone, or it never worked: a misspelt rule name, a comment above the wrong
 * statement. It will hide the next finding there that somebody should see.
 *
 * ## Do instead
 *
 * Remove the comment, or correct the name.
 *
 * ## When it stays silent
 *
 * On other tools' comments, and on rules that the configuration switches off.
 *
 * ## Versions
 *
 * All.
 *
 * ## References
 *
 * - none
 */
#include "rules/registry.h"
#include "rules/suggest.h"

static void
report_name(struct lk_check *check, const struct lk_directive *directive, const char *name)
{
    const struct lk_rule *rule = lk_rule_find(name);

    if (rule != NULL &&
        lk_settings_severity(check->settings, rule, check->migration->path) == LK_SEVERITY_OFF)
        return;
    if (rule != NULL && rule->needs_past && check->changelog->past == NULL)
        return;
    struct lk_finding *finding = lk_report(
        check, directive->span,
        rule != NULL ? "the suppression of %s suppresses nothing" : "there is no rule %s", name);
    const char *nearest = rule == NULL ? lk_rule_nearest(name) : NULL;
    if (nearest != NULL)
        lk_finding_hint(check, finding, "Perhaps %s is meant.", nearest);
    else
        lk_finding_hint(check, finding, "Remove it.");
}

static void
check_directives(struct lk_check *check)
{
    check->statement = NULL;
    lk_vec_foreach(directive, &check->directives->items) {
        if (strcmp(directive->tool, "lockkeeper") != 0)
            continue;
        if (directive->kind == LK_DIRECTIVE_UNKNOWN) {
            struct lk_finding *finding = lk_report(
                check, directive->span, "\"lockkeeper: %s\" is not understood", directive->value);
            lk_finding_hint(check, finding,
                            "Known are \"ignore RULE -- why\", \"ignore-file RULE -- why\", "
                            "\"transaction off\" and \"lock_timeout 10s\".");
        }
        if (directive->kind != LK_DIRECTIVE_IGNORE && directive->kind != LK_DIRECTIVE_IGNORE_FILE)
            continue;
        lk_vec_foreach(name, &directive->names)
            if (!name->used)
                report_name(check, directive, name->text);
        if (directive->names.count == 0 && !directive->used)
            lk_finding_hint(check,
                            lk_report(check, directive->span, "the suppression suppresses nothing"),
                            "Remove it.");
    }
}

const struct lk_rule lk_rule_unused_suppression = {
    .name = "unused-suppression",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a suppression that suppresses nothing, or names no rule",
    .after_suppression = check_directives,
};
