/*
 * tests/differential/test_matrix.c
 *     Predicted effects against those that a server has, for the statements of matrix/.
 *
 * Compared are the strongest lock on each table, view and sequence that was there before (where the
 * prediction is that one may be taken, either is right), what cannot be read
 * meanwhile, which tables are rewritten, read from end to end, and have indexes built, whether the
 * statement is refused in a transaction block, and what a second run says.
 *
 * LK_SERVER_BIN is the folder of the server's programs, LK_MATRIX=FOLDER takes other statements,
 * LK_MATRIX_ONLY=TEXT only those of a kind, or with a text in them, LK_MATRIX_STRIDE=N every Nth of
 * all. What is printed at the end are the lines of cli/lock_agreement.def, from which docs/locks.md
 * is made.
 */
#include <stdio.h>
#include <unistd.h>

#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/base/text.h"
#include "parser/body.h"
#include "parser/pg_nodes.h"
#include "parser/pgparse.h"
#include "parser/script.h"
#include "rules/effects/effects.h"
#include "rules/effects/second_run.h"
#include "rules/schema/replay.h"
#include "tests/differential/matrix.h"
#include "tests/differential/measure.h"

#define SKIPPED 77

enum aspect { LOCKS, READS, REWRITES, SCANS, BUILDS, TRANSACTION, AGAIN, ASPECTS };

static const char *const aspect_names[ASPECTS] = {
    [LOCKS] = "locks",      [READS] = "reads blocked",  [REWRITES] = "rewrites",
    [SCANS] = "scans",      [BUILDS] = "indexes built", [TRANSACTION] = "transaction",
    [AGAIN] = "second run",
};

struct tally {
    const char *kind;
    unsigned statements, carried_out, agreed[ASPECTS], unknown[ASPECTS], differed[ASPECTS];
};

struct trial {
    TALLOC_CTX *mem;
    const struct lk_case *the_case;
    const struct lk_catalog *catalog; /* before the statement */
    struct lk_effects effects;
    struct lk_measure measure;
    unsigned version;
    struct tally *tally;
};

static char *
read_text(TALLOC_CTX *mem, const char *name)
{
    const char *folder = getenv("LK_MATRIX");
    struct lk_bytes bytes;
    struct lk_error err = {0};
    char *path = lk_path_join(
        mem, folder != NULL ? folder : LK_SOURCE_DIR "/tests/differential/matrix", name);

    if (!lk_file_read(mem, path, &bytes, &err))
        LK_BUG("%s: %s", path, err.message);
    return lk_strndup(mem, bytes.data, bytes.size);
}

static struct lk_script *
script_of(TALLOC_CTX *mem, const char *sql)
{
    struct lk_source *source = lk_source_new(mem, "matrix.sql", sql, strlen(sql));

    return lk_script_new(mem, source, (struct lk_span){0, source->size});
}

static void
replay(TALLOC_CTX *mem, struct lk_catalog *catalog, const char *sql)
{
    struct lk_script *script = script_of(mem, sql);

    for (size_t i = 0; i < script->statements.count; i++)
        if (lk_script_tree(script, i) != NULL)
            lk_replay(catalog, &script->statements.items[i], script->source->text);
}

/* local returns a relation's name as a session with the search_path public writes it. */
static const char *
local(const char *relation)
{
    return lk_starts_with(relation, "public.") ? relation + strlen("public.") : relation;
}

/*
 * is_left_out returns whether locks of a predicted relation are not compared: those of indexes, and
 * outside of a transaction block those of what no other session can hold by LOCK TABLE.
 */
static bool
is_left_out(const struct trial *trial, const char *relation)
{
    char *schema = lk_strdup(trial->mem, relation), *dot = strchr(schema, '.');

    if (dot == NULL)
        return false;
    *dot = '\0';
    const struct lk_relation *known = lk_catalog_relation(trial->catalog, schema, dot + 1);
    if (known == NULL)
        return false;
    if (trial->measure.refused && known->kind != LK_RELATION_TABLE &&
        known->kind != LK_RELATION_PARTITIONED)
        return true;
    return known->kind == LK_RELATION_INDEX || known->kind == LK_RELATION_COMPOSITE;
}

/* spelled returns a lock as it is measured: "users:AccessExclusive". */
static char *
spelled(const struct trial *trial, const char *relation, enum lk_lock_mode mode)
{
    const char *name = lk_lock_name(mode);

    return lk_fmt(trial->mem, "%s:%.*s", local(relation), (int)(strlen(name) - strlen("Lock")),
                  name);
}

