-- $1 id, $2 outcome, $3 log: closes a run.
UPDATE lockkeeper.run
SET finished_at = pg_catalog.clock_timestamp(), outcome = $2, log = $3
WHERE id OPERATOR(pg_catalog.=) $1::bigint
