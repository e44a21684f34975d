//! Samples become a bundle: the lexicon, the trees, the calibration and the reference profile of drift.
//!
//! What judges a sample must not have seen it. The lexicon's scores that the trees learn from come from lexicons fitted
//! without the sample's fold (stacked generalization: Wolpert, 1992), and folds are made of whole tools, so that the trees
//! do not trust words more than a new tool's deserve. The scores that the calibration learns from come from models that had
//! not seen the failure but may know its tool: that is what arrives where people use what others use, too. Both are measured.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::baseline;
use super::corpus::Corpus;
use super::dataset::{self, Sample, class_balance, fold_of};
use super::evaluate::{Report, Row};
use super::frozen;
use super::lesson::{self, Lesson};
use super::lexicon::LexiconFit;
use super::lineage::{self, Lineage, LineageError};
use crate::bundle::{Bundle, ModelCard};
use crate::class::FailureClass;
use crate::drift::Watched;
use crate::features::lexicon::Lexicon;
use crate::features::{self, FeatureSchema};
use crate::ingest::payload::PayloadError;
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

/// Lessons are taught in one further round for so many rounds on the records.
const FURTHER: usize = 3;

/// Why no bundle was made.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The corpus has no record of a class.
    #[error("the corpus has no record of {0}")]
    NoRecords(FailureClass),
    /// It was stopped before the first round.
    #[error("stopped before the first round")]
    Stopped,
    /// LightGBM refused, or the fit was stopped.
    #[error(transparent)]
    Model(#[from] BoosterError),
    /// The samples are not fit to learn from.
    #[error(transparent)]
    Lineage(#[from] LineageError),
    /// What the corpus tells of a payload is none.
    #[error(transparent)]
    Payload(#[from] PayloadError),
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
    for class in FailureClass::ALL {
        if !corpus.failures.iter().any(|record| record.class == Some(class)) {
            return Err(TrainError::NoRecords(class));
        }
    }
    let of = rounds(settings, !lessons.is_empty());
    let mut done = 0;
    if progress(Progress { done, of }).is_break() {
        return Err(TrainError::Stopped);
    }
    let course = Course::new(&corpus, lessons, settings);
    let mut each_round = |_: usize| {
        done += 1;
        progress(Progress { done, of })
    };
    let inputs = course.encode();
    let lineage = course.lineage(&inputs)?;
    let new_tools = course.score(&inputs, LeftOut::Tools, &mut each_round)?;
    let scored = course.score(&inputs, LeftOut::Failures, &mut each_round)?;
    let tested = course.tested();
    let tools = course.tools(&tested);
    let rows = course.judged(&tested, &new_tools, &scored, LeftOut::Tools);
    lineage::refuse_silence(&rows, &tools, settings.seed)?;
    let signals = [("signals alone", course.signals_alone(&tested))];
    let report = Report::of("left-out tools", &rows, &tools, &signals, settings.seed);
    let rows = course.judged(&tested, &scored, &scored, LeftOut::Failures);
    let known = Report::of("left-out failures", &rows, &tools, &[], settings.seed);
    let booster = course.fit_trees(&inputs, None, &mut each_round)?;
    let calibration = course.calibrate(&scored, |_| true);
    let taught = course.watch_lessons(&scored, &calibration);
    let card = ModelCard {
        frozen_records: frozen.len(),
        lessons: lessons.len(),
        left_out_failures: known.for_card(),
        ..card(&corpus, &course, &report, &lineage)
    };
    let mut bundle = Bundle {
        version: settings.version.clone(),
        schema: FeatureSchema::current(),
        lexicon: course.lexicons(None).1,
        booster,
        calibration,
        reference: Arc::default(),
        card,
    };
    bundle.reference = Arc::new(baseline::fit(&corpus, taught, &bundle, settings)?);
    Ok(bundle)
}

/// Rounds that teach lessons to a model of the records.
const fn further_rounds(settings: &TrainSettings) -> usize {
    settings.rounds.div_ceil(FURTHER)
}

/// Boosting rounds, over all models.
const fn rounds(settings: &TrainSettings, has_lessons: bool) -> usize {
    let further = if has_lessons { further_rounds(settings) } else { 0 };
    (settings.rounds + further) * (2 * settings.folds + 1)
}

/// What LightGBM is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Row-major, `labels.len()` rows.
    pub matrix: Vec<f32>,
    /// Class index of each row.
    pub labels: Vec<f32>,
    /// How much each row counts.
    pub weights: Vec<f32>,
}

impl Table {
    fn rows(&self) -> Rows<'_> {
        Rows {
            matrix: &self.matrix,
            labels: &self.labels,
            weights: &self.weights,
        }
    }
}

