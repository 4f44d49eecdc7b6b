/*
 * cli/operate.c
 *     What the operations on the history share: see operate.h.
 */
#include "cli/operate.h"

#include "applier/interrupt.h"
#include "parser/source.h"

/* report tells what was changed, or would be. */
static bool
report(const struct lk_reporter *reporter, const char *command, const struct lk_target *target,
       const struct lk_operated *operated, struct lk_error *err)
{
    const struct lk_operation_report document = {
        .command = command,
        .database = target->name,
        .dry_run = lk_options.dry_run,
        .operated = operated,
    };
    struct lk_outlet outlet = lk_outlet_open();

    reporter->operation(outlet.stream, &document);
    return lk_outlet_close(&outlet, err);
}

enum lk_error_code
lk_operate_command(struct lk_run *run, const char *command, lk_decide *decide,
                   const struct lk_request *request, bool complete, struct lk_error *err)
{
    struct lk_prepared prepared;
    struct lk_operated operated;
    struct lk_events events = lk_apply_events();
    const struct lk_reporter *reporter = lk_reporter_choose(err);
    enum lk_connect connect = decide == lk_decide_adopt ? LK_CONNECT_TO_ADOPT : LK_CONNECT_ALWAYS;

    if (reporter == NULL || !lk_prepare_target(run, connect, NULL, &events, &prepared, err) ||
        !lk_target_check(prepared.target, lk_options.accept_server != 0, err))
        return err->code;
    struct lk_run_options options = lk_apply_options(&prepared, command);
    lk_interrupt_install(lk_leave_at_once);
    if (!lk_operate(run->mem, prepared.target, &prepared.status, &options, decide, request,
                    lk_options.dry_run, &operated, err) ||
        !report(reporter, command, prepared.target, &operated, err))
        return err->code;
    if (!complete || lk_options.dry_run)
        return LK_ERR_OK;
    struct lk_status now;
    if (!lk_target_reload(run->mem, prepared.target, err) ||
        !lk_status_again(run->mem, &prepared.status, prepared.target, &now, err) ||
        !lk_status_check(&now, err))
        return err->code;
    return LK_ERR_OK;
}

const char *
lk_operate_argument(const char *what, struct lk_error *err)
{
    if (lk_options.paths.count == 0) {
        lk_fail(err, LK_ERR_USAGE, "the %s is missing", what);
        return NULL;
    }
    const char *argument = lk_options.paths.items[0];
    lk_options.paths.count--;
    memmove(lk_options.paths.items, lk_options.paths.items + 1,
            lk_options.paths.count * sizeof(*lk_options.paths.items));
    return argument;
}

bool
lk_operate_reason(TALLOC_CTX *mem, struct lk_error *err)
{
    const char *reason = lk_options.reason;

    if (reason == NULL || reason[strspn(reason, " \t\n")] == '\0') {
        lk_fail(err, LK_ERR_USAGE, "the reason is missing");
        return lk_error_hint(err, "Say --reason TEXT: it stays with the history.");
    }
    const struct lk_source *text = lk_source_new(mem, "", reason, strlen(reason));
    if (text->invalid < text->size)
        return lk_fail(err, LK_ERR_USAGE, "the reason is not UTF-8");
    return true;
}
