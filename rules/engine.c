/*
 * rules/engine.c
 *     One walk over a changelog: see engine.h.
 */
#include "rules/engine.h"

#include "parser/ahead.h"
#include "parser/base/text.h"
#include "parser/pg_names.h"
#include "rules/call.h"
#include "rules/dispatch.h"
#include "rules/quote.h"
#include "rules/schema/replay.h"
#include "rules/schema/replay_condition.h"
#include "rules/suppress.h"
#include "rules/wording.h"

/* What one migration usually needs: effects, what the rules look up. */
#define POOL_SIZE ((size_t)256 << 10)

/* What a statement usually needs for its effects. */
#define STATEMENT_SIZE ((size_t)64 << 10)

/* What is found in most changelogs, and in each of their files: untouched, it is no memory yet. */
#define FINDINGS_SIZE ((size_t)64 << 10)
#define FINDINGS_STEP ((size_t)1 << 10)
#define FINDINGS_MAX ((size_t)16 << 20)

/* A file with directives, kept until the rules have seen all files. */
struct annotated {
    const struct lk_migration *migration;
    struct lk_source *source;
    struct lk_directives directives;
};

struct engine {
    TALLOC_CTX *scratch;        /* of the walk */
    TALLOC_CTX *pool;           /* of one migration after the other */
    TALLOC_CTX *statement_pool; /* of one statement after the other */
    const struct lk_walk *walk;
    const struct lk_changelog *changelog;
    struct lk_catalog *catalog;
    struct lk_walked *result;
    struct lk_held held; /* of the migration at hand */
    const struct lk_dispatch *dispatch;
    struct lk_ahead *ahead;
    LK_VEC(struct annotated) annotated;
    struct lk_stand_ins stand_ins; /* of the sources so far */
    struct lk_routines
        followed;     /* that the statement at hand calls: they are carried out already */
    bool whole;       /* the history starts with all that there is: a baseline migration */
    uint32_t refused; /* the ordinal of the migration that the server was last found to refuse */
};

/*
 * A history is taken to start from an empty database when all that its first migrations name is of
 * their own making. So many of them it takes to be sure of that.
 */
#define SELF_CONTAINED 3

/* is_of_absence returns whether something is refused because something else is not there. */
static bool
is_of_absence(const struct lk_refusal *refusal)
{
    static const char *const states[] = {"42P01", "42704", "42883", "3F000"};

    for (size_t i = 0; i < LK_ARRAY_SIZE(states); i++)
        if (strcmp(refusal->sqlstate, states[i]) == 0)
            return true;
    return false;
}

/* open_world notes that there may be objects that no migration makes, unless there are said not to
 * be. */
static void
open_world(struct engine *engine)
{
    if (engine->walk->settings->world == LK_WORLD_AUTO)
        lk_catalog_set_complete(engine->catalog, false);
}

/* not_known notes that something is carried out that may make anything, whatever there was before,
 * or take away what is in the way of what follows. */
static void
not_known(struct engine *engine, const struct lk_check *check)
{
    lk_catalog_set_complete(engine->catalog, false);
    engine->refused = check->migration->ordinal;
}

static void
carry_out(struct engine *engine, const struct lk_check *check, const char *text)
{
    lk_replay_follow(engine->catalog, &engine->followed);
    if (check->nested != NULL)
        lk_replay_nested(engine->catalog, check->statement, text);
    else
        lk_replay(engine->catalog, check->statement, text);
    lk_replay_follow(engine->catalog, NULL);
}

/*
 * replay carries a statement out in the schema, and reports what the server refuses. Only the
 * first refusal of a migration counts: what follows might not have been refused without it.
 */
