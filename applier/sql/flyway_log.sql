-- $1 the history's name, $2 run, $3 script, $4 what it has to say of that migration.
UPDATE lockkeeper.flyway_migration AS beside SET log = $4
FROM history_table AS entry
WHERE beside.history OPERATOR(pg_catalog.=) $1
AND beside.run OPERATOR(pg_catalog.=) $2::bigint
AND entry.installed_rank OPERATOR(pg_catalog.=) beside.rank
AND entry.script OPERATOR(pg_catalog.=) $3
