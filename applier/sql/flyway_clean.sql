-- $1 the history's name: forgets what stood beside rows that Flyway has taken away.
DELETE FROM lockkeeper.flyway_migration AS beside
WHERE beside.history OPERATOR(pg_catalog.=) $1
AND NOT EXISTS (SELECT FROM history_table AS entry
                WHERE entry.installed_rank OPERATOR(pg_catalog.=) beside.rank
                AND entry.installed_on OPERATOR(pg_catalog.=) beside.installed_on)
