//! What the engine must do after an event. The state decides, the engine carries out.

#![deny(clippy::disallowed_methods)]

use crate::drift::DriftSnapshot;

/// A task for the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Show the state to everybody, soon.
    Publish,
    /// Store a column of the heat map.
    KeepDrift(DriftSnapshot),
    /// Retrain, for this reason.
    Retrain(String),
    /// See in a while whether the store can be written again.
    CheckStore,
}
