//! Evidence and measurements become a row of numbers under one [`FeatureSchema`].
//!
//! What is not known is NaN, all the way into the model.

#![deny(clippy::disallowed_methods)]

pub mod lexicon;
pub mod suite;

use sha2::{Digest, Sha256};

use crate::class::{CLASS_COUNT, FailureClass};
use crate::evidence::Evidence;
use crate::evidence::excerpt::Candidate;
use crate::evidence::signals::{Meaning, SignalTable};
use crate::ingest::{Conclusion, FailedJob, Measurements};
use lexicon::{Lexicon, WordCounter, Words};
use suite::SuiteCount;

/// The names of the model's inputs, in order, and a hash of all that gives them their meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeatureSchema {
    /// Names in order.
    pub names: Vec<String>,
    /// SHA-256 over the names and the table of signals, hex. A model serves only vectors of its own schema.
    pub hash: String,
}

/// Values in the order of a schema. NaN stands for what is not known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeatureVector {
    /// Hash of the schema they belong to.
    pub schema: String,
    /// The values.
    pub values: Vec<f32>,
}

/// Inputs that there is one of for each class.
const PER_CLASS: [&str; 8] = [
    "signals",
    "signal_share",
    "first_line",
    "distinct_signals",
    "first_place",
    "lines",
    "lines_to_end",
    "words",
];

/// Inputs that there is one of.
const SINGLE: [&str; 16] = [
    "excerpts",
    "first_line_rank",
    "second_line_rank",
    "markers",
    "retries_in_log",
    "log_lines",
    "steps",
    "failed_steps",
    "exit_code",
    "words_read",
    "known_words",
    "words_margin",
    "signal_margin",
    "timed_out",
    "tests_failed",
    "tests_failed_share",
];

/// Where an input comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InputGroup {
    /// The table of signals and the ranking of lines by it.
    Signals,
    /// The lexicon.
    Words,
    /// The log as a whole: its lines, steps, retries, exit code.
    Shape,
    /// What was measured of the job, and how it ended.
    Measurements,
}

/// Inputs of the log as a whole, by the parts of their names before a dot.
const OF_SHAPE: [&str; 6] = [
    "markers",
    "retries_in_log",
    "log_lines",
    "steps",
    "failed_steps",
    "exit_code",
];

/// Inputs of the lexicon.
const OF_WORDS: [&str; 4] = ["words", "words_read", "known_words", "words_margin"];

impl FeatureSchema {
    /// Where an input comes from, by its name.
    #[must_use]
    pub fn group(name: &str) -> InputGroup {
        let kind = name.split('.').next().unwrap_or(name);
        if kind == "timed_out" || Measurements::NAMES.contains(&kind) {
            InputGroup::Measurements
        } else if OF_SHAPE.contains(&kind) {
            InputGroup::Shape
        } else if OF_WORDS.contains(&kind) {
            InputGroup::Words
        } else {
            InputGroup::Signals
        }
    }

    /// The schema of this program.
    #[must_use]
    pub fn current() -> Self {
        let per_class = PER_CLASS.iter().flat_map(|name| {
            FailureClass::ALL
                .into_iter()
                .map(move |class| format!("{name}.{}", class.slug()))
        });
        let single = SINGLE.iter().chain(&Measurements::NAMES).map(ToString::to_string);
        let names: Vec<String> = per_class.chain(single).collect();
        let mut digest = Sha256::new();
        for name in &names {
            digest.update(name.as_bytes());
            digest.update(b"\n");
        }
        for signal in SignalTable::shipped().signals() {
            digest.update(format!("{:?} {} {}\n", signal.meaning, signal.weight, signal.pattern).as_bytes());
        }
        Self {
            names,
            hash: hex::encode(digest.finalize()),
        }
    }
}

/// The words that a failure is read by: those of its decisive lines count most, then what stands around them, then the
/// end of the failed step, and the names of what failed. Signals are words too: what a wording stands for where several
/// tools use it, training says better than the one who wrote it down.
#[must_use]
pub fn words(job: &FailedJob, evidence: &Evidence) -> Words {
    let mut counter = WordCounter::default();
    for name in &job.failed_steps {
        counter.name(name, 1.0);
    }
    if let Some(name) = &job.job {
        counter.name(name, 0.5);
    }
    let mut read = std::collections::HashSet::new();
    let table = SignalTable::shipped();
    for (place, candidate) in evidence.candidates.iter().take(8).enumerate() {
        let weight = if place == 0 { 3.0 } else { 1.5 };
        read_once(&mut counter, &mut read, &candidate.text, weight);
        for &id in candidate.signals.iter().filter(|_| candidate.rank >= 1.0) {
            if matches!(table.get(id).meaning, Meaning::Class(_)) {
                counter.signal(table.get(id).pattern, weight);
            }
        }
        for line in candidate.context.iter().take(if place < 3 { 5 } else { 0 }) {
            read_once(&mut counter, &mut read, line, 0.7);
        }
    }
    let lines = if evidence.candidates.is_empty() { 40 } else { 12 };
    for line in evidence.tail.iter().rev().take(lines) {
        read_once(&mut counter, &mut read, line, 0.5);
    }
    counter.finish()
}

