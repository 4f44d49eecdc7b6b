/*
 * tests/integration/test_hostile.c
 *     Names that nobody would choose, and databases in which functions, operators, types and tables
 *     are not what they are called.
 */
#include "tests/integration/site.h"

/* ---- a search_path that lies ---- */

/*
 * Everything in pg_catalog that can be shadowed is, in a schema that comes before it: whoever calls
 * the wrong one hears of it.
 */
#define TRAPS                                                                                      \
    "SET search_path = pg_catalog; SET check_function_bodies = off; SET client_min_messages = "    \
    "error;"                                                                                       \
    " CREATE SCHEMA trap; GRANT USAGE ON SCHEMA trap TO PUBLIC;"                                   \
    " CREATE FUNCTION trap.refuse() RETURNS boolean LANGUAGE plpgsql AS"                           \
    " $$ BEGIN RAISE 'caught in a trap'; END $$;"                                                  \
    " DO $do$ DECLARE it record; BEGIN"                                                            \
    " FOR it IN SELECT proname, proretset, prorettype::regtype AS result,"                         \
    "   pg_get_function_identity_arguments(oid) AS args FROM pg_proc"                              \
    "   WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f'"                         \
    "   AND NOT 'internal'::regtype = ANY (proargtypes) LOOP"                                      \
    "   BEGIN EXECUTE format('CREATE FUNCTION trap.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS "      \
    "     $f$ BEGIN RAISE ''caught in a trap: %%'', %L; END $f$', it.proname, it.args,"            \
    "     CASE WHEN it.proretset THEN 'SETOF' ELSE '' END, it.result, it.proname);"                \
    "   EXCEPTION WHEN others THEN NULL; END; END LOOP;"                                           \
    " FOR it IN SELECT oid, oprname, oprleft::regtype AS l, oprright::regtype AS r,"               \
    "   oprresult::regtype AS result FROM pg_operator"                                             \
    "   WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b' LOOP"                    \
    "   BEGIN EXECUTE format('CREATE FUNCTION trap.operator_%s(a %s, b %s) RETURNS %s LANGUAGE"    \
    "     plpgsql AS $f$ BEGIN RAISE ''caught in a trap: %%'', %L; END $f$', it.oid, it.l, it.r,"  \
    "     it.result, it.oprname);"                                                                 \
    "   EXECUTE format('CREATE OPERATOR trap.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION ="          \
    "     trap.operator_%s)', it.oprname, it.l, it.r, it.oid);"                                    \
    "   EXCEPTION WHEN others THEN NULL; END; END LOOP;"                                           \
    " FOR it IN SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace"       \
    "   AND typtype = 'b' AND typcategory <> 'A' LOOP"                                             \
    "   BEGIN EXECUTE format('CREATE DOMAIN trap.%I AS pg_catalog.%I CHECK (trap.refuse())',"      \
    "     it.typname, it.typname); EXCEPTION WHEN others THEN NULL; END; END LOOP;"                \
    " FOR it IN SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace"      \
    "   AND relkind IN ('r', 'v') LOOP"                                                            \
    "   EXECUTE format('CREATE VIEW trap.%I AS SELECT trap.refuse()', it.relname); END LOOP;"      \
    " END $do$;"                                                                                   \
    " CREATE FUNCTION trap.step(bigint) RETURNS bigint LANGUAGE plpgsql AS"                        \
    " $$ BEGIN RAISE 'caught in a trap: an aggregate'; END $$;"                                    \
    " CREATE AGGREGATE trap.count(*) (SFUNC = trap.step, STYPE = bigint)"

/* set_traps makes the site's database such a one, for all sessions that come. */
static void
set_traps(const struct lk_site *site)
{
    lk_site_exec(site, TRAPS);
    /* as many as there can be: the test would be nothing without them */
    lk_site_expect_value(site,
                         "SELECT count(*) > 2000, (SELECT count(*) > 600 FROM pg_operator"
                         " WHERE oprnamespace = 'trap'::regnamespace) FROM pg_proc"
                         " WHERE pronamespace = 'trap'::regnamespace",
                         "t|t");
    lk_site_exec(site, lk_fmt(site->mem,
                              "RESET search_path; ALTER DATABASE %s SET search_path ="
                              " trap, pg_catalog, public",
                              site->database));
}

