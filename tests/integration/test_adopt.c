/*
 * tests/integration/test_adopt.c
 *     Taking over from other tools: tables as those make them, of which the first two migrations
 *     are applied and the third one is not.
 */
#include <unistd.h>

#include "tests/integration/site.h"

#define ONE "CREATE TABLE one (id int);\n"
#define TWO "CREATE TABLE two (id int);\n"
#define THREE "CREATE TABLE three (id int);\n"

/* What a history holds of the first two. */
#define ADOPTED                                                                                    \
    "SELECT script, status, reason FROM lockkeeper.migration WHERE status <> 'baseline'"           \
    " ORDER BY rank"

struct file {
    const char *name;
    const char *text;
};

static const struct tool {
    const char *name;
    const char *naming;
    const char *tables;     /* DDL and rows */
    const char *table;      /* the history */
    struct file files[8];   /* the first three are the migrations */
    const char *unfinished; /* SQL that makes it a history that stopped half way; or NULL */
    const char *key;        /* of the tool's lock; or NULL */
    const char *forget;     /* SQL that takes a migration that is there away: "changed" or NULL */
} tools[] = {
    {
        .name = "alembic",
        .naming = "plain",
        .table = "alembic_version",
        .tables = "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL,"
                  " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
                  " INSERT INTO alembic_version VALUES ('ae10')",
        .files = {{"0001_f975ea83b712_one.sql", ONE},
                  {"0002_ae10_two.sql", TWO},
                  {"0003_ae1_three.sql", THREE}},
    },
    {
        .name = "atlas",
        .naming = "atlas",
        .table = "atlas_schema_revisions.atlas_schema_revisions",
        .tables =
            "CREATE SCHEMA atlas_schema_revisions; CREATE TABLE"
            " atlas_schema_revisions.atlas_schema_revisions (version varchar NOT NULL PRIMARY KEY,"
            " description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL"
            " DEFAULT 0, total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL,"
            " execution_time bigint NOT NULL, error text, error_stmt text, hash varchar NOT NULL,"
            " partial_hashes jsonb, operator_version varchar NOT NULL);"
            " INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES"
            " ('.atlas_cloud_identifier', 'x', 2, 0, 0, now(), 0, NULL, NULL, '', NULL, ''),"
            " ('20260101000000', 'one', 2, 1, 1, '2026-01-01 10:00+00', 5, NULL, NULL,"
            " '7YbpFn7sf4fdYWFA8N3CHXOXDs2BtJ2uvJeXlgCCDPU=', NULL, 'v1'),"
            " ('20260102000000', 'two', 2, 1, 1, '2026-01-02 10:00+00', 5, '', NULL,"
            " 'TbnJwkR96wr6MwfUYLHCixbOEAuNigEWQ6rHeei7W8o=', NULL, 'v1')",
        .files = {{"20260101000000_one.sql", ONE},
                  {"20260102000000_two.sql", TWO},
                  {"20260103000000_three.sql", THREE},
                  {"atlas.sum",
                   "h1:BmJih4DaQOw3bREK7bHWqTHtoLwgenXdvK0+UtrwLf8=\n"
                   "20260101000000_one.sql h1:7YbpFn7sf4fdYWFA8N3CHXOXDs2BtJ2uvJeXlgCCDPU=\n"
                   "20260102000000_two.sql h1:TbnJwkR96wr6MwfUYLHCixbOEAuNigEWQ6rHeei7W8o=\n"
                   "20260103000000_three.sql h1:6O2IRmxdh8Zaf3RW9JQijp0HHmCbCI6/HxwrW3CFq50=\n"}},
        .unfinished = "UPDATE atlas_schema_revisions.atlas_schema_revisions SET applied = 0,"
                      " error = 'no' WHERE version = '20260102000000'",
        .key = "2686470616",
        .forget = "UPDATE atlas_schema_revisions.atlas_schema_revisions SET hash = 'AAAA='"
                  " WHERE version = '20260102000000'",
    },
    {
        .name = "dbmate",
        .naming = "dbmate",
        .table = "schema_migrations",
        .tables = "CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
                  " INSERT INTO schema_migrations VALUES ('20260102000000'), ('20260101000000')",
        .files = {{"20260101000000_one.sql", "-- migrate:up\n" ONE "-- migrate:down\n"},
                  {"20260102000000_two.sql", "-- migrate:up\n" TWO "-- migrate:down\n"},
                  {"20260103000000_three.sql", "-- migrate:up\n" THREE "-- migrate:down\n"}},
    },
    {
        .name = "diesel",
        .naming = "diesel",
        .table = "__diesel_schema_migrations",
        .tables = "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY NOT"
                  " NULL, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);"
                  " INSERT INTO __diesel_schema_migrations VALUES ('20260101000000'),"
                  " ('20260102000000')",
        .files = {{"2026-01-01-000000_one/up.sql", ONE},
                  {"2026-01-02-000000_two/up.sql", TWO},
                  {"2026-01-03-000000_three/up.sql", THREE},
                  {"2026-01-01-000000_one/down.sql", "DROP TABLE one;\n"},
                  {"2026-01-02-000000_two/down.sql", "DROP TABLE two;\n"},
                  {"2026-01-03-000000_three/down.sql", "DROP TABLE three;\n"}},
    },
    {
        .name = "drizzle",
        .naming = "drizzle",
        .table = "drizzle.__drizzle_migrations",
        .tables = "CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial"
                  " PRIMARY KEY, hash text NOT NULL, created_at bigint);"
                  " INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES"
                  " (encode(sha256(convert_to(E'" ONE "', 'UTF8')), 'hex'), 1767225600000),"
                  " (encode(sha256(convert_to(E'" TWO "', 'UTF8')), 'hex'), 1767312000000)",
        .files = {{"0000_one.sql", ONE},
                  {"0001_two.sql", TWO},
                  {"0002_three.sql", THREE},
                  {"meta/_journal.json",
                   "{\"version\":\"7\",\"dialect\":\"postgresql\",\"entries\":["
                   "{\"idx\":0,\"when\":1767225600000,\"tag\":\"0000_one\"},"
                   "{\"idx\":1,\"when\":1767312000000,\"tag\":\"0001_two\"},"
                   "{\"idx\":2,\"when\":1767398400000,\"tag\":\"0002_three\"}]}\n"}},
    },
    {
        .name = "flyway",
        .naming = "flyway",
        .table = "flyway_schema_history",
        .tables = "CREATE TABLE flyway_schema_history (installed_rank int NOT NULL PRIMARY KEY,"
                  " version varchar(50), description varchar(200) NOT NULL, type varchar(20) NOT"
                  " NULL, script varchar(1000) NOT NULL, checksum int, installed_by varchar(100)"
                  " NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), execution_time int NOT"
                  " NULL, success boolean NOT NULL);"
                  " INSERT INTO flyway_schema_history VALUES"
                  " (1, '1', 'one', 'SQL', 'V1__one.sql', -787082930, 'ann', now(), 5, true),"
                  " (2, '2', 'two', 'SQL', 'V2__two.sql', 17, 'ann', now(), 5, true),"
                  " (3, '2', 'two', 'UNDO_SQL', 'U2__two.sql', 17, 'ann', now(), 5, true),"
                  " (4, '2', 'two', 'SQL', 'V2__two.sql', -238647330, 'ann', now(), 5, true)",
        .files = {{"V1__one.sql", ONE}, {"V2__two.sql", TWO}, {"V3__three.sql", THREE}},
        .unfinished = "UPDATE flyway_schema_history SET success = false WHERE installed_rank = 4",
        .key = "77433833903597",
        .forget = "UPDATE flyway_schema_history SET checksum = 18 WHERE installed_rank = 4",
    },
    {
        .name = "golang-migrate",
        .naming = "golang-migrate",
        .table = "schema_migrations",
        .tables = "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty"
                  " boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, false)",
        .files = {{"000001_one.up.sql", ONE},
                  {"000002_two.up.sql", TWO},
                  {"000003_three.up.sql", THREE},
                  {"000001_one.down.sql", "DROP TABLE one;\n"},
                  {"000002_two.down.sql", "DROP TABLE two;\n"},
                  {"000003_three.down.sql", "DROP TABLE three;\n"}},
        .unfinished = "UPDATE schema_migrations SET dirty = true",
        .key = "(SELECT '0')",
    },
    {
        .name = "goose",
        .naming = "goose",
        .table = "goose_db_version",
        .tables = "CREATE TABLE goose_db_version (id integer PRIMARY KEY GENERATED BY DEFAULT AS"
                  " IDENTITY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp"
                  " timestamp NOT NULL DEFAULT now());"
                  " INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true),"
                  " (1, true), (2, true), (3, true), (3, false)",
        .files = {{"00001_one.sql", "-- +goose Up\n" ONE},
                  {"00002_two.sql", "-- +goose Up\n" TWO},
                  {"00003_three.sql", "-- +goose Up\n" THREE}},
        .key = "4097083626",
    },
    {
        .name = "graphile-migrate",
        .naming = "graphile-migrate",
        .table = "graphile_migrate.migrations",
        .tables = "CREATE SCHEMA graphile_migrate; CREATE TABLE graphile_migrate.migrations (hash"
                  " text PRIMARY KEY, previous_hash text REFERENCES graphile_migrate.migrations,"
                  " filename text NOT NULL, date timestamptz NOT NULL DEFAULT now());"
                  " CREATE TABLE graphile_migrate.current (filename text PRIMARY KEY DEFAULT"
                  " 'current.sql', content text NOT NULL, date timestamptz NOT NULL DEFAULT now());"
                  " INSERT INTO graphile_migrate.migrations VALUES"
                  " ('sha1:35dc69a24888b5212827c31ec5317e0293082a67', NULL, '000001.sql'),"
                  " ('sha1:4e904be14b3e6c077c5427a71b034bbd3643580d',"
                  " 'sha1:35dc69a24888b5212827c31ec5317e0293082a67', '000002-two.sql')",
        .files =
            {{"committed/000001.sql",
              "--! Previous: -\n--! Hash: sha1:35dc69a24888b5212827c31ec5317e0293082a67\n\n" ONE},
             {"committed/000002-two.sql",
              "--! Previous: sha1:35dc69a24888b5212827c31ec5317e0293082a67\n"
              "--! Hash: sha1:4e904be14b3e6c077c5427a71b034bbd3643580d\n\n" TWO},
             {"committed/000003.sql",
              "--! Previous: sha1:4e904be14b3e6c077c5427a71b034bbd3643580d\n"
              "--! Hash: sha1:4ac0d20560a0d50b0aa2b260418ea443bb53471b\n\n" THREE}},
        .key = "4727445306447283",
        .forget = "UPDATE graphile_migrate.migrations SET hash = 'sha1:00' WHERE filename ="
                  " '000002-two.sql'",
    },
    {
        .name = "knex",
        .naming = "timestamp",
        .table = "knex_migrations",
        .tables = "CREATE TABLE knex_migrations (id serial PRIMARY KEY, name varchar(255), batch"
                  " int, migration_time timestamptz); CREATE TABLE knex_migrations_lock (index"
                  " serial PRIMARY KEY, is_locked int);"
                  " INSERT INTO knex_migrations_lock (is_locked) VALUES (0);"
                  " INSERT INTO knex_migrations (name, batch, migration_time) VALUES"
                  " ('20260101000000_one.js', 1, now()), ('20260102000000_second.js', 2, now())",
        .files = {{"20260101000000_one.sql", ONE},
                  {"20260102000000_two.sql", TWO},
                  {"20260103000000_three.sql", THREE}},
    },
    {
        .name = "node-pg-migrate",
        .naming = "node-pg-migrate",
        .table = "pgmigrations",
        .tables = "CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL,"
                  " run_on timestamp NOT NULL);"
                  " INSERT INTO pgmigrations (name, run_on) VALUES ('1767225600000_one', now()),"
                  " ('1767312000000_two', now())",
        .files = {{"1767225600000_one.sql", "-- Up Migration\n" ONE},
                  {"1767312000000_two.sql", "-- Up Migration\n" TWO},
                  {"1767398400000_three.sql", "-- Up Migration\n" THREE}},
        .key = "7241865325823964",
    },
    {
        .name = "prisma",
        .naming = "prisma",
        .table = "_prisma_migrations",
        .tables = "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY NOT NULL, checksum"
                  " varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT"
                  " NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL"
                  " DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);"
                  " INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name,"
                  " rolled_back_at, started_at) VALUES"
                  " ('a', encode(sha256(convert_to(E'" ONE "', 'UTF8')), 'hex'), now(),"
                  " '20260101000000_one', NULL, '2026-01-01'),"
                  " ('b', 'x', NULL, '20260102000000_two', now(), '2026-01-02'),"
                  " ('c', encode(sha256(convert_to(E'" TWO "', 'UTF8')), 'hex'), now(),"
                  " '20260102000000_two', NULL, '2026-01-03'),"
                  " ('d', 'x', NULL, '20260103000000_three', now(), '2026-01-04')",
        .files = {{"20260101000000_one/migration.sql", ONE},
                  {"20260102000000_two/migration.sql", TWO},
                  {"20260103000000_three/migration.sql", THREE},
                  {"migration_lock.toml", "provider = \"postgresql\"\n"}},
        .unfinished = "UPDATE _prisma_migrations SET finished_at = NULL WHERE id = 'c'",
        .key = "72707369",
        .forget = "UPDATE _prisma_migrations SET checksum = repeat('0', 64) WHERE id = 'c'",
    },
    {
        .name = "rails",
        .naming = "timestamp",
        .table = "schema_migrations",
        .tables = "CREATE TABLE schema_migrations (version varchar NOT NULL PRIMARY KEY);"
                  " CREATE TABLE ar_internal_metadata (key varchar NOT NULL PRIMARY KEY, value"
                  " varchar, created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);"
                  " INSERT INTO schema_migrations VALUES ('20260101000000'), ('20260102000000')",
        .files = {{"20260101000000_one.sql", ONE},
                  {"20260102000000_two.sql", TWO},
                  {"20260103000000_three.sql", THREE}},
    },
    {
        .name = "sql-migrate",
        .naming = "sql-migrate",
        .table = "gorp_migrations",
        .tables = "CREATE TABLE gorp_migrations (id text NOT NULL PRIMARY KEY, applied_at"
                  " timestamptz);"
                  " INSERT INTO gorp_migrations VALUES ('1_one.sql', now()), ('2_two.sql', now())",
        .files = {{"1_one.sql", "-- +migrate Up\n" ONE},
                  {"2_two.sql", "-- +migrate Up\n" TWO},
                  {"3_three.sql", "-- +migrate Up\n" THREE}},
    },
    {
        .name = "sqitch",
        .naming = "sqitch",
        .table = "sqitch.changes",
        .tables = "CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text PRIMARY KEY,"
                  " script_hash text, change text NOT NULL, project text NOT NULL, note text NOT"
                  " NULL DEFAULT '', committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),"
                  " committer_name text NOT NULL, committer_email text NOT NULL, planned_at"
                  " timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL,"
                  " UNIQUE (project, script_hash));"
                  " INSERT INTO sqitch.changes VALUES"
                  " ('a', '35dc69a24888b5212827c31ec5317e0293082a67', 'one', 'p', 'first',"
                  " '2026-01-01', 'Ann', 'a@x', now(), 'Ann', 'a@x'),"
                  " ('b', '338e095adcc0dced25e0a842ebb051fe2a3c552f', 'two', 'p', 'second',"
                  " '2026-01-02', 'Ann', 'a@x', now(), 'Ann', 'a@x')",
        .files = {{"deploy/one.sql", ONE},
                  {"deploy/two.sql", TWO},
                  {"deploy/three.sql", THREE},
                  {"sqitch.plan", "%syntax-version=1.0.0\n%project=p\n\n"
                                  "one 2026-01-01T00:00:00Z Ann <a@x> # first\n"
                                  "two 2026-01-02T00:00:00Z Ann <a@x> # second\n"
                                  "three 2026-01-03T00:00:00Z Ann <a@x> # third\n"}},
        .key = "75474063",
        .forget = "UPDATE sqitch.changes SET script_hash = repeat('0', 40) WHERE change_id = 'b'",
    },
    {
        .name = "sqlx",
        .naming = "sqlx",
        .table = "_sqlx_migrations",
        .tables = "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT"
                  " NULL, installed_on timestamptz NOT NULL DEFAULT now(), success boolean NOT"
                  " NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL);"
                  " INSERT INTO _sqlx_migrations VALUES"
                  " (20260101000000, 'one', now(), true, sha384(convert_to(E'" ONE "', 'UTF8')),"
                  " 5),"
                  " (20260102000000, 'two', now(), true, sha384(convert_to(E'" TWO "', 'UTF8')),"
                  " 5)",
        .files = {{"20260101000000_one.sql", ONE},
                  {"20260102000000_two.sql", TWO},
                  {"20260103000000_three.sql", THREE}},
        .unfinished = "UPDATE _sqlx_migrations SET success = false WHERE description = 'two'",
        .forget = "UPDATE _sqlx_migrations SET checksum = sha384('') WHERE description = 'two'",
    },
    {
        .name = "tern",
        .naming = "tern",
        .table = "schema_version",
        .tables = "CREATE TABLE schema_version (version int4 NOT NULL PRIMARY KEY);"
                  " INSERT INTO schema_version VALUES (2)",
        .files = {{"001_one.sql", ONE}, {"002_two.sql", TWO}, {"003_three.sql", THREE}},
        .key = "9628173550095224",
    },
};

