/*
 * cli/cmd_retry.c
 *     lockkeeper retry: failed migrations again, and skipped ones after all.
 */
#include "applier/choose.h"
#include "cli/apply.h"
#include "parser/base/file.h"

static struct poptOption options[] = {
    {"no-gate", '\0', POPT_ARG_NONE, &lk_options.no_gate, 0, "apply in spite of findings", NULL},
    {"fail-on", '\0', POPT_ARG_STRING, &lk_options.fail_on, 0,
     "refuse from this severity of findings on (default: error)", "SEVERITY"},
    LK_READING_TABLE,
    LK_GLOBAL_TABLE,
    POPT_TABLEEND,
};

struct names {
    LK_VEC(const char *) items;
};

/* take_names takes what is no folder away from the paths: versions and scripts. */
static void
take_names(TALLOC_CTX *mem, struct names *ret)
{
    size_t kept = 0;

    for (size_t i = 0; i < lk_options.paths.count; i++) {
        const char *argument = lk_options.paths.items[i];
        if (lk_is_directory(argument))
            lk_options.paths.items[kept++] = argument;
        else
            lk_vec_push(mem, &ret->items, argument);
    }
    lk_options.paths.count = kept;
}

/* can_retry returns whether a migration was tried before, or left out. */
static bool
can_retry(const struct lk_status_item *item)
{
    return item->row != NULL && item->migration != NULL && item->state != LK_STATE_BASELINE &&
           item->state != LK_STATE_UNCLEAR &&
           (item->row->status == LK_HISTORY_FAILED || item->row->status == LK_HISTORY_SKIPPED);
}

static void
choose(struct lk_prepared *prepared, const struct lk_status_item *item)
{
    prepared->chosen[item->migration->ordinal] = true;
    lk_vec_foreach(any, &prepared->status.items)
        if (any->migration == item->migration)
            any->ignored = true; /* it is asked for by name, whatever the order */
}

/* choose_all chooses the migrations that are named, or without names those that failed. */
static bool
choose_all(struct lk_run *run, const struct names *names, struct lk_prepared *prepared,
           struct lk_error *err)
{
    size_t count = prepared->changelog->migrations.count;

    prepared->chosen = lk_new_array(run->mem, bool, count + 1);
    memset(prepared->chosen, 0, (count + 1) * sizeof(bool));
    lk_vec_foreach(item, &prepared->status.items)
        if (names->items.count == 0 && can_retry(item) && item->row->status == LK_HISTORY_FAILED)
            choose(prepared, item);
    lk_vec_foreach(name, &names->items) {
        const struct lk_status_item *item =
            lk_choose_named(run->mem, &prepared->status, *name, err);
        if (item == NULL)
            return false;
        if (!can_retry(item)) {
            lk_fail(err, LK_ERR_DISAGREE, "%s has neither failed nor been skipped: it is %s",
                    item->script, lk_state_word(item->state));
            return lk_error_hint(err, "`lockkeeper apply` carries out what is pending.");
        }
        choose(prepared, item);
    }
    return true;
}

static enum lk_error_code
run_retry(struct lk_run *run, struct lk_error *err)
{
    struct lk_prepared prepared;
    struct lk_events events = lk_apply_events();
    struct names names = {0};
    const struct lk_reporter *reporter = lk_reporter_choose(err);

    take_names(run->mem, &names);
    if (reporter == NULL ||
        !lk_prepare_target(run, LK_CONNECT_ALWAYS, NULL, &events, &prepared, err) ||
        !lk_target_check(prepared.target, false, err) || !choose_all(run, &names, &prepared, err) ||
        !lk_status_check(&prepared.status, err) || !lk_prepare_plan(run, &prepared, err) ||
        !lk_apply_gate(run, &prepared, err))
        return err->code;
    return lk_apply_run(run, &prepared, "retry", reporter, err);
}

const struct lk_command lk_command_retry = {
    .name = "retry",
    .summary = "carry out again what failed, or after all what was skipped",
    .usage = "[VERSION|SCRIPT...] [FOLDER...]",
    .options = options,
    .several = LK_SEVERAL_NAMED,
    .connects = true,
    .run = run_retry,
};
