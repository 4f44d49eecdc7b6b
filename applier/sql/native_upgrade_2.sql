-- Brings the native history from format 1 to format 2; the views follow.
ALTER TABLE lockkeeper.run ADD COLUMN command text NOT NULL DEFAULT 'apply';

ALTER TABLE lockkeeper.migration
    ADD COLUMN fingerprint text,
    ADD COLUMN undone_at timestamptz,
    ADD COLUMN undoes bigint REFERENCES lockkeeper.migration (rank),
    ADD COLUMN reason text,
    ADD COLUMN log text NOT NULL DEFAULT '',
    DROP CONSTRAINT migration_status_check,
    ADD CONSTRAINT migration_status_check CHECK
        (status IN ('applied', 'failed', 'skipped', 'baseline', 'undone', 'deleted'));

UPDATE lockkeeper.format SET version = 2;
