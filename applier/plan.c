/*
 * applier/plan.c
 *     From a walk over the changelog to steps: see plan.h.
 */
#include "applier/plan.h"

#include "parser/base/buf.h"
#include "parser/base/text.h"
#include "parser/command.h"
#include "parser/fingerprint.h"

/* ---- gathering, statement by statement ---- */

static struct lk_pass
copy_pass(TALLOC_CTX *mem, const struct lk_pass *from)
{
    return (struct lk_pass){lk_strdup(mem, from->relation), lk_strdup(mem, from->why)};
}

static struct lk_lock
copy_lock(TALLOC_CTX *mem, const struct lk_lock *from)
{
    return (struct lk_lock){
        .relation = lk_strdup(mem, from->relation), .mode = from->mode, .is_new = from->is_new};
}

/* copy_effects gives effects that live as long as the plan. */
static struct lk_effects
copy_effects(TALLOC_CTX *mem, const struct lk_effects *from)
{
    struct lk_effects copy = {
        .refuses_transaction = from->refuses_transaction,
        .concurrently = from->concurrently,
        .validates = from->validates,
        .indexed_table = lk_strdup(mem, from->indexed_table),
        .created_index = lk_strdup(mem, from->created_index),
        .dropped_index = lk_strdup(mem, from->dropped_index),
        .detached = lk_strdup(mem, from->detached),
    };

    lk_vec_foreach(lock, &from->locks)
        *lk_vec_add(mem, &copy.locks) = copy_lock(mem, lock);
    lk_vec_foreach(lock, &from->may_lock)
        *lk_vec_add(mem, &copy.may_lock) = copy_lock(mem, lock);
    lk_vec_foreach(blocked, &from->blocked) {
        struct lk_blocked *to = lk_vec_add(mem, &copy.blocked);
        *to = *blocked;
        to->relation = lk_strdup(mem, blocked->relation);
        to->index = lk_strdup(mem, blocked->index);
    }
    lk_vec_foreach(work, &from->rewrites)
        *lk_vec_add(mem, &copy.rewrites) = copy_pass(mem, work);
    lk_vec_foreach(work, &from->scans)
        *lk_vec_add(mem, &copy.scans) = copy_pass(mem, work);
    lk_vec_foreach(build, &from->builds)
        *lk_vec_add(mem, &copy.builds) =
            (struct lk_build){lk_strdup(mem, build->relation), lk_strdup(mem, build->index),
                              lk_strdup(mem, build->why)};
    return copy;
}

/* note_settings notes what a statement may do to the session's settings. */
static void
note_settings(struct lk_plan_statement *statement)
{
    static const char *const kinds[] = {"SET", "RESET", "DISCARD ALL", "SELECT", "DO", "CALL"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++)
        statement->unsettles |= strcmp(statement->kind, kinds[i]) == 0;
    statement->resets =
        strcmp(statement->kind, "RESET") == 0 || strcmp(statement->kind, "DISCARD ALL") == 0;
}

static void
on_statement(void *data, const struct lk_check *check)
{
    struct lk_planner *planner = data;
    struct lk_plan *plan = planner->plan;

    if (planner->current == NULL) {
        if (!planner->options.is_pending(planner->options.data, check->migration))
            return;
        planner->current = lk_vec_add(plan->mem, &plan->migrations);
        planner->current->migration = check->migration;
    }
    struct lk_plan_statement *statement = lk_vec_add(plan->mem, &planner->current->statements);
    const struct lk_step *step = &check->outline->steps.items[check->statement->index];
    statement->index = check->statement->index + 1u;
    statement->span = check->statement->span;
    struct lk_place place = lk_source_place(check->source, statement->span);
    if (place.file != lk_source_own(check->source))
        statement->file = lk_strdup(plan->mem, place.file->path);
    statement->line = lk_source_position(place.file, place.span.start).line;
    statement->kind = lk_command_tag(check->statement->tree);
    statement->control = step->control == LK_CONTROL_BEGIN || step->control == LK_CONTROL_COMMIT ||
                         step->control == LK_CONTROL_ROLLBACK;
    statement->setting = step->setting;
    statement->opening = step->opening;
    statement->said.lock = lk_session_lock_timeout(check->session);
    statement->said.statement = lk_session_statement_timeout(check->session);
    statement->effects = copy_effects(plan->mem, check->effects);
    note_settings(statement);
}