#define TEMPORARY                                                                                  \
    "CREATE TEMP TABLE text (a int);\nCREATE TEMP TABLE oid (a int);\n"                            \
    "CREATE TEMP TABLE pg_class (a int);\nCREATE TEMP TABLE pg_index (a int);\n"                   \
    "CREATE TEMP TABLE migration (a int);\nCREATE TEMP TABLE journal (a int);\n"

static void
write_migrations(const struct lk_site *site)
{
    lk_site_migration(site, "V1__tables.sql",
                      "CREATE TABLE public.a (id int PRIMARY KEY, b int);\n"
                      "CREATE TABLE public.p (id int) PARTITION BY LIST (id);\n"
                      "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1);\n");
    lk_site_migration(site, "V2__temporary.sql",
                      TEMPORARY "CREATE INDEX CONCURRENTLY b_idx ON public.a (b);\n"
                                "CREATE INDEX CONCURRENTLY ON public.a (b);\n"
                                "REINDEX INDEX CONCURRENTLY public.b_idx;\n"
                                "DROP INDEX CONCURRENTLY public.b_idx;\n");
    lk_site_migration(site, "V3__detach.sql",
                      "ALTER TABLE public.p DETACH PARTITION public.p1 CONCURRENTLY;\n");
    lk_site_migration(site, "V4__column.sql", "ALTER TABLE public.a ADD COLUMN c int;\n");
    lk_site_migration(site, "U4__column.sql", "ALTER TABLE public.a DROP COLUMN c;\n");
    lk_site_migration(site, "R__view.sql",
                      "CREATE OR REPLACE VIEW public.v AS SELECT id FROM public.a;\n");
}

static void
test_traps(void **state)
{
    const struct lk_site *site = *state;

    set_traps(site);
    write_migrations(site);
    lk_site_expect(site, "plan migrations", 0);
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect(site, "status --exit-code migrations", 0);
    lk_site_expect(site, "status --runs migrations", 0);
    lk_site_expect(site, "status --run 1 migrations", 0);
    lk_site_expect(site, "validate migrations", 0);
    lk_site_expect(site, "rollback --no-gate --steps 1 migrations", 0);
    lk_site_expect(site, "skip 4 --reason no migrations", 0);
    lk_site_expect(site, "retry 4 --no-gate migrations", 0);
    lk_site_migration(site, "V5__fails.sql", "SELECT pg_catalog.int4div(1, 0);\n");
    lk_site_expect(site, "apply --no-gate migrations", 6);
    lk_site_expect(site, "repair migrations", 0);
    lk_site_expect(site, "skip 5 --reason no migrations", 0);
    lk_site_exec(site, "DROP SCHEMA lockkeeper CASCADE");
    lk_site_expect(site, "baseline --at 5 migrations", 0);
}

/* fails_and_goes_on has a statement fail for as long as a gate is closed, and clears up behind it.
 */
