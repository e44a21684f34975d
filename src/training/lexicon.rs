//! The lexicon is learned: multinomial logistic regression by `AdaGrad` (Duchi, Hazan, Singer, JMLR 2011) with weight decay on
//! what is touched.
//!
//! Records come first, always in the same order; what people taught comes on top. So a challenger reads what nobody
//! corrected as the champion reads it: words that all records use have had their steps and hardly move any more, new words
//! take large ones.

use std::collections::HashMap;

use super::dataset::{Sample, class_balance};
use crate::class::{CLASS_COUNT, FailureClass};
use crate::features::lexicon::{Lexicon, rows};

/// Passes over the samples.
const PASSES: usize = 12;

const RATE: f32 = 0.5;
const DECAY: f32 = 2e-4;

/// A sample as rows of the weights.
struct Text<'a> {
    sample: &'a Sample,
    rows: Vec<(u32, f32)>,
}

impl<'a> Text<'a> {
    fn of(sample: &'a Sample, terms: &[u32]) -> Self {
        Self {
            sample,
            rows: rows(terms, &sample.words),
        }
    }
}

/// Weights under way.
pub(super) struct LexiconFit<'a> {
    /// What has weights, in ascending order.
    terms: Vec<u32>,
    records: Vec<Text<'a>>,
    lessons: Vec<Text<'a>>,
    /// Factors by class, those of the records: what people teach moves no balance.
    balance: [f32; CLASS_COUNT],
    weights: Vec<f32>,
    squares: Vec<f32>,
}

/// A weight that has not moved yet.
const UNMOVED: f32 = 1e-4;

impl<'a> LexiconFit<'a> {
    /// Fits to records.
    pub(super) fn to_records(records: impl Iterator<Item = &'a Sample>) -> Self {
        let records: Vec<&Sample> = records.filter(|sample| !sample.words.terms.is_empty()).collect();
        let terms = shared(&records);
        let mut fit = Self {
            balance: class_balance(records.iter().copied()),
            records: records.iter().map(|sample| Text::of(sample, &terms)).collect(),
            lessons: Vec::new(),
            weights: vec![0.0; terms.len() * CLASS_COUNT],
            squares: vec![UNMOVED; terms.len() * CLASS_COUNT],
            terms,
        };
        for pass in 0..PASSES {
            for at in mixed(fit.records.len(), pass) {
                step(&mut fit.weights, &mut fit.squares, &fit.records[at], &fit.balance);
            }
        }
        fit
    }

    /// Fits to what people taught besides; a record follows each lesson, lest what records say is forgotten. Whatever a
    /// lesson says has weights from here on: it is about the one who taught it.
    pub(super) fn and_lessons(mut self, lessons: impl Iterator<Item = &'a Sample>) -> Self {
        let lessons: Vec<&Sample> = lessons.filter(|sample| !sample.words.terms.is_empty()).collect();
        if lessons.is_empty() {
            return self;
        }
        self.grow(&lessons);
        self.lessons = lessons.iter().map(|sample| Text::of(sample, &self.terms)).collect();
        for pass in 0..PASSES {
            let again = mixed(self.records.len(), pass).cycle();
            for (lesson, record) in mixed(self.lessons.len(), pass).zip(again) {
                for text in [&self.lessons[lesson], &self.records[record]] {
                    step(&mut self.weights, &mut self.squares, text, &self.balance);
                }
            }
        }
        self
    }

    /// Takes up the terms of lessons.
    fn grow(&mut self, lessons: &[&Sample]) {
        let before = std::mem::take(&mut self.terms);
        let of_lessons = lessons.iter().flat_map(|sample| sample.words.terms.iter());
        self.terms = before.iter().chain(of_lessons.map(|(term, _)| term)).copied().collect();
        self.terms.sort_unstable();
        self.terms.dedup();
        let moved = (
            std::mem::replace(&mut self.weights, vec![0.0; self.terms.len() * CLASS_COUNT]),
            std::mem::replace(&mut self.squares, vec![UNMOVED; self.terms.len() * CLASS_COUNT]),
        );
        for (old, term) in before.iter().enumerate() {
            let Ok(new) = self.terms.binary_search(term) else {
                continue;
            };
            let (from, to) = (old * CLASS_COUNT, new * CLASS_COUNT);
            self.weights[to..to + CLASS_COUNT].copy_from_slice(&moved.0[from..from + CLASS_COUNT]);
            self.squares[to..to + CLASS_COUNT].copy_from_slice(&moved.1[from..from + CLASS_COUNT]);
        }
        for text in &mut self.records {
            *text = Text::of(text.sample, &self.terms);
        }
    }

    /// The lexicon so far.
    pub(super) fn lexicon(&self) -> Lexicon {
        let seen = self.records.iter().chain(&self.lessons);
        Lexicon::new(
            self.terms.clone(),
            &self.weights,
            seen.flat_map(|text| text.sample.words.singles.iter().copied()),
        )
    }
}

/// The terms that more than one tool uses, in ascending order.
fn shared(records: &[&Sample]) -> Vec<u32> {
    let mut owners: HashMap<u32, Option<&str>> = HashMap::new();
    for sample in records {
        for (term, _) in &sample.words.terms {
            owners
                .entry(*term)
                .and_modify(|owner| *owner = owner.filter(|owner| *owner == sample.tool))
                .or_insert(Some(&sample.tool));
        }
    }
    let several = owners.into_iter().filter(|(_, owner)| owner.is_none());
    let mut terms: Vec<u32> = several.map(|(term, _)| term).collect();
    terms.sort_unstable();
    terms
}

fn step(weights: &mut [f32], squares: &mut [f32], text: &Text<'_>, balance: &[f32; CLASS_COUNT]) {
    let label = text.sample.label;
    let error = residual(weights, &text.rows, label);
    let factor = text.sample.weight * balance[label.index()];
    for &(row, value) in &text.rows {
        let at = row as usize * CLASS_COUNT;
        for (class, error) in error.iter().enumerate() {
            let gradient = factor * error * value + DECAY * weights[at + class];
            squares[at + class] += gradient * gradient;
            weights[at + class] -= RATE * gradient / squares[at + class].sqrt();
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
fn residual(weights: &[f32], rows: &[(u32, f32)], label: FailureClass) -> [f32; CLASS_COUNT] {
    let mut scores = [0.0_f32; CLASS_COUNT];
    for &(row, value) in rows {
        let row = &weights[row as usize * CLASS_COUNT..][..CLASS_COUNT];
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