static void
replay(struct engine *engine, struct lk_check *check)
{
    const struct lk_refusals *refusals = lk_catalog_refusals(engine->catalog);
    const char *text = check->source->text;

    carry_out(engine, check, text);
    if (lk_catalog_names_others(engine->catalog))
        open_world(engine);
    if (check->call != NULL) {
        if (refusals->items.count > 0)
            not_known(engine, check);
        return; /* what its values are, and what else it was made for, only the caller knows */
    }
    if (refusals->items.count == 0 || check->migration->folder->naming == NULL ||
        lk_source_is_open(check->source, check->statement->span))
        return; /* of loose scripts nobody knows the order, of placeholders what they stand for */
    if (engine->walk->settings->world == LK_WORLD_AUTO &&
        is_of_absence(&refusals->items.items[0]) &&
        (engine->refused != 0 || (check->migration->ordinal <= SELF_CONTAINED && !engine->whole))) {
        open_world(engine);
        carry_out(engine, check, text);
    }
    if (refusals->items.count == 0 || engine->refused == check->migration->ordinal)
        return;
    engine->refused = check->migration->ordinal;
    lk_dispatch_refusal(engine->dispatch, check, &refusals->items.items[0]);
}

/* look_into makes a statement in a body the one at hand; NULL: the one with the body again. */
static void
look_into(struct lk_check *check, const struct lk_nested *nested, uint32_t index)
{
    check->nested = nested;
    check->source = nested != NULL ? nested->source : check->script->source;
    check->statement =
        nested != NULL ? &nested->statement : &check->script->statements.items[index];
}

/* check_body_syntax reports what is broken in the body of the statement at `index`. */
static void
check_body_syntax(struct engine *engine, struct lk_check *check, const struct lk_body *body,
                  uint32_t index, bool undo)
{
    lk_vec_foreach(nested, &body->items) {
        bool checked = nested->when != LK_WHEN_CALLED || check->session == NULL ||
                       lk_session_checks_bodies(check->session);
        if (nested->statement.error == NULL || !checked)
            continue;
        look_into(check, nested, index);
        lk_dispatch_moment(engine->dispatch, check, LK_ON_BROKEN, undo);
    }
    look_into(check, NULL, index);
}

/* ends_transactions returns whether a procedure with that body does so for sure. */
static bool
ends_transactions(const struct lk_body *body)
{
    for (size_t i = 0; body != NULL && i < body->items.count; i++) {
        const struct lk_nested *nested = &body->items.items[i];
        const TransactionStmt *control = (const TransactionStmt *)nested->statement.tree;
        if (control != NULL && IsA(control, TransactionStmt) && !nested->conditional &&
            (control->kind == TRANS_STMT_COMMIT || control->kind == TRANS_STMT_ROLLBACK))
            return true;
    }
    return false;
}

/* note_routine notes in the schema where the statement at hand has made a routine, and whether that
 * ends transactions. */
static void
note_routine(struct engine *engine, struct lk_check *check, const struct lk_body *body)
{
    const CreateFunctionStmt *stmt = (const CreateFunctionStmt *)check->statement->tree;
    struct lk_function *routine = lk_replay_function_of(engine->catalog, stmt);

    if (routine == NULL || routine->definition == NULL)
        return;
    struct lk_place place = lk_source_place(check->source, check->statement->span);
    lk_catalog_touch(engine->catalog, routine);
    routine->path = strcmp(place.file->path, check->migration->path) == 0
                        ? check->migration->path
                        : lk_strdup(engine->result->findings.mem, place.file->path);
    routine->line = lk_source_position(place.file, place.span.start).line;
    routine->commits = stmt->is_procedure && ends_transactions(body);
}

/* check_undo looks at the part of a file that takes the migration back: its syntax only. */
static void
check_undo(struct engine *engine, struct lk_check *check, struct lk_script *script)
{
    check->script = script;
    check->session = NULL;
    for (size_t i = 0; i < script->statements.count; i++) {
        struct Node *tree = lk_script_tree(script, i);
        check->statement = &script->statements.items[i];
        const struct lk_body *body = lk_script_body(script, i);
        if (tree == NULL)
            lk_dispatch_moment(engine->dispatch, check, LK_ON_BROKEN, true);
        else if (body != NULL)
            check_body_syntax(engine, check, body, (uint32_t)i, true);
    }
    engine->result->statements += script->statements.count;
}

