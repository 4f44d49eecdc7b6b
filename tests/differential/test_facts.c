/*
 * tests/differential/test_facts.c
 *     Predicted effects against measured ones, for each statement of a table of facts.
 *
 * LK_DDL_FACTS names the table (see facts.h) and LK_DDL_FIXTURE the schema it was measured on.
 * Compared are the strongest lock on each table, view and sequence that was there before (what
 * locks indexes hold behind a table's own lock is not told), rewrites, scans, whether the tables of
 * which an index is built are among those, and whether the statement is refused in a transaction
 * block. Where the prediction is that a lock may be taken, either is right.
 */
#include "parser/base/buf.h"
#include "parser/base/file.h"
#include "parser/body.h"
#include "parser/pg_nodes.h"
#include "rules/effects/effects.h"
#include "rules/effects/second_run.h"
#include "rules/schema/refusal.h"
#include "rules/schema/replay.h"
#include "tests/differential/facts.h"
#include "tests/differential/words.h"
#include "tests/unit/unit.h"

enum aspect { LOCKS, READS, REWRITES, SCANS, BUILDS, TRANSACTION, AGAIN, ASPECTS };

static const char *const aspect_names[ASPECTS] = {
    [LOCKS] = "locks",      [READS] = "reads blocked", [REWRITES] = "rewrites",
    [SCANS] = "scans",      [BUILDS] = "index builds", [TRANSACTION] = "transaction",
    [AGAIN] = "second run",
};

struct score {
    unsigned agreed, explained, unknown, differed;
};

/* Where the prediction is known to differ, and why that is right, or cannot be known. */
static const struct {
    const char *id;
    enum aspect aspect;
    const char *why;
} explained[] = {
#define LK_DIFFERENCE(id, aspect, statement, why) {id, aspect, why},
#include "cli/lock_differences.def"
#undef LK_DIFFERENCE
};

/* why returns the reason for a difference, or NULL. */
static const char *
why(const struct lk_fact *fact, enum aspect aspect)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(explained); i++)
        if (explained[i].aspect == aspect && strcmp(explained[i].id, fact->id) == 0)
            return explained[i].why;
    return NULL;
}

/* One experiment: the fixture's statements, and the catalog they and the setup left. */
struct trial {
    TALLOC_CTX *mem;
    const struct lk_fact *fact;
    struct lk_catalog *catalog;
    LK_VEC(struct lk_lock) held; /* by the transaction before */
    struct lk_effects effects;
};

static char *
read_text(TALLOC_CTX *mem, const char *path)
{
    struct lk_bytes bytes;
    struct lk_error err = {0};

    if (!lk_file_read(mem, path, &bytes, &err))
        fail_msg("%s: %s", path, err.message);
    return lk_strndup(mem, bytes.data, bytes.size);
}

/* without_psql returns a script without the lines that psql carries out itself. */
static char *
without_psql(TALLOC_CTX *mem, char *text)
{
    struct lk_buf kept = lk_buf_init(mem);
    char *line;

    while ((line = strsep(&text, "\n")) != NULL)
        if (line[0] != '\\')
            lk_buf_addf(&kept, "%s\n", line);
    return kept.data;
}

/* local returns a relation's name as a session with the search_path public writes it. */
static const char *
local(const char *relation)
{
    static const char prefix[] = "public.";

    return strncmp(relation, prefix, strlen(prefix)) == 0 ? relation + strlen(prefix) : relation;
}

static const struct lk_relation *
relation_of(const struct trial *trial, const char *name)
{
    char *schema = lk_strdup(trial->mem, name), *dot = strchr(schema, '.');

    if (dot != NULL)
        *dot = '\0';
    return lk_catalog_relation(trial->catalog, dot != NULL ? schema : NULL,
                               dot != NULL ? dot + 1 : name);
}

/* is_held returns whether the transaction had the lock before the statement. */
static bool
is_held(const struct trial *trial, const char *name, enum lk_lock_mode mode)
{
    lk_vec_foreach(lock, &trial->held)
        if (lock->mode >= mode && strcmp(local(lock->relation), name) == 0)
            return true;
    return false;
}

/*
 * is_compared returns whether a lock is one that is compared: of a table, view or sequence that was
 * there before the transaction, and that it did not hold already.
 */
static bool
is_compared(const struct trial *trial, const char *name, enum lk_lock_mode mode)
{
    const struct lk_relation *relation = relation_of(trial, name);
    struct lk_words indexes = {0};

    lk_words_split(trial->mem, &indexes, trial->fact->indexes, ';');
    if (mode < LK_LOCK_ACCESS_SHARE || strncmp(name, "toast", strlen("toast")) == 0 ||
        lk_words_have(&indexes, name) || is_held(trial, name, mode))
        return false;
    return relation == NULL ||
           (relation->kind != LK_RELATION_INDEX && relation->kind != LK_RELATION_COMPOSITE &&
            !lk_object_is_new(trial->catalog, &relation->object));
}

