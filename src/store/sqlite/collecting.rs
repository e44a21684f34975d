//! Logs that are waited for, places in lists, attempts that were listed.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::columns::{blob, pack, pack_features, text, time_text, update};
use super::label::{Revision, revise};
use super::row::{in_history, load_known};
use super::totals::Delta;
use crate::ingest::EventSource;
use crate::store::{Failure, ReadLog, RunKey, StoreError, WaitingLog};
use crate::verdict::LogState;

/// A log that came, compressed outside of the writer's thread.
pub(super) struct PackedLog {
    revision: Revision,
    log: Option<Vec<u8>>,
}

impl PackedLog {
    pub(super) fn new(read: ReadLog) -> Result<Self, StoreError> {
        Ok(Self {
            log: read.log.map(|log| pack(&log)).transpose()?,
            revision: Revision {
                verdict: read.verdict,
                watched: read.watched,
                features: pack_features(&read.features.values),
                schema: read.features.schema,
            },
        })
    }
}

/// Gives a row its log, and the verdict on it.
pub(super) fn attach(db: &Connection, delta: &mut Delta, id: i64, packed: &PackedLog) -> Result<Failure, StoreError> {
    forget(db, id)?;
    if !in_history(db, id)? {
        // A run that has given way to its jobs in the meantime: their logs are theirs.
        return load_known(db, id);
    }
    if let Some(log) = &packed.log {
        db.prepare_cached("INSERT OR REPLACE INTO logs (failure_id, log) VALUES (?, ?)")?
            .execute((id, blob(log)))?;
    }
    revise(db, delta, id, &packed.revision)
}

/// Notes what became of a log that did not come.
pub(super) fn miss(db: &Connection, id: i64, state: LogState, again: Option<Timestamp>) -> Result<Failure, StoreError> {
    update(db, id, vec![("log_state", text(state.name()))])?;
    match again {
        Some(again) => {
            db.prepare_cached("UPDATE log_waits SET due = ?, tries = tries + 1 WHERE failure_id = ?")?
                .execute((time_text(again), id))?;
        }
        None => forget(db, id)?,
    }
    load_known(db, id)
}

pub(super) fn forget(db: &Connection, id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM log_waits WHERE failure_id = ?")?
        .execute([id])?;
    Ok(())
}

/// Waits for the log of a new row.
pub(super) fn wait(db: &Connection, id: i64, row: &Failure) -> Result<(), StoreError> {
    let past = row.job.source == EventSource::Backfill;
    db.prepare_cached("INSERT OR IGNORE INTO log_waits (failure_id, past, due) VALUES (?, ?, ?)")?
        .execute((id, past, time_text(row.timestamp)))?;
    Ok(())
}

pub(super) fn due(db: &Connection, now: Timestamp, past: bool, limit: usize) -> Result<Vec<WaitingLog>, StoreError> {
    let sql = "SELECT failure_id, tries FROM log_waits WHERE past = ? AND due <= ? ORDER BY due DESC LIMIT ?";
    let mut statement = db.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((past, time_text(now), limit), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let waiting = rows.map(|row| {
        let (id, tries): (i64, u32) = row?;
        Ok(WaitingLog {
            failure: load_known(db, id)?,
            tries,
        })
    });
    waiting.collect()
}

pub(super) fn waiting(db: &Connection) -> Result<u64, StoreError> {
    let count: i64 = db
        .prepare_cached("SELECT count(*) FROM log_waits")?
        .query_row([], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

pub(super) fn place(db: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let mut statement = db.prepare_cached("SELECT place FROM places WHERE name = ?")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

pub(super) fn keep_place(db: &Connection, name: &str, place: &str) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO places (name, place) VALUES (?, ?)")?
        .execute([name, place])?;
    Ok(())
}

pub(super) fn is_listed(db: &Connection, run: &RunKey) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM listed_attempts
               WHERE host = ? AND repository_id = ? AND run_id = ? AND attempt = ?)";
    let mut statement = db.prepare_cached(sql)?;
    Ok(statement.query_row(key(run), |row| row.get(0))?)
}

pub(super) fn keep_listed(db: &Connection, run: &RunKey) -> Result<(), StoreError> {
    let sql = "INSERT OR IGNORE INTO listed_attempts (host, repository_id, run_id, attempt) VALUES (?, ?, ?, ?)";
    db.prepare_cached(sql)?.execute(key(run))?;
    Ok(())
}

fn key(run: &RunKey) -> (&str, i64, i64, i64) {
    (&run.host, run.repository_id, run.run_id, run.attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_that_are_due_are_found_along_the_index() {
        let mut db = Connection::open_in_memory().expect("a database in memory");
        super::super::schema::migrate(&mut db, "").expect("the schema");
        let sql = "EXPLAIN QUERY PLAN
                   SELECT failure_id FROM log_waits WHERE past = 0 AND due <= '2' ORDER BY due DESC LIMIT 1";
        let plan: String = db.query_row(sql, [], |row| row.get(3)).expect("a plan");
        assert!(plan.contains("log_waits_in_turn"), "{plan}");
    }
}
