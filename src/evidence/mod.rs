//! The lines of a log that speak: where they stand, what they say, and their shape without numbers.
//!
//! One pass over the log, in bounded memory whatever its size.

#![deny(clippy::disallowed_methods)]

mod literals;
pub mod signals;
pub mod excerpt;
mod rank;
pub mod fingerprint;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::class::CLASS_COUNT;
use crate::ingest::log::{Cleaner, Line, line_to_read};
use excerpt::{Candidate, Gathered, Gatherer, LogShape};
pub use rank::rules_only;
use signals::SignalTable;

/// A run of lines of the log that proves a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Excerpt {
    /// Number of the first line, counted from 1.
    pub line: u64,
    /// First byte, in the decompressed log as received (of `member` in a zip).
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Exactly those bytes of the masked log (bytes that are not UTF-8 as U+FFFD).
    pub text: String,
    /// The member of the zip, where the log was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

impl Excerpt {
    /// Its lines with their numbers, as a person reads them: without the timestamps and columns that the CI system puts before
    /// each line, which stand in `text` from the second line on.
    pub fn lines_to_read(&self) -> impl Iterator<Item = (u64, &str)> {
        (self.line..).zip(self.text.lines().map(line_to_read))
    }
}

/// A versioned key of "the same failure", as `f1:3b9c...`: the shape of the decisive lines, without what changes from
/// run to run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Fingerprint(pub String);

/// Excerpts of one verdict.
pub const MAX_EXCERPTS: usize = 5;

/// A candidate under this rank proves nothing: it is a mere hint, or stands where nothing failed.
const MIN_RANK: f32 = 1.5;

/// Everything that was read out of a log, or out of the short text that stands for one.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// The lines that prove it, most decisive first.
    pub excerpts: Vec<Excerpt>,
    /// Where nothing proves it: the last lines of the failed step, where one is known. They say what a person would
    /// read first, and prove nothing.
    pub last_words: Option<Excerpt>,
    /// Lines that speak, most decisive first.
    pub candidates: Vec<Candidate>,
    /// How much the signals speak for each class.
    pub class_scores: [f32; CLASS_COUNT],
    /// The end of the failed step, or of the log.
    pub tail: Vec<Vec<u8>>,
    /// The log as a whole.
    pub shape: LogShape,
    /// Key of the same failure.
    pub fingerprint: Option<Fingerprint>,
}

/// Reads evidence out of a log that comes in chunks.
#[derive(Debug)]
pub struct Extractor {
    cleaner: Cleaner,
    gatherer: Gatherer,
}

impl Default for Extractor {
    fn default() -> Self {
        Self {
            cleaner: Cleaner::new(),
            gatherer: Gatherer::new(SignalTable::shipped()),
        }
    }
}

impl Extractor {
    /// Reads as if the table did not hold these signals (by their ids). For training alone.
    #[must_use]
    pub fn muted(mut self, muted: Vec<bool>) -> Self {
        self.gatherer.mute(muted);
        self
    }

