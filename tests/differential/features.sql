--
-- Statements that use what rules/features.def tells of, for tests/differential/test_features.c: behind
-- "-- !" stands the line of the table, then the SQLSTATEs that older servers refuse it with, "then"
-- what the others answer, if not success, and "alone" where it is no statement for a transaction.
-- What has no such comment prepares the ground.
--
CREATE ROLE somebody;
CREATE TABLE items (id integer PRIMARY KEY, name text, data jsonb);
CREATE TABLE sums (id integer, doubled integer GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE events (at timestamp);
CREATE TABLE parts (id integer) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (1) TO (2);
CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (2) TO (3);
CREATE TABLE kinds (
    char_it "char", bytea_it bytea, bpchar_it character(3), date_it date, float4_it float4,
    float8_it float8, inet_it inet, int2_it int2, int4_it int4, int8_it int8, interval_it
    interval, macaddr_it macaddr, macaddr8_it macaddr8, name_it name, numeric_it numeric,
    oid_it oid, pg_lsn_it pg_lsn, text_it text, tid_it tid, time_it time, timestamp_it
    timestamp, timestamptz_it timestamptz, timetz_it timetz, uuid_it uuid
);
CREATE TABLE sums_by_id (id integer, doubled integer GENERATED ALWAYS AS (id * 2) STORED)
    PARTITION BY RANGE (id);
CREATE VIEW names AS SELECT name FROM items;
CREATE SEQUENCE counter;
CREATE STATISTICS items_both ON id, name FROM items;
CREATE DOMAIN word AS text;
CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION distance(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2';
CREATE OPERATOR <-> (LEFTARG = integer, RIGHTARG = integer, FUNCTION = distance);
CREATE FOREIGN DATA WRAPPER wires;
CREATE SERVER nowhere FOREIGN DATA WRAPPER wires;
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE SUBSCRIPTION copy CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE);

-- ! DROP_EXPRESSION: 42601
ALTER TABLE sums ALTER COLUMN doubled DROP EXPRESSION;

-- ! DROP_DATABASE_FORCE: 42601, then 3D000, alone
DROP DATABASE nowhere WITH (FORCE);

-- ! WITH_TIES: 42601
SELECT id FROM items ORDER BY id FETCH FIRST 3 ROWS WITH TIES;

-- ! OPERATOR_CLASS_OPTIONS: 42601
CREATE INDEX ON items USING gist (to_tsvector('simple', name) tsvector_ops (siglen = 64));

-- ! ALTER_STATISTICS_TARGET: 42601
ALTER STATISTICS items_both SET STATISTICS 100;

-- ! ALTER_TYPE_SET: 42601, then 42704
ALTER TYPE nothing SET (STORAGE = extended);

-- ! RENAME_VIEW_COLUMN: 42601
ALTER VIEW names RENAME COLUMN name TO title;

-- ! NO_DEPENDS: 42601
ALTER FUNCTION one() NO DEPENDS ON EXTENSION plpgsql;

-- ! DETACH_CONCURRENTLY: 42601, alone
ALTER TABLE parts DETACH PARTITION part_1 CONCURRENTLY;

-- ! DETACH_FINALIZE: 42601, then 55000
ALTER TABLE parts DETACH PARTITION part_2 FINALIZE;

-- ! REPLACE_TRIGGER: 42601
CREATE OR REPLACE TRIGGER same BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();

-- ! COMPRESSION: 42601
CREATE TABLE spans (name text COMPRESSION pglz);

-- ! COMPRESSION: 42601
ALTER TABLE items ALTER COLUMN name SET COMPRESSION pglz;

-- ! SQL_BODY: 42601
CREATE FUNCTION two() RETURNS integer LANGUAGE sql RETURN 2;

-- ! PROCEDURE_OUT: 0A000
CREATE PROCEDURE give(OUT it integer) LANGUAGE plpgsql AS 'BEGIN it := 1; END';

-- ! SEARCH_CYCLE: 42601
WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 3) SEARCH DEPTH FIRST BY n SET o SELECT n FROM t;

-- ! GROUP_BY_DISTINCT: 42601
SELECT id FROM items GROUP BY DISTINCT ROLLUP (id), ROLLUP (id);

-- ! GROUP_BY_ALL: 42601
SELECT id FROM items GROUP BY ALL ROLLUP (id), ROLLUP (id);

-- ! SUBSTRING_SIMILAR: 42601
SELECT SUBSTRING('abc' SIMILAR 'a#"b#"c' ESCAPE '#');

-- ! JOIN_USING_ALIAS: 42601
SELECT both_of.id FROM items JOIN sums USING (id) AS both_of;

-- ! STATISTICS_EXPRESSION: 0A000|42601
CREATE STATISTICS later ON (id + 1) FROM items;

-- ! SUBSCRIPTION_ADD: 42601, then 42704
ALTER SUBSCRIPTION nowhere ADD PUBLICATION p WITH (refresh = false);

-- ! CURRENT_ROLE: 42601
ALTER TABLE items OWNER TO CURRENT_ROLE;

-- ! GRANTED_BY: 42601
GRANT SELECT ON items TO somebody GRANTED BY CURRENT_USER;

-- ! ASENSITIVE: 42601
DECLARE c ASENSITIVE CURSOR FOR SELECT 1;

-- ! LIKE_COMPRESSION: 42601
CREATE TABLE spans (LIKE items INCLUDING COMPRESSION);

-- ! REINDEX_OPTIONS: 42601, alone
REINDEX (CONCURRENTLY) TABLE items;

-- ! REINDEX_OPTIONS: 42601
REINDEX (TABLESPACE pg_default) TABLE items;

-- ! REINDEX_OPTIONS: 42601
REINDEX (VERBOSE false) TABLE items;

-- ! CLUSTER_OPTIONS: 42601
CLUSTER (VERBOSE) items USING items_pkey;

-- ! SPGIST_INCLUDE: 0A000
CREATE INDEX ON items USING spgist (name) INCLUDE (id);

-- ! INDEX_CLEANUP_AUTO: 22023
ALTER TABLE items SET (vacuum_index_cleanup = auto);

-- ! MERGE: 42601
MERGE INTO items USING (VALUES (1)) AS v (id) ON items.id = v.id WHEN MATCHED THEN DELETE;

-- ! NULLS_NOT_DISTINCT: 42601
ALTER TABLE items ADD UNIQUE NULLS NOT DISTINCT (name);

-- ! NULLS_NOT_DISTINCT: 42601
CREATE UNIQUE INDEX ON items (name) NULLS NOT DISTINCT;

-- ! NULLS_DISTINCT: 42601
CREATE TABLE spans (id integer UNIQUE NULLS DISTINCT);

-- ! SET_NULL_COLUMNS: 42601
CREATE TABLE spans (id integer, FOREIGN KEY (id) REFERENCES items ON DELETE SET NULL (id));

-- ! SET_ACCESS_METHOD: 42601
ALTER TABLE items SET ACCESS METHOD heap;

-- ! SECURITY_INVOKER: 22023
CREATE VIEW ids WITH (security_invoker) AS SELECT id FROM items;

-- ! SECURITY_INVOKER: 22023
ALTER VIEW names SET (security_invoker = true);

