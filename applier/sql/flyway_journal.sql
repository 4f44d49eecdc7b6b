-- $1 the history's name, $2 rank: which statements of a migration were begun and done.
SELECT ordinal, sha256, state, indexes
FROM lockkeeper.flyway_journal
WHERE history OPERATOR(pg_catalog.=) $1 AND rank OPERATOR(pg_catalog.=) $2::integer
ORDER BY ordinal
