/*
 * cli/prepare.c
 *     What plan, apply, status and validate start from: see prepare.h.
 */
#include "cli/prepare.h"

#include "applier/adopt.h"
#include "applier/sqlstate.h"
#include "cli/databases.h"
#include "cli/hooks.h"
#include "cli/lint.h"
#include "rules/registry.h"

/* fill_time says a time that is not said. */
static void
fill_time(int64_t *ret, int64_t ms)
{
    if (*ret < 0)
        *ret = ms;
}

/* fill_in returns the settings with defaults where nothing is said. */
static struct lk_config_apply
fill_in(struct lk_config_apply apply)
{
    if (apply.history == NULL)
        apply.history = "native";
    if (apply.out_of_order == NULL)
        apply.out_of_order = "refuse";
    fill_time(&apply.lock_timeout, 5000);
    fill_time(&apply.statement_timeout, 0);
    fill_time(&apply.transaction_timeout, 0);
    fill_time(&apply.idle_in_transaction_session_timeout, 0);
    fill_time(&apply.idle_session_timeout, 0);
    fill_time(&apply.snapshot_age, 30000);
    fill_time(&apply.take_over, 0);
    fill_time(&apply.max_blocking, 0);
    fill_time(&apply.max_elapsed, 600000);
    fill_time(&apply.base, 500);
    fill_time(&apply.cap, 30000);
    for (enum lk_stmt_class class = 0; class < LK_STMT_COUNT; class ++) {
        struct lk_timeouts own = lk_stmt_timeouts(
            class, (struct lk_timeouts){apply.lock_timeout, apply.statement_timeout});
        fill_time(&apply.timeouts[class].lock, own.lock);
        fill_time(&apply.timeouts[class].statement, own.statement);
    }
    return apply;
}

struct lk_retry_policy
lk_retry_policy_of(const struct lk_config_apply *apply)
{
    return (struct lk_retry_policy){apply->base, apply->cap, apply->max_elapsed};
}

/*
 * choose_url returns the database to connect to: --url, then the environment's or the database's,
 * then the configuration's. `*ret_named` says whether any of them names one.
 */
static bool
choose_url(struct lk_run *run, const struct lk_config_target *target, enum lk_connect connect,
           const char **ret_url, bool *ret_named, struct lk_error *err)
{
    *ret_url = lk_options.url;
    *ret_named = true;
    if (lk_options.url != NULL)
        return true;
    *ret_named = target->url.text != NULL;
    if (target->url.text == NULL)
        return true;
    *ret_url = lk_config_expand(run->mem, run->config, &target->url, err);
    if (*ret_url != NULL && (*ret_url)[0] != '\0')
        return true;
    if (*ret_url != NULL) {
        lk_fail(err, LK_ERR_USAGE, "%s:%u:%u: the url is empty", run->config->path,
                target->url.at.line, target->url.at.column);
        lk_error_hint(err, "It would stand for whatever database libpq takes by default.");
    }
    if (connect != LK_CONNECT_IF_NAMED || lk_options.databases.count > 0 || lk_options.env != NULL)
        return false;
    lk_error_clear(err); /* the variable is set where it is deployed: plan without a database */
    *ret_named = false;
    return true;
}

/* ignore_of returns the patterns of what is ignored: by default what newer files have left. */
static const char *const *
ignore_of(struct lk_run *run, const struct lk_config_apply *apply)
{
    size_t count = apply->ignore.items.count;
    const char **patterns = lk_new_array(run->mem, const char *, count + 2);

    for (size_t i = 0; i < count; i++)
        patterns[i] = apply->ignore.items.items[i];
    if (count == 0)
        patterns[0] = "*:future";
    return patterns;
}

static void
on_notice(void *data, const char *severity, const char *message)
{
    const struct lk_events *events = data;

    if (events->notice != NULL)
        events->notice(events->data, severity, message);
}

