-- $1 qualified index name, $2 oids of indexes, $3 its table: whether what is there is valid, is one of
-- those indexes, and what is in the way of taking it for the one that was to be made: NULL where it is
-- an index of that table; no row where nothing has the name.
SELECT coalesce(i.indisvalid AND i.indisready, false),
       coalesce(i.indexrelid OPERATOR(pg_catalog.=) ANY (coalesce($2, '{}')::pg_catalog.oid[]), false),
       CASE
           WHEN i.indexrelid IS NULL THEN 'it is no index'
           WHEN i.indrelid OPERATOR(pg_catalog.<>) pg_catalog.to_regclass($3)
               THEN pg_catalog.format('it is one of %s', i.indrelid::pg_catalog.regclass)
       END
FROM pg_catalog.pg_class c
     LEFT JOIN pg_catalog.pg_index i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid
WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
