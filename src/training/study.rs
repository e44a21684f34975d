//! The proof of a model on the corpus: failures of tools that the scoring model had not seen, never a split by chance.
//!
//! Five folds of whole tools, each scored by trees and a lexicon of the other four, and calibrated on the failures of the other
//! four as the served model is. Beside it: the same with folds of single failures, whose tools may be known; the signals alone,
//! the model without one kind of input, the served model on the records that are set aside, and an isolation forest at the
//! task that it is made for.

use std::ops::ControlFlow;

use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::auroc::auroc;
use super::compose::{Form, compose};
use super::corpus::{Corpus, Record};
use super::dataset::{Sample, Teaching};
use super::evaluate::{Estimate, Report, Row, estimate_of};
use super::fit::{Course, Encoded, Inputs, LeftOut, Progress, TrainError, TrainSettings};
use super::foreign::{ForeignWords, Told};
use super::frozen;
use super::isolation::Forest;
use super::lineage::Lineage;
use super::trial;
use crate::bundle::Bundle;
use crate::class::FailureClass;
use crate::features::{self, FeatureSchema, InputGroup};
use crate::judge::{JudgeError, weigh};

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// Failures of left-out tools, as whole logs and as excerpts; its baselines are the signals alone and, where they were
    /// asked for, the ablations.
    pub left_out_tools: Report,
    /// The same, where the failure alone is left out and its tool may be known.
    pub left_out_failures: Report,
    /// The whole logs among those of left-out tools.
    pub whole_logs: Report,
    /// The excerpts among them.
    pub excerpts: Report,
    /// The served model on the records that no model is fitted on.
    pub set_aside: Report,
    /// Where inputs and tests come from.
    pub lineage: Lineage,
    /// What tells failures that are unlike anything seen.
    pub detectors: Vec<Detector>,
}

/// A score for being unlike anything seen, as areas under the ROC curve against records that are set aside, as they are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Detector {
    /// What the score is.
    pub name: String,
    /// Against the same records with every word replaced by one that does not exist.
    pub foreign_words: Estimate,
    /// Against what passing steps print: failures of no class.
    pub no_class: Estimate,
    /// Among the records themselves: verdicts that are wrong against those that are right.
    pub wrong_verdicts: Estimate,
}

/// Models that are refitted without some inputs.
const ABLATIONS: [(&str, &[InputGroup]); 5] = [
    ("without words", &[InputGroup::Words]),
    ("without signals", &[InputGroup::Signals]),
    ("without measurements", &[InputGroup::Measurements]),
    (
        "words alone",
        &[InputGroup::Signals, InputGroup::Shape, InputGroup::Measurements],
    ),
    (
        "measurements alone",
        &[InputGroup::Signals, InputGroup::Shape, InputGroup::Words],
    ),
];

