/*
 * tests/integration/test_sites.c
 *     Several databases of one repository: which are meant, what is reported, what fails.
 */
#include <unistd.h>

#include <jansson.h>

#include "tests/integration/site.h"

/* Two more databases beside the site's own, each with a folder of migrations. */
static const char *const names[] = {"users", "orders", "stock"};

static char *
url_of(const struct lk_site *site, const char *name)
{
    return lk_fmt(site->mem, "host=%s user=postgres dbname=%s_%s", site->server->folder,
                  site->database, name);
}

static char *
database_of(const struct lk_site *site, const char *name)
{
    return lk_fmt(site->mem, "%s_%s", site->database, name);
}

/* value_in answers a query in one of the databases. */
static char *
value_in(const struct lk_site *site, const char *name, const char *sql)
{
    PGconn *pg = PQconnectdb(url_of(site, name));
    PGresult *result = PQexec(pg, sql);
    char *value = PQntuples(result) > 0 ? lk_strdup(site->mem, PQgetvalue(result, 0, 0))
                                        : lk_strdup(site->mem, PQerrorMessage(pg));

    PQclear(result);
    PQfinish(pg);
    return value;
}

static int
start(void **state)
{
    lk_site_start(state);
    const struct lk_site *site = *state;
    char *config = lk_strdup(site->mem, "databases:\n");

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
        lk_site_exec(site, lk_fmt(site->mem, "CREATE DATABASE %s", database_of(site, names[i])));
        lk_test_write(site->dir, lk_fmt(site->mem, "%s/V1__first.sql", names[i]),
                      lk_fmt(site->mem, "CREATE TABLE %s_1 (id int);\n", names[i]));
        config = lk_fmt(site->mem, "%s  %s: {migrations: [%s], url: \"%s\"}\n", config, names[i],
                        names[i], url_of(site, names[i]));
    }
    lk_site_config(site, config);
    return 0;
}

static int
end(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        lk_site_exec(site, lk_fmt(site->mem, "DROP DATABASE IF EXISTS %s WITH (FORCE)",
                                  database_of(site, names[i])));
    return lk_site_end(state);
}

#define several(function)                                                                          \
    {                                                                                              \
#function, function, start, end, NULL                                                      \
    }

/* run runs lockkeeper without --url. */
static struct lk_output
run(const struct lk_site *site, int exit_code, ...)
{
    const char *args[24] = {LK_BINARY};
    size_t count = 1;
    va_list words;

    va_start(words, exit_code);
    for (const char *word; (word = va_arg(words, const char *)) != NULL;)
        args[count++] = word;
    va_end(words);
    args[count++] = "--color=never";
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);
    lk_expect_exit(&output, exit_code);
    return output;
}

static void
expect_applied(const struct lk_site *site, const char *name, const char *count)
{
    assert_string_equal(
        value_in(site, name, "SELECT count(*) FROM lockkeeper.migration WHERE status = 'applied'"),
        count);
}

/* place returns where a text stands in another one that has to hold it. */
static size_t
place(const char *text, const char *part)
{
    lk_expect_text(text, part);
    return (size_t)(strstr(text, part) - text);
}

static void
test_all_in_order(void **state)
{
    const struct lk_site *site = *state;

    struct lk_output output = run(site, 1, "status", "--exit-code", NULL);
    assert_true(place(output.out, "users:") < place(output.out, "orders:"));
    assert_true(place(output.out, "orders:") < place(output.out, "stock:"));
    output = run(site, 0, "plan", NULL);
    lk_expect_text(output.out, database_of(site, "stock"));
    output = run(site, 0, "apply", NULL);
    assert_true(place(output.out, "_users, at version 1") < place(output.out, "_orders, at"));
    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        expect_applied(site, names[i], "1");
    run(site, 0, "status", "--exit-code", NULL);
    run(site, 0, "validate", NULL);
    run(site, 0, "verify", "--database", "users", "--server-bin", site->server->bin, NULL);
}

static void
test_some(void **state)
{
    const struct lk_site *site = *state;

    run(site, 0, "apply", "--database", "stock,users", NULL);
    expect_applied(site, "users", "1");
    expect_applied(site, "stock", "1");
    lk_expect_text(value_in(site, "orders", "SELECT 1 FROM lockkeeper.run"), "does not exist");
    run(site, 0, "apply", "--database", "o*", NULL);
    expect_applied(site, "orders", "1");
    struct lk_output output = run(site, 2, "apply", "--database", "user", NULL);
    lk_expect_text(output.err, "Perhaps users is meant");
    output = run(site, 2, "apply", "--database", "x*", NULL);
    lk_expect_text(output.err, "has no such database");
    /* a path says which one, too */
    lk_test_write(site->dir, "users/V2__second.sql", "CREATE TABLE users_2 (id int);\n");
    lk_test_write(site->dir, "orders/V2__second.sql", "CREATE TABLE orders_2 (id int);\n");
    run(site, 0, "apply", "users", NULL);
    expect_applied(site, "users", "2");
    expect_applied(site, "orders", "1");
}

