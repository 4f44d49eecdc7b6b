/*
 * cli/plan_text.c
 *     A plan for people: see plan_text.h.
 */
#include "cli/plan_text.h"

#include "cli/holds.h"
#include "cli/paint.h"

/* ---- statements ---- */

/* is_for_build returns whether a relation is read for an index that is built: that has its line. */
static bool
is_for_build(const struct lk_effects *effects, const struct lk_pass *pass)
{
    lk_vec_foreach(build, &effects->builds)
        if (build->why == pass->why && strcmp(build->relation, pass->relation) == 0)
            return true;
    return false;
}

static void
print_pass(FILE *stream, const struct lk_effects *effects, const char *verb,
           const struct lk_pass *pass)
{
    if (!lk_holds_is_new(effects, pass->relation) && !is_for_build(effects, pass))
        fprintf(stream, "         %s %s%s%s\n", verb, pass->relation, pass->why != NULL ? ": " : "",
                pass->why != NULL ? pass->why : "");
}

/* print_together prints the weak locks of one mode as one line. */
static void
print_together(FILE *stream, const struct lk_lock *locks, size_t count, enum lk_lock_mode mode,
               const char *verb)
{
    const char *separator = " on ";

    for (size_t i = 0; i < count; i++) {
        if (locks[i].mode != mode || locks[i].is_new)
            continue;
        if (strcmp(separator, ", ") != 0)
            fprintf(stream, "         %s%s%s%s", verb, lk_paint(LK_PAINT_FRAME), lk_lock_name(mode),
                    lk_paint_end());
        fprintf(stream, "%s%s", separator, locks[i].relation);
        separator = ", ";
    }
    if (strcmp(separator, ", ") == 0)
        fprintf(stream, ": blocks %s\n", lk_lock_blocks(mode));
}

/* print_locks prints the strong locks one by one, as they are taken, and then the others. */
static void
print_locks(FILE *stream, const struct lk_effects *effects)
{
    lk_vec_foreach(lock, &effects->locks)
        if (!lock->is_new && lock->mode >= LK_LOCK_SHARE_UPDATE_EXCLUSIVE)
            fprintf(stream, "         %s%s%s on %s: blocks %s\n",
                    lk_paint(lk_lock_is_strong(lock->mode) ? LK_PAINT_WARNING : LK_PAINT_FRAME),
                    lk_lock_name(lock->mode), lk_paint_end(), lock->relation,
                    lk_lock_blocks(lock->mode));
    for (enum lk_lock_mode mode = LK_LOCK_SHARE_UPDATE_EXCLUSIVE; mode-- > LK_LOCK_NONE + 1;)
        print_together(stream, effects->locks.items, effects->locks.count, mode, "");
    for (enum lk_lock_mode mode = LK_LOCK_COUNT; mode-- > LK_LOCK_NONE + 1;)
        print_together(stream, effects->may_lock.items, effects->may_lock.count, mode, "perhaps ");
}

static void
print_effects(FILE *stream, const struct lk_effects *effects)
{
    print_locks(stream, effects);
    lk_vec_foreach(blocked, &effects->blocked)
        if (blocked->index != NULL)
            fprintf(stream, "         reads of %s wait: planning them opens %s\n",
                    blocked->relation, blocked->index);
    lk_vec_foreach(pass, &effects->rewrites)
        print_pass(stream, effects, "rewrites", pass);
    lk_vec_foreach(pass, &effects->scans)
        print_pass(stream, effects, "reads all of", pass);
    lk_vec_foreach(build, &effects->builds)
        if (!lk_holds_is_new(effects, build->relation))
            fprintf(stream, "         builds %s on %s%s%s\n",
                    build->index != NULL ? build->index : "an index", build->relation,
                    build->why != NULL ? ": " : "", build->why != NULL ? build->why : "");
}

static void
print_statement(FILE *stream, const struct lk_plan_statement *statement)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    const struct lk_timeouts *timeouts = &statement->timeouts;

    fprintf(stream, "  %4u  %s  %s(%s, lock_timeout %s", statement->line, statement->kind,
            lk_paint(LK_PAINT_FRAME), statement->in_transaction ? "in a transaction" : "on its own",
            lk_timeout_text(scratch, timeouts->lock));
    if (timeouts->statement > 0)
        fprintf(stream, ", statement_timeout %s", lk_timeout_text(scratch, timeouts->statement));
    if (lk_stmt_waits(statement->class))
        fputs(", after old transactions", stream);
    fprintf(stream, "%s%s)%s\n", statement->file != NULL ? ", in " : "",
            statement->file != NULL ? statement->file : "", lk_paint_end());
    print_effects(stream, &statement->effects);
}

/* ---- locks over a transaction ---- */

/* print_held prints what waits for a relation from which line on. */
static void
print_held(FILE *stream, const struct lk_plan_migration *migration, const struct lk_holds *holds,
           const char *relation, int width)
{
    const char *before = "  ", *verb = " wait";

    fprintf(stream, "       %-*s", width, relation);
    lk_vec_foreach(hold, &holds->items) {
        if (strcmp(hold->relation, relation) != 0)
            continue;
        fprintf(stream, "%s%s%s from line %u on", before, lk_waits_words(hold->waits), verb,
                migration->statements.items[hold->first].line);
        before = ", ";
        verb = "";
    }
    fputc('\n', stream);
}

/* print_step tells since when a transaction of several statements keeps others from what. */
static void
print_step(FILE *stream, const struct lk_plan_migration *migration, const struct lk_plan_step *step)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_holds holds = lk_holds_of(scratch, migration, step);
    struct lk_hold_names relations = lk_holds_relations(scratch, &holds);
    int width = 0;

    /* one statement's locks are its own lines */
    if (!step->transaction || step->count < 2 || relations.items.count == 0)
        return;
    fprintf(stream, "     %slocks held until the transaction ends behind line %u%s\n",
            lk_paint(LK_PAINT_FRAME),
            migration->statements.items[step->first + step->count - 1].line, lk_paint_end());
    lk_vec_foreach(relation, &relations.items)
        width = LK_MAX(width, (int)strlen(*relation));
    lk_vec_foreach(relation, &relations.items)
        print_held(stream, migration, &holds, *relation, width);
}

static void
print_script(FILE *stream, const struct lk_plan_migration *script)
{
    fprintf(stream, "%s, %zu statement%s\n", lk_mode_name(script->mode), script->statements.count,
            script->statements.count == 1 ? "" : "s");
    lk_vec_foreach(statement, &script->statements)
        if (!statement->control)
            print_statement(stream, statement);
    lk_vec_foreach(step, &script->steps)
        print_step(stream, script, step);
}

/* print_hooks prints what goes with the run. */
static void
print_hooks(FILE *stream, const struct lk_plan *plan)
{
    lk_vec_foreach(hook, &plan->hooks) {
        if (plan->migrations.count == 0 && !hook->always)
            continue;
        fprintf(stream, "%s%s%s  %s, ", lk_paint(LK_PAINT_BOLD), hook->script.source->path,
                lk_paint_end(), lk_hook_word(hook->event));
        print_script(stream, &hook->script);
    }
}

void
lk_plan_print(FILE *stream, const struct lk_plan *plan)
{
    print_hooks(stream, plan);
    lk_vec_foreach(migration, &plan->migrations) {
        fprintf(stream, "%s%s%s  ", lk_paint(LK_PAINT_BOLD), migration->script, lk_paint_end());
        print_script(stream, migration);
    }
}