/* spelled returns a mode as the table does: without "Lock". */
static char *
spelled(TALLOC_CTX *mem, enum lk_lock_mode mode)
{
    const char *name = lk_lock_name(mode);

    return lk_strndup(mem, name, strlen(name) - strlen("Lock"));
}

static enum lk_lock_mode
mode_of(TALLOC_CTX *mem, const char *name)
{
    for (enum lk_lock_mode mode = LK_LOCK_ACCESS_SHARE; mode < LK_LOCK_COUNT; mode++)
        if (strcmp(spelled(mem, mode), name) == 0)
            return mode;
    fail_msg("no lock mode is called %s", name);
    return LK_LOCK_NONE;
}

/*
 * told returns the mode that is compared of a measured lock: where rows and conditions decide on
 * it, and may do so as they did, what is predicted for sure.
 */
static enum lk_lock_mode
told(const struct trial *trial, const char *name, enum lk_lock_mode mode)
{
    enum lk_lock_mode sure = LK_LOCK_NONE, may = LK_LOCK_NONE;

    lk_vec_foreach(lock, &trial->effects.locks)
        if (strcmp(local(lock->relation), name) == 0)
            sure = lock->mode;
    lk_vec_foreach(lock, &trial->effects.may_lock)
        if (strcmp(local(lock->relation), name) == 0)
            may = lock->mode;
    return mode >= sure && mode <= may ? sure : mode;
}

static char *
measured_locks(const struct trial *trial)
{
    struct lk_words taken = {0}, strongest = {0};
    LK_VEC(struct lk_lock) locks = {0};

    lk_words_split(trial->mem, &taken, trial->fact->locks, ';');
    lk_vec_foreach(word, &taken.items) {
        char *colon = strrchr(*word, ':');
        struct lk_lock *found = NULL;
        if (colon == NULL)
            continue;
        *colon = '\0';
        enum lk_lock_mode mode = mode_of(trial->mem, colon + 1);
        lk_vec_foreach(lock, &locks)
            if (strcmp(lock->relation, *word) == 0)
                found = lock;
        if (found == NULL) {
            found = lk_vec_add(trial->mem, &locks);
            found->relation = *word;
        }
        found->mode = LK_MAX(found->mode, mode);
    }
    lk_vec_foreach(lock, &locks) {
        enum lk_lock_mode mode = told(trial, lock->relation, lock->mode);
        if (is_compared(trial, lock->relation, mode))
            lk_vec_push(trial->mem, &strongest.items,
                        lk_fmt(trial->mem, "%s:%s", lock->relation, spelled(trial->mem, mode)));
    }
    return lk_words_joined(trial->mem, &strongest);
}

static char *
predicted_locks(const struct trial *trial)
{
    struct lk_words words = {0};

    lk_vec_foreach(lock, &trial->effects.locks)
        if (is_compared(trial, local(lock->relation), lock->mode))
            lk_vec_push(trial->mem, &words.items,
                        lk_fmt(trial->mem, "%s:%s", local(lock->relation),
                               spelled(trial->mem, lock->mode)));
    return lk_words_joined(trial->mem, &words);
}

/* named returns the tables in the list of new files behind a word: "rewrite:", "truncate:". */
static struct lk_words
named(const struct trial *trial, const char *prefix)
{
    struct lk_words parts = {0}, words = {0};

    lk_words_split(trial->mem, &parts, trial->fact->rewrite, ';');
    lk_vec_foreach(part, &parts.items)
        if (strncmp(*part, prefix, strlen(prefix)) == 0)
            lk_words_split(trial->mem, &words, *part + strlen(prefix), ',');
    return words;
}

static struct lk_words
names(const struct trial *trial, const struct lk_pass *works, size_t count)
{
    struct lk_words words = {0};

    for (size_t i = 0; i < count; i++)
        lk_vec_push(trial->mem, &words.items, lk_strdup(trial->mem, local(works[i].relation)));
    return words;
}

/* without_schema returns a relation's own name, which is all that the scans are listed by. */
static const char *
without_schema(const char *relation)
{
    const char *dot = strrchr(relation, '.');

    return dot != NULL ? dot + 1 : relation;
}

/*
 * measured_scans returns the tables read from end to end, without those that are rewritten, which
 * are read for that, and those that are truncated, of which the new and empty file is read.
 */
