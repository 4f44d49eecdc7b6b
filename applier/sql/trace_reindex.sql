-- $1 tables and indexes (none: all): what drops the INVALID indexes that REINDEX CONCURRENTLY left,
-- on their TOAST tables too.
SELECT pg_catalog.concat('DROP INDEX CONCURRENTLY IF EXISTS ',
                         i.indexrelid::pg_catalog.regclass)
FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
WHERE NOT i.indisvalid AND c.relname OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
      AND ($1::pg_catalog.text OPERATOR(pg_catalog.=) '{}'
           OR EXISTS (SELECT
                      FROM pg_catalog.unnest($1::pg_catalog.text[]) AS name
                           LEFT JOIN pg_catalog.pg_index its
                               ON its.indexrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(name)
                           JOIN pg_catalog.pg_class t
                               ON t.oid OPERATOR(pg_catalog.=) coalesce(its.indrelid, pg_catalog.to_regclass(name))
                      WHERE i.indrelid OPERATOR(pg_catalog.=) ANY (ARRAY[t.oid, t.reltoastrelid])))
