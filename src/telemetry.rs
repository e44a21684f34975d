//! What Sentinel says of itself: one struct an occurrence, whose `emit` writes its log line and its metric.
//!
//! Labels come from closed sets only, so that the number of series does not grow with traffic. Texts from outside are
//! escaped and cut before they reach a log line.

mod metrics;
mod settings;

use std::fmt::Write;

use crate::class::FailureClass;
use crate::correction::StoredProposal;
use crate::drift::DriftReport;
use crate::health::{Health, HealthState};
use crate::verdict::{LogState, Verdict};

pub use metrics::metrics_text;
pub use settings::{Format, Level, LogSettings};

/// The longest text from outside in a log line, in characters.
const MAX_SHOWN: usize = 200;

/// A verdict is on disk.
#[derive(Debug, Clone, Copy)]
pub struct VerdictRecorded<'a> {
    /// The verdict, with its id.
    pub verdict: &'a Verdict,
    /// The repository, where it is known.
    pub repository: Option<&'a str>,
}

impl VerdictRecorded<'_> {
    /// Writes the log line and counts.
    pub fn emit(&self) {
        let verdict = self.verdict;
        tracing::info!(
            id = verdict.id,
            prediction = verdict.prediction.slug(),
            confidence = verdict.confidence,
            uncertain = verdict.uncertain,
            decided_from = verdict.decided_from.name(),
            latency_us = verdict.latency_us,
            model = escaped(&verdict.model_version),
            repository = self.repository.map(escaped),
            "verdict recorded"
        );
        metrics::verdict(verdict);
    }
}

/// What became of a webhook delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// It made a row or added to one.
    Recorded,
    /// It was known.
    Duplicate,
    /// Nothing failed in it.
    Ignored,
    /// GitHub's greeting.
    Ping,
    /// No signature, or a wrong one.
    Unsigned,
    /// Not a delivery.
    Invalid,
    /// Above the limit.
    TooLarge,
    /// Refused for now: too much is under way, or too many came unsigned.
    Busy,
    /// Our fault.
    Failed,
}

impl DeliveryOutcome {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Recorded,
        Self::Duplicate,
        Self::Ignored,
        Self::Ping,
        Self::Unsigned,
        Self::Invalid,
        Self::TooLarge,
        Self::Busy,
        Self::Failed,
    ];

    /// The label of the metric.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Ping => "ping",
            Self::Unsigned => "unsigned",
            Self::Invalid => "invalid",
            Self::TooLarge => "too_large",
            Self::Busy => "busy",
            Self::Failed => "failed",
        }
    }
}

/// A webhook delivery was answered.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryReceived<'a> {
    /// What became of it.
    pub outcome: DeliveryOutcome,
    /// GitHub's id, or empty.
    pub delivery: &'a str,
    /// GitHub's event, or empty.
    pub event: &'a str,
}

impl DeliveryReceived<'_> {
    /// Writes the log line and counts.
    pub fn emit(&self) {
        tracing::debug!(
            outcome = self.outcome.name(),
            delivery = escaped(self.delivery),
            event = escaped(self.event),
            "delivery received"
        );
        metrics::delivery(self.outcome);
    }
}

/// The writer has committed a batch, or failed to.
#[derive(Debug, Clone, Copy)]
pub struct StoreCommit<'a> {
    /// From the first statement to the end of the sync.
    pub seconds: f64,
    /// Requests in it.
    pub requests: usize,
    /// Why it failed, if it did.
    pub error: Option<&'a str>,
}

impl StoreCommit<'_> {
    /// Writes the log line and observes the time.
    pub fn emit(&self) {
        if let Some(error) = self.error {
            tracing::error!(error = escaped(error), requests = self.requests, "commit failed");
        } else {
            tracing::trace!(seconds = self.seconds, requests = self.requests, "committed");
        }
        metrics::commit(self.seconds);
    }
}

/// A person's word is on disk, or was taken back.
#[derive(Debug, Clone, Copy)]
pub struct CorrectionRecorded<'a> {
    /// The failure.
    pub failure: i64,
    /// Its label from now on.
    pub label: FailureClass,
    /// Who acted.
    pub actor: &'a str,
    /// Whether it was taken back.
    pub undone: bool,
}

impl CorrectionRecorded<'_> {
    /// Writes the log line and, unless it was taken back, counts.
    pub fn emit(&self) {
        tracing::info!(
            failure = self.failure,
            label = self.label.slug(),
            actor = escaped(self.actor),
            undone = self.undone,
            "correction recorded"
        );
        if !self.undone {
            metrics::correction();
        }
    }
}

/// A proposal was made, or turned down.
#[derive(Debug, Clone, Copy)]
pub struct ProposalRecorded<'a> {
    /// The proposal.
    pub proposal: &'a StoredProposal,
}