static void
fails_and_goes_on(const struct lk_site *site, const char *name, const char *statement)
{
    lk_site_exec(site, "DELETE FROM public.opened");
    lk_site_migration(
        site, name,
        lk_fmt(site->mem, "-- lockkeeper: transaction off\n%s%s", TEMPORARY, statement));
    lk_site_expect(site, "apply --no-gate migrations", 7);
    lk_site_expect_value(site, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0");
    lk_site_open_gate(site, 1);
    lk_site_expect(site, "apply --no-gate migrations", 0);
}

/* What is looked up behind a statement that failed half way. */
static void
test_traces_in_traps(void **state)
{
    const struct lk_site *site = *state;

    lk_site_make_gates(site);
    lk_site_exec(site,
                 "CREATE TABLE a (id int, b text); INSERT INTO a VALUES (1, 'x');"
                 " CREATE FUNCTION pass(int) RETURNS int IMMUTABLE LANGUAGE plpgsql"
                 " SET search_path = public AS $$ BEGIN IF NOT EXISTS (SELECT FROM public.opened)"
                 " THEN RAISE 'closed'; END IF; RETURN $1; END $$;"
                 " INSERT INTO opened VALUES (1); CREATE INDEX passed ON a (pass(id))");
    set_traps(site);
    fails_and_goes_on(site, "V1__create.sql",
                      "CREATE INDEX CONCURRENTLY named ON public.a (public.pass(id));\n");
    fails_and_goes_on(site, "V2__create.sql",
                      "CREATE INDEX CONCURRENTLY ON public.a (public.pass(id));\n");
    fails_and_goes_on(site, "V3__reindex.sql", "REINDEX INDEX CONCURRENTLY public.passed;\n");
    fails_and_goes_on(site, "V4__reindex.sql", "REINDEX TABLE CONCURRENTLY public.a;\n");
    lk_site_expect_value(site, "SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass", "3");
}

/* What the second connection looks at, while the first one waits for somebody to be ended. */
static void
test_watch_in_traps(void **state)
{
    const struct lk_site *site = *state;

    lk_site_config(site, "apply: {lock_timeout: 50s, end_blockers: [\"report*\"]}\n");
    lk_site_exec(site, "CREATE TABLE a (id int)");
    set_traps(site);
    lk_site_migration(site, "V1__b.sql", "ALTER TABLE public.a ADD COLUMN b int;\n");
    PGconn *idle = lk_site_connect(site);
    lk_site_send(idle, "SET application_name = 'reports'; BEGIN; LOCK TABLE public.a");
    struct lk_output output = lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_expect_text(output.err, "as the configuration allows");
    PQfinish(idle);
}

/* ---- who writes the history ---- */

/*
 * A migration may become somebody who may not even see the history: its row is written all the
 * same, by who started the run, and what comes next is carried out by that one again.
 */
static void
becomes(const struct lk_site *site, const char *sql)
{
    lk_site_exec(site, lk_fmt(site->mem,
                              "CREATE ROLE nobody_%s; GRANT CREATE, USAGE ON SCHEMA public TO"
                              " nobody_%s; CREATE TABLE a (id int)",
                              site->database, site->database));
    sql = lk_fmt(site->mem, "%s nobody_%s;\n", sql, site->database);
    lk_site_migration(site, "V1__whole.sql",
                      lk_fmt(site->mem, "%sCREATE TABLE b (id int);\n", sql));
    lk_site_migration(site, "V2__parts.sql",
                      lk_fmt(site->mem,
                             "%sCREATE TABLE c (id int);\nCREATE INDEX CONCURRENTLY c_idx ON c "
                             "(id);\n",
                             sql));
    lk_site_migration(site, "V3__alone.sql",
                      lk_fmt(site->mem,
                             "-- lockkeeper: transaction off\n%sCREATE TABLE d (id int);\n"
                             "CREATE INDEX CONCURRENTLY d_idx ON d (id);\n",
                             sql));
    lk_site_migration(site, "V4__own.sql", "CREATE TABLE e (id int);\n");
    lk_site_expect(site, "apply --no-gate migrations", 0);
    lk_site_expect_value(site, "SELECT DISTINCT status, who FROM lockkeeper.migration",
                         "applied|postgres");
    lk_site_expect_value(site,
                         "SELECT relname, relowner::regrole = 'postgres'::regrole FROM pg_class"
                         " WHERE relname IN ('b', 'c', 'd', 'e') ORDER BY 1",
                         "b|f\nc|f\nd|f\ne|t");
    lk_site_exec(site, lk_fmt(site->mem, "DROP OWNED BY nobody_%s; DROP ROLE nobody_%s",
                              site->database, site->database));
}

static void
test_role(void **state)
{
    becomes(*state, "SET ROLE");
}

static void
test_session_authorization(void **state)
{
    becomes(*state, "SET SESSION AUTHORIZATION");
}

/* ---- names ---- */

#define LONG "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk" /* 63 bytes */

/* Names of databases, roles, schemas, tables, folders and files alike. */
static const char *const names[] = {
    "it's",
    "say \"it\"",
    "100%s%n",
    "back\\slash\\",
    "two\nlines",
    "-c",
    "--to",
    "$1$$",
    "\xC3\xBCn\xC3\xAF\xE2\x82\xAC\xF0\x9F\x9A\xAA",
    "a;b--c/*",
    "{x}",
    "host=nowhere",
    LONG,
};

/* identifier returns a name as SQL has it. */
static char *
identifier(const struct lk_site *site, const char *name)
{
    char *quoted = PQescapeIdentifier(site->pg, name, strlen(name));
    char *copy = lk_strdup(site->mem, quoted);

    PQfreemem(quoted);
    return copy;
}

/* conninfo_value returns a value as a conninfo has it. */
static char *
conninfo_value(const struct lk_site *site, const char *value)
{
    char *quoted = lk_new_array(site->mem, char, 2 * strlen(value) + 3), *at = quoted;

    *at++ = '\'';
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            *at++ = '\\';
        *at++ = *value;
    }
    *at++ = '\'';
    return quoted;
}