/// Studies what would be trained with these settings, beside a model that is served. `progress` is told of every boosting
/// round and may stop.
///
/// # Errors
/// As training.
pub fn study(
    corpus: &Corpus,
    served: &Bundle,
    settings: &TrainSettings,
    with_ablations: bool,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Study, TrainError> {
    let (learned, set_aside) = frozen::set_aside(corpus);
    let course = Course::new(&learned, &[], settings);
    let inputs = course.encode();
    let lineage = course.lineage(&inputs)?;
    let fits = if with_ablations { 2 + ABLATIONS.len() } else { 2 };
    let of = settings.rounds * settings.folds * fits;
    let mut done = 0;
    let mut each_round = |_: usize| {
        done += 1;
        progress(Progress { done, of })
    };
    let new_tools = course.score(&inputs, LeftOut::Tools, &mut each_round)?;
    let scored = course.score(&inputs, LeftOut::Failures, &mut each_round)?;
    let tested = course.tested();
    let rows = course.judged(&tested, &new_tools, &scored, LeftOut::Tools);
    let of_known_tools = course.judged(&tested, &scored, &scored, LeftOut::Failures);
    let mut baselines = vec![("signals alone", course.signals_alone(&tested))];
    for (name, without) in ABLATIONS.into_iter().take(fits - 2) {
        let masked = Encoded {
            plain: masked(&inputs.plain, without),
            taught: None,
        };
        let scored = course.score(&masked, LeftOut::Tools, &mut each_round)?;
        baselines.push((name, course.judged(&tested, &scored, &scored, LeftOut::Tools)));
    }
    let clusters = course.tools(&tested);
    let only = |on: &str, excerpts: bool| {
        let kept: Vec<usize> = (0..tested.len())
            .filter(|&place| (course.samples[tested[place]].form == Some(Form::Excerpt)) == excerpts)
            .collect();
        let pick = |rows: &[Row]| -> Vec<Row> { kept.iter().map(|&place| rows[place]).collect() };
        let clusters: Vec<String> = kept.iter().map(|&place| clusters[place].clone()).collect();
        let signals = pick(&baselines[0].1);
        Report::of(
            on,
            &pick(&rows),
            &clusters,
            &[("signals alone", signals)],
            settings.seed,
        )
    };
    Ok(Study {
        whole_logs: only("whole logs of left-out tools", false),
        excerpts: only("excerpts of left-out tools", true),
        left_out_failures: Report::of(
            "left-out failures, tools may be known",
            &of_known_tools,
            &clusters,
            &baselines[..1],
            settings.seed,
        ),
        left_out_tools: Report::of("left-out tools", &rows, &clusters, &baselines, settings.seed),
        set_aside: on_set_aside(&set_aside, corpus, served, settings)?,
        lineage,
        detectors: detectors(&course, &inputs, &set_aside, corpus, served, settings)?,
    })
}

/// The rows without some kinds of input.
fn masked(rows: &[Inputs], without: &[InputGroup]) -> Vec<Inputs> {
    let is_masked: Vec<bool> = FeatureSchema::current()
        .names
        .iter()
        .map(|name| without.contains(&FeatureSchema::group(name)))
        .collect();
    let mask = |row: &Vec<f32>| {
        let values = row.iter().zip(&is_masked);
        values
            .map(|(value, masked)| if *masked { f32::NAN } else { *value })
            .collect()
    };
    rows.iter().map(|(row, known)| (mask(row), *known)).collect()
}

fn on_set_aside(
    set_aside: &[Record],
    corpus: &Corpus,
    served: &Bundle,
    settings: &TrainSettings,
) -> Result<Report, JudgeError> {
    let samples = trial::of_records(set_aside, corpus, settings.seed);
    let rows = trial::ask(served, &samples)?;
    let signals = samples.iter().map(Sample::signals_alone).collect();
    let clusters: Vec<String> = samples.iter().map(|sample| sample.tool.clone()).collect();
    let on = format!("set aside, by {}", served.version);
    Ok(Report::of(
        &on,
        &rows,
        &clusters,
        &[("signals alone", signals)],
        settings.seed,
    ))
}

/// What one failure scores, by detector.
struct Unlike {
    scores: [f64; DETECTORS.len()],
    tool: String,
    is_wrong: bool,
}

const DETECTORS: [&str; 4] = [
    "isolation forest on all inputs",
    "share of unknown words",
    "doubt (1 - confidence)",
    "marked as uncertain",
];

fn detectors(
    course: &Course<'_>,
    inputs: &Encoded,
    set_aside: &[Record],
    corpus: &Corpus,
    served: &Bundle,
    settings: &TrainSettings,
) -> Result<Vec<Detector>, JudgeError> {
    let learned: Vec<&[f32]> = course
        .tested()
        .into_iter()
        .map(|index| inputs.plain[index].0.as_slice())
        .collect();
    let forest = Forest::fit(&learned, settings.seed);
    let ask = |records: &[Record]| -> Result<Vec<Unlike>, JudgeError> {
        (1_u64..)
            .zip(records)
            .map(|(number, record)| unlike(record, corpus, settings.seed ^ number, &forest, served))
            .collect()
    };
    let foreign = ForeignWords::of(corpus);
    let mut rng = Pcg64Mcg::seed_from_u64(settings.seed);
    let told: Vec<Record> = set_aside
        .iter()
        .map(|record| foreign.tell(record, Told::InAForeignTongue, &mut rng))
        .collect();
    let (own, told, passing) = (ask(set_aside)?, ask(&told)?, ask(&corpus.noise)?);
    let against = |place: usize, others: &[Unlike]| {
        let all = || own.iter().chain(others);
        let scores: Vec<f64> = all().map(|one| one.scores[place]).collect();
        let is_other: Vec<bool> = (0..scores.len()).map(|row| row >= own.len()).collect();
        let tools: Vec<String> = all().map(|one| one.tool.clone()).collect();
        estimate_of(&tools, settings.seed, &mut |weights| auroc(&scores, &is_other, weights))
    };
    let wrong = |place: usize| {
        let scores: Vec<f64> = own.iter().map(|one| one.scores[place]).collect();
        let is_wrong: Vec<bool> = own.iter().map(|one| one.is_wrong).collect();
        let tools: Vec<String> = own.iter().map(|one| one.tool.clone()).collect();
        estimate_of(&tools, settings.seed, &mut |weights| auroc(&scores, &is_wrong, weights))
    };
    let each = DETECTORS.into_iter().enumerate();
    Ok(each
        .map(|(place, name)| Detector {
            name: name.to_owned(),
            foreign_words: against(place, &told),
            no_class: against(place, &passing),
            wrong_verdicts: wrong(place),
        })
        .collect())
}

fn unlike(record: &Record, corpus: &Corpus, seed: u64, forest: &Forest, served: &Bundle) -> Result<Unlike, JudgeError> {
    // What a passing step prints is of no class; in this form no label shapes the text.
    let label = record.class.unwrap_or(FailureClass::Build);
    let composed = compose(record, label, corpus, Form::GithubActions, seed);
    let teaching = Teaching {
        label,
        tool: record.tool.clone(),
        weight: 1.0,
        tells: true,
    };
    let sample = Sample::read(composed.job, composed.log.as_deref(), None, teaching);
    let (row, known) = features::read(&sample.job, &sample.evidence, &served.lexicon, &served.schema);
    let verdict = weigh(&sample.job, &sample.evidence, sample.from_log, served)?.verdict;
    Ok(Unlike {
        scores: [
            forest.score(&row.values),
            known.map_or(1.0, |known| f64::from(1.0 - known)),
            1.0 - verdict.confidence,
            f64::from(u8::from(verdict.uncertain)),
        ],
        tool: sample.tool,
        is_wrong: verdict.prediction != label,
    })
}