static struct lk_effects check_tree(struct engine *engine, struct lk_check *check,
                                    struct lk_session *session, TALLOC_CTX *mem);

/*
 * check_nested looks at a statement that a DO block carries out, and carries it out in the schema;
 * its effects are added to `effects`. Of one that is only perhaps carried out the schema keeps
 * what is not sure.
 */
static void
check_nested(struct engine *engine, struct lk_check *check, const struct lk_nested *nested,
             struct lk_session *session, struct lk_effects *effects, enum lk_truth reached,
             TALLOC_CTX *mem)
{
    const Node *tree = nested->statement.tree;

    look_into(check, nested, nested->statement.index);
    if (nested->dynamic)
        lk_dispatch_moment(engine->dispatch, check, LK_ON_DYNAMIC, false);
    if (tree == NULL) {
        if (reached == LK_TRUTH_FALSE)
            return;
        not_known(engine, check);
        if (nested->dynamic)
            lk_replay_partly(engine->catalog, nested->likely);
        return;
    }
    struct lk_effects own = check_tree(engine, check, session, mem);
    lk_effects_merge(mem, effects, &own);
    if (reached == LK_TRUTH_FALSE)
        return;
    bool perhaps = nested->when == LK_WHEN_MAYBE && reached == LK_TRUTH_UNKNOWN;
    if (nested->caught || (check->call != NULL && check->call->caught)) {
        lk_replay_caught(engine->catalog, &nested->statement, nested->source->text);
    } else if (perhaps || (check->call != NULL && check->call->maybe)) {
        lk_replay_maybe(engine->catalog, &nested->statement, nested->source->text);
    } else if (!IsA(tree, TransactionStmt)) {
        replay(engine, check);
        lk_session_follow(session, tree);
    }
}

/* keep_of_call drops what was found in a routine, from `first` on, that its migration's author did
 * not decide upon by calling it: how it is written. */
static void
keep_of_call(struct lk_findings *findings, size_t first)
{
    size_t kept = first;

    for (size_t i = first; i < findings->items.count; i++) {
        const struct lk_rule *rule = findings->items.items[i].rule;
        bool kept_here = rule->group == LK_GROUP_LOCK || rule->group == LK_GROUP_TRANSACTION ||
                         rule->group == LK_GROUP_DESTRUCTIVE ||
                         rule->group == LK_GROUP_COMPATIBILITY || rule->group == LK_GROUP_DATA ||
                         rule->on_dynamic != NULL;
        if (kept_here)
            findings->items.items[kept++] = findings->items.items[i];
    }
    findings->items.count = kept;
}

/*
 * check_called looks at what a routine does that the statement at hand calls, and carries it out in
 * the schema. It returns whether all of that is known.
 */
static bool
check_called(struct engine *engine, struct lk_check *check, const struct lk_call *call,
             struct lk_session *session, TALLOC_CTX *mem)
{
    const struct lk_check outer = *check;
    const struct lk_session before = *session;
    struct lk_conditions conditions = {0};
    struct lk_effects effects = {0}; /* they are the caller's, too: see lk_effects_of */
    size_t first = check->findings->items.count;
    bool known = true;

    lk_call_enter(call, session);
    check->call = call;
    check->body = call->body;
    lk_vec_foreach(nested, &call->body->items) {
        known &= !nested->dynamic && nested->statement.tree != NULL;
        if (nested->when != LK_WHEN_CALLED)
            check_nested(engine, check, nested, session, &effects,
                         lk_replay_reached(mem, engine->catalog, nested, &conditions), mem);
    }
    lk_call_leave(call, session, &before);
    *check = outer;
    keep_of_call(check->findings, first);
    return known;
}

/*
 * check_tree calls the rules for the statement at hand and for what it calls, and returns all of
 * its effects.
 */