/// What the trees of a bundle are fitted on, and how: for comparing with another LightGBM.
#[must_use]
pub fn table(corpus: &Corpus, settings: &TrainSettings) -> (Table, FitSettings) {
    let course = Course::new(&frozen::set_aside(corpus).0, &[], settings);
    let inputs = course.encode();
    (course.table(&inputs.plain, None), course.fit_settings(settings.rounds))
}

/// The inputs of one sample, and which share of its words is known.
pub(super) type Inputs = (Vec<f32>, Option<f32>);

/// All samples, as read by lexicons that have not seen their tools.
pub(super) struct Encoded {
    /// Those of records, by lexicons that know no lesson.
    pub(super) plain: Vec<Inputs>,
    /// All, by lexicons that know the lessons too; `None` where there are none.
    pub(super) taught: Option<Vec<Inputs>>,
}

impl Encoded {
    /// As the finished model reads them.
    pub(super) fn finished(&self) -> &[Inputs] {
        self.taught.as_ref().unwrap_or(&self.plain)
    }
}

/// What is left out, fold by fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut {
    /// Whole tools: what is scored is as new as can be.
    Tools,
    /// Single failures, each in all its views: what is scored may be of a tool that is known.
    Failures,
}

/// One of the folds of what is left out; `None` where nothing is.
type Fold = Option<(LeftOut, usize)>;

/// All that is learned from. Records come first and make a model; lessons come on top of it, so that a challenger differs from
/// a champion by what people taught and not by chance.
pub(super) struct Course<'a> {
    /// Those of records, then those of lessons.
    pub(super) samples: Vec<Sample>,
    /// How many are of records.
    records: usize,
    /// With which fold each is left out together with all of its tool.
    pub(super) fold: Vec<usize>,
    /// With which fold each is left out while its tool is not.
    fold_of_failure: Vec<usize>,
    /// How often failures of its tool occur, 1 in the mean.
    frequency: Vec<f64>,
    settings: &'a TrainSettings,
}

impl<'a> Course<'a> {
    pub(super) fn new(corpus: &Corpus, lessons: &[Lesson], settings: &'a TrainSettings) -> Self {
        let mut samples = dataset::build(corpus, settings.seed);
        let records = samples.len();
        samples.extend(lessons.iter().flat_map(|lesson| lesson::samples(lesson, settings.seed)));
        let folds = |name: &dyn Fn(&Sample) -> String| -> Vec<usize> {
            let fold = |sample| fold_of(&name(sample), settings.folds, settings.seed);
            samples.iter().map(fold).collect()
        };
        let fold = folds(&|sample| sample.tool.clone());
        let fold_of_failure = folds(&|sample| format!("{} {}", sample.tool, sample.record));
        let mut frequency = frequencies(&samples[..records]);
        // Lessons are of real failures, and each says how often it came.
        frequency.resize(samples.len(), 1.0);
        Self {
            samples,
            records,
            fold,
            fold_of_failure,
            frequency,
            settings,
        }
    }

    fn has_lessons(&self) -> bool {
        self.samples.len() > self.records
    }