/* add_connection gives placeholders the values that the database knows, but for those given. */
static void
add_connection(struct lk_run *run, const struct lk_target *target, struct lk_settings *settings)
{
    static const char *const names[] = LK_PLACEHOLDERS_OF_DATABASE;
    const char *const known[] = {target->database, target->schema, target->user};
    struct lk_values given = settings->values;

    settings->values = (struct lk_values){0};
    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        *lk_vec_add(run->mem, &settings->values.items) = (struct lk_value){names[i], known[i]};
    lk_vec_foreach(value, &given.items)
        lk_vec_push(run->mem, &settings->values.items, *value);
}

/* connect connects to the database at a URL, NULL for libpq's own defaults. */
static bool
connect_to(struct lk_run *run, const char *url, const struct lk_events *events,
           struct lk_prepared *ret, struct lk_error *err)
{
    const struct lk_history_format *format = lk_history_format_find(ret->apply.history);
    bool named = format->naming != NULL; /* it is another tool's, and lies where that says */
    struct lk_conn_options options = {
        .url = url,
        .notice = on_notice,
        .data = lk_memdup(run->mem, events, sizeof(*events)),
        .schema = named ? ret->apply.flyway_schema : NULL,
        .history_table = named ? ret->apply.flyway_table : NULL,
        .transaction_ms = ret->apply.transaction_timeout,
        .idle_in_transaction_ms = ret->apply.idle_in_transaction_session_timeout,
        .idle_ms = ret->apply.idle_session_timeout,
    };

    struct lk_retry retry = lk_retry_start(lk_retry_policy_of(&ret->apply), lk_clock_system());
    while ((ret->target = lk_target_open(run->mem, &options, format, err)) == NULL &&
           err->sqlstate[0] != '\0' && lk_sqlstate_class(err->sqlstate) == LK_SQLSTATE_CONNECTION &&
           lk_retry_again(&retry)) {
        if (events->retrying != NULL)
            events->retrying(events->data, lk_sqlstate_words(err->sqlstate), retry.pause_ms);
        lk_error_clear(err);
        lk_retry_pause(&retry);
    }
    return ret->target != NULL;
}

/* check_history fails where the history is another one than the configuration says. */
static bool
check_history(const struct lk_target *target, enum lk_connect connect, struct lk_error *err)
{
    const char *instead = target->history.instead;

    if (instead == NULL || connect == LK_CONNECT_TO_ADOPT)
        return true;
    lk_fail(err, LK_ERR_DISAGREE, "the history of %s is that of %s", target->name, instead);
    return lk_error_hint(err,
                         "Say `apply: {history: %s}` in lockkeeper.yml; or `lockkeeper adopt "
                         "--from %s` makes it lockkeeper's own.",
                         instead, instead);
}

/* check_files refuses files that the tool whose history it is would not know. */
static bool
check_files(const struct lk_prepared *prepared, struct lk_error *err)
{
    const char *naming = lk_history_format_find(prepared->apply.history)->naming;

    if (naming == NULL)
        return true;
    if (prepared->changelog->folders.count > 1) {
        lk_fail(err, LK_ERR_USAGE, "a history of %s is for one folder of migrations, not %zu",
                naming, prepared->changelog->folders.count);
        return lk_error_hint(err, "Of several it would carry out the lowest version first, and "
                                  "lockkeeper goes through them one by one.");
    }
    lk_vec_foreach(folder, &prepared->changelog->folders) {
        if ((*folder)->naming != NULL && strcmp((*folder)->naming->name, naming) == 0)
            continue;
        lk_fail(err, LK_ERR_USAGE, "%s: the files are not named as %s wants them", (*folder)->path,
                naming);
        return lk_error_hint(err, "Say `apply: {history: native}` in lockkeeper.yml.");
    }
    return true;
}

bool
lk_prepare_database(struct lk_run *run, const struct lk_events *events, struct lk_prepared *ret,
                    struct lk_error *err)
{
    struct lk_config_target target;
    const char *url;
    bool named;

