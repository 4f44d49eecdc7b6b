-- Where the servers that the history is written on are told. Older versions of the tool do without.
CREATE TABLE IF NOT EXISTS lockkeeper.server (
    run bigint NOT NULL REFERENCES lockkeeper.run (id),
    system_identifier pg_catalog.text, -- NULL: the role may not ask
    timeline integer NOT NULL,
    since pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp()
)