static char *
measured_scans(const struct trial *trial, const struct lk_words *rewrites)
{
    struct lk_words parts = {0}, words = {0}, truncated = named(trial, "truncate:");

    lk_vec_foreach(word, &truncated.items)
        *word = lk_strdup(trial->mem, without_schema(*word));
    lk_words_split(trial->mem, &parts, trial->fact->scan, ';');
    lk_vec_foreach(part, &parts.items) {
        char *name = lk_strndup(trial->mem, *part, strcspn(*part, ":"));
        if (!lk_words_have(rewrites, name) && !lk_words_have(&truncated, name))
            lk_vec_push(trial->mem, &words.items, name);
    }
    return lk_words_joined(trial->mem, &words);
}

static char *
predicted_scans(const struct trial *trial, const struct lk_words *rewrites)
{
    struct lk_words all = names(trial, trial->effects.scans.items, trial->effects.scans.count);
    struct lk_words words = {0};

    lk_vec_foreach(name, &all.items)
        if (!lk_words_have(rewrites, *name))
            lk_vec_push(trial->mem, &words.items, lk_strdup(trial->mem, without_schema(*name)));
    return lk_words_joined(trial->mem, &words);
}

/* scans_are_planned returns whether the planner chose what was read: no matter of the statement. */
static bool
scans_are_planned(const struct lk_fact *fact)
{
    return strcmp(fact->scan_reason, "-") == 0 || strstr(fact->scan_reason, "fk-validate") != NULL;
}

static void
compare(const struct trial *trial, enum aspect aspect, const char *measured, const char *predicted,
        struct score *scores)
{
    const char *reason = why(trial->fact, aspect);

    if (strcmp(measured, predicted) == 0) {
        scores[aspect].agreed++;
        if (reason != NULL)
            fail_msg("%s, %s: agrees, and needs no explanation", trial->fact->id,
                     aspect_names[aspect]);
        return;
    }
    if (reason != NULL) {
        scores[aspect].explained++;
        print_message("%s on %u, %s: %s\n", trial->fact->id, trial->fact->version,
                      aspect_names[aspect], reason);
        return;
    }
    scores[aspect].differed++;
    print_error("%s on %u, %s: %s\n  measured:  %s\n  predicted: %s\n", trial->fact->id,
                trial->fact->version, aspect_names[aspect], trial->fact->statement, measured,
                predicted);
}

/*
 * add_built adds the tables of the indexes in a list "rebuilt:a,b" or "new:c"; false for an index
 * that the schema does not tell of, as the server has chosen its name.
 */
static bool
add_built(const struct trial *trial, const char *list, struct lk_words *tables)
{
    struct lk_words indexes = {0}, truncated = named(trial, "truncate:");
    const char *colon = strchr(list, ':');

    if (colon == NULL || strncmp(list, "reused:", strlen("reused:")) == 0)
        return true;
    lk_words_split(trial->mem, &indexes, colon + 1, ',');
    lk_vec_foreach(name, &indexes.items) {
        const struct lk_relation *index = relation_of(trial, *name);
        if (index == NULL)
            return false;
        if (index->kind != LK_RELATION_INDEX || index->table == NULL ||
            index->table->kind == LK_RELATION_PARTITIONED ||
            lk_object_is_new(trial->catalog, &index->table->object))
            continue;
        const char *table = local(lk_relation_sql(trial->mem, index->table));
        if (!lk_words_have(&truncated, table))
            lk_vec_push(trial->mem, &tables->items, lk_strdup(trial->mem, table));
    }
    return true;
}

/*
 * compare_builds compares the tables of which indexes are built; those that are rewritten have all
 * of theirs built, if any. The statement is replayed for that: the indexes may be its own.
 */
static void
compare_builds(const struct trial *trial, struct score *scores)
{
    struct lk_words lists = {0}, built = {0}, found = {0};
    struct lk_words rewrites =
        names(trial, trial->effects.rewrites.items, trial->effects.rewrites.count);

    if (strcmp(trial->fact->index_build, "-") == 0)
        return;
    lk_words_split(trial->mem, &lists, trial->fact->index_build, ';');
    lk_vec_foreach(list, &lists.items)
        if (!add_built(trial, *list, &built)) {
            scores[BUILDS].unknown++;
            return;
        }
    lk_vec_foreach(build, &trial->effects.builds) {
        const struct lk_relation *table = relation_of(trial, local(build->relation));
        if (table != NULL && !lk_object_is_new(trial->catalog, &table->object))
            lk_words_add(trial->mem, &found, local(build->relation));
    }
    lk_vec_foreach(table, &built.items)
        if (lk_words_have(&rewrites, *table))
            lk_words_add(trial->mem, &found, *table);
    compare(trial, BUILDS, lk_words_joined(trial->mem, &built), lk_words_joined(trial->mem, &found),
            scores);
}