    *ret = (struct lk_prepared){0};
    if (!lk_inputs_target(run, &target, err))
        return false;
    ret->apply = fill_in(target.apply);
    return choose_url(run, &target, LK_CONNECT_ALWAYS, &url, &named, err) &&
           connect_to(run, url, events, ret, err) &&
           check_history(ret->target, LK_CONNECT_ALWAYS, err) &&
           lk_databases_meet(run, ret->target, err);
}

bool
lk_prepare_target(struct lk_run *run, enum lk_connect connect, const char *url,
                  const struct lk_events *events, struct lk_prepared *ret, struct lk_error *err)
{
    struct lk_config_target target;
    bool given = url != NULL, named = given;

    *ret = (struct lk_prepared){0};
    if (!lk_inputs_target(run, &target, err))
        return false;
    ret->apply = fill_in(target.apply);
    ret->settings = lk_inputs_settings(run, err);
    ret->changelog = ret->settings == NULL ? NULL : lk_inputs_changelog(run, err);
    if (ret->changelog == NULL || !check_files(ret, err))
        return false;
    /* the applier itself bounds every wait for a strong lock */
    ret->settings->applier_bounds_locks = ret->apply.timeouts[LK_STMT_STRONG].lock > 0;
    if (url == NULL && !choose_url(run, &target, connect, &url, &named, err))
        return false;
    if (named || connect != LK_CONNECT_IF_NAMED) {
        if (!connect_to(run, url, events, ret, err) || !check_history(ret->target, connect, err) ||
            (!given && !lk_databases_meet(run, ret->target, err)))
            return false;
        add_connection(run, ret->target, ret->settings);
    }
    struct lk_status_options options = {
        .changelog = ret->changelog,
        .ignore = ignore_of(run, &ret->apply),
        .allow_out_of_order = strcmp(ret->apply.out_of_order, "allow") == 0,
        .to = lk_options.to,
        .values = &ret->settings->values,
        .postgres_version = ret->settings->postgres_version,
    };
    lk_vec_foreach(pattern, &ret->apply.ignore.items)
        if (!lk_ignore_check(*pattern, err))
            return false;
    return lk_status_of(run->mem, ret->target, &options, &ret->status, err);
}

bool
lk_prepare_check_others(struct lk_run *run, const struct lk_prepared *prepared,
                        struct lk_error *err)
{
    const char *other = prepared->apply.other_history;

    return prepared->target == NULL || lk_options.ignore_other_history != 0 ||
           (other != NULL && strcmp(other, "ignore") == 0) ||
           lk_adopt_check_none(run->mem, prepared->target, err);
}

static bool
is_pending(void *data, const struct lk_migration *migration)
{
    const struct lk_prepared *prepared = data;

    if (prepared->chosen != NULL)
        return prepared->chosen[migration->ordinal];
    return lk_status_is_pending(&prepared->status, migration);
}

/* first_pending returns from which migration on none is applied: what those create is new. */
static uint32_t
first_pending(struct lk_prepared *prepared)
{
    uint32_t first = UINT32_MAX;

    lk_vec_foreach(migration, &prepared->changelog->migrations) {
        bool pending = is_pending(prepared, migration);
        if (!migration->replayed || migration->name.kind == LK_KIND_DRAFT)
            continue;
        if (!pending)
            first = UINT32_MAX;
        else if (first == UINT32_MAX)
            first = migration->ordinal;
    }
    return first;
}

/* is_no_text returns whether a file cannot be carried out by anybody: it is not UTF-8. */
static bool
is_no_text(const struct lk_prepared *prepared, const struct lk_migration *migration)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_error ignored = {0};
    const struct lk_source *source =
        lk_migration_read(scratch, migration, &prepared->settings->values,
                          prepared->settings->postgres_version, &ignored);

    lk_error_clear(&ignored);
    return source == NULL || source->invalid < source->size;
}

/* unplanned_of returns the first pending migration that has no place in the plan because it is no
 * text, or NULL. */
