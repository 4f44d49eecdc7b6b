-- The views of the native history, format 2: for teams that query such tables.
CREATE VIEW lockkeeper.migration_logs AS
SELECT run.build_number,
       run.started_at AS "timestamp",
       run.log AS logs,
       CASE WHEN run.outcome = 'success' THEN 'SUCCESS'
            WHEN run.outcome IS NOT NULL THEN 'FAILURE' END AS status
FROM lockkeeper.run;

COMMENT ON VIEW lockkeeper.migration_logs IS 'Runs of lockkeeper; status is NULL while one goes on';

CREATE VIEW lockkeeper.migrations AS
SELECT migration.rank AS id,
       migration.script AS migration_name,
       migration.started_at,
       migration.finished_at,
       migration.status AS applied_status,
       migration.log AS logs,
       migration.undone_at AS rolled_back_at
FROM lockkeeper.migration
WHERE migration.kind <> 'undo';

COMMENT ON VIEW lockkeeper.migrations IS 'Migrations of lockkeeper, one row for each time';