-- ! UNLOGGED_SEQUENCE: 0A000
CREATE UNLOGGED SEQUENCE numbers;

-- ! UNLOGGED_SEQUENCE: 42809
ALTER SEQUENCE counter SET UNLOGGED;

-- ! TABLES_IN_SCHEMA: 42601
CREATE PUBLICATION news FOR TABLES IN SCHEMA public;

-- ! PUBLICATION_WHERE: 42601
CREATE PUBLICATION news FOR TABLE items WHERE (id > 0);

-- ! PUBLICATION_COLUMNS: 42601
CREATE PUBLICATION news FOR TABLE items (id);

-- ! SUBSCRIPTION_SKIP: 42601, then 42704
ALTER SUBSCRIPTION nowhere SKIP (lsn = NONE);

-- ! GRANT_ON_PARAMETER: 42601
GRANT SET ON PARAMETER work_mem TO somebody;

-- ! REFRESH_COLLATION: 42601
ALTER DATABASE postgres REFRESH COLLATION VERSION;

-- ! COPY_TEXT_HEADER: 0A000
COPY items FROM '/dev/null' WITH (HEADER);

-- ! COPY_TEXT_HEADER: 0A000
COPY items FROM '/dev/null' WITH (FORMAT text, HEADER on);

-- ! NUMERIC_SCALE: 22023
CREATE TABLE spans (it numeric(3, -2));

-- ! NUMERIC_SCALE: 22023
CREATE TABLE spans (it numeric(3, 5));

-- ! NUMBER: 42601
CREATE TABLE spans (id integer DEFAULT 1_000);

-- ! NUMBER: 42601
CREATE SEQUENCE numbers START 0x10;

-- ! NUMBER: 42601
ALTER TABLE items SET (fillfactor = 0b1010000);

-- ! NUMBER: 42601
INSERT INTO items (id) VALUES (0o17);

-- ! STORAGE: 42601
CREATE TABLE spans (name text STORAGE EXTERNAL);

-- ! STORAGE_DEFAULT: 42601
ALTER TABLE items ALTER COLUMN name SET STORAGE DEFAULT;

-- ! SUBQUERY_WITHOUT_ALIAS: 42601
SELECT count(*) FROM (SELECT 1);

-- ! IS_JSON: 42601
ALTER TABLE items ADD CHECK (name IS JSON);

-- ! JSON_CONSTRUCTOR: 42601|42883
SELECT JSON_OBJECT('a': 1);

-- ! JSON_CONSTRUCTOR: 42883
SELECT JSON_ARRAY(1, 2);

-- ! JSON_CONSTRUCTOR: 42883
SELECT JSON_ARRAYAGG(id) FROM items;

-- ! XML_INDENT: 42601
SELECT xmlserialize(CONTENT '<a/>' AS text INDENT);

-- ! XML_INDENT: 42601
SELECT xmlserialize(CONTENT '<a/>' AS text NO INDENT);

-- ! GRANT_ROLE_OPTION: 42601
GRANT pg_monitor TO somebody WITH INHERIT FALSE, SET TRUE;

-- ! GRANT_ROLE_OPTION: 42601
GRANT pg_monitor TO somebody WITH ADMIN TRUE;

-- ! GRANT_ROLE_OPTION: 42601
REVOKE SET OPTION FOR pg_monitor FROM somebody;

-- ! STATISTICS_WITHOUT_NAME: 42601
CREATE STATISTICS ON id, name FROM items;

-- ! REINDEX_WITHOUT_NAME: 42601, alone
REINDEX SYSTEM;

-- ! MERGE_RETURNING: 42601
MERGE INTO items USING (VALUES (1)) AS v (id) ON items.id = v.id WHEN MATCHED THEN DELETE RETURNING items.id;

-- ! MERGE_BY: 42601
MERGE INTO items USING (VALUES (1)) AS v (id) ON items.id = v.id WHEN NOT MATCHED BY SOURCE THEN DELETE;

-- ! MERGE_BY: 42601
MERGE INTO items USING (VALUES (1)) AS v (id) ON items.id = v.id WHEN NOT MATCHED BY TARGET THEN DO NOTHING;

-- ! SET_EXPRESSION: 42601
ALTER TABLE sums ALTER COLUMN doubled SET EXPRESSION AS (id * 3);

-- ! SET_STATISTICS_DEFAULT: 42601
ALTER TABLE items ALTER COLUMN name SET STATISTICS DEFAULT;

-- ! SET_ACCESS_METHOD_DEFAULT: 42601
ALTER TABLE items SET ACCESS METHOD DEFAULT;

-- ! AT_LOCAL: 42601
CREATE VIEW here AS SELECT at AT LOCAL AS at FROM events;

-- ! AT_LOCAL: 42601
SELECT now() AT LOCAL;

-- ! DOMAIN_NOT_NULL: 42601
ALTER DOMAIN word ADD CONSTRAINT given NOT NULL;

-- ! CLUSTER_ALL_OPTIONS: 42601, alone
CLUSTER (VERBOSE);

-- ! MAINTAIN: 42601
GRANT MAINTAIN ON items TO somebody;

-- ! MAINTAIN: 42601
ALTER DEFAULT PRIVILEGES GRANT MAINTAIN ON TABLES TO somebody;

-- ! COPY_FORCE_ALL: 22023
COPY items FROM '/dev/null' WITH (FORMAT csv, FORCE_NULL *);

-- ! COPY_FORCE_ALL: 22023
COPY items FROM '/dev/null' WITH (FORMAT csv, FORCE_NOT_NULL *);

-- ! LOGIN_TRIGGER: 42601, then 42P17
CREATE EVENT TRIGGER watch ON login EXECUTE FUNCTION one();

-- ! PARTITIONED_EXCLUDE: 0A000
CREATE TABLE spans (id integer, EXCLUDE USING btree (id WITH =)) PARTITION BY RANGE (id);

-- ! PARTITIONED_ACCESS_METHOD: 0A000
CREATE TABLE spans (id integer) PARTITION BY RANGE (id) USING heap;

-- ! JSON_TABLE: 42601
SELECT * FROM JSON_TABLE(jsonb '[1]', '$[*]' COLUMNS (id integer PATH '$')) AS j;

-- ! JSON_QUERY: 42883
CREATE INDEX ON items ((JSON_VALUE(data, '$.a')));

-- ! JSON_QUERY: 42601
SELECT JSON_VALUE(jsonb '{}', '$.a' RETURNING integer);

-- ! JSON_QUERY: 42883
SELECT JSON_EXISTS(jsonb '{}', '$.a'), JSON_QUERY(jsonb '{}', '$.a');

-- ! JSON_SCALAR: 42883
SELECT JSON_SCALAR(1);

-- ! JSON_SCALAR: 42883
SELECT JSON_SERIALIZE('{}');

-- ! JSON_PARSE: 42601
SELECT JSON('{}' WITH UNIQUE KEYS);

-- ! JSON_PARSE: 42601
SELECT JSON('{}' WITHOUT UNIQUE);

-- ! JSON_PARSE: 42601
SELECT JSON('{}' FORMAT JSON);

-- ! VIRTUAL_COLUMN: 42601
CREATE TABLE spans (id integer, doubled integer GENERATED ALWAYS AS (id * 2) VIRTUAL);

