//! Samples become a bundle: the lexicon, the trees, the calibration and the reference profile of drift.
//!
//! What judges a sample must not have seen its tool. So the lexicon's scores that the trees learn from, and the scores
//! that the calibration learns from, come from models fitted without the sample's fold (stacked generalization:
//! Wolpert, 1992); folds are made of whole tools.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::baseline;
use super::corpus::Corpus;
use super::dataset::{self, Sample, fold_of};
use super::evaluate::{Report, Row};
use super::frozen;
use super::lesson::{self, Lesson};
use super::lineage::{self, Lineage, LineageError, Table};
use crate::bundle::{Bundle, ModelCard};
use crate::class::{CLASS_COUNT, FailureClass};
use crate::drift::Watched;
use crate::features::lexicon::{BUCKETS, Lexicon, Words};
use crate::features::{self, FeatureSchema};
use crate::judge;
use crate::model::booster::{Booster, BoosterError, FitSettings, Rows};
use crate::verdict::calibrate::{Calibration, Scored};
use crate::verdict::{COVERAGE, DecidedFrom, Verdict};

/// How a bundle is made.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainSettings {
    /// The seed of all chance.
    pub seed: u64,
    /// Boosting rounds.
    pub rounds: usize,
    /// Folds of left-out tools.
    pub folds: usize,
    /// Bins of the reference profile.
    pub bins: usize,
    /// Version of the new bundle.
    pub version: String,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            seed: 20_240_607,
            rounds: 100,
            folds: 5,
            bins: 10,
            version: "v1".to_owned(),
        }
    }
}

/// Where a training stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Boosting rounds finished, over all models.
    pub done: usize,
    /// Boosting rounds in all.
    pub of: usize,
}

/// LightGBM's parameters: small trees and large leaves, since the inputs are few and strong.
const PARAMETERS: &str = "learning_rate=0.06 num_leaves=12 min_data_in_leaf=30 lambda_l2=5 feature_fraction=0.5 \
                          bagging_fraction=0.8 bagging_freq=1 max_bin=127";

/// Passes over the samples when fitting a lexicon.
const LEXICON_PASSES: usize = 12;