static const struct tool *
find_tool(const char *name)
{
    for (size_t i = 0; i < LK_ARRAY_SIZE(tools); i++)
        if (strcmp(tools[i].name, name) == 0)
            return &tools[i];
    fail_msg("no tool %s", name);
    return NULL;
}

/* lay_out empties the site and makes it one that a tool has worked on. */
static void
lay_out(const struct lk_site *site, const struct tool *tool)
{
    const char *remove[] = {"rm", "-rf", "migrations", NULL};

    lk_test_run(site->mem, site->dir, remove, NULL);
    lk_site_exec(site,
                 "DO $$ DECLARE it text; BEGIN FOR it IN SELECT nspname FROM pg_namespace WHERE"
                 " nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP"
                 " EXECUTE format('DROP SCHEMA %I CASCADE', it); END LOOP;"
                 " CREATE SCHEMA public; END $$");
    lk_site_config(site, lk_fmt(site->mem,
                                "naming: %s\nmigrations: [migrations]\n"
                                "apply: {retry: {max_elapsed: 300ms, base: 5ms, cap: 20ms}}\n",
                                tool->naming));
    for (size_t i = 0; i < LK_ARRAY_SIZE(tool->files) && tool->files[i].name != NULL; i++)
        lk_site_migration(site, tool->files[i].name, tool->files[i].text);
    lk_site_exec(site, tool->tables);
}

