-- $1 names, an array: the tables of these names, those of search_path first, with their columns and,
-- behind @, what lies beside.
SELECT n.nspname, c.relname,
       (SELECT pg_catalog.string_agg(a.attname, ' ') FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attnum OPERATOR(pg_catalog.>) 0
        AND NOT a.attisdropped),
       EXISTS (SELECT FROM pg_catalog.pg_class AS other
               WHERE other.relnamespace OPERATOR(pg_catalog.=) c.relnamespace
               AND other.relname OPERATOR(pg_catalog.=) 'ar_internal_metadata'),
       EXISTS (SELECT FROM pg_catalog.pg_class AS other
               WHERE other.relnamespace OPERATOR(pg_catalog.=) c.relnamespace
               AND other.relname OPERATOR(pg_catalog.=)
                   pg_catalog.concat(c.relname, '_lock')),
       pg_catalog.concat(pg_catalog.quote_ident(n.nspname), '.',
                         pg_catalog.quote_ident(c.relname)),
       n.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(false))
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
WHERE c.relname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[])
AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,f}')
AND n.nspname OPERATOR(pg_catalog.<>) ALL ('{lockkeeper,information_schema}')
AND n.nspname OPERATOR(pg_catalog.!~) '^pg_'
ORDER BY pg_catalog.array_position(pg_catalog.current_schemas(false), n.nspname), 1, 2
