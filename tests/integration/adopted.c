/*
 * tests/integration/adopted.c
 *     Sites that other tools have worked on: see adopted.h.
 */
#include "tests/integration/adopted.h"

const struct lk_adopted lk_adopted[] = {
    {
        .name = "alembic",
        .naming = "plain",
        .table = "alembic_version",
        .tables = "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL,"
                  " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));"
                  " INSERT INTO alembic_version VALUES ('ae10')",
        .files = {{"0001_f975ea83b712_one.sql", LK_ADOPTED_ONE},
                  {"0002_ae10_two.sql", LK_ADOPTED_TWO},
                  {"0003_ae1_three.sql", LK_ADOPTED_THREE}},
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
        .files = {{"20260101000000_one.sql", LK_ADOPTED_ONE},
                  {"20260102000000_two.sql", LK_ADOPTED_TWO},
                  {"20260103000000_three.sql", LK_ADOPTED_THREE},
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
        .files = {{"20260101000000_one.sql", "-- migrate:up\n" LK_ADOPTED_ONE "-- migrate:down\n"},
                  {"20260102000000_two.sql", "-- migrate:up\n" LK_ADOPTED_TWO "-- migrate:down\n"},
                  {"20260103000000_three.sql",
                   "-- migrate:up\n" LK_ADOPTED_THREE "-- migrate:down\n"}},
    },
    {
        .name = "diesel",
        .naming = "diesel",
        .table = "__diesel_schema_migrations",
        .tables = "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY NOT"
                  " NULL, run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP);"
                  " INSERT INTO __diesel_schema_migrations VALUES ('20260101000000'),"
                  " ('20260102000000')",
        .files = {{"2026-01-01-000000_one/up.sql", LK_ADOPTED_ONE},
                  {"2026-01-02-000000_two/up.sql", LK_ADOPTED_TWO},
                  {"2026-01-03-000000_three/up.sql", LK_ADOPTED_THREE},
                  {"2026-01-01-000000_one/down.sql", "DROP TABLE one;\n"},
                  {"2026-01-02-000000_two/down.sql", "DROP TABLE two;\n"},
                  {"2026-01-03-000000_three/down.sql", "DROP TABLE three;\n"}},
    },
    {
        .name = "drizzle",
        .naming = "drizzle",
        .table = "drizzle.__drizzle_migrations",
        .tables =
            "CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial"
            " PRIMARY KEY, hash text NOT NULL, created_at bigint);"
            " INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES"
            " (encode(sha256(convert_to(E'" LK_ADOPTED_ONE "', 'UTF8')), 'hex'), 1767225600000),"
            " (encode(sha256(convert_to(E'" LK_ADOPTED_TWO "', 'UTF8')), 'hex'), 1767312000000)",
        .files = {{"0000_one.sql", LK_ADOPTED_ONE},
                  {"0001_two.sql", LK_ADOPTED_TWO},
                  {"0002_three.sql", LK_ADOPTED_THREE},
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
        .files = {{"V1__one.sql", LK_ADOPTED_ONE},
                  {"V2__two.sql", LK_ADOPTED_TWO},
                  {"V3__three.sql", LK_ADOPTED_THREE}},
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
        .files = {{"000001_one.up.sql", LK_ADOPTED_ONE},
                  {"000002_two.up.sql", LK_ADOPTED_TWO},
                  {"000003_three.up.sql", LK_ADOPTED_THREE},
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
        .files = {{"00001_one.sql", "-- +goose Up\n" LK_ADOPTED_ONE},
                  {"00002_two.sql", "-- +goose Up\n" LK_ADOPTED_TWO},
                  {"00003_three.sql", "-- +goose Up\n" LK_ADOPTED_THREE}},
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
        .files = {{"committed/000001.sql",
                   "--! Previous: -\n--! Hash: "
                   "sha1:35dc69a24888b5212827c31ec5317e0293082a67\n\n" LK_ADOPTED_ONE},
                  {"committed/000002-two.sql",
                   "--! Previous: sha1:35dc69a24888b5212827c31ec5317e0293082a67\n"
                   "--! Hash: sha1:4e904be14b3e6c077c5427a71b034bbd3643580d\n\n" LK_ADOPTED_TWO},
                  {"committed/000003.sql",
                   "--! Previous: sha1:4e904be14b3e6c077c5427a71b034bbd3643580d\n"
                   "--! Hash: sha1:4ac0d20560a0d50b0aa2b260418ea443bb53471b\n\n" LK_ADOPTED_THREE}},
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
        .files = {{"20260101000000_one.sql", LK_ADOPTED_ONE},
                  {"20260102000000_two.sql", LK_ADOPTED_TWO},
                  {"20260103000000_three.sql", LK_ADOPTED_THREE}},
    },
    {
        .name = "node-pg-migrate",
        .naming = "node-pg-migrate",
        .table = "pgmigrations",
        .tables = "CREATE TABLE pgmigrations (id serial PRIMARY KEY, name varchar(255) NOT NULL,"
                  " run_on timestamp NOT NULL);"
                  " INSERT INTO pgmigrations (name, run_on) VALUES ('1767225600000_one', now()),"
                  " ('1767312000000_two', now())",
        .files = {{"1767225600000_one.sql", "-- Up Migration\n" LK_ADOPTED_ONE},
                  {"1767312000000_two.sql", "-- Up Migration\n" LK_ADOPTED_TWO},
                  {"1767398400000_three.sql", "-- Up Migration\n" LK_ADOPTED_THREE}},
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
                  " ('a', encode(sha256(convert_to(E'" LK_ADOPTED_ONE "', 'UTF8')), 'hex'), now(),"
                  " '20260101000000_one', NULL, '2026-01-01'),"
                  " ('b', 'x', NULL, '20260102000000_two', now(), '2026-01-02'),"
                  " ('c', encode(sha256(convert_to(E'" LK_ADOPTED_TWO "', 'UTF8')), 'hex'), now(),"
                  " '20260102000000_two', NULL, '2026-01-03'),"
                  " ('d', 'x', NULL, '20260103000000_three', now(), '2026-01-04')",
        .files = {{"20260101000000_one/migration.sql", LK_ADOPTED_ONE},
                  {"20260102000000_two/migration.sql", LK_ADOPTED_TWO},
                  {"20260103000000_three/migration.sql", LK_ADOPTED_THREE},
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
        .files = {{"20260101000000_one.sql", LK_ADOPTED_ONE},
                  {"20260102000000_two.sql", LK_ADOPTED_TWO},
                  {"20260103000000_three.sql", LK_ADOPTED_THREE}},
    },
    {
        .name = "sql-migrate",
        .naming = "sql-migrate",
        .table = "gorp_migrations",
        .tables = "CREATE TABLE gorp_migrations (id text NOT NULL PRIMARY KEY, applied_at"
                  " timestamptz);"
                  " INSERT INTO gorp_migrations VALUES ('1_one.sql', now()), ('2_two.sql', now())",
        .files = {{"1_one.sql", "-- +migrate Up\n" LK_ADOPTED_ONE},
                  {"2_two.sql", "-- +migrate Up\n" LK_ADOPTED_TWO},
                  {"3_three.sql", "-- +migrate Up\n" LK_ADOPTED_THREE}},
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
        .files = {{"deploy/one.sql", LK_ADOPTED_ONE},
                  {"deploy/two.sql", LK_ADOPTED_TWO},
                  {"deploy/three.sql", LK_ADOPTED_THREE},
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
                  " (20260101000000, 'one', now(), true, sha384(convert_to(E'" LK_ADOPTED_ONE
                  "', 'UTF8')),"
                  " 5),"
                  " (20260102000000, 'two', now(), true, sha384(convert_to(E'" LK_ADOPTED_TWO
                  "', 'UTF8')),"
                  " 5)",
        .files = {{"20260101000000_one.sql", LK_ADOPTED_ONE},
                  {"20260102000000_two.sql", LK_ADOPTED_TWO},
                  {"20260103000000_three.sql", LK_ADOPTED_THREE}},
        .unfinished = "UPDATE _sqlx_migrations SET success = false WHERE description = 'two'",
        .forget = "UPDATE _sqlx_migrations SET checksum = sha384('') WHERE description = 'two'",
    },
    {
        .name = "tern",
        .naming = "tern",
        .table = "schema_version",
        .tables = "CREATE TABLE schema_version (version int4 NOT NULL PRIMARY KEY);"
                  " INSERT INTO schema_version VALUES (2)",
        .files = {{"001_one.sql", LK_ADOPTED_ONE},
                  {"002_two.sql", LK_ADOPTED_TWO},
                  {"003_three.sql", LK_ADOPTED_THREE}},
        .key = "9628173550095224",
    },
};

const size_t lk_adopted_count = LK_ARRAY_SIZE(lk_adopted);

const struct lk_adopted *
lk_adopted_find(const char *name)
{
    for (size_t i = 0; i < lk_adopted_count; i++)
        if (strcmp(lk_adopted[i].name, name) == 0)
            return &lk_adopted[i];
    fail_msg("no tool %s", name);
    return NULL;
}

void
lk_adopted_lay_out(const struct lk_site *site, const struct lk_adopted *tool)
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
