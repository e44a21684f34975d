//! Did it pass later on the same tree: what a success proves against earlier failures. Nothing here is inferred.
//!
//! A later attempt of the same run has the same tree by its nature. Another run of the same workflow has it where both are of
//! the same commit and were started by the same event, one of [`OF_THE_COMMIT`].

use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{from_time, time_text};
use crate::ingest::{PassedJob, RowKey};
use crate::store::{OF_THE_COMMIT, PassedLater, StoreError};

/// The run of a key, as columns.
#[derive(Clone, Copy)]
struct Run<'a> {
    host: &'a str,
    repository_id: i64,
    id: i64,
    attempt: i64,
    job_id: i64,
}

impl<'a> Run<'a> {
    fn of(key: &'a RowKey) -> Option<Self> {
        match key {
            RowKey::Job {
                host,
                repository_id,
                run_id,
                attempt,
                job_id,
            } => (*run_id != 0).then_some(Self {
                host,
                repository_id: *repository_id,
                id: *run_id,
                attempt: *attempt,
                job_id: *job_id,
            }),
            RowKey::Own => None,
        }
    }
}

/// Whether a success says anything of a failure that is stored.
pub(super) fn matters(db: &Connection, passed: &PassedJob) -> Result<bool, StoreError> {
    let Some(run) = Run::of(&passed.key) else {
        return Ok(false);
    };
    Ok(!disproved(db, run, passed)?.is_empty() || !elsewhere(db, run, passed)?.is_empty() || is_awaited(db, run)?)
}

/// Marks what a success disproves; the failures that are newly marked.
pub(super) fn mark(db: &Connection, passed: &PassedJob, run_event: Option<&str>) -> Result<Vec<i64>, StoreError> {
    let Some(run) = Run::of(&passed.key) else {
        return Ok(Vec::new());
    };
    let mut marked = disproved(db, run, passed)?;
    let sql = "INSERT OR REPLACE INTO passes (failure_id, attempt, at) VALUES (?, ?, ?)";
    for id in &marked {
        db.prepare_cached(sql)?
            .execute((id, run.attempt, time_text(passed.at)))?;
    }
    let sql = "INSERT OR IGNORE INTO passes_elsewhere (failure_id, run_id, attempt, at) VALUES (?, ?, ?, ?)";
    for id in elsewhere(db, run, passed)? {
        db.prepare_cached(sql)?
            .execute((id, run.id, run.attempt, time_text(passed.at)))?;
    }
    if let Some(event) = run_event.filter(|_| run.job_id == 0) {
        see_run(db, run, event)?;
    }
    marked.extend(prove(db, run)?);
    Ok(marked)
}

/// Remembers what started a run that failed, and what follows from it.
pub(super) fn see_failed_run(db: &Connection, key: &RowKey, run_event: Option<&str>) -> Result<(), StoreError> {
    if let (Some(run), Some(event)) = (Run::of(key), run_event) {
        see_run(db, run, event)?;
        prove(db, run)?;
    }
    Ok(())
}

