-- One row a failure. Times are RFC 3339 in UTC with six decimals, so that text order is time order; lists and objects are
-- JSON; booleans are 0 and 1. The wide blobs come last, so that reading the rest of a row never walks through them.
CREATE TABLE log_entries (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    timestamp        TEXT    NOT NULL,
    event_source     TEXT    NOT NULL,
    live             INTEGER NOT NULL,  -- whether the source is live traffic
    is_parent        INTEGER NOT NULL DEFAULT 0,  -- a run whose failed jobs are rows now: out of history, drift and counts
    parent_id        INTEGER REFERENCES log_entries (id),

    -- Identity; all null for a record that is unique by its own id.
    host             TEXT,
    repository_id    INTEGER,
    run_id           INTEGER,
    attempt          INTEGER,
    job_id           INTEGER,
    attempt_known    INTEGER NOT NULL DEFAULT 1,  -- 0 while run id or attempt are a guess (a check_run names no attempt)

    repository       TEXT,
    workflow         TEXT,
    job              TEXT,
    failed_steps     TEXT    NOT NULL,
    branch           TEXT,
    head_sha         TEXT,
    author           TEXT,
    url              TEXT,
    runner_labels    TEXT    NOT NULL,
    conclusion       TEXT    NOT NULL,
    message          TEXT,
    failed_at        TEXT    NOT NULL,
    metrics_payload  TEXT    NOT NULL,  -- measurements and categories

    prediction       TEXT    NOT NULL,
    label            TEXT    NOT NULL,  -- the latest standing correction, or else the prediction
    corrected_by     TEXT,
    confidence_score REAL    NOT NULL,
    uncertain        INTEGER NOT NULL,
    uncertain_reason TEXT,
    prediction_set   TEXT    NOT NULL,
    coverage         REAL    NOT NULL,
    probabilities    TEXT    NOT NULL,  -- in the fixed order of the classes
    evidence         TEXT    NOT NULL,
    contributions    TEXT    NOT NULL,
    fingerprint      TEXT,
    decided_from     TEXT    NOT NULL,
    log_state        TEXT    NOT NULL,
    model_version    TEXT    NOT NULL,
    latency_us       INTEGER NOT NULL,
    input_id         TEXT,
    revision         INTEGER NOT NULL,
    psi_drift_stat   REAL,
    watched          TEXT    NOT NULL,
    delivery_id      TEXT,
    raw_sha256       TEXT    NOT NULL,
    feature_schema   TEXT    NOT NULL,
    features         BLOB    NOT NULL,  -- f32, little endian, zstd
    raw_payload      BLOB    NOT NULL   -- masked, zstd
);

CREATE UNIQUE INDEX one_row_a_job ON log_entries (host, repository_id, run_id, attempt, job_id) WHERE host IS NOT NULL;
CREATE INDEX job_of_host ON log_entries (host, repository_id, job_id) WHERE host IS NOT NULL;
CREATE INDEX jobs_of_parent ON log_entries (parent_id) WHERE parent_id IS NOT NULL;

-- History in its order, a filter each; what stands behind the id lets a second filter skip rows without reading them.
CREATE INDEX history_all ON log_entries (timestamp, id) WHERE is_parent = 0;
CREATE INDEX history_live ON log_entries (timestamp, id) WHERE is_parent = 0 AND live = 1;
CREATE INDEX history_uncertain ON log_entries (uncertain, timestamp, id) WHERE is_parent = 0;
CREATE INDEX history_source ON log_entries (event_source, timestamp, id, uncertain) WHERE is_parent = 0;
CREATE INDEX history_class ON log_entries (label, timestamp, id, uncertain, event_source) WHERE is_parent = 0;
CREATE INDEX history_repo ON log_entries (repository COLLATE NOCASE, timestamp, id, uncertain, event_source, label)
    WHERE is_parent = 0;
CREATE INDEX history_fingerprint ON log_entries (fingerprint) WHERE is_parent = 0;

-- What a word search reads: narrow, in the order of history, lower case.
CREATE TABLE search (
    timestamp TEXT    NOT NULL,
    id        INTEGER NOT NULL,
    text      TEXT    NOT NULL,
    PRIMARY KEY (timestamp, id)
) WITHOUT ROWID;

CREATE TABLE logs (
    failure_id INTEGER PRIMARY KEY REFERENCES log_entries (id),
    log        BLOB NOT NULL  -- masked, zstd
);

CREATE TABLE deliveries (
    delivery_id TEXT    NOT NULL,
    event       TEXT    NOT NULL,
    failure_id  INTEGER NOT NULL REFERENCES log_entries (id),
    PRIMARY KEY (delivery_id, event)
) WITHOUT ROWID;
CREATE INDEX deliveries_of_failure ON deliveries (failure_id);

CREATE TABLE corrections (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    failure_id INTEGER NOT NULL REFERENCES log_entries (id),
    at         TEXT NOT NULL,
    from_label TEXT NOT NULL,
    label      TEXT NOT NULL,
    note       TEXT,
    author     TEXT,
    actor      TEXT NOT NULL,
    undone_at  TEXT
);
CREATE INDEX corrections_of_failure ON corrections (failure_id);
CREATE INDEX standing_corrections ON corrections (id) WHERE undone_at IS NULL;

CREATE TABLE drift_snapshots (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    at    TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    cells TEXT    NOT NULL
);

-- One row: counts kept in the transaction that changes what they count.
CREATE TABLE totals (
    one                   INTEGER PRIMARY KEY CHECK (one = 1),
    failures              INTEGER NOT NULL DEFAULT 0,
    inferences            INTEGER NOT NULL DEFAULT 0,
    corrections           INTEGER NOT NULL DEFAULT 0,
    uncertain             INTEGER NOT NULL DEFAULT 0,
    live                  INTEGER NOT NULL DEFAULT 0,
    build_failure         INTEGER NOT NULL DEFAULT 0,
    configuration_error   INTEGER NOT NULL DEFAULT 0,
    dependency_error      INTEGER NOT NULL DEFAULT 0,
    deployment_failure    INTEGER NOT NULL DEFAULT 0,
    network_error         INTEGER NOT NULL DEFAULT 0,
    permission_error      INTEGER NOT NULL DEFAULT 0,
    resource_exhaustion   INTEGER NOT NULL DEFAULT 0,
    security_scan_failure INTEGER NOT NULL DEFAULT 0,
    test_failure          INTEGER NOT NULL DEFAULT 0,
    timeout               INTEGER NOT NULL DEFAULT 0,
    write_checks          INTEGER NOT NULL DEFAULT 0
);
INSERT INTO totals (one) VALUES (1);
