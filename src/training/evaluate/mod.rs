//! How right verdicts are, and how right they know themselves to be.
//!
//! Judged failures whose class is known enter; [`Figures`] leave, and a [`Report`] holds them with their intervals.

mod weighed;
mod report;

use serde::Serialize;

use crate::class::{CLASS_COUNT, FailureClass};
use crate::verdict::Verdict;
use crate::verdict::calibrate::by_probability;
pub use report::{Band, Baseline, Estimate, Report, binomial_band, estimate_of, share_of};
use weighed::Weighed;

/// One judged failure whose class is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Calibrated probabilities.
    pub probabilities: [f64; CLASS_COUNT],
    /// The true class.
    pub label: FailureClass,
    /// By class index: whether the class is in the prediction set.
    pub possible: [bool; CLASS_COUNT],
    /// Whether the verdict was marked as uncertain.
    pub uncertain: bool,
}

impl Row {
    /// A verdict on a failure that is really this.
    #[must_use]
    pub fn of(verdict: &Verdict, label: FailureClass) -> Self {
        let mut possible = [false; CLASS_COUNT];
        for class in &verdict.prediction_set {
            possible[class.index()] = true;
        }
        Self {
            probabilities: verdict.probabilities,
            label,
            possible,
            uncertain: verdict.uncertain,
        }
    }

    /// The word of a judge that names one class, or none, and has no more to say than that.
    #[must_use]
    pub fn plain(said: Option<FailureClass>, label: FailureClass) -> Self {
        let mut row = Self {
            probabilities: [0.0; CLASS_COUNT],
            label,
            possible: [said.is_none(); CLASS_COUNT],
            uncertain: said.is_none(),
        };
        if let Some(class) = said {
            row.probabilities[class.index()] = 1.0;
            row.possible[class.index()] = true;
        }
        row
    }

    /// The likeliest class.
    #[must_use]
    pub fn said(&self) -> FailureClass {
        by_probability(&self.probabilities)[0]
    }
}

/// Figures of one class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassFigures<T = f64> {
    /// Which.
    pub class: FailureClass,
    /// How many are so.
    pub support: usize,
    /// Of those called so, the share that is so.
    pub precision: T,
    /// Of those that are so, the share called so.
    pub recall: T,
    /// Their harmonic mean.
    pub f1: T,
    /// Area under the curve of precision over recall, as average precision; none where no failure is so.
    pub pr_auc: T,
    /// Of those that are so, the share whose prediction set holds the class.
    pub coverage: T,
}

/// One bin of the reliability diagram: failures of about the same confidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin<T = f64> {
    /// Failures in it.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: T,
    /// The share of right predictions.
    pub accuracy: T,
}

/// A point of the curve of selective prediction: the most confident failures alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Selected<T = f64> {
    /// The share of failures that is kept.
    pub share: f64,
    /// The share of wrong predictions among them.
    pub risk: T,
}

/// Figures over many judged failures. A figure that cannot be had, as the recall of a class that does not occur, is no
/// number (`null` in JSON).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures<T = f64> {
    /// Rows.
    pub count: usize,
    /// Share of right predictions.
    pub accuracy: T,
    /// Mean precision over the classes that occur.
    pub macro_precision: T,
    /// Mean recall over the classes that occur.
    pub macro_recall: T,
    /// Mean F1 over the classes that occur.
    pub macro_f1: T,
    /// Share whose class is among the two likeliest.
    pub top_2: T,
    /// Mean average precision over the classes that occur.
    pub pr_auc: T,
    /// Expected calibration error in bins of equal mass, less what chance adds to it.
    ///
    /// Kumar, Liang, Ma, "Verified Uncertainty Calibration", `NeurIPS` 2019, in the form for absolute errors of the
    /// library beside it: twice the plain error less its mean when the accuracy of each bin is drawn anew (here in closed
    /// form).
    pub calibration_error: T,
    /// The same without the correction (Guo et al., 2017).
    pub calibration_error_plain: T,
    /// Root of the mean squared calibration error, unbiased in its square (Kumar et al., 2019, definition 4.1).
    pub calibration_error_rms: T,
    /// Mean squared distance of the probabilities from the truth, summed over classes (Brier, 1950).
    pub brier: T,
    /// Share whose prediction set holds the class.
    pub coverage: T,
    /// Classes in a prediction set, on average.
    pub set_size: T,
    /// Share that is not marked as uncertain.
    pub certain_share: T,
    /// Accuracy among those.
    pub certain_accuracy: T,
    /// Mean risk over all shares of the most confident failures (Geifman and El-Yaniv, 2017).
    pub risk_area: T,
    /// Risk of the most confident tenth, two tenths, ... of the failures.
    pub selected: Vec<Selected<T>>,
    /// Bins of equal mass, least confident first.
    pub reliability: Vec<Bin<T>>,
    /// By class.
    pub classes: Vec<ClassFigures<T>>,
    /// `confusion[true][predicted]`.
    pub confusion: [[usize; CLASS_COUNT]; CLASS_COUNT],
}