static struct lk_words
predicted_locks(const struct trial *trial)
{
    struct lk_words words = {0};

    lk_vec_foreach(lock, &trial->effects.locks)
        if (!is_left_out(trial, lock->relation))
            lk_words_add(trial->mem, &words, spelled(trial, lock->relation, lock->mode));
    return words;
}

static enum lk_lock_mode
sure_mode(const struct trial *trial, const char *relation)
{
    lk_vec_foreach(lock, &trial->effects.locks)
        if (strcmp(lock->relation, relation) == 0)
            return lock->mode;
    return LK_LOCK_NONE;
}

/* told returns what is predicted for sure in the place of a lock that may be taken, and was. */
static const char *
told(const struct trial *trial, const char *measured)
{
    lk_vec_foreach(may, &trial->effects.may_lock) {
        enum lk_lock_mode sure = sure_mode(trial, may->relation);
        for (enum lk_lock_mode mode = sure + 1; mode <= may->mode; mode++)
            if (strcmp(spelled(trial, may->relation, mode), measured) == 0)
                return sure == LK_LOCK_NONE ? NULL : spelled(trial, may->relation, sure);
    }
    return measured;
}

/* measured_locks returns the locks that were taken, without those that depend on the rows. */
static struct lk_words
measured_locks(const struct trial *trial)
{
    struct lk_words words = {0};

    lk_vec_foreach(lock, &trial->measure.locks.items) {
        const char *word = told(trial, *lock);
        if (word != NULL)
            lk_words_add(trial->mem, &words, word);
    }
    return words;
}

static struct lk_words
predicted_reads(const struct trial *trial)
{
    struct lk_words words = {0};

    lk_vec_foreach(blocked, &trial->effects.blocked)
        if (blocked->reads && !is_left_out(trial, blocked->relation))
            lk_words_add(trial->mem, &words, local(blocked->relation));
    return words;
}

/* names returns what work is done on, without those of `except`. */
static struct lk_words
names(const struct trial *trial, const struct lk_pass *works, size_t count,
      const struct lk_words *except)
{
    struct lk_words words = {0};

    for (size_t i = 0; i < count; i++)
        if (except == NULL || !lk_words_have(except, local(works[i].relation)))
            lk_words_add(trial->mem, &words, local(works[i].relation));
    return words;
}

static struct lk_words
predicted_builds(const struct trial *trial, const struct lk_words *rewrites)
{
    struct lk_words words = {0};

    lk_vec_foreach(build, &trial->effects.builds)
        if (!lk_words_have(rewrites, local(build->relation)))
            lk_words_add(trial->mem, &words, local(build->relation));
    return words;
}

/* group_of returns the aspect that another one follows from. */
static enum aspect
group_of(enum aspect aspect)
{
    return aspect == READS ? LOCKS : aspect;
}

static void
compare(const struct trial *trial, enum aspect aspect, struct lk_words measured,
        struct lk_words predicted)
{
    const char *unknown = trial->the_case->unknown;
    const char *theirs = lk_words_joined(trial->mem, &measured);
    const char *ours = lk_words_joined(trial->mem, &predicted);

    if (strcmp(theirs, ours) == 0) {
        trial->tally->agreed[aspect]++;
    } else if (unknown != NULL && lk_starts_with(unknown, aspect_names[group_of(aspect)])) {
        trial->tally->unknown[aspect]++;
    } else {
        trial->tally->differed[aspect]++;
        printf("%u %s: %s%s%s\n  measured:  %s\n  predicted: %s\n", trial->version,
               aspect_names[aspect], trial->the_case->setup != NULL ? trial->the_case->setup : "",
               trial->the_case->setup != NULL ? " " : "", trial->the_case->statement, theirs, ours);
    }
}

/* without returns the words of a set that another one does not have. */
static struct lk_words
without(TALLOC_CTX *mem, const struct lk_words *words, const struct lk_words *others)
{
    struct lk_words left = {0};

    lk_vec_foreach(word, &words->items)
        if (!lk_words_have(others, *word))
            lk_words_add(mem, &left, *word);
    return left;
}