static struct lk_output
run_at(const struct lk_site *site, const char *url, const char *verb, const char *option,
       const char *folder)
{
    const char *args[] = {LK_BINARY, verb, "--color=never", "--url", url,
                          option,    "--", folder,          NULL};
    struct lk_process process = lk_process_start(site->dir, args);

    return lk_process_wait(site->mem, &process);
}

static void
expect_at(const struct lk_site *site, const char *url, const char *verb, const char *option,
          const char *folder)
{
    struct lk_output output = run_at(site, url, verb, option, folder);

    lk_expect_exit(&output, 0);
}

/* goes_by has a database, its user, a schema, a table, an index and the files go by one name. */
static void
goes_by(const struct lk_site *site, const char *name)
{
    char *id = identifier(site, name), *folder = lk_fmt(site->mem, "m%s", name);
    char *url =
        lk_fmt(site->mem, "host=%s user=%s dbname=%s application_name=%s", site->server->folder,
               conninfo_value(site, name), conninfo_value(site, name), conninfo_value(site, name));

    for (char *at = folder; *at != '\0'; at++)
        if (*at == '/')
            *at = '_';
    lk_site_exec(site, lk_fmt(site->mem, "CREATE ROLE %s LOGIN SUPERUSER", id));
    lk_site_exec(site, lk_fmt(site->mem, "CREATE DATABASE %s OWNER %s", id, id));
    lk_test_write(site->dir, lk_fmt(site->mem, "%s/V1__%s.sql", folder, folder + 1),
                  lk_fmt(site->mem,
                         "CREATE SCHEMA %s;\nCREATE TABLE %s.%s (%s int);\nSET ROLE %s;\n", id, id,
                         id, id, id));
    lk_test_write(site->dir, lk_fmt(site->mem, "%s/V2__i.sql", folder),
                  lk_fmt(site->mem,
                         "SET search_path = %s;\nCREATE INDEX CONCURRENTLY i ON %s (%s);\n"
                         "REINDEX TABLE CONCURRENTLY %s.%s;\nREINDEX INDEX CONCURRENTLY i;\n"
                         "DROP INDEX CONCURRENTLY %s.i;\n",
                         id, id, id, id, id, id));
    expect_at(site, url, "apply", "--no-gate", folder);
    expect_at(site, url, "status", "--exit-code", folder);
    expect_at(site, url, "validate", "-q", folder);
    PGconn *pg = PQconnectdb(url);
    PGresult *result = PQexec(pg, "SELECT script, status, who FROM lockkeeper.migration"
                                  " ORDER BY rank");
    assert_int_equal(PQntuples(result), 2);
    assert_string_equal(PQgetvalue(result, 0, 0), lk_fmt(site->mem, "V1__%s.sql", folder + 1));
    assert_string_equal(PQgetvalue(result, 0, 2), name);
    PQclear(result);
    PQfinish(pg);
    lk_site_exec(site, lk_fmt(site->mem, "DROP DATABASE %s WITH (FORCE)", id));
    lk_site_exec(site, lk_fmt(site->mem, "DROP ROLE %s", id));
}

static void
test_names(void **state)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++)
        goes_by(*state, names[i]);
}

/* Half built indexes of such names are found and taken back as well. */
static void
test_names_half_way(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
        char *id = identifier(site, names[i]);
        lk_site_exec(site, lk_fmt(site->mem,
                                  "CREATE SCHEMA %s; CREATE TABLE %s.%s (a int, b int);"
                                  " INSERT INTO %s.%s VALUES (1, 1), (1, 2)",
                                  id, id, id, id, id));
        lk_site_migration(site, lk_fmt(site->mem, "V%zu__i.sql", i + 1),
                          lk_fmt(site->mem,
                                 "CREATE INDEX CONCURRENTLY ON %s.%s (b);\n"
                                 "CREATE UNIQUE INDEX CONCURRENTLY \"%zu\" ON %s.%s (a);\n",
                                 id, id, i, id, id));
        lk_site_expect(site, "apply --no-gate migrations", 7);
        lk_site_expect_value(site, "SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0");
        lk_site_exec(site, lk_fmt(site->mem, "DELETE FROM %s.%s WHERE b = 2", id, id));
        lk_site_expect(site, "apply --no-gate migrations", 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        lk_site_test(test_traps),
        lk_site_test(test_traces_in_traps),
        lk_site_test(test_watch_in_traps),
        lk_site_test(test_role),
        lk_site_test(test_session_authorization),
        lk_site_test(test_names),
        lk_site_test(test_names_half_way),
    };

    return lk_site_main("hostile", tests, LK_ARRAY_SIZE(tests));
}
