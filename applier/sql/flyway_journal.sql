-- $1 the history's name, $2 rank: which statements of a migration were begun and done, and the
-- backend that is still there of those begun: one as old as that is no other with the same pid.
SELECT ordinal, sha256, state, indexes,
       (SELECT a.pid
        FROM pg_catalog.pg_stat_activity a
        WHERE flyway_journal.state OPERATOR(pg_catalog.=) 'intent'
          AND a.pid OPERATOR(pg_catalog.=) flyway_journal.backend_pid
          AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
          AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
          AND a.state OPERATOR(pg_catalog.=) 'active'
          AND a.backend_start OPERATOR(pg_catalog.<=) flyway_journal.started_at)
FROM lockkeeper.flyway_journal
WHERE history OPERATOR(pg_catalog.=) $1 AND rank OPERATOR(pg_catalog.=) $2::integer
ORDER BY ordinal
