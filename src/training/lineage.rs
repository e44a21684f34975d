//! Where the inputs and the test come from, looked into before anything is fitted: a leak makes every figure a lie.
//!
//! Four questions. How much of the label does each input tell? Does a test repeat what is learned? Can a classifier tell
//! tests from what is learned? And does anything tell the label at all? A wrong answer is an error that names the input
//! and the figure.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

use super::auroc::auroc;
use super::compose::Form;
use super::dataset::{Sample, fold_of};
use super::evaluate::{Estimate, Row, estimate_of, share_of};
use super::repetition::{self, Repetition};
use crate::bundle::CardLineage;
use crate::class::{CLASS_COUNT, FailureClass};
use crate::features::lexicon::word_of;
use crate::features::{FeatureSchema, InputGroup};
use crate::model::booster::{Booster, BoosterError, FitSettings, Rows};

/// So much of whether a failure is of a class one input read from the text may tell, where there is a text. The strongest
/// honest ones are signals written from the same knowledge as the records; a label that was copied into the texts tells
/// nearly all of it.
const MAX_TOLD_BY_TEXT: f64 = 0.85;

/// So much of it one word may tell. The strongest honest one in the corpus, `tests`, tells 0.31 of whether it is a test
/// failure; a word that stands in all records of a class and in no others was written from the label.
const MAX_TOLD_BY_A_WORD: f64 = 0.6;

/// The same of what is measured. How long a job took hints at a class and proves none; the strongest honest hint is that a
/// step was timed whose name speaks of deploying. A number that tells more was made from the label.
const MAX_TOLD_BY_MEASUREMENT: f64 = 0.5;

/// Of the tests so many may repeat what is learned. Tools do quote each other's messages; more than one in fifty means
/// that the split cuts through the records of one source.
const MAX_REPEATED: f64 = 0.02;

/// Where even the lower end of the area under the curve is above this, tests are not drawn as what is learned is: 0.5 is
/// chance, and 0.6 is as far as a split by whole tools moves it when some tools have many records.
const MAX_TOLD_APART: f64 = 0.6;

/// Values of a number that are told apart: quantiles, where there are more.
const LEVELS: usize = 32;

/// Draws of labels without any relation to the inputs.
const SHUFFLES: usize = 20;

/// Rounds of the classifier that tells tests from what is learned.
const ROUNDS: usize = 30;

/// Folds of it.
const FOLDS: usize = 3;

/// With fewer tools than this on either side nothing can be told of them: an honest signal may tell a few from all others.
const MIN_TOOLS: usize = 30;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lineage {
    /// The inputs that tell most, most first.
    pub inputs: Vec<Told>,
    /// How much of the label the best input tells when labels are drawn anew for each tool.
    pub told_by_chance: f64,
    /// Tests that repeat what is learned.
    pub repetition: Repetition,
    /// How well a classifier tells tests from what is learned (area under the ROC curve): figure, and the middle 95 % of it.
    /// `None` where there are too few tools.
    pub told_apart: Option<[f64; 3]>,
}

/// What one input tells of the label: mutual information, by the entropy of what it is about, without what chance tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    /// The input.
    pub input: String,
    /// The share that it tells of the class.
    pub of_label: f64,
    /// The class of which it tells most ...
    pub class: FailureClass,
    /// ... and the share that it tells of whether a failure is of that.
    pub of_class: f64,
    /// The most of the last that it tells when labels are drawn anew.
    pub by_chance: f64,
}

impl Lineage {
    /// What of it stands in a model's papers.
    #[must_use]
    pub fn for_card(&self) -> Option<CardLineage> {
        let strongest = self.inputs.first()?;
        Some(CardLineage {
            strongest_input: strongest.input.clone(),
            of_class: strongest.class.slug().to_owned(),
            told: rounded(strongest.of_class),
            tests: self.repetition.checked,
            repeated: self.repetition.repeated,
            told_apart: self.told_apart.map(|area| area.map(rounded)),
        })
    }
}

/// To four places.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Inputs that are kept in the report.
const SHOWN: usize = 12;