    /// The fold of a sample.
    fn fold(&self, index: usize, left_out: LeftOut) -> usize {
        match left_out {
            LeftOut::Tools => self.fold[index],
            LeftOut::Failures => self.fold_of_failure[index],
        }
    }

    /// Which samples are learned from where a fold is left out.
    fn takes(&self, index: usize, left_out: Fold) -> bool {
        left_out.is_none_or(|(what, number)| self.fold(index, what) != number)
    }

    /// A lexicon of the records alone, and one of the lessons too.
    fn lexicons(&self, left_out: Fold) -> (Lexicon, Lexicon) {
        let taken = |range: std::ops::Range<usize>| {
            range
                .filter(move |&index| self.takes(index, left_out))
                .map(|index| &self.samples[index])
        };
        let fit = LexiconFit::to_records(taken(0..self.records));
        let plain = fit.lexicon();
        let taught = fit.and_lessons(taken(self.records..self.samples.len())).lexicon();
        (plain, taught)
    }

    pub(super) fn encode(&self) -> Encoded {
        let lexicons: Vec<(Lexicon, Lexicon)> = (0..self.settings.folds)
            .map(|number| self.lexicons(Some((LeftOut::Tools, number))))
            .collect();
        let read = |index: usize, lexicon: &Lexicon| encode(&self.samples[index], lexicon);
        let plain = (0..self.records).map(|index| read(index, &lexicons[self.fold[index]].0));
        let taught = (0..self.samples.len()).map(|index| read(index, &lexicons[self.fold[index]].1));
        Encoded {
            plain: plain.collect(),
            taught: self.has_lessons().then(|| taught.collect()),
        }
    }

    fn table(&self, inputs: &[Inputs], left_out: Fold) -> Table {
        let taken: Vec<usize> = (0..inputs.len()).filter(|&index| self.takes(index, left_out)).collect();
        let of_records = taken.iter().filter(|&&index| index < self.records);
        let balance = class_balance(of_records.map(|&index| &self.samples[index]));
        let label = |&index: &usize| self.samples[index].label.index();
        Table {
            matrix: taken
                .iter()
                .flat_map(|&index| inputs[index].0.iter().copied())
                .collect(),
            labels: taken.iter().map(|index| label(index) as f32).collect(),
            weights: taken
                .iter()
                .map(|index| self.samples[*index].weight * balance[label(index)])
                .collect(),
        }
    }

    fn fit_settings(&self, rounds: usize) -> FitSettings {
        FitSettings {
            parameters: format!("{PARAMETERS} seed={}", self.settings.seed % 1_000_000),
            rounds,
        }
    }

