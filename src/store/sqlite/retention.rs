//! What is old or too much leaves: the oldest failures first, a bounded number at a time, with all that hangs on them.
//!
//! Failures that people corrected stay: they are what the next model learns from.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::columns::time_text;
use super::row::load_known;
use super::search;
use super::totals::Delta;
use crate::store::StoreError;

/// What hangs on a failure and goes with it, children before parents.
const BELONGINGS: [&str; 8] = [
    "DELETE FROM logs WHERE failure_id = ?",
    "DELETE FROM deliveries WHERE failure_id = ?",
    "DELETE FROM taught WHERE failure_id = ?",
    "DELETE FROM log_waits WHERE failure_id = ?",
    "DELETE FROM passes WHERE failure_id = ?",
    "DELETE FROM run_events WHERE (host, repository_id, run_id) IN
     (SELECT host, repository_id, run_id FROM log_entries WHERE id = ?1
      UNION SELECT e.host, e.repository_id, p.run_id FROM log_entries e
            JOIN passes_elsewhere p ON p.failure_id = e.id WHERE e.id = ?1)",
    "DELETE FROM passes_elsewhere WHERE failure_id = ?",
    "DELETE FROM log_entries WHERE id = ?",
];

/// Forgets the oldest failures from before `before`, at most `limit`; how many they were.
pub(super) fn forget(db: &Connection, delta: &mut Delta, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
    // Corrections and proposals, those taken back or turned down among them, are the record of what people did.
    let sql = "SELECT id FROM search WHERE timestamp < ? \
               AND NOT EXISTS (SELECT 1 FROM corrections WHERE failure_id = search.id) \
               AND NOT EXISTS (SELECT 1 FROM proposals WHERE failure_id = search.id) \
               ORDER BY timestamp, id LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ids = ids(db, sql, &time_text(before), limit)?;
    for id in &ids {
        let row = load_known(db, *id)?;
        search::forget(db, delta, &row)?;
        delta.row_out(&row);
        remove(db, *id)?;
    }
    forget_parents(db, before, limit)?;
    db.prepare_cached("DELETE FROM drift_snapshots WHERE at < ?")?
        .execute([time_text(before)])?;
    Ok(ids.len())
}

/// Runs whose failed jobs have all gone.
fn forget_parents(db: &Connection, before: Timestamp, limit: i64) -> Result<(), StoreError> {
    let sql = "SELECT id FROM log_entries WHERE is_parent = 1 AND timestamp < ? \
               AND NOT EXISTS (SELECT 1 FROM log_entries AS job WHERE job.parent_id = log_entries.id) \
               AND NOT EXISTS (SELECT 1 FROM corrections WHERE failure_id = log_entries.id) \
               AND NOT EXISTS (SELECT 1 FROM proposals WHERE failure_id = log_entries.id) LIMIT ?";
    for id in ids(db, sql, &time_text(before), limit)? {
        remove(db, id)?;
    }
    Ok(())
}

fn ids(db: &Connection, sql: &str, before: &str, limit: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let ids = statement.query_map(params![before, limit], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

fn remove(db: &Connection, id: i64) -> Result<(), StoreError> {
    for sql in BELONGINGS {
        db.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}

/// Bytes of the database that hold something. Pages that were given back are filled again before the file grows.
pub(super) fn used_bytes(db: &Connection) -> Result<u64, StoreError> {
    let ask = |pragma: &str| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (pages, free, size) = (ask("page_count")?, ask("freelist_count")?, ask("page_size")?);
    Ok((pages - free).unsigned_abs() * size.unsigned_abs())
}
