-- $1 milliseconds: transactions of this database with a snapshot, or changes, that are older. The
-- server does not wait for those of workers that see no tables of ours.
SELECT a.pid, a.usename, a.application_name, a.state, pg_catalog.left(a.query, 200),
       (1000 OPERATOR(pg_catalog.*) pg_catalog.date_part('epoch',
           pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start))::bigint
FROM pg_catalog.pg_stat_activity a
WHERE a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
  AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
  AND a.backend_type OPERATOR(pg_catalog.<>) ALL ('{autovacuum worker,walsender}')
  AND (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
  AND a.xact_start OPERATOR(pg_catalog.<)
      (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-)
       pg_catalog.make_interval(secs => $1::bigint OPERATOR(pg_catalog./) 1000.0))
ORDER BY a.xact_start
