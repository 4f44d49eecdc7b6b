/*
 * cli/lint.c
 *     Linting of whole inputs: see lint.h.
 */
#include "cli/lint.h"

#include "cli/hooks.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "parser/base/buf.h"
#include "parser/past.h"
#include "rules/quote.h"
#include "rules/registry.h"

double
lk_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* note_naming adds the conventions that were found to the text that names them. */
static void
note_naming(struct lk_buf *names, const struct lk_changelog *changelog)
{
    lk_vec_foreach(folder, &changelog->folders) {
        const struct lk_naming *naming = (*folder)->naming;
        if (naming == NULL || strstr(names->data, naming->name) != NULL)
            continue;
        lk_buf_sep(names, ", ");
        lk_buf_add(names, naming->name);
    }
}

/* ---- what reporters want beside the findings ---- */

static bool
is_reported(void *data, const struct lk_migration *migration)
{
    (void)data;
    return migration->reported && migration->replayed;
}

/*
 * former_of returns the changelog without what is new, and with what has changed as it was before;
 * NULL where nothing is left.
 */
static struct lk_changelog *
former_of(TALLOC_CTX *mem, const struct lk_changelog *changelog)
{
    struct lk_changelog *former = lk_new(mem, struct lk_changelog);

    former->folders = changelog->folders;
    lk_vec_foreach(migration, &changelog->migrations) {
        const struct lk_migration *then;
        const struct lk_former *was =
            changelog->past != NULL ? lk_past_of(changelog->past, migration, &then) : NULL;
        if (is_reported(NULL, migration) && was == NULL)
            continue;
        struct lk_migration *kept = lk_vec_add(mem, &former->migrations);
        *kept = *migration;
        kept->ordinal = (uint32_t)former->migrations.count;
        kept->reported = false;
        if (was != NULL && was->text.data != NULL)
            kept->given = &was->text;
    }
    return former->migrations.count > 0 ? former : NULL;
}

/* without_rules returns settings by which a changelog is replayed, and nothing more. */
static struct lk_settings *
without_rules(TALLOC_CTX *mem, const struct lk_settings *settings)
{
    struct lk_settings *silent = lk_new(mem, struct lk_settings);
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    *silent = *settings;
    silent->quotes = false;
    memset(&silent->overrides, 0, sizeof(silent->overrides));
    silent->rules = lk_memdup(mem, settings->rules, count * sizeof(struct lk_rule_setting));
    for (size_t i = 0; i < count; i++)
        lk_settings_switch_off(silent, rules[i]);
    return silent;
}

/* replay_former returns the schema as it is without what is reported, or was before. */
static bool
replay_former(TALLOC_CTX *mem, const struct lk_changelog *changelog,
              const struct lk_settings *settings, const struct lk_catalog **ret,
              struct lk_error *err)
{
    const struct lk_changelog *former = former_of(mem, changelog);
    struct lk_walk walk = {.settings = without_rules(mem, settings), .pending_from = UINT32_MAX};
    struct lk_walked walked;

    if (former == NULL) {
        *ret = lk_catalog_new(mem);
        return true;
    }
    if (!lk_engine_walk(mem, former, &walk, &walked, err))
        return false;
    *ret = walked.catalog;
    return true;
}

/* is_known returns whether a changelog has the folder of one before it: what is found alike in both
 * is told once. */
static bool
is_known(const struct lk_inputs *inputs, size_t index)
{
    const struct lk_changelog *changelog = inputs->changelogs.items[index];

    for (size_t i = 0; i < index && changelog->folders.count > 0; i++) {
        const struct lk_changelog *other = inputs->changelogs.items[i];
        if (other->folders.count > 0 &&
            strcmp(other->folders.items[0]->path, changelog->folders.items[0]->path) == 0)
            return true;
    }
    return false;
}

/* count_hook counts the statements of hooks: of the others nothing is reported. */
static void
count_hook(void *data, const struct lk_check *check)
{
    size_t *statements = data;

    *statements += check->migration->reported;
}

/* count_reported returns how many hooks are of interest: with --since, those that changed. */
static size_t
count_reported(const struct lk_changelog *changelog)
{
    size_t count = 0;

    lk_vec_foreach(hook, &changelog->hooks.items)
        count += hook->migration.reported;
    return count;
}

/* lint_hooks adds what is found in scripts that go with every run, unless single files are meant.
 */