impl ProposalRecorded<'_> {
    /// Writes the log line. Accepted, it is a [`CorrectionRecorded`].
    pub fn emit(&self) {
        let StoredProposal {
            id,
            failure_id,
            decision,
            proposal,
            ..
        } = self.proposal;
        tracing::info!(
            id,
            failure = failure_id,
            label = proposal.label.slug(),
            actor = escaped(&proposal.actor),
            rejected = decision.is_some(),
            "proposal recorded"
        );
    }
}

/// A failure could not be judged.
#[derive(Debug, Clone, Copy)]
pub struct InferenceFailed<'a> {
    /// Why.
    pub error: &'a str,
}

impl InferenceFailed<'_> {
    /// Writes the log line and counts.
    pub fn emit(&self) {
        tracing::error!(error = escaped(self.error), "inference failed");
        metrics::inference_error();
    }
}

/// The word on the badge has changed.
#[derive(Debug, Clone, Copy)]
pub struct HealthChanged<'a> {
    /// What it is now.
    pub health: &'a Health,
}

impl HealthChanged<'_> {
    /// Writes the log line and sets the gauge.
    pub fn emit(&self) {
        let reasons = escaped(&self.health.reasons.join("; "));
        match self.health.state {
            HealthState::StoreTrouble => tracing::error!(label = %self.health.label, reasons, "health changed"),
            HealthState::TrainingRequired | HealthState::DriftDetected => {
                tracing::warn!(label = %self.health.label, reasons, "health changed");
            }
            HealthState::NotEnoughData | HealthState::Healthy => {
                tracing::info!(label = %self.health.label, reasons, "health changed");
            }
        }
        metrics::health(self.health.state);
    }
}

/// A snapshot was published: the gauges of drift follow it.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotPublished<'a> {
    /// Its number.
    pub sequence: u64,
    /// Its drift.
    pub drift: &'a DriftReport,
}

impl SnapshotPublished<'_> {
    /// Writes the log line and sets the gauges.
    pub fn emit(&self) {
        tracing::trace!(sequence = self.sequence, in_window = self.drift.n, "snapshot published");
        metrics::drift(self.drift);
    }
}

/// GitHub has said how many requests are left of this hour's.
#[derive(Debug, Clone, Copy)]
pub struct RateLearned {
    /// So many.
    pub remaining: u64,
}

impl RateLearned {
    /// Writes the log line and sets the gauge.
    pub fn emit(&self) {
        tracing::trace!(remaining = self.remaining, "requests left at GitHub");
        metrics::rate_remaining(self.remaining);
    }
}

/// A log was asked for at GitHub.
#[derive(Debug, Clone, Copy)]
pub struct LogFetched {
    /// Whose.
    pub failure: i64,
    /// What became of it.
    pub state: LogState,
    /// Bytes, unpacked.
    pub bytes: u64,
}

impl LogFetched {
    /// Writes the log line and counts.
    pub fn emit(&self) {
        tracing::info!(
            failure = self.failure,
            state = self.state.name(),
            bytes = self.bytes,
            "log fetched"
        );
        metrics::log_fetched(self.state);
    }
}

/// A look for what never arrived is over.
#[derive(Debug, Clone, Copy)]
pub struct SweepEnded {
    /// Failures that were missing.
    pub found: usize,
}

impl SweepEnded {
    /// Writes the log line.
    pub fn emit(&self) {
        if self.found > 0 {
            tracing::info!(found = self.found, "sweep found failures that never arrived");
        } else {
            tracing::debug!("sweep found nothing missing");
        }
    }
}

/// Another model serves.
#[derive(Debug, Clone, Copy)]
pub struct ModelServed<'a> {
    /// Which.
    pub version: &'a str,
    /// Who made it live.
    pub actor: &'a str,
    /// Why.
    pub reason: &'a str,
}

impl ModelServed<'_> {
    /// Writes the log line.
    pub fn emit(&self) {
        let (actor, reason) = (escaped(self.actor), escaped(self.reason));
        tracing::info!(version = escaped(self.version), actor, reason, "model served");
    }
}

/// A retraining has ended.
#[derive(Debug, Clone, Copy)]
pub struct RetrainingEnded<'a> {
    /// How, in a word.
    pub ending: &'a str,
    /// Why so.
    pub because: &'a [String],
}

impl RetrainingEnded<'_> {
    /// Writes the log line.
    pub fn emit(&self) {
        tracing::info!(
            ending = self.ending,
            because = escaped(&self.because.join("; ")),
            "retraining ended"
        );
    }
}

/// A text from outside as a log line may show it: no control characters, no change of writing direction, not too long.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * MAX_SHOWN));
    for character in text.chars().take(MAX_SHOWN) {
        if is_unsafe(character) {
            // Writing to a String cannot fail.
            let _infallible = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters, line separators, and what Unicode calls bidirectional formatting characters.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_from_outside_cannot_forge_a_log_line_or_steer_a_terminal() {
        let shown = escaped("a\nlevel=ERROR \u{1b}[2J\u{202e}txt");
        assert_eq!(shown, "a\\u{a}level=ERROR \\u{1b}[2J\\u{202e}txt");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(escaped(&"é".repeat(10_000)).chars().count(), MAX_SHOWN + 1);
    }
}
