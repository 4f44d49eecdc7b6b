-- $1 partition: NULL when it is one no more, else what completes the half that is done.
SELECT NULL
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits
                  WHERE inhrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1))
UNION ALL
SELECT pg_catalog.format('ALTER TABLE %s DETACH PARTITION %s FINALIZE',
                         inhparent::pg_catalog.regclass, inhrelid::pg_catalog.regclass)
FROM pg_catalog.pg_inherits
WHERE inhrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1) AND inhdetachpending
