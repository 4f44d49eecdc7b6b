/*
 * tests/integration/test_states.c
 *     Every state that `status` knows: how a migration comes into it, and what is said of it as
 *     text, as JSON and by the exit code.
 */
#include <jansson.h>
#include <unistd.h>

#include "applier/status.h"
#include "parser/base/text.h"
#include "tests/integration/site.h"

#define A "CREATE TABLE a (id int);\n"
#define B "CREATE TABLE b (id int);\n"
#define C "CREATE TABLE c (id int);\n"
#define HALF                                                                                       \
    "CREATE TABLE half (id int);\nINSERT INTO half VALUES (1), (1);\n"                             \
    "CREATE UNIQUE INDEX CONCURRENTLY half_key ON half (id);\n"
#define VIEW "CREATE OR REPLACE VIEW v AS SELECT 1 AS x;\n"
#define FLYWAY_TABLE                                                                               \
    "CREATE TABLE flyway_schema_history (installed_rank integer PRIMARY KEY, version text,"        \
    " description text NOT NULL, type text NOT NULL, script text NOT NULL, checksum integer,"      \
    " installed_by text NOT NULL, installed_on timestamp NOT NULL DEFAULT now(),"                  \
    " execution_time integer NOT NULL, success boolean NOT NULL)"

struct file {
    const char *name;
    const char *sql; /* NULL: it is taken away */
};

/* A step on the way to a state: files, then a command, or SQL. */
struct step {
    struct file files[3];
    const char *command;
    int exit_code;
    const char *sql;
};

static const struct situation {
    enum lk_state state;
    const char *script;
    const char *yaml;
    struct step steps[4];
    int exit_code;      /* of status --exit-code */
    const char *says;   /* in the text, too; or NULL */
    const char *field;  /* of the JSON that is not null; or NULL */
    const char *advice; /* that the error of --exit-code gives; or NULL */
} situations[] = {
    {
        .state = LK_STATE_PENDING,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}}}},
        .exit_code = 1,
    },
    {
        .state = LK_STATE_PENDING, /* taken back */
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}, {"U1__a.sql", "DROP TABLE a;\n"}},
                   .command = "apply --no-gate"},
                  {.command = "rollback --no-gate"}},
        .exit_code = 1,
    },
    {
        .state = LK_STATE_APPLIED,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}}, .command = "apply --no-gate"}},
        .field = "applied_sha256",
    },
    {
        .state = LK_STATE_APPLIED, /* by hand */
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}}, .command = "skip 1 --as-applied --reason by-hand"}},
        .says = "by-hand",
        .field = "reason",
    },
    {
        .state = LK_STATE_FAILED,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A "SELECT 1/0;\n"}},
                   .command = "apply --no-gate",
                   .exit_code = 6}},
        .exit_code = 1,
        .says = "division by zero",
        .field = "error",
    },
    {
        .state = LK_STATE_FAILED, /* half done */
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", HALF}}, .command = "apply --no-gate", .exit_code = 7}},
        .exit_code = 1,
        .says = "2 of 3 statements are done",
        .field = "statements_done",
    },
    {
        .state = LK_STATE_OUTDATED,
        .script = "R__v.sql",
        .steps = {{.files = {{"R__v.sql", VIEW}}, .command = "apply --no-gate"},
                  {.files = {{"R__v.sql", VIEW "-- again\n"}}}},
        .exit_code = 1,
    },
    {
        .state = LK_STATE_SKIPPED,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}}, .command = "skip 1 --reason nobody-wants-it"}},
        .says = "nobody-wants-it",
        .field = "reason",
    },
    {
        .state = LK_STATE_BASELINE, /* at it */
        .script = "V2__b.sql",
        .steps = {{.files = {{"V1__a.sql", A}, {"V2__b.sql", B}, {"V3__c.sql", C}},
                   .command = "baseline --at 2"}},
        .exit_code = 1, /* the third one */
    },
    {
        .state = LK_STATE_BASELINE, /* below it */
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}, {"V2__b.sql", B}}, .command = "baseline"}},
    },
    {
        .state = LK_STATE_DELETED,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}, {"V2__b.sql", B}}, .command = "apply --no-gate"},
                  {.files = {{"V1__a.sql", NULL}}, .command = "repair --delete-missing"}},
    },
    {
        .state = LK_STATE_OUT_OF_ORDER,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V2__b.sql", B}}, .command = "apply --no-gate"},
                  {.files = {{"V1__a.sql", A}}}},
        .exit_code = 8,
        .advice = "out_of_order: allow",
    },
    {
        .state = LK_STATE_PENDING, /* the same, allowed */
        .script = "V1__a.sql",
        .yaml = "apply: {out_of_order: allow}\n",
        .steps = {{.files = {{"V2__b.sql", B}}, .command = "apply --no-gate"},
                  {.files = {{"V1__a.sql", A}}}},
        .exit_code = 1,
    },
    {
        .state = LK_STATE_REFORMATTED,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}}, .command = "apply --no-gate"},
                  {.files = {{"V1__a.sql", "-- a\nCREATE  TABLE a\n(id int);\n"}}}},
        .exit_code = 8,
        .advice = "`lockkeeper repair` records the file as it is",
    },
    {
        .state = LK_STATE_CHANGED,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}}, .command = "apply --no-gate"},
                  {.files = {{"V1__a.sql", B}}}},
        .exit_code = 8,
        .advice = "repair --accept SCRIPT",
    },
    {
        .state = LK_STATE_MISSING,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A}, {"V2__b.sql", B}}, .command = "apply --no-gate"},
                  {.files = {{"V1__a.sql", NULL}}}},
        .exit_code = 8,
        .field = "applied_sha256",
        .advice = "repair --delete-missing",
    },
    {
        .state = LK_STATE_FUTURE, /* ignored, unless something else is */
        .script = "V2__b.sql",
        .steps = {{.files = {{"V1__a.sql", A}, {"V2__b.sql", B}}, .command = "apply --no-gate"},
                  {.files = {{"V2__b.sql", NULL}}}},
        .says = "(ignored)",
    },
    {
        .state = LK_STATE_FUTURE,
        .script = "V2__b.sql",
        .yaml = "apply: {ignore: [\"*:missing\"]}\n",
        .steps = {{.files = {{"V1__a.sql", A}, {"V2__b.sql", B}}, .command = "apply --no-gate"},
                  {.files = {{"V2__b.sql", NULL}}}},
        .exit_code = 8,
        .advice = "Newer files have been here",
    },
    {
        .state = LK_STATE_UNCLEAR,
        .script = "V1__a.sql",
        .yaml = "apply: {history: flyway}\n",
        .steps = {{.sql = FLYWAY_TABLE},
                  {.files = {{"V1__a.sql", A}},
                   .sql = "INSERT INTO flyway_schema_history VALUES (1, '1', 'a', 'SQL',"
                          " 'V1__a.sql', 5, 'x', now(), 4, false)"}},
        .exit_code = 8,
        .advice = "`lockkeeper repair` removes the record",
    },
    {
        .state = LK_STATE_HALF_UNDONE,
        .script = "V1__a.sql",
        .steps = {{.files = {{"V1__a.sql", A "CREATE INDEX a_id ON a (id);\n"},
                             {"U1__a.sql", "INSERT INTO a VALUES (1);\n"
                                           "DROP INDEX CONCURRENTLY a_id;\nDROP TABLE none;\n"}},
                   .command = "apply --no-gate"},
                  {.command = "rollback --no-gate", .exit_code = 7}},
        .exit_code = 8,
        .advice = "`lockkeeper rollback` goes on with it",
    },
};

