-- $1 qualified index name: whether the index is there and valid; no row where there is none.
SELECT i.indisvalid AND i.indisready
FROM pg_catalog.pg_index i
WHERE i.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
