//! The one pipeline: clean, extract, encode, score, decide. Server, commands, training and evaluation all call it.

#![deny(clippy::disallowed_methods)]

use crate::bundle::Bundle;
use crate::class::{CLASS_COUNT, FailureClass};
use crate::drift::reference::{Kind, WATCHED};
use crate::drift::{Watched, WatchedValue};
use crate::evidence::{Evidence, Excerpt, Extractor, extract};
use crate::features::{self, FeatureVector};
use crate::ingest::{Categories, Conclusion, EventSource, FailedJob, Measurements};
use crate::model::booster::BoosterError;
use crate::verdict::calibrate::{Calibration, by_probability};
use crate::verdict::{COVERAGE, Contribution, DecidedFrom, LogState, UncertainReason, Verdict, explain};

/// A verdict and what else was learned on the way to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The answer; `id`, `input_id` and `latency_us` are the caller's to fill in.
    pub verdict: Verdict,
    /// What drift watches.
    pub watched: Watched,
    /// What the model read.
    pub features: FeatureVector,
}

/// Why a failure could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// LightGBM said no.
    #[error(transparent)]
    Model(#[from] BoosterError),
    /// The numbers were made for another model.
    #[error("the row was encoded under another feature schema than the model's; judge it again first")]
    Schema,
}

/// Judges a job, with its log where there is one.
///
/// The log is decompressed, as received. Same bytes, same model: same verdict.
///
/// # Errors
/// When LightGBM refuses the feature vector.
pub fn judge(job: &FailedJob, log: Option<&[u8]>, bundle: &Bundle) -> Result<Judged, JudgeError> {
    let evidence = log.map(extract);
    decide(job, evidence, bundle)
}

/// Judges a job on what was read of its log before.
///
/// # Errors
/// When LightGBM refuses the feature vector.
pub fn judge_read(job: &FailedJob, log: Evidence, bundle: &Bundle) -> Result<Judged, JudgeError> {
    decide(job, Some(log), bundle)
}

/// Judges a log that comes in chunks, in bounded memory whatever its length.
#[derive(Debug, Default)]
pub struct Reading {
    extractor: Extractor,
}

impl Reading {
    /// What follows stands in this member of a zip; its bytes and lines are counted anew.
    pub fn member(&mut self, name: &str) {
        self.extractor.member(name.to_owned());
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        self.extractor.push(chunk);
    }

    /// Judges what was read.
    ///
    /// # Errors
    /// When LightGBM refuses the feature vector.
    pub fn judge(self, job: &FailedJob, bundle: &Bundle) -> Result<Judged, JudgeError> {
        judge_read(job, self.extractor.finish(), bundle)
    }
}

/// Exact SHAP contributions to the score of the predicted class, largest first.
///
/// # Errors
/// When the vector belongs to another schema, or LightGBM refuses it.
pub fn explain(features: &FeatureVector, verdict: &Verdict, bundle: &Bundle) -> Result<Vec<Contribution>, JudgeError> {
    if features.schema != bundle.schema.hash {
        return Err(JudgeError::Schema);
    }
    let all = bundle.booster.contributions(&features.values)?;
    Ok(explain::top(
        &bundle.schema.names,
        &features.values,
        &all[verdict.prediction.index()],
    ))
}

fn decide(job: &FailedJob, log: Option<Evidence>, bundle: &Bundle) -> Result<Judged, JudgeError> {
    let from_log = log.is_some();
    let evidence = join(log, job.message.as_deref().map(|message| extract(message.as_bytes())));
    weigh(job, &evidence, from_log, bundle)
}

/// Judges evidence that was read before; several models are compared on the same.
///
/// # Errors
/// When LightGBM refuses the feature vector.
pub fn weigh(job: &FailedJob, evidence: &Evidence, from_log: bool, bundle: &Bundle) -> Result<Judged, JudgeError> {
    let (features, known) = features::read(job, evidence, &bundle.lexicon, &bundle.schema);
    let scores = bundle.booster.predict(&features.values)?;
    let verdict = verdict(
        job,
        evidence,
        from_log,
        &scores,
        known,
        &bundle.calibration,
        &bundle.version,
    );
    let watched = watch(job, evidence, &verdict, known);
    Ok(Judged {
        verdict,
        watched,
        features,
    })
}

