-- $1 qualified index name, $2 oids of indexes: whether the index is there and valid, and one of those;
-- no row where there is none.
SELECT i.indisvalid AND i.indisready,
       i.indexrelid OPERATOR(pg_catalog.=) ANY (coalesce($2, '{}')::pg_catalog.oid[])
FROM pg_catalog.pg_index i
WHERE i.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