/// Why nothing may be fitted on these samples.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LineageError {
    /// An input was made from the label.
    #[error(
        "the input `{}` tells {:.2} of whether a failure is of class {} (normalised mutual information; at most {most} is \
         honest): the label leaks into it; find where records or measurements get it from",
        .told.input, .told.of_class, .told.class
    )]
    Leak {
        /// The input.
        told: Told,
        /// What would pass.
        most: f64,
    },
    /// Tests repeat what is learned.
    #[error(
        "{} of {} tests repeat a record of another tool that is learned from ({:.1} %; at most {:.0} % may), `{example}` \
         among them: give the copies one tool's name, or delete them",
        .found.repeated, .found.checked, 100.0 * .found.repeated as f64 / .found.checked.max(1) as f64, 100.0 * MAX_REPEATED
    )]
    Repeats {
        /// How many.
        found: Repetition,
        /// The tool of one of them.
        example: String,
    },
    /// Tests are of another kind than what is learned.
    #[error(
        "a classifier tells tests from what is learned: area under the curve {:.3} [{:.3}, {:.3}], by chance 0.5 (at most \
         {MAX_TOLD_APART} at the lower end): an input says which split a record is in, `{input}` most of all",
        .auroc[0], .auroc[1], .auroc[2]
    )]
    ToldApart {
        /// The area and its interval.
        auroc: [f64; 3],
        /// The input that the classifier used most.
        input: String,
    },
    /// Nothing tells anything.
    #[error(
        "no input tells the class: on tools left out {:.3} [{:.3}, {:.3}] are right, and {share:.3} are of class {class}: \
         are the labels those of these records?",
        .accuracy[0], .accuracy[1], .accuracy[2]
    )]
    NoSignal {
        /// The share that is right and its interval.
        accuracy: [f64; 3],
        /// The most frequent class.
        class: FailureClass,
        /// Its share: what always saying it would reach.
        share: f64,
    },
    /// The classifier could not be fitted.
    #[error(transparent)]
    Model(#[from] BoosterError),
}

/// Samples as they are learned from, and which fold each is left out with.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) samples: &'a [Sample],
    /// Encoded, one a sample.
    pub(super) rows: &'a [(Vec<f32>, Option<f32>)],
    pub(super) fold: &'a [usize],
    pub(super) schema: &'a FeatureSchema,
    pub(super) seed: u64,
}

/// Looks into all of it.
pub(super) fn check(table: Table<'_>) -> Result<Lineage, LineageError> {
    let taken: Vec<usize> = (0..table.samples.len())
        .filter(|&index| table.samples[index].whole_table && table.samples[index].tells)
        .collect();
    let (mut inputs, told_by_chance) = told(table, &taken);
    inputs.sort_by(|one, other| other.of_class.total_cmp(&one.of_class));
    refuse_leaks(&inputs, &tools_by_class(table, &taken))?;
    let pasted = pasted(table, &taken);
    refuse_telling_words(table.samples, &pasted)?;
    let repetition = repeated(table, &pasted)?;
    let told_apart = told_apart(table, &taken)?;
    inputs.truncate(SHOWN);
    Ok(Lineage {
        inputs,
        told_by_chance,
        repetition,
        told_apart,
    })
}

fn tools_by_class(table: Table<'_>, taken: &[usize]) -> [usize; CLASS_COUNT] {
    let mut tools: [HashSet<&str>; CLASS_COUNT] = std::array::from_fn(|_| HashSet::new());
    for sample in taken.iter().map(|&index| &table.samples[index]) {
        tools[sample.label.index()].insert(&sample.tool);
    }
    tools.map(|tools| tools.len())
}

fn refuse_leaks(inputs: &[Told], tools: &[usize; CLASS_COUNT]) -> Result<(), LineageError> {
    for told in inputs {
        let most = match FeatureSchema::group(&told.input) {
            InputGroup::Signals | InputGroup::Words if tools[told.class.index()] < MIN_TOOLS => continue,
            InputGroup::Signals | InputGroup::Words => MAX_TOLD_BY_TEXT,
            InputGroup::Shape | InputGroup::Measurements => MAX_TOLD_BY_MEASUREMENT,
        };
        if told.of_class - told.by_chance > most {
            return Err(LineageError::Leak {
                told: told.clone(),
                most,
            });
        }
    }
    Ok(())
}

