//! Failures that two models are asked about: records set aside, corrections held back, the last live events.

use super::compose::{Form, compose};
use super::corpus::{Corpus, Record};
use super::dataset::{Sample, Teaching};
use super::evaluate::Row;
use super::lesson::Lesson;
use crate::bundle::Bundle;
use crate::ingest::FailedJob;
use crate::judge::{JudgeError, weigh};

/// Forms in which a record that was set aside is shown.
const FORMS: [Form; 2] = [Form::GithubActions, Form::Excerpt];

/// The records that were set aside, composed into logs: the same for the same seed.
#[must_use]
pub fn of_records(frozen: &[Record], corpus: &Corpus, seed: u64) -> Vec<Sample> {
    let mut out = Vec::with_capacity(frozen.len() * FORMS.len());
    for (index, record) in frozen.iter().enumerate() {
        let Some(label) = record.class else { continue };
        for (number, form) in FORMS.into_iter().enumerate() {
            let own = seed ^ ((index * FORMS.len() + number) as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let composed = compose(record, label, corpus, form, own);
            let teaching = Teaching {
                label,
                tool: record.tool.clone(),
                weight: 1.0,
                tells: true,
            };
            out.push(Sample::read(composed.job, composed.log.as_deref(), None, teaching));
        }
    }
    out
}

/// The corrections that were held back.
#[must_use]
pub fn of_lessons(held_back: &[Lesson]) -> Vec<Sample> {
    held_back.iter().map(of_lesson).collect()
}

/// A correction as it was seen.
#[must_use]
pub fn of_lesson(lesson: &Lesson) -> Sample {
    let teaching = Teaching {
        label: lesson.label,
        tool: lesson
            .fingerprint
            .clone()
            .unwrap_or_else(|| format!("failure {}", lesson.failure)),
        weight: 1.0,
        tells: true,
    };
    Sample::read(lesson.job.clone(), lesson.log.as_deref(), None, teaching)
}

/// Every record that is learned from, as its lines alone: what a test may not repeat.
#[must_use]
pub fn of_corpus(corpus: &Corpus, seed: u64) -> Vec<Sample> {
    let labelled = corpus
        .failures
        .iter()
        .filter_map(|record| Some((record, record.class?)));
    labelled
        .map(|(record, label)| {
            let composed = compose(record, label, corpus, Form::Excerpt, seed);
            let teaching = Teaching {
                label,
                tool: record.tool.clone(),
                weight: 1.0,
                tells: true,
            };
            Sample::read(composed.job, composed.log.as_deref(), None, teaching)
        })
        .collect()
}

/// Asks a model about every sample.
///
/// # Errors
/// When LightGBM refuses a row.
pub fn ask(bundle: &Bundle, samples: &[Sample]) -> Result<Vec<Row>, JudgeError> {
    let ask = |sample: &Sample| {
        let judged = weigh(&sample.job, &sample.evidence, sample.from_log, bundle)?;
        Ok(Row::of(&judged.verdict, sample.label))
    };
    samples.iter().map(ask).collect()
}

/// A live event, for asking both models in the shadow: nobody has said what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveEvent {
    /// What is known beside the log.
    pub job: FailedJob,
    /// The masked log, or the lines that were kept of it.
    pub log: Option<Vec<u8>>,
}

/// On how many of the events both models say the same.
///
/// # Errors
/// When LightGBM refuses a row.
pub fn shadow(champion: &Bundle, challenger: &Bundle, events: &[LiveEvent]) -> Result<(usize, usize), JudgeError> {
    let mut same = 0;
    for event in events {
        let evidence = Sample::evidence_of(&event.job, event.log.as_deref());
        let one = weigh(&event.job, &evidence, event.log.is_some(), champion)?;
        let other = weigh(&event.job, &evidence, event.log.is_some(), challenger)?;
        same += usize::from(one.verdict.prediction == other.verdict.prediction);
    }
    Ok((same, events.len()))
}