/// The verdict on evidence that has been scored. Training calls it too, for what drift compares with.
#[must_use]
pub fn verdict(
    job: &FailedJob,
    evidence: &Evidence,
    from_log: bool,
    scores: &[f64; CLASS_COUNT],
    known_words: Option<f32>,
    calibration: &Calibration,
    version: &str,
) -> Verdict {
    let probabilities = calibration.probabilities(scores);
    let prediction = by_probability(&probabilities)[0];
    let prediction_set = calibration.prediction_set(&probabilities, from_log || job.message.is_some());
    let foreign = known_words.is_some_and(|known| f64::from(known) < calibration.known_words_floor);
    let unlike = foreign || prediction_set.is_empty();
    let confidence = probabilities[prediction.index()];
    let agreed = prediction_set == [prediction]
        && confidence >= MIN_CONFIDENCE
        && signals_share(evidence, prediction) > MIN_SHARE;
    let reason = doubt(job, evidence, prediction, agreed, unlike);
    Verdict {
        id: None,
        input_id: None,
        prediction,
        label: prediction,
        confidence,
        uncertain: reason.is_some(),
        uncertain_reason: reason,
        prediction_set,
        coverage: COVERAGE,
        probabilities,
        evidence: shown(evidence),
        top_contributing_features: Vec::new(),
        reasons: Vec::new(),
        fingerprint: evidence.fingerprint.clone(),
        decided_from: decided_from(job, from_log),
        log_state: if from_log { LogState::Ok } else { LogState::NotTried },
        corrected_by: None,
        model_version: version.to_owned(),
        latency_us: 0,
    }
}

/// What proves the verdict, or else what a person would read first.
fn shown(evidence: &Evidence) -> Vec<Excerpt> {
    if evidence.excerpts.is_empty() {
        evidence.last_words.iter().cloned().collect()
    } else {
        evidence.excerpts.clone()
    }
}

/// The log speaks first; a short message that came with the job speaks where the log says nothing.
#[must_use]
pub fn join(log: Option<Evidence>, message: Option<Evidence>) -> Evidence {
    match (log, message) {
        (Some(log), Some(message)) if log.excerpts.is_empty() && !message.excerpts.is_empty() => message,
        (Some(log), _) => log,
        (None, message) => message.unwrap_or_default(),
    }
}

fn decided_from(job: &FailedJob, from_log: bool) -> DecidedFrom {
    match job.source {
        _ if from_log => DecidedFrom::Log,
        EventSource::GithubWebhook | EventSource::Backfill => DecidedFrom::Payload,
        EventSource::Mcp | EventSource::Api | EventSource::Exec | EventSource::Simulator => DecidedFrom::Record,
    }
}

/// A class that is not clearly more likely than all others together is a guess.
const MIN_CONFIDENCE: f64 = 0.55;

/// What the signals, heard alone, must give to the predicted class, beside a set of that class alone: more than two fifths.
/// Signals and model err on different failures: where both say the same, both are seldom wrong, and where they do not, the
/// model's own confidence says little. Of tools that were left out more verdicts are certain so, and as many of them right,
/// as by one half without looking at the set.
const MIN_SHARE: f64 = 0.4;

/// What the signals alone give to a class: squares of their scores, as shares of 1. Where no signal speaks, all classes
/// have the same.
fn signals_share(evidence: &Evidence, class: FailureClass) -> f64 {
    let said = evidence.class_scores.map(|score| f64::from(1.0 + score).powi(2));
    said[class.index()] / said.iter().sum::<f64>()
}

/// Whether a person should look before believing the verdict, and why. The first that holds.
fn doubt(
    job: &FailedJob,
    evidence: &Evidence,
    prediction: FailureClass,
    agreed: bool,
    unlike_training: bool,
) -> Option<UncertainReason> {
    if says_so_itself(job, prediction) {
        None
    } else if evidence.excerpts.is_empty() {
        Some(UncertainReason::NoEvidence)
    } else if unlike_training {
        Some(UncertainReason::UnlikeTraining)
    } else if !agreed {
        Some(UncertainReason::SeveralClasses)
    } else {
        None
    }
}

