//! Figures over rows of which each counts some number of times. Rows are put in order once; each draw of a bootstrap is
//! then a few passes over them.

use std::f64::consts::{PI, SQRT_2};

use statrs::function::erf::erf;

use super::{Bin, ClassFigures, Figures, Row, Selected};
use crate::class::{CLASS_COUNT, FailureClass};
use crate::verdict::calibrate::by_probability;

/// Bins of the reliability diagram, where there are enough rows ...
const BINS: usize = 15;

/// ... and this many rows a bin where there are not.
const ROWS_A_BIN: usize = 5;

/// Points of the curve of selective prediction.
const POINTS: usize = 10;

/// Rows and their orders.
pub(super) struct Weighed<'a> {
    rows: &'a [Row],
    /// The two likeliest classes of each row.
    likeliest: Vec<[FailureClass; 2]>,
    /// Most confident first.
    by_confidence: Vec<usize>,
    /// By class: likeliest to be so first.
    by_class: Vec<Vec<usize>>,
}

impl<'a> Weighed<'a> {
    pub(super) fn new(rows: &'a [Row]) -> Self {
        let likeliest: Vec<[FailureClass; 2]> = rows
            .iter()
            .map(|row| {
                let ranked = by_probability(&row.probabilities);
                [ranked[0], ranked[1]]
            })
            .collect();
        let falling = |key: &dyn Fn(usize) -> f64| {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.sort_by(|one, other| key(*other).total_cmp(&key(*one)));
            order
        };
        let by_confidence = falling(&|row| rows[row].probabilities[likeliest[row][0].index()]);
        let by_class = (0..CLASS_COUNT)
            .map(|class| falling(&|row| rows[row].probabilities[class]))
            .collect();
        Self {
            rows,
            likeliest,
            by_confidence,
            by_class,
        }
    }

    /// All figures. `noise` is how many times the chance of one sample is in the weights: 1, or 2 in a draw of a bootstrap,
    /// which is a sample of a sample.
    pub(super) fn figures(&self, weights: &[f64], noise: f64) -> Figures {
        let classes: Vec<ClassFigures> = FailureClass::ALL
            .into_iter()
            .map(|class| self.class(class, weights))
            .collect();
        let over_classes = |of: &dyn Fn(&ClassFigures) -> f64| {
            let present: Vec<f64> = classes.iter().filter(|one| one.recall.is_finite()).map(of).collect();
            share(present.iter().sum(), present.len() as f64)
        };
        let total: f64 = weights.iter().sum();
        let mean = |of: &dyn Fn(usize) -> f64| share(self.sum(weights, of), total);
        let certain = |row: usize| number(!self.rows[row].uncertain);
        let reliability = self.reliability(weights);
        let selected = self.selected(weights);
        Figures {
            count: self.rows.len(),
            accuracy: mean(&|row| number(self.is_right(row))),
            macro_precision: over_classes(&|one| one.precision),
            macro_recall: over_classes(&|one| one.recall),
            macro_f1: over_classes(&|one| one.f1),
            top_2: mean(&|row| number(self.likeliest[row].contains(&self.rows[row].label))),
            pr_auc: over_classes(&|one| one.pr_auc),
            calibration_error: debiased(&reliability, noise),
            calibration_error_plain: plain(&reliability),
            calibration_error_rms: root_mean_square(&reliability, noise),
            brier: mean(&|row| brier(&self.rows[row])),
            coverage: mean(&|row| number(self.is_covered(row))),
            set_size: mean(&|row| self.rows[row].possible.iter().filter(|possible| **possible).count() as f64),
            certain_share: mean(&certain),
            certain_accuracy: share(
                self.sum(weights, &|row| certain(row) * number(self.is_right(row))),
                self.sum(weights, &certain),
            ),
            risk_area: self.risk_area(weights),
            selected,
            reliability: reliability.into_iter().map(|bin| bin.shown).collect(),
            classes,
            confusion: self.confusion(),
        }
    }

    fn sum(&self, weights: &[f64], of: &dyn Fn(usize) -> f64) -> f64 {
        (0..self.rows.len()).map(|row| weights[row] * of(row)).sum()
    }

    fn is_right(&self, row: usize) -> bool {
        self.likeliest[row][0] == self.rows[row].label
    }

    fn is_covered(&self, row: usize) -> bool {
        self.rows[row].possible[self.rows[row].label.index()]
    }

    fn confusion(&self) -> [[usize; CLASS_COUNT]; CLASS_COUNT] {
        let mut confusion = [[0; CLASS_COUNT]; CLASS_COUNT];
        for (row, likeliest) in self.rows.iter().zip(&self.likeliest) {
            confusion[row.label.index()][likeliest[0].index()] += 1;
        }
        confusion
    }

    fn class(&self, class: FailureClass, weights: &[f64]) -> ClassFigures {
        let is = |row: usize| number(self.rows[row].label == class);
        let called = |row: usize| number(self.likeliest[row][0] == class);
        let support = self.sum(weights, &is);
        let right = self.sum(weights, &|row| is(row) * called(row));
        let calls = self.sum(weights, &called);
        let precision = if calls > 0.0 { right / calls } else { 0.0 };
        ClassFigures {
            class,
            support: self.rows.iter().filter(|row| row.label == class).count(),
            precision: if support > 0.0 { precision } else { f64::NAN },
            recall: share(right, support),
            f1: share(2.0 * right, support + calls * number(support > 0.0)),
            pr_auc: self.average_precision(class, weights, support),
            coverage: share(
                self.sum(weights, &|row| is(row) * number(self.is_covered(row))),
                support,
            ),
        }
    }