-- ! VIRTUAL_COLUMN: 42601
ALTER TABLE items ADD COLUMN doubled integer GENERATED ALWAYS AS (id * 2);

-- ! WITHOUT_OVERLAPS: 42601
CREATE TABLE spans (id int4range, during tstzrange, PRIMARY KEY (id, during WITHOUT OVERLAPS));

-- ! PERIOD: 42601, then 42P01
CREATE TABLE spans (id integer, during tstzrange, FOREIGN KEY (id, PERIOD during) REFERENCES nothing (id, PERIOD during));

-- ! ENFORCED: 42601
CREATE TABLE spans (id integer CHECK (id > 0) NOT ENFORCED);

-- ! ENFORCED: 42601
CREATE TABLE spans (id integer, CHECK (id > 0) ENFORCED);

-- ! ENFORCED: 42601
ALTER TABLE items ADD FOREIGN KEY (id) REFERENCES items NOT ENFORCED;

-- ! NOT_NULL_CONSTRAINT: 42601
ALTER TABLE items ADD CONSTRAINT named NOT NULL name NOT VALID;

-- ! NOT_NULL_CONSTRAINT: 42601
CREATE TABLE spans (id integer, NOT NULL id);

-- ! NOT_NULL_NO_INHERIT: 42601
CREATE TABLE spans (id integer NOT NULL NO INHERIT);

-- ! ALTER_CONSTRAINT_KIND: 42601|0A000, then 42704
ALTER TABLE items ALTER CONSTRAINT nothing NO INHERIT;

-- ! ALTER_CONSTRAINT_KIND: 42601, then 42704
ALTER TABLE items ALTER CONSTRAINT nothing INHERIT;

-- ! ALTER_CONSTRAINT_KIND: 42601, then 42704
ALTER TABLE items ALTER CONSTRAINT nothing NOT ENFORCED;

-- ! RETURNING_WITH: 42601
UPDATE items SET name = 'a' RETURNING WITH (OLD AS o) o.name;

-- ! RETURNING_OLD_NEW: 42P01
UPDATE items SET name = 'a' RETURNING old.name;

-- ! RETURNING_OLD_NEW: 42P01
DELETE FROM items RETURNING coalesce(old.name, '') || 'a';

-- ! VACUUM_ONLY: 42601, alone
VACUUM ONLY items;

-- ! VACUUM_ONLY: 42601
ANALYZE ONLY items;

-- ! DEFAULT_LARGE_OBJECTS: 42601
ALTER DEFAULT PRIVILEGES GRANT SELECT ON LARGE OBJECTS TO somebody;

-- ! FOREIGN_TABLE_LIKE: 0A000|42601|42809
CREATE FOREIGN TABLE far (LIKE items) SERVER nowhere;

-- ! T_VacuumStmt parallel: 42601, alone
VACUUM (PARALLEL 1) items;

-- ! T_VacuumStmt process_toast: 42601, alone
VACUUM (PROCESS_TOAST false) items;

-- ! T_VacuumStmt process_main: 42601, alone
VACUUM (PROCESS_MAIN false) items;

-- ! T_VacuumStmt skip_database_stats: 42601, alone
VACUUM (SKIP_DATABASE_STATS) items;

-- ! T_VacuumStmt only_database_stats: 42601, alone
VACUUM (ONLY_DATABASE_STATS);

-- ! T_VacuumStmt buffer_usage_limit: 42601
ANALYZE (BUFFER_USAGE_LIMIT '1 MB') items;

-- ! T_VacuumStmt index_cleanup auto: 42601, alone
VACUUM (INDEX_CLEANUP auto) items;

-- ! T_CopyStmt default: 42601
COPY items FROM '/dev/null' WITH (DEFAULT '\D');

-- ! T_CopyStmt on_error: 42601
COPY items FROM '/dev/null' WITH (ON_ERROR ignore);

-- ! T_CopyStmt log_verbosity: 42601
COPY items FROM '/dev/null' WITH (LOG_VERBOSITY verbose);

-- ! T_CopyStmt log_verbosity: 42601
COPY items FROM '/dev/null' WITH (LOG_VERBOSITY default);

-- ! T_CopyStmt log_verbosity silent: 42601|22023
COPY items FROM '/dev/null' WITH (LOG_VERBOSITY silent);

-- ! T_CopyStmt reject_limit: 42601
COPY items FROM '/dev/null' WITH (ON_ERROR ignore, REJECT_LIMIT 3);

-- ! T_CopyStmt header match: 42601, then 0A000
COPY items TO STDOUT WITH (FORMAT csv, HEADER match);

-- ! T_CreateRangeStmt multirange_type_name: 42601
CREATE TYPE stretch AS RANGE (subtype = integer, multirange_type_name = stretches);

-- ! T_DefineStmt rules: 42601
CREATE COLLATION odd (provider = icu, locale = 'und', rules = '&a < b');

-- ! T_DefineStmt provider builtin: 42P17
CREATE COLLATION odd (provider = builtin, locale = 'C.UTF-8');

-- ! T_AlterOperatorStmt commutator: 42601
ALTER OPERATOR <-> (integer, integer) SET (COMMUTATOR = <->);

-- ! T_AlterOperatorStmt negator: 42601, then 42P13
ALTER OPERATOR <-> (integer, integer) SET (NEGATOR = <->);

-- ! T_AlterOperatorStmt hashes: 42601
ALTER OPERATOR <-> (integer, integer) SET (HASHES);

-- ! T_AlterOperatorStmt merges: 42601
ALTER OPERATOR <-> (integer, integer) SET (MERGES);

-- ! T_CreatePublicationStmt publish_via_partition_root: 42601
CREATE PUBLICATION news WITH (publish_via_partition_root = true);

-- ! T_CreatePublicationStmt publish_generated_columns: 42601
CREATE PUBLICATION news WITH (publish_generated_columns = stored);

-- ! T_AlterPublicationStmt publish_via_partition_root: 42601
ALTER PUBLICATION everything SET (publish_via_partition_root = true);

-- ! T_AlterPublicationStmt publish_generated_columns: 42601
ALTER PUBLICATION everything SET (publish_generated_columns = stored);

-- ! T_CreateSubscriptionStmt binary: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, binary = true);

-- ! T_CreateSubscriptionStmt streaming: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, streaming = on);

-- ! T_CreateSubscriptionStmt streaming parallel: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, streaming = parallel);

-- ! T_CreateSubscriptionStmt two_phase: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, two_phase = true);

-- ! T_CreateSubscriptionStmt disable_on_error: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, disable_on_error = true);

-- ! T_CreateSubscriptionStmt password_required: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, password_required = false);

-- ! T_CreateSubscriptionStmt run_as_owner: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, run_as_owner = true);

-- ! T_CreateSubscriptionStmt origin: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, origin = none);

-- ! T_CreateSubscriptionStmt failover: 42601
CREATE SUBSCRIPTION mirror CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, failover = true);

-- ! T_AlterSubscriptionStmt binary: 42601
ALTER SUBSCRIPTION copy SET (binary = true);

-- ! T_AlterSubscriptionStmt streaming: 42601
ALTER SUBSCRIPTION copy SET (streaming = on);