static struct lk_effects
check_tree(struct engine *engine, struct lk_check *check, struct lk_session *session,
           TALLOC_CTX *mem)
{
    const Node *tree = check->statement->tree;
    struct lk_calls calls = lk_calls_of(mem, check);
    struct lk_effects own = lk_effects_apart(mem, engine->catalog, tree, &calls.routines);
    struct lk_effects all = own;

    if (calls.items.count > 0)
        all = lk_effects_of(mem, engine->catalog, tree);
    check->effects = &own;
    lk_dispatch_tree(engine->dispatch, check, tree);
    lk_dispatch_moment(engine->dispatch, check, LK_ON_STATEMENT, false);
    lk_held_note(&engine->held, engine->catalog, tree, &own);
    check->effects = NULL;
    struct lk_routines followed = {0};
    lk_vec_foreach(call, &calls.items)
        if (check_called(engine, check, call, session, mem))
            lk_vec_push(mem, &followed.items, call->routine);
    engine->followed = followed;
    return all;
}

/* check_body looks at the statements in a body that are carried out with the statement itself. */
static void
check_body(struct engine *engine, struct lk_check *check, const struct lk_body *body,
           struct lk_session *session, struct lk_effects *effects, TALLOC_CTX *mem)
{
    uint32_t index = check->statement->index;
    struct lk_conditions conditions = {0};

    check_body_syntax(engine, check, body, index, false);
    lk_session_enter_body(session);
    check->body = body;
    lk_vec_foreach(nested, &body->items)
        if (nested->when != LK_WHEN_CALLED)
            check_nested(engine, check, nested, session, effects,
                         lk_replay_reached(mem, engine->catalog, nested, &conditions), mem);
    lk_session_leave_body(session);
    look_into(check, NULL, index);
    check->effects = effects;
}

/*
 * mem_enter gives a check memory of its own for what comes next, mem_leave goes back to `outer`:
 * what is behind no finding is freed.
 */
static TALLOC_CTX *
mem_enter(struct lk_check *check)
{
    TALLOC_CTX *outer = check->mem;

    check->mem = lk_mem_new(outer);
    return outer;
}

static void
mem_leave(struct lk_check *check, TALLOC_CTX *outer, size_t findings)
{
    if (check->findings->items.count == findings)
        talloc_free(check->mem);
    check->mem = outer;
}

static void
check_statement(struct engine *engine, struct lk_check *check, struct lk_script *script,
                struct lk_session *session, size_t index, TALLOC_CTX *scratch)
{
    const Node *tree = lk_script_tree(script, index);

    check->statement = &script->statements.items[index];
    lk_catalog_set_time(engine->catalog, check->migration->ordinal, (uint32_t)index);
    lk_held_enter(&engine->held, check->outline, session, (uint32_t)index);
    struct lk_effects effects = {0};
    check->effects = &effects;
    if (tree == NULL) {
        open_world(engine);
        lk_dispatch_moment(engine->dispatch, check, LK_ON_BROKEN, false);
    } else {
        lk_catalog_set_server(engine->catalog, engine->walk->settings->postgres_version,
                              lk_session_is_utc(session));
        effects = check_tree(engine, check, session, scratch);
        check->effects = &effects;
        const struct lk_body *body = lk_script_body(script, index);
        if (body != NULL)
            check_body(engine, check, body, session, &effects, scratch);
    }
    effects.refuses_transaction |= check->outline->steps.items[index].refuses;
    if (engine->walk->visitor != NULL && engine->walk->visitor->statement != NULL)
        engine->walk->visitor->statement(engine->walk->visitor->data, check);
    if (tree != NULL)
        replay(engine, check);
    if (tree != NULL && IsA(tree, CreateFunctionStmt))
        note_routine(engine, check, lk_script_body(script, index));
    check->effects = NULL;
    lk_session_step(session, check->outline, (uint32_t)index, tree);
}

/* check_statements goes through a script; what a statement left behind that nothing was found in
 * makes room for the next one. */
static void
check_statements(struct engine *engine, struct lk_check *check, struct lk_script *script,
                 struct lk_session *session)
{
    TALLOC_CTX *mem = mem_enter(check);
    size_t findings = check->findings->items.count;

