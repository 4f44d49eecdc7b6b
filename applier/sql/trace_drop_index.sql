-- $1 index: NULL when it is gone.
SELECT NULL
WHERE pg_catalog.to_regclass($1) IS NULL
