-- The server that the history was written on the last time.
SELECT server.system_identifier, server.timeline, server.run,
       pg_catalog.to_char(server.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM lockkeeper.server
ORDER BY server.run DESC, server.since DESC
LIMIT 1
