-- Failures whose log is still to be asked for at GitHub. Out of this table: it was read, or there is none to be had.
CREATE TABLE log_waits (
    failure_id INTEGER PRIMARY KEY REFERENCES log_entries (id),
    past       INTEGER NOT NULL,  -- 1 for a past failure, which waits for live ones
    due        TEXT    NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX log_waits_in_turn ON log_waits (past, due);

-- How far sweeps and backfills have come, each under its name.
CREATE TABLE places (
    name  TEXT PRIMARY KEY,
    place TEXT NOT NULL
) WITHOUT ROWID;

-- Attempts of runs whose failed jobs are rows, all of them.
CREATE TABLE listed_attempts (
    host          TEXT    NOT NULL,
    repository_id INTEGER NOT NULL,
    run_id        INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    PRIMARY KEY (host, repository_id, run_id, attempt)
) WITHOUT ROWID;

-- What is known of a repository beside its failures.
CREATE TABLE repositories (
    host           TEXT    NOT NULL,
    repository_id  INTEGER NOT NULL,
    name           TEXT    NOT NULL,
    default_branch TEXT,
    seen_on        TEXT    NOT NULL,  -- the day of its newest live failure
    PRIMARY KEY (host, repository_id)
) WITHOUT ROWID;

-- Proof that a failure passed later on the same tree: the first attempt of its run that did.
CREATE TABLE passes (
    failure_id INTEGER PRIMARY KEY REFERENCES log_entries (id),
    attempt    INTEGER NOT NULL,
    at         TEXT    NOT NULL
);

-- When and where else a fingerprint was seen is read from the index alone.
DROP INDEX history_fingerprint;
CREATE INDEX history_fingerprint ON log_entries (fingerprint, timestamp, repository, branch)
    WHERE is_parent = 0 AND fingerprint IS NOT NULL;
