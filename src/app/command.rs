//! What an interface may ask for, and the answers.

#![deny(clippy::disallowed_methods)]

use std::sync::Arc;

use jiff::Timestamp;

use super::retraining::Retraining;
use crate::correction::{Correction, Proposal, StoredCorrection, StoredProposal};
use crate::github::LogText;
use crate::ingest::{Delivery, EventSource, FailedJob};
use crate::registry::RegistryError;
use crate::store::{Failure, StoreError};
use crate::verdict::LogState;

/// A wish from an interface.
#[derive(Debug, Clone)]
pub enum Command {
    /// Judge and store what a webhook delivery says failed. Its `failed` must be there.
    Deliver(Box<Delivery>),
    /// Judge and store a job with, perhaps, its log.
    Judge(Box<JudgeRequest>),
    /// Judge and store what GitHub lists as failed, as if its delivery had arrived. Its `failed` must be there.
    Find {
        /// What is listed.
        delivery: Box<Delivery>,
        /// As whose row it counts.
        source: EventSource,
    },
    /// Judge a row again on the log that came for it.
    AttachLog {
        /// The row.
        id: i64,
        /// What was read of its log.
        text: Box<LogText>,
    },
    /// Note what became of a log that did not come.
    MissLog {
        /// The row.
        id: i64,
        /// What became of it.
        state: LogState,
        /// When it will be asked for again, if it will.
        again: Option<Timestamp>,
    },
    /// Store a person's word.
    Correct {
        /// The row.
        id: i64,
        /// The word.
        correction: Correction,
    },
    /// Store a person's word on a row and on all that failed the same way and have no word of their own.
    CorrectGroup {
        /// The row.
        id: i64,
        /// The word.
        correction: Correction,
    },
    /// Store what an agent proposes; it waits for a person.
    Propose {
        /// The row.
        id: i64,
        /// What is proposed.
        proposal: Proposal,
    },
    /// Make a waiting proposal a person's word.
    Accept {
        /// The proposal.
        proposal: i64,
        /// The person.
        actor: String,
    },
    /// Turn a waiting proposal down.
    Reject {
        /// The proposal.
        proposal: i64,
        /// The person.
        actor: String,
    },
    /// Take the newest word back that stands, on whatever row.
    UndoLast,
    /// Make the word stand again that was taken back last.
    Redo,
    /// Take a person's word back.
    Undo {
        /// The row.
        id: i64,
        /// The correction.
        correction: i64,
    },
    /// Fit a challenger from corpus and corrections in the background, and let the gate decide.
    Retrain {
        /// Who.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Stop the retraining under way.
    CancelRetraining,
    /// Make a stored version live.
    Promote {
        /// Which.
        version: String,
        /// Who.
        actor: String,
        /// Why.
        reason: String,
    },
    /// Make the version live that was before the one that is.
    RollBack {
        /// Who.
        actor: String,
        /// Why.
        reason: String,
    },
}

/// A job to judge, which came as a record.
#[derive(Debug, Clone)]
pub struct JudgeRequest {
    /// What failed.
    pub job: FailedJob,
    /// Its log as received, if one came.
    pub log: Option<Vec<u8>>,
    /// The caller's own id.
    pub input_id: Option<serde_json::Value>,
    /// SHA-256 of the record as received, hex.
    pub raw_sha256: String,
    /// The record as received, masked.
    pub raw_payload: Vec<u8>,
}

/// The answer to a command that was carried out. What it names is on disk.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A new row, or a known one that has learned something and was judged again.
    Judged(Arc<Failure>),
    /// Delivery or job were known.
    Duplicate(i64),
    /// The correction, and the row as it is now.
    Corrected(StoredCorrection, Arc<Failure>),
    /// The proposal: it waits, or was turned down.
    Proposed(StoredProposal),
    /// A retraining began, or is being stopped.
    Retraining(Box<Retraining>),
    /// This version is live.
    Served(String),
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Too much is under way; nothing was stored. Try again.
    #[error("too many requests are being judged; try again in a moment")]
    Busy,
    /// No model could be loaded.
    #[error("no model is loaded: {0}")]
    NoModel(String),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Judging failed.
    #[error("judging failed: {0}")]
    Judge(String),
    /// One retraining at a time.
    #[error("a retraining is under way; wait for it, or cancel it first")]
    Retraining,
    /// There is none to cancel.
    #[error("no retraining is under way")]
    NoRetraining,
    /// Nobody has said anything yet.
    #[error("there is no correction to learn from; correct some failures first")]
    NothingToLearn,
    /// The registry said no.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The server is going down.
    #[error("the server is shutting down")]
    ShuttingDown,
}
