-- $1 rank: which statements of a migration were begun and done, and the backend that is still there
-- of those begun: one as old as that is no other with the same pid.
SELECT ordinal, sha256, state, indexes,
       (SELECT a.pid
        FROM pg_catalog.pg_stat_activity a
        WHERE journal.state OPERATOR(pg_catalog.=) 'intent'
          AND a.pid OPERATOR(pg_catalog.=) journal.backend_pid
          AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
          AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
          AND a.state OPERATOR(pg_catalog.=) 'active'
          AND a.backend_start OPERATOR(pg_catalog.<=) journal.started_at)
FROM lockkeeper.journal
WHERE migration OPERATOR(pg_catalog.=) $1::bigint
ORDER BY ordinal