-- ! T_AlterSubscriptionStmt streaming parallel: 42601
ALTER SUBSCRIPTION copy SET (streaming = parallel);

-- ! T_AlterSubscriptionStmt disable_on_error: 42601
ALTER SUBSCRIPTION copy SET (disable_on_error = true);

-- ! T_AlterSubscriptionStmt password_required: 42601
ALTER SUBSCRIPTION copy SET (password_required = false);

-- ! T_AlterSubscriptionStmt run_as_owner: 42601
ALTER SUBSCRIPTION copy SET (run_as_owner = true);

-- ! T_AlterSubscriptionStmt origin: 42601
ALTER SUBSCRIPTION copy SET (origin = none);

-- ! T_AlterSubscriptionStmt failover: 42601, then 55000, alone
ALTER SUBSCRIPTION copy SET (failover = true);

-- ! T_AlterSubscriptionStmt two_phase: 42601, then 55000, alone
ALTER SUBSCRIPTION copy SET (two_phase = false);

-- ! T_CreatedbStmt locale: 42601, alone
CREATE DATABASE shop_1 LOCALE 'C' TEMPLATE template0;

-- ! T_CreatedbStmt strategy: 42601, alone
CREATE DATABASE shop_2 STRATEGY file_copy;

-- ! T_CreatedbStmt locale_provider: 42601, alone
CREATE DATABASE shop_3 LOCALE_PROVIDER libc;

-- ! T_CreatedbStmt locale_provider builtin: 42601|22023|42P17, alone
CREATE DATABASE shop_4 LOCALE_PROVIDER builtin LOCALE 'C' TEMPLATE template0;

-- ! T_CreatedbStmt icu_locale: 42601, alone
CREATE DATABASE shop_5 LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0;

-- ! T_CreatedbStmt collation_version: 42601, then 22023, alone
CREATE DATABASE shop_6 COLLATION_VERSION '1' STRATEGY nothing;

-- ! T_CreatedbStmt oid: 42601, alone
CREATE DATABASE shop_7 OID 500000;

-- ! T_CreatedbStmt icu_rules: 42601, alone
CREATE DATABASE shop_8 LOCALE_PROVIDER icu ICU_LOCALE 'en' ICU_RULES '&a < b' TEMPLATE template0;

-- ! T_CreatedbStmt builtin_locale: 42601, alone
CREATE DATABASE shop_9 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C' TEMPLATE template0;

-- ! T_ExplainStmt wal: 42601
EXPLAIN (ANALYZE, WAL) SELECT 1;

-- ! T_ExplainStmt generic_plan: 42601
EXPLAIN (GENERIC_PLAN) SELECT id FROM items;

-- ! T_ExplainStmt memory: 42601
EXPLAIN (MEMORY) SELECT 1;

-- ! T_ExplainStmt serialize: 42601
EXPLAIN (ANALYZE, SERIALIZE) SELECT 1;

-- ! CALL pg_terminate_backend 2: 42883
SELECT pg_terminate_backend(0, 5);

-- ! CALL regexp_replace 5: 42883
SELECT regexp_replace('a', 'b', 'c', 1, 2);

-- ! CALL regexp_replace 6: 42883
SELECT regexp_replace('a', 'b', 'c', 1, 2, 'g');

-- ! CALL generate_series 4: 42883
SELECT generate_series(now(), now(), interval '1 day', 'utc');

-- ! PARTITION_GENERATED: 0A000
CREATE TABLE part_3 PARTITION OF sums_by_id (doubled GENERATED ALWAYS AS (id * 3) STORED) FOR VALUES FROM (3) TO (4);

-- ! REINDEX_TRIGGER: 42601|0A000, then 42P17
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('reindex') EXECUTE FUNCTION one();

-- ! CALL pg_read_binary_file 2: 42883
SELECT pg_read_binary_file('PG_VERSION', true);

-- ! CALL pg_read_file 2: 42883
SELECT pg_read_file('PG_VERSION', true);

-- ! FUNCTION json_agg_strict: 42883
SELECT json_agg_strict(id) FROM items;

-- ! FUNCTION jsonb_agg_strict: 42883
SELECT jsonb_agg_strict(id) FROM items;

-- ! FUNCTION json_object_agg_strict: 42883
SELECT json_object_agg_strict(id, name) FROM items;

-- ! FUNCTION json_object_agg_unique: 42883
SELECT json_object_agg_unique(id, name) FROM items;

-- ! FUNCTION json_object_agg_unique_strict: 42883
SELECT json_object_agg_unique_strict(id, name) FROM items;

-- ! FUNCTION jsonb_object_agg_strict: 42883
SELECT jsonb_object_agg_strict(id, name) FROM items;

-- ! FUNCTION jsonb_object_agg_unique: 42883
SELECT jsonb_object_agg_unique(id, name) FROM items;

-- ! FUNCTION jsonb_object_agg_unique_strict: 42883
SELECT jsonb_object_agg_unique_strict(id, name) FROM items;

-- ! FUNCTION gist_translate_cmptype_common: 42883
SELECT gist_translate_cmptype_common(3);

-- ! FUNCTION pg_numa_available: 42883
SELECT pg_numa_available();

-- ! FUNCTION pg_stat_get_backend_io: 42883
SELECT pg_stat_get_backend_io(1);

-- ! COLLATION unicode: 42704
ALTER TABLE items ADD COLUMN title text COLLATE unicode;

-- ! ROLE pg_maintain: 42704
CREATE ROLE keeper IN ROLE pg_maintain;

-- ! CALL random 2: 42883
CREATE TABLE spans (id integer DEFAULT random(1, 6));

-- ! CALL timezone 1: 42883
SELECT timezone(now());

-- ! CALL json_strip_nulls 2: 42883
SELECT json_strip_nulls('{}', true);

-- ! CALL jsonb_strip_nulls 2: 42883
SELECT jsonb_strip_nulls('{}', true);

-- ! SETTING transaction_timeout: 42704
SET transaction_timeout = '5s';

-- ! SETTING transaction_timeout: 42704
RESET transaction_timeout;

-- ! SETTING transaction_timeout: 42704
ALTER ROLE somebody SET transaction_timeout = '5s';

-- ! SETTING transaction_timeout: 42704
ALTER DATABASE postgres SET transaction_timeout = '5s';

-- ! SETTING transaction_timeout: 42704
CREATE FUNCTION two() RETURNS integer LANGUAGE sql SET transaction_timeout = '5s' AS 'SELECT 2';

-- ! SETTING transaction_timeout: 42704, alone
ALTER SYSTEM SET transaction_timeout = '5s';

-- ! SETTING transaction_timeout: 42704
SELECT set_config('transaction_timeout', '5s', true);

-- ! SETTING transaction_timeout: 42704
SELECT current_setting('transaction_timeout');

-- ! FUNCTION gcd: 42883
SELECT gcd(4, 6);

-- ! FUNCTION is_normalized: 42601
SELECT 'a' IS NORMALIZED;

-- ! FUNCTION jsonb_path_exists_tz: 42883
SELECT jsonb_path_exists_tz('{}', '$');

-- ! FUNCTION jsonb_path_match_tz: 42883
SELECT jsonb_path_match_tz('{}', '1 == 1');

-- ! FUNCTION jsonb_path_query_array_tz: 42883
SELECT jsonb_path_query_array_tz('{}', '$');

