/*
 * cli/plan_text.c
 *     A plan for people: see plan_text.h.
 */
#include "cli/plan_text.h"

#include "cli/paint.h"

/* ---- statements ---- */

/* is_new returns whether a relation is one that nobody can be using: nothing on it needs a word. */
static bool
is_new(const struct lk_effects *effects, const char *relation)
{
    lk_vec_foreach(lock, &effects->locks)
        if (strcmp(lock->relation, relation) == 0)
            return lock->is_new;
    return false;
}

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
    if (!is_new(effects, pass->relation) && !is_for_build(effects, pass))
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
        if (!is_new(effects, build->relation))
            fprintf(stream, "         builds %s on %s%s%s\n",
                    build->index != NULL ? build->index : "an index", build->relation,
                    build->why != NULL ? ": " : "", build->why != NULL ? build->why : "");
}

static void
print_statement(FILE *stream, const struct lk_plan_statement *statement)
{
    char *timeout = lk_timeout_text(NULL, statement->lock_timeout_ms);

    fprintf(stream, "  %4u  %s  %s(%s, lock_timeout %s%s%s)%s\n", statement->line, statement->kind,
            lk_paint(LK_PAINT_FRAME), statement->in_transaction ? "in a transaction" : "on its own",
            timeout, statement->file != NULL ? ", in " : "",
            statement->file != NULL ? statement->file : "", lk_paint_end());
    talloc_free(timeout);
    print_effects(stream, &statement->effects);
}

/* ---- locks over a transaction ---- */

/* What waits for a relation: each keeps out what those before it do, too. */
enum waits { NOTHING, CHANGES, WRITES, READS };

static const char *const waiting[] = {
    [CHANGES] = "schema changes",
    [WRITES] = "writes",
    [READS] = "reads and writes",
};

/* What keeps others from a relation, from which statement of a transaction on. */
struct held {
    const char *relation;
    uint32_t line;
    enum waits waits;
};

struct timeline {
    TALLOC_CTX *mem;
    LK_VEC(const char *) relations; /* in the order in which they are locked */
    LK_VEC(struct held) held;       /* in the order in which it comes to that */
};

static enum waits
waits_for(const struct lk_blocked *blocked)
{
    return blocked->reads ? READS : (blocked->writes ? WRITES : CHANGES);
}

/* held_on returns what waits for a relation by now. */
static enum waits
held_on(const struct timeline *timeline, const char *relation)
{
    enum waits waits = NOTHING;

    lk_vec_foreach(held, &timeline->held)
        if (strcmp(held->relation, relation) == 0)
            waits = held->waits;
    return waits;
}

static void
hold(struct timeline *timeline, const struct lk_blocked *blocked, uint32_t line)
{
    enum waits before = held_on(timeline, blocked->relation), waits = waits_for(blocked);

    if (waits <= before)
        return;
    if (before == NOTHING)
        lk_vec_push(timeline->mem, &timeline->relations, blocked->relation);
    *lk_vec_add(timeline->mem, &timeline->held) = (struct held){blocked->relation, line, waits};
}

/* print_held prints what waits for a relation from which line on. */
static void
print_held(FILE *stream, const struct timeline *timeline, const char *relation, int width)
{
    const char *before = "  ", *verb = " wait";

    fprintf(stream, "       %-*s", width, relation);
    lk_vec_foreach(held, &timeline->held) {
        if (strcmp(held->relation, relation) != 0)
            continue;
        fprintf(stream, "%s%s%s from line %u on", before, waiting[held->waits], verb, held->line);
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
    struct timeline timeline = {.mem = scratch};
    int width = 0;

    for (size_t i = step->first; i < step->first + step->count; i++) {
        const struct lk_plan_statement *statement = &migration->statements.items[i];
        lk_vec_foreach(blocked, &statement->effects.blocked)
            hold(&timeline, blocked, statement->line);
    }
    /* one statement's locks are its own lines */
    if (!step->transaction || step->count < 2 || timeline.relations.count == 0)
        return;
    fprintf(stream, "     %slocks held until the transaction ends behind line %u%s\n",
            lk_paint(LK_PAINT_FRAME),
            migration->statements.items[step->first + step->count - 1].line, lk_paint_end());
    lk_vec_foreach(relation, &timeline.relations)
        width = LK_MAX(width, (int)strlen(*relation));
    lk_vec_foreach(relation, &timeline.relations)
        print_held(stream, &timeline, *relation, width);
}

void
lk_plan_print(FILE *stream, const struct lk_plan *plan)
{
    lk_vec_foreach(migration, &plan->migrations) {
        fprintf(stream, "%s%s%s  %s, %zu statement%s\n", lk_paint(LK_PAINT_BOLD), migration->script,
                lk_paint_end(), lk_mode_name(migration->mode), migration->statements.count,
                migration->statements.count == 1 ? "" : "s");
        lk_vec_foreach(statement, &migration->statements)
            if (!statement->control)
                print_statement(stream, statement);
        lk_vec_foreach(step, &migration->steps)
            print_step(stream, migration, step);
    }
}