/* rows_of returns all that a history of a tool holds. */
static char *
rows_of(const struct lk_site *site, const struct tool *tool)
{
    return lk_site_value(site,
                         lk_fmt(site->mem, "SELECT t::text FROM %s t ORDER BY 1", tool->table));
}

/* go_on wants a site whose first two migrations are adopted and whose third one is applied next. */
static void
go_on(const struct lk_site *site)
{
    lk_site_expect(site, "status --exit-code", 1);
    lk_site_expect_value(site,
                         "SELECT count(*), count(*) FILTER (WHERE status = 'applied')"
                         " FROM lockkeeper.migration",
                         "2|2");
    struct lk_output output = lk_site_expect(site, "apply --no-gate", 0);
    lk_expect_text(output.out, "1 migration applied");
    lk_site_expect_value(site,
                         "SELECT to_regclass('one') IS NULL, to_regclass('two') IS NULL,"
                         " to_regclass('three') IS NOT NULL",
                         "t|t|t");
    lk_site_expect(site, "status --exit-code", 0);
    lk_site_expect(site, "validate", 0);
}

static void
test_all(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(tools); i++) {
        const struct tool *tool = &tools[i];
        lay_out(site, tool);
        char *before = rows_of(site, tool);
        struct lk_output output = lk_site_expect(site, "adopt --dry-run", 0);
        lk_expect_text(output.out, lk_fmt(site->mem, "from %s, ", tool->name));
        lk_expect_text(output.out, "2 changes would be made");
        lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
        output = lk_site_expect(site, "adopt -f json", 0);
        lk_expect_text(output.out, lk_fmt(site->mem, "\"tool\": \"%s\"", tool->name));
        lk_site_expect_value(
            site, "SELECT count(*) FROM lockkeeper.migration WHERE status = 'applied'", "2");
        output = lk_site_expect(site, "adopt", 0);
        lk_expect_text(output.out, "nothing to do");
        go_on(site);
        output = lk_site_expect(site, lk_fmt(site->mem, "adopt --from %s", tool->name), 0);
        lk_expect_text(output.out, "nothing to do");
        assert_string_equal(rows_of(site, tool), before);
    }
}

