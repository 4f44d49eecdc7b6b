-- Whether the native history is there: 0 no schema, 1 a schema without our tables, 2 all of it; and
-- whether it knows the server that it is written on.
SELECT CASE
           WHEN pg_catalog.to_regclass('lockkeeper.format') IS NOT NULL
                AND pg_catalog.to_regclass('lockkeeper.migration') IS NOT NULL THEN 2
           WHEN pg_catalog.to_regnamespace('lockkeeper') IS NOT NULL THEN 1
           ELSE 0
       END,
       pg_catalog.to_regclass('lockkeeper.server') IS NOT NULL