/* reads_by_plan returns whether the planner decides what a statement reads. */
static bool
reads_by_plan(const struct Node *tree)
{
    switch (nodeTag(tree)) {
    case T_SelectStmt:
    case T_InsertStmt:
    case T_UpdateStmt:
    case T_DeleteStmt:
    case T_MergeStmt:
    case T_CopyStmt:
    case T_CreateTableAsStmt:
    case T_RefreshMatViewStmt:
    case T_ExplainStmt:
    case T_VacuumStmt:
    case T_ClusterStmt:
    case T_TruncateStmt:
    case T_DeclareCursorStmt:
    case T_CallStmt:
    case T_DoStmt:
    case T_ExecuteStmt:
        return true;
    default:
        return false;
    }
}

static void
compare_all(const struct trial *trial, const struct Node *tree)
{
    const struct lk_effects *effects = &trial->effects;
    const struct lk_measure *measure = &trial->measure;
    struct lk_words rewrites = names(trial, effects->rewrites.items, effects->rewrites.count, NULL);
    struct lk_words refused = {0}, predicted = {0};

    lk_words_add(trial->mem, &refused, measure->refused ? "refused" : "allowed");
    lk_words_add(trial->mem, &predicted, effects->refuses_transaction ? "refused" : "allowed");
    compare(trial, TRANSACTION, refused, predicted);
    compare(trial, LOCKS, measured_locks(trial), predicted_locks(trial));
    if (!measure->refused)
        compare(trial, READS, measure->unread, predicted_reads(trial));
    if (IsA(tree, TruncateStmt))
        return; /* new files, but nothing in them */
    compare(trial, REWRITES, measure->files, rewrites);
    compare(trial, BUILDS, without(trial->mem, &measure->indexed, &measure->files),
            predicted_builds(trial, &rewrites));
    if (!measure->refused && !measure->validates_key && !reads_by_plan(tree))
        compare(trial, SCANS, measure->scans,
                names(trial, effects->scans.items, effects->scans.count, &rewrites));
}

/* compare_again compares what a second run says, in the same transaction. */
static void
compare_again(const struct trial *trial, const struct Node *tree)
{
    struct lk_second_run run = lk_second_run_of(trial->mem, trial->catalog, tree);
    struct lk_words measured = {0}, predicted = {0};

    if (trial->measure.again == NULL)
        return;
    if (run.again == LK_AGAIN_UNKNOWN) {
        trial->tally->unknown[AGAIN]++;
        return;
    }
    lk_words_add(trial->mem, &measured, trial->measure.again);
    lk_words_add(trial->mem, &predicted, run.sqlstate != NULL ? run.sqlstate : "00000");
    compare(trial, AGAIN, measured, predicted);
}

static bool
is_chosen(const struct lk_case *the_case, size_t index)
{
    const char *pattern = getenv("LK_MATRIX_ONLY"), *stride = getenv("LK_MATRIX_STRIDE");

    if (stride != NULL && index % strtoul(stride, NULL, 10) != 0)
        return false;
    return pattern == NULL || strcmp(the_case->kind, pattern) == 0 ||
           strstr(the_case->statement, pattern) != NULL;
}

/* add_body adds what a DO block carries out, statement by statement. */
static void
add_body(struct trial *trial, const struct Node *tree)
{
    const struct lk_body *body = IsA(tree, DoStmt) ? lk_body_of(trial->mem, tree) : NULL;

    for (size_t i = 0; body != NULL && i < body->items.count; i++) {
        const struct Node *nested = body->items.items[i].statement.tree;
        if (nested == NULL)
            continue;
        struct lk_effects effects = lk_effects_of(trial->mem, trial->catalog, nested);
        lk_effects_merge(trial->mem, &trial->effects, &effects);
    }
}

static void
try(struct lk_bench *bench, const char *schema, unsigned version, struct tally *tally,
    const struct lk_case *the_case)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    struct lk_script *script = script_of(mem, the_case->statement);
    const struct Node *tree = lk_script_tree(script, 0);
    struct lk_catalog *catalog = lk_catalog_new(mem);
    struct trial trial = {
        .mem = mem, .the_case = the_case, .catalog = catalog, .version = version, .tally = tally};

    trial.measure = lk_bench_measure(mem, bench, the_case->setup, the_case->statement);
    tally->statements++;
    if (tree == NULL || strcmp(trial.measure.sqlstate, "00000") != 0) {
        if (getenv("LK_MATRIX_REFUSED") != NULL)
            printf("%u refused: %s\n  %s", version, the_case->statement, trial.measure.message);
        return;
    }
    tally->carried_out++;
    lk_catalog_set_complete(catalog, true);
    lk_catalog_set_time(catalog, 1, 0);
    lk_catalog_set_server(catalog, version, true);
    replay(mem, catalog, schema);
    if (the_case->setup != NULL)
        replay(mem, catalog, the_case->setup);
    lk_catalog_set_time(catalog, 2, 0);
    trial.effects = lk_effects_of(mem, catalog, tree);
    add_body(&trial, tree);
    compare_all(&trial, tree);
    lk_replay(catalog, &script->statements.items[0], script->source->text);
    compare_again(&trial, tree);
}