-- ! FUNCTION jsonb_path_query_first_tz: 42883
SELECT jsonb_path_query_first_tz('{}', '$');

-- ! FUNCTION jsonb_path_query_tz: 42883
SELECT jsonb_path_query_tz('{}', '$');

-- ! FUNCTION jsonb_set_lax: 42883
SELECT jsonb_set_lax('{}', '{a}', '1');

-- ! FUNCTION lcm: 42883
SELECT lcm(4, 6);

-- ! FUNCTION min_scale: 42883
SELECT min_scale(1.10);

-- ! FUNCTION normalize: 42883
SELECT normalize('a');

-- ! FUNCTION pg_current_snapshot: 42883
SELECT pg_current_snapshot();

-- ! FUNCTION pg_current_xact_id: 42883
SELECT pg_current_xact_id();

-- ! FUNCTION pg_current_xact_id_if_assigned: 42883
SELECT pg_current_xact_id_if_assigned();

-- ! FUNCTION pg_snapshot_xip: 42883
SELECT pg_snapshot_xip('10:20:15');

-- ! FUNCTION pg_snapshot_xmax: 42883
SELECT pg_snapshot_xmax('10:20:15');

-- ! FUNCTION pg_snapshot_xmin: 42883
SELECT pg_snapshot_xmin('10:20:15');

-- ! FUNCTION pg_visible_in_snapshot: 42883
SELECT pg_visible_in_snapshot('12', '10:20:15');

-- ! FUNCTION pg_xact_status: 42883
SELECT pg_xact_status(NULL);

-- ! FUNCTION to_regcollation: 42883
SELECT to_regcollation('C');

-- ! FUNCTION trim_scale: 42883
SELECT trim_scale(1.10);

-- ! FUNCTION bit_count: 42883
SELECT bit_count(B'101');

-- ! FUNCTION bit_xor: 42883
SELECT bit_xor(id) FROM items;

-- ! FUNCTION date_bin: 42883
SELECT date_bin('1 day', now(), now());

-- ! FUNCTION multirange: 42883
SELECT multirange(int4range(1, 2));

-- ! FUNCTION pg_column_compression: 42883
SELECT pg_column_compression('a'::text);

-- ! FUNCTION pg_get_backend_memory_contexts: 42883
SELECT pg_get_backend_memory_contexts();

-- ! FUNCTION pg_log_backend_memory_contexts: 42883
SELECT pg_log_backend_memory_contexts(pg_backend_pid());

-- ! FUNCTION pg_xact_commit_timestamp_origin: 42883
SELECT pg_xact_commit_timestamp_origin(NULL);

-- ! FUNCTION range_agg: 42883
SELECT range_agg(int4range(id, id + 1)) FROM items;

-- ! FUNCTION range_intersect_agg: 42883
SELECT range_intersect_agg(int4range(id, id + 1)) FROM items;

-- ! FUNCTION string_to_table: 42883
SELECT string_to_table('a,b', ',');

-- ! FUNCTION trim_array: 42883
SELECT trim_array(ARRAY[1, 2], 1);

-- ! FUNCTION unistr: 42883
SELECT unistr('a');

-- ! FUNCTION has_parameter_privilege: 42883
SELECT has_parameter_privilege('work_mem', 'set');

-- ! FUNCTION pg_backup_start: 42883
SELECT pg_backup_start('a', true);

-- ! FUNCTION pg_backup_stop: 42883
SELECT pg_backup_stop() FROM (SELECT NULL::integer) AS nothing WHERE false;

-- ! FUNCTION pg_database_collation_actual_version: 42883
SELECT pg_database_collation_actual_version(1);

-- ! FUNCTION pg_settings_get_flags: 42883
SELECT pg_settings_get_flags('work_mem');

-- ! FUNCTION pg_stat_reset_subscription_stats: 42883
SELECT pg_stat_reset_subscription_stats(NULL);

-- ! FUNCTION regexp_count: 42883
SELECT regexp_count('a', 'a');

-- ! FUNCTION regexp_instr: 42883
SELECT regexp_instr('a', 'a');

-- ! FUNCTION regexp_like: 42883
SELECT regexp_like('a', 'a');

-- ! FUNCTION regexp_substr: 42883
SELECT regexp_substr('a', 'a');

-- ! FUNCTION any_value: 42883
SELECT any_value(id) FROM items;

-- ! FUNCTION array_sample: 42883
SELECT array_sample(ARRAY[1, 2], 1);

-- ! FUNCTION array_shuffle: 42883
SELECT array_shuffle(ARRAY[1, 2]);

-- ! FUNCTION date_add: 42883
SELECT date_add(now(), '1 day');

-- ! FUNCTION date_subtract: 42883
SELECT date_subtract(now(), '1 day');

-- ! FUNCTION erf: 42883
SELECT erf(1);

-- ! FUNCTION erfc: 42883
SELECT erfc(1);

-- ! FUNCTION pg_input_error_info: 42883
SELECT pg_input_error_info('a', 'integer');

-- ! FUNCTION pg_input_is_valid: 42883
SELECT pg_input_is_valid('a', 'integer');

-- ! FUNCTION pg_log_standby_snapshot: 42883
SELECT pg_log_standby_snapshot();

-- ! FUNCTION pg_split_walfile_name: 42883
SELECT pg_split_walfile_name('000000010000000000000001');

-- ! FUNCTION pg_stat_get_lastscan: 42883
SELECT pg_stat_get_lastscan(1);

-- ! FUNCTION random_normal: 42883
SELECT random_normal();

-- ! FUNCTION system_user: 42703
SELECT SYSTEM_USER;

-- ! FUNCTION icu_unicode_version: 42883
SELECT icu_unicode_version();

-- ! FUNCTION jsonb_populate_record_valid: 42883
SELECT jsonb_populate_record_valid(NULL::items, '{}');

-- ! FUNCTION pg_basetype: 42883
SELECT pg_basetype('integer');

-- ! FUNCTION pg_column_toast_chunk_id: 42883
SELECT pg_column_toast_chunk_id('a'::text);

-- ! FUNCTION pg_get_wait_events: 42883
SELECT pg_get_wait_events();

-- ! FUNCTION pg_sync_replication_slots: 42883
SELECT pg_sync_replication_slots() WHERE false;

-- ! FUNCTION to_bin: 42883
SELECT to_bin(5);

-- ! FUNCTION to_oct: 42883
SELECT to_oct(5);

-- ! FUNCTION to_regtypemod: 42883
SELECT to_regtypemod('integer');

-- ! FUNCTION unicode_assigned: 42883
SELECT unicode_assigned('a');

-- ! FUNCTION unicode_version: 42883
SELECT unicode_version();

-- ! FUNCTION uuid_extract_timestamp: 42883
SELECT uuid_extract_timestamp(gen_random_uuid());

-- ! FUNCTION uuid_extract_version: 42883
SELECT uuid_extract_version(gen_random_uuid());

-- ! FUNCTION xmltext: 42883
SELECT xmltext('a');

-- ! FUNCTION array_reverse: 42883
SELECT array_reverse(ARRAY[1, 2]);

-- ! FUNCTION array_sort: 42883
SELECT array_sort(ARRAY[2, 1]);