static const struct lk_migration *
unplanned_of(struct lk_prepared *prepared, const struct lk_changelog *changelog)
{
    size_t planned = 0; /* in the order of the changelog */

    lk_vec_foreach(migration, &changelog->migrations) {
        if (planned < prepared->plan->migrations.count &&
            prepared->plan->migrations.items[planned].migration == migration)
            planned++;
        else if (is_pending(prepared, migration) && is_no_text(prepared, migration))
            return migration;
    }
    return NULL;
}

/* add_hooks lints and plans what goes with the run. */
static bool
add_hooks(struct lk_run *run, struct lk_prepared *prepared, struct lk_plan *plan,
          struct lk_error *err)
{
    struct lk_walked walked;

    if (!lk_hooks_plan(run->mem, prepared->changelog, prepared->backwards, prepared->settings,
                       prepared->apply.timeouts, plan, &walked, err))
        return false;
    lk_vec_foreach(finding, &walked.findings.items)
        lk_vec_push(run->mem, &prepared->lint.findings.items, *finding);
    lk_vec_foreach(finding, &walked.left_out.items)
        lk_vec_push(run->mem, &prepared->left_out.items, *finding);
    lk_lint_count(&prepared->lint);
    return true;
}

/* walk lints and plans what is pending in a changelog, in one walk. */
static bool
walk(struct lk_run *run, struct lk_prepared *prepared, struct lk_changelog *changelog,
     uint32_t pending_from, struct lk_error *err)
{
    struct lk_plan_options options = {.is_pending = is_pending, .data = prepared};
    memcpy(options.timeouts, prepared->apply.timeouts, sizeof(options.timeouts));
    struct lk_planner *planner = lk_planner_start(run->mem, &options);
    struct lk_walk walk = {
        .settings = prepared->settings,
        .pending_from = pending_from,
        .visitor = &planner->visitor,
    };
    struct lk_walked walked;

    lk_vec_foreach(migration, &changelog->migrations)
        migration->reported = is_pending(prepared, migration);
    if (!lk_engine_walk(run->mem, changelog, &walk, &walked, err))
        return false;
    prepared->lint = (struct lk_lint_report){.findings = walked.findings,
                                             .files = walked.files,
                                             .statements = walked.statements,
                                             .naming = ""};
    lk_lint_count(&prepared->lint);
    prepared->left_out = walked.left_out;
    if (prepared->target != NULL) {
        planner->plan->database = prepared->target->name;
        planner->plan->system_identifier = prepared->target->system_identifier;
        lk_target_history_sha256(prepared->target, planner->plan->history_sha256);
    }
    if (!add_hooks(run, prepared, planner->plan, err))
        return false;
    prepared->plan = lk_planner_finish(planner);
    prepared->unplanned = unplanned_of(prepared, changelog);
    return true;
}

/*
 * start_at_baseline walks the changelog as an empty database gets it: from its baseline migration
 * on, which stands for the versions below, also where those are still there.
 */
static void
start_at_baseline(struct lk_prepared *prepared)
{
    const struct lk_migration *start = NULL;

    lk_vec_foreach(item, &prepared->status.items)
        if (item->migration != NULL && item->migration->name.kind == LK_KIND_BASELINE &&
            lk_state_is_pending(item->state))
            start = item->migration;
    lk_vec_foreach(migration, &prepared->changelog->migrations) {
        const struct lk_status_item *item = lk_status_find(&prepared->status, migration);
        if (start != NULL && item != NULL)
            migration->replayed = migration == start || item->state != LK_STATE_BASELINE;
    }
}

bool
lk_prepare_plan(struct lk_run *run, struct lk_prepared *prepared, struct lk_error *err)
{
    start_at_baseline(prepared);
    return walk(run, prepared, prepared->changelog,
                prepared->target != NULL ? first_pending(prepared) : UINT32_MAX, err);
}

/* is_there returns whether the database has what a migration makes. */
static bool
is_there(const struct lk_prepared *prepared, const struct lk_migration *migration)
{
    const struct lk_status_item *item = lk_status_find(&prepared->status, migration);

    return item == NULL || item->state == LK_STATE_APPLIED || item->state == LK_STATE_BASELINE ||
           item->state == LK_STATE_OUTDATED || lk_state_disagrees(item->state);
}

