-- $1 build number, $2 tool and version, $3 host: opens a run and returns its id.
INSERT INTO lockkeeper.run (build_number, tool, host)
VALUES ($1, $2, $3)
RETURNING id