/*
 * timeouts_of returns what bounds a statement: what a comment says, what the file has SET, or what
 * is right for its class. A SET to none lifts no bound, as it stands on top of every dump; and one
 * that is meant for statements that lock does not cut short those that take long by nature, but for
 * one of an hour, which is there for what hangs.
 */
static struct lk_timeouts
timeouts_of(const struct lk_planner *planner, const struct lk_check *check,
            const struct lk_plan_statement *statement)
{
    const struct lk_statement *at = &check->script->statements.items[statement->index - 1];
    struct lk_timeouts timeouts = planner->options.timeouts[statement->class];
    bool patient = lk_stmt_is_patient(statement->class);
    int64_t least = patient ? 3600000 : 1;

    if (statement->said.lock >= least)
        timeouts.lock = statement->said.lock;
    if (statement->said.statement >= least)
        timeouts.statement = statement->said.statement;
    lk_directives_timeout(check->directives, LK_DIRECTIVE_LOCK_TIMEOUT, check->script, at,
                          &timeouts.lock);
    lk_directives_timeout(check->directives, LK_DIRECTIVE_STATEMENT_TIMEOUT, check->script, at,
                          &timeouts.statement);
    return timeouts;
}

/* locks_strongly returns whether a statement keeps others from a relation that they may be using.
 */
static bool
locks_strongly(const struct lk_plan_statement *statement)
{
    lk_vec_foreach(lock, &statement->effects.locks)
        if (lk_lock_is_strong(lock->mode) && !lock->is_new)
            return true;
    return false;
}

static void
set_timeouts(const struct lk_planner *planner, const struct lk_check *check,
             struct lk_plan_migration *migration)
{
    lk_vec_foreach(step, &migration->steps) {
        bool strong = false;
        for (size_t i = step->first; i < step->first + step->count; i++) {
            struct lk_plan_statement *statement = &migration->statements.items[i];
            strong |= locks_strongly(statement);
            statement->in_transaction = step->transaction;
            statement->class = lk_stmt_of(&statement->effects, strong);
            statement->timeouts = timeouts_of(planner, check, statement);
        }
    }
}

/* ---- steps ---- */

/* may_commit returns whether a statement may end the transaction that it is in. */
static bool
may_commit(const struct lk_plan_statement *statement)
{
    return strcmp(statement->kind, "CALL") == 0 || strcmp(statement->kind, "DO") == 0;
}

static struct lk_plan_step *
add_step(struct lk_planner *planner, struct lk_plan_migration *migration, size_t first,
         bool transaction)
{
    struct lk_plan_step *step = lk_vec_add(planner->plan->mem, &migration->steps);

    step->first = first;
    step->transaction = transaction;
    return step;
}

/*
 * make_block adds the step of the file's own block that begins at `index`, and those that AND CHAIN
 * hangs on to it; returns where the last one ends.
 */
static size_t
make_block(struct lk_planner *planner, const struct lk_outline *outline,
           struct lk_plan_migration *migration, size_t index)
{
    const char *begin = migration->statements.items[index].sql;
    struct lk_plan_step *step = add_step(planner, migration, index + 1, true);

    bool read_only = outline->steps.items[index].read_only;
    step->begin = begin;
    step->read_only = read_only;
    while (++index < outline->steps.count) {
        const struct lk_step *at = &outline->steps.items[index];
        if (at->control != LK_CONTROL_COMMIT && at->control != LK_CONTROL_ROLLBACK) {
            step->count++;
            continue;
        }
        step->rollback = at->control == LK_CONTROL_ROLLBACK;
        if (!at->chain)
            return index + 1;
        step = add_step(planner, migration, index + 1, true);
        step->begin = begin; /* with the same characteristics */
        step->read_only = read_only;
    }
    return index;
}

