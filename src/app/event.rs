//! What happened. Only what is on disk is an event; a wish is a [`super::command::Command`].

#![deny(clippy::disallowed_methods)]

use std::sync::Arc;

use super::retraining::Retraining;
use crate::correction::StoredProposal;
use crate::drift::DriftSnapshot;
use crate::drift::reference::ReferenceProfile;
use crate::registry::RegistryView;
use crate::store::{Failure, Totals};

/// A fact, in the order in which the state learns of it.
///
/// Events of different rows may arrive in another order than they were stored; those of one row do not, but for its
/// [`Event::Recorded`], which others may overtake.
#[derive(Debug, Clone)]
pub enum Event {
    /// A new row.
    Recorded(Arc<Failure>),
    /// A row has learned something, or has a new verdict.
    Revised(Arc<Failure>),
    /// A run has given way to its failed job and left history, drift and counts.
    Replaced {
        /// The run's row.
        parent: i64,
    },
    /// A person's word was stored; the row as it is with it.
    Corrected(Arc<Failure>),
    /// A person's word was taken back; the row as it is without it.
    Undone(Arc<Failure>),
    /// A proposal was made or turned down.
    Proposed,
    /// The store's counts.
    Counted(Totals),
    /// The proposals that wait for a person, oldest first.
    Waiting(Vec<StoredProposal>),
    /// A column of the heat map was stored.
    DriftKept(DriftSnapshot),
    /// A retraining began, went on, or ended.
    Retrained(Arc<Retraining>),
    /// Another model serves, or the registry holds another one.
    Served(Box<Served>),
    /// Something went wrong that a person should know, and that passes.
    Troubled(String),
    /// The store could not be written.
    StoreFailed(String),
    /// The store can be written again.
    StoreRecovered,
}

/// The model that serves, and what the registry holds.
#[derive(Debug, Clone)]
pub struct Served {
    /// The live version.
    pub version: String,
    /// What it was trained on.
    pub profile: Arc<ReferenceProfile>,
    /// How much of its gain each watched feature has.
    pub importance: Arc<[f64]>,
    /// Corrections that were there at the last training.
    pub learned: u64,
    /// Versions and ledger.
    pub registry: Arc<RegistryView>,
}