/// Records as pasted: what a CI system writes around them is the same for many.
fn pasted(table: Table<'_>, taken: &[usize]) -> Vec<usize> {
    let is_pasted = |index: &usize| table.samples[*index].form == Some(Form::Excerpt);
    taken.iter().copied().filter(is_pasted).collect()
}

/// Looks at every word of the texts as an input: a label in them would be one of thousands, and spread over the scores of
/// the lexicon.
fn refuse_telling_words(samples: &[Sample], pasted: &[usize]) -> Result<(), LineageError> {
    let mut present: HashMap<u32, [f64; CLASS_COUNT]> = HashMap::new();
    let mut tools: HashMap<(u32, FailureClass), HashSet<&str>> = HashMap::new();
    let mut support = [0.0; CLASS_COUNT];
    for &index in pasted {
        let sample = &samples[index];
        support[sample.label.index()] += 1.0;
        let words: HashSet<u32> = sample.words.singles.iter().copied().collect();
        for word in words {
            present.entry(word).or_default()[sample.label.index()] += 1.0;
            tools.entry((word, sample.label)).or_default().insert(&sample.tool);
        }
    }
    // A word of few tools is theirs: only where many share it does it speak of the class.
    let shared = tools.iter().filter(|(_, tools)| tools.len() >= MIN_TOOLS);
    let told = shared.map(|(&(word, class), _)| {
        let counts = present.get(&word).copied().unwrap_or_default();
        (told_by_presence(&counts, &support, class.index()), word, class)
    });
    // Of equals the same one each time, in whatever order the map gives them.
    let most = told.max_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let Some((of_class, word, class)) = most.filter(|(told, _, _)| *told > MAX_TOLD_BY_A_WORD) else {
        return Ok(());
    };
    let spelled = pasted.iter().find_map(|&index| {
        let evidence = &samples[index].evidence;
        let near = evidence
            .candidates
            .iter()
            .flat_map(|one| one.context.iter().chain([&one.text]));
        near.chain(&evidence.tail).find_map(|line| word_of(line, word))
    });
    let told = Told {
        input: format!("the word {}", spelled.as_deref().unwrap_or("of a step's name")),
        of_label: of_class,
        class,
        of_class,
        by_chance: 0.0,
    };
    Err(LineageError::Leak {
        told,
        most: MAX_TOLD_BY_A_WORD,
    })
}

/// What the presence of a word tells of whether a record is of a class.
fn told_by_presence(present: &[f64; CLASS_COUNT], support: &[f64; CLASS_COUNT], class: usize) -> f64 {
    let (total, own): (f64, f64) = (support.iter().sum(), support[class]);
    let (with, both): (f64, f64) = (present.iter().sum(), present[class]);
    let entropy = |own: f64, of: f64| part(own, of) + part(of - own, of);
    let before = entropy(own, total);
    let after = with / total * entropy(both, with) + (total - with) / total * entropy(own - both, total - with);
    if before > 0.0 { 1.0 - after / before } else { 0.0 }
}

/// Refuses what tells nothing: verdicts on left-out tools that are right no more often than the most frequent class is.
pub(super) fn refuse_silence(rows: &[Row], tools: &[String], seed: u64) -> Result<(), LineageError> {
    let share = |class: FailureClass| rows.iter().filter(|row| row.label == class).count() as f64 / rows.len() as f64;
    let most = FailureClass::ALL
        .into_iter()
        .max_by(|one, other| share(*one).total_cmp(&share(*other)));
    let class = most.unwrap_or(FailureClass::Build);
    let right: Vec<bool> = rows.iter().map(|row| row.said() == row.label).collect();
    let Estimate { value, low, high } = share_of(&right, tools, seed);
    if low > share(class) {
        return Ok(());
    }
    Err(LineageError::NoSignal {
        accuracy: [value, low, high],
        class,
        share: share(class),
    })
}

