-- $1 pid that is in our way, $2 its application as it was seen, $3 pid of our backend: cancels what
-- it does, or ends it where it does nothing; no row where it is not in the way any more, or is no
-- client (a worker, a walsender).
SELECT CASE
           WHEN a.state OPERATOR(pg_catalog.=) 'active' THEN pg_catalog.pg_cancel_backend(a.pid)
           ELSE pg_catalog.pg_terminate_backend(a.pid)
       END
FROM pg_catalog.pg_stat_activity a
WHERE a.pid OPERATOR(pg_catalog.=) $1
  AND a.application_name OPERATOR(pg_catalog.=) $2
  AND a.backend_type OPERATOR(pg_catalog.=) 'client backend'
  AND a.pid OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids($3))