/// Why no bundle was made.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The corpus has no record of a class.
    #[error("the corpus has no record of {0}")]
    NoRecords(FailureClass),
    /// LightGBM refused, or the fit was stopped.
    #[error(transparent)]
    Model(#[from] BoosterError),
    /// The samples are not fit to learn from.
    #[error(transparent)]
    Lineage(#[from] LineageError),
    /// The new model could not judge what it was made of.
    #[error(transparent)]
    Judge(#[from] judge::JudgeError),
}

/// Trains a bundle. `progress` is told of every boosting round and may stop.
///
/// # Errors
/// When a class has no record, LightGBM refuses the samples, or `progress` stops it.
pub fn train(
    corpus: &Corpus,
    settings: &TrainSettings,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Bundle, TrainError> {
    retrain(corpus, &[], settings, progress)
}

/// Trains a bundle from the corpus and from what people said besides.
///
/// # Errors
/// As [`train`].
pub fn retrain(
    corpus: &Corpus,
    lessons: &[Lesson],
    settings: &TrainSettings,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Bundle, TrainError> {
    let (corpus, frozen) = frozen::set_aside(corpus);
    let prepared = Prepared::new(&corpus, lessons, settings)?;
    let lineage = prepared.lineage(settings)?;
    let of = settings.rounds * (settings.folds + 1);
    let mut done = 0;
    let mut each_round = |_: usize| {
        done += 1;
        progress(Progress { done, of })
    };
    let scored = prepared.left_out(&prepared.rows, settings, &mut each_round)?;
    let tested = prepared.tested();
    let rows = prepared.judged(&tested, &scored, settings);
    let tools = prepared.tools(&tested);
    lineage::refuse_silence(&rows, &tools, settings.seed)?;
    let signals = [("signals alone", prepared.signals_alone(&tested))];
    let report = Report::of("left-out tools", &rows, &tools, &signals, settings.seed);
    let booster = fit_trees(&prepared.samples, &prepared.rows, |_| true, settings, &mut each_round)?;
    let samples = &prepared.samples;
    let calibration = calibrate(samples, &scored, |_| true);
    let taught: Vec<_> = samples
        .iter()
        .zip(&scored)
        .filter(|(sample, _)| sample.whole_table && sample.tells && lesson::is_lesson(sample))
        .map(|(sample, scored)| watched(sample, scored, &calibration, settings))
        .collect();
    let card = ModelCard {
        frozen_records: frozen.len(),
        lessons: lessons.len(),
        ..card(&corpus, &prepared, &report, &lineage, settings)
    };
    let mut bundle = Bundle {
        version: settings.version.clone(),
        schema: FeatureSchema::current(),
        lexicon: fit_lexicon(samples.iter()),
        booster,
        calibration,
        reference: Arc::default(),
        card,
    };
    bundle.reference = Arc::new(baseline::fit(&corpus, taught, &bundle, settings)?);
    Ok(bundle)
}

/// Samples as the trees see them: encoded with a lexicon that has not read their fold.
pub(super) struct Prepared {
    pub(super) samples: Vec<Sample>,
    /// With which fold each is left out.
    pub(super) fold: Vec<usize>,
    /// Encoded, with the share of known words.
    pub(super) rows: Vec<(Vec<f32>, Option<f32>)>,
}

impl Prepared {
    /// Composes, reads and encodes. The corpus is without the records that are set aside.
    pub(super) fn new(corpus: &Corpus, lessons: &[Lesson], settings: &TrainSettings) -> Result<Self, TrainError> {
        for class in FailureClass::ALL {
            if !corpus.failures.iter().any(|record| record.class == Some(class)) {
                return Err(TrainError::NoRecords(class));
            }
        }
        let mut samples = dataset::build(corpus, settings.seed);
        samples.extend(lessons.iter().flat_map(|lesson| lesson::samples(lesson, settings.seed)));
        let fold: Vec<usize> = samples
            .iter()
            .map(|sample| fold_of(&sample.tool, settings.folds, settings.seed))
            .collect();
        let lexicon = |left_out: usize| {
            let learned = samples.iter().zip(&fold).filter(|(_, fold)| **fold != left_out);
            fit_lexicon(learned.map(|(sample, _)| sample))
        };
        let lexicons: Vec<Lexicon> = (0..settings.folds).map(lexicon).collect();
        let rows = samples
            .iter()
            .zip(&fold)
            .map(|(sample, &fold)| encode(sample, &lexicons[fold]))
            .collect();
        Ok(Self { samples, fold, rows })
    }

    /// Where inputs and tests come from.
    pub(super) fn lineage(&self, settings: &TrainSettings) -> Result<Lineage, LineageError> {
        lineage::check(Table {
            samples: &self.samples,
            rows: &self.rows,
            fold: &self.fold,
            schema: &FeatureSchema::current(),
            seed: settings.seed,
        })
    }

    /// Every sample, scored by a model of these rows that has not seen its fold.
    pub(super) fn left_out(
        &self,
        rows: &[(Vec<f32>, Option<f32>)],
        settings: &TrainSettings,
        each_round: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Vec<Scored>, BoosterError> {
        let mut scored: Vec<Option<Scored>> = vec![None; self.samples.len()];
        for left_out in 0..settings.folds {
            let learned = |index: usize| self.fold[index] != left_out;
            let booster = fit_trees(&self.samples, rows, learned, settings, each_round)?;
            for index in (0..self.samples.len()).filter(|&index| !learned(index)) {
                let (row, known_words) = &rows[index];
                scored[index] = Some(Scored {
                    scores: booster.predict(row)?,
                    label: self.samples[index].label,
                    weight: f64::from(self.samples[index].weight),
                    known_words: *known_words,
                });
            }
        }
        Ok(scored.into_iter().flatten().collect())
    }
}

impl Prepared {
    /// Samples that figures are over: as they are served, with text that tells the class.
    pub(super) fn tested(&self) -> Vec<usize> {
        (0..self.samples.len())
            .filter(|&index| {
                let sample = &self.samples[index];
                sample.whole_table && has_text(sample) && !lesson::is_lesson(sample)
            })
            .collect()
    }

    /// Their tools: what a row stands or falls with.
    pub(super) fn tools(&self, tested: &[usize]) -> Vec<String> {
        tested.iter().map(|&index| self.samples[index].tool.clone()).collect()
    }

    /// What the signals alone say of them.
    pub(super) fn signals_alone(&self, tested: &[usize]) -> Vec<Row> {
        tested
            .iter()
            .map(|&index| self.samples[index].signals_alone())
            .collect()
    }

    /// Verdicts on them, each calibrated without its own fold.
    pub(super) fn judged(&self, tested: &[usize], scored: &[Scored], settings: &TrainSettings) -> Vec<Row> {
        let calibrations: Vec<Calibration> = (0..settings.folds)
            .map(|left_out| calibrate(&self.samples, scored, |index| self.fold[index] != left_out))
            .collect();
        let judged = |&index: &usize| {
            let (sample, scored) = (&self.samples[index], &scored[index]);
            Row::of(
                &verdict(sample, scored, &calibrations[self.fold[index]], settings),
                sample.label,
            )
        };
        tested.iter().map(judged).collect()
    }
}

/// Fits the calibration on samples with text that are taken.
pub(super) fn calibrate(samples: &[Sample], scored: &[Scored], take: impl Fn(usize) -> bool) -> Calibration {
    let with_text: Vec<Scored> = (0..samples.len())
        .filter(|&index| has_text(&samples[index]) && take(index))
        .map(|index| scored[index])
        .collect();
    Calibration::fit(&with_text, COVERAGE)
}

/// Whether it holds text that tells its class: figures and calibration are over such samples alone.
fn has_text(sample: &Sample) -> bool {
    sample.tells && (sample.from_log || sample.job.message.is_some())
}

fn encode(sample: &Sample, lexicon: &Lexicon) -> (Vec<f32>, Option<f32>) {
    let known = lexicon.known_share(&sample.words);
    (
        features::encode(
            &sample.job,
            &sample.evidence,
            &sample.words,
            &lexicon.scores(&sample.words),
            known,
        ),
        known,
    )
}

fn fit_trees(
    samples: &[Sample],
    rows: &[(Vec<f32>, Option<f32>)],
    take: impl Fn(usize) -> bool,
    settings: &TrainSettings,
    each_round: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Booster, BoosterError> {
    let taken: Vec<usize> = (0..samples.len()).filter(|&index| take(index)).collect();
    let matrix: Vec<f32> = taken.iter().flat_map(|&index| rows[index].0.iter().copied()).collect();
    let labels: Vec<f32> = taken.iter().map(|&index| samples[index].label.index() as f32).collect();
    let balance = class_balance(taken.iter().map(|&index| &samples[index]));
    let weights: Vec<f32> = taken
        .iter()
        .map(|&index| samples[index].weight * balance[samples[index].label.index()])
        .collect();
    let fit = FitSettings {
        parameters: format!("{PARAMETERS} seed={}", settings.seed % 1_000_000),
        rounds: settings.rounds,
    };
    Booster::fit(
        Rows {
            matrix: &matrix,
            labels: &labels,
            weights: &weights,
        },
        &fit,
        each_round,
    )
}

/// Factors that make every class weigh the same in all.
fn class_balance<'a>(samples: impl Iterator<Item = &'a Sample>) -> [f32; CLASS_COUNT] {
    let mut sums = [0.0_f32; CLASS_COUNT];
    for sample in samples {
        sums[sample.label.index()] += sample.weight;
    }
    let total: f32 = sums.iter().sum();
    sums.map(|sum| {
        if sum > 0.0 {
            total / (CLASS_COUNT as f32 * sum)
        } else {
            0.0
        }
    })
}

/// Multinomial logistic regression by `AdaGrad` (Duchi, Hazan, Singer, JMLR 2011) with weight decay on what is touched.
fn fit_lexicon<'a>(samples: impl Iterator<Item = &'a Sample>) -> Lexicon {
    const RATE: f32 = 0.5;
    const DECAY: f32 = 2e-4;
    let samples: Vec<&Sample> = samples.filter(|sample| !sample.words.buckets.is_empty()).collect();
    let balance = class_balance(samples.iter().copied());
    let mut weights = vec![0.0_f32; BUCKETS * CLASS_COUNT];
    let mut squares = vec![1e-4_f32; BUCKETS * CLASS_COUNT];
    // A fixed stride that shares no factor with the count visits every sample once, in a mixed order.
    let stride = (samples.len() * 5 / 8..=samples.len() + 1)
        .find(|stride| gcd(*stride, samples.len().max(1)) == 1)
        .unwrap_or(1);
    for pass in 0..LEXICON_PASSES {
        for step in 0..samples.len() {
            let sample = samples[(step * stride + pass) % samples.len()];
            let error = residual(&weights, &sample.words, sample.label);
            let factor = sample.weight * balance[sample.label.index()];
            for &(bucket, value) in &sample.words.buckets {
                let at = usize::from(bucket) * CLASS_COUNT;
                for class in 0..CLASS_COUNT {
                    let gradient = factor * error[class] * value + DECAY * weights[at + class];
                    squares[at + class] += gradient * gradient;
                    weights[at + class] -= RATE * gradient / squares[at + class].sqrt();
                }
            }
        }
    }
    let seen = samples.iter().flat_map(|sample| sample.words.singles.iter().copied());
    Lexicon::new(&weights, [0.0; CLASS_COUNT], seen)
}

/// Softmax probabilities less the true class.
fn residual(weights: &[f32], words: &Words, label: FailureClass) -> [f32; CLASS_COUNT] {
    let mut scores = [0.0_f32; CLASS_COUNT];
    for &(bucket, value) in &words.buckets {
        let row = &weights[usize::from(bucket) * CLASS_COUNT..][..CLASS_COUNT];
        for (score, weight) in scores.iter_mut().zip(row) {
            *score += value * weight;
        }
    }
    let largest = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers = scores.map(|score| (score - largest).exp());
    let total: f32 = powers.iter().sum();
    let mut out = powers.map(|power| power / total);
    out[label.index()] -= 1.0;
    out
}

const fn gcd(one: usize, other: usize) -> usize {
    if other == 0 { one } else { gcd(other, one % other) }
}

/// What is watched of a lesson as it would have been judged when it was new.
fn watched(
    sample: &Sample,
    scored: &Scored,
    calibration: &Calibration,
    settings: &TrainSettings,
) -> (DecidedFrom, Watched) {
    let verdict = verdict(sample, scored, calibration, settings);
    let watched = judge::watch(&sample.job, &sample.evidence, &verdict, scored.known_words);
    (verdict.decided_from, watched)
}

/// The verdict on a sample as it would have been judged when it was new.
fn verdict(sample: &Sample, scored: &Scored, calibration: &Calibration, settings: &TrainSettings) -> Verdict {
    judge::verdict(
        &sample.job,
        &sample.evidence,
        sample.from_log,
        &scored.scores,
        scored.known_words,
        calibration,
        &settings.version,
    )
}

fn card(
    corpus: &Corpus,
    prepared: &Prepared,
    report: &Report,
    lineage: &Lineage,
    settings: &TrainSettings,
) -> ModelCard {
    let mut card = ModelCard {
        tools: corpus.tools().len(),
        noise_blocks: corpus.noise.len(),
        samples: prepared.samples.len(),
        rounds: settings.rounds,
        seed: settings.seed,
        corpus_sha256: corpus.sha256.clone(),
        limits: LIMITS.map(str::to_owned).to_vec(),
        lineage: lineage.for_card(),
        ..ModelCard::default()
    };
    for record in &corpus.failures {
        *card.ecosystems.entry(record.ecosystem.clone()).or_default() += 1;
        *card.origins.entry(record.origin.name().to_owned()).or_default() += 1;
        if let Some(class) = record.class {
            *card.records.entry(class.slug().to_owned()).or_default() += 1;
        }
    }
    report.write_into(&mut card);
    card
}

/// What the model is not good for.
const LIMITS: [&str; 3] = [
    "Most records are written from knowledge of what the tools print, with drawn measurements; `origins` counts them.",
    "Signals and records come from the same knowledge: figures on left-out tools are upper bounds.",
    "English output only.",
];
