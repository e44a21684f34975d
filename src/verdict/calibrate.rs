//! Raw scores become probabilities that can be believed, and sets of classes that stay possible.
//!
//! Probabilities: temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017). Sets:
//! class-conditional split conformal prediction with the score 1 - p (Sadinle, Lei, Wasserman, "Least Ambiguous
//! Set-Valued Classifiers with Bounded Error Levels", JASA 2019): a class stays possible while its probability is not
//! lower than it was for 90 % of the training failures of that class, scored by models that had not seen them.
//! Both count failures by how often their tools occur: what is believed is to hold for what arrives.

use serde::{Deserialize, Serialize};

use crate::class::{CLASS_COUNT, FailureClass};

/// Fitted on scores of failures that the scoring model had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Divides the logarithms of the raw scores; above 1 it takes confidence back.
    pub temperature: f64,
    /// By class index: the lowest probability at which the class stays possible.
    pub thresholds: [f64; CLASS_COUNT],
    /// Share of known words under which a text is unlike anything in training.
    pub known_words_floor: f64,
}

/// A failure scored by a model that had not seen it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Raw scores, a probability a class.
    pub scores: [f64; CLASS_COUNT],
    /// The true class.
    pub label: FailureClass,
    /// How much it counts: as often as such failures occur.
    pub weight: f64,
    /// Share of its words that the model knew, where it had any.
    pub known_words: Option<f32>,
}

/// The share of texts that are called unlike anything in training, although they are of it.
const UNLIKE_SHARE: f64 = 0.005;

impl Calibration {
    /// Fits temperature and thresholds. `coverage` is the share of failures whose class shall be in its set.
    #[must_use]
    pub fn fit(rows: &[Scored], coverage: f64) -> Self {
        let temperature = best_temperature(rows);
        let mut calibration = Self {
            temperature,
            thresholds: [0.0; CLASS_COUNT],
            known_words_floor: 0.0,
        };
        calibration.thresholds = FailureClass::ALL.map(|class| {
            let mut own: Vec<(f64, f64)> = rows
                .iter()
                .filter(|row| row.label == class)
                .map(|row| (calibration.probabilities(&row.scores)[class.index()], row.weight))
                .collect();
            lower_quantile(&mut own, 1.0 - coverage)
        });
        let known = rows.iter().filter_map(|row| row.known_words);
        let mut known: Vec<(f64, f64)> = known.map(|share| (f64::from(share), 1.0)).collect();
        calibration.known_words_floor = lower_quantile(&mut known, UNLIKE_SHARE);
        calibration
    }

    /// Calibrated probabilities; they sum to 1.
    #[must_use]
    pub fn probabilities(&self, scores: &[f64; CLASS_COUNT]) -> [f64; CLASS_COUNT] {
        tempered(scores, self.temperature)
    }

    /// The classes that stay possible, likeliest first; the likeliest always does.
    #[must_use]
    pub fn prediction_set(&self, probabilities: &[f64; CLASS_COUNT]) -> Vec<FailureClass> {
        let ranked = by_probability(probabilities);
        let possible =
            |class: &FailureClass| probabilities[class.index()] >= self.thresholds[class.index()].clamp(1e-9, 1.0);
        let mut set: Vec<FailureClass> = ranked.into_iter().filter(possible).collect();
        if set.first() != Some(&ranked[0]) {
            set.retain(|class| *class != ranked[0]);
            set.insert(0, ranked[0]);
        }
        set
    }
}

/// All classes, likeliest first; equals in their fixed order.
#[must_use]
pub fn by_probability(probabilities: &[f64; CLASS_COUNT]) -> [FailureClass; CLASS_COUNT] {
    let mut classes = FailureClass::ALL;
    classes.sort_by(|one, other| probabilities[other.index()].total_cmp(&probabilities[one.index()]));
    classes
}

fn tempered(scores: &[f64; CLASS_COUNT], temperature: f64) -> [f64; CLASS_COUNT] {
    let logs = scores.map(|score| score.max(1e-12).ln() / temperature);
    let largest = logs.iter().copied().fold(f64::MIN, f64::max);
    let powers = logs.map(|log| (log - largest).exp());
    let total: f64 = powers.iter().sum();
    powers.map(|power| power / total)
}

