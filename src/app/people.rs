//! People's words: made safe, stored, told to the state.

use std::sync::Arc;

use super::command::{CommandError, Reply};
use super::event::Event;
use super::intake::Intake;
use crate::correction::{Correction, MAX_NOTE_BYTES, StoredCorrection};
use crate::ingest::mask::mask;
use crate::store::Failure;
use crate::telemetry::CorrectionRecorded;

impl Intake {
    pub(super) async fn correct(&self, id: i64, correction: Correction) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(id).await;
        let stored = self
            .noted(self.store.correct(id, made_safe(correction), (self.clock)()).await)
            .await?;
        self.said(stored, Event::Corrected).await
    }

    pub(super) async fn undo(&self, id: i64, correction: i64) -> Result<Reply, CommandError> {
        let _in_order = self.rows.lock(id).await;
        let stored = self
            .noted(self.store.undo(id, correction, (self.clock)()).await)
            .await?;
        self.said(stored, Event::Undone).await
    }

    async fn said(&self, stored: StoredCorrection, event: fn(Arc<Failure>) -> Event) -> Result<Reply, CommandError> {
        let row = self.row(stored.failure_id).await?;
        self.tell(event(Arc::new(row.clone()))).await;
        let (actor, undone) = (&stored.correction.actor, stored.undone_at.is_some());
        CorrectionRecorded {
            failure: row.id(),
            label: row.verdict.label,
            actor,
            undone,
        }
        .emit();
        Ok(Reply::Corrected(stored, Box::new(row)))
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