static void
test_unfinished(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(tools); i++) {
        if (tools[i].unfinished == NULL)
            continue;
        lay_out(site, &tools[i]);
        lk_site_exec(site, tools[i].unfinished);
        struct lk_output output = lk_site_expect(site, "adopt", 8);
        lk_expect_text(output.err,
                       lk_fmt(site->mem, "%s has stopped in the middle of", tools[i].name));
        lk_expect_text(output.err, "Then adopt again.");
        lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
    }
}

static void
test_changed(void **state)
{
    const struct lk_site *site = *state;
    unsigned count = 0;

    for (size_t i = 0; i < LK_ARRAY_SIZE(tools); i++) {
        const struct tool *tool = &tools[i];
        if (tool->forget == NULL)
            continue;
        count++;
        lay_out(site, tool);
        lk_site_exec(site, tool->forget);
        struct lk_output output = lk_site_expect(site, "adopt", 8);
        lk_expect_text(output.err,
                       lk_fmt(site->mem, "changed since %s has applied them", tool->name));
        lk_expect_text(output.err, "two");
        lk_site_expect_value(site, "SELECT to_regnamespace('lockkeeper') IS NULL", "t");
        const char *script = tool->files[1].name;
        lk_site_expect(site, lk_fmt(site->mem, "adopt --accept migrations/%s", script), 0);
        go_on(site);
    }
    assert_int_equal(count, 6);
}

