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

/* What keeps others from a relation, from which statement of a transaction on. */
struct held {
    const char *relation;
    size_t from; /* counted from the first statement */
    char word[3];
};

struct timeline {
    TALLOC_CTX *mem;
    const struct lk_plan_migration *migration;
    const struct lk_plan_step *step;
    LK_VEC(const char *) relations;
    LK_VEC(struct held) held;
    LK_VEC(size_t) moments; /* statements from which on more is held */
};

/* word_of says what waits: reads and writes, writes, or other DDL. */
static const char *
word_of(const struct lk_blocked *blocked)
{
    return blocked->reads ? "rw" : (blocked->writes ? "w" : "d");
}

/* held_at returns what waits for a relation behind a statement; "." for nothing. */
static const char *
held_at(const struct timeline *timeline, const char *relation, size_t statement)
{
    const char *word = ".";

    lk_vec_foreach(held, &timeline->held)
        if (held->from <= statement && strcmp(held->relation, relation) == 0)
            word = held->word;
    return word;
}

static bool
is_stronger(const char *word, const char *than)
{
    static const char order[] = ".dwr";

    return strchr(order, word[0]) > strchr(order, than[0]);
}

static void
hold(struct timeline *timeline, const struct lk_blocked *blocked, size_t statement)
{
    const char *word = word_of(blocked), *before = held_at(timeline, blocked->relation, statement);

    if (!is_stronger(word, before))
        return;
    if (strcmp(before, ".") == 0)
        lk_vec_push(timeline->mem, &timeline->relations, blocked->relation);
    struct held *held = lk_vec_add(timeline->mem, &timeline->held);
    held->relation = blocked->relation;
    held->from = statement;
    memcpy(held->word, word, strlen(word) + 1);
    if (timeline->moments.count == 0 || *lk_vec_last(&timeline->moments) != statement)
        lk_vec_push(timeline->mem, &timeline->moments, statement);
}

static void
print_cells(FILE *stream, const struct timeline *timeline, const char *relation, int width)
{
    fprintf(stream, "       %-*s", width, relation);
    lk_vec_foreach(moment, &timeline->moments)
        fprintf(stream, " %5s", held_at(timeline, relation, *moment));
    fputc('\n', stream);
}

static void
print_timeline(FILE *stream, const struct timeline *timeline)
{
    const struct lk_plan_statement *last =
        &timeline->migration->statements.items[timeline->step->first + timeline->step->count - 1];
    int width = 0;

    lk_vec_foreach(relation, &timeline->relations)
        width = LK_MAX(width, (int)strlen(*relation));
    fprintf(stream, "     %slocks held until the transaction ends behind line %u%s\n",
            lk_paint(LK_PAINT_FRAME), last->line, lk_paint_end());
    fprintf(stream, "       %-*s", width, "from line");
    lk_vec_foreach(moment, &timeline->moments)
        fprintf(stream, " %5u",
                timeline->migration->statements.items[timeline->step->first + *moment].line);
    fputc('\n', stream);
    lk_vec_foreach(relation, &timeline->relations)
        print_cells(stream, timeline, *relation, width);
}

/* print_step shows when a transaction takes which locks; returns whether there is something. */
static bool
print_step(FILE *stream, const struct lk_plan_migration *migration, const struct lk_plan_step *step)
{
    TALLOC_CTX *scratch LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct timeline timeline = {.mem = scratch, .migration = migration, .step = step};

    for (size_t i = 0; i < step->count; i++) {
        const struct lk_plan_statement *statement = &migration->statements.items[step->first + i];
        lk_vec_foreach(blocked, &statement->effects.blocked)
            hold(&timeline, blocked, i);
    }
    /* one statement's locks are its own lines */
    if (!step->transaction || step->count < 2 || timeline.relations.count == 0)
        return false;
    print_timeline(stream, &timeline);
    return true;
}

void
lk_plan_print(FILE *stream, const struct lk_plan *plan)
{
    bool timelines = false;

    lk_vec_foreach(migration, &plan->migrations) {
        fprintf(stream, "%s%s%s  %s, %zu statement%s\n", lk_paint(LK_PAINT_BOLD), migration->script,
                lk_paint_end(), lk_mode_name(migration->mode), migration->statements.count,
                migration->statements.count == 1 ? "" : "s");
        lk_vec_foreach(statement, &migration->statements)
            if (!statement->control)
                print_statement(stream, statement);
        lk_vec_foreach(step, &migration->steps)
            timelines |= print_step(stream, migration, step);
    }
    if (timelines)
        fputs("\nrw: reads and writes wait, w: writes wait, d: other DDL waits\n", stream);
}
