-- What agents propose, and what people made of it.
CREATE TABLE proposals (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    failure_id    INTEGER NOT NULL REFERENCES log_entries (id),
    at            TEXT NOT NULL,
    label         TEXT NOT NULL,
    note          TEXT,
    actor         TEXT NOT NULL,
    decided_at    TEXT,
    decided_by    TEXT,
    correction_id INTEGER REFERENCES corrections (id)  -- null where it was rejected
);
CREATE UNIQUE INDEX waiting_proposals ON proposals (failure_id, label, actor) WHERE decided_at IS NULL;

ALTER TABLE totals ADD COLUMN proposals INTEGER NOT NULL DEFAULT 0;

-- How people have answered verdicts is counted from this alone.
CREATE INDEX corrected ON log_entries (prediction, label) WHERE corrected_by IS NOT NULL AND is_parent = 0;
