-- $1 key of the run's advisory lock: the sessions that hold it in this database.
SELECT a.pid, a.usename, a.application_name, a.state, pg_catalog.left(a.query, 200),
       (1000 OPERATOR(pg_catalog.*) pg_catalog.date_part('epoch',
           pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.query_start))::bigint
FROM pg_catalog.pg_locks l
     JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) l.pid
WHERE l.granted
  AND l.locktype OPERATOR(pg_catalog.=) 'advisory'
  AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database d
      WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
  AND l.classid OPERATOR(pg_catalog.=)
      (($1::bigint OPERATOR(pg_catalog.>>) 32) OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid
  AND l.objid OPERATOR(pg_catalog.=)
      ($1::bigint OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid
  AND l.objsubid OPERATOR(pg_catalog.=) 1
  AND a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
ORDER BY a.pid
