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
 * Remove the comment, or correct the name. `fix` removes what suppresses nothing; of a suppression
 * of all rules, which may be meant for some that are off today, with `--unsafe`. Names that are
 * nearly those of a rule stay.
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
#include "rules/fix.h"
#include "rules/registry.h"

/* is_idle returns whether a name suppressed nothing, where there was the chance to. */
static bool
is_idle(const struct lk_check *check, const struct lk_directive_name *name)
{
    const struct lk_rule *rule = lk_rule_find(name->text);

    if (name->used || rule == NULL)
        return !name->used;
    return lk_settings_severity(check->settings, rule, check->migration->path) != LK_SEVERITY_OFF &&
           (!rule->needs_past || check->changelog->past != NULL);
}

/* nearest_of returns the rule that is meant by a name that is none's, or NULL. */
static const char *
nearest_of(const struct lk_directive_name *name)
{
    return lk_rule_find(name->text) == NULL ? lk_rule_nearest(name->text) : NULL;
}

/* is_for_nothing returns whether no name of a suppression is worth keeping. */
static bool
is_for_nothing(const struct lk_check *check, const struct lk_directive *directive)
{
    lk_vec_foreach(name, &directive->names)
        if (!is_idle(check, name) || nearest_of(name) != NULL)
            return false;
    return true;
}

static void
report_name(struct lk_check *check, const struct lk_directive *directive, size_t index)
{
    const struct lk_directive_name *name = &directive->names.items[index];
    const char *nearest = nearest_of(name);

    if (!is_idle(check, name))
        return;
    struct lk_finding *finding =
        lk_report(check, directive->span,
                  lk_rule_find(name->text) != NULL ? "the suppression of %s suppresses nothing"
                                                   : "there is no rule %s",
                  name->text);
    if (nearest != NULL) {
        lk_finding_hint(check, finding, "Perhaps %s is meant.", nearest);
        return;
    }
    lk_finding_hint(check, finding, "Remove it.");
    lk_fix_unsay(check, finding, directive, is_for_nothing(check, directive) ? SIZE_MAX : index);
}

/* report_all reports a suppression of all rules. */
static void
report_all(struct lk_check *check, const struct lk_directive *directive)
{
    struct lk_finding *finding =
        lk_report(check, directive->span, "the suppression suppresses nothing");

    lk_finding_hint(check, finding, "Remove it.");
    lk_fix_unsay(check, finding, directive, SIZE_MAX);
    lk_fix_unsafe(check, finding); /* it may be meant for rules that are off, or not asked, today */
}

static void
report_unknown(struct lk_check *check, const struct lk_directive *directive)
{
    struct lk_finding *finding =
        lk_report(check, directive->span, "\"lockkeeper: %s\" is not understood", directive->value);

    lk_finding_hint(check, finding,
                    "Known are \"ignore RULE -- why\", \"ignore-file RULE -- why\", "
                    "\"transaction off\", \"lock_timeout 10s\" and "
                    "\"statement_timeout 10m\".");
}

static void
check_directives(struct lk_check *check)
{
    check->statement = NULL;
    lk_vec_foreach(directive, &check->directives->items) {
        if (strcmp(directive->tool, "lockkeeper") != 0)
            continue;
        if (directive->kind == LK_DIRECTIVE_UNKNOWN)
            report_unknown(check, directive);
        if (directive->kind != LK_DIRECTIVE_IGNORE && directive->kind != LK_DIRECTIVE_IGNORE_FILE)
            continue;
        for (size_t i = 0; i < directive->names.count; i++)
            report_name(check, directive, i);
        if (directive->names.count == 0 && !directive->used)
            report_all(check, directive);
    }
}

const struct lk_rule lk_rule_unused_suppression = {
    .name = "unused-suppression",
    .group = LK_GROUP_SYNTAX,
    .severity = LK_SEVERITY_WARNING,
    .summary = "a suppression that suppresses nothing, or names no rule",
    .fix = LK_RULE_FIX_EITHER,
    .after_suppression = check_directives,
};