/// Golden-section search for the temperature of the lowest mean negative log-likelihood.
fn best_temperature(rows: &[Scored]) -> f64 {
    if rows.is_empty() {
        return 1.0;
    }
    let loss = |log_temperature: f64| -> f64 {
        let temperature = log_temperature.exp();
        rows.iter()
            .map(|row| -row.weight * tempered(&row.scores, temperature)[row.label.index()].max(1e-12).ln())
            .sum()
    };
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.3_f64.ln(), 6.0_f64.ln());
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if loss(left) < loss(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high).exp()
}

/// The value under which at most this share of the weight lies, on the safe side for few values: a further one of mean weight
/// may be the lowest (weighted conformal prediction: Tibshirani et al., 2019).
fn lower_quantile(weighted: &mut [(f64, f64)], share: f64) -> f64 {
    weighted.sort_by(|one, other| one.0.total_cmp(&other.0));
    let total: f64 = weighted.iter().map(|(_, weight)| weight).sum();
    let allowed = share * total * (1.0 + 1.0 / weighted.len().max(1) as f64);
    let (mut below, mut quantile) = (0.0, 0.0);
    for (value, weight) in weighted {
        below += *weight;
        // Sums of weights are rounded: what is allowed to the last bit is not to fail by it.
        if below > allowed * (1.0 + 1e-12) {
            break;
        }
        quantile = *value;
    }
    quantile
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scored(confident: f64, right: bool) -> Scored {
        let mut scores = [(1.0 - confident) / 9.0; CLASS_COUNT];
        scores[0] = confident;
        let label = if right { FailureClass::Build } else { FailureClass::Test };
        Scored {
            scores,
            label,
            weight: 1.0,
            known_words: None,
        }
    }

    #[test]
    fn a_model_that_is_right_less_often_than_it_says_is_taken_back() {
        let rows: Vec<Scored> = (0..100).map(|row| scored(0.99, row % 10 < 7)).collect();
        let calibration = Calibration::fit(&rows, 0.9);
        let confidence = calibration.probabilities(&rows[0].scores)[0];
        assert!((confidence - 0.7).abs() < 0.02, "{confidence}");
    }

    #[test]
    fn what_occurs_ten_times_as_often_counts_ten_times() {
        let rare = |row: i32| scored(0.99, row % 2 == 0);
        let everyday = |row: i32| Scored {
            weight: 10.0,
            ..scored(0.99, row % 10 != 0)
        };
        let rows: Vec<Scored> = (0..100).map(rare).chain((0..100).map(everyday)).collect();
        let confidence = Calibration::fit(&rows, 0.9).probabilities(&rows[0].scores)[0];
        let right = (10.0 * 0.9 + 0.5) / 11.0;
        assert!((confidence - right).abs() < 0.01, "{confidence}");
    }

    proptest! {
        #[test]
        fn sets_hold_the_true_class_as_often_as_promised(seeds in proptest::collection::vec(0.0f64..1.0, 200..400)) {
            let rows: Vec<Scored> = seeds.iter().map(|&seed| scored(0.1 + 0.89 * seed, true)).collect();
            let calibration = Calibration::fit(&rows, 0.9);
            let held = rows.iter().filter(|row| {
                calibration.prediction_set(&calibration.probabilities(&row.scores)).contains(&row.label)
            });
            prop_assert!(held.count() as f64 >= 0.9 * rows.len() as f64);
        }

        #[test]
        fn probabilities_sum_to_one_and_keep_their_order(raw in proptest::array::uniform10(0.0f64..1.0), temperature in 0.3f64..6.0) {
            let calibration = Calibration { temperature, thresholds: [0.5; CLASS_COUNT], known_words_floor: 0.0 };
            let probabilities = calibration.probabilities(&raw);
            prop_assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert_eq!(by_probability(&probabilities)[0], calibration.prediction_set(&probabilities)[0]);
        }
    }
}
