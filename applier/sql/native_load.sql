-- The history in the order in which it came about.
SELECT rank, kind, version, description, script, sha256, flyway_checksum, status, mode,
       statements_total, statements_done, attempts,
       pg_catalog.to_char(coalesce(finished_at, started_at) AT TIME ZONE 'UTC',
                          'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       who, sqlstate, error, run
FROM lockkeeper.migration
ORDER BY rank
