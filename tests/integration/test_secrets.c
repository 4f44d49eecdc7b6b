/*
 * tests/integration/test_secrets.c
 *     Passwords: in connection strings, in the environment, in statements. Nobody prints them.
 */
#include "tests/integration/site.h"

#define SECRET "hunter2secret"
#define HALF "hunter2" /* enough of it to have been torn apart */

/* expect_silence fails where any output holds the secret. */
static void
expect_silence(const struct lk_output *output)
{
    lk_expect_no_text(output->out, HALF);
    lk_expect_no_text(output->err, HALF);
}

static struct lk_output
run_at(const struct lk_site *site, const char *url, const char *command, const char *format)
{
    const char *args[] = {LK_BINARY, command, "migrations", "--url", url, "-v", format, NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);

    if (output.exit_code == 0)
        fail_msg("%s succeeded", url);
    expect_silence(&output);
    return output;
}

static void
test_connection_strings(void **state)
{
    const struct lk_site *site = *state;
    const char *urls[] = {
        "postgresql://postgres:" SECRET "@localhost:1/x",
        "postgresql://postgres:a%40" SECRET "@localhost:1/x",
        "postgresql://postgres:" HALF "@secret@localhost:1/x",
        "postgresql://postgres:a@" HALF "@localhost:1/x",
        "postgresql://postgres:" HALF "/secret@localhost:1/x",
        "postgresql://postgres:a/" HALF "@localhost:1/x",
        "postgresql://postgres:" HALF "?secret@localhost:1/x",
        "postgresql://postgres:" SECRET "%zz@localhost:1/x",
        "postgresql://localhost:1/x?password=" SECRET,
        "postgresql://localhost:1/x?pasword=" SECRET,
        "host=localhost port=1 password=" SECRET,
        "host=localhost port=1 password='a " HALF "'",
        "host=localhost port=1 password=a " HALF,
        "host=localhost port=1 password='" SECRET,
        "host=localhost port=1 pasword=" SECRET,
        lk_fmt(site->mem, "host=%s user=postgres password=%s dbname=none", site->server->folder,
               SECRET),
        lk_fmt(site->mem, "host=%s user=nobody password=%s", site->server->folder, SECRET),
        lk_fmt(site->mem, "host=%s user=postgres dbname=postgresql://u:%s@h/d",
               site->server->folder, SECRET),
        lk_fmt(site->mem, "host=%s user=postgres dbname='password=%s'", site->server->folder,
               SECRET),
        lk_fmt(site->mem, "host=%s user=postgres options='-c nonsense.a.b=1 password=%s'",
               site->server->folder, SECRET),
        "postgres:" SECRET "@localhost/x",
        "mysql://u:" SECRET "@h/d",
    };

    lk_site_migration(site, "V1__a.sql", "CREATE TABLE a (id int);\n");
    setenv("PGHOST", site->server->folder, 1); /* where what is left out leads to a server */
    for (size_t i = 0; i < LK_ARRAY_SIZE(urls); i++) {
        run_at(site, urls[i], "status", "-fjson");
        run_at(site, urls[i], "apply", "--log-format=json");
        run_at(site, urls[i], "baseline", "-q");
    }
    unsetenv("PGHOST");
    setenv("PGPASSWORD", SECRET, 1);
    run_at(site, "host=localhost port=1 dbname=" SECRET, "status", "-fjson");
    unsetenv("PGPASSWORD");
    setenv("LK_TEST_PASSWORD", SECRET, 1);
    lk_site_config(site, "migrations: [migrations]\n"
                         "url: \"postgresql://u:${LK_TEST_PASSWORD}@localhost:1/x\"\n");
    const char *args[] = {LK_BINARY, "apply", "-v", NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);
    lk_expect_exit(&output, 4);
    expect_silence(&output);
    unsetenv("LK_TEST_PASSWORD");
}

/* expect_no_trace looks through all that the history keeps. */
static void
expect_no_trace(const struct lk_site *site)
{
    lk_site_expect_value(site,
                         "SELECT (SELECT count(*) FROM lockkeeper.run r WHERE r::text LIKE"
                         " '%" HALF "%'), (SELECT count(*) FROM lockkeeper.migration m WHERE"
                         " m::text LIKE '%" HALF "%'), (SELECT count(*) FROM lockkeeper.journal j"
                         " WHERE j::text LIKE '%" HALF "%')",
                         "0|0|0");
}