    fn fit_trees(
        &self,
        inputs: &Encoded,
        left_out: Fold,
        each_round: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Booster, BoosterError> {
        let table = self.table(&inputs.plain, left_out);
        let of_records = Booster::fit(table.rows(), &self.fit_settings(self.settings.rounds), each_round)?;
        let Some(taught) = &inputs.taught else {
            return Ok(of_records);
        };
        let table = self.table(taught, left_out);
        of_records.boosted_further(
            table.rows(),
            &self.fit_settings(further_rounds(self.settings)),
            each_round,
        )
    }

    /// Every sample as a model scores it that has not seen its fold.
    pub(super) fn score(
        &self,
        inputs: &Encoded,
        left_out: LeftOut,
        each_round: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Vec<Scored>, BoosterError> {
        let mut scored: Vec<Option<Scored>> = vec![None; self.samples.len()];
        for number in 0..self.settings.folds {
            let booster = self.fit_trees(inputs, Some((left_out, number)), each_round)?;
            // Inputs are encoded without the tool's fold already.
            let lexicon = (left_out == LeftOut::Failures).then(|| self.lexicons(Some((left_out, number))).1);
            for index in (0..self.samples.len()).filter(|&index| self.fold(index, left_out) == number) {
                let (row, known_words) = match &lexicon {
                    Some(lexicon) => &encode(&self.samples[index], lexicon),
                    None => &inputs.finished()[index],
                };
                scored[index] = Some(Scored {
                    scores: booster.predict(row)?,
                    label: self.samples[index].label,
                    weight: f64::from(self.samples[index].weight) * self.frequency[index],
                    known_words: *known_words,
                });
            }
        }
        Ok(scored.into_iter().flatten().collect())
    }

    /// Fits the calibration on samples that are taken, as they are served: by a reader who knows all signals.
    fn calibrate(&self, scored: &[Scored], take: impl Fn(usize) -> bool) -> Calibration {
        let those = |of: fn(&Sample) -> bool| -> Vec<Scored> {
            (0..self.samples.len())
                .filter(|&index| self.samples[index].whole_table && of(&self.samples[index]) && take(index))
                .map(|index| scored[index])
                .collect()
        };
        Calibration::fit(&those(has_text), &those(|sample| !came_with_text(sample)), COVERAGE)
    }

    /// Where inputs and tests come from.
    pub(super) fn lineage(&self, inputs: &Encoded) -> Result<Lineage, LineageError> {
        lineage::check(lineage::Table {
            samples: &self.samples,
            rows: inputs.finished(),
            fold: &self.fold,
            schema: &FeatureSchema::current(),
            seed: self.settings.seed,
        })
    }

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
        let said = tested.iter().map(|&index| self.samples[index].signals_alone());
        said.collect()
    }

    /// Verdicts on them, each calibrated without its own fold on what the served model is calibrated on.
    pub(super) fn judged(
        &self,
        tested: &[usize],
        scored: &[Scored],
        calibrated_on: &[Scored],
        left_out: LeftOut,
    ) -> Vec<Row> {
        let calibrations: Vec<Calibration> = (0..self.settings.folds)
            .map(|number| self.calibrate(calibrated_on, |index| self.fold(index, left_out) != number))
            .collect();
        let judged = |&index: &usize| {
            let (sample, calibration) = (&self.samples[index], &calibrations[self.fold(index, left_out)]);
            let verdict = verdict(sample, &scored[index], calibration, self.settings);
            Row::of(&verdict, sample.label)
        };
        tested.iter().map(judged).collect()
    }

    /// What drift is to expect of failures like those that people labelled.
    fn watch_lessons(&self, scored: &[Scored], calibration: &Calibration) -> Vec<(DecidedFrom, Watched)> {
        self.samples
            .iter()
            .zip(scored)
            .filter(|(sample, _)| sample.whole_table && sample.tells && lesson::is_lesson(sample))
            .map(|(sample, scored)| watched(sample, scored, calibration, self.settings))
            .collect()
    }
}

/// How often failures of each sample's tool occur, 1 in the mean. Of an everyday tool there are many records and of most others
/// one: the number stands in for a frequency that nobody has counted. It matters to what is believed of a score alone; the
/// trees learn from all records alike.
fn frequencies(samples: &[Sample]) -> Vec<f64> {
    let mut count: BTreeMap<&str, f64> = BTreeMap::new();
    for sample in samples {
        *count.entry(&sample.tool).or_default() += 1.0;
    }
    let of = |sample: &Sample| count[sample.tool.as_str()];
    let mean = samples.iter().map(of).sum::<f64>() / samples.len().max(1) as f64;
    samples.iter().map(|sample| of(sample) / mean).collect()
}

/// Whether it holds text that tells its class: figures are over such samples alone.
fn has_text(sample: &Sample) -> bool {
    sample.tells && came_with_text(sample)
}

fn came_with_text(sample: &Sample) -> bool {
    sample.from_log || sample.job.message.is_some()
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

fn card(corpus: &Corpus, course: &Course<'_>, report: &Report, lineage: &Lineage) -> ModelCard {
    let mut card = ModelCard {
        tools: corpus.tools().len(),
        noise_blocks: corpus.noise.len(),
        samples: course.samples.len(),
        rounds: course.settings.rounds,
        seed: course.settings.seed,
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
