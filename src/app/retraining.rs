//! What is shown of a retraining: who asked for it, how far it is, and how the last one ended.

#![deny(clippy::disallowed_methods)]

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::training::gate::GateDecision;

/// The retraining under way, and the last one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Retraining {
    /// The one under way; `null` while there is none.
    pub running: Option<Running>,
    /// How the last one since the start of the server ended; `null` before there was one.
    pub last: Option<Finished>,
}

/// A retraining under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Running {
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started_at: Timestamp,
    /// Who asked for it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What it is at.
    pub stage: Stage,
    /// Boosting rounds finished.
    pub done: usize,
    /// Boosting rounds in all; 0 while they are not known yet.
    pub of: usize,
}

/// The stages of a retraining, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Corrections and the last events are read.
    Reading,
    /// The challenger is fitted.
    Fitting,
    /// Champion and challenger are asked about the same failures.
    Comparing,
    /// Somebody has cancelled it.
    Stopping,
}

impl Stage {
    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Fitting => "fitting",
            Self::Comparing => "comparing",
            Self::Stopping => "stopping",
        }
    }
}

/// How a retraining ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The challenger is live.
    Promoted,
    /// The champion stays.
    Kept,
    /// Somebody cancelled it.
    Cancelled,
    /// It could not be carried out.
    Failed,
}

impl Ending {
    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Promoted => "promoted",
            Self::Kept => "kept",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// A retraining that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finished {
    /// When it ended.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started_at: Timestamp,
    /// Who asked for it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// How.
    pub ending: Ending,
    /// Why it ended so, a sentence each.
    pub because: Vec<String>,
    /// The gate's decision with every figure; `null` where it came to none.
    pub decision: Option<Arc<GateDecision>>,
}