impl Figures {
    /// Computes all figures.
    #[must_use]
    pub fn of(rows: &[Row]) -> Self {
        Weighed::new(rows).figures(&vec![1.0; rows.len()], 1.0)
    }
}

impl<T> Figures<T> {
    /// The single figures by name.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, &T); 15] {
        [
            ("accuracy", &self.accuracy),
            ("macro_precision", &self.macro_precision),
            ("macro_recall", &self.macro_recall),
            ("macro_f1", &self.macro_f1),
            ("top_2", &self.top_2),
            ("pr_auc", &self.pr_auc),
            ("calibration_error", &self.calibration_error),
            ("calibration_error_plain", &self.calibration_error_plain),
            ("calibration_error_rms", &self.calibration_error_rms),
            ("brier", &self.brier),
            ("coverage", &self.coverage),
            ("set_size", &self.set_size),
            ("certain_share", &self.certain_share),
            ("certain_accuracy", &self.certain_accuracy),
            ("risk_area", &self.risk_area),
        ]
    }

    /// The same figures, each changed; always in the same order.
    pub fn map<U>(&self, change: &mut dyn FnMut(&T) -> U) -> Figures<U> {
        Figures {
            count: self.count,
            accuracy: change(&self.accuracy),
            macro_precision: change(&self.macro_precision),
            macro_recall: change(&self.macro_recall),
            macro_f1: change(&self.macro_f1),
            top_2: change(&self.top_2),
            pr_auc: change(&self.pr_auc),
            calibration_error: change(&self.calibration_error),
            calibration_error_plain: change(&self.calibration_error_plain),
            calibration_error_rms: change(&self.calibration_error_rms),
            brier: change(&self.brier),
            coverage: change(&self.coverage),
            set_size: change(&self.set_size),
            certain_share: change(&self.certain_share),
            certain_accuracy: change(&self.certain_accuracy),
            risk_area: change(&self.risk_area),
            selected: self.selected.iter().map(|point| point.map(change)).collect(),
            reliability: self.reliability.iter().map(|bin| bin.map(change)).collect(),
            classes: self.classes.iter().map(|class| class.map(change)).collect(),
            confusion: self.confusion,
        }
    }
}

impl<T> Selected<T> {
    fn map<U>(&self, change: &mut dyn FnMut(&T) -> U) -> Selected<U> {
        Selected {
            share: self.share,
            risk: change(&self.risk),
        }
    }
}

impl<T> Bin<T> {
    fn map<U>(&self, change: &mut dyn FnMut(&T) -> U) -> Bin<U> {
        Bin {
            count: self.count,
            confidence: change(&self.confidence),
            accuracy: change(&self.accuracy),
        }
    }
}

impl<T> ClassFigures<T> {
    /// The figures by name.
    #[must_use]
    pub fn by_name(&self) -> [(&'static str, &T); 5] {
        [
            ("precision", &self.precision),
            ("recall", &self.recall),
            ("f1", &self.f1),
            ("pr_auc", &self.pr_auc),
            ("coverage", &self.coverage),
        ]
    }

    fn map<U>(&self, change: &mut dyn FnMut(&T) -> U) -> ClassFigures<U> {
        ClassFigures {
            class: self.class,
            support: self.support,
            precision: change(&self.precision),
            recall: change(&self.recall),
            f1: change(&self.f1),
            pr_auc: change(&self.pr_auc),
            coverage: change(&self.coverage),
        }
    }
}

#[cfg(test)]
mod tests;