/* backwards_of returns a changelog that ends in what takes migrations back. */
static struct lk_changelog *
backwards_of(struct lk_run *run, const struct lk_prepared *prepared, const struct lk_undos *undos)
{
    struct lk_changelog *changelog = lk_new(run->mem, struct lk_changelog);

    changelog->folders = prepared->changelog->folders;
    lk_vec_foreach(migration, &prepared->changelog->migrations)
        if (is_there(prepared, migration) && migration->name.kind != LK_KIND_UNDO)
            lk_vec_push(run->mem, &changelog->migrations, *migration);
    lk_vec_foreach(undo, &undos->items) {
        struct lk_migration *down = lk_vec_add(run->mem, &changelog->migrations);
        *down = *undo->down;
        down->name.kind = LK_KIND_UNDO;
        down->replayed = true;
        down->backwards = undo->own;
    }
    for (size_t i = 0; i < changelog->migrations.count; i++)
        changelog->migrations.items[i].ordinal = (uint32_t)i + 1;
    return changelog;
}

/* switch_off switches the rules of a group off. */
static void
switch_off(struct lk_settings *settings, enum lk_group group)
{
    size_t count;
    const struct lk_rule *const *rules = lk_rules(&count);

    for (size_t i = 0; i < count; i++)
        if (rules[i]->group == group)
            settings->rules[i].severity = LK_SEVERITY_OFF;
}

bool
lk_prepare_undo(struct lk_run *run, struct lk_prepared *prepared, const struct lk_undos *undos,
                struct lk_error *err)
{
    struct lk_changelog *changelog = backwards_of(run, prepared, undos);
    size_t count = changelog->migrations.count, first = count - undos->items.count;

    prepared->backwards = true;
    prepared->chosen = lk_new_array(run->mem, bool, count + 1);
    for (size_t i = 0; i <= count; i++)
        prepared->chosen[i] = i > first; /* ordinals are from 1 */
    switch_off(prepared->settings, LK_GROUP_VERSION);
    if (!walk(run, prepared, changelog, (uint32_t)first + 1, err))
        return false;
    lk_vec_foreach(migration, &prepared->plan->migrations) {
        size_t index = migration->migration->ordinal - first - 1;
        migration->undoes = undos->items.items[index].item->row->rank;
    }
    /* a file that is no text is not planned: nothing is left out on the way back */
    return prepared->plan->migrations.count == undos->items.count ||
           lk_prepare_check(prepared, err);
}

bool
lk_prepare_whole(const struct lk_prepared *prepared, struct lk_error *err)
{
    lk_vec_foreach(finding, &prepared->left_out.items) {
        lk_fail(err, LK_ERR_FINDINGS, "%s:%u:%u: %s", finding->path, finding->start.line,
                finding->start.column, finding->message);
        return lk_error_hint(err,
                             "It would be left out. Write it otherwise, or say that it is to be: "
                             "`-- lockkeeper: ignore-file %s -- why`.",
                             finding->rule->name);
    }
    if (prepared->unplanned == NULL)
        return true;
    lk_fail(err, LK_ERR_INPUT, "%s is not UTF-8: it would be left out", prepared->unplanned->path);
    return lk_error_hint(err,
                         "Save it as UTF-8; iconv -f LATIN1 -t UTF-8 converts one in Latin-1.");
}

bool
lk_prepare_check(const struct lk_prepared *prepared, struct lk_error *err)
{
    lk_vec_foreach(finding, &prepared->lint.findings.items) {
        const struct lk_rule *rule = finding->rule;
        if ((rule->on_broken == NULL && !rule->leaves_out) || finding->suppressed)
            continue;
        lk_fail(err, LK_ERR_FINDINGS, "%s:%u:%u: %s", finding->path, finding->start.line,
                finding->start.column, finding->message);
        return lk_error_hint(err, "Nothing can be planned before; `lockkeeper lint` shows it all.");
    }
    return true;
}