static void
make_steps(struct lk_planner *planner, const struct lk_outline *outline,
           struct lk_plan_migration *migration)
{
    bool group = migration->mode == LK_MODE_SEGMENTED && !outline->own_blocks;
    struct lk_plan_step *open = NULL;

    if (migration->mode == LK_MODE_TRANSACTIONAL && !outline->own_blocks) {
        add_step(planner, migration, 0, true)->count = migration->statements.count;
        return;
    }
    for (size_t i = 0; i < outline->steps.count;) {
        const struct lk_step *step = &outline->steps.items[i];
        if (step->control == LK_CONTROL_BEGIN) {
            i = make_block(planner, outline, migration, i);
            open = NULL;
            continue;
        }
        if (step->control == LK_CONTROL_COMMIT || step->control == LK_CONTROL_ROLLBACK) {
            open = NULL; /* of nothing: a border and no more */
            i++;
            continue;
        }
        bool together = group && !step->refuses;
        if (!together || open == NULL) {
            /* one that stands alone goes with its journal entry: that makes it exactly once */
            const struct lk_plan_statement *statement = &migration->statements.items[i];
            open = add_step(planner, migration, i, !statement->effects.refuses_transaction);
            open->may_commit = !together && may_commit(statement);
        }
        open->count++;
        if (!together)
            open = NULL;
        i++;
    }
}

/* take_text keeps what is sent for a statement: its SQL, and the rows that a COPY reads. */
static void
take_text(struct lk_plan *plan, const struct lk_check *check, const char *original,
          struct lk_plan_statement *statement)
{
    const struct lk_inset *rows = lk_source_data(check->source, statement->span.end);

    statement->sql = lk_source_sql(plan->mem, check->source, statement->span);
    if (rows == NULL ||
        rows->owner >= check->script->statements.items[statement->index - 1].region.end) {
        lk_sha256(statement->sql, strlen(statement->sql), statement->sha256);
        return;
    }
    statement->data = original + rows->span.start;
    statement->data_size = rows->span.end - rows->span.start - strlen("\\.");
    lk_sha256(original + statement->span.start, rows->span.end - statement->span.start,
              statement->sha256);
}

/* may_leak returns whether a statement may leave something behind in the session. */
static bool
may_leak(const struct lk_plan_statement *statement)
{
    static const char *const kinds[] = {"LISTEN", "PREPARE", "DECLARE CURSOR"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(kinds); i++)
        if (strcmp(statement->kind, kinds[i]) == 0)
            return true;
    return statement->unsettles || strcasestr(statement->sql, "temp") != NULL;
}

static void
on_migration(void *data, const struct lk_check *check)
{
    struct lk_planner *planner = data;
    struct lk_plan *plan = planner->plan;
    struct lk_plan_migration *migration = planner->current;

    planner->current = NULL;
    if (migration == NULL) { /* without statements: it is applied all the same */
        if (!planner->options.is_pending(planner->options.data, check->migration))
            return;
        migration = lk_vec_add(plan->mem, &plan->migrations);
        migration->migration = check->migration;
    }
    migration->source = lk_source_copy(plan->mem, check->source);
    migration->script = lk_plan_script(plan->mem, check->changelog, check->migration);
    migration->mode = check->outline->mode;
    migration->flyway_checksum = check->migration->name.kind == LK_KIND_REPEATABLE
                                     ? lk_flyway_checksum_filled(check->source)
                                     : lk_flyway_checksum(check->source);
    lk_sha256(check->source->raw, check->source->raw_size, migration->sha256);
    lk_fingerprint(check->source, check->migration->folder->naming, migration->fingerprint);
    lk_vec_foreach(statement, &migration->statements) {
        statement->source = migration->source;
        take_text(plan, check, migration->source->original, statement);
        migration->may_leak |= may_leak(statement);
    }
    lk_vec_foreach(step, &check->outline->steps)
        if (step->prepares && migration->prepares == 0)
            migration->prepares = (size_t)(step - check->outline->steps.items) + 1;
    make_steps(planner, check->outline, migration);
    set_timeouts(planner, check, migration);
}

