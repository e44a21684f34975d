//! The answer: which class, how sure, what else is possible, and why.

#![deny(clippy::disallowed_methods)]

pub mod calibrate;
pub mod explain;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::{CLASS_COUNT, FailureClass};
use crate::evidence::{Excerpt, Fingerprint};

/// The share of failures whose true class shall be in the prediction set.
pub const COVERAGE: f64 = 0.90;

/// Why a verdict is marked as uncertain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UncertainReason {
    /// Nothing that was given says why it failed.
    NoEvidence,
    /// More than one class stays possible.
    SeveralClasses,
    /// Nothing like it was in the training data.
    UnlikeTraining,
}

impl UncertainReason {
    /// The name in JSON and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoEvidence => "no_evidence",
            Self::SeveralClasses => "several_classes",
            Self::UnlikeTraining => "unlike_training",
        }
    }

    /// The reason of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::NoEvidence, Self::SeveralClasses, Self::UnlikeTraining]
            .into_iter()
            .find(|reason| reason.name() == name)
    }
}

/// What the verdict was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedFrom {
    /// The webhook's payload alone.
    Payload,
    /// A feature record without a log.
    Record,
    /// The log.
    Log,
    /// A person's word on the same failure.
    Correction,
}

impl DecidedFrom {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Payload, Self::Record, Self::Log, Self::Correction];

    /// The name in JSON and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payload => "payload",
            Self::Record => "record",
            Self::Log => "log",
            Self::Correction => "correction",
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|from| from.name() == name)
    }
}

/// What became of the job's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogState {
    /// Read whole.
    Ok,
    /// Not written by the CI system yet.
    NotYet,
    /// Deleted by the CI system.
    Expired,
    /// Above the limit.
    TooBig,
    /// Not ours to read.
    Forbidden,
    /// Read, but it ends early.
    Truncated,
    /// Nobody asked for it.
    NotTried,
}

impl LogState {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::NotYet,
        Self::Expired,
        Self::TooBig,
        Self::Forbidden,
        Self::Truncated,
        Self::NotTried,
    ];

    /// The name in JSON and the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotYet => "not_yet",
            Self::Expired => "expired",
            Self::TooBig => "too_big",
            Self::Forbidden => "forbidden",
            Self::Truncated => "truncated",
            Self::NotTried => "not_tried",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// One input of the model and what it added to the score of the predicted class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// Name in the feature schema.
    pub feature: String,
    /// Its value; `null` where it was missing.
    pub value: Option<f64>,
    /// SHAP contribution to the raw score of the predicted class (log-odds).
    pub contribution: f64,
}

/// Contributions that say the same, as a sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// What they say.
    pub sentence: String,
    /// What they added to the raw score of the predicted class (log-odds); below zero they speak against it.
    pub contribution: f64,
    /// The lines of the evidence that they come from, counted from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<u64>,
}

/// The verdict on one failure, as it stands in JSON everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// Id of the row; `null` where nothing was stored.
    pub id: Option<i64>,
    /// The caller's own id, echoed.
    pub input_id: Option<serde_json::Value>,
    /// The model's word. People's hands never change it.
    pub prediction: FailureClass,
    /// What counts: the latest correction, or else the prediction.
    pub label: FailureClass,
    /// Calibrated probability of `prediction`.
    pub confidence: f64,
    /// Whether a person should look before believing it.
    pub uncertain: bool,
    /// Why it is uncertain.
    pub uncertain_reason: Option<UncertainReason>,
    /// Classes that stay possible at `coverage`, likeliest first; none where it is like no failure of any class.
    pub prediction_set: Vec<FailureClass>,
    /// The share of failures whose true class is in such a set.
    pub coverage: f64,
    /// Calibrated probabilities by full class name; they sum to 1.
    #[serde(with = "by_class_name")]
    #[schemars(with = "BTreeMap<String, f64>")]
    pub probabilities: [f64; CLASS_COUNT],
    /// The lines that prove it, most decisive first.
    pub evidence: Vec<Excerpt>,
    /// Exact SHAP contributions, largest first; empty until asked for.
    pub top_contributing_features: Vec<Contribution>,
    /// What they mean, weightiest first; there where the contributions are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// Key of the same failure; `null` where no line speaks.
    pub fingerprint: Option<Fingerprint>,
    /// What it was read from.
    pub decided_from: DecidedFrom,
    /// What became of the log.
    pub log_state: LogState,
    /// Who corrected it.
    pub corrected_by: Option<String>,
    /// The model that said it.
    pub model_version: String,
    /// Time taken, in microseconds.
    pub latency_us: u64,
}

impl Verdict {
    /// Takes contributions, and says what they mean.
    pub fn explain(&mut self, contributions: Vec<Contribution>) {
        self.top_contributing_features = contributions;
        self.reasons = explain::reasons(self);
    }

    /// The prediction set, to be read.
    #[must_use]
    pub fn possible(&self) -> String {
        if self.prediction_set.is_empty() {
            return "none".to_owned();
        }
        let names: Vec<&str> = self.prediction_set.iter().map(|class| class.name()).collect();
        names.join(", ")
    }
}

/// Probabilities as an object keyed by class name, in the fixed order.
mod by_class_name {
    use super::{BTreeMap, CLASS_COUNT, FailureClass};
    use serde::ser::SerializeMap;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(values: &[f64; CLASS_COUNT], out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(CLASS_COUNT))?;
        for class in FailureClass::ALL {
            map.serialize_entry(class.name(), &values[class.index()])?;
        }
        map.end()
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<[f64; CLASS_COUNT], D::Error> {
        let map = BTreeMap::<FailureClass, f64>::deserialize(input)?;
        Ok(FailureClass::ALL.map(|class| map.get(&class).copied().unwrap_or(0.0)))
    }
}
