//! A seeded stream of failures, as a house full of pipelines would send them: quiet, drifting, or in pieces.
//!
//! Settings and a corpus enter, arrivals leave. Same settings and corpus: same bytes. A quiet stream is made of the
//! failures that the model was trained on, told as the baseline of drift tells them, so that it looks as training did.

#![deny(clippy::disallowed_methods)]

mod moved;
mod project;
pub mod record;
pub mod webhook;

use std::collections::VecDeque;

use clap::ValueEnum;
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use self::project::Project;
use crate::class::FailureClass;
use crate::ingest::FailedJob;
use crate::training::compose::{Composed, Form, compose};
use crate::training::corpus::{Corpus, Record};
use crate::training::foreign::{ForeignWords, Told};
use crate::training::frozen;

/// How much of the stream is unlike anything in training, and how disorderly it arrives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Chaos {
    /// As in training.
    #[default]
    None,
    /// A tenth.
    Low,
    /// Three tenths.
    Medium,
    /// Six tenths.
    High,
    /// All of it.
    Extreme,
}

impl Chaos {
    /// The share of failures out of distribution.
    #[must_use]
    pub const fn strange(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Low => 0.1,
            Self::Medium => 0.3,
            Self::High => 0.6,
            Self::Extreme => 1.0,
        }
    }

    /// The share of arrivals that repeat an earlier one, and as large a one that come too late.
    #[must_use]
    pub const fn disorder(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Low => 0.01,
            Self::Medium => 0.03,
            Self::High => 0.06,
            Self::Extreme => 0.1,
        }
    }
}

/// A drift with a name: what of the failures changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Drift {
    /// Every duration and the memory are three times as large.
    Mean,
    /// They spread twice as far (on the logarithmic scale) around the same middle.
    Variance,
    /// Half of the failures come from a CI system that was not there before.
    NewCategory,
    /// Half of the failures are of one class.
    ClassShift,
    /// CPU, memory and retries are not reported any more.
    MissingSensor,
    /// Projects speak in words of their own.
    Vocabulary,
}

/// What to send.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SimulateSettings {
    /// The seed of all chance.
    pub seed: u64,
    /// Arrivals; what repeats an earlier one counts.
    pub count: u64,
    /// How much of it is strange.
    pub chaos: Chaos,
    /// What changes.
    pub drift: Option<Drift>,
    /// The number of the failure, from 0, at which it begins to change.
    pub drift_from: u64,
    /// Whether the stream stands still now and then.
    pub gaps: bool,
    /// Whether the clocks of the senders are wrong.
    pub clock_skew: bool,
}

/// One failure of the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// Its number, from 0.
    pub number: u64,
    /// What failed, and its log.
    pub composed: Composed,
    /// In which form it is told.
    pub form: Form,
    /// The same failure as a webhook delivery tells of it: names of steps and what GitHub measures.
    pub delivered: FailedJob,
    /// Whether it is out of distribution.
    pub strange: bool,
    /// Hours that its sender's clock is wrong.
    pub skew_hours: i64,
    /// Whose it is.
    project: Project,
}

/// What arrives next.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// The failure.
    pub failure: Simulated,
    /// Whether it arrived before.
    pub repeats: bool,
    /// Beats of the stream to wait before it; one where it flows.
    pub beats: u32,
}

/// How many later ones may overtake an arrival.
const REORDERED_WITHIN: usize = 8;

/// Chance of a gap before an arrival, and its beats.
const GAP: (f64, u32) = (0.01, 50);

/// An odd constant that spreads consecutive numbers over all seeds.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The stream: an iterator over [`SimulateSettings::count`] arrivals.
#[derive(Debug)]
pub struct Stream {
    settings: SimulateSettings,
    corpus: Corpus,
    foreign: ForeignWords,
    order: Pcg64Mcg,
    /// Number of the next new failure.
    next: u64,
    sent: u64,
    /// Taken out of order: these are sent, `REORDERED_WITHIN` later at the latest.
    late: VecDeque<(u64, Simulated)>,
    /// What may be repeated.
    recent: VecDeque<Simulated>,
}

