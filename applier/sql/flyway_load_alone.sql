-- The same of a history that lockkeeper has not written yet.
SELECT entry.installed_rank, entry.version, entry.description, entry.type, entry.script,
       entry.checksum, entry.success,
       pg_catalog.to_char(entry.installed_on::pg_catalog.timestamptz AT TIME ZONE 'UTC',
                          'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       entry.installed_by, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM history_table AS entry
ORDER BY entry.installed_rank
