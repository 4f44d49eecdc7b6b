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

/* Other words than for passwords, and names that only go on as those. */
static void
other_words(void **state)
{
    (void)state;
    expect("OPTIONS (ADD api_key 'abc', token 'def')", "OPTIONS (ADD api_key '***', token '***')");
    expect("OPTIONS (password_required 'false')", "OPTIONS (password_required 'false')");
    expect("SET app.jwt_secret TO 'abc';", "SET app.jwt_secret TO '***';");
    expect("ALTER DATABASE d SET \"app.settings.jwt_secret\" TO 'abc'",
           "ALTER DATABASE d SET \"app.settings.jwt_secret\" TO '***'");
    expect("ALTER SYSTEM SET ssl_passphrase_command = 'echo abc'",
           "ALTER SYSTEM SET ssl_passphrase_command = '********'");
    expect("ALTER SYSTEM SET primary_conninfo = 'host=h password=abc'",
           "ALTER SYSTEM SET primary_conninfo = 'host=h password=***'");
    expect("SET password_encryption = 'scram-sha-256'",
           "SET password_encryption = 'scram-sha-256'");
    expect("UPDATE u SET password_hash = 'abc'", "UPDATE u SET password_hash = '***'");
    expect("'Server=h;Uid=u;Pwd=abc;'", "'Server=h;Uid=u;Pwd=***;'");
    expect("jsonb_build_object('client_secret', 'abc')",
           "jsonb_build_object('client_secret', '***')");
    expect("'https://h/x?api_key=abc&b=c'", "'https://h/x?api_key=***&b=c'");
    expect("'Passwd=abc PWD=abc PassPhrase=abc ApiKey=abc api-key=abc AccessKey=abc'",
           "'Passwd=*** PWD=*** PassPhrase=*** ApiKey=*** api-key=*** AccessKey=***'");
    expect("'access_key=abc private_key=abc Credential=abc Secret=abc Token=abc'",
           "'access_key=*** private_key=*** Credential=*** Secret=*** Token=***'");
    expect("GRANT SELECT ON secret TO bob", "GRANT SELECT ON secret TO bob");
    expect("ALTER TABLE t RENAME token TO \"of\"", "ALTER TABLE t RENAME token TO \"of\"");
    expect("CREATE TYPE t AS ENUM ('token', 'user')", "CREATE TYPE t AS ENUM ('token', 'user')");
    expect("CHECK (kind IN ('password', 'user'))", "CHECK (kind IN ('password', 'user'))");
    expect("kind = ANY (ARRAY['a', 'token', 'user'])", "kind = ANY (ARRAY['a', 'token', 'user'])");
    expect("COMMENT ON COLUMN u.token IS 'a'", "COMMENT ON COLUMN u.token IS 'a'");
}

static void
inserted(void **state)
{
    (void)state;
    expect("INSERT INTO u (name, password) VALUES ('a', 'abc'), ('b', f('d', 1) || 'e');",
           "INSERT INTO u (name, password) VALUES ('a', '***'), ('b', f('*', 1) || '*');");
    expect("insert into s.u as x (\"apiToken\", n) overriding system value values (E'a\\'b', 'c')",
           "insert into s.u as x (\"apiToken\", n) overriding system value values (E'****', 'c')");
    expect("INSERT INTO u (name, secret) SELECT 'a', $x$abc$x$, 'b' FROM t WHERE x = 'y';",
           "INSERT INTO u (name, secret) SELECT 'a', $x$***$x$, 'b' FROM t WHERE x = 'y';");
    expect("INSERT INTO u (name, password) SELECT 'a', b",
           "INSERT INTO u (name, password) SELECT 'a', b");
    expect("INSERT INTO app_secrets VALUES ('a', 'b')",
           "INSERT INTO app_secrets VALUES ('*', '*')");
    expect("INSERT INTO u (a, b) VALUES ('a', 'b')", "INSERT INTO u (a, b) VALUES ('a', 'b')");
    expect("INSERT INTO u (a, token) VALUES ('a', 'b", "INSERT INTO u (a, token) VALUES ('a', '*");
    expect("INSERT INTO u (a, token", "INSERT INTO u (a, token");
    expect("INSERT INTO u (token) VALUES (", "INSERT INTO u (token) VALUES (");
    expect("INSERT INTO u (token) DEFAULT VALUES; SELECT 'a'",
           "INSERT INTO u (token) DEFAULT VALUES; SELECT 'a'");
}

static void
shapes(void **state)
{
    (void)state;
    expect("SELECT crypt('abc', gen_salt('bf'))", "SELECT crypt('***', gen_salt('**'))");
    expect("SELECT vault.create_secret('abc', 'n')", "SELECT vault.create_secret('***', '*')");
    expect(
        "SELECT Pgp_Sym_Decrypt_Bytea(a, 'abc'), HMAC(a, 'abc'), hmac, vault.update_secret('a')",
        "SELECT Pgp_Sym_Decrypt_Bytea(a, '***'), HMAC(a, '***'), hmac, vault.update_secret('*')");
    expect("-- insert, encrypt\nINSERT INTO u (a) VALUES ('a', crypt('abc')); DECRYPT('abc')",
           "-- insert, encrypt\nINSERT INTO u (a) VALUES ('a', crypt('***')); DECRYPT('***')");
    expect("'{\"Authorization\": \"Bearer abcdefgh.ij\"}'",
           "'{\"Authorization\": \"Bearer ***********\"}'");
    expect("bearer of news", "bearer of news");
    expect("'eyJhbGciOi.eyJpc3M.x_-y'", "'***********************'");
    expect("eyJhbGci", "eyJhbGci");
    expect("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
           "-----BEGIN RSA PRIVATE KEY-----*****-----END RSA PRIVATE KEY-----");
    expect("Key (id, api_token)=(1, a)b) already exists.",
           "Key (id, api_token)=(******) already exists.");
    expect("Key (email)=(a@b) already exists.", "Key (email)=(a@b) already exists.");
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

/* What a server is to load stays what it is, but for passwords. */
static void
loaded(void **state)
{
    TALLOC_CTX *mem = *state;

    assert_string_equal(lk_secrets_hide_passwords(mem,
                                                  "CREATE ROLE a PASSWORD 'abc';\n"
                                                  "OPTIONS (api_key 'abc');\n"
                                                  "CHECK (token = 'abc' OR password_is = 'a')\n"
                                                  "CONNECTION 'postgresql://u:abc@h/d'"),
                        "CREATE ROLE a PASSWORD '***';\n"
                        "OPTIONS (api_key '***');\n"
                        "CHECK (token = 'abc' OR password_is = 'a')\n"
                        "CONNECTION 'postgresql://u:***@h/d'");
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
        lk_unit(no_secrets), lk_unit(other_words),          lk_unit(inserted),
        lk_unit(shapes),     lk_unit(what_is_said),         lk_unit(loaded),
        lk_unit(parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
