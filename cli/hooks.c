/*
 * cli/hooks.c
 *     Hooks: see hooks.h.
 */
#include "cli/hooks.h"

#include "parser/base/text.h"
#include "rules/registry.h"

void
lk_hooks_add(struct lk_run *run, const struct lk_config_target *target,
             struct lk_changelog *changelog)
{
    for (enum lk_hook_event event = 0; event < LK_HOOK_COUNT; event++)
        lk_vec_foreach(path, &target->apply.hooks[event].items)
            lk_changelog_add_hook(run->mem, changelog, event,
                                  lk_path_join(run->mem, run->config->folder, *path));
}

/* with_hooks returns a changelog that ends in those hooks of another one that are `undo`, or not.
 */
static struct lk_changelog *
with_hooks(TALLOC_CTX *mem, const struct lk_changelog *changelog, const bool *undo)
{
    struct lk_changelog *all = lk_new(mem, struct lk_changelog);

    all->folders = changelog->folders;
    lk_vec_foreach(migration, &changelog->migrations) {
        if (!migration->replayed)
            continue;
        struct lk_migration *copy = lk_vec_add(mem, &all->migrations);
        *copy = *migration;
        copy->reported = false;
    }
    for (enum lk_hook_event event = 0; event < LK_HOOK_COUNT; event++)
        lk_vec_foreach(hook, &changelog->hooks.items)
            if (hook->event == event && (undo == NULL || hook->undo == *undo))
                lk_vec_push(mem, &all->migrations, hook->migration);
    for (size_t i = 0; i < all->migrations.count; i++)
        all->migrations.items[i].ordinal = (uint32_t)i + 1;
    return all;
}

/* without_versions returns settings in which names and versions are no matter. */
static struct lk_settings *
without_versions(TALLOC_CTX *mem, const struct lk_settings *settings)
{
    struct lk_settings *others = lk_memdup(mem, settings, sizeof(*settings));
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    others->rules = lk_memdup(mem, settings->rules, count * sizeof(struct lk_rule_setting));
    for (size_t i = 0; i < count; i++)
        if (rules[i]->group == LK_GROUP_VERSION)
            lk_settings_switch_off(others, rules[i]);
    return others;
}

static bool
walk(TALLOC_CTX *mem, const struct lk_changelog *changelog, const struct lk_settings *settings,
     const struct lk_visitor *visitor, struct lk_walked *ret, struct lk_error *err)
{
    struct lk_walk walk = {
        .settings = without_versions(mem, settings),
        .pending_from = UINT32_MAX,
        .visitor = visitor,
    };

    return lk_engine_walk(mem, changelog, &walk, ret, err);
}

bool
lk_hooks_walk(TALLOC_CTX *mem, const struct lk_changelog *changelog,
              const struct lk_settings *settings, const struct lk_visitor *visitor,
              struct lk_walked *ret, struct lk_error *err)
{
    return walk(mem, with_hooks(mem, changelog, NULL), settings, visitor, ret, err);
}

static bool
is_hook(void *data, const struct lk_migration *migration)
{
    (void)data;
    return migration->reported; /* see with_hooks */
}

/* check_runner refuses hooks that nobody here carries out. */
static bool
check_runner(const struct lk_changelog *changelog, bool undo, struct lk_error *err)
{
    lk_vec_foreach(hook, &changelog->hooks.items) {
        if (hook->event != LK_HOOK_COUNT || hook->undo != undo)
            continue;
        lk_fail(err, LK_ERR_INPUT, "%s: %s would carry this out, and lockkeeper does not",
                hook->migration.path, hook->migration.folder->naming->name);
        return lk_error_hint(err, "Hooks go with a run or with each migration, not with other "
                                  "moments; `exclude:` leaves the file out.");
    }
    return true;
}

/* hook_of returns the hook that a planned script is. */
static const struct lk_hook *
hook_of(const struct lk_changelog *changelog, const struct lk_migration *migration)
{
    lk_vec_foreach(hook, &changelog->hooks.items)
        if (hook->migration.path == migration->path)
            return hook;
    LK_BUG("%s is no hook", migration->path);
}

bool
lk_hooks_plan(TALLOC_CTX *mem, const struct lk_changelog *changelog, bool undo,
              const struct lk_settings *settings, const struct lk_timeouts timeouts[LK_STMT_COUNT],
              struct lk_plan *plan, struct lk_walked *ret, struct lk_error *err)
{
    struct lk_plan_options options = {.is_pending = is_hook};

    *ret = (struct lk_walked){0};
    if (changelog->hooks.items.count == 0)
        return true;
    memcpy(options.timeouts, timeouts, sizeof(options.timeouts));
    struct lk_planner *planner = lk_planner_start(mem, &options);
    if (!check_runner(changelog, undo, err) ||
        !walk(mem, with_hooks(mem, changelog, &undo), settings, &planner->visitor, ret, err))
        return false;
    lk_vec_foreach(script, &planner->plan->migrations) {
        const struct lk_hook *hook = hook_of(changelog, script->migration);
        *lk_vec_add(mem, &plan->hooks) = (struct lk_plan_hook){hook->event, hook->always, *script};
    }
    return lk_plan_check_hooks(plan, err);
}