fn read_once<'a>(
    counter: &mut WordCounter,
    read: &mut std::collections::HashSet<&'a [u8]>,
    line: &'a [u8],
    weight: f32,
) {
    if read.insert(line) {
        counter.line(line, weight);
    }
}

/// Encodes a failure under the current schema. `text` are the lexicon's scores of its words.
#[must_use]
pub fn encode(
    job: &FailedJob,
    evidence: &Evidence,
    words: &Words,
    text: &[f32; CLASS_COUNT],
    known: Option<f32>,
) -> Vec<f32> {
    let table = SignalTable::shipped();
    let signals = evidence.class_scores;
    let total: f32 = signals.iter().sum();
    let mut values = Vec::with_capacity(PER_CLASS.len() * CLASS_COUNT + SINGLE.len() + Measurements::COUNT);
    values.extend(signals.map(f32::ln_1p));
    values.extend(signals.map(|score| if total > 0.0 { score / total } else { f32::NAN }));
    values.extend(first_line(evidence, table));
    values.extend(distinct(evidence, table));
    values.extend(first_place(evidence, table));
    values.extend(lines(evidence, table));
    values.extend(lines_to_end(evidence, table));
    let no_words = words.terms.is_empty();
    values.extend(text.map(|score| if no_words { f32::NAN } else { score }));
    values.extend(single(job, evidence, words, text, known));
    values.extend(job.measurements.values().map(|value| value.map_or(f32::NAN, narrow)));
    values
}

#[expect(clippy::cast_possible_truncation, reason = "the model's inputs are single precision")]
fn narrow(value: f64) -> f32 {
    (value as f32).min(f32::MAX)
}

fn single(
    job: &FailedJob,
    evidence: &Evidence,
    words: &Words,
    text: &[f32; CLASS_COUNT],
    known: Option<f32>,
) -> [f32; SINGLE.len()] {
    let rank = |place: usize| evidence.candidates.get(place).map_or(0.0, |candidate| candidate.rank);
    let shape = &evidence.shape;
    let has_log = shape.spoken > 0;
    let of_log = |value: f32| if has_log { value } else { f32::NAN };
    let total: f32 = evidence.class_scores.iter().sum();
    let suite = suite_count(evidence, SignalTable::shipped());
    [
        evidence.excerpts.len() as f32,
        rank(0),
        rank(1),
        of_log((shape.markers as f32).ln_1p()),
        of_log((shape.retries as f32).ln_1p()),
        of_log((shape.lines as f32).ln_1p()),
        of_log((shape.steps as f32).ln_1p()),
        of_log(shape.failed_steps.len() as f32),
        shape.exit_code.map_or(f32::NAN, |code| code.clamp(-1, 1_000) as f32),
        (words.singles.len() as f32).ln_1p(),
        known.unwrap_or(f32::NAN),
        if words.terms.is_empty() { f32::NAN } else { margin(text) },
        if total > 0.0 {
            margin(&evidence.class_scores.map(|score| score / total))
        } else {
            f32::NAN
        },
        f32::from(u8::from(job.conclusion == Conclusion::TimedOut)),
        suite.map_or(f32::NAN, |suite| (suite.failed as f32).ln_1p()),
        suite.and_then(SuiteCount::share).unwrap_or(f32::NAN),
    ]
}

/// The last count that a test runner gave where something failed.
fn suite_count(evidence: &Evidence, table: &SignalTable) -> Option<SuiteCount> {
    let of_tests = |candidate: &&Candidate| speaks(candidate, table).any(|(class, _)| class == FailureClass::Test);
    let counts = counting(evidence).filter(of_tests).filter_map(|candidate| {
        let count = SuiteCount::read(&candidate.text)?;
        Some(((candidate.member, candidate.number), count))
    });
    counts.max_by_key(|(place, _)| *place).map(|(_, count)| count)
}