/// The failures of earlier attempts of the same run that this success disproves and that no earlier one did.
fn disproved(db: &Connection, run: Run<'_>, passed: &PassedJob) -> Result<Vec<i64>, StoreError> {
    // A run that passed has passed all of its jobs; a job speaks for those of its own name.
    let name = if run.job_id == 0 {
        None
    } else {
        Some(passed.job.as_deref().unwrap_or_default())
    };
    let sql = "SELECT id FROM log_entries
               WHERE host = ?1 AND repository_id = ?2 AND run_id = ?3 AND attempt < ?4 AND attempt_known
                 AND is_parent = 0 AND (?5 IS NULL OR job = ?5)
                 AND NOT EXISTS (SELECT 1 FROM passes
                                 WHERE failure_id = id AND passes.run_id IS NULL AND passes.attempt <= ?4)";
    let mut statement = db.prepare_cached(sql)?;
    let key = params![run.host, run.repository_id, run.id, run.attempt, name];
    let ids = statement.query_map(key, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Whether there are failures of other runs on the commit of a run that passed, of which its jobs may say something.
pub(super) fn awaits(db: &Connection, passed: &PassedJob) -> Result<bool, StoreError> {
    match Run::of(&passed.key) {
        Some(run) => Ok(!failed_elsewhere(db, run, passed, None)?.is_empty()),
        None => Ok(false),
    }
}

/// Earlier failures of the same job in other runs on the same commit. A whole run that passed says nothing of them: it may
/// have left the job out.
fn elsewhere(db: &Connection, run: Run<'_>, passed: &PassedJob) -> Result<Vec<i64>, StoreError> {
    match passed.job.as_deref() {
        Some(job) => failed_elsewhere(db, run, passed, Some(job)),
        None => Ok(Vec::new()),
    }
}

/// Earlier failures of this job, or of any, in other runs of the same workflow on the same commit.
fn failed_elsewhere(
    db: &Connection,
    run: Run<'_>,
    passed: &PassedJob,
    job: Option<&str>,
) -> Result<Vec<i64>, StoreError> {
    let (Some(sha), Some(workflow)) = (&passed.head_sha, &passed.workflow) else {
        return Ok(Vec::new());
    };
    let sql = "SELECT id FROM log_entries
               WHERE host = ?1 AND repository_id = ?2 AND head_sha = ?3 AND is_parent = 0
                 AND run_id NOT IN (0, ?4) AND workflow = ?5 AND (?6 IS NULL OR job = ?6) AND failed_at < ?7
                 AND NOT EXISTS (SELECT 1 FROM passes WHERE failure_id = id)
                 AND NOT EXISTS (SELECT 1 FROM passes_elsewhere o WHERE o.failure_id = id AND o.run_id = ?4)";
    let mut statement = db.prepare_cached(sql)?;
    let key = params![
        run.host,
        run.repository_id,
        sha,
        run.id,
        workflow,
        job,
        time_text(passed.at)
    ];
    let ids = statement.query_map(key, |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Whether a job of this run passed that had failed on the same commit.
fn is_awaited(db: &Connection, run: Run<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM passes_elsewhere WHERE run_id = ?)";
    Ok(db.prepare_cached(sql)?.query_row([run.id], |row| row.get(0))?)
}

fn see_run(db: &Connection, run: Run<'_>, event: &str) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO run_events (host, repository_id, run_id, event) VALUES (?, ?, ?, ?)";
    db.prepare_cached(sql)?
        .execute((run.host, run.repository_id, run.id, event))?;
    Ok(())
}

/// Makes proof of what is known of this run by now, as the one that failed or the one that passed.
fn prove(db: &Connection, run: Run<'_>) -> Result<Vec<i64>, StoreError> {
    let events = OF_THE_COMMIT.map(|event| format!("'{event}'")).join(", ");
    let sql = format!(
        "INSERT OR IGNORE INTO passes (failure_id, attempt, at, run_id)
         SELECT p.failure_id, p.attempt, p.at, p.run_id FROM passes_elsewhere p
         JOIN log_entries e ON e.id = p.failure_id
         JOIN run_events f ON f.host = e.host AND f.repository_id = e.repository_id AND f.run_id = e.run_id
         JOIN run_events g ON g.host = e.host AND g.repository_id = e.repository_id AND g.run_id = p.run_id
         WHERE f.event = g.event AND f.event IN ({events}) AND e.host = ?1 AND e.repository_id = ?2
           AND (p.run_id = ?3 OR p.failure_id IN
                (SELECT id FROM log_entries WHERE host = ?1 AND repository_id = ?2 AND run_id = ?3))
         ORDER BY p.at
         RETURNING failure_id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let ids = statement.query_map((run.host, run.repository_id, run.id), |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Proof that a failure passed later.
pub(super) fn passed_later(db: &Connection, id: i64) -> Result<Option<PassedLater>, StoreError> {
    let sql = "SELECT p.attempt, p.at, p.run_id,
                   (SELECT max(max(o.attempt), coalesce(max(q.attempt), 0)) FROM log_entries o
                    LEFT JOIN passes q ON q.failure_id = o.id AND q.run_id IS NULL
                    WHERE o.host = e.host AND o.repository_id = e.repository_id
                      AND o.run_id = coalesce(p.run_id, e.run_id))
               FROM passes p JOIN log_entries e ON e.id = p.failure_id WHERE p.failure_id = ?";
    let mut statement = db.prepare_cached(sql)?;
    let found: Option<(i64, String, Option<i64>, Option<i64>)> = statement
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let read = |(attempt, at, run_id, last): (i64, String, Option<i64>, Option<i64>)| {
        Ok(PassedLater {
            rerun: attempt - 1,
            of: last.unwrap_or(attempt).max(attempt) - 1,
            run_id,
            at: from_time("at", &at)?,
        })
    };
    found.map(read).transpose()
}
