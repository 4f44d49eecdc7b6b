-- Which database this is, and whether it takes changes.
SELECT pg_catalog.current_database(),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('default_transaction_read_only') OPERATOR(pg_catalog.=) 'on',
       CASE WHEN pg_catalog.current_setting('role') OPERATOR(pg_catalog.=) 'none' THEN 'NONE'
           ELSE pg_catalog.quote_ident(pg_catalog.current_setting('role'))
       END,
       session_user,
       pg_catalog.current_schema(),
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN
           ('x' OPERATOR(pg_catalog.||) pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8))
               ::pg_catalog.bit(32)::int
       END AS timeline