    /// The mean over the failures of a class of the precision at their probability; equals share one threshold.
    fn average_precision(&self, class: FailureClass, weights: &[f64], support: f64) -> f64 {
        let order = &self.by_class[class.index()];
        let (mut taken, mut right, mut area) = (0.0, 0.0, 0.0);
        for equals in order.chunk_by(|one, other| self.chance(*one, class) == self.chance(*other, class)) {
            let mut gained = 0.0;
            for &row in equals {
                taken += weights[row];
                gained += weights[row] * number(self.rows[row].label == class);
            }
            right += gained;
            if gained > 0.0 {
                area += gained * right / taken;
            }
        }
        share(area, support)
    }

    fn chance(&self, row: usize, class: FailureClass) -> f64 {
        self.rows[row].probabilities[class.index()]
    }

    /// Bins whose borders lie where they lie for all rows counted once.
    fn reliability(&self, weights: &[f64]) -> Vec<Weight> {
        let count = self.rows.len();
        let bins = BINS.min(count / ROWS_A_BIN).max(1);
        let rising = |place: usize| self.by_confidence[count - 1 - place];
        (0..bins)
            .map(|bin| {
                let (from, to) = (bin * count / bins, (bin + 1) * count / bins);
                let mut sums = [0.0; 3];
                for row in (from..to).map(rising) {
                    let weight = weights[row];
                    sums[0] += weight;
                    sums[1] += weight * self.chance(row, self.likeliest[row][0]);
                    sums[2] += weight * number(self.is_right(row));
                }
                Weight {
                    weight: sums[0],
                    shown: Bin {
                        count: to - from,
                        confidence: share(sums[1], sums[0]),
                        accuracy: share(sums[2], sums[0]),
                    },
                }
            })
            .collect()
    }

    fn selected(&self, weights: &[f64]) -> Vec<Selected> {
        let total: f64 = weights.iter().sum();
        let mut points = Vec::with_capacity(POINTS);
        let (mut taken, mut wrong) = (0.0, 0.0);
        for &row in &self.by_confidence {
            taken += weights[row];
            wrong += weights[row] * number(!self.is_right(row));
            while points.len() < POINTS && taken >= total * (points.len() + 1) as f64 / POINTS as f64 - 1e-9 {
                points.push(Selected {
                    share: (points.len() + 1) as f64 / POINTS as f64,
                    risk: share(wrong, taken),
                });
            }
        }
        points
    }

    fn risk_area(&self, weights: &[f64]) -> f64 {
        let (mut taken, mut wrong, mut area) = (0.0, 0.0, 0.0);
        for &row in &self.by_confidence {
            taken += weights[row];
            wrong += weights[row] * number(!self.is_right(row));
            area += weights[row] * if taken > 0.0 { wrong / taken } else { 0.0 };
        }
        share(area, taken)
    }
}

/// A bin and the weight in it.
struct Weight {
    weight: f64,
    shown: Bin,
}

impl Weight {
    fn error(&self) -> f64 {
        (self.shown.confidence - self.shown.accuracy).abs()
    }

    /// The variance of the accuracy by chance.
    fn variance(&self, noise: f64) -> f64 {
        noise * self.shown.accuracy * (1.0 - self.shown.accuracy) / self.weight
    }
}

fn over_bins(bins: &[Weight], of: impl Fn(&Weight) -> f64) -> f64 {
    let filled = || bins.iter().filter(|bin| bin.weight > 0.0);
    share(
        filled().map(|bin| bin.weight * of(bin)).sum(),
        filled().map(|bin| bin.weight).sum(),
    )
}

fn plain(bins: &[Weight]) -> f64 {
    over_bins(bins, Weight::error)
}

fn debiased(bins: &[Weight], noise: f64) -> f64 {
    over_bins(bins, |bin| {
        2.0 * bin.error() - folded_mean(bin.error(), bin.variance(noise))
    })
    .max(0.0)
}

fn root_mean_square(bins: &[Weight], noise: f64) -> f64 {
    let squared = |bin: &Weight| {
        // n - 1 in place of n makes the estimate of the variance unbiased.
        let unbiased = bin.weight / (bin.weight - 1.0).max(1.0);
        bin.error().powi(2) - bin.variance(noise) * unbiased
    };
    over_bins(bins, squared).max(0.0).sqrt()
}

/// The mean of the absolute value of a normal variable (Leone, Nelson, Nottingham, "The folded normal distribution", 1961).
fn folded_mean(mean: f64, variance: f64) -> f64 {
    if variance <= 0.0 {
        return mean.abs();
    }
    (2.0 * variance / PI).sqrt() * (-mean * mean / (2.0 * variance)).exp()
        + mean * erf(mean / (variance.sqrt() * SQRT_2))
}

fn brier(row: &Row) -> f64 {
    let truth = |class: usize| number(class == row.label.index());
    let squares = row.probabilities.iter().enumerate();
    squares.map(|(class, said)| (said - truth(class)).powi(2)).sum()
}

fn number(truth: bool) -> f64 {
    f64::from(u8::from(truth))
}

/// No number where there is nothing to have a share of.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}