/* One that fails keeps nobody else from its turn; the highest exit code is that of all. */
static void
test_failures(void **state)
{
    const struct lk_site *site = *state;

    lk_test_write(site->dir, "users/V2__fails.sql", "SELECT 1/0;\n");
    lk_test_write(site->dir, "orders/V2__stops.sql",
                  "CREATE TABLE t (id int);\nINSERT INTO t VALUES (1), (1);\n"
                  "-- lockkeeper: ignore-file concurrently-in-transaction -- to stop\n"
                  "CREATE UNIQUE INDEX CONCURRENTLY t_key ON t (id);\n");
    struct lk_output output = run(site, 7, "apply", "--no-gate", NULL);
    lk_expect_text(output.err, "users: users/V2__fails.sql:1");
    lk_expect_text(output.err,
                   "2 of 3 databases failed: users (exit code 6), orders (exit code 7)");
    expect_applied(site, "stock", "1");
}

static void
test_fail_fast(void **state)
{
    const struct lk_site *site = *state;

    lk_test_write(site->dir, "orders/V2__fails.sql", "SELECT 1/0;\n");
    struct lk_output output = run(site, 6, "apply", "--no-gate", "--fail-fast", NULL);
    lk_expect_text(output.err, "1 of 3 databases failed: orders (exit code 6)");
    lk_expect_text(output.err, "1 more had no turn");
    expect_applied(site, "users", "1");
    lk_expect_text(value_in(site, "stock", "SELECT 1 FROM lockkeeper.run"), "does not exist");
}

static void
test_json(void **state)
{
    const struct lk_site *site = *state;
    const char *name, *message, *current;
    int code, failed;

    lk_test_write(site->dir, "orders/V1__first.sql", "SELECT 1/0;\n");
    struct lk_output output = run(site, 6, "apply", "--no-gate", "-f", "json", NULL);
    json_t *document = json_loads(output.out, 0, NULL);
    assert_non_null(document);
    assert_true(json_is_false(json_object_get(document, "success")));
    const json_t *list = json_object_get(document, "databases");
    assert_int_equal(json_array_size(list), 3);
    assert_int_equal(json_unpack((json_t *)(uintptr_t)json_array_get(list, 1),
                                 "{s:s,s:i,s:{s:s},s:{s:s},s:b}", "name", &name, "exit_code", &code,
                                 "error", "message", &message, "failed", "sqlstate", &current,
                                 "success", &failed),
                     0);
    assert_string_equal(name, "orders");
    assert_string_equal(current, "22012");
    assert_int_equal(code, 6);
    assert_int_equal(failed, 0);
    lk_expect_text(message, "division by zero");
    json_decref(document);
    /* the same in a file */
    output = run(site, 1, "status", "--exit-code", "-f", "json", "-o", "status.json", NULL);
    assert_string_equal(output.out, "");
    char *text = lk_test_read(site->mem, lk_fmt(site->mem, "%s/status.json", site->dir));
    document = json_loads(text, 0, NULL);
    assert_non_null(document);
    assert_int_equal(json_array_size(json_object_get(document, "databases")), 3);
    json_decref(document);
    /* one that is named is a document of its own */
    output = run(site, 0, "status", "-f", "json", "--database", "users", NULL);
    document = json_loads(output.out, 0, NULL);
    assert_non_null(json_object_get(document, "migrations"));
    json_decref(document);
}

static void
test_plan_of_several(void **state)
{
    const struct lk_site *site = *state;

    run(site, 0, "plan", "-o", "plan.json", NULL);
    lk_test_write(site->dir, "stock/V2__second.sql", "CREATE TABLE stock_2 (id int);\n");
    struct lk_output output = run(site, 8, "apply", "--plan", "plan.json", NULL);
    lk_expect_text(output.err, "stock: plan.json is out of date: V2__second.sql is pending");
    expect_applied(site, "users", "1");
    expect_applied(site, "orders", "1");
    lk_expect_text(value_in(site, "stock", "SELECT 1 FROM lockkeeper.run"), "does not exist");
    run(site, 0, "plan", "-o", "plan.json", "--database", "stock", NULL);
    run(site, 0, "apply", "--plan", "plan.json", "--database", "stock", NULL);
    expect_applied(site, "stock", "2");
}

/* Histories of several databases must not be one. */
static void
test_same_database(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, lk_fmt(site->mem,
                                "databases: {users: {migrations: users}, orders: {migrations: "
                                "orders}}\nenvironments: {prod: {url: \"%s\"}}\n",
                                site->url));
    struct lk_output output = run(site, 2, "apply", "--env", "prod", NULL);
    lk_expect_text(output.err, "users and orders have the same url");
    output = run(site, 2, "apply", NULL);
    lk_expect_text(output.err, "users and orders have the same url: none");
    lk_site_config(site, lk_fmt(site->mem,
                                "databases:\n  users: {migrations: users, url: \"%s\"}\n"
                                "  orders: {migrations: orders, url: \"%s connect_timeout=9\"}\n",
                                site->url, site->url));
    output = run(site, 2, "apply", NULL);
    lk_expect_text(output.err, "orders is the same database as users");
    lk_site_expect_value(site, "SELECT string_agg(script, ',') FROM lockkeeper.migration",
                         "V1__first.sql");
    output = run(site, 2, "status", "--url", "dbname=postgres", NULL);
    lk_expect_text(output.err, "--url is one database, and 2 are meant");
}

