-- $1 tables and indexes (none: all): what drops the INVALID indexes that REINDEX CONCURRENTLY left,
-- on their partitions and TOAST tables too.
SELECT pg_catalog.concat('DROP INDEX CONCURRENTLY IF EXISTS ',
                         i.indexrelid::pg_catalog.regclass)
FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) i.indexrelid
WHERE NOT i.indisvalid AND c.relname OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
      AND ($1::pg_catalog.text OPERATOR(pg_catalog.=) '{}'
           OR EXISTS (SELECT
                      FROM pg_catalog.unnest($1::pg_catalog.text[]) AS name
                           CROSS JOIN LATERAL
                               (SELECT pg_catalog.to_regclass(name)::pg_catalog.oid AS oid
                                UNION ALL
                                SELECT relid::pg_catalog.oid
                                FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(name))) AS named
                           LEFT JOIN pg_catalog.pg_index its
                               ON its.indexrelid OPERATOR(pg_catalog.=) named.oid
                           JOIN pg_catalog.pg_class t
                               ON t.oid OPERATOR(pg_catalog.=) coalesce(its.indrelid, named.oid)
                      WHERE i.indrelid OPERATOR(pg_catalog.=) ANY (ARRAY[t.oid, t.reltoastrelid])))
