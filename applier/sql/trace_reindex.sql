-- $1 tables and indexes (none: all): what drops the INVALID indexes that REINDEX CONCURRENTLY left,
-- on their TOAST tables too.
SELECT 'DROP INDEX CONCURRENTLY IF EXISTS ' || i.indexrelid::pg_catalog.regclass
FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
      AND ($1 = '{}'
           OR EXISTS (SELECT
                      FROM pg_catalog.unnest($1::text[]) AS name
                           LEFT JOIN pg_catalog.pg_index its
                               ON its.indexrelid = pg_catalog.to_regclass(name)
                           JOIN pg_catalog.pg_class t
                               ON t.oid = coalesce(its.indrelid, pg_catalog.to_regclass(name))
                      WHERE i.indrelid IN (t.oid, t.reltoastrelid)))