static void
test_missing(void **state)
{
    static const char *const names[] = {"dbmate", "knex", "prisma", "sqlx"};
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(names); i++) {
        const struct tool *tool = find_tool(names[i]);
        lay_out(site, tool);
        assert_int_equal(
            unlink(lk_fmt(site->mem, "%s/migrations/%s", site->dir, tool->files[0].name)), 0);
        struct lk_output output = lk_site_expect(site, "adopt", 8);
        lk_expect_text(output.err, "has applied what has no file here: 20260101000000");
        lk_expect_text(output.err, "--delete-missing");
        lk_site_expect(site, "adopt --delete-missing", 0);
        lk_expect_text(lk_site_expect(site, "adopt --delete-missing", 0).out, "nothing to do");
        lk_expect_text(lk_site_expect(site, "status", 0).out, "1 deleted");
        lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "1 migration applied");
    }
    /* of one that keeps its last version alone, the file has to be there */
    lay_out(site, find_tool("tern"));
    lk_site_exec(site, "UPDATE schema_version SET version = 7");
    lk_expect_text(lk_site_expect(site, "adopt", 8).err, "lockkeeper baseline --at VERSION");
}

static void
test_locks(void **state)
{
    const struct lk_site *site = *state;

    for (size_t i = 0; i < LK_ARRAY_SIZE(tools); i++) {
        const struct tool *tool = &tools[i];
        const char *key = tool->key;
        if (key == NULL)
            continue;
        lay_out(site, tool);
        if (strcmp(tool->name, "golang-migrate") == 0) /* the database's name is in it */
            continue;
        lk_site_exec(site, lk_fmt(site->mem, "BEGIN; SELECT pg_advisory_xact_lock(%s)", key));
        lk_expect_text(lk_site_expect(site, "adopt", 5).err,
                       lk_fmt(site->mem, "%s is working on", tool->name));
        lk_site_exec(site, "COMMIT");
        lk_site_expect(site, "adopt", 0);
    }
    lay_out(site, find_tool("knex"));
    lk_site_exec(site, "UPDATE knex_migrations_lock SET is_locked = 1");
    lk_expect_text(lk_site_expect(site, "adopt", 5).err, "knex migrate:unlock");
}

