//! Is it new, is it known, did it pass later: what the history says of one failure.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{from_time, time_text};
use crate::ingest::{PassedJob, RowKey};
use crate::store::{Novelty, OUTAGE_REPOSITORIES, OUTAGE_TIME, PassedLater, RECENT, Sightings, StoreError};

/// What of a row decides.
struct Subject {
    fingerprint: String,
    timestamp: Timestamp,
    repository: Option<String>,
    default_branch: Option<String>,
}

/// Fingerprint, time, repository and default branch, as the columns hold them.
type Found = (Option<String>, String, Option<String>, Option<String>);

impl Subject {
    fn of(db: &Connection, id: i64) -> Result<Option<Self>, StoreError> {
        let sql = "SELECT e.fingerprint, e.timestamp, e.repository, r.default_branch FROM log_entries e
                   LEFT JOIN repositories r ON r.host = e.host AND r.repository_id = e.repository_id
                   WHERE e.id = ?";
        let mut statement = db.prepare_cached(sql)?;
        let found: Option<Found> = statement
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        let Some((Some(fingerprint), timestamp, repository, default_branch)) = found else {
            return Ok(None);
        };
        Ok(Some(Self {
            fingerprint,
            timestamp: from_time("timestamp", &timestamp)?,
            repository,
            default_branch,
        }))
    }

    /// When it was seen last before, where that counts.
    fn last_before(&self, db: &Connection) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT max(timestamp) FROM log_entries
                   WHERE is_parent = 0 AND fingerprint = ?1 AND timestamp < ?2
                     AND repository IS ?3 AND (?4 IS NULL OR branch = ?4)";
        let mut statement = db.prepare_cached(sql)?;
        let found: Option<String> = statement.query_row(
            params![
                self.fingerprint,
                time_text(self.timestamp),
                self.repository,
                self.default_branch
            ],
            |row| row.get(0),
        )?;
        found.map(|at| from_time("timestamp", &at)).transpose()
    }

    fn novelty(&self, db: &Connection) -> Result<Novelty, StoreError> {
        Ok(match self.last_before(db)? {
            None => Novelty::New,
            Some(last) if self.timestamp.duration_since(last) <= RECENT => Novelty::Seen,
            Some(_) => Novelty::Regressed,
        })
    }

    fn is_outage(&self, db: &Connection) -> Result<bool, StoreError> {
        let sql = "SELECT count(DISTINCT repository) FROM log_entries
                   WHERE is_parent = 0 AND fingerprint = ? AND timestamp BETWEEN ? AND ?";
        let (from, to) = (
            self.timestamp.checked_sub(OUTAGE_TIME).unwrap_or(Timestamp::MIN),
            self.timestamp.checked_add(OUTAGE_TIME).unwrap_or(Timestamp::MAX),
        );
        let count: i64 = db
            .prepare_cached(sql)?
            .query_row((&self.fingerprint, time_text(from), time_text(to)), |row| row.get(0))?;
        Ok(count.unsigned_abs() >= OUTAGE_REPOSITORIES)
    }
}

/// Where else the fingerprint of a row was seen.
pub(super) fn sightings(db: &Connection, id: i64) -> Result<Option<Sightings>, StoreError> {
    let Some(subject) = Subject::of(db, id)? else {
        return Ok(None);
    };
    let sql = "SELECT count(*), min(timestamp), max(timestamp), count(DISTINCT repository) FROM log_entries
               WHERE is_parent = 0 AND fingerprint = ?";
    let (count, first, last, repositories): (i64, Option<String>, Option<String>, i64) =
        db.prepare_cached(sql)?.query_row([&subject.fingerprint], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
    let time = |at: Option<String>| at.map_or(Ok(subject.timestamp), |at| from_time("timestamp", &at));
    Ok(Some(Sightings {
        count: count.unsigned_abs(),
        first_seen: time(first)?,
        last_seen: time(last)?,
        repositories: repositories.unsigned_abs(),
        novelty: subject.novelty(db)?,
        outage: subject.is_outage(db)?,
    }))
}

/// The failures of earlier attempts of the same run that this success disproves and that no earlier one did.
pub(super) fn disproved(db: &Connection, passed: &PassedJob) -> Result<Vec<i64>, StoreError> {
    let RowKey::Job {
        host,
        repository_id,
        run_id,
        attempt,
        job_id,
    } = &passed.key
    else {
        return Ok(Vec::new());
    };
    // A run that passed has passed all of its jobs; a job speaks for those of its own name.
    let name = if *job_id == 0 {
        None
    } else {
        Some(passed.job.as_deref().unwrap_or_default())
    };
    let sql = "SELECT id FROM log_entries
               WHERE host = ?1 AND repository_id = ?2 AND run_id = ?3 AND attempt < ?4 AND run_id <> 0 AND attempt_known
                 AND is_parent = 0 AND (?5 IS NULL OR job = ?5)
                 AND NOT EXISTS (SELECT 1 FROM passes WHERE failure_id = id AND passes.attempt <= ?4)";
    let mut statement = db.prepare_cached(sql)?;
    let ids = statement.query_map(params![host, repository_id, run_id, attempt, name], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Marks them.
pub(super) fn mark(db: &Connection, passed: &PassedJob) -> Result<Vec<i64>, StoreError> {
    let RowKey::Job { attempt, .. } = &passed.key else {
        return Ok(Vec::new());
    };
    let ids = disproved(db, passed)?;
    let mut statement =
        db.prepare_cached("INSERT OR REPLACE INTO passes (failure_id, attempt, at) VALUES (?, ?, ?)")?;
    for id in &ids {
        statement.execute((id, attempt, time_text(passed.at)))?;
    }
    Ok(ids)
}

/// Proof that a failure passed later.
pub(super) fn passed_later(db: &Connection, id: i64) -> Result<Option<PassedLater>, StoreError> {
    let sql = "SELECT p.attempt, p.at,
                   (SELECT max(max(o.attempt), coalesce(max(q.attempt), 0)) FROM log_entries o
                    LEFT JOIN passes q ON q.failure_id = o.id
                    WHERE o.host = e.host AND o.repository_id = e.repository_id AND o.run_id = e.run_id)
               FROM passes p JOIN log_entries e ON e.id = p.failure_id WHERE p.failure_id = ?";
    let mut statement = db.prepare_cached(sql)?;
    let found: Option<(i64, String, i64)> = statement
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let read = |(attempt, at, last): (i64, String, i64)| {
        Ok(PassedLater {
            rerun: attempt - 1,
            of: last - 1,
            at: from_time("at", &at)?,
        })
    };
    found.map(read).transpose()
}