/* ---- the way there ---- */

static void
walk(const struct lk_site *site, const struct step *step)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(step->files) && step->files[i].name != NULL; i++) {
        const struct file *file = &step->files[i];
        if (file->sql != NULL)
            lk_site_migration(site, file->name, file->sql);
        else
            assert_int_equal(unlink(lk_fmt(site->mem, "%s/migrations/%s", site->dir, file->name)),
                             0);
    }
    if (step->command != NULL)
        lk_site_expect(site, step->command, step->exit_code);
    if (step->sql != NULL)
        lk_site_exec(site, step->sql);
}

static void
clear(const struct lk_site *site)
{
    const char *remove[] = {"rm", "-rf", "migrations", NULL};

    lk_test_run(site->mem, site->dir, remove, NULL);
    lk_site_exec(site, "DROP SCHEMA IF EXISTS lockkeeper CASCADE; DROP SCHEMA public CASCADE;"
                       " CREATE SCHEMA public");
}

/* ---- what is said ---- */

/* line_of returns the line of the text that is about a version, or a description. */
static char *
line_of(const struct lk_site *site, const char *text, const char *state)
{
    const char *line = strstr(text, state);

    while (line != NULL && line > text && line[-1] != '\n')
        line = strstr(line + 1, state);
    return line == NULL ? NULL : lk_strndup(site->mem, line, strcspn(line, "\n"));
}

/* entry_of returns what a JSON document says of a script. */
static json_t *
entry_of(json_t *document, const char *script)
{
    json_t *migration;
    size_t index;

    json_array_foreach(json_object_get(document, "migrations"), index, migration)
    {
        if (strcmp(json_string_value(json_object_get(migration, "script")), script) == 0)
            return migration;
    }
    fail_msg("nothing is said of %s", script);
    return NULL;
}

/* check_json wants the documented form, whatever the state. */
static void
check_json(json_t *document, const struct situation *situation)
{
    static const char *const members[] = {
        "version", "description",    "script", "state",           "ignored",
        "sha256",  "applied_sha256", "at",     "statements_done", "statements_total",
        "who",     "error",          "reason",
    };
    const char *word = lk_state_word(situation->state);
    json_t *summary = json_object_get(document, "summary");
    json_t *entry = entry_of(document, situation->script);

    assert_int_equal(json_object_size(document), 5);
    assert_int_equal(json_object_size(summary), LK_STATE_COUNT);
    assert_int_equal(json_object_size(entry), LK_ARRAY_SIZE(members));
    for (size_t i = 0; i < LK_ARRAY_SIZE(members); i++)
        if (json_object_get(entry, members[i]) == NULL)
            fail_msg("%s: no %s", word, members[i]);
    assert_string_equal(json_string_value(json_object_get(entry, "state")), word);
    assert_true(json_integer_value(json_object_get(summary, word)) >= 1);
    if (situation->field != NULL && json_is_null(json_object_get(entry, situation->field)))
        fail_msg("%s: %s is null", word, situation->field);
    assert_true(json_is_null(json_object_get(document, "at_work")));
}

