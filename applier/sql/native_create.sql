-- Creates the native history, format 2, in an empty schema of its own.
CREATE SCHEMA lockkeeper;

COMMENT ON SCHEMA lockkeeper IS 'What lockkeeper applied to this database';

CREATE TABLE lockkeeper.format (
    version integer NOT NULL
);

INSERT INTO lockkeeper.format (version) VALUES (2);

CREATE TABLE lockkeeper.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command text NOT NULL DEFAULT 'apply',
    build_number text NOT NULL,
    tool text NOT NULL,
    host text NOT NULL,
    who text NOT NULL DEFAULT session_user,
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    outcome text CHECK (outcome IN ('success', 'failure', 'interrupted')),
    log text NOT NULL DEFAULT ''
);

CREATE TABLE lockkeeper.migration (
    rank bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('versioned', 'baseline', 'repeatable', 'undo')),
    version text,
    description text NOT NULL,
    script text NOT NULL,
    sha256 text NOT NULL,
    fingerprint text, -- of the words alone; NULL: recorded by format 1, or without a file
    flyway_checksum integer NOT NULL,
    status text NOT NULL CONSTRAINT migration_status_check CHECK
        (status IN ('applied', 'failed', 'skipped', 'baseline', 'undone', 'deleted')),
    mode text NOT NULL CHECK (mode IN ('transactional', 'segmented', 'autocommit')),
    statements_total integer NOT NULL,
    statements_done integer NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    undone_at timestamptz,
    undoes bigint REFERENCES lockkeeper.migration (rank), -- what this row took back
    who text NOT NULL DEFAULT session_user,
    sqlstate text,
    error text,
    reason text, -- that a person gave: why it is skipped, ...
    log text NOT NULL DEFAULT '',
    run bigint NOT NULL REFERENCES lockkeeper.run (id)
);

-- What makes "exactly once" hold whatever else fails: a second row cannot be committed.
CREATE UNIQUE INDEX migration_applied_once ON lockkeeper.migration (script)
    WHERE status = 'applied' AND kind <> 'repeatable';

CREATE TABLE lockkeeper.journal (
    migration bigint NOT NULL REFERENCES lockkeeper.migration (rank) ON DELETE CASCADE,
    ordinal integer NOT NULL,
    sha256 text NOT NULL,
    state text NOT NULL CHECK (state IN ('intent', 'done')),
    indexes oid[], -- of the table, before CREATE INDEX CONCURRENTLY added one
    backend_pid integer NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
    started_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    PRIMARY KEY (migration, ordinal)
);