static void
test_choice(void **state)
{
    const struct lk_site *site = *state;
    const struct tool *dbmate = find_tool("dbmate");

    lay_out(site, dbmate);
    lk_site_exec(site, find_tool("knex")->tables);
    struct lk_output output = lk_site_expect(site, "adopt", 2);
    lk_expect_text(output.err, "histories of several tools: knex (public.knex_migrations), "
                               "dbmate (public.schema_migrations)");
    lk_expect_text(output.err, "--from TOOL");
    lk_expect_text(lk_site_expect(site, "adopt --from gose", 2).err, "Perhaps goose is meant");
    lk_expect_text(lk_site_expect(site, "adopt --from goose", 2).err, "has no history of goose");
    lk_site_expect(site, "adopt --from dbmate", 0);
    go_on(site);
    /* two of one tool, and one that is called otherwise */
    lay_out(site, dbmate);
    lk_site_exec(site, "CREATE SCHEMA other; CREATE TABLE other.schema_migrations (version varchar"
                       " PRIMARY KEY)");
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "--table SCHEMA.TABLE");
    lk_site_expect(site, "adopt --table public.schema_migrations", 0);
    go_on(site);
    lay_out(site, dbmate);
    lk_site_exec(site, "ALTER TABLE schema_migrations RENAME TO \"My versions\"");
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "no history of another tool");
    const char *args[] = {LK_BINARY,     "adopt", "--from",  "dbmate", "--table",
                          "My versions", "--url", site->url, NULL};
    output = lk_test_run(site->mem, site->dir, args, NULL);
    lk_expect_exit(&output, 0);
    go_on(site);
    /* nothing there at all */
    lay_out(site, dbmate);
    lk_site_exec(site, "DROP TABLE schema_migrations");
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "--query");
}

