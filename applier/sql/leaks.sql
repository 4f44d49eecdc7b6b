-- $1 settings of our own (an array), $2 the session's own role, $3 key of the run's lock, $4 who
-- connected: what a migration has left behind in its session: what kind of thing, its name, and the statement that
-- takes it back, where RESET does not; and "run's lock" where that is not held any more.
SELECT 'setting', s.name, NULL
FROM pg_catalog.pg_settings s
WHERE s.source OPERATOR(pg_catalog.=) 'session'
  AND s.name OPERATOR(pg_catalog.<>) ALL ($1::pg_catalog.text[])
UNION ALL
SELECT 'session authorization', session_user::pg_catalog.text, NULL
WHERE session_user::pg_catalog.text OPERATOR(pg_catalog.<>) $4
UNION ALL
SELECT 'role', current_user::pg_catalog.text, NULL
WHERE CASE WHEN pg_catalog.current_setting('role') OPERATOR(pg_catalog.=) 'none' THEN 'NONE'
          ELSE pg_catalog.quote_ident(pg_catalog.current_setting('role'))
      END OPERATOR(pg_catalog.<>) $2
UNION ALL
SELECT 'temporary table', c.relname, 'DISCARD TEMP'
FROM pg_catalog.pg_class c
WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema()
  AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,S,m}')
UNION ALL
SELECT 'LISTEN', l, 'UNLISTEN *' FROM pg_catalog.pg_listening_channels() AS l
UNION ALL
SELECT 'prepared statement', p.name, 'DEALLOCATE ALL' FROM pg_catalog.pg_prepared_statements p
UNION ALL
SELECT 'cursor', c.name, 'CLOSE ALL' FROM pg_catalog.pg_cursors c
UNION ALL
SELECT 'advisory lock', pg_catalog.concat_ws(' ', l.classid, l.objid),
       pg_catalog.format(
           CASE WHEN l.objsubid OPERATOR(pg_catalog.=) 1
               THEN 'SELECT pg_catalog.pg_advisory_unlock%s((%s::bigint OPERATOR(pg_catalog.<<) 32)'
                    ' OPERATOR(pg_catalog.|) %s::bigint)'
               ELSE 'SELECT pg_catalog.pg_advisory_unlock%s(%s::bit(32)::int, %s::bit(32)::int)'
           END,
           CASE WHEN l.mode OPERATOR(pg_catalog.=) 'ShareLock' THEN '_shared' ELSE '' END,
           l.classid::bigint, l.objid::bigint)
FROM pg_catalog.pg_locks l
WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
  AND l.granted
  AND l.locktype OPERATOR(pg_catalog.=) 'advisory'
  AND NOT (l.objsubid OPERATOR(pg_catalog.=) 1
           AND l.classid OPERATOR(pg_catalog.=)
               (($3::bigint OPERATOR(pg_catalog.>>) 32) OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid
           AND l.objid OPERATOR(pg_catalog.=)
               ($3::bigint OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid)
UNION ALL
SELECT 'run''s lock', NULL, NULL
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_locks l
                  WHERE l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()
                    AND l.granted
                    AND l.locktype OPERATOR(pg_catalog.=) 'advisory'
                    AND l.objsubid OPERATOR(pg_catalog.=) 1
                    AND l.classid OPERATOR(pg_catalog.=)
                        (($3::bigint OPERATOR(pg_catalog.>>) 32)
                         OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid
                    AND l.objid OPERATOR(pg_catalog.=)
                        ($3::bigint OPERATOR(pg_catalog.&) 4294967295)::pg_catalog.oid)
