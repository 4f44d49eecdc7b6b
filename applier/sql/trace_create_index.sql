-- $1 table, $2 oids of its indexes before, $3 index name or NULL: the index that came since; NULL
-- for a valid one, else what takes it back.
SELECT CASE
           WHEN NOT (i.indisvalid AND i.indisready)
               THEN pg_catalog.concat('DROP INDEX CONCURRENTLY IF EXISTS ',
                                      i.indexrelid::pg_catalog.regclass)
       END
FROM pg_catalog.pg_index i
WHERE i.indrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)
      AND i.indexrelid OPERATOR(pg_catalog.<>) ALL (coalesce($2, '{}')::pg_catalog.oid[])
      AND ($3::pg_catalog.text IS NULL OR i.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($3))
