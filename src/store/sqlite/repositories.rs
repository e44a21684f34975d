//! What is known of a repository beside its failures.

use jiff::Timestamp;
use rusqlite::Connection;

use super::columns::time_text;
use crate::ingest::RowKey;
use crate::store::{KnownRepository, NewFailure, StoreError};

/// What a failure tells of its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    host: String,
    repository_id: i64,
    name: String,
    default_branch: Option<String>,
    /// The day, where it is a live failure.
    day: String,
}

impl Seen {
    /// `None` where it names no repository.
    pub(super) fn in_new(new: &NewFailure) -> Option<Self> {
        let RowKey::Job {
            host, repository_id, ..
        } = &new.job.key
        else {
            return None;
        };
        Some(Self {
            host: host.clone(),
            repository_id: *repository_id,
            name: new.job.repository.clone()?,
            default_branch: new.default_branch.clone(),
            day: if new.job.source.is_live() {
                day(new.timestamp)
            } else {
                String::new()
            },
        })
    }

    /// Whether both are of one repository.
    pub(super) fn is_of_same(&self, other: &Self) -> bool {
        self.repository_id == other.repository_id && self.host == other.host
    }

    /// Keeps it, where it is news.
    pub(super) fn keep(&self, db: &Connection) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO repositories (host, repository_id, name, default_branch, seen_on) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT DO UPDATE SET name = ?3, default_branch = coalesce(?4, default_branch),
                       seen_on = max(seen_on, ?5)
                   WHERE name <> ?3 OR ?4 IS NOT NULL AND default_branch IS NOT ?4 OR seen_on < ?5";
        let Self {
            host,
            repository_id,
            name,
            default_branch,
            day,
        } = self;
        db.prepare_cached(sql)?
            .execute((host, repository_id, name, default_branch, day))?;
        Ok(())
    }
}

/// A day in UTC, as RFC 3339 writes it.
fn day(at: Timestamp) -> String {
    let mut day = time_text(at);
    day.truncate("2026-01-01".len());
    day
}

/// Those with a live failure since then.
pub(super) fn known(db: &Connection, since: Timestamp) -> Result<Vec<KnownRepository>, StoreError> {
    let sql = "SELECT host, repository_id, name, default_branch FROM repositories
               WHERE seen_on >= ? AND repository_id > 0 ORDER BY host, repository_id";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([day(since)], |row| {
        Ok(KnownRepository {
            host: row.get(0)?,
            id: row.get(1)?,
            name: row.get(2)?,
            default_branch: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
