//! Is it new, is it known: what the history says of one failure.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::columns::{from_time, time_text};
use crate::store::{Novelty, OUTAGE_REPOSITORIES, OUTAGE_TIME, RECENT, Sightings, StoreError};

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