/* query runs adopt --query SQL. */
static struct lk_output
query(const struct lk_site *site, const char *sql, int exit_code)
{
    const char *args[] = {LK_BINARY, "adopt", "--query", sql, "--url", site->url, NULL};
    struct lk_output output = lk_test_run(site->mem, site->dir, args, NULL);

    lk_expect_exit(&output, exit_code);
    return output;
}

static void
test_query(void **state)
{
    const struct lk_site *site = *state;

    lay_out(site, find_tool("sqlx"));
    lk_site_exec(site, "CREATE TABLE done (v text, sum text, at timestamptz, who text);"
                       " INSERT INTO done VALUES ('20260101000000', md5(E'" ONE "'),"
                       " '2026-01-01 10:00+00', 'ann'), ('20260102000000', NULL,"
                       " '2026-01-02 10:00+00', NULL)");
    lk_expect_text(query(site, "SELECT v FROM done", 2).err, "the column v means nothing here");
    lk_expect_text(query(site, "SELECT sum AS checksum FROM done", 2).err,
                   "returns neither version nor script");
    lk_expect_text(query(site, "SELECT nothing", 2).err, "--query: column \"nothing\"");
    lk_expect_text(query(site, "DELETE FROM done", 2).err, "--query: ");
    lk_site_expect_value(site, "SELECT count(*) FROM done", "2");
    query(site,
          "SELECT v AS version, sum AS checksum, at AS installed_at, who AS installed_by FROM done"
          " ORDER BY v;",
          0);
    lk_site_expect_value(site,
                         "SELECT script, status, finished_at AT TIME ZONE 'UTC', who, reason FROM"
                         " lockkeeper.migration ORDER BY rank",
                         "20260101000000_one.sql|applied|2026-01-01 10:00:00|ann|by another tool,"
                         " of a query\n20260102000000_two.sql|applied|2026-01-02 10:00:00|postgres"
                         "|by another tool, of a query");
    go_on(site);
}

static void
test_flyway(void **state)
{
    const struct lk_site *site = *state;
    const struct tool *flyway = find_tool("flyway");

    lay_out(site, flyway);
    lk_site_migration(site, "R__view.sql", "CREATE OR REPLACE VIEW v AS SELECT 1;\n");
    lk_site_migration(site, "R__same.sql", ONE);
    lk_site_exec(site,
                 "UPDATE flyway_schema_history SET installed_rank = installed_rank + 10;"
                 " INSERT INTO flyway_schema_history VALUES"
                 " (0, NULL, '<< Flyway Schema Creation >>', 'SCHEMA', '\"public\"', NULL, 'x',"
                 " now(), 0, true),"
                 " (1, '0.5', '<< Flyway Baseline >>', 'BASELINE', '<< Flyway Baseline >>', NULL,"
                 " 'x', now(), 0, true),"
                 " (2, '0.7', 'java', 'JDBC', 'db.migration.V0_7__java', 1, 'x', now(), 0, true),"
                 " (3, '0.8', 'gone', 'SQL', 'V0_8__gone.sql', 1, 'x', now(), 0, true),"
                 " (4, '0.8', 'gone', 'DELETE', 'V0_8__gone.sql', 1, 'x', now(), 0, true),"
                 " (21, NULL, 'view', 'SQL', 'R__view.sql', 5, 'x', now(), 0, true),"
                 " (22, NULL, 'view', 'SQL', 'R__view.sql', 6, 'x', now(), 0, true),"
                 " (23, NULL, 'same', 'SQL', 'R__same.sql', -787082930, 'x', now(), 0, true)");
    lk_site_expect(site, "adopt", 0);
    lk_site_expect_value(site,
                         "SELECT kind, version, script, status FROM lockkeeper.migration"
                         " ORDER BY rank",
                         "baseline|0.5|<< baseline >>|baseline\n"
                         "versioned|0.7|db.migration.V0_7__java|deleted\n"
                         "versioned|1|V1__one.sql|applied\n"
                         "versioned|2|V2__two.sql|applied\n"
                         "repeatable||R__view.sql|applied\n"
                         "repeatable||R__same.sql|applied");
    /* what was another file is run again */
    struct lk_output output = lk_site_expect(site, "apply --no-gate", 0);
    lk_expect_text(output.out, "applied V3__three.sql");
    lk_expect_text(output.out, "applied R__view.sql");
    lk_expect_text(output.out, "2 migrations applied");
    lk_expect_text(lk_site_expect(site, "adopt", 0).out, "nothing to do");
}

