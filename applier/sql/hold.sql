-- $1 key of the run's advisory lock: "held", "taken" where it was free, or "busy": another session
-- has it.
SELECT CASE
           WHEN EXISTS (SELECT FROM pg_catalog.pg_locks l
                        WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
                          AND l.granted
                          AND l.locktype OPERATOR(pg_catalog.=) 'advisory'
                          AND l.classid OPERATOR(pg_catalog.=)
                              (($1::bigint OPERATOR(pg_catalog.>>) 32)
                               OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid
                          AND l.objid OPERATOR(pg_catalog.=)
                              ($1::bigint OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid
                          AND l.objsubid OPERATOR(pg_catalog.=) 1) THEN 'held'
           WHEN pg_catalog.pg_try_advisory_lock($1::bigint) THEN 'taken'
           ELSE 'busy'
       END