/* is_read returns whether a relation is one that is compared, and of which queries read rows. */
static bool
is_read(const struct trial *trial, const char *name)
{
    const struct lk_relation *relation = relation_of(trial, name);

    return (relation == NULL || relation->kind != LK_RELATION_SEQUENCE) &&
           is_compared(trial, name, LK_LOCK_ACCESS_EXCLUSIVE);
}

/* measured_reads returns what cannot be read: for its own lock or for one on an index of it. */
static char *
measured_reads(const struct trial *trial)
{
    struct lk_words words = {0}, tables = {0}, indexes = {0};

    lk_words_split(trial->mem, &tables, trial->fact->reads, ';');
    lk_vec_foreach(name, &tables.items)
        if (is_read(trial, *name))
            lk_words_add(trial->mem, &words, *name);
    lk_words_split(trial->mem, &indexes, trial->fact->indexes, ';');
    lk_vec_foreach(name, &indexes.items) {
        const struct lk_relation *index = relation_of(trial, *name);
        if (index == NULL || index->table == NULL)
            continue;
        const char *table = local(lk_relation_sql(trial->mem, index->table));
        if (is_read(trial, table))
            lk_words_add(trial->mem, &words, table);
    }
    return lk_words_joined(trial->mem, &words);
}

static char *
predicted_reads(const struct trial *trial)
{
    struct lk_words words = {0};

    lk_vec_foreach(blocked, &trial->effects.blocked)
        if (blocked->reads && is_read(trial, local(blocked->relation)))
            lk_words_add(trial->mem, &words, local(blocked->relation));
    return lk_words_joined(trial->mem, &words);
}

/*
 * compare_transaction compares whether the statement is refused for the transaction that it is in:
 * any at all, or this one for what it did before. To be called once the statement is replayed.
 */
static void
compare_transaction(const struct trial *trial, struct score *scores)
{
    bool refused = trial->effects.refuses_transaction;

    lk_vec_foreach(refusal, &lk_catalog_refusals(trial->catalog)->items)
        refused |= strcmp(refusal->sqlstate, "25001") == 0;
    compare(trial, TRANSACTION, strcmp(trial->fact->in_transaction, "no") == 0 ? "no" : "yes",
            refused ? "no" : "yes", scores);
}

/* compare_again compares what is said and done when the statement is carried out once more. */
static void
compare_again(const struct trial *trial, const struct Node *tree, struct score *scores)
{
    static const char *const outcomes[] = {
        [LK_AGAIN_SAME] = "noop",
        [LK_AGAIN_SKIPS] = "skip-notice",
        [LK_AGAIN_REPEATS] = "same-state-but-work-repeated",
        [LK_AGAIN_DUPLICATES] = "changes-again",
        [LK_AGAIN_ERROR] = "error",
        [LK_AGAIN_UNKNOWN] = "unknown",
    };
    const struct lk_fact *fact = trial->fact;
    struct lk_second_run run = lk_second_run_of(trial->mem, trial->catalog, tree);
    bool more = strncmp(fact->outcome, "duplicates:", strlen("duplicates:")) == 0;

    if (strcmp(fact->first, "00000") != 0 || strcmp(fact->again, "-") == 0)
        return;
    if (run.again == LK_AGAIN_UNKNOWN)
        scores[AGAIN].unknown++;
    else
        compare(trial, AGAIN,
                lk_fmt(trial->mem, "%s %s", fact->again, more ? "changes-again" : fact->outcome),
                lk_fmt(trial->mem, "%s %s", run.sqlstate != NULL ? run.sqlstate : "00000",
                       outcomes[run.again]),
                scores);
}

static void
compare_all(const struct trial *trial, struct score *scores)
{
    const struct lk_fact *fact = trial->fact;
    struct lk_words rewrites = named(trial, "rewrite:");
    struct lk_words guessed =
        names(trial, trial->effects.rewrites.items, trial->effects.rewrites.count);

    if (strcmp(fact->lock_method, "refused") != 0)
        compare(trial, LOCKS, measured_locks(trial), predicted_locks(trial), scores);
    if (strcmp(fact->lock_method, "pg_locks") == 0)
        compare(trial, READS, measured_reads(trial), predicted_reads(trial), scores);
    if (strcmp(fact->rewrite, "-") != 0)
        compare(trial, REWRITES, lk_words_joined(trial->mem, &rewrites),
                lk_words_joined(trial->mem, &guessed), scores);
    if (strcmp(fact->scan, "-") != 0 && !scans_are_planned(fact))
        compare(trial, SCANS, measured_scans(trial, &rewrites), predicted_scans(trial, &guessed),
                scores);
}