    /// What follows stands in this member of a zip; its bytes and lines are counted anew.
    pub fn member(&mut self, name: String) {
        self.finish_member();
        self.gatherer.member(name);
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        let gatherer = &mut self.gatherer;
        self.cleaner.push(chunk, &mut |line: Line<'_>| gatherer.line(&line));
    }

    /// Ranks what was read.
    #[must_use]
    pub fn finish(mut self) -> Evidence {
        self.finish_member();
        let Gathered {
            candidates,
            tail,
            last_words,
            members,
            shape,
        } = self.gatherer.finish();
        let proofs: Vec<&Candidate> = proofs(&candidates);
        let excerpts = proofs.iter().map(|candidate| excerpt(candidate, &members)).collect();
        let fingerprint = fingerprint::fingerprint(proofs.iter().map(|candidate| candidate.text.as_slice()));
        let last_words = last_words
            .filter(|_| proofs.is_empty())
            .map(|words| cut_out(words.number, words.start, &words.raw, members.get(words.member)));
        let class_scores = rank::class_scores(&candidates, SignalTable::shipped());
        Evidence {
            excerpts,
            last_words,
            candidates,
            class_scores,
            tail,
            shape,
            fingerprint,
        }
    }

    fn finish_member(&mut self) {
        let gatherer = &mut self.gatherer;
        self.cleaner.finish(&mut |line: Line<'_>| gatherer.line(&line));
        self.cleaner = Cleaner::new();
    }
}

/// Reads evidence out of a log that is at hand.
#[must_use]
pub fn extract(log: &[u8]) -> Evidence {
    let mut extractor = Extractor::default();
    extractor.push(log);
    extractor.finish()
}

/// The candidates that become excerpts: the best ones, but none that stands inside a better one.
fn proofs(candidates: &[Candidate]) -> Vec<&Candidate> {
    let mut chosen: Vec<&Candidate> = Vec::new();
    let best = candidates.first().map_or(0.0, |candidate| candidate.rank);
    for candidate in candidates {
        if chosen.len() == MAX_EXCERPTS || candidate.rank < MIN_RANK.max(best * 0.3) {
            break;
        }
        if !chosen.iter().any(|other| other.overlaps(candidate)) {
            chosen.push(candidate);
        }
    }
    chosen
}

fn excerpt(candidate: &Candidate, members: &[String]) -> Excerpt {
    cut_out(
        candidate.number,
        candidate.start,
        &candidate.raw,
        members.get(candidate.member),
    )
}

fn cut_out(line: u64, start: u64, raw: &[u8], member: Option<&String>) -> Excerpt {
    Excerpt {
        line,
        start,
        end: start + raw.len() as u64,
        text: String::from_utf8_lossy(raw).into_owned(),
        member: member.cloned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_read_without_what_the_ci_system_puts_before_each_line() {
        for (before, log) in [
            (
                "2026-09-01T10:00:06.1234567Z ",
                "error[E0308]: mismatched types\n{}  --> src/main.rs:4:5",
            ),
            (
                "build\tRun cargo test\t2026-09-01T10:00:06.1234567Z ",
                "error[E0308]: mismatched types\n{}  --> src/main.rs:4:5",
            ),
        ] {
            let log = format!("{before}{}\n", log.replace("{}", before));
            let evidence = extract(log.as_bytes());
            let read: Vec<_> = evidence.excerpts[0].lines_to_read().collect();
            assert_eq!(
                read,
                [(1, "error[E0308]: mismatched types"), (2, "  --> src/main.rs:4:5")]
            );
        }
    }

    #[test]
    fn of_a_failed_step_that_says_nothing_known_the_last_lines_are_shown() {
        let log = b"##[group]Run ./gate.sh\n./gate.sh\n##[endgroup]\nlooking around\none\ntwo\nthree\n\
            the moon is in the wrong house\n##[error]Process completed with exit code 1.\nPost job cleanup.\nbye\n";
        let evidence = extract(log);
        assert!(evidence.excerpts.is_empty());
        let words = evidence.last_words.expect("the step spoke");
        assert_eq!(words.text, "one\ntwo\nthree\nthe moon is in the wrong house");
        assert_eq!(words.line, 5);
        let bytes = &log[usize::try_from(words.start).expect("small")..usize::try_from(words.end).expect("small")];
        assert_eq!(bytes, words.text.as_bytes());
    }

    #[test]
    fn what_stands_at_the_end_of_every_failed_build_is_no_evidence() {
        let evidence = extract(b"3 of 9 parts are missing\nFinished: FAILURE\n");
        assert!(evidence.excerpts.is_empty(), "{:?}", evidence.excerpts);
    }

    #[test]
    fn of_two_lines_that_say_a_class_the_one_that_follows_every_failure_comes_second() {
        let log = b"AssertionError: expected 3 to equal 4\nmake: *** [test] Error 1\n";
        let lines: Vec<_> = extract(log).excerpts.iter().map(|excerpt| excerpt.line).collect();
        assert_eq!(lines.first(), Some(&1));
    }

    #[test]
    fn what_proves_it_leaves_no_room_for_last_words() {
        let evidence = extract(b"npm ERR! code ERESOLVE\n##[error]Process completed with exit code 1.\n");
        assert!(!evidence.excerpts.is_empty() && evidence.last_words.is_none());
    }
}
