-- What a person said of one failure answers the next ones of the same fingerprint. The key stands with the correction, so
-- that the newest words on a fingerprint are found without a look at its rows.
ALTER TABLE corrections ADD COLUMN fingerprint TEXT;
UPDATE corrections SET fingerprint = (SELECT fingerprint FROM log_entries WHERE id = failure_id);
CREATE INDEX corrections_of_fingerprint ON corrections (fingerprint, id)
    WHERE undone_at IS NULL AND fingerprint IS NOT NULL;

-- Rows that were answered so, and by which correction.
CREATE TABLE taught (
    failure_id    INTEGER PRIMARY KEY REFERENCES log_entries (id),
    correction_id INTEGER NOT NULL REFERENCES corrections (id)
);
CREATE INDEX taught_by ON taught (correction_id);
