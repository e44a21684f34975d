//! A person's word against a verdict. The latest one that was not taken back counts.

#![deny(clippy::disallowed_methods)]

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::class::FailureClass;

/// What a person says of one failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The class it really is.
    pub label: FailureClass,
    /// Why, in the person's words; masked before it is stored.
    pub note: Option<String>,
    /// Who claims to have said it.
    pub author: Option<String>,
    /// Who the door says acted: the name of the key, or the user of the terminal.
    pub actor: String,
}

/// A correction as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCorrection {
    /// Its own id.
    pub id: i64,
    /// The failure it is about.
    pub failure_id: i64,
    /// When it was said.
    pub at: Timestamp,
    /// The label before it.
    pub from: FailureClass,
    /// When it was taken back, if it was.
    pub undone_at: Option<Timestamp>,
    /// What was said.
    #[serde(flatten)]
    pub correction: Correction,
}

/// The longest note, in bytes.
pub const MAX_NOTE_BYTES: usize = 4_096;
