-- $1 schema or NULL, $2 table: the schema, the key to the names that SQL uses, and what is there of
-- the history, of what stands beside it, and of a native one.
SELECT place.schema,
       pg_catalog.format('"%s"."%s"', pg_catalog.replace(place.schema, '"', '""'),
                         pg_catalog.replace($2, '"', '""')),
       EXISTS (SELECT FROM pg_catalog.pg_class c
               JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
               WHERE n.nspname OPERATOR(pg_catalog.=) place.schema
               AND c.relname OPERATOR(pg_catalog.=) $2::pg_catalog.name
               AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,f}')),
       pg_catalog.to_regclass('lockkeeper.flyway_journal') IS NOT NULL,
       EXISTS (SELECT FROM pg_catalog.pg_namespace n
               WHERE n.nspname OPERATOR(pg_catalog.=) place.schema)
FROM (SELECT coalesce($1::pg_catalog.name, pg_catalog.current_schema()) AS schema) AS place
