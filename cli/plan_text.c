/*
 * cli/plan_text.c
 *     A plan for people: see plan_text.h.
 */
#include "cli/plan_text.h"

#include "cli/paint.h"

/* ---- statements ---- */

static void
print_passes(FILE *stream, const char *verb, const struct lk_pass *passes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "         %s %s%s%s\n", verb, passes[i].relation,
                passes[i].why != NULL ? ": " : "", passes[i].why != NULL ? passes[i].why : "");
}

static void
print_effects(FILE *stream, const struct lk_effects *effects)
{
    lk_vec_foreach(lock, &effects->locks)
        fprintf(stream, "         %s%s%s on %s: blocks %s%s\n",
                lk_paint(lk_lock_is_strong(lock->mode) && !lock->is_new ? LK_PAINT_WARNING
                                                                        : LK_PAINT_FRAME),
                lk_lock_name(lock->mode), lk_paint_end(), lock->relation,
                lock->is_new ? "nobody" : lk_lock_blocks(lock->mode), lock->is_new ? " (new)" : "");
    lk_vec_foreach(blocked, &effects->blocked)
        if (blocked->index != NULL)
            fprintf(stream, "         reads of %s wait: planning them opens %s\n",
                    blocked->relation, blocked->index);
    print_passes(stream, "rewrites", effects->rewrites.items, effects->rewrites.count);
    print_passes(stream, "reads all of", effects->scans.items, effects->scans.count);
    lk_vec_foreach(build, &effects->builds)
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
