//! Does it hurt? How many verdicts of a window are right, as far as can be known before people say so.
//!
//! * Expected: confidence-based performance estimation (CBPE, as `NannyML` defines it). A calibrated confidence is the chance
//!   that the verdict is right, so the expected accuracy of a window is the mean of its confidences. It holds as long as
//!   confidence is calibrated: a drift of the inputs is in it, a change of what the classes mean is not.
//! * Observed: the share of verdicts that stood where people have spoken. People look first at what seems wrong, so it is
//!   a lower guess than the truth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The quantile of the normal distribution of a two-sided interval of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// How right a window is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Performance {
    /// Verdicts in the window.
    pub n: usize,
    /// Expected share of right verdicts.
    pub expected_accuracy: f64,
    /// The share of right verdicts lies above this ...
    pub expected_low: f64,
    /// ... and below this in 95 of 100 such windows, if confidence is calibrated.
    pub expected_high: f64,
    /// What people said; `null` where nobody did.
    pub observed: Option<Observed>,
}

/// What people said of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Observed {
    /// Verdicts with a person's word on them.
    pub answered: usize,
    /// Of them those that stood.
    pub agreed: usize,
    /// Their share.
    pub agreement: f64,
    /// Bounds of its interval of 95 % (Wilson, 1927).
    pub low: f64,
    /// The upper one.
    pub high: f64,
}

/// Estimates a window from its confidences and from whether the verdicts that people spoke on stood. `None` where it is
/// empty.
#[must_use]
pub fn estimate(confidences: &[f64], stood: impl Iterator<Item = bool>) -> Option<Performance> {
    if confidences.is_empty() {
        return None;
    }
    let n = confidences.len() as f64;
    let mean = confidences.iter().sum::<f64>() / n;
    // The number of right verdicts is a sum of independent draws with these chances (Poisson binomial).
    let variance: f64 = confidences.iter().map(|chance| chance * (1.0 - chance)).sum();
    let reach = Z * variance.max(0.0).sqrt() / n;
    Some(Performance {
        n: confidences.len(),
        expected_accuracy: mean,
        expected_low: (mean - reach).max(0.0),
        expected_high: (mean + reach).min(1.0),
        observed: observe(stood),
    })
}

fn observe(stood: impl Iterator<Item = bool>) -> Option<Observed> {
    let (answered, agreed) = stood.fold((0, 0), |(all, agreed), stood| (all + 1, agreed + usize::from(stood)));
    if answered == 0 {
        return None;
    }
    let (n, p) = (answered as f64, agreed as f64 / answered as f64);
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    Some(Observed {
        answered,
        agreed,
        agreement: p,
        low: (middle - reach).max(0.0),
        high: (middle + reach).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64Mcg;

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-6
    }

    #[test]
    fn an_empty_window_expects_nothing() {
        assert_eq!(estimate(&[], std::iter::empty()), None);
    }

    #[test]
    fn expectation_and_interval_are_those_worked_out_by_hand() {
        // Mean 0.75; variance 4 x 0.1875 = 0.75, so 1.96 x 0.866 / 4 = 0.4243.
        let found = estimate(&[0.75; 4], std::iter::empty()).expect("four verdicts");
        assert!(near(found.expected_accuracy, 0.75) && near(found.expected_low, 0.325_655));
        assert!(near(found.expected_high, 1.0) && found.observed.is_none());
    }

    #[test]
    fn agreement_has_the_interval_of_wilson() {
        // 8 of 10: 0.490 to 0.943, as in Wilson's own tables.
        let said = (0..10).map(|at| at < 8);
        let observed = estimate(&[0.9], said).expect("one").observed.expect("ten answers");
        assert_eq!((observed.answered, observed.agreed), (10, 8));
        assert!(
            (observed.low - 0.490_2).abs() < 1e-3 && (observed.high - 0.943_3).abs() < 1e-3,
            "{observed:?}"
        );
    }

    #[test]
    fn the_interval_holds_the_true_share_in_about_95_of_100_windows() {
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let mut held = 0;
        for _ in 0..2_000 {
            let chances: Vec<f64> = (0..100).map(|_| rng.random_range(0.4..1.0)).collect();
            let right = chances.iter().filter(|chance| rng.random_bool(**chance)).count() as f64 / 100.0;
            let found = estimate(&chances, std::iter::empty()).expect("a window");
            held += usize::from((found.expected_low..=found.expected_high).contains(&right));
        }
        assert!((1_860..=1_960).contains(&held), "{held} of 2000");
    }
}