-- ! FUNCTION casefold: 42883
SELECT casefold('A' COLLATE "C");

-- ! FUNCTION crc32: 42883
SELECT crc32('a');

-- ! FUNCTION crc32c: 42883
SELECT crc32c('a');

-- ! FUNCTION gamma: 42883
SELECT gamma(1);

-- ! FUNCTION has_largeobject_privilege: 42883
SELECT has_largeobject_privilege(1, 'select');

-- ! FUNCTION lgamma: 42883
SELECT lgamma(1);

-- ! FUNCTION pg_clear_attribute_stats: 42883
SELECT pg_clear_attribute_stats('public', 'items', 'id', false);

-- ! FUNCTION pg_clear_relation_stats: 42883
SELECT pg_clear_relation_stats('public', 'items');

-- ! FUNCTION pg_get_acl: 42883
SELECT pg_get_acl('pg_class'::regclass, 1, 0);

-- ! FUNCTION pg_get_loaded_modules: 42883
SELECT pg_get_loaded_modules();

-- ! FUNCTION pg_ls_summariesdir: 42883
SELECT pg_ls_summariesdir();

-- ! FUNCTION pg_restore_attribute_stats: 42883
SELECT pg_restore_attribute_stats('schemaname', 'public'::text, 'relname', 'items'::text, 'attname', 'id'::text, 'inherited', false);

-- ! FUNCTION pg_restore_relation_stats: 42883
SELECT pg_restore_relation_stats('schemaname', 'public'::text, 'relname', 'items'::text);

-- ! FUNCTION pg_stat_reset_backend_stats: 42883
SELECT pg_stat_reset_backend_stats(1);

-- ! FUNCTION uuidv4: 42883
SELECT uuidv4();

-- ! FUNCTION uuidv7: 42883
SELECT uuidv7();

-- ! TYPE anycompatible: 42704|42P13|42883
CREATE FUNCTION same(anycompatible) RETURNS anycompatible LANGUAGE sql AS 'SELECT $1';

-- ! TYPE anycompatiblearray: 42704|42P13|42883
CREATE FUNCTION same(anycompatiblearray) RETURNS anycompatiblearray LANGUAGE sql AS 'SELECT $1';

-- ! TYPE anycompatiblenonarray: 42704|42P13|42883
CREATE FUNCTION same(anycompatiblenonarray) RETURNS anycompatiblenonarray LANGUAGE sql AS 'SELECT $1';

-- ! TYPE anycompatiblerange: 42704|42P13|42883
CREATE FUNCTION same(anycompatiblerange) RETURNS anycompatiblerange LANGUAGE sql AS 'SELECT $1';

-- ! TYPE pg_snapshot: 42704
CREATE TABLE spans (it pg_snapshot);

-- ! TYPE regcollation: 42704
CREATE TABLE spans (it regcollation);

-- ! TYPE xid8: 42704
CREATE TABLE spans (it xid8);

-- ! TYPE anycompatiblemultirange: 42704|42P13|42883
CREATE FUNCTION same(anycompatiblemultirange) RETURNS anycompatiblemultirange LANGUAGE sql AS 'SELECT $1';

-- ! TYPE anymultirange: 42704|42P13|42883
CREATE FUNCTION same(anymultirange) RETURNS anymultirange LANGUAGE sql AS 'SELECT $1';

-- ! TYPE datemultirange: 42704
CREATE TABLE spans (it datemultirange);

-- ! TYPE int4multirange: 42704
CREATE TABLE spans (it int4multirange);

-- ! TYPE int8multirange: 42704
CREATE TABLE spans (it int8multirange);

-- ! TYPE nummultirange: 42704
CREATE TABLE spans (it nummultirange);

-- ! TYPE tsmultirange: 42704
CREATE TABLE spans (it tsmultirange);

-- ! TYPE tstzmultirange: 42704
CREATE TABLE spans (it tstzmultirange);

-- ! SETTING autovacuum_vacuum_insert_scale_factor: 42704
SHOW autovacuum_vacuum_insert_scale_factor;

-- ! SETTING autovacuum_vacuum_insert_threshold: 42704
SHOW autovacuum_vacuum_insert_threshold;

-- ! SETTING backtrace_functions: 42704
SHOW backtrace_functions;

-- ! SETTING enable_incremental_sort: 42704
SHOW enable_incremental_sort;

-- ! SETTING hash_mem_multiplier: 42704
SHOW hash_mem_multiplier;

-- ! SETTING ignore_invalid_pages: 42704
SHOW ignore_invalid_pages;

-- ! SETTING log_min_duration_sample: 42704
SHOW log_min_duration_sample;

-- ! SETTING log_parameter_max_length: 42704
SHOW log_parameter_max_length;

-- ! SETTING log_parameter_max_length_on_error: 42704
SHOW log_parameter_max_length_on_error;

-- ! SETTING log_statement_sample_rate: 42704
SHOW log_statement_sample_rate;

-- ! SETTING logical_decoding_work_mem: 42704
SHOW logical_decoding_work_mem;

-- ! SETTING maintenance_io_concurrency: 42704
SHOW maintenance_io_concurrency;

-- ! SETTING max_slot_wal_keep_size: 42704
SHOW max_slot_wal_keep_size;

-- ! SETTING wal_keep_size: 42704
SHOW wal_keep_size;

-- ! SETTING wal_receiver_create_temp_slot: 42704
SHOW wal_receiver_create_temp_slot;

-- ! SETTING wal_skip_threshold: 42704
SHOW wal_skip_threshold;

-- ! SETTING client_connection_check_interval: 42704
SHOW client_connection_check_interval;

-- ! SETTING compute_query_id: 42704
SHOW compute_query_id;

-- ! SETTING debug_discard_caches: 42704
SHOW debug_discard_caches;

-- ! SETTING default_toast_compression: 42704
SHOW default_toast_compression;

-- ! SETTING enable_async_append: 42704
SHOW enable_async_append;

-- ! SETTING enable_memoize: 42704
SHOW enable_memoize;

-- ! SETTING huge_page_size: 42704
SHOW huge_page_size;

-- ! SETTING idle_session_timeout: 42704
SHOW idle_session_timeout;

-- ! SETTING in_hot_standby: 42704
SHOW in_hot_standby;

-- ! SETTING log_recovery_conflict_waits: 42704
SHOW log_recovery_conflict_waits;

-- ! SETTING min_dynamic_shared_memory: 42704
SHOW min_dynamic_shared_memory;

-- ! SETTING recovery_init_sync_method: 42704
SHOW recovery_init_sync_method;

-- ! SETTING remove_temp_files_after_crash: 42704
SHOW remove_temp_files_after_crash;

-- ! SETTING ssl_crl_dir: 42704
SHOW ssl_crl_dir;

-- ! SETTING track_wal_io_timing: 42704
SHOW track_wal_io_timing;

-- ! SETTING vacuum_failsafe_age: 42704
SHOW vacuum_failsafe_age;

-- ! SETTING vacuum_multixact_failsafe_age: 42704
SHOW vacuum_multixact_failsafe_age;

-- ! SETTING archive_library: 42704
SHOW archive_library;

-- ! SETTING log_startup_progress_interval: 42704
SHOW log_startup_progress_interval;

