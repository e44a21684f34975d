//! A person's word against a verdict. The latest one that was not taken back counts.

#![deny(clippy::disallowed_methods)]

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::FailureClass;

/// What a person says of one failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredCorrection {
    /// Its own id.
    pub id: i64,
    /// The failure it is about.
    pub failure_id: i64,
    /// When it was said.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// The label before it.
    pub from: FailureClass,
    /// When it was taken back, if it was.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub undone_at: Option<Timestamp>,
    /// What was said.
    #[serde(flatten)]
    pub correction: Correction,
}

/// A correction that an agent asks for. It changes nothing until a person accepts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The class it says it really is.
    pub label: FailureClass,
    /// Why, in its words; masked before it is stored.
    pub note: Option<String>,
    /// Who the door says asked.
    pub actor: String,
}

/// A proposal as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredProposal {
    /// Its own id.
    pub id: i64,
    /// The failure it is about.
    pub failure_id: i64,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What became of it; `null` while it waits for a person.
    pub decision: Option<Decision>,
    /// What is asked for.
    #[serde(flatten)]
    pub proposal: Proposal,
}

/// A person's answer to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The correction it has become; `null` where it was rejected.
    pub correction: Option<i64>,
}

/// How often a verdict was answered with a word: the same class confirms it, another one corrects it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// The model's word.
    pub prediction: FailureClass,
    /// The person's.
    pub label: FailureClass,
    /// Failures with both.
    pub count: u64,
}

/// The share of verdicts that stood among those that people looked at; `None` while they looked at none.
#[must_use]
pub fn agreement(feedback: &[Feedback]) -> Option<f64> {
    let count = |rows: &mut dyn Iterator<Item = &Feedback>| rows.map(|row| row.count).sum::<u64>();
    let all = count(&mut feedback.iter());
    let stood = count(&mut feedback.iter().filter(|row| row.prediction == row.label));
    (all > 0).then(|| stood as f64 / all as f64)
}

/// Proposals that may wait for a person at one time: more than anybody will look at.
pub const MAX_WAITING_PROPOSALS: u64 = 1_000;

/// The longest note, in bytes.
pub const MAX_NOTE_BYTES: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreement_is_the_share_that_stood() {
        let said = |prediction, label, count| Feedback {
            prediction,
            label,
            count,
        };
        let (test, timeout) = (FailureClass::Test, FailureClass::Timeout);
        let feedback = [said(test, test, 2), said(test, timeout, 1), said(timeout, timeout, 1)];
        assert_eq!(agreement(&feedback), Some(0.75));
        assert_eq!(agreement(&[]), None);
    }
}
