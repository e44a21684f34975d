//! Figures with intervals, beside baselines on the same failures.
//!
//! Intervals are those of the percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993). What is
//! drawn are whole clusters (a project's failures, a tool's records), since rows of one stand or fall together.

use std::collections::BTreeMap;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;
use statrs::distribution::{Binomial, Discrete};

use super::weighed::Weighed;
use super::{Figures, Row};
use crate::bundle::ModelCard;
use crate::class::FailureClass;
use crate::verdict::COVERAGE;

/// Draws of the bootstrap.
pub(super) const DRAWS: usize = 1_000;

/// One in so many draws is left out on each side of an interval.
const ONE_IN: usize = 40;

/// A figure and the middle 95 % of what it is in the draws.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Where a share lies in 95 of 100 cases if sets hold the class as often as promised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Band {
    /// Whether it holds a share.
    #[must_use]
    pub fn holds(&self, share: f64) -> bool {
        (self.low..=self.high).contains(&share)
    }
}

/// The central 95 % of the share of successes among `count` draws that succeed with this probability.
#[must_use]
pub fn binomial_band(count: usize, probability: f64) -> Band {
    let whole = Band { low: 0.0, high: 1.0 };
    let Ok(binomial) = Binomial::new(probability, count as u64) else {
        return whole;
    };
    if count == 0 {
        return whole;
    }
    // The crate's own inverse ends in a panic for few draws.
    let mut below = 0.0;
    let mut band = whole;
    let tail = 1.0 / ONE_IN as f64;
    for successes in 0..=count {
        let before = below;
        below += binomial.pmf(successes as u64);
        let share = successes as f64 / count as f64;
        if before < tail && below >= tail {
            band.low = share;
        }
        if before < 1.0 - tail && below >= 1.0 - tail {
            band.high = share;
        }
    }
    band
}

/// Another judge of the same failures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline {
    /// What it is.
    pub name: String,
    /// How right it is.
    pub figures: Figures<Estimate>,
    /// Macro-F1 of the model less that of the baseline, in the same draws.
    pub model_gains: Estimate,
}

/// Everything there is to say of one model on some failures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was judged.
    pub on: String,
    /// Clusters that were drawn.
    pub clusters: usize,
    /// Draws.
    pub draws: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// The model's.
    pub figures: Figures<Estimate>,
    /// Where the coverage of prediction sets should lie.
    pub coverage_band: Band,
    /// The same by class.
    pub class_coverage_bands: BTreeMap<FailureClass, Band>,
    /// Other judges.
    pub baselines: Vec<Baseline>,
}

impl Report {
    /// Computes all. `clusters` names what a row stands or falls with, one a row.
    #[must_use]
    pub fn of(on: &str, rows: &[Row], clusters: &[String], baselines: &[(&str, Vec<Row>)], seed: u64) -> Self {
        let groups = groups(clusters);
        let (figures, drawn) = estimate(rows, &groups, seed);
        let support = |class: FailureClass| figures.classes[class.index()].support;
        Self {
            on: on.to_owned(),
            clusters: groups.len(),
            draws: DRAWS,
            seed,
            coverage_band: binomial_band(rows.len(), COVERAGE),
            class_coverage_bands: FailureClass::ALL
                .into_iter()
                .filter(|class| support(*class) > 0)
                .map(|class| (class, binomial_band(support(class), COVERAGE)))
                .collect(),
            baselines: baselines
                .iter()
                .map(|(name, rows)| {
                    let (own, own_drawn) = estimate(rows, &groups, seed);
                    let pairs = drawn.iter().zip(&own_drawn);
                    Baseline {
                        name: (*name).to_owned(),
                        model_gains: interval(
                            figures.macro_f1.value - own.macro_f1.value,
                            pairs.map(|(one, other)| one - other).collect(),
                        ),
                        figures: own,
                    }
                })
                .collect(),
            figures,
        }
    }
}

impl Report {
    /// The figures over all classes, each with its interval, to four places.
    #[must_use]
    pub fn for_card(&self) -> BTreeMap<String, [f64; 3]> {
        let figures = self.figures.by_name().into_iter();
        figures
            .map(|(name, estimate)| (name.to_owned(), rounded(estimate)))
            .collect()
    }