/* A tenant each: the same files for all, and what an environment says of one of them. */
static void
test_environments(void **state)
{
    const struct lk_site *site = *state;

    setenv("LK_TEST_STOCK", url_of(site, "stock"), 1);
    lk_test_write(site->dir, "tenants/V1__t.sql", "CREATE TABLE ${tag}_t (id int);\n");
    lk_site_config(
        site, lk_fmt(site->mem,
                     "migrations: [tenants]\n"
                     "apply: {placeholders: {tag: file}}\n"
                     "databases:\n"
                     "  users: {url: \"%s\", apply: {placeholders: {tag: own}}}\n"
                     "  orders: {url: \"%s\"}\n"
                     "environments:\n"
                     "  test:\n"
                     "    apply: {placeholders: {tag: there}}\n"
                     "    databases:\n"
                     "      orders: {url: \"${LK_TEST_STOCK}\"}\n"
                     "  prod:\n"
                     "    databases: {users: {apply: {placeholders: {tag: \"${LK_TEST_X}\"}}}}\n",
                     url_of(site, "users"), url_of(site, "orders")));
    unsetenv("LK_TEST_X");
    struct lk_output output = run(site, 2, "apply", "--env", "prod", "--database", "users", NULL);
    lk_expect_text(output.err, "the environment variable LK_TEST_X is not set");
    run(site, 0, "lint", NULL);
    run(site, 0, "apply", NULL);
    assert_string_equal(value_in(site, "users", "SELECT to_regclass('own_t')"), "own_t");
    assert_string_equal(value_in(site, "orders", "SELECT to_regclass('file_t')"), "file_t");
    run(site, 0, "apply", "--env", "test", "--database", "orders", NULL);
    assert_string_equal(value_in(site, "stock", "SELECT to_regclass('there_t')"), "there_t");
    unsetenv("LK_TEST_STOCK");
}

static void
test_operations(void **state)
{
    const struct lk_site *site = *state;

    struct lk_output output = run(site, 2, "baseline", NULL);
    lk_expect_text(output.err, "--database NAME, or --database all");
    run(site, 0, "baseline", "--database", "all", NULL);
    run(site, 0, "status", "--exit-code", NULL);
    output = run(site, 2, "rollback", NULL);
    lk_expect_text(output.err, "has several databases: users, orders, stock");
    lk_test_write(site->dir, "users/V2__second.sql", "CREATE TABLE a (id int);\n");
    lk_test_write(site->dir, "orders/V2__second.sql", "CREATE TABLE a (id int);\n");
    run(site, 0, "skip", "2", "--reason", "why", "--database", "users,orders", NULL);
    output = run(site, 0, "status", NULL);
    assert_string_equal(value_in(site, "users",
                                 "SELECT count(*) FROM lockkeeper.migration WHERE status ="
                                 " 'skipped'"),
                        "1");
    assert_string_equal(value_in(site, "orders",
                                 "SELECT count(*) FROM lockkeeper.migration WHERE status ="
                                 " 'skipped'"),
                        "1");
    output = run(site, 0, "new", "third", "--database", "users", NULL);
    lk_expect_text(output.out, "users/V3__third.sql");
    output = run(site, 0, "schema", "--database", "stock", NULL);
    lk_expect_text(output.out, "stock_1");
}

/* Each database replays its own migrations only. */
static void
test_lint(void **state)
{
    const struct lk_site *site = *state;

    lk_test_write(site->dir, "users/V2__drop.sql", "ALTER TABLE orders_1 ADD COLUMN a int;\n");
    lk_test_write(site->dir, "orders/V2__drop.sql", "ALTER TABLE orders_1 ADD COLUMN a int;\n");
    lk_site_config(site, "schema: closed\n"
                         "databases:\n"
                         "  users: {migrations: users}\n"
                         "  orders: {migrations: orders}\n");
    struct lk_output output = run(site, 1, "lint", "--select", "undefined-object", NULL);
    lk_expect_text(output.out, "users/V2__drop.sql:1:13: error");
    lk_expect_no_text(output.out, "orders/V2__drop.sql");
    run(site, 0, "lint", "--select", "undefined-object", "--database", "orders", NULL);
    run(site, 0, "lint", "--select", "undefined-object", "orders/V2__drop.sql", NULL);
    run(site, 1, "lint", "--select", "undefined-object", "users/V2__drop.sql", NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        several(test_all_in_order),  several(test_some),         several(test_failures),
        several(test_fail_fast),     several(test_json),         several(test_plan_of_several),
        several(test_same_database), several(test_environments), several(test_operations),
        several(test_lint),
    };

    return lk_site_main("sites", tests, LK_ARRAY_SIZE(tests));
}
