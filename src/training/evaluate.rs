//! How right verdicts are, and how right they know themselves to be.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::class::{CLASS_COUNT, FailureClass};
use crate::verdict::calibrate::by_probability;

/// One judged failure whose class is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Calibrated probabilities.
    pub probabilities: [f64; CLASS_COUNT],
    /// The true class.
    pub label: FailureClass,
    /// Whether the verdict was marked as uncertain.
    pub uncertain: bool,
}

/// Precision, recall and F1 of one class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ClassFigures {
    /// Which.
    pub class: FailureClass,
    /// Of those called so, the share that is so.
    pub precision: f64,
    /// Of those that are so, the share called so.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
    /// How many are so.
    pub support: usize,
}

/// Figures over many judged failures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Rows.
    pub count: usize,
    /// Share of right predictions.
    pub accuracy: f64,
    /// Mean F1 over the classes that occur.
    pub macro_f1: f64,
    /// Share whose class is among the two likeliest.
    pub top_2: f64,
    /// Expected calibration error in 15 equal-mass bins, less its expectation under perfect calibration.
    pub calibration_error: f64,
    /// Share that is not marked as uncertain.
    pub certain_share: f64,
    /// Accuracy among those.
    pub certain_accuracy: f64,
    /// By class.
    pub classes: Vec<ClassFigures>,
    /// `confusion[true][predicted]`.
    pub confusion: [[usize; CLASS_COUNT]; CLASS_COUNT],
}

impl Figures {
    /// Computes all figures.
    #[must_use]
    pub fn of(rows: &[Row]) -> Self {
        let mut confusion = [[0; CLASS_COUNT]; CLASS_COUNT];
        let (mut right, mut near, mut certain, mut certain_right) = (0, 0, 0, 0);
        for row in rows {
            let ranked = by_probability(&row.probabilities);
            confusion[row.label.index()][ranked[0].index()] += 1;
            right += usize::from(ranked[0] == row.label);
            near += usize::from(ranked[..2].contains(&row.label));
            certain += usize::from(!row.uncertain);
            certain_right += usize::from(!row.uncertain && ranked[0] == row.label);
        }
        let classes: Vec<ClassFigures> = FailureClass::ALL
            .into_iter()
            .map(|class| of_class(class, &confusion))
            .collect();
        let present: Vec<f64> = classes
            .iter()
            .filter(|class| class.support > 0)
            .map(|class| class.f1)
            .collect();
        Self {
            count: rows.len(),
            accuracy: share(right, rows.len()),
            macro_f1: present.iter().sum::<f64>() / present.len().max(1) as f64,
            top_2: share(near, rows.len()),
            calibration_error: calibration_error(rows),
            certain_share: share(certain, rows.len()),
            certain_accuracy: share(certain_right, certain),
            classes,
            confusion,
        }
    }

    /// The single figures by name.
    #[must_use]
    pub fn by_name(&self) -> BTreeMap<String, f64> {
        let round = |value: f64| (value * 1e4).round() / 1e4;
        BTreeMap::from([
            ("accuracy".to_owned(), round(self.accuracy)),
            ("macro_f1".to_owned(), round(self.macro_f1)),
            ("top_2".to_owned(), round(self.top_2)),
            ("calibration_error".to_owned(), round(self.calibration_error)),
            ("count".to_owned(), self.count as f64),
        ])
    }
}

fn of_class(class: FailureClass, confusion: &[[usize; CLASS_COUNT]; CLASS_COUNT]) -> ClassFigures {
    let own = class.index();
    let support: usize = confusion[own].iter().sum();
    let called: usize = confusion.iter().map(|row| row[own]).sum();
    let (precision, recall) = (share(confusion[own][own], called), share(confusion[own][own], support));
    let f1 = if precision + recall > 0.0 {
        2.0 * precision * recall / (precision + recall)
    } else {
        0.0
    };
    ClassFigures {
        class,
        precision,
        recall,
        f1,
        support,
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Expected calibration error over bins of equal mass, less what perfect calibration would show by chance alone
/// (Bröcker, "Estimating reliability and resolution of probability forecasts", 2012, gives the per-bin variance).
fn calibration_error(rows: &[Row]) -> f64 {
    let mut points: Vec<(f64, bool)> = rows
        .iter()
        .map(|row| {
            let best = by_probability(&row.probabilities)[0];
            (row.probabilities[best.index()], best == row.label)
        })
        .collect();
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    let bins = 15.min(points.len() / 5).max(1);
    let mut error = 0.0;
    for bin in 0..bins {
        let part = &points[bin * points.len() / bins..(bin + 1) * points.len() / bins];
        if part.is_empty() {
            continue;
        }
        let count = part.len() as f64;
        let confidence = part.iter().map(|(confidence, _)| confidence).sum::<f64>() / count;
        let right = part.iter().filter(|(_, right)| *right).count() as f64 / count;
        // The mean distance of a mean of `count` draws from its expectation: sqrt(2/pi) standard errors.
        let variance = part
            .iter()
            .map(|(confidence, _)| confidence * (1.0 - confidence))
            .sum::<f64>()
            / count;
        let by_chance = (2.0 / std::f64::consts::PI * variance / count).sqrt();
        error += ((confidence - right).abs() - by_chance).max(0.0) * count / points.len() as f64;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: FailureClass, said: FailureClass, confidence: f64) -> Row {
        let mut probabilities = [(1.0 - confidence) / 9.0; CLASS_COUNT];
        probabilities[said.index()] = confidence;
        Row {
            probabilities,
            label,
            uncertain: confidence < 0.5,
        }
    }

    #[test]
    fn figures_agree_with_a_table_made_by_hand() {
        use FailureClass::{Build, Test};
        let rows = [
            row(Build, Build, 0.9),
            row(Build, Test, 0.9),
            row(Test, Test, 0.9),
            row(Test, Test, 0.4),
        ];
        let figures = Figures::of(&rows);
        assert!((figures.accuracy - 0.75).abs() < 1e-12);
        // Build: precision 1, recall 1/2, F1 2/3. Test: precision 2/3, recall 1, F1 4/5.
        assert!((figures.macro_f1 - f64::midpoint(2.0 / 3.0, 0.8)).abs() < 1e-12);
        assert!((figures.certain_share - 0.75).abs() < 1e-12);
        assert!((figures.certain_accuracy - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(figures.confusion[Build.index()][Test.index()], 1);
    }

    #[test]
    fn a_calibrated_model_has_next_to_no_calibration_error_and_an_overconfident_one_has() {
        use FailureClass::{Build, Test};
        let good: Vec<Row> = (0..1_000)
            .map(|n| row(if n % 10 < 7 { Build } else { Test }, Build, 0.7))
            .collect();
        let bad: Vec<Row> = (0..1_000)
            .map(|n| row(if n % 10 < 7 { Build } else { Test }, Build, 0.99))
            .collect();
        assert!(calibration_error(&good) < 0.02, "{}", calibration_error(&good));
        assert!(calibration_error(&bad) > 0.25, "{}", calibration_error(&bad));
    }
}
