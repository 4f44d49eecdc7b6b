-- $1 pid of a backend of ours: who it waits for, who waits for it, and how far its work is.
SELECT 'blocker', a.pid, a.usename, a.application_name, a.state, pg_catalog.left(a.query, 200),
       (1000 OPERATOR(pg_catalog.*) pg_catalog.date_part('epoch',
           pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) a.xact_start))::bigint, NULL::bigint
FROM pg_catalog.pg_stat_activity a
WHERE a.pid OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids($1))
UNION ALL
SELECT 'waiter', a.pid, a.usename, a.application_name, a.state, NULL, NULL::bigint, NULL::bigint
FROM pg_catalog.pg_stat_activity a
WHERE a.wait_event_type OPERATOR(pg_catalog.=) 'Lock'
  AND $1::int OPERATOR(pg_catalog.=) ANY (pg_catalog.pg_blocking_pids(a.pid))
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
