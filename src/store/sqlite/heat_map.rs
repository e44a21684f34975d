//! Columns of the heat map, as kept.

use rusqlite::Connection;

use super::columns::{from_json, from_time, json, time};
use crate::drift::DriftSnapshot;
use crate::store::StoreError;

/// How many columns are kept; a screen shows at most a few hundred.
const KEPT: i64 = 10_000;

/// Keeps one column, and drops the one that is too old.
pub(super) fn keep(db: &Connection, snapshot: &DriftSnapshot) -> Result<(), StoreError> {
    let n = i64::try_from(snapshot.n).unwrap_or(i64::MAX);
    let sql = "INSERT INTO drift_snapshots (at, n, cells) VALUES (?, ?, ?)";
    db.prepare_cached(sql)?
        .execute((time(snapshot.at), n, json(&snapshot.cells)?))?;
    db.prepare_cached("DELETE FROM drift_snapshots WHERE id <= ?")?
        .execute([db.last_insert_rowid() - KEPT])?;
    Ok(())
}

/// The newest columns, oldest first.
pub(super) fn newest(db: &Connection, limit: usize) -> Result<Vec<DriftSnapshot>, StoreError> {
    let sql = "SELECT at, n, cells FROM drift_snapshots ORDER BY id DESC LIMIT ?";
    let mut statement = db.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let read = rows.map(|row| {
        let (at, n, cells): (String, i64, String) = row?;
        let n = usize::try_from(n).unwrap_or_default();
        Ok(DriftSnapshot {
            at: from_time("at", &at)?,
            n,
            cells: from_json("cells", &cells)?,
        })
    });
    let mut columns = read.collect::<Result<Vec<_>, StoreError>>()?;
    columns.reverse();
    Ok(columns)
}
