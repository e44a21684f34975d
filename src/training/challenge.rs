//! From what people said to a challenger and the gate's decision on it: the whole of a retraining, without a disk.

use std::ops::ControlFlow;

use jiff::Timestamp;

use super::corpus::Corpus;
use super::fit::{Progress, TrainError, TrainSettings, retrain};
use super::gate::{Answers, Case, GateDecision, Learned, Shadow, decide};
use super::lesson::{Lesson, prepare};
use super::trial::{self, LiveEvent};
use super::{frozen, leaning, repetition};
use crate::bundle::Bundle;
use crate::judge::JudgeError;

/// Why there is no challenger.
#[derive(Debug, thiserror::Error)]
pub enum ChallengeError {
    /// It could not be fitted, or was stopped.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// It could not be compared.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// Somebody stopped it.
    #[error("cancelled")]
    Cancelled,
}

/// What a retraining starts from.
#[derive(Debug, Clone)]
pub struct Challenge<'a> {
    /// When.
    pub at: Timestamp,
    /// Records.
    pub corpus: &'a Corpus,
    /// What people said.
    pub lessons: Vec<Lesson>,
    /// The last live events.
    pub live: Vec<LiveEvent>,
    /// How to fit; its version is the challenger's.
    pub settings: TrainSettings,
}

/// Fits a challenger and lets the gate decide.
///
/// # Errors
/// When it cannot be fitted or compared, or `progress` stops it.
pub fn challenge(
    champion: &Bundle,
    challenge: Challenge<'_>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<(Bundle, GateDecision), ChallengeError> {
    let Challenge {
        at,
        corpus,
        lessons,
        live,
        settings,
    } = challenge;
    let lessons = prepare(lessons);
    let mut last = Progress { done: 0, of: 1 };
    let mut stopped = false;
    let fitted = retrain(corpus, &lessons.learn, &settings, &mut |progressed| {
        last = progressed;
        let flow = progress(progressed);
        stopped = flow.is_break();
        flow
    });
    if stopped {
        return Err(ChallengeError::Cancelled);
    }
    let challenger = fitted?;
    let (learned_corpus, set_aside) = frozen::set_aside(corpus);
    let records = trial::of_records(&set_aside, corpus, settings.seed);
    let held_back = trial::of_lessons(&lessons.test);
    let mut learned = trial::of_corpus(&learned_corpus, settings.seed);
    learned.extend(lessons.learn.iter().map(trial::of_lesson));
    let tests: Vec<_> = records.iter().chain(&held_back).cloned().collect();
    let (is_fresh, lineage) = repetition::fresh(&tests, &learned);
    let keep = |samples: Vec<super::dataset::Sample>, from: usize| -> Vec<super::dataset::Sample> {
        let fresh = is_fresh.iter().skip(from);
        samples
            .into_iter()
            .zip(fresh)
            .filter(|(_, fresh)| **fresh)
            .map(|(sample, _)| sample)
            .collect()
    };
    let count = records.len();
    let (records, held_back) = (keep(records, 0), keep(held_back, count));
    if progress(last).is_break() {
        return Err(ChallengeError::Cancelled);
    }
    let answers = |samples: &[super::dataset::Sample]| -> Result<Answers, JudgeError> {
        Ok(Answers::about(
            samples,
            trial::ask(champion, samples)?,
            trial::ask(&challenger, samples)?,
        ))
    };
    let (same, events) = trial::shadow(champion, &challenger, &live)?;
    let decision = decide(&Case {
        at,
        champion: champion.version.clone(),
        challenger: challenger.version.clone(),
        frozen: answers(&records)?,
        fresh: answers(&held_back)?,
        features: leaning::changes(champion, &challenger).map_err(TrainError::from)?,
        lineage,
        learned: Learned {
            lessons: lessons.learn.len(),
            held_back: lessons.test.len(),
            doubles: lessons.doubles,
            contradicted: lessons.contradicted,
        },
        shadow: Shadow { events, same },
        seed: settings.seed,
    });
    Ok((challenger, decision))
}
