-- $1 id or NULL: that run, or all of them, the newest first; logs of one alone.
SELECT run.id, run.command, run.build_number, run.tool, run.host, run.who,
       pg_catalog.to_char(run.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       pg_catalog.to_char(run.finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       run.outcome,
       (SELECT pg_catalog.count(*) FROM lockkeeper.flyway_migration
        WHERE flyway_migration.run OPERATOR(pg_catalog.=) run.id),
       CASE WHEN $1::bigint IS NOT NULL THEN run.log END
FROM lockkeeper.run
WHERE $1::bigint IS NULL OR run.id OPERATOR(pg_catalog.=) $1::bigint
ORDER BY run.id DESC