/// How much of the model's gain each watched feature has, in the order of [`WATCHED`], all of it being 1.
///
/// A measurement has the gain of its own input; words and lines of the log have that of all inputs that are read from
/// them, the missing share that of all measurements. What the model says rests on all of it; what it does not read has
/// none.
///
/// # Errors
/// When LightGBM cannot say.
pub fn importance(bundle: &Bundle) -> Result<Vec<f64>, JudgeError> {
    let gains = bundle.booster.importance()?;
    let of = |wanted: &dyn Fn(&str) -> bool| -> f64 {
        let named = bundle.schema.names.iter().zip(&gains);
        named.filter(|(name, _)| wanted(name)).map(|(_, gain)| gain).sum()
    };
    let all: f64 = gains.iter().sum();
    let share = |name: &str| match name {
        "predicted_class" | "uncertain" | "confidence" => all,
        "unseen_words" => of(&|input| input.starts_with("words") || input == "known_words"),
        "evidence_lines" => of(&|input| LINES.iter().any(|lines| input.starts_with(lines))),
        "missing_share" => of(&|input| Measurements::NAMES.contains(&input)),
        name => of(&|input| input == name),
    };
    let all = all.max(f64::MIN_POSITIVE);
    Ok(WATCHED.iter().map(|(name, _)| share(name) / all).collect())
}

/// How the names of inputs begin that are read from decisive lines.
const LINES: [&str; 6] = ["signal", "first_", "second_", "distinct_", "excerpts", "markers"];

/// What drift watches of a judged failure, in the order of [`WATCHED`].
///
/// Of a payload alone no lines are watched: what a check writes about itself is no log.
#[must_use]
pub fn watch(job: &FailedJob, evidence: &Evidence, verdict: &Verdict, known_words: Option<f32>) -> Watched {
    let measured = job.measurements.values();
    let missing = measured.iter().filter(|value| value.is_none()).count();
    let number = |value: Option<f64>| value.map_or(WatchedValue::Missing, WatchedValue::Number);
    let is_read = verdict.decided_from != DecidedFrom::Payload && evidence.shape.lines > 0;
    let is_heard = is_heard(job, evidence, verdict);
    let said = |word: &str| {
        if is_heard {
            WatchedValue::Category(word.to_owned())
        } else {
            WatchedValue::Missing
        }
    };
    let value = |name: &str| match name {
        "predicted_class" => said(verdict.prediction.name()),
        "uncertain" => said(if verdict.uncertain { "yes" } else { "no" }),
        "confidence" => number(is_heard.then_some(verdict.confidence)),
        "unseen_words" => number(known_words.filter(|_| is_read).map(|known| f64::from(1.0 - known))),
        "missing_share" => number(Some(missing as f64 / Measurements::COUNT as f64)),
        "evidence_lines" => number(is_read.then_some(evidence.excerpts.len() as f64)),
        "log_lines" => number(is_read.then_some(evidence.shape.lines as f64)),
        name => Measurements::NAMES
            .iter()
            .position(|known| *known == name)
            .map_or_else(|| category(&job.categories, name), |at| number(measured[at])),
    };
    Watched(WATCHED.iter().map(|(name, _): &(&str, Kind)| value(name)).collect())
}

/// Whether what the model says is watched.
///
/// Payloads tell of a failure in many ways: a run names no step, a check only a job, another CI system writes a summary, and
/// a time-out may settle it. Which of these a house sends is no drift, and only a failed step that is named is what
/// training tells in the same way.
fn is_heard(job: &FailedJob, evidence: &Evidence, verdict: &Verdict) -> bool {
    let names_a_step = !job.failed_steps.is_empty() && evidence.shape.lines == 0;
    verdict.decided_from != DecidedFrom::Payload || (names_a_step && !says_so_itself(job, verdict.prediction))
}

/// Whether the job ended by a time limit, as the verdict says.
fn says_so_itself(job: &FailedJob, prediction: FailureClass) -> bool {
    job.conclusion == Conclusion::TimedOut && prediction == FailureClass::Timeout
}

/// What is known of a job in words.
fn category(categories: &Categories, name: &str) -> WatchedValue {
    let told = |known: Option<bool>| known.map(|known| if known { "yes" } else { "no" }.to_owned());
    let word = match name {
        "failure_stage" => categories.failure_stage.clone(),
        "ci_tool" => categories.ci_tool.clone(),
        "language" => categories.language.clone(),
        "os" => categories.os.clone(),
        "cloud_provider" => categories.cloud_provider.clone(),
        "severity" => categories.severity.clone(),
        "is_flaky_test" => told(categories.is_flaky_test),
        "rollback_triggered" => told(categories.rollback_triggered),
        "incident_created" => told(categories.incident_created),
        _ => None,
    };
    word.map_or(WatchedValue::Missing, WatchedValue::Category)
}
