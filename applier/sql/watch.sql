-- $1 pid of a backend of ours: who it waits for, who waits for it, and how far its work is.
SELECT 'blocker', a.pid, a.usename, a.application_name, a.state, pg_catalog.left(a.query, 200),
       (1000 OPERATOR(pg_catalog.*) pg_catalog.date_part('epoch',
           pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start))::bigint, NULL::bigint
FROM pg_catalog.pg_stat_activity a
WHERE a.pid OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids($1))
UNION ALL -- pid 0 is a prepared transaction: its locks have none, and the lock of its id tells whose
SELECT DISTINCT 'blocker', -1, p.owner, NULL, NULL, p.gid,
       (1000 OPERATOR(pg_catalog.*) pg_catalog.date_part('epoch',
           pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) p.prepared))::bigint, NULL::bigint
FROM pg_catalog.pg_prepared_xacts p
     JOIN pg_catalog.pg_locks x ON x.transactionid OPERATOR(pg_catalog.=) p.transaction
     JOIN pg_catalog.pg_locks h ON h.virtualtransaction OPERATOR(pg_catalog.=) x.virtualtransaction
     JOIN pg_catalog.pg_locks w ON w.relation OPERATOR(pg_catalog.=) h.relation
                                   AND w.database OPERATOR(pg_catalog.=) h.database
WHERE 0 OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids($1))
  AND w.pid OPERATOR(pg_catalog.=) $1 AND NOT w.granted
  AND x.pid IS NULL AND h.pid IS NULL AND h.granted
UNION ALL
SELECT 'waiter', a.pid, a.usename, a.application_name, a.state, NULL, NULL::bigint, NULL::bigint
FROM pg_catalog.pg_stat_activity a
WHERE a.wait_event_type OPERATOR(pg_catalog.=) 'Lock'
  AND $1::int OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids(a.pid))
UNION ALL -- VALIDATE, SET NOT NULL, a rewrite, of which the server tells nothing but the locks: the
-- largest table comes last, and what comes behind knows better. Its size is what VACUUM and ANALYZE
-- have seen, as asking for it now would wait for the lock.
(SELECT 'work', l.pid, NULL,
        CASE WHEN c.relpages OPERATOR(pg_catalog.>) 0 THEN
            pg_catalog.pg_size_pretty(c.relpages::bigint OPERATOR(pg_catalog.*)
                pg_catalog.current_setting('block_size')::bigint)
        END,
        pg_catalog.concat(CASE WHEN l.mode OPERATOR(pg_catalog.=) 'AccessExclusiveLock'
                              THEN 'working on ' ELSE 'reading ' END,
                          c.oid::pg_catalog.regclass), NULL, NULL::bigint, NULL::bigint
 FROM pg_catalog.pg_locks l
      JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) l.relation
 WHERE l.pid OPERATOR(pg_catalog.=) $1 AND l.granted
   AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,m}')
   AND l.mode OPERATOR(pg_catalog.=) ANY ('{ShareUpdateExclusiveLock,AccessExclusiveLock}')
   AND l.database OPERATOR(pg_catalog.=) (SELECT d.oid FROM pg_catalog.pg_database d
       WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
 ORDER BY c.relpages, c.oid)
UNION ALL
SELECT 'work', p.pid, NULL, NULL, p.phase, NULL,
       CASE WHEN p.blocks_total OPERATOR(pg_catalog.>) 0 THEN p.blocks_done ELSE p.tuples_done END,
       CASE WHEN p.blocks_total OPERATOR(pg_catalog.>) 0 THEN p.blocks_total ELSE p.tuples_total END
FROM pg_catalog.pg_stat_progress_create_index p
WHERE p.pid OPERATOR(pg_catalog.=) $1
UNION ALL
SELECT 'work', p.pid, NULL, NULL, p.phase, NULL, p.heap_blks_scanned, p.heap_blks_total
FROM pg_catalog.pg_stat_progress_cluster p
WHERE p.pid OPERATOR(pg_catalog.=) $1
UNION ALL
SELECT 'work', p.pid, NULL, NULL, p.phase, NULL, p.heap_blks_scanned, p.heap_blks_total
FROM pg_catalog.pg_stat_progress_vacuum p
WHERE p.pid OPERATOR(pg_catalog.=) $1
UNION ALL
SELECT 'work', p.pid, NULL, NULL, p.phase, NULL, p.sample_blks_scanned, p.sample_blks_total
FROM pg_catalog.pg_stat_progress_analyze p
WHERE p.pid OPERATOR(pg_catalog.=) $1
UNION ALL
SELECT 'work', p.pid, NULL, pg_catalog.concat(p.tuples_processed, CASE
           WHEN p.tuples_processed OPERATOR(pg_catalog.=) 1 THEN ' row' ELSE ' rows' END), 'copying', NULL,
       p.bytes_processed, p.bytes_total
FROM pg_catalog.pg_stat_progress_copy p
WHERE p.pid OPERATOR(pg_catalog.=) $1