/// What every input tells, and the most that one tells by chance.
fn told(table: Table<'_>, taken: &[usize]) -> (Vec<Told>, f64) {
    let with_text: Vec<usize> = taken
        .iter()
        .copied()
        .filter(|&index| !table.samples[index].words.singles.is_empty())
        .collect();
    let of =
        |taken: &[usize]| -> Vec<usize> { taken.iter().map(|&index| table.samples[index].label.index()).collect() };
    let all = (taken, of(taken), shuffled(table, taken));
    let texts = (with_text.as_slice(), of(&with_text), shuffled(table, &with_text));
    let mut chance = 0.0_f64;
    let inputs = (0..table.schema.names.len()).map(|column| {
        let (taken, labels, shuffled) = match FeatureSchema::group(&table.schema.names[column]) {
            InputGroup::Signals | InputGroup::Words => &texts,
            InputGroup::Shape | InputGroup::Measurements => &all,
        };
        let values: Vec<f32> = taken.iter().map(|&index| table.rows[index].0[column]).collect();
        let levels = levels(&values);
        let by_chance: Vec<Informed> = shuffled.iter().map(|labels| Informed::of(&levels, labels)).collect();
        let mean = |of: &dyn Fn(&Informed) -> f64| by_chance.iter().map(of).sum::<f64>() / by_chance.len() as f64;
        let found = Informed::of(&levels, labels);
        let of_label = adjusted(found.of_label, mean(&|one| one.of_label));
        let of_classes: [f64; CLASS_COUNT] =
            std::array::from_fn(|class| adjusted(found.of_class[class], mean(&|one| one.of_class[class])));
        let most = by_chance
            .iter()
            .map(|one| adjusted(one.of_label, mean(&|one| one.of_label)));
        chance = most.fold(chance, f64::max);
        let class = FailureClass::ALL
            .into_iter()
            .max_by(|one, other| of_classes[one.index()].total_cmp(&of_classes[other.index()]));
        let class = class.unwrap_or(FailureClass::Build);
        // Where there are few rows an input may tell much by chance: what it may tell so is not held against it.
        let own = |one: &Informed| adjusted(one.of_class[class.index()], mean(&|one| one.of_class[class.index()]));
        Told {
            input: table.schema.names[column].clone(),
            of_label,
            class,
            of_class: of_classes[class.index()],
            by_chance: by_chance.iter().map(own).fold(0.0, f64::max),
        }
    });
    (inputs.collect(), chance)
}

/// Information beyond what chance gives, of what chance leaves (Vinh, Epps, Bailey, "Information Theoretic Measures for
/// Clusterings Comparison", JMLR 2010).
fn adjusted(found: f64, by_chance: f64) -> f64 {
    (found - by_chance) / (1.0 - by_chance).max(1e-9)
}

/// Labels that have nothing to do with the inputs: every tool's labels are moved on by a number of its own, so that what
/// hangs together within a tool still does.
fn shuffled(table: Table<'_>, taken: &[usize]) -> Vec<Vec<usize>> {
    (0..SHUFFLES)
        .map(|shuffle| {
            let mut moves = std::collections::BTreeMap::new();
            let mut rng = Pcg64Mcg::seed_from_u64(table.seed.wrapping_add(shuffle as u64));
            let mut moved = |index: usize| {
                let sample = &table.samples[index];
                let by = *moves
                    .entry(sample.tool.as_str())
                    .or_insert_with(|| rng.random_range(0..CLASS_COUNT));
                (sample.label.index() + by) % CLASS_COUNT
            };
            taken.iter().map(|&index| moved(index)).collect()
        })
        .collect()
}

/// Each value as a small number: what is missing is 0, then quantiles or, where there are few, the values themselves.
fn levels(values: &[f32]) -> Vec<usize> {
    let mut sorted: Vec<f32> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f32::total_cmp);
    let mut borders = sorted.clone();
    borders.dedup();
    if borders.len() > LEVELS {
        borders = (0..LEVELS).map(|level| sorted[level * sorted.len() / LEVELS]).collect();
        borders.dedup();
    }
    let level = |value: &f32| {
        if value.is_nan() {
            0
        } else {
            borders.partition_point(|border| border <= value)
        }
    };
    values.iter().map(level).collect()
}

/// Shares of entropy that an input tells: of the label, and of whether it is each class.
struct Informed {
    of_label: f64,
    of_class: [f64; CLASS_COUNT],
}