static unsigned
sum_of(const unsigned *counts)
{
    unsigned sum = 0;

    for (enum aspect aspect = 0; aspect < ASPECTS; aspect++)
        sum += counts[aspect];
    return sum;
}

/* line_of returns the line of agreement.def for a kind on a server. */
static char *
line_of(TALLOC_CTX *mem, unsigned version, const struct tally *tally)
{
    return lk_fmt(mem, "LK_AGREEMENT(%u, \"%s\", %u, %u, %u, %u, %u)", version, tally->kind,
                  tally->statements, tally->carried_out, sum_of(tally->agreed),
                  sum_of(tally->unknown), sum_of(tally->differed));
}

/* is_stated returns whether the page on locks states a line, or says nothing of the server. */
static bool
is_stated(unsigned version, const char *line)
{
    static const struct {
        unsigned version;
        const char *line;
    } stated[] = {
#define LK_AGREEMENT(version, kind, tried, carried_out, agreed, unknown, differed)                 \
    {version, "LK_AGREEMENT(" #version ", " #kind ", " #tried ", " #carried_out ", " #agreed       \
              ", " #unknown ", " #differed ")"},
#include "cli/lock_agreement.def"
#undef LK_AGREEMENT
    };
    bool any = false;

    for (size_t i = 0; i < LK_ARRAY_SIZE(stated); i++) {
        any |= stated[i].version == version;
        if (strcmp(stated[i].line, line) == 0)
            return true;
    }
    return !any;
}

/* is_part returns whether not all statements are tried. */
static bool
is_part(void)
{
    return getenv("LK_MATRIX_ONLY") != NULL || getenv("LK_MATRIX_STRIDE") != NULL;
}

/* report prints the figures; it returns whether all agree, and the page on locks states them. */
static bool
report(TALLOC_CTX *mem, unsigned version, const struct tally *tallies, size_t count)
{
    bool right = true;

    for (size_t i = 0; i < count; i++) {
        const char *line = line_of(mem, version, &tallies[i]);
        bool stated = is_stated(version, line);
        printf("%s%s\n", line,
               stated || is_part() ? "" : " is not what cli/lock_agreement.def states");
        right &= sum_of(tallies[i].differed) == 0;
        right &= stated || is_part();
    }
    return right;
}

int
main(void)
{
    TALLOC_CTX *mem = lk_mem_new(NULL);
    const char *bin = getenv("LK_SERVER_BIN");
    struct lk_error err = {0};
    struct lk_matrix matrix = {0};
    LK_VEC(struct tally) tallies = {0};

    if (bin == NULL || access(lk_fmt(mem, "%s/postgres", bin), X_OK) != 0)
        return SKIPPED;
    const struct lk_server *server = lk_server_start(mem, bin, &err);
    if (server == NULL)
        LK_BUG("%s", err.message);
    const char *schema = read_text(mem, "schema.sql");
    struct lk_bench *bench = lk_bench_new(mem, server, schema);
    lk_matrix_read(mem, read_text(mem, "statements.sql"), &matrix);
    unsigned version = (unsigned)strtoul(server->version, NULL, 10);
    lk_vec_foreach(the_case, &matrix.items) {
        if (!is_chosen(the_case, (size_t)(the_case - matrix.items.items)))
            continue;
        if (tallies.count == 0 || strcmp(lk_vec_last(&tallies)->kind, the_case->kind) != 0)
            lk_vec_add(mem, &tallies)->kind = the_case->kind;
        try(bench, schema, version, lk_vec_last(&tallies), the_case);
    }
    bool right = report(mem, version, tallies.items, tallies.count);
    talloc_free(mem);
    lk_pg_finish();
    return right ? 0 : 1;
}