-- ! SETTING recovery_prefetch: 42704
SHOW recovery_prefetch;

-- ! SETTING recursive_worktable_factor: 42704
SHOW recursive_worktable_factor;

-- ! SETTING shared_memory_size: 42704
SHOW shared_memory_size;

-- ! SETTING shared_memory_size_in_huge_pages: 42704
SHOW shared_memory_size_in_huge_pages;

-- ! SETTING stats_fetch_consistency: 42704
SHOW stats_fetch_consistency;

-- ! SETTING wal_decode_buffer_size: 42704
SHOW wal_decode_buffer_size;

-- ! SETTING createrole_self_grant: 42704
SHOW createrole_self_grant;

-- ! SETTING debug_io_direct: 42704
SHOW debug_io_direct;

-- ! SETTING debug_logical_replication_streaming: 42704
SHOW debug_logical_replication_streaming;

-- ! SETTING debug_parallel_query: 42704
SHOW debug_parallel_query;

-- ! SETTING enable_presorted_aggregate: 42704
SHOW enable_presorted_aggregate;

-- ! SETTING file_extend_method: 42704
SHOW file_extend_method;

-- ! SETTING gss_accept_delegation: 42704
SHOW gss_accept_delegation;

-- ! SETTING icu_validation_level: 42704
SHOW icu_validation_level;

-- ! SETTING max_parallel_apply_workers_per_subscription: 42704
SHOW max_parallel_apply_workers_per_subscription;

-- ! SETTING reserved_connections: 42704
SHOW reserved_connections;

-- ! SETTING scram_iterations: 42704
SHOW scram_iterations;

-- ! SETTING send_abort_for_crash: 42704
SHOW send_abort_for_crash;

-- ! SETTING send_abort_for_kill: 42704
SHOW send_abort_for_kill;

-- ! SETTING vacuum_buffer_usage_limit: 42704
SHOW vacuum_buffer_usage_limit;

-- ! SETTING allow_alter_system: 42704
SHOW allow_alter_system;

-- ! SETTING commit_timestamp_buffers: 42704
SHOW commit_timestamp_buffers;

-- ! SETTING enable_group_by_reordering: 42704
SHOW enable_group_by_reordering;

-- ! SETTING event_triggers: 42704
SHOW event_triggers;

-- ! SETTING huge_pages_status: 42704
SHOW huge_pages_status;

-- ! SETTING io_combine_limit: 42704
SHOW io_combine_limit;

-- ! SETTING max_notify_queue_pages: 42704
SHOW max_notify_queue_pages;

-- ! SETTING multixact_member_buffers: 42704
SHOW multixact_member_buffers;

-- ! SETTING multixact_offset_buffers: 42704
SHOW multixact_offset_buffers;

-- ! SETTING notify_buffers: 42704
SHOW notify_buffers;

-- ! SETTING serializable_buffers: 42704
SHOW serializable_buffers;

-- ! SETTING subtransaction_buffers: 42704
SHOW subtransaction_buffers;

-- ! SETTING summarize_wal: 42704
SHOW summarize_wal;

-- ! SETTING sync_replication_slots: 42704
SHOW sync_replication_slots;

-- ! SETTING synchronized_standby_slots: 42704
SHOW synchronized_standby_slots;

-- ! SETTING trace_connection_negotiation: 42704
SHOW trace_connection_negotiation;

-- ! SETTING transaction_buffers: 42704
SHOW transaction_buffers;

-- ! SETTING transaction_timeout: 42704
SHOW transaction_timeout;

-- ! SETTING wal_summary_keep_time: 42704
SHOW wal_summary_keep_time;

-- ! SETTING autovacuum_vacuum_max_threshold: 42704
SHOW autovacuum_vacuum_max_threshold;

-- ! SETTING autovacuum_worker_slots: 42704
SHOW autovacuum_worker_slots;

-- ! SETTING enable_distinct_reordering: 42704
SHOW enable_distinct_reordering;

-- ! SETTING enable_self_join_elimination: 42704
SHOW enable_self_join_elimination;

-- ! SETTING extension_control_path: 42704
SHOW extension_control_path;

-- ! SETTING file_copy_method: 42704
SHOW file_copy_method;

-- ! SETTING idle_replication_slot_timeout: 42704
SHOW idle_replication_slot_timeout;

-- ! SETTING io_max_combine_limit: 42704
SHOW io_max_combine_limit;

-- ! SETTING io_max_concurrency: 42704
SHOW io_max_concurrency;

-- ! SETTING io_method: 42704
SHOW io_method;

-- ! SETTING io_workers: 42704
SHOW io_workers;

-- ! SETTING log_lock_failures: 42704
SHOW log_lock_failures;

-- ! SETTING max_active_replication_origins: 42704
SHOW max_active_replication_origins;

-- ! SETTING md5_password_warnings: 42704
SHOW md5_password_warnings;

-- ! SETTING num_os_semaphores: 42704
SHOW num_os_semaphores;

-- ! SETTING oauth_validator_libraries: 42704
SHOW oauth_validator_libraries;

-- ! SETTING ssl_groups: 42704
SHOW ssl_groups;

-- ! SETTING ssl_tls13_ciphers: 42704
SHOW ssl_tls13_ciphers;

-- ! SETTING track_cost_delay_timing: 42704
SHOW track_cost_delay_timing;

-- ! SETTING vacuum_max_eager_freeze_failure_rate: 42704
SHOW vacuum_max_eager_freeze_failure_rate;

-- ! SETTING vacuum_truncate: 42704
SHOW vacuum_truncate;

-- ! ROLE pg_database_owner: 42704
GRANT SELECT ON items TO pg_database_owner;

-- ! ROLE pg_read_all_data: 42704
GRANT pg_read_all_data TO somebody;

-- ! ROLE pg_write_all_data: 42704
GRANT pg_write_all_data TO somebody;

-- ! ROLE pg_checkpoint: 42704
GRANT pg_checkpoint TO somebody;

-- ! ROLE pg_create_subscription: 42704
GRANT pg_create_subscription TO somebody;

-- ! ROLE pg_use_reserved_connections: 42704
GRANT pg_use_reserved_connections TO somebody;

-- ! ROLE pg_maintain: 42704
GRANT pg_maintain TO somebody;

-- ! ROLE pg_signal_autovacuum_worker: 42704
GRANT pg_signal_autovacuum_worker TO somebody;

-- ! PARAMETER autovacuum_vacuum_insert_scale_factor: 22023
ALTER TABLE items SET (autovacuum_vacuum_insert_scale_factor = 0.1);

-- ! PARAMETER autovacuum_vacuum_insert_threshold: 22023
CREATE TABLE spans (id integer) WITH (autovacuum_vacuum_insert_threshold = 100);

-- ! PARAMETER deduplicate_items: 22023
CREATE INDEX ON items (name) WITH (deduplicate_items = off);

-- ! PARAMETER maintenance_io_concurrency: 22023
ALTER TABLESPACE pg_default SET (maintenance_io_concurrency = 10);

-- ! PARAMETER autovacuum_vacuum_max_threshold: 22023
ALTER TABLE items SET (toast.autovacuum_vacuum_max_threshold = 100);