impl Informed {
    fn of(levels: &[usize], labels: &[usize]) -> Self {
        let mut counts = [[0.0_f64; CLASS_COUNT]; LEVELS + 2];
        for (&level, &label) in levels.iter().zip(labels) {
            counts[level][label] += 1.0;
        }
        let total = levels.len() as f64;
        let sums = counts.map(|row| row.iter().sum::<f64>());
        let of_label: [f64; CLASS_COUNT] =
            std::array::from_fn(|class| counts.iter().map(|row| row[class]).sum::<f64>());
        let left = |entropy: &dyn Fn(&[f64; CLASS_COUNT], f64) -> f64| -> f64 {
            let rows = counts.iter().zip(&sums).filter(|(_, sum)| **sum > 0.0);
            rows.map(|(row, sum)| sum / total * entropy(row, *sum)).sum()
        };
        let share = |before: f64, after: f64| if before > 0.0 { 1.0 - after / before } else { 0.0 };
        let all = |row: &[f64; CLASS_COUNT], sum: f64| row.iter().map(|count| part(*count, sum)).sum::<f64>();
        Self {
            of_label: share(all(&of_label, total), left(&all)),
            of_class: std::array::from_fn(|class| {
                let whether = |row: &[f64; CLASS_COUNT], sum: f64| part(row[class], sum) + part(sum - row[class], sum);
                share(whether(&of_label, total), left(&whether))
            }),
        }
    }
}

/// `-p ln p`.
fn part(count: f64, of: f64) -> f64 {
    if count > 0.0 && of > 0.0 {
        -(count / of) * (count / of).ln()
    } else {
        0.0
    }
}

/// Records that are near-duplicates of one that is learned from when they are tested.
fn repeated(table: Table<'_>, pasted: &[usize]) -> Result<Repetition, LineageError> {
    let samples: Vec<&Sample> = pasted.iter().map(|&index| &table.samples[index]).collect();
    let folds: Vec<usize> = pasted.iter().map(|&index| table.fold[index]).collect();
    let repeats = repetition::across(&samples, &folds);
    let found = Repetition {
        checked: samples.len(),
        against: samples.len(),
        repeated: repeats.iter().filter(|repeats| **repeats).count(),
    };
    if found.repeated as f64 > MAX_REPEATED * found.checked as f64 && found.repeated > 1 {
        let example = samples.iter().zip(&repeats).find(|(_, repeats)| **repeats);
        return Err(LineageError::Repeats {
            found,
            example: example.map_or(String::new(), |(sample, _)| sample.tool.clone()),
        });
    }
    Ok(found)
}

/// Classifier two-sample test (Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", ICLR 2017), cross-validated
/// over whole tools, with a bootstrap over tools: is the first fold drawn as the others are? The lexicon's scores are left
/// out: each fold has a lexicon of its own, and that shows.
fn told_apart(table: Table<'_>, taken: &[usize]) -> Result<Option<[f64; 3]>, LineageError> {
    let is_test: Vec<bool> = taken.iter().map(|&index| table.fold[index] == 0).collect();
    let tools: Vec<String> = taken.iter().map(|&index| table.samples[index].tool.clone()).collect();
    let side = |test: bool| -> std::collections::BTreeSet<&str> {
        let pairs = tools.iter().zip(&is_test).filter(|(_, is)| **is == test);
        pairs.map(|(tool, _)| tool.as_str()).collect()
    };
    if side(true).len().min(side(false).len()) < MIN_TOOLS {
        return Ok(None);
    }
    let rows: Vec<Vec<f32>> = taken.iter().map(|&index| without_words(table, index)).collect();
    let part: Vec<usize> = tools
        .iter()
        .map(|tool| fold_of(tool, FOLDS, table.seed.wrapping_add(1)))
        .collect();
    let mut scores = vec![0.0; taken.len()];
    let mut gains = vec![0.0; table.schema.names.len()];
    for left_out in 0..FOLDS {
        let learned: Vec<usize> = (0..taken.len()).filter(|&place| part[place] != left_out).collect();
        let booster = discriminator(&rows, &is_test, &learned, table.seed)?;
        for (sum, gain) in gains.iter_mut().zip(booster.importance()?) {
            *sum += gain;
        }
        for place in (0..taken.len()).filter(|&place| part[place] == left_out) {
            scores[place] = booster.predict(&rows[place])?[1];
        }
    }
    // In order once, so that no draw has to sort.
    let mut order: Vec<usize> = (0..taken.len()).collect();
    order.sort_by(|one, other| scores[*one].total_cmp(&scores[*other]));
    let scores: Vec<f64> = order.iter().map(|&place| scores[place]).collect();
    let is_test: Vec<bool> = order.iter().map(|&place| is_test[place]).collect();
    let tools: Vec<String> = order.iter().map(|&place| tools[place].clone()).collect();
    let Estimate { value, low, high } =
        estimate_of(&tools, table.seed, &mut |weights| auroc(&scores, &is_test, weights));
    let auroc = [value, low, high];
    if low > MAX_TOLD_APART {
        let most = (0..gains.len()).max_by(|&one, &other| gains[one].total_cmp(&gains[other]));
        return Err(LineageError::ToldApart {
            auroc,
            input: most.map_or(String::new(), |column| table.schema.names[column].clone()),
        });
    }
    Ok(Some(auroc))
}

