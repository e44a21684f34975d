//! The lexicon is learned: multinomial logistic regression by `AdaGrad` (Duchi, Hazan, Singer, JMLR 2011) with weight decay on
//! what is touched.
//!
//! Records come first, always in the same order; what people taught comes on top. So a challenger reads what nobody
//! corrected as the champion reads it: words that all records use have had their steps and hardly move any more, new words
//! take large ones.

use super::dataset::{Sample, class_balance};
use crate::class::{CLASS_COUNT, FailureClass};
use crate::features::lexicon::{BUCKETS, Lexicon, Words};

/// Passes over the samples.
const PASSES: usize = 12;

const RATE: f32 = 0.5;
const DECAY: f32 = 2e-4;

/// Weights under way.
pub(super) struct LexiconFit<'a> {
    records: Vec<&'a Sample>,
    lessons: Vec<&'a Sample>,
    /// Factors by class, those of the records: what people teach moves no balance.
    balance: [f32; CLASS_COUNT],
    weights: Vec<f32>,
    squares: Vec<f32>,
}

impl<'a> LexiconFit<'a> {
    /// Fits to records.
    pub(super) fn to_records(records: impl Iterator<Item = &'a Sample>) -> Self {
        let records: Vec<&Sample> = records.filter(|sample| !sample.words.buckets.is_empty()).collect();
        let mut fit = Self {
            balance: class_balance(records.iter().copied()),
            records,
            lessons: Vec::new(),
            weights: vec![0.0; BUCKETS * CLASS_COUNT],
            squares: vec![1e-4; BUCKETS * CLASS_COUNT],
        };
        for pass in 0..PASSES {
            for at in mixed(fit.records.len(), pass) {
                fit.step(fit.records[at]);
            }
        }
        fit
    }

    /// Fits to what people taught besides; a record follows each lesson, lest what records say is forgotten.
    pub(super) fn and_lessons(mut self, lessons: impl Iterator<Item = &'a Sample>) -> Self {
        self.lessons = lessons.filter(|sample| !sample.words.buckets.is_empty()).collect();
        for pass in 0..PASSES {
            let again = mixed(self.records.len(), pass).cycle();
            for (lesson, record) in mixed(self.lessons.len(), pass).zip(again) {
                self.step(self.lessons[lesson]);
                self.step(self.records[record]);
            }
        }
        self
    }

    /// The lexicon so far.
    pub(super) fn lexicon(&self) -> Lexicon {
        let seen = self.records.iter().chain(&self.lessons);
        Lexicon::new(
            &self.weights,
            [0.0; CLASS_COUNT],
            seen.flat_map(|sample| sample.words.singles.iter().copied()),
        )
    }

    fn step(&mut self, sample: &Sample) {
        let error = residual(&self.weights, &sample.words, sample.label);
        let factor = sample.weight * self.balance[sample.label.index()];
        for &(bucket, value) in &sample.words.buckets {
            let at = usize::from(bucket) * CLASS_COUNT;
            for (class, error) in error.iter().enumerate() {
                let gradient = factor * error * value + DECAY * self.weights[at + class];
                self.squares[at + class] += gradient * gradient;
                self.weights[at + class] -= RATE * gradient / self.squares[at + class].sqrt();
            }
        }
    }
}

/// All numbers below `count` in a mixed order: a fixed stride that shares no factor with the count visits each once.
fn mixed(count: usize, pass: usize) -> impl Iterator<Item = usize> + Clone {
    let stride = (count * 5 / 8..=count + 1)
        .find(|stride| gcd(*stride, count.max(1)) == 1)
        .unwrap_or(1);
    (0..count).map(move |step| (step * stride + pass) % count)
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
