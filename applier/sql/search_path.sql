-- $1 schema: the search_path with it in front, and whether it is in front already.
SELECT pg_catalog.concat_ws(', ', pg_catalog.quote_ident($1),
                            nullif(pg_catalog.current_setting('search_path'), '')),
       pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) pg_catalog.quote_ident($1)
       OR pg_catalog.starts_with(pg_catalog.current_setting('search_path'),
                                 pg_catalog.concat(pg_catalog.quote_ident($1), ','))
