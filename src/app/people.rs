//! People's words, and what agents propose to them: made safe, stored, told to the state.

use std::sync::Arc;

use super::command::{CommandError, Reply};
use super::event::Event;
use super::intake::Intake;
use crate::correction::{Correction, MAX_NOTE_BYTES, Proposal, StoredCorrection, StoredProposal};
use crate::ingest::mask::mask;
use crate::store::{Failure, StoreError};
use crate::telemetry::{CorrectionRecorded, ProposalRecorded};

impl Intake {
    pub(super) async fn correct(&self, id: i64, correction: Correction) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(id).await;
        let stored = self
            .noted(self.store.correct(id, made_safe(correction), (self.clock)()).await)
            .await?;
        self.said(stored, Event::Corrected).await
    }

    pub(super) async fn correct_group(&self, id: i64, correction: Correction) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(id).await;
        let stored = self
            .store
            .correct_group(id, made_safe(correction), (self.clock)())
            .await;
        self.said(self.noted(stored).await?, Event::Corrected).await
    }

    pub(super) async fn undo(&self, id: i64, correction: i64) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(id).await;
        let stored = self
            .noted(self.store.undo(id, correction, (self.clock)()).await)
            .await?;
        self.said(stored, Event::Undone).await
    }

    pub(super) async fn undo_last(&self) -> Result<Reply, CommandError> {
        let last = self.store.latest_correction().await?.ok_or(StoreError::NothingToUndo)?;
        self.undo(last.failure_id, last.id).await
    }

    pub(super) async fn redo(&self) -> Result<Reply, CommandError> {
        let stored = self.noted(self.store.redo().await).await?;
        // As with a proposal that is accepted: only now it is known whose row it is.
        let _in_order = self.rows.lock(stored.failure_id).await;
        self.said(stored, Event::Corrected).await
    }

    pub(super) async fn propose(&self, id: i64, proposal: Proposal) -> Result<Reply, CommandError> {
        let Proposal { label, note, actor } = proposal;
        let proposal = Proposal {
            label,
            note: note.map(masked),
            actor: masked(actor),
        };
        let stored = self.store.propose(id, proposal, (self.clock)()).await;
        self.proposed(self.noted(stored).await?).await
    }

    pub(super) async fn accept(&self, proposal: i64, actor: String) -> Result<Reply, CommandError> {
        let stored = self.store.accept(proposal, masked(actor), (self.clock)()).await;
        let stored = self.noted(stored).await?;
        // Whose row it is, only the store knew. The row is read and told under its lock, so the last one told is the newest.
        let _in_order = self.rows.lock(stored.failure_id).await;
        self.said(stored, Event::Corrected).await
    }

    pub(super) async fn reject(&self, proposal: i64, actor: String) -> Result<Reply, CommandError> {
        let stored = self.store.reject(proposal, masked(actor), (self.clock)()).await;
        self.proposed(self.noted(stored).await?).await
    }

    async fn proposed(&self, stored: StoredProposal) -> Result<Reply, CommandError> {
        self.tell(Event::Proposed).await;
        ProposalRecorded { proposal: &stored }.emit();
        Ok(Reply::Proposed(stored))
    }

    async fn said(&self, stored: StoredCorrection, event: fn(Arc<Failure>) -> Event) -> Result<Reply, CommandError> {
        let row = self.row(stored.failure_id).await?;
        let row = Arc::new(row);
        self.tell(event(Arc::clone(&row))).await;
        self.tell_group(&row, event).await?;
        let (actor, undone) = (&stored.correction.actor, stored.undone_at.is_some());
        CorrectionRecorded {
            failure: row.id(),
            label: row.verdict.label,
            actor,
            undone,
        }
        .emit();
        Ok(Reply::Corrected(stored, row))
    }
}

/// Rows on the screen that may have followed a word on another one.
const SHOWN_GROUP: usize = crate::app::snapshot::NEWEST_ROWS;

impl Intake {
    /// A word answers for others that failed the same way; those that are shown are told as they are now.
    async fn tell_group(&self, row: &Failure, event: fn(Arc<Failure>) -> Event) -> Result<(), CommandError> {
        let Some(shared) = &row.verdict.fingerprint else {
            return Ok(());
        };
        let rows = Arc::clone(&self.snapshots.borrow().rows);
        let group = rows
            .iter()
            .filter(|other| other.id() != row.id() && other.verdict.fingerprint.as_ref() == Some(shared))
            .take(SHOWN_GROUP);
        for shown in group {
            let now = self.store.failure(shown.id()).await?;
            if let Some(now) = now.filter(|now| now.verdict.label != shown.verdict.label) {
                self.tell(event(Arc::new(now))).await;
            }
        }
        Ok(())
    }
}

/// A person's word with its secrets masked and its length bounded.
fn made_safe(correction: Correction) -> Correction {
    let Correction {
        label,
        note,
        author,
        actor,
    } = correction;
    Correction {
        label,
        note: note.map(masked),
        author: author.map(masked),
        actor: masked(actor),
    }
}

fn masked(text: String) -> String {
    let mut bytes = text.into_bytes();
    mask(&mut bytes);
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    text.truncate(text.floor_char_boundary(MAX_NOTE_BYTES));
    text
}