/* A database that lockkeeper has kept in Flyway's form becomes its own. */
static void
test_own_flyway(void **state)
{
    const struct lk_site *site = *state;

    lay_out(site, find_tool("flyway"));
    lk_site_exec(site, "DROP TABLE flyway_schema_history");
    lk_site_config(site, "migrations: [migrations]\napply: {history: flyway}\n");
    lk_site_expect(site, "apply --no-gate --to 2", 0);
    lk_expect_text(lk_site_expect(site, "adopt", 2).err, "adopt writes the native history");
    lk_site_config(site, "migrations: [migrations]\n");
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 8).err, "lockkeeper adopt");
    lk_site_expect(site, "adopt", 0);
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "1 migration applied");
    lk_site_expect_value(site, "SELECT count(*) FROM flyway_schema_history", "2");
}

/* What was taken back here is not applied again by what the other tool still says. */
static void
test_taken_back(void **state)
{
    const struct lk_site *site = *state;

    lay_out(site, find_tool("golang-migrate"));
    lk_site_exec(site, ONE TWO);
    lk_site_expect(site, "adopt", 0);
    lk_site_expect(site, "rollback --no-gate", 0);
    lk_site_expect_value(site, "SELECT to_regclass('two') IS NULL", "t");
    lk_expect_text(lk_site_expect(site, "adopt", 0).out, "nothing to do");
    lk_expect_text(lk_site_expect(site, "apply --no-gate", 0).out, "2 migrations applied");
}

/* The reworked change of Sqitch is two changes of one name. */
static void
test_rework(void **state)
{
    const struct lk_site *site = *state;

    lay_out(site, find_tool("sqitch"));
    lk_site_migration(site, "deploy/one@v1.sql", ONE);
    lk_site_migration(site, "deploy/one.sql", TWO);
    assert_int_equal(unlink(lk_fmt(site->mem, "%s/migrations/deploy/two.sql", site->dir)), 0);
    lk_site_migration(site, "sqitch.plan",
                      "%syntax-version=1.0.0\n%project=p\n\n"
                      "one 2026-01-01T00:00:00Z Ann <a@x> # first\n"
                      "@v1 2026-01-01T00:00:00Z Ann <a@x> # tag\n\n"
                      "one [one@v1] 2026-01-02T00:00:00Z Ann <a@x> # second\n"
                      "three 2026-01-03T00:00:00Z Ann <a@x> # third\n");
    lk_site_exec(site, "UPDATE sqitch.changes SET change = 'one'");
    lk_site_expect(site, "adopt", 0);
    lk_site_expect_value(site, "SELECT script FROM lockkeeper.migration ORDER BY rank",
                         "deploy/one@v1.sql\ndeploy/one.sql");
    go_on(site);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        lk_site_test(test_all),     lk_site_test(test_unfinished), lk_site_test(test_changed),
        lk_site_test(test_missing), lk_site_test(test_locks),      lk_site_test(test_choice),
        lk_site_test(test_query),   lk_site_test(test_flyway),     lk_site_test(test_own_flyway),
        lk_site_test(test_rework),  lk_site_test(test_taken_back),
    };

    return lk_site_main("adopt", tests, LK_ARRAY_SIZE(tests));
}
