//! What people said of earlier failures answers the next ones of the same fingerprint, from the next event on.
//!
//! The newest word counts. It ends where the newest words on two different failures of the fingerprint disagree: then people
//! do not agree on what it is, and the model answers again. A word that is taken back takes its answers with it.

use rusqlite::{Connection, OptionalExtension};

use super::columns::from_class;
use crate::class::FailureClass;
use crate::store::{MAX_GROUP, StoreError};

/// Newest words on a fingerprint that are looked at: several may be about one failure.
const LOOKED_AT: i64 = 16;

/// A word that answers a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) label: FailureClass,
    pub(super) actor: String,
    /// The correction of another row that it was said in; `None` for the row's own.
    pub(super) taught_by: Option<i64>,
}

/// The word that counts for a row: its own, or else the one on its fingerprint.
pub(super) fn word_on(db: &Connection, id: i64) -> Result<Option<Word>, StoreError> {
    if let Some((label, actor, _)) = own(db, id)? {
        return Ok(Some(Word {
            label,
            actor,
            taught_by: None,
        }));
    }
    let sql = "SELECT fingerprint FROM log_entries WHERE id = ?";
    let fingerprint: Option<String> = db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    fingerprint.map_or(Ok(None), |fingerprint| on_fingerprint(db, &fingerprint))
}

/// The word that counts for a row which no word taught before: its own, or none.
pub(super) fn kept_word_on(db: &Connection, id: i64) -> Result<Option<Word>, StoreError> {
    match teacher(db, id)? {
        Some(failure) => match (own(db, id)?, own(db, failure)?) {
            (Some((label, actor, _)), _) => Ok(Some(Word {
                label,
                actor,
                taught_by: None,
            })),
            (None, Some((label, actor, correction))) => Ok(Some(Word {
                label,
                actor,
                taught_by: Some(correction),
            })),
            (None, None) => word_on(db, id),
        },
        None => Ok(own(db, id)?.map(|(label, actor, _)| Word {
            label,
            actor,
            taught_by: None,
        })),
    }
}

/// The row whose correction answers this one.
fn teacher(db: &Connection, id: i64) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT c.failure_id FROM taught t JOIN corrections c ON c.id = t.correction_id WHERE t.failure_id = ?";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?)
}

fn own(db: &Connection, id: i64) -> Result<Option<(FailureClass, String, i64)>, StoreError> {
    let sql =
        "SELECT label, actor, id FROM corrections WHERE failure_id = ? AND undone_at IS NULL ORDER BY id DESC LIMIT 1";
    let found: Option<(String, String, i64)> = db
        .prepare_cached(sql)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    found
        .map(|(label, actor, id)| Ok((from_class("label", &label)?, actor, id)))
        .transpose()
}

/// The word that the newest corrections of a fingerprint agree on, if they do.
pub(super) fn on_fingerprint(db: &Connection, fingerprint: &str) -> Result<Option<Word>, StoreError> {
    let sql = "SELECT id, failure_id, label, actor FROM corrections
               WHERE fingerprint = ? AND undone_at IS NULL ORDER BY id DESC LIMIT ?";
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query((fingerprint, LOOKED_AT))?;
    let mut newest: Option<(i64, Word)> = None;
    while let Some(row) = rows.next()? {
        let (correction, failure): (i64, i64) = (row.get(0)?, row.get(1)?);
        let label = from_class("label", &row.get::<_, String>(2)?)?;
        match &newest {
            None => {
                let word = Word {
                    label,
                    actor: row.get(3)?,
                    taught_by: Some(correction),
                };
                newest = Some((failure, word));
            }
            // An earlier word on the same failure was overruled.
            Some((same, _)) if *same == failure => {}
            Some((_, word)) if word.label == label => break,
            Some(_) => return Ok(None),
        }
    }
    Ok(newest.map(|(_, word)| word))
}

/// Notes by which correction a row is answered, or that it is by none but its own.
pub(super) fn note(db: &Connection, id: i64, taught_by: Option<i64>) -> Result<(), StoreError> {
    match taught_by {
        Some(correction) => db
            .prepare_cached("INSERT OR REPLACE INTO taught (failure_id, correction_id) VALUES (?, ?)")?
            .execute([id, correction])?,
        None => db
            .prepare_cached("DELETE FROM taught WHERE failure_id = ?")?
            .execute([id])?,
    };
    Ok(())
}

/// The newest other rows of the same fingerprint that have no word of their own.
pub(super) fn classmates(db: &Connection, id: i64) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT id FROM log_entries e
               WHERE fingerprint = (SELECT fingerprint FROM log_entries WHERE id = ?1) AND is_parent = 0 AND id <> ?1
                 AND NOT EXISTS (SELECT 1 FROM corrections WHERE failure_id = e.id AND undone_at IS NULL)
               ORDER BY id DESC LIMIT ?2";
    let mut statement = db.prepare_cached(sql)?;
    let most = i64::try_from(MAX_GROUP).unwrap_or(i64::MAX);
    let ids = statement.query_map([id, most], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Rows that the corrections of this one answer.
pub(super) fn pupils(db: &Connection, id: i64) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT t.failure_id FROM corrections c JOIN taught t ON t.correction_id = c.id WHERE c.failure_id = ?";
    let mut statement = db.prepare_cached(sql)?;
    let ids = statement.query_map([id], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The corrections of a row follow its fingerprint, which a log may have changed.
pub(super) fn follow(db: &Connection, id: i64) -> Result<(), StoreError> {
    let sql = "UPDATE corrections SET fingerprint = (SELECT fingerprint FROM log_entries WHERE id = failure_id)
               WHERE failure_id = ?";
    db.prepare_cached(sql)?.execute([id])?;
    Ok(())
}