    /// Writes what belongs into a model's papers, to four places.
    pub fn write_into(&self, card: &mut ModelCard) {
        card.left_out_tools
            .insert("count".to_owned(), self.figures.count as f64);
        for (name, estimate) in self.figures.by_name() {
            let [value, low, high] = rounded(estimate);
            card.left_out_tools.insert(name.to_owned(), value);
            card.intervals.insert(name.to_owned(), [low, high]);
        }
        for class in self.figures.classes.iter().filter(|class| class.support > 0) {
            let figures = class
                .by_name()
                .map(|(name, estimate)| (name.to_owned(), rounded(estimate)));
            card.classes
                .insert(class.class.slug().to_owned(), BTreeMap::from(figures));
        }
        for other in &self.baselines {
            let figures = [
                ("accuracy", &other.figures.accuracy),
                ("macro_f1", &other.figures.macro_f1),
            ];
            let figures = figures.map(|(name, estimate)| (name.to_owned(), rounded(estimate)));
            card.baselines.insert(other.name.clone(), BTreeMap::from(figures));
        }
    }
}

/// A figure and the ends of its interval. What is no number, as the ends of one that was never drawn, is its figure.
fn rounded(estimate: &Estimate) -> [f64; 3] {
    let round = |value: f64| {
        let value = if value.is_finite() { value } else { estimate.value };
        if value.is_finite() {
            (value * 1e4).round() / 1e4
        } else {
            0.0
        }
    };
    [estimate.value, estimate.low, estimate.high].map(round)
}

/// A share and its interval, drawn as those of a report are.
#[must_use]
pub fn share_of(hits: &[bool], clusters: &[String], seed: u64) -> Estimate {
    estimate_of(clusters, seed, &mut |weights| {
        let held = weights.iter().zip(hits).filter(|(_, hit)| **hit);
        super::weighed::share(held.map(|(weight, _)| weight).sum(), weights.iter().sum())
    })
}

/// A figure over weighed rows, and its interval.
pub fn estimate_of(clusters: &[String], seed: u64, figure: &mut dyn FnMut(&[f64]) -> f64) -> Estimate {
    let mut drawn = Vec::with_capacity(DRAWS);
    each_draw(&groups(clusters), clusters.len(), seed, &mut |weights| {
        drawn.push(figure(weights));
    });
    interval(figure(&vec![1.0; clusters.len()]), drawn)
}

/// Rows by cluster.
fn groups(clusters: &[String]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, cluster) in clusters.iter().enumerate() {
        groups.entry(cluster).or_default().push(row);
    }
    groups.into_values().collect()
}

/// Draws clusters, with replacement, and tells how often each row counts; the same for the same seed.
fn each_draw(groups: &[Vec<usize>], rows: usize, seed: u64, tell: &mut dyn FnMut(&[f64])) {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut weights = vec![0.0; rows];
    for _ in 0..DRAWS {
        weights.fill(0.0);
        for _ in 0..groups.len() {
            for &row in &groups[rng.random_range(0..groups.len())] {
                weights[row] += 1.0;
            }
        }
        tell(&weights);
    }
}

/// The figures with their intervals, and the macro-F1 of every draw.
fn estimate(rows: &[Row], groups: &[Vec<usize>], seed: u64) -> (Figures<Estimate>, Vec<f64>) {
    let weighed = Weighed::new(rows);
    let point = weighed.figures(&vec![1.0; rows.len()], 1.0);
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let mut macro_f1 = Vec::with_capacity(DRAWS);
    each_draw(groups, rows.len(), seed, &mut |weights| {
        let figures = weighed.figures(weights, 2.0);
        macro_f1.push(figures.macro_f1);
        let mut place = 0;
        figures.map(&mut |value: &f64| {
            if columns.len() == place {
                columns.push(Vec::with_capacity(DRAWS));
            }
            columns[place].push(*value);
            place += 1;
        });
    });
    let mut columns = columns.into_iter();
    let figures = point.map(&mut |value: &f64| interval(*value, columns.next().unwrap_or_default()));
    (figures, macro_f1)
}

fn interval(value: f64, mut drawn: Vec<f64>) -> Estimate {
    drawn.retain(|drawn| drawn.is_finite());
    drawn.sort_by(f64::total_cmp);
    let left_out = drawn.len() / ONE_IN;
    let at = |place: usize| drawn.get(place).copied().unwrap_or(f64::NAN);
    Estimate {
        value,
        low: at(left_out),
        high: at(drawn.len().saturating_sub(1 + left_out)),
    }
}