static bool
lint_hooks(TALLOC_CTX *mem, const struct lk_changelog *changelog,
           const struct lk_settings *settings, struct lk_lint_report *report, struct lk_error *err)
{
    size_t count = count_reported(changelog);
    struct lk_walked walked;

    if (count == 0 || changelog->partial)
        return true;
    const struct lk_visitor visitor = {.data = &report->statements, .statement = count_hook};
    if (!lk_hooks_walk(mem, changelog, settings, &visitor, &walked, err))
        return false;
    lk_vec_foreach(finding, &walked.findings.items)
        lk_vec_push(mem, &report->findings.items, *finding);
    report->files += count;
    talloc_free(walked.catalog);
    return true;
}

/*
 * lint_changelog walks one changelog and adds what it brings to the report. `former` is the catalog
 * of the one before, which is freed; that of the last one ends with `mem`.
 */
static bool
lint_changelog(TALLOC_CTX *mem, const struct lk_inputs *inputs, size_t index, unsigned wants,
               struct lk_progress *progress, struct lk_catalog **former,
               struct lk_lint_report *report, struct lk_error *err)
{
    const struct lk_changelog *changelog = inputs->changelogs.items[index];
    struct lk_settings *settings = inputs->settings.items[index];
    bool known = is_known(inputs, index);
    const struct lk_plan_options options = {.is_pending = is_reported};
    struct lk_planner *planner = wants & LK_WANTS_PLANS ? lk_planner_start(mem, &options) : NULL;
    struct lk_walk walk = {
        .settings = settings,
        .pending_from = UINT32_MAX,
        .visitor = lk_progress_watch(progress, planner != NULL ? &planner->visitor : NULL),
    };
    struct lk_lint_history history = {.changelog = changelog};
    struct lk_walked walked;

    talloc_free(*former);
    *former = NULL;
    settings->quotes = (wants & LK_WANTS_QUOTES) != 0;
    if (!lk_engine_walk(mem, changelog, &walk, &walked, err))
        return false;
    if (planner != NULL)
        history.plan = lk_planner_finish(planner);
    if (wants & LK_WANTS_SCHEMAS) {
        history.after = walked.catalog;
        if (!replay_former(mem, changelog, settings, &history.before, err))
            return false;
    } else {
        *former = walked.catalog;
    }
    lk_vec_foreach(finding, &walked.findings.items) {
        finding->included |= known;
        lk_vec_push(mem, &report->findings.items, *finding);
    }
    if (!known) {
        report->files += walked.files;
        report->statements += walked.statements;
    }
    lk_vec_push(mem, &report->histories, history);
    return known || lint_hooks(mem, changelog, settings, report, err);
}

bool
lk_lint(TALLOC_CTX *mem, const struct lk_inputs *inputs, unsigned wants, struct lk_lint_report *ret,
        struct lk_error *err)
{
    struct lk_buf names = lk_buf_init(mem);
    double start = lk_now_ms();
    size_t total = 0;

    *ret = (struct lk_lint_report){.findings = {.mem = mem}};
    if (wants & LK_WANTS_ROOT)
        ret->root = lk_root_find(mem);
    lk_vec_foreach(changelog, &inputs->changelogs)
        total += (*changelog)->migrations.count;
    struct lk_progress *progress = lk_progress_start(mem, total);
    struct lk_catalog *former = NULL;
    bool done = true;
    for (size_t i = 0; i < inputs->changelogs.count; i++) {
        done = done && lint_changelog(mem, inputs, i, wants, progress, &former, ret, err);
        note_naming(&names, inputs->changelogs.items[i]);
    }
    lk_progress_end(progress);
    if (!done)
        return false;
    lk_findings_merge(&ret->findings);
    if (wants & LK_WANTS_QUOTES)
        lk_findings_identify(&ret->findings);
    ret->naming = names.data;
    ret->duration_ms = lk_now_ms() - start;
    lk_lint_count(ret);
    return true;
}

void
lk_lint_count(struct lk_lint_report *report)
{
    memset(report->counts, 0, sizeof(report->counts));
    report->suppressed = 0;
    lk_vec_foreach(finding, &report->findings.items) {
        if (finding->suppressed)
            report->suppressed++;
        else
            report->counts[finding->severity]++;
    }
}

void
lk_lint_cut(struct lk_lint_report *report, int most)
{
    size_t shown = 0, kept = 0;

    if (most <= 0)
        return;
    lk_vec_foreach(finding, &report->findings.items) {
        if (!finding->suppressed && shown++ >= (size_t)most)
            report->left_out++;
        else
            report->findings.items.items[kept++] = *finding;
    }
    report->findings.items.count = kept;
}