/* is_utc returns whether the session's time zone is UTC: the servers' own, unless it was set. */
static bool
is_utc(const struct lk_fact *fact)
{
    return strstr(fact->before, "SET TimeZone") == NULL || strstr(fact->before, "'UTC'") != NULL ||
           strstr(fact->before, "'GMT'") != NULL;
}

/* replay_before replays what the transaction did before, and notes the locks that it took. */
static void
replay_before(struct trial *trial)
{
    struct lk_script *script = lk_unit_script(trial->mem, trial->fact->before);

    for (size_t i = 0; i < script->statements.count; i++) {
        const struct Node *tree = lk_script_tree(script, i);
        if (tree == NULL)
            fail_msg("%s: %s", script->statements.items[i].error, trial->fact->before);
        struct lk_effects effects = lk_effects_of(trial->mem, trial->catalog, tree);
        lk_vec_foreach(lock, &effects.locks)
            lk_vec_push(trial->mem, &trial->held, *lock);
        lk_replay(trial->catalog, &script->statements.items[i], script->source->text);
    }
}

static void
replay(struct trial *trial, struct lk_script *script, size_t index)
{
    if (lk_script_tree(script, index) != NULL)
        lk_replay(trial->catalog, &script->statements.items[index], script->source->text);
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
        trial->effects.refuses_transaction |= effects.refuses_transaction;
        if (!effects.refuses_transaction) /* the block is a transaction: it fails there */
            lk_effects_merge(trial->mem, &trial->effects, &effects);
    }
}

/* try predicts one fact; false where this grammar cannot read the statement. */
static bool
try(TALLOC_CTX *mem, struct lk_script *fixture, const struct lk_fact *fact, struct score *scores)
{
    struct trial trial = {.mem = mem, .fact = fact, .catalog = lk_catalog_new(mem)};
    struct lk_script *script = lk_unit_script(mem, fact->statement);
    const struct Node *tree = lk_script_tree(script, 0);

    if (tree == NULL)
        return false;
    lk_catalog_set_complete(trial.catalog, true);
    lk_catalog_set_time(trial.catalog, 1, 0);
    for (size_t i = 0; i < fixture->statements.count; i++)
        replay(&trial, fixture, i);
    lk_unit_replay_on(trial.catalog, fact->setup);
    lk_catalog_set_time(trial.catalog, 2, 0);
    lk_catalog_begin(trial.catalog);
    lk_catalog_set_server(trial.catalog, fact->version, is_utc(fact));
    replay_before(&trial);
    trial.effects = lk_effects_of(mem, trial.catalog, tree);
    add_body(&trial, tree);
    compare_all(&trial, scores);
    replay(&trial, script, 0);
    compare_transaction(&trial, scores);
    compare_builds(&trial, scores);
    compare_again(&trial, tree, scores);
    return true;
}

/* was_measured returns whether the statement did something there. */
static bool
was_measured(const struct lk_fact *fact)
{
    return strcmp(fact->in_transaction, "yes") == 0 || strcmp(fact->in_transaction, "no") == 0;
}

static void
agrees_with_the_facts(void **state)
{
    struct lk_facts facts = lk_facts_read(*state, read_text(*state, getenv("LK_DDL_FACTS")));
    struct lk_script *fixture =
        lk_unit_script(*state, without_psql(*state, read_text(*state, getenv("LK_DDL_FIXTURE"))));
    struct score scores[ASPECTS] = {0};
    unsigned differed = 0, unread = 0;

    lk_vec_foreach(fact, &facts.items) {
        TALLOC_CTX *mem = lk_mem_new(*state);
        if (was_measured(fact) && !try(mem, fixture, fact, scores))
            unread++;
        talloc_free(mem);
    }
    for (enum aspect aspect = 0; aspect < ASPECTS; aspect++) {
        print_message("%s: %u of %u agree, %u more are explained; not told of %u\n",
                      aspect_names[aspect], scores[aspect].agreed,
                      scores[aspect].agreed + scores[aspect].explained + scores[aspect].differed,
                      scores[aspect].explained, scores[aspect].unknown);
        differed += scores[aspect].differed;
    }
    print_message("not read by this grammar: %u\n", unread);
    assert_int_equal(differed, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {lk_unit(agrees_with_the_facts)};

    if (getenv("LK_DDL_FACTS") == NULL || getenv("LK_DDL_FIXTURE") == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, lk_unit_finish);
}
