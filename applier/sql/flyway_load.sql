-- $1 the history's name: its rows in the order in which they came about, with what stands beside.
SELECT entry.installed_rank, entry.version, entry.description, entry.type, entry.script,
       entry.checksum, entry.success,
       pg_catalog.to_char(entry.installed_on::pg_catalog.timestamptz AT TIME ZONE 'UTC',
                          'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
       entry.installed_by, beside.sha256, beside.fingerprint, beside.mode, beside.statements_total,
       beside.statements_done, beside.attempts, beside.undoes, beside.sqlstate, beside.error,
       beside.reason, beside.run,
       (SELECT pg_catalog.count(*) FROM lockkeeper.flyway_journal AS journal
        WHERE journal.history OPERATOR(pg_catalog.=) beside.history
        AND journal.rank OPERATOR(pg_catalog.=) beside.rank)
FROM history_table AS entry
LEFT JOIN lockkeeper.flyway_migration AS beside
    ON beside.history OPERATOR(pg_catalog.=) $1
    AND beside.rank OPERATOR(pg_catalog.=) entry.installed_rank
    AND beside.installed_on OPERATOR(pg_catalog.=) entry.installed_on
ORDER BY entry.installed_rank
