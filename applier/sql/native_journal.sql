-- $1 rank: which statements of a migration were begun and done.
SELECT ordinal, sha256, state, indexes
FROM lockkeeper.journal
WHERE migration OPERATOR(pg_catalog.=) $1::bigint
ORDER BY ordinal