static void
test_statements(void **state)
{
    const struct lk_site *site = *state;
    static const char *const statements[] = {
        "CREATE ROLE lk_a PASSWORD '" SECRET "' NONSENSE;\n",
        "CREATE ROLE lk_a PASSWORD\n'" SECRET "' IN ROLE none_such;\n",
        "SELECT 1 PASSWORD '" SECRET "';\n",
        "CREATE SUBSCRIPTION lk_s CONNECTION 'host=localhost port=1 password=" SECRET
        "' PUBLICATION p;\n",
        "CREATE SUBSCRIPTION lk_s CONNECTION 'postgresql://u:" SECRET
        "@localhost:1/d' PUBLICATION p;\n",
        "DO $$ BEGIN RAISE NOTICE 'password=" SECRET "'; RAISE WARNING 'password=%', '" SECRET
        "'; RAISE EXCEPTION 'x' USING DETAIL = 'password: ''" SECRET "''', HINT = 'password=" SECRET
        "'; END $$;\n",
        "DO $$ BEGIN EXECUTE 'ALTER ROLE none_such PASSWORD ''" SECRET "'' x'; END $$;\n",
        "SET app.password = '" SECRET "';\nSELECT current_setting('app.password')::int;\n",
        "-- lockkeeper: transaction off\nSET app.password = '" SECRET
        "';\nSELECT current_setting('app.password')::int;\n",
        "ALTER ROLE postgres SET app.password = '" SECRET "';\nSELECT 1/0;\n",
        "SET app.jwt_secret TO '" SECRET "';\nSELECT current_setting('app.jwt_secret')::int;\n",
        "SET app.jwt_secret TO '" SECRET "';\nDO $$ BEGIN RAISE NOTICE 'it is %', "
        "current_setting('app.jwt_secret'); END $$;\nSELECT 1/0;\n",
        "CREATE TABLE u (name text, token text UNIQUE);\nINSERT INTO u (name, token) VALUES ('a', "
        "'" SECRET "'), ('b', '" SECRET "');\n",
        "CREATE TABLE u (id int, token text, n int NOT NULL);\nINSERT INTO u (id, token, n) VALUES "
        "(1, md5('x') || '" SECRET "', 1);\nUPDATE u SET n = NULL;\n",
        "CREATE TABLE u (id int, token text CHECK (length(token) > 99));\nINSERT INTO u (id, "
        "token) "
        "SELECT 1, '" SECRET "';\n",
        "SELECT crypt('" SECRET "', 'x');\n",
        "SELECT dblink_connect('host=h password=" SECRET "');\n",
        "ALTER SYSTEM SET ssl_passphrase_command = 'echo " SECRET "';\nSELECT 1/0;\n",
        "ALTER SYSTEM SET primary_conninfo = 'postgresql://u:" SECRET "@h/d' x;\n",
        "SELECT '{\"Authorization\": \"Bearer " SECRET "\"}'::int;\n",
        "CREATE FOREIGN DATA WRAPPER w;\nCREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (api_key "
        "'" SECRET "', api_key '" SECRET "');\n",
        "CREATE FOREIGN DATA WRAPPER w;\nCREATE SERVER s FOREIGN DATA WRAPPER w;\n"
        "CREATE USER MAPPING FOR postgres SERVER s OPTIONS (password '" SECRET
        "', password '" SECRET "');\n",
    };
    static const char *const commands[] = {
        "lint migrations",
        "lint -f json migrations",
        "plan migrations",
        "plan -f json migrations",
        "apply -v migrations",
        "apply --no-gate -v migrations",
        "apply --no-gate --log-format=json -f json migrations",
        "status migrations",
        "status -f json migrations",
        "status --runs -f json",
        "lint -f markdown migrations",
        "schema migrations",
        "schema -f json migrations",
        "plan -f markdown migrations",
        "lint -f html migrations",
        "lint -f sarif migrations",
    };

    lk_site_config(site, "apply: {retry: {max_elapsed: 1ms, base: 1ms, cap: 1ms}}\n");
    for (size_t i = 0; i < LK_ARRAY_SIZE(statements); i++) {
        lk_site_migration(site, "V1__a.sql", statements[i]);
        for (size_t k = 0; k < LK_ARRAY_SIZE(commands); k++) {
            struct lk_output output = lk_site_run(site, commands[k]);
            expect_silence(&output);
        }
        expect_no_trace(site);
        lk_site_expect(site, "repair migrations", 0);
    }
    struct lk_output output = lk_site_run(site, "status --run 3");
    expect_silence(&output);
}

/* What stands for a placeholder is part of what is sent, and not of what is said. */
static void
test_placeholders(void **state)
{
    const struct lk_site *site = *state;

    setenv("LK_TEST_PASSWORD", SECRET, 1);
    lk_site_config(site, "apply: {placeholders: {pw: \"${LK_TEST_PASSWORD}\"}}\n");
    lk_site_migration(site, "V1__a.sql",
                      "CREATE ROLE lk_b PASSWORD '${pw}' IN ROLE none_such;\nSELECT 1;\n");
    struct lk_output output = lk_site_expect(site, "apply --no-gate -v migrations", 6);
    expect_silence(&output);
    output = lk_site_run(site, "plan -f json migrations");
    expect_silence(&output);
    lk_site_migration(site, "V1__a.sql", "ALTER ROLE none_such PASSWORD '${pw}' NONSENSE;\n");
    output = lk_site_run(site, "lint migrations");
    expect_silence(&output);
    output = lk_site_run(site, "apply --no-gate migrations");
    expect_silence(&output);
    expect_no_trace(site);
    unsetenv("LK_TEST_PASSWORD");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_connection_strings),
        lk_site_test(test_statements),
        lk_site_test(test_placeholders),
    };

    return lk_site_main("secrets", tests, LK_ARRAY_SIZE(tests));
}