fn without_words(table: Table<'_>, index: usize) -> Vec<f32> {
    let inputs = table.schema.names.iter().zip(&table.rows[index].0);
    inputs
        .map(|(name, value)| match FeatureSchema::group(name) {
            InputGroup::Words => f32::NAN,
            InputGroup::Signals | InputGroup::Shape | InputGroup::Measurements => *value,
        })
        .collect()
}

/// Two of the booster's classes: 0 for what is learned, 1 for tests. Both weigh the same.
fn discriminator(rows: &[Vec<f32>], is_test: &[bool], learned: &[usize], seed: u64) -> Result<Booster, BoosterError> {
    let tests = learned.iter().filter(|&&place| is_test[place]).count().max(1) as f32;
    let others = learned.len() as f32 - tests;
    let matrix: Vec<f32> = learned.iter().flat_map(|&place| rows[place].iter().copied()).collect();
    let labels: Vec<f32> = learned
        .iter()
        .map(|&place| f32::from(u8::from(is_test[place])))
        .collect();
    let weights: Vec<f32> = learned
        .iter()
        .map(|&place| if is_test[place] { 1.0 / tests } else { 1.0 / others })
        .map(|weight| weight * learned.len() as f32)
        .collect();
    let settings = FitSettings {
        parameters: format!(
            "learning_rate=0.1 num_leaves=8 min_data_in_leaf=40 feature_fraction=0.5 seed={}",
            seed % 1_000_000
        ),
        rounds: ROUNDS,
    };
    let rows = Rows {
        matrix: &matrix,
        labels: &labels,
        weights: &weights,
    };
    Booster::fit(rows, &settings, &mut |_| ControlFlow::Continue(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::corpus::{Corpus, Record};
    use crate::training::fit::{Course, TrainError, TrainSettings, train};

    /// One tool in so many of the corpus: fast, and enough of them.
    const ONE_IN: usize = 15;

    fn settings() -> TrainSettings {
        TrainSettings {
            rounds: 2,
            folds: 3,
            ..TrainSettings::default()
        }
    }

    fn corpus() -> Corpus {
        let mut corpus = Corpus::shipped().expect("the corpus");
        corpus.failures.retain(|record| fold_of(&record.tool, ONE_IN, 5) == 0);
        corpus
    }

    fn refused(corpus: &Corpus) -> LineageError {
        match train(corpus, &settings(), &mut |_| ControlFlow::Continue(())) {
            Err(TrainError::Lineage(refused)) => refused,
            Err(other) => panic!("{other}"),
            Ok(bundle) => panic!("passed: {:?}", bundle.card.lineage),
        }
    }

    /// What the check says of the corpus when `change` has been at the encoded rows.
    fn checked(change: impl Fn(&Sample, usize, &mut [f32])) -> Result<Lineage, LineageError> {
        let (corpus, settings) = (corpus(), settings());
        let course = Course::new(&corpus, &[], &settings);
        let mut inputs = course.encode();
        for ((sample, (row, _)), fold) in course.samples.iter().zip(&mut inputs.plain).zip(&course.fold) {
            change(sample, *fold, row);
        }
        course.lineage(&inputs)
    }

    fn column(name: &str) -> usize {
        let names = FeatureSchema::current().names;
        names.iter().position(|known| known == name).expect("an input")
    }

    #[test]
    fn the_corpus_as_it_is_passes() {
        let lineage = checked(|_, _, _| ()).expect("no leak");
        assert_eq!(lineage.inputs.len(), SHOWN);
        assert!(lineage.repetition.checked > 100);
        let [area, low, high] = lineage.told_apart.expect("enough tools");
        assert!(low < area && area < high && low < MAX_TOLD_APART, "{low} {area} {high}");
    }

    /// `cargo test --release --lib the_shipped_corpus_passes -- --ignored --nocapture`.
    #[test]
    #[ignore = "reads all samples of the corpus: a minute"]
    fn the_shipped_corpus_passes() {
        let (corpus, _) = crate::training::frozen::set_aside(&Corpus::shipped().expect("the corpus"));
        let settings = TrainSettings::default();
        let course = Course::new(&corpus, &[], &settings);
        let lineage = course.lineage(&course.encode());
        println!("{lineage:#?}");
        lineage.expect("no leak");
    }

    #[test]
    fn a_label_in_the_text_of_every_record_is_a_leak_and_the_word_is_named() {
        let mut corpus = Corpus::shipped().expect("the corpus");
        corpus.failures.retain(|record| fold_of(&record.tool, 4, 5) == 0);
        let words_of = |corpus: &Corpus| {
            let samples = crate::training::dataset::build(corpus, 1);
            let is_pasted = |index: &usize| samples[*index].form == Some(Form::Excerpt) && samples[*index].whole_table;
            let pasted: Vec<usize> = (0..samples.len()).filter(is_pasted).collect();
            refuse_telling_words(&samples, &pasted)
        };
        for record in &mut corpus.failures {
            let class = record.class.expect("a failure").slug().replace('-', "");
            record.lines.push((format!("error: triaged as x{class}"), true));
        }
        let refused = words_of(&corpus).expect_err("a label");
        assert!(
            matches!(&refused, LineageError::Leak { told, .. } if told.input.contains("the word x")),
            "{refused}"
        );
        assert!(refused.to_string().contains("leaks into it"), "{refused}");
    }

    #[test]
    fn a_measurement_that_was_made_from_the_label_is_a_leak() {
        let memory = column("memory_usage_mb");
        let of_all = checked(|sample, _, row| row[memory] = sample.label.index() as f32 * 100.0);
        let refused = of_all.expect_err("a leak").to_string();
        assert!(
            refused.contains("`memory_usage_mb`") && refused.contains("1.00"),
            "{refused}"
        );
        // Of one class alone, and that with exceptions.
        let cpu = column("cpu_usage_pct");
        let of_one = checked(|sample, fold, row| {
            let is_told =
                sample.label == FailureClass::Deployment && (fold + sample.evidence.candidates.len()) % 10 > 0;
            row[cpu] = if is_told { 99.0 } else { 10.0 };
        });
        let refused = of_one.expect_err("a leak").to_string();
        assert!(
            refused.contains("`cpu_usage_pct`") && refused.contains("Deployment"),
            "{refused}"
        );
    }

    #[test]
    fn records_that_are_copied_to_another_tool_are_refused() {
        let mut corpus = corpus();
        let copies: Vec<Record> = corpus
            .failures
            .iter()
            .step_by(4)
            .map(|record| Record {
                tool: format!("{}-fork", record.tool),
                ..record.clone()
            })
            .collect();
        corpus.failures.extend(copies);
        let refused = refused(&corpus);
        assert!(matches!(refused, LineageError::Repeats { .. }), "{refused}");
    }

    #[test]
    fn an_input_that_says_which_split_a_record_is_in_is_found() {
        let lines = column("log_lines");
        let told = checked(|_, fold, row| row[lines] = if fold == 0 { 3.0 } else { 4.0 });
        let refused = told.expect_err("told apart");
        assert!(
            matches!(&refused, LineageError::ToldApart { input, .. } if input == "log_lines"),
            "{refused}"
        );
    }

    #[test]
    fn labels_that_have_nothing_to_do_with_the_records_are_refused() {
        let mut corpus = corpus();
        for record in &mut corpus.failures {
            record.class = Some(FailureClass::ALL[fold_of(&record.tool, CLASS_COUNT, 99)]);
        }
        let refused = refused(&corpus);
        assert!(matches!(refused, LineageError::NoSignal { .. }), "{refused}");
        assert!(refused.to_string().contains("no input tells the class"), "{refused}");
    }
}
