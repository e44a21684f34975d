//! Columns of the heat map, as kept: fine where they are new, coarse where they are old (see [`crate::drift::aging`]).

use rusqlite::{Connection, Row};

use super::columns::{from_json, from_time, json, time};
use crate::drift::DriftSnapshot;
use crate::drift::aging::{MOST_COLUMNS, groups, worst};
use crate::store::StoreError;

/// Every so many columns the old ones are put together.
const AGED_EVERY: i64 = 32;

/// More than there ever are: a database from before columns grew old holds 10,000.
const ALL: usize = 20 * MOST_COLUMNS;

/// Keeps one column; now and then puts the old ones together.
pub(super) fn keep(db: &Connection, snapshot: &DriftSnapshot) -> Result<(), StoreError> {
    let n = i64::try_from(snapshot.n).unwrap_or(i64::MAX);
    let sql = "INSERT INTO drift_snapshots (at, n, cells) VALUES (?, ?, ?)";
    db.prepare_cached(sql)?
        .execute((time(snapshot.at), n, json(&snapshot.cells)?))?;
    if db.last_insert_rowid() % AGED_EVERY == 0 {
        age(db)?;
    }
    Ok(())
}

fn age(db: &Connection) -> Result<(), StoreError> {
    let (ids, columns): (Vec<i64>, Vec<DriftSnapshot>) = read(db, ALL)?.into_iter().unzip();
    let ends: Vec<_> = columns.iter().map(|column| column.at).collect();
    // The last of each group stays, as the worst of all.
    let groups = groups(&ends);
    let mut stay = groups.iter().map(|group| group.end - 1).peekable();
    for (place, id) in ids.iter().enumerate() {
        if stay.next_if_eq(&place).is_none() {
            db.prepare_cached("DELETE FROM drift_snapshots WHERE id = ?")?
                .execute([id])?;
        }
    }
    for group in groups.iter().filter(|group| group.len() > 1) {
        if let Some(worst) = worst(&columns[group.clone()]) {
            db.prepare_cached("UPDATE drift_snapshots SET cells = ? WHERE id = ?")?
                .execute((json(&worst.cells)?, ids[group.end - 1]))?;
        }
    }
    Ok(())
}

/// The newest columns, oldest first.
pub(super) fn newest(db: &Connection, limit: usize) -> Result<Vec<DriftSnapshot>, StoreError> {
    Ok(read(db, limit)?.into_iter().map(|(_, column)| column).collect())
}

/// With their ids.
fn read(db: &Connection, limit: usize) -> Result<Vec<(i64, DriftSnapshot)>, StoreError> {
    let sql = "SELECT id, at, n, cells FROM drift_snapshots ORDER BY id DESC LIMIT ?";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut columns = Vec::new();
    while let Some(row) = rows.next()? {
        columns.push((row.get(0)?, column(row)?));
    }
    // In the order of time: what was backfilled came later than it was.
    columns.sort_by_key(|(_, column): &(i64, DriftSnapshot)| column.at);
    Ok(columns)
}

fn column(row: &Row<'_>) -> Result<DriftSnapshot, StoreError> {
    let n: i64 = row.get(2)?;
    Ok(DriftSnapshot {
        at: from_time("at", &row.get::<_, String>(1)?)?,
        n: usize::try_from(n).unwrap_or_default(),
        cells: from_json("cells", &row.get::<_, String>(3)?)?,
    })
}