    for (size_t i = 0; i < script->statements.count; i++) {
        check_statement(engine, check, script, session, i, engine->statement_pool);
        talloc_free_children(engine->statement_pool);
        if (check->findings->items.count == findings) {
            talloc_free_children(check->mem);
            continue;
        }
        findings = check->findings->items.count;
        check->mem = lk_mem_new(mem);
    }
    mem_leave(check, mem, findings);
}

static bool
has_includes(const struct lk_source *source)
{
    return source->pieces.items.count > 0;
}

/* finish calls the checks at the changelog's end, and lets directives act on what they found. */
static void
finish(struct engine *engine)
{
    struct lk_findings *findings = &engine->result->findings;
    struct lk_check check = {
        .settings = engine->walk->settings,
        .changelog = engine->changelog,
        .catalog = engine->catalog,
        .findings = findings,
        .mem = findings->mem,
    };
    size_t first = findings->items.count;
    struct lk_directive_refs included = {0};

    lk_dispatch_moment(engine->dispatch, &check, LK_END_OF_CHANGELOG, false);
    lk_vec_foreach(file, &engine->annotated) {
        lk_suppress(findings, first, file->migration->ordinal, &file->directives);
        for (size_t i = 0; i < file->directives.items.count && has_includes(file->source); i++)
            lk_vec_push(engine->scratch, &included.items, &file->directives.items.items[i]);
    }
    lk_suppress_share(&included);
    lk_vec_foreach(file, &engine->annotated) {
        check.migration = file->migration;
        check.source = file->source;
        check.directives = &file->directives;
        lk_dispatch_moment(engine->dispatch, &check, LK_AFTER_SUPPRESSION, false);
    }
    check.source = NULL;
    lk_wording_finish(&check, first, &engine->stand_ins);
}

/* check_up looks at the part of a file that is applied. */
static void
check_up(struct engine *engine, struct lk_check *check, const struct lk_parts *parts,
         struct lk_script *script)
{
    TALLOC_CTX *scratch = lk_mem_new(engine->pool);
    TALLOC_CTX *notes = lk_mem_new(engine->scratch);
    struct lk_directives directives = lk_directives_read(notes, script);
    struct lk_outline outline = lk_outline_of(scratch, engine->catalog, script,
                                              check->migration->folder->naming, parts, &directives);
    struct lk_session session = lk_session_start(&outline);
    size_t first = engine->result->findings.items.count;

    check->script = script;
    check->outline = &outline;
    check->session = &session;
    engine->held = (struct lk_held){.mem = scratch};
    check->held = &engine->held;
    check->directives = &directives;
    check_statements(engine, check, script, &session);
    check->statement = NULL;
    lk_dispatch_moment(engine->dispatch, check, LK_END_OF_FILE, false);
    if (engine->walk->visitor != NULL && engine->walk->visitor->migration != NULL)
        engine->walk->visitor->migration(engine->walk->visitor->data, check);
    engine->result->statements += script->statements.count;
    talloc_free(scratch);
    if (directives.items.count == 0 || !check->migration->reported) {
        talloc_free(notes);
        return;
    }
    lk_suppress(&engine->result->findings, first, check->migration->ordinal, &directives);
    lk_ahead_keep(engine->ahead);
    *lk_vec_add(engine->scratch, &engine->annotated) =
        (struct annotated){check->migration, check->source, directives};
}