struct lk_planner *
lk_planner_start(TALLOC_CTX *mem, const struct lk_plan_options *options)
{
    struct lk_planner *planner = lk_new(mem, struct lk_planner);

    planner->plan = lk_new(mem, struct lk_plan);
    planner->plan->mem = mem;
    planner->options = *options;
    planner->visitor = (struct lk_visitor){planner, on_statement, on_migration};
    return planner;
}

bool
lk_plan_has_work(const struct lk_plan *plan)
{
    bool always = false;

    lk_vec_foreach(hook, &plan->hooks)
        always |= hook->always;
    return always || plan->migrations.count > 0;
}

/* find_alone returns a statement that cannot share a migration's transaction, or NULL. */
static const struct lk_plan_statement *
find_alone(const struct lk_plan_migration *script)
{
    lk_vec_foreach(statement, &script->statements)
        if (statement->control || statement->opening || statement->effects.refuses_transaction)
            return statement;
    return NULL;
}

bool
lk_plan_check_hooks(const struct lk_plan *plan, struct lk_error *err)
{
    lk_vec_foreach(hook, &plan->hooks) {
        bool joins = hook->event == LK_HOOK_BEFORE_EACH || hook->event == LK_HOOK_AFTER_EACH;
        const struct lk_plan_statement *alone = joins ? find_alone(&hook->script) : NULL;
        if (alone == NULL)
            continue;
        lk_fail(err, LK_ERR_INPUT, "%s:%u: %s cannot be part of the transaction of each migration",
                alone->file != NULL ? alone->file : hook->script.source->path, alone->line,
                alone->kind);
        return lk_error_hint(err, "Do it once a run: `before_run` or `after_run`.");
    }
    return true;
}

struct lk_plan *
lk_planner_finish(struct lk_planner *planner)
{
    struct lk_plan *plan = planner->plan;
    struct lk_buf text = lk_buf_init(plan->mem);

    lk_buf_addf(&text, "system %s\nhistory %s\n",
                plan->system_identifier != NULL ? plan->system_identifier : "-",
                plan->history_sha256);
    lk_vec_foreach(hook, &plan->hooks)
        lk_buf_addf(&text, "hook %s %s %s\n", lk_hook_word(hook->event), hook->script.sha256,
                    hook->script.script);
    lk_vec_foreach(migration, &plan->migrations) {
        lk_buf_addf(&text, "migration %s %s %s", migration->sha256, lk_mode_name(migration->mode),
                    migration->script);
        lk_vec_foreach(statement, &migration->statements)
            lk_buf_addf(&text, " %s %lld %lld", statement->sha256,
                        (long long)statement->timeouts.lock,
                        (long long)statement->timeouts.statement);
        lk_buf_addc(&text, '\n');
    }
    lk_sha256(text.data, text.len, plan->sha256);
    return plan;
}

char *
lk_plan_script(TALLOC_CTX *mem, const struct lk_changelog *changelog,
               const struct lk_migration *migration)
{
    if (changelog->folders.count < 2)
        return lk_strdup(mem, migration->script);
    return lk_path_join(mem, lk_folder_title(changelog, migration->folder), migration->script);
}

size_t
lk_plan_opening(const struct lk_plan_migration *migration, const struct lk_plan_step *step)
{
    size_t opening = 0;

    for (size_t i = 0; i < step->count; i++) {
        const struct lk_plan_statement *statement = &migration->statements.items[step->first + i];
        if (!statement->setting)
            break;
        if (statement->opening)
            opening = i + 1;
    }
    return opening;
}

char *
lk_timeout_text(TALLOC_CTX *mem, int64_t ms)
{
    if (ms == 0)
        return lk_strdup(mem, "0");
    if (ms % 60000 == 0)
        return lk_fmt(mem, "%lldmin", (long long)(ms / 60000));
    return ms % 1000 == 0 ? lk_fmt(mem, "%llds", (long long)(ms / 1000))
                          : lk_fmt(mem, "%lldms", (long long)ms);
}
