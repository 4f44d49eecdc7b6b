-- Creates the history as Flyway does; history_table is its name.
CREATE TABLE history_table (
    installed_rank integer NOT NULL,
    version character varying(50),
    description character varying(200) NOT NULL,
    type character varying(20) NOT NULL,
    script character varying(1000) NOT NULL,
    checksum integer,
    installed_by character varying(100) NOT NULL,
    installed_on timestamp NOT NULL DEFAULT pg_catalog.now(),
    execution_time integer NOT NULL,
    success boolean NOT NULL
);
