//! Composed failures, read by the one pipeline: what a model is fitted on.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::compose::{Form, compose};
use super::corpus::{Corpus, Record};
use super::evaluate::Row;
use crate::class::{CLASS_COUNT, FailureClass};
use crate::evidence::signals::SignalTable;
use crate::evidence::{Evidence, Extractor, extract, rules_only};
use crate::features;
use crate::features::lexicon::Words;
use crate::ingest::FailedJob;
use crate::judge;

/// One failure to learn from.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What is known beside the log.
    pub job: FailedJob,
    /// What was read out of its text.
    pub evidence: Evidence,
    /// Whether it came with a log.
    pub from_log: bool,
    /// In which form its record is shown; `None` where it is not of a record.
    pub form: Option<Form>,
    /// Its words.
    pub words: Words,
    /// Its class.
    pub label: FailureClass,
    /// Whose output it is; folds are made of whole tools.
    pub tool: String,
    /// Number of its record in the corpus; all of one tool's lesson are 0.
    pub record: usize,
    /// How much it counts.
    pub weight: f32,
    /// Whether all signals were known to the reader: only such samples are like what is served.
    pub whole_table: bool,
    /// Whether there is anything in it that tells the class.
    pub tells: bool,
}

/// One way to show a record: a form (a whole log where there is none), how many signals to take away, and a weight.
struct View {
    form: Option<Form>,
    muted: Option<f64>,
    weight: f32,
}

/// How each record is shown. Signals were written from the same knowledge as the records, so a model that always saw
/// all of them would trust them more than a tool that nobody thought of deserves: half of the views take some away.
const VIEWS: [View; 8] = [
    View {
        form: None,
        muted: None,
        weight: 1.0,
    },
    View {
        form: None,
        muted: Some(0.2),
        weight: 1.0,
    },
    View {
        form: None,
        muted: Some(0.4),
        weight: 0.5,
    },
    View {
        form: Some(Form::Excerpt),
        muted: None,
        weight: 1.0,
    },
    View {
        form: Some(Form::Excerpt),
        muted: Some(0.3),
        weight: 1.0,
    },
    View {
        form: Some(Form::Message),
        muted: Some(0.2),
        weight: 0.5,
    },
    View {
        form: Some(Form::Payload),
        muted: None,
        weight: 0.6,
    },
    View {
        form: Some(Form::Silent),
        muted: None,
        weight: 0.4,
    },
];

/// Composes and reads every record in every view.
#[must_use]
pub fn build(corpus: &Corpus, seed: u64) -> Vec<Sample> {
    let mut samples = Vec::with_capacity(corpus.failures.len() * VIEWS.len());
    for (index, record) in corpus.failures.iter().enumerate() {
        let Some(label) = record.class else { continue };
        for (number, view) in VIEWS.iter().enumerate() {
            let own = seed ^ ((index * VIEWS.len() + number) as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            samples.push(Sample {
                record: index,
                ..sample(record, label, corpus, view, own)
            });
        }
    }
    samples
}

fn sample(record: &Record, label: FailureClass, corpus: &Corpus, view: &View, seed: u64) -> Sample {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let form = view
        .form
        .unwrap_or_else(|| Form::WHOLE[rng.random_range(0..Form::WHOLE.len())]);
    let composed = compose(record, label, corpus, form, seed);
    let muted = view.muted.map(|share| mute(&record.tool, share, &mut rng));
    let teaching = Teaching {
        label,
        tool: record.tool.clone(),
        weight: view.weight,
        tells: form != Form::Silent,
    };
    Sample {
        form: Some(form),
        ..Sample::read(composed.job, composed.log.as_deref(), muted.as_deref(), teaching)
    }
}

/// What a sample teaches, and how much.
pub(super) struct Teaching {
    pub(super) label: FailureClass,
    pub(super) tool: String,
    pub(super) weight: f32,
    pub(super) tells: bool,
}

impl Sample {
    /// What the signals alone say of it.
    pub(super) fn signals_alone(&self) -> Row {
        Row::plain(rules_only(&self.evidence.class_scores), self.label)
    }

    /// What a model reads of a failure.
    pub(super) fn evidence_of(job: &FailedJob, log: Option<&[u8]>) -> Evidence {
        let message = job.message.as_deref().map(|message| extract(message.as_bytes()));
        judge::join(log.map(extract), message)
    }

    /// Reads a failure, with some signals taken away, and keeps what it teaches.
    pub(super) fn read(job: FailedJob, log: Option<&[u8]>, muted: Option<&[bool]>, teaching: Teaching) -> Self {
        let read = |text: &[u8]| {
            let mut extractor = Extractor::default();
            if let Some(muted) = muted {
                extractor = extractor.muted(muted.to_vec());
            }
            extractor.push(text);
            extractor.finish()
        };
        let message = job.message.as_deref().map(|message| read(message.as_bytes()));
        let from_log = log.is_some();
        let evidence = judge::join(log.map(read), message);
        let words = features::words(&job, &evidence);
        Self {
            job,
            evidence,
            from_log,
            form: None,
            words,
            label: teaching.label,
            tool: teaching.tool,
            record: 0,
            weight: teaching.weight,
            whole_table: muted.is_none(),
            tells: teaching.tells,
        }
    }
}

/// Takes away all signals of the record's own tool, and this share of the others.
pub(super) fn mute(tool: &str, share: f64, rng: &mut Pcg64Mcg) -> Vec<bool> {
    let signals = SignalTable::shipped().signals();
    signals
        .iter()
        .map(|signal| signal.tool == tool || rng.random_bool(share))
        .collect()
}

/// Factors that make every class weigh the same in all.
pub(super) fn class_balance<'a>(samples: impl Iterator<Item = &'a Sample>) -> [f32; CLASS_COUNT] {
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

/// Assigns every name to one of `folds` folds, the same for the same seed.
#[must_use]
pub fn fold_of(name: &str, folds: usize, seed: u64) -> usize {
    let digest = crate::bundle::sha256(format!("{seed} {name}").as_bytes());
    let number = u64::from_str_radix(digest.get(..12).unwrap_or_default(), 16).unwrap_or(0);
    usize::try_from(number).unwrap_or(0) % folds
}
