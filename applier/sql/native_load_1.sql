-- The history of format 1, which knows less, in the order in which it came about.
SELECT migration.rank, migration.kind, migration.version, migration.description, migration.script,
       migration.sha256, migration.flyway_checksum, migration.status, migration.mode,
       migration.statements_total, migration.statements_done, migration.attempts,
       pg_catalog.to_char(coalesce(migration.finished_at, migration.started_at)
                          AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       migration.who, migration.sqlstate, migration.error, migration.run,
       CASE WHEN migration.status OPERATOR(pg_catalog.=) 'failed' THEN
           (SELECT pg_catalog.count(*) FROM lockkeeper.journal
            WHERE journal.migration OPERATOR(pg_catalog.=) migration.rank)
       ELSE 0 END,
       NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::bigint
FROM lockkeeper.migration
ORDER BY migration.rank