/// The distance of the largest value to the second largest.
fn margin(values: &[f32; CLASS_COUNT]) -> f32 {
    let mut sorted = *values;
    sorted.sort_by(|one, other| other.total_cmp(one));
    sorted[0] - sorted[1]
}

/// What the most decisive line says for each class.
fn first_line(evidence: &Evidence, table: &SignalTable) -> [f32; CLASS_COUNT] {
    let mut heaviest = [0.0_f32; CLASS_COUNT];
    for (class, weight) in evidence
        .candidates
        .first()
        .into_iter()
        .flat_map(|first| speaks(first, table))
    {
        heaviest[class.index()] = heaviest[class.index()].max(weight);
    }
    heaviest
}

/// How many different signals speak for each class, in lines that count.
fn distinct(evidence: &Evidence, table: &SignalTable) -> [f32; CLASS_COUNT] {
    let mut counts = [0.0_f32; CLASS_COUNT];
    let mut seen = std::collections::HashSet::new();
    for candidate in counting(evidence) {
        for &id in &candidate.signals {
            if let Meaning::Class(class) = table.get(id).meaning
                && seen.insert(id)
            {
                counts[class.index()] += 1.0;
            }
        }
    }
    counts.map(f32::ln_1p)
}

/// At which place, most decisive first, the first line for each class stands; NaN where none does.
fn first_place(evidence: &Evidence, table: &SignalTable) -> [f32; CLASS_COUNT] {
    let mut places = [f32::NAN; CLASS_COUNT];
    for (place, candidate) in evidence.candidates.iter().take(50).enumerate() {
        for (class, _) in speaks(candidate, table) {
            if places[class.index()].is_nan() {
                places[class.index()] = place as f32;
            }
        }
    }
    places
}

/// How many lines that count speak for each class.
fn lines(evidence: &Evidence, table: &SignalTable) -> [f32; CLASS_COUNT] {
    let mut counts = [0.0_f32; CLASS_COUNT];
    for candidate in counting(evidence) {
        for class in classes(candidate, table) {
            counts[class.index()] += 1.0;
        }
    }
    counts.map(f32::ln_1p)
}

/// How far above the last line that counts the last one for each class stands; NaN where none does. What a runner says
/// at its end is its verdict, whatever the things it ran said before.
fn lines_to_end(evidence: &Evidence, table: &SignalTable) -> [f32; CLASS_COUNT] {
    let place = |candidate: &Candidate| (candidate.member, candidate.number);
    let Some(end) = counting(evidence).map(place).max() else {
        return [f32::NAN; CLASS_COUNT];
    };
    let mut distances = [f32::NAN; CLASS_COUNT];
    for candidate in counting(evidence).filter(|candidate| candidate.member == end.0) {
        let distance = ((end.1 - candidate.number) as f32).ln_1p();
        for class in classes(candidate, table) {
            distances[class.index()] = distance.min(distances[class.index()]);
        }
    }
    distances
}

/// Candidates that stand where something failed.
fn counting(evidence: &Evidence) -> impl Iterator<Item = &Candidate> {
    evidence.candidates.iter().filter(|candidate| candidate.rank >= 1.0)
}

/// The classes that a line speaks for, each once.
fn classes(candidate: &Candidate, table: &SignalTable) -> impl Iterator<Item = FailureClass> + use<> {
    let mut spoken = [false; CLASS_COUNT];
    for (class, _) in speaks(candidate, table) {
        spoken[class.index()] = true;
    }
    FailureClass::ALL.into_iter().filter(move |class| spoken[class.index()])
}

fn speaks<'a>(candidate: &'a Candidate, table: &'a SignalTable) -> impl Iterator<Item = (FailureClass, f32)> + 'a {
    candidate.signals.iter().filter_map(|&id| match table.get(id).meaning {
        Meaning::Class(class) => Some((class, table.get(id).weight)),
        Meaning::Marker | Meaning::Generic | Meaning::Harmless | Meaning::Retry | Meaning::StepFailed => None,
    })
}

/// Words, lexicon scores and the encoded row in one go.
#[must_use]
pub fn read(
    job: &FailedJob,
    evidence: &Evidence,
    lexicon: &Lexicon,
    schema: &FeatureSchema,
) -> (FeatureVector, Option<f32>) {
    let words = words(job, evidence);
    let known = lexicon.known_share(&words);
    let values = encode(job, evidence, &words, &lexicon.scores(&words), known);
    (
        FeatureVector {
            schema: schema.hash.clone(),
            values,
        },
        known,
    )
}
