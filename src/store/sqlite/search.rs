//! Word search: a bounded scan over a narrow table in the order of history.
//!
//! Chosen over the index FTS5 of `SQLite`: there a word that many rows share must be sorted by time before the first page, and every
//! insert pays for an index that few ever ask. A scan finds frequent words at once, and a rare one costs at most
//! [`SCANNED_ROWS`] a page; the page then ends early and its cursor goes on behind the last row looked at.

use rusqlite::Connection;

use super::columns::time_text;
use crate::store::{Failure, StoreError};

/// Rows looked at for one page: some tenths of a second.
pub(super) const SCANNED_ROWS: usize = 200_000;

/// The longest text searched of one row, in bytes.
const MAX_TEXT: usize = 2_048;

/// The longest text of one line of evidence in it.
const MAX_LINE: usize = 400;

/// Keeps a row's words.
pub(super) fn remember(db: &Connection, row: &Failure) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO search (timestamp, id, text) VALUES (?, ?, ?)";
    db.prepare_cached(sql)?
        .execute((time_text(row.timestamp), row.id(), words_of(row)))?;
    Ok(())
}

/// Drops a row's words.
pub(super) fn forget(db: &Connection, row: &Failure) -> Result<(), StoreError> {
    let sql = "DELETE FROM search WHERE timestamp = ? AND id = ?";
    db.prepare_cached(sql)?.execute((time_text(row.timestamp), row.id()))?;
    Ok(())
}

/// What is searched: repository, workflow, job, steps, branch, evidence; lower case.
fn words_of(row: &Failure) -> String {
    let job = &row.job;
    let names = [&job.repository, &job.workflow, &job.job, &job.branch];
    let names = names.into_iter().flatten().map(String::as_str);
    let steps = job.failed_steps.iter().map(String::as_str);
    let lines = row.verdict.evidence.iter().map(|excerpt| head(&excerpt.text, MAX_LINE));
    let mut text = String::new();
    for part in names.chain(steps).chain(lines) {
        text.push_str(&part.to_lowercase());
        text.push('\n');
        if text.len() > MAX_TEXT {
            break;
        }
    }
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text
}

fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// The words of a question, all of which a row must hold.
pub(super) fn words(question: &str) -> Vec<String> {
    question.split_whitespace().take(8).map(str::to_lowercase).collect()
}
