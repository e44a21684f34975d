//! The one word on the badge, from stated inputs.

use serde::{Deserialize, Serialize};

/// The state of the model and of the house it lives in; the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HealthState {
    /// The database cannot be written, is corrupt, or the disk is full.
    StoreTrouble,
    /// A watched feature moved far, verdicts are unsure on the whole, or enough corrections wait.
    TrainingRequired,
    /// A watched feature moved.
    DriftDetected,
    /// The window holds too few events.
    NotEnoughData,
    /// None of the above.
    Healthy,
}

/// A state, in words and with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// The words on the badge: `Not enough data (37 of 50)`.
    pub label: String,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
    /// Whether a new model would help.
    pub retrain_suggested: bool,
}

/// `[retrain]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetrainSettings {
    /// Corrections from which a new model is suggested.
    pub threshold: u64,
}

impl Default for RetrainSettings {
    fn default() -> Self {
        Self { threshold: 100 }
    }
}
