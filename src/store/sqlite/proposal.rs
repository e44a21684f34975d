//! What agents propose, and what people make of it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::columns::{from_class, from_time, insert, owned, text, text_or_null, time_text};
use super::label::{correct, standing_for};
use super::totals::Delta;
use crate::correction::{Correction, Decision, MAX_WAITING_PROPOSALS, Proposal, StoredCorrection, StoredProposal};
use crate::store::StoreError;

const PROPOSAL: &str = "id, failure_id, at, label, note, actor, decided_at, decided_by, correction_id";

/// Stores a proposal, unless the same agent has proposed the same and nobody has decided on it.
pub(super) fn propose(
    db: &Connection,
    delta: &mut Delta,
    id: i64,
    proposal: &Proposal,
    at: Timestamp,
) -> Result<StoredProposal, StoreError> {
    let failure = standing_for(db, id)?;
    if let Some(waiting) = same(db, failure, proposal)? {
        return Ok(waiting);
    }
    if delta.waiting_proposals(db)? >= MAX_WAITING_PROPOSALS {
        return Err(StoreError::TooManyProposals(MAX_WAITING_PROPOSALS));
    }
    let columns = vec![
        ("failure_id", owned(failure)),
        ("at", owned(time_text(at))),
        ("label", text(proposal.label.name())),
        ("note", text_or_null(proposal.note.as_deref())),
        ("actor", text(&proposal.actor)),
    ];
    let stored = insert(db, "proposals", columns)?;
    delta.proposals(1);
    load(db, stored)
}

fn same(db: &Connection, failure: i64, proposal: &Proposal) -> Result<Option<StoredProposal>, StoreError> {
    let sql = format!(
        "SELECT {PROPOSAL} FROM proposals WHERE failure_id = ? AND label = ? AND actor = ? AND decided_at IS NULL"
    );
    let key = (failure, proposal.label.name(), &proposal.actor);
    db.prepare_cached(&sql)?
        .query_row(key, |row| Ok(read(row)))
        .optional()?
        .transpose()
}

/// Proposals that wait, oldest first.
pub(super) fn waiting(db: &Connection, failure: Option<i64>, limit: usize) -> Result<Vec<StoredProposal>, StoreError> {
    let of_failure = if failure.is_some() {
        "failure_id = ?1"
    } else {
        "?1 IS NULL"
    };
    let sql =
        format!("SELECT {PROPOSAL} FROM proposals WHERE decided_at IS NULL AND {of_failure} ORDER BY id LIMIT ?2");
    let mut statement = db.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((failure, limit), |row| Ok(read(row)))?;
    rows.map(|row| row?).collect()
}

/// Makes a proposal the correction of a person.
pub(super) fn accept(
    db: &Connection,
    delta: &mut Delta,
    id: i64,
    actor: String,
    at: Timestamp,
) -> Result<StoredCorrection, StoreError> {
    let StoredProposal {
        failure_id, proposal, ..
    } = load_waiting(db, id)?;
    let Proposal {
        label,
        note,
        actor: author,
    } = proposal;
    let correction = Correction {
        label,
        note,
        author: Some(author),
        actor,
    };
    let stored = correct(db, delta, failure_id, correction, at)?;
    decide(db, delta, id, &stored.correction.actor, at, Some(stored.id))?;
    Ok(stored)
}

/// Turns a proposal down.
pub(super) fn reject(
    db: &Connection,
    delta: &mut Delta,
    id: i64,
    actor: &str,
    at: Timestamp,
) -> Result<StoredProposal, StoreError> {
    load_waiting(db, id)?;
    decide(db, delta, id, actor, at, None)?;
    load(db, id)
}

fn decide(
    db: &Connection,
    delta: &mut Delta,
    id: i64,
    actor: &str,
    at: Timestamp,
    correction: Option<i64>,
) -> Result<(), StoreError> {
    let sql = "UPDATE proposals SET decided_at = ?, decided_by = ?, correction_id = ? WHERE id = ?";
    db.prepare_cached(sql)?
        .execute((time_text(at), actor, correction, id))?;
    delta.proposals(-1);
    Ok(())
}

fn load_waiting(db: &Connection, id: i64) -> Result<StoredProposal, StoreError> {
    let proposal = load(db, id)?;
    if proposal.decision.is_some() {
        return Err(StoreError::NoProposal(id));
    }
    Ok(proposal)
}

fn load(db: &Connection, id: i64) -> Result<StoredProposal, StoreError> {
    let sql = format!("SELECT {PROPOSAL} FROM proposals WHERE id = ?");
    let found = db
        .prepare_cached(&sql)?
        .query_row([id], |row| Ok(read(row)))
        .optional()?;
    found.ok_or(StoreError::NoProposal(id))?
}

fn read(row: &Row<'_>) -> Result<StoredProposal, StoreError> {
    let decided_at: Option<String> = row.get(6)?;
    let decision = |at: String| {
        Ok::<_, StoreError>(Decision {
            at: from_time("decided_at", &at)?,
            actor: row.get(7)?,
            correction: row.get(8)?,
        })
    };
    Ok(StoredProposal {
        id: row.get(0)?,
        failure_id: row.get(1)?,
        at: from_time("at", &row.get::<_, String>(2)?)?,
        decision: decided_at.map(decision).transpose()?,
        proposal: Proposal {
            label: from_class("label", &row.get::<_, String>(3)?)?,
            note: row.get(4)?,
            actor: row.get(5)?,
        },
    })
}