static void
check_migration(struct engine *engine, const struct lk_reading *reading)
{
    const struct lk_settings *settings = engine->walk->settings;
    const struct lk_migration *migration = reading->migration;
    size_t first = engine->result->findings.items.count;
    struct lk_check check = {
        .settings = settings,
        .changelog = engine->changelog,
        .migration = migration,
        .source = reading->source,
        .catalog = engine->catalog,
        .findings = &engine->result->findings,
        .mem = engine->result->findings.mem,
    };
    TALLOC_CTX *mem = mem_enter(&check);

    lk_stand_ins_add(engine->scratch, &engine->stand_ins, reading->source);
    engine->whole |= migration->replayed && migration->name.kind == LK_KIND_BASELINE;
    if (reading->up == NULL) {
        lk_dispatch_moment(engine->dispatch, &check, LK_ON_BROKEN, true);
    } else if (!migration->replayed) {
        check_undo(engine, &check, reading->up);
    } else {
        check_up(engine, &check, &reading->parts, reading->up);
        lk_catalog_commit(engine->catalog);
        lk_catalog_tidy(engine->catalog);
        lk_catalog_reset_search_path(engine->catalog, false); /* each has a session of its own */
        if (reading->down != NULL)
            check_undo(engine, &check, reading->down);
    }
    lk_wording_finish(&check, first, &engine->stand_ins);
    engine->result->files++;
    if (!migration->reported)
        engine->result->findings.items.count = first;
    if (settings->quotes)
        lk_quote_places(&engine->result->findings, first, check.source);
    mem_leave(&check, mem, first);
}

/* check_migrations fails where one of them cannot be read. */
static bool
check_migrations(struct engine *engine, struct lk_error *err)
{
    const struct lk_settings *settings = engine->walk->settings;
    const struct lk_ahead_options options = {
        .values = &settings->values,
        .version = settings->postgres_version,
        .last = engine->walk->last,
    };

    engine->ahead = lk_ahead_start(engine->scratch, engine->changelog, &options);
    for (;;) {
        struct lk_reading *reading = lk_ahead_next(engine->ahead);
        if (reading == NULL)
            return true;
        if (reading->source == NULL) {
            *err = reading->err;
            reading->err = (struct lk_error){0};
            return false;
        }
        check_migration(engine, reading);
    }
}

/*
 * drop_switched_off drops the findings of rules that are off for the file they are in; what apply
 * would leave out does not depend on that, and is kept aside.
 */
static void
drop_switched_off(struct lk_walked *walked)
{
    struct lk_findings *findings = &walked->findings;
    size_t kept = 0;

    lk_vec_foreach(finding, &findings->items) {
        if (finding->rule->leaves_out && !finding->suppressed)
            lk_vec_push(findings->mem, &walked->left_out.items, *finding);
        if (finding->severity != LK_SEVERITY_OFF)
            findings->items.items[kept++] = *finding;
    }
    findings->items.count = kept;
}

bool
lk_engine_walk(TALLOC_CTX *mem, const struct lk_changelog *changelog, const struct lk_walk *walk,
               struct lk_walked *ret, struct lk_error *err)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct engine engine = {
        .scratch = scratch,
        .pool = lk_mem_pool(scratch, POOL_SIZE),
        .statement_pool = lk_mem_pool(scratch, STATEMENT_SIZE),
        .walk = walk,
        .changelog = changelog,
        .catalog = lk_catalog_new(mem),
        .result = ret,
    };

    size_t room = LK_MIN(FINDINGS_SIZE + changelog->migrations.count * FINDINGS_STEP, FINDINGS_MAX);
    *ret =
        (struct lk_walked){.findings = {.mem = lk_mem_pool(mem, room)}, .catalog = engine.catalog};
    lk_catalog_set_pending(engine.catalog, walk->pending_from);
    lk_catalog_set_complete(engine.catalog, walk->settings->world != LK_WORLD_OPEN);
    if (walk->settings->world == LK_WORLD_CLOSED)
        lk_catalog_set_closed(engine.catalog);
    engine.dispatch = lk_dispatch_new(scratch, walk->settings);
    if (!check_migrations(&engine, err))
        return false;
    finish(&engine);
    drop_switched_off(ret);
    lk_findings_sort(&ret->findings);
    lk_findings_merge(&ret->findings);
    return true;
}

bool
lk_findings_fail(const struct lk_findings *findings, enum lk_severity severity)
{
    if (severity == LK_SEVERITY_OFF)
        return false;
    lk_vec_foreach(finding, &findings->items)
        if (!finding->suppressed && finding->severity >= severity)
            return true;
    return false;
}
