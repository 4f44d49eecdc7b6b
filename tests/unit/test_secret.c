/*
 * tests/unit/test_secret.c
 *     Passwords in SQL are found, and other things are not.
 */
#include "parser/secret.h"
#include "tests/unit/unit.h"

static void
expect(const char *text, const char *blotted)
{
    TALLOC_CTX *mem LK_CLEANUP(lk_mem_cleanup) = lk_mem_new(NULL);
    char *copy = lk_strdup(mem, text);
    struct lk_spans secrets = lk_secrets_find(mem, text, strlen(text));

    lk_secrets_blot(copy, 0, &secrets);
    assert_string_equal(copy, blotted);
}

static void
roles(void **state)
{
    (void)state;
    expect("CREATE ROLE a PASSWORD 'abc' LOGIN", "CREATE ROLE a PASSWORD '***' LOGIN");
    expect("ALTER USER a ENCRYPTED\n password\n\t'ab''c'",
           "ALTER USER a ENCRYPTED\n password\n\t'*****'");
    expect("CREATE ROLE a PASSWORD /* x */ E'a\\'b' -- z",
           "CREATE ROLE a PASSWORD /* x */ E'****' -- z");
    expect("CREATE ROLE a PASSWORD -- it's\n $$a'b$$;",
           "CREATE ROLE a PASSWORD -- it's\n $$***$$;");
    expect("CREATE ROLE a PASSWORD $x$a$$b$x$;", "CREATE ROLE a PASSWORD $x$****$x$;");
    expect("CREATE ROLE a PASSWORD U&'a\\0062'", "CREATE ROLE a PASSWORD U&'******'");
    expect("CREATE ROLE a PASSWORD 'abc", "CREATE ROLE a PASSWORD '***");
    expect("CREATE ROLE a PASSWORD NULL", "CREATE ROLE a PASSWORD NULL");
    expect("CREATE ROLE a PASSWORD '' LOGIN", "CREATE ROLE a PASSWORD '' LOGIN");
    expect("EXECUTE 'CREATE ROLE a PASSWORD ''abc'''", "EXECUTE 'CREATE ROLE a PASSWORD ''***'''");
}

static void
settings_and_options(void **state)
{
    (void)state;
    expect("OPTIONS (user 'u', password 'abc')", "OPTIONS (user 'u', password '***')");
    expect("OPTIONS (ADD password 'abc')", "OPTIONS (ADD password '***')");
    expect("SET app.password = 'abc';", "SET app.password = '***';");
    expect("{\"password\": \"abc\", \"a\": 1}", "{\"password\": \"***\", \"a\": 1}");
    expect("set_config('app.password', 'abc', true)", "set_config('app.password', '***', true)");
    expect("f(password => 'abc')", "f(password => '***')");
}

static void
connection_strings(void **state)
{
    (void)state;
    expect("CONNECTION 'host=h password=abc dbname=d'",
           "CONNECTION 'host=h password=*** dbname=d'");
    expect("'host=h sslpassword=abc'", "'host=h sslpassword=***'");
    expect("dblink('password=''a b'' host=h')", "dblink('password=''***'' host=h')");
    expect("'postgresql://u:abc@h:5/d'", "'postgresql://u:***@h:5/d'");
    expect("'postgresql://u:a@b:c@h/d?x=y'", "'postgresql://u:*****@h/d?x=y'");
    expect("see https://host:80/path", "see https://host:80/path");
    expect("PGPASSWORD=abc psql", "PGPASSWORD=*** psql");
}

static void
no_secrets(void **state)
{
    (void)state;
    expect("ALTER TABLE u ADD COLUMN password text NOT NULL DEFAULT 'x'",
           "ALTER TABLE u ADD COLUMN password text NOT NULL DEFAULT 'x'");
    expect("SELECT password FROM u WHERE password = $1",
           "SELECT password FROM u WHERE password = $1");
    expect("INSERT INTO u (name, password) SELECT 'a', b",
           "INSERT INTO u (name, password) SELECT 'a', b");
    expect("COMMENT ON COLUMN u.password IS 'hash'", "COMMENT ON COLUMN u.password IS 'hash'");
    expect("password", "password");
    expect("password=", "password=");
    expect("", "");
}

static void
what_is_said(void **state)
{
    TALLOC_CTX *mem = *state;
    const char *sql = "CREATE ROLE a PASSWORD 'abc'; CREATE ROLE b PASSWORD 'x'";

    assert_string_equal(lk_secrets_hide(mem, "error near \"abc\", x", sql),
                        "error near \"********\", x");
    assert_string_equal(lk_secrets_hide(mem, "password=abc", NULL), "password=***");
    assert_null(lk_secrets_hide(mem, NULL, sql));
}

/* Only what of a secret lies in the part at hand is overwritten. */
static void
parts(void **state)
{
    TALLOC_CTX *mem = *state;
    const char *text = "PASSWORD\n'abcdef'";
    struct lk_spans secrets = lk_secrets_find(mem, text, strlen(text));
    char *part = lk_strdup(mem, "bcd"), *line = lk_strdup(mem, "PASSWORD");

    lk_secrets_blot(part, 11, &secrets);
    assert_string_equal(part, "***");
    lk_secrets_blot(line, 0, &secrets);
    assert_string_equal(line, "PASSWORD");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_unit(roles),      lk_unit(settings_and_options), lk_unit(connection_strings),
        lk_unit(no_secrets), lk_unit(what_is_said),         lk_unit(parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
