-- $1 command, $2 build number, $3 tool and version, $4 host: opens a run and returns its id. Runs
-- that nobody closed are over: this one has the lock.
WITH left_open AS (
    UPDATE lockkeeper.run SET outcome = 'interrupted' WHERE outcome IS NULL
)
INSERT INTO lockkeeper.run (command, build_number, tool, host)
VALUES ($1, $2, $3, $4)
RETURNING id
