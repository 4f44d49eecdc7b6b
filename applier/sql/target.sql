-- Which database this is, and whether it takes changes.
SELECT pg_catalog.current_database(),
       (SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('default_transaction_read_only') OPERATOR(pg_catalog.=) 'on',
       CASE WHEN pg_catalog.current_setting('role') OPERATOR(pg_catalog.=) 'none' THEN 'NONE'
           ELSE pg_catalog.quote_ident(pg_catalog.current_setting('role'))
       END,
       session_user,
       pg_catalog.current_schema()