static void
check(const struct lk_site *site, const struct situation *situation)
{
    const char *word = lk_state_word(situation->state);
    struct lk_output text = lk_site_expect(site, "status", 0);
    struct lk_output coded = lk_site_run(site, "status --exit-code");
    struct lk_output json = lk_site_expect(site, "status -f json", 0);
    json_t *document = json_loads(json.out, 0, NULL);

    if (line_of(site, text.out, word) == NULL)
        fail_msg("%s is not called %s:\n%s", situation->script, word, text.out);
    if (situation->says != NULL)
        lk_expect_text(text.out, situation->says);
    if (coded.exit_code != situation->exit_code)
        fail_msg("%s: the exit code is %d:\n%s%s", word, coded.exit_code, coded.out, coded.err);
    if (situation->advice != NULL)
        lk_expect_text(coded.err, situation->advice);
    else
        assert_string_equal(coded.err, "");
    assert_string_equal(coded.out, text.out);
    check_json(document, situation);
    json_decref(document);
}

static void
test_every_state(void **state)
{
    const struct lk_site *site = *state;
    bool seen[LK_STATE_COUNT] = {
        [LK_STATE_ABOVE_TARGET] = true, /* of plan and apply: see test_above_target */
        [LK_STATE_RUNNING] = true,      /* see test_running */
    };

    for (size_t i = 0; i < LK_ARRAY_SIZE(situations); i++) {
        const struct situation *situation = &situations[i];
        clear(site);
        lk_site_config(site, lk_fmt(site->mem, "migrations: [migrations]\nnaming: flyway\n%s",
                                    situation->yaml != NULL ? situation->yaml : ""));
        for (size_t k = 0; k < LK_ARRAY_SIZE(situation->steps); k++)
            walk(site, &situation->steps[k]);
        check(site, situation);
        seen[situation->state] = true;
    }
    for (enum lk_state each = 0; each < LK_STATE_COUNT; each++)
        if (!seen[each])
            fail_msg("nothing is %s", lk_state_word(each));
}

static void
test_above_target(void **state)
{
    const struct lk_site *site = *state;

    lk_site_migration(site, "V1__a.sql", A);
    lk_site_migration(site, "V2__b.sql", B);
    lk_site_expect(site, "apply --no-gate --to 1 migrations", 0);
    lk_expect_text(lk_site_expect(site, "apply --no-gate --to 1 migrations", 0).out,
                   "nothing to do");
    lk_expect_text(lk_site_expect(site, "status migrations", 0).out, "pending       2");
    lk_site_expect(site, "status --exit-code migrations", 1);
}

/* While another run is at a migration of several transactions, that has not failed. */
static void
test_running(void **state)
{
    const struct lk_site *site = *state;

    lk_site_make_gates(site);
    lk_site_migration(site, "V1__a.sql",
                      "-- lockkeeper: transaction off\n" A LK_GATE("1") "CREATE TABLE z ();\n");
    lk_site_migration(site, "V2__b.sql", LK_GATE("2") B);
    struct lk_process process = lk_site_spawn(site, "apply --no-gate migrations", NULL);
    lk_site_wait_for(site, "SELECT to_regclass('a') IS NOT NULL", "t");
    struct lk_output output = lk_site_expect(site, "status migrations", 0);
    lk_expect_text(output.out, "running       1");
    lk_expect_text(output.out, "pending       2");
    lk_expect_text(output.out, "another run is at work: pid ");
    output = lk_site_expect(site, "status --exit-code -f json migrations", 1);
    json_t *document = json_loads(output.out, 0, NULL);
    assert_true(json_is_string(json_object_get(document, "at_work")));
    assert_string_equal(
        json_string_value(json_object_get(entry_of(document, "V1__a.sql"), "state")), "running");
    json_decref(document);
    lk_site_open_gate(site, 1);
    lk_site_wait_for(site, "SELECT status FROM lockkeeper.migration WHERE version = '1'",
                     "applied");
    output = lk_site_expect(site, "status migrations", 0);
    lk_expect_text(output.out, "applied       1");
    lk_expect_text(output.out, "another run is at work: pid ");
    lk_site_open_gate(site, 2);
    lk_site_finish(site, &process, 0);
    lk_expect_no_text(lk_site_expect(site, "status --exit-code migrations", 0).out, "at work");
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        lk_site_test(test_every_state),
        lk_site_test(test_above_target),
        lk_site_test(test_running),
    };

    return lk_site_main("states", tests, LK_ARRAY_SIZE(tests));
}
