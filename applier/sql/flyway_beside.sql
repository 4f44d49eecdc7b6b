-- What Flyway's history has no room for: one row for each of its rows that lockkeeper wrote, and
-- the journal of migrations that are not one transaction.
CREATE TABLE IF NOT EXISTS lockkeeper.flyway_migration (
    history text NOT NULL, -- Flyway's table, as SQL names it
    rank integer NOT NULL, -- installed_rank there
    installed_on timestamp NOT NULL, -- as it is there: a row made anew is another one
    sha256 text NOT NULL,
    fingerprint text,
    mode text NOT NULL CHECK (mode IN ('transactional', 'segmented', 'autocommit')),
    statements_total integer NOT NULL,
    statements_done integer NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    undoes integer, -- the rank of what it takes back
    sqlstate text,
    error text,
    reason text,
    log text NOT NULL DEFAULT '',
    run bigint NOT NULL REFERENCES lockkeeper.run (id),
    PRIMARY KEY (history, rank)
);

COMMENT ON TABLE lockkeeper.flyway_migration IS 'What a history of Flyway has no room for';

CREATE TABLE IF NOT EXISTS lockkeeper.flyway_journal (
    history text NOT NULL,
    rank integer NOT NULL,
    ordinal integer NOT NULL,
    sha256 text NOT NULL,
    state text NOT NULL CHECK (state IN ('intent', 'done')),
    indexes oid[], -- of the table, before CREATE INDEX CONCURRENTLY added one
    backend_pid integer NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (history, rank, ordinal),
    FOREIGN KEY (history, rank) REFERENCES lockkeeper.flyway_migration ON DELETE CASCADE
);
