-- What started a run: of runs that failed, and of those in which a job passed that had failed on the same commit.
CREATE TABLE run_events (
    host          TEXT    NOT NULL,
    repository_id INTEGER NOT NULL,
    run_id        INTEGER NOT NULL,
    event         TEXT    NOT NULL,
    PRIMARY KEY (host, repository_id, run_id)
) WITHOUT ROWID;

-- Jobs that passed in another run on the commit of a failure. Proof as soon as both runs are known to be of that very tree.
CREATE TABLE passes_elsewhere (
    failure_id INTEGER NOT NULL REFERENCES log_entries (id),
    run_id     INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    at         TEXT    NOT NULL,
    PRIMARY KEY (failure_id, run_id)
) WITHOUT ROWID;
CREATE INDEX passes_of_run ON passes_elsewhere (run_id);

-- The other run that passed; null where a re-run of the same run did.
ALTER TABLE passes ADD COLUMN run_id INTEGER;

CREATE INDEX failures_of_commit ON log_entries (host, repository_id, head_sha) WHERE head_sha IS NOT NULL AND is_parent = 0;
