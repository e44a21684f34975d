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

impl Correction {
    /// Whose word it is: who is said to have said it, or else who acted.
    #[must_use]
    pub fn person(&self) -> &str {
        self.author.as_deref().unwrap_or(&self.actor)
    }
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

/// Two words on one failure that do not agree: the latest that stands, and the latest of another person that says something
/// else. `corrections` are in the order in which they were said.
#[must_use]
pub fn disputed(corrections: &[StoredCorrection]) -> Option<[&StoredCorrection; 2]> {
    let mut standing = corrections.iter().rev().filter(|said| said.undone_at.is_none());
    let latest = standing.next()?;
    let mut heard = vec![latest.correction.person()];
    for said in standing {
        let person = said.correction.person();
        if heard.contains(&person) {
            continue;
        }
        if said.correction.label != latest.correction.label {
            return Some([said, latest]);
        }
        heard.push(person);
    }
    None
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

/// What a label on a failure is worth: how unsure its verdict is, times how many failed the same way, since one word answers
/// them all (uncertainty sampling weighted by density: Settles, "Active Learning Literature Survey", 2009).
#[must_use]
pub fn worth(confidence: f64, group: usize) -> f64 {
    (1.0 - confidence) * group as f64
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

/// How many corrections of one person stand that say one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// Whose.
    pub person: String,
    /// The class.
    pub label: FailureClass,
    /// How many.
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
    fn people_disagree_by_the_latest_word_of_each() {
        let said = |id, person: &str, label, undone| StoredCorrection {
            id,
            failure_id: 1,
            at: Timestamp::UNIX_EPOCH,
            from: FailureClass::Build,
            undone_at: if undone { Some(Timestamp::UNIX_EPOCH) } else { None },
            correction: Correction {
                label,
                note: None,
                author: None,
                actor: person.into(),
            },
        };
        let (test, timeout) = (FailureClass::Test, FailureClass::Timeout);
        let ids = |words: &[StoredCorrection]| disputed(words).map(|pair| pair.map(|said| said.id));
        let words = [
            said(1, "ada", test, false),
            said(2, "bob", timeout, false),
            said(3, "ada", timeout, false),
        ];
        assert_eq!(ids(&words[..1]), None);
        assert_eq!(ids(&words[..2]), Some([1, 2]));
        assert_eq!(ids(&words), None, "ada has come round");
        let taken_back = [words[0].clone(), words[1].clone(), said(3, "ada", timeout, true)];
        assert_eq!(ids(&taken_back), Some([1, 2]));
    }

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
