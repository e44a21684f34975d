//! What changes a row after it was recorded: a new verdict, and people's words.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::columns::{from_class, from_time, json, owned, text, text_or_null, time_text, to_microseconds, update};
use super::row::{feature_columns, in_history, load, load_known, verdict_columns};
use super::search;
use super::taught::{self, Word};
use super::totals::Delta;
use crate::correction::{Correction, Feedback, StoredCorrection, Voice};
use crate::drift::Watched;
use crate::store::{Failure, StoreError};
use crate::verdict::{Contribution, Verdict};

/// A new verdict on a row.
pub(super) struct Revision {
    pub(super) verdict: Verdict,
    pub(super) watched: Watched,
    pub(super) schema: String,
    /// Packed.
    pub(super) features: Vec<u8>,
}

/// Gives a row a new verdict, one revision up; a standing correction stays its label.
pub(super) fn revise(db: &Connection, delta: &mut Delta, id: i64, new: &Revision) -> Result<Failure, StoreError> {
    let before = load_known(db, id)?;
    let mut columns = verdict_columns(&new.verdict, &new.watched)?;
    columns.extend(feature_columns(&new.schema, &new.features));
    columns.push(("revision", owned(before.revision + 1)));
    update(db, id, columns)?;
    taught::follow(db, id)?;
    say(db, id, taught::word_on(db, id)?.as_ref())?;
    delta.inference();
    changed(db, delta, &before)
}

/// Lets what people said of its fingerprint answer a new row. False where nobody did.
pub(super) fn answer(db: &Connection, id: i64, fingerprint: &str) -> Result<bool, StoreError> {
    let Some(word) = taught::on_fingerprint(db, fingerprint)? else {
        return Ok(false);
    };
    say(db, id, Some(&word))?;
    Ok(true)
}

/// Makes `label` and `corrected_by` of a row say this word, or the prediction.
fn say(db: &Connection, id: i64, word: Option<&Word>) -> Result<(), StoreError> {
    taught::note(db, id, word.and_then(|word| word.taught_by))?;
    let label = match word {
        Some(word) => word.label,
        None => load_known(db, id)?.verdict.prediction,
    };
    let actor = word.map(|word| word.actor.as_str());
    let columns = vec![("label", text(label.name())), ("corrected_by", text_or_null(actor))];
    update(db, id, columns)
}

/// Counts a row that has changed, and makes its words new.
fn changed(db: &Connection, delta: &mut Delta, before: &Failure) -> Result<Failure, StoreError> {
    let row = load_known(db, before.id())?;
    if in_history(db, row.id())? {
        delta.row_out(before);
        delta.row_in(&row);
        search::remember(db, delta, row.id(), &row)?;
    }
    Ok(row)
}

/// Keeps contributions with the revision they explain.
pub(super) fn keep_contributions(
    db: &Connection,
    id: i64,
    revision: i64,
    contributions: &[Contribution],
) -> Result<(), StoreError> {
    let sql = "UPDATE log_entries SET contributions = ? WHERE id = ? AND revision = ?";
    db.prepare_cached(sql)?.execute((json(&contributions)?, id, revision))?;
    Ok(())
}

/// Stores a person's word. On a run whose failed jobs are rows now, it is about the newest of them.
pub(super) fn correct(
    db: &Connection,
    delta: &mut Delta,
    id: i64,
    correction: Correction,
    at: Timestamp,
) -> Result<StoredCorrection, StoreError> {
    let row = load_known(db, standing_for(db, id)?)?;
    let columns = vec![
        ("failure_id", owned(row.id())),
        ("at", owned(time_text(at))),
        ("from_label", text(row.verdict.label.name())),
        ("label", text(correction.label.name())),
        ("note", text_or_null(correction.note.as_deref())),
        ("author", text_or_null(correction.author.as_deref())),
        ("actor", text(&correction.actor)),
    ];
    let stored = super::columns::insert(db, "corrections", columns)?;
    delta.corrections(1);
    relabel(db, delta, row.id())?;
    let from = row.verdict.label;
    Ok(StoredCorrection {
        id: stored,
        failure_id: row.id(),
        at: to_microseconds(at),
        from,
        undone_at: None,
        correction,
    })
}

/// Stores a person's word that answers as well for the rows of the same fingerprint that have no word of their own.
pub(super) fn correct_group(
    db: &Connection,
    delta: &mut Delta,
    id: i64,
    correction: Correction,
    at: Timestamp,
) -> Result<StoredCorrection, StoreError> {
    let stored = correct(db, delta, id, correction, at)?;
    for pupil in taught::classmates(db, stored.failure_id)? {
        taught::note(db, pupil, Some(stored.id))?;
        relabel_one(db, delta, pupil)?;
    }
    Ok(stored)
}

/// Takes a person's word back; the one before it stands again, or else the prediction.
pub(super) fn undo(
    db: &Connection,
    delta: &mut Delta,
    id: i64,
    correction: i64,
    at: Timestamp,
) -> Result<StoredCorrection, StoreError> {
    let failure = standing_for(db, id)?;
    let sql = "UPDATE corrections SET undone_at = ? WHERE id = ? AND failure_id = ? AND undone_at IS NULL";
    if db.prepare_cached(sql)?.execute((time_text(at), correction, failure))? == 0 {
        return Err(StoreError::NoCorrection {
            failure: id,
            correction,
        });
    }
    delta.corrections(-1);
    relabel(db, delta, failure)?;
    load_correction(db, correction)
}