-- ! PARAMETER vacuum_max_eager_freeze_failure_rate: 22023
ALTER TABLE items SET (vacuum_max_eager_freeze_failure_rate = 0.1);

-- ! COLLATION pg_c_utf8: 42704
ALTER TABLE items ADD COLUMN title text COLLATE pg_c_utf8;

-- ! COLLATION pg_unicode_fast: 42704
ALTER TABLE items ADD COLUMN title text COLLATE pg_unicode_fast;

-- ! OPERATOR_CLASS xid8_ops: 42704
CREATE INDEX ON items ((name::xid8) xid8_ops);

-- ! OPERATOR_CLASS bpchar_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (bpchar_it bpchar_bloom_ops);

-- ! OPERATOR_CLASS bytea_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (bytea_it bytea_bloom_ops);

-- ! OPERATOR_CLASS char_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (char_it char_bloom_ops);

-- ! OPERATOR_CLASS date_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (date_it date_bloom_ops);

-- ! OPERATOR_CLASS date_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (date_it date_minmax_multi_ops);

-- ! OPERATOR_CLASS float4_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (float4_it float4_bloom_ops);

-- ! OPERATOR_CLASS float4_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (float4_it float4_minmax_multi_ops);

-- ! OPERATOR_CLASS float8_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (float8_it float8_bloom_ops);

-- ! OPERATOR_CLASS float8_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (float8_it float8_minmax_multi_ops);

-- ! OPERATOR_CLASS inet_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (inet_it inet_bloom_ops);

-- ! OPERATOR_CLASS inet_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (inet_it inet_minmax_multi_ops);

-- ! OPERATOR_CLASS int2_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (int2_it int2_bloom_ops);

-- ! OPERATOR_CLASS int2_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (int2_it int2_minmax_multi_ops);

-- ! OPERATOR_CLASS int4_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (int4_it int4_bloom_ops);

-- ! OPERATOR_CLASS int4_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (int4_it int4_minmax_multi_ops);

-- ! OPERATOR_CLASS int8_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (int8_it int8_bloom_ops);

-- ! OPERATOR_CLASS int8_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (int8_it int8_minmax_multi_ops);

-- ! OPERATOR_CLASS interval_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (interval_it interval_bloom_ops);

-- ! OPERATOR_CLASS interval_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (interval_it interval_minmax_multi_ops);

-- ! OPERATOR_CLASS macaddr8_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (macaddr8_it macaddr8_bloom_ops);

-- ! OPERATOR_CLASS macaddr8_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (macaddr8_it macaddr8_minmax_multi_ops);

-- ! OPERATOR_CLASS macaddr_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (macaddr_it macaddr_bloom_ops);

-- ! OPERATOR_CLASS macaddr_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (macaddr_it macaddr_minmax_multi_ops);

-- ! OPERATOR_CLASS multirange_ops: 42883
CREATE INDEX ON items USING gist (int4multirange(int4range(id, id + 1)) multirange_ops);

-- ! OPERATOR_CLASS name_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (name_it name_bloom_ops);

-- ! OPERATOR_CLASS numeric_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (numeric_it numeric_bloom_ops);

-- ! OPERATOR_CLASS numeric_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (numeric_it numeric_minmax_multi_ops);

-- ! OPERATOR_CLASS oid_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (oid_it oid_bloom_ops);

-- ! OPERATOR_CLASS oid_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (oid_it oid_minmax_multi_ops);

-- ! OPERATOR_CLASS pg_lsn_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (pg_lsn_it pg_lsn_bloom_ops);

-- ! OPERATOR_CLASS pg_lsn_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (pg_lsn_it pg_lsn_minmax_multi_ops);

-- ! OPERATOR_CLASS text_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (text_it text_bloom_ops);

-- ! OPERATOR_CLASS tid_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (tid_it tid_bloom_ops);

-- ! OPERATOR_CLASS tid_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (tid_it tid_minmax_multi_ops);

-- ! OPERATOR_CLASS time_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (time_it time_bloom_ops);

-- ! OPERATOR_CLASS time_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (time_it time_minmax_multi_ops);

-- ! OPERATOR_CLASS timestamp_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (timestamp_it timestamp_bloom_ops);

-- ! OPERATOR_CLASS timestamp_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (timestamp_it timestamp_minmax_multi_ops);

-- ! OPERATOR_CLASS timestamptz_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (timestamptz_it timestamptz_bloom_ops);

-- ! OPERATOR_CLASS timestamptz_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (timestamptz_it timestamptz_minmax_multi_ops);

-- ! OPERATOR_CLASS timetz_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (timetz_it timetz_bloom_ops);

-- ! OPERATOR_CLASS timetz_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (timetz_it timetz_minmax_multi_ops);

-- ! OPERATOR_CLASS uuid_bloom_ops: 42704
CREATE INDEX ON kinds USING brin (uuid_it uuid_bloom_ops);

-- ! OPERATOR_CLASS uuid_minmax_multi_ops: 42704
CREATE INDEX ON kinds USING brin (uuid_it uuid_minmax_multi_ops);

-- ! VIEW pg_shmem_allocations: 42P01
SELECT FROM pg_shmem_allocations WHERE false;

-- ! VIEW pg_stat_progress_analyze: 42P01
SELECT FROM pg_stat_progress_analyze WHERE false;

-- ! VIEW pg_stat_progress_basebackup: 42P01
SELECT FROM pg_stat_progress_basebackup WHERE false;

-- ! VIEW pg_stat_slru: 42P01
SELECT FROM pg_stat_slru WHERE false;

-- ! VIEW pg_backend_memory_contexts: 42P01
SELECT FROM pg_backend_memory_contexts WHERE false;

-- ! VIEW pg_stat_progress_copy: 42P01
SELECT FROM pg_stat_progress_copy WHERE false;

-- ! VIEW pg_stat_replication_slots: 42P01
SELECT FROM pg_stat_replication_slots WHERE false;

-- ! VIEW pg_stat_wal: 42P01
SELECT FROM pg_stat_wal WHERE false;

-- ! VIEW pg_stats_ext_exprs: 42P01
SELECT FROM pg_stats_ext_exprs WHERE false;

-- ! VIEW pg_ident_file_mappings: 42P01
SELECT FROM pg_ident_file_mappings WHERE false;

-- ! VIEW pg_parameter_acl: 42P01
SELECT FROM pg_parameter_acl WHERE false;

-- ! VIEW pg_publication_namespace: 42P01
SELECT FROM pg_publication_namespace WHERE false;

-- ! VIEW pg_stat_recovery_prefetch: 42P01
SELECT FROM pg_stat_recovery_prefetch WHERE false;

-- ! VIEW pg_stat_subscription_stats: 42P01
SELECT FROM pg_stat_subscription_stats WHERE false;

-- ! VIEW pg_stat_io: 42P01
SELECT FROM pg_stat_io WHERE false;

-- ! VIEW pg_stat_checkpointer: 42P01
SELECT FROM pg_stat_checkpointer WHERE false;

-- ! VIEW pg_wait_events: 42P01
SELECT FROM pg_wait_events WHERE false;

-- ! VIEW pg_aios: 42P01
SELECT FROM pg_aios WHERE false;

-- ! VIEW pg_shmem_allocations_numa: 42P01
SELECT FROM pg_shmem_allocations_numa WHERE false;
