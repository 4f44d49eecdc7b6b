/*
 * cli/lint_changelog.c
 *     Linting of one changelog: see lint_changelog.h.
 */
#include "cli/lint_changelog.h"

#include "cli/hooks.h"
#include "parser/past.h"
#include "rules/registry.h"

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

/* lint_hooks looks at the scripts that go with every run, unless single files are meant. */
static bool
lint_hooks(const struct lk_changelog *changelog, const struct lk_settings *settings,
           struct lk_linted *ret)
{
    size_t count = count_reported(changelog);
    struct lk_walked walked;

    if (count == 0 || changelog->partial)
        return true;
    const struct lk_visitor visitor = {.data = &ret->statements, .statement = count_hook};
    if (!lk_hooks_walk(ret, changelog, settings, &visitor, &walked, &ret->err))
        return false;
    lk_vec_foreach(finding, &walked.findings.items)
        lk_vec_push(ret, &ret->findings.items, *finding);
    ret->files += count;
    talloc_free(walked.catalog);
    return true;
}

/* walk walks the changelog itself. */
static bool
walk_changelog(const struct lk_inputs *inputs, size_t index, unsigned wants,
               struct lk_progress *progress, struct lk_linted *ret)
{
    const struct lk_changelog *changelog = inputs->changelogs.items[index];
    const struct lk_settings *settings = inputs->settings.items[index];
    const struct lk_plan_options options = {.is_pending = is_reported};
    struct lk_planner *planner = wants & LK_WANTS_PLANS ? lk_planner_start(ret, &options) : NULL;
    struct lk_walk walk = {
        .settings = settings,
        .pending_from = UINT32_MAX,
        .visitor = lk_progress_watch(ret, progress, planner != NULL ? &planner->visitor : NULL),
    };
    struct lk_walked walked;

    if (!lk_engine_walk(ret, changelog, &walk, &walked, &ret->err))
        return false;
    if (planner != NULL)
        ret->history.plan = lk_planner_finish(planner);
    ret->findings = walked.findings;
    ret->files = walked.files;
    ret->statements = walked.statements;
    if ((wants & LK_WANTS_SCHEMAS) == 0) {
        if (index + 1 < inputs->changelogs.count) /* the last one goes with the process */
            talloc_free(walked.catalog);
        return true;
    }
    ret->history.after = walked.catalog;
    return replay_former(ret, changelog, settings, &ret->history.before, &ret->err);
}

struct lk_linted *
lk_lint_changelog(const struct lk_inputs *inputs, size_t index, unsigned wants,
                  struct lk_progress *progress)
{
    const struct lk_changelog *changelog = inputs->changelogs.items[index];
    const struct lk_settings *settings = inputs->settings.items[index];
    struct lk_linted *ret = lk_new(NULL, struct lk_linted);
    bool known = is_known(inputs, index);

    ret->history.changelog = changelog;
    ret->done = walk_changelog(inputs, index, wants, progress, ret);
    if (known) {
        ret->files = ret->statements = 0;
        lk_vec_foreach(finding, &ret->findings.items)
            finding->included = true;
    } else if (ret->done) {
        ret->done = lint_hooks(changelog, settings, ret);
    }
    return ret;
}