/// Makes the word stand again that was taken back last. One that was said since ends what can be made again.
pub(super) fn redo(db: &Connection, delta: &mut Delta) -> Result<StoredCorrection, StoreError> {
    // Words taken back in one moment were taken back newest first.
    let sql = "SELECT id, failure_id FROM corrections
               WHERE undone_at IS NOT NULL AND undone_at >= (SELECT max(at) FROM corrections)
               ORDER BY undone_at DESC, id LIMIT 1";
    let found: Option<(i64, i64)> = db
        .prepare_cached(sql)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (correction, failure) = found.ok_or(StoreError::NothingToRedo)?;
    db.prepare_cached("UPDATE corrections SET undone_at = NULL WHERE id = ?")?
        .execute([correction])?;
    delta.corrections(1);
    relabel(db, delta, standing_for(db, failure)?)?;
    load_correction(db, correction)
}

fn load_correction(db: &Connection, id: i64) -> Result<StoredCorrection, StoreError> {
    let sql = format!("SELECT {CORRECTION} FROM corrections WHERE id = ?");
    db.prepare_cached(&sql)?
        .query_row([id], |row| Ok(read_correction(row)))?
}

/// The row that people see for an id: itself, or the newest job of a run that has given way to its jobs.
pub(super) fn standing_for(db: &Connection, id: i64) -> Result<i64, StoreError> {
    let sql = "SELECT coalesce((SELECT max(id) FROM log_entries WHERE parent_id = e.id AND e.is_parent), e.id)
               FROM log_entries e WHERE e.id = ?";
    let found = db.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    found.ok_or(StoreError::NoFailure(id))
}

/// Makes `label` and `corrected_by` of a row say what its corrections say, and those of the rows that they answer.
pub(super) fn relabel(db: &Connection, delta: &mut Delta, id: i64) -> Result<(), StoreError> {
    taught::follow(db, id)?;
    let pupils = taught::pupils(db, id)?;
    relabel_one(db, delta, id)?;
    for pupil in pupils {
        relabel_one(db, delta, pupil)?;
    }
    Ok(())
}

fn relabel_one(db: &Connection, delta: &mut Delta, id: i64) -> Result<(), StoreError> {
    let before = load_known(db, id)?;
    say(db, id, taught::kept_word_on(db, id)?.as_ref())?;
    changed(db, delta, &before).map(|_row| ())
}

const CORRECTION: &str = "id, failure_id, at, from_label, undone_at, label, note, author, actor";

fn read_correction(row: &Row<'_>) -> Result<StoredCorrection, StoreError> {
    let undone: Option<String> = row.get(4)?;
    Ok(StoredCorrection {
        id: row.get(0)?,
        failure_id: row.get(1)?,
        at: from_time("at", &row.get::<_, String>(2)?)?,
        from: from_class("from_label", &row.get::<_, String>(3)?)?,
        undone_at: undone.map(|at| from_time("undone_at", &at)).transpose()?,
        correction: Correction {
            label: from_class("label", &row.get::<_, String>(5)?)?,
            note: row.get(6)?,
            author: row.get(7)?,
            actor: row.get(8)?,
        },
    })
}

/// All corrections of a row, oldest first.
pub(super) fn corrections(db: &Connection, id: i64) -> Result<Vec<StoredCorrection>, StoreError> {
    let sql = format!("SELECT {CORRECTION} FROM corrections WHERE failure_id = ? ORDER BY id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([id], |row| Ok(read_correction(row)))?;
    rows.map(|row| row?).collect()
}

/// The newest rows of history that have a correction of their own, with the latest that stands.
pub(super) fn corrected(
    db: &Connection,
    live_only: bool,
    limit: usize,
) -> Result<Vec<(Failure, StoredCorrection)>, StoreError> {
    let sql = format!(
        "SELECT {CORRECTION} FROM corrections
         WHERE id IN (SELECT max(id) FROM corrections WHERE undone_at IS NULL GROUP BY failure_id)
         ORDER BY id DESC"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while found.len() < limit {
        let Some(row) = rows.next()? else { break };
        let correction = read_correction(row)?;
        let Some(failure) = load(db, correction.failure_id)? else {
            continue;
        };
        let feeds = failure.job.source.is_live() || !live_only;
        if feeds && in_history(db, failure.id())? {
            found.push((failure, correction));
        }
    }
    Ok(found)
}

/// How often each prediction was answered with each label.
pub(super) fn feedback(db: &Connection) -> Result<Vec<Feedback>, StoreError> {
    let sql = "SELECT prediction, label, count(*) FROM log_entries
               WHERE corrected_by IS NOT NULL AND is_parent = 0
                 AND NOT EXISTS (SELECT 1 FROM taught WHERE failure_id = log_entries.id)
               GROUP BY prediction, label ORDER BY 3 DESC, 1, 2";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let read = |row: rusqlite::Result<(String, String, i64)>| {
        let (prediction, label, count) = row?;
        Ok(Feedback {
            prediction: from_class("prediction", &prediction)?,
            label: from_class("label", &label)?,
            count: count.unsigned_abs(),
        })
    };
    rows.map(read).collect()
}

/// How many corrections stand, by person and class.
pub(super) fn voices(db: &Connection) -> Result<Vec<Voice>, StoreError> {
    let sql = "SELECT coalesce(author, actor), label, count(*) FROM corrections
               WHERE undone_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let read = |row: rusqlite::Result<(String, String, i64)>| {
        let (person, label, count) = row?;
        Ok(Voice {
            person,
            label: from_class("label", &label)?,
            count: count.unsigned_abs(),
        })
    };
    rows.map(read).collect()
}

/// The newest correction that stands.
pub(super) fn latest_correction(db: &Connection) -> Result<Option<StoredCorrection>, StoreError> {
    let sql = format!("SELECT {CORRECTION} FROM corrections WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1");
    db.prepare_cached(&sql)?
        .query_row([], |row| Ok(read_correction(row)))
        .optional()?
        .transpose()
}