impl Stream {
    /// The stream over a corpus; records that are set aside for comparing models are left out.
    #[must_use]
    pub fn new(corpus: &Corpus, settings: SimulateSettings) -> Self {
        let (corpus, _) = frozen::set_aside(corpus);
        Self {
            foreign: ForeignWords::of(&corpus),
            order: Pcg64Mcg::seed_from_u64(settings.seed ^ SPREAD),
            settings,
            corpus,
            next: 0,
            sent: 0,
            late: VecDeque::new(),
            recent: VecDeque::new(),
        }
    }

    /// The failure of a number: it depends on the settings alone, not on what was asked for before.
    #[must_use]
    pub fn failure(&self, number: u64) -> Simulated {
        let seed = self.settings.seed ^ number.wrapping_add(1).wrapping_mul(SPREAD);
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let strange = rng.random_bool(self.settings.chaos.strange());
        let drift = self.settings.drift.filter(|_| number >= self.settings.drift_from);
        let (record, label) = self.pick(drift, &mut rng);
        let quiet = Told::draw(&mut rng);
        let foreign = strange || drift == Some(Drift::Vocabulary);
        let how = if foreign { Told::InAForeignTongue } else { quiet };
        let told = self.foreign.tell(record, how, &mut rng);
        let form = if rng.random_bool(0.5) {
            Form::WHOLE[rng.random_range(0..Form::WHOLE.len())]
        } else {
            Form::Excerpt
        };
        let mut composed = compose(&told, label, &self.corpus, form, rng.random());
        let mut project = Project::draw(&record.ecosystem, form, &mut rng);
        let mut delivered = compose(&told, label, &self.corpus, Form::Payload, seed).job;
        // A delivery always says which attempt it was.
        let retries = (0..3).filter(|_| rng.random_bool(0.2)).count();
        delivered.measurements.retry_count.get_or_insert(retries as f64);
        for measured in [&mut composed.job.measurements, &mut delivered.measurements] {
            if strange {
                moved::out_of_distribution(measured, &mut rng);
            }
            if let Some(drift) = drift {
                moved::apply(drift, measured, &mut project, &mut rng);
            }
        }
        let skewed = self.settings.clock_skew && rng.random_bool(0.2);
        Simulated {
            number,
            composed,
            form,
            delivered,
            strange,
            skew_hours: if skewed { rng.random_range(-12..=12) } else { 0 },
            project,
        }
    }

    fn pick(&self, drift: Option<Drift>, rng: &mut Pcg64Mcg) -> (&Record, FailureClass) {
        let one = FailureClass::ALL[usize::try_from(self.settings.seed % 10).unwrap_or_default()];
        let wanted = (drift == Some(Drift::ClassShift) && rng.random_bool(0.5)).then_some(one);
        let of_class = |record: &&Record| wanted.is_none() || record.class == wanted;
        let pool: Vec<&Record> = self.corpus.failures.iter().filter(of_class).collect();
        let record = pool[rng.random_range(0..pool.len())];
        (record, record.class.unwrap_or(one))
    }

    /// A failure that is late, the next one, or one that stays behind while the next overtakes it.
    fn take(&mut self) -> Simulated {
        if self.late.front().is_some_and(|(due, _)| *due <= self.next)
            && let Some((_, late)) = self.late.pop_front()
        {
            return late;
        }
        let failure = self.failure(self.next);
        self.next += 1;
        if self.late.len() < REORDERED_WITHIN && self.order.random_bool(self.settings.chaos.disorder()) {
            let due = self.next + self.order.random_range(1..=REORDERED_WITHIN as u64);
            self.late.push_back((due, failure));
            return self.take();
        }
        failure
    }

    fn keep(&mut self, failure: &Simulated) {
        self.recent.push_back(failure.clone());
        if self.recent.len() > REORDERED_WITHIN {
            self.recent.pop_front();
        }
    }
}

impl Iterator for Stream {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        if self.sent == self.settings.count {
            return None;
        }
        self.sent += 1;
        let gap = self.settings.gaps && self.order.random_bool(GAP.0);
        let beats = if gap { GAP.1 } else { 1 };
        let repeats = !self.recent.is_empty() && self.order.random_bool(self.settings.chaos.disorder());
        let failure = if repeats {
            self.recent[self.order.random_range(0..self.recent.len())].clone()
        } else {
            let failure = self.take();
            if self.settings.chaos != Chaos::None {
                self.keep(&failure);
            }
            failure
        };
        Some(Arrival {
            failure,
            repeats,
            beats,
        })
    }
}
