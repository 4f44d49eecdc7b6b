-- Which database this is, and whether it takes changes.
SELECT pg_catalog.current_database(),
       (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('default_transaction_read_only') = 'on',
       CASE pg_catalog.current_setting('role')
           WHEN 'none' THEN 'NONE'
           ELSE pg_catalog.quote_ident(pg_catalog.current_setting('role'))
       END,
       session_user,
       pg_catalog.current_schema()
