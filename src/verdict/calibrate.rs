//! Raw scores become probabilities that can be believed, and sets of classes that stay possible.
//!
//! Probabilities: temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017), in which failures
//! count by how often their tools occur: what is believed is to hold for what arrives.
//!
//! Sets: class-conditional split conformal prediction with the score 1 - p (Sadinle, Lei, Wasserman, "Least Ambiguous
//! Set-Valued Classifiers with Bounded Error Levels", JASA 2019): a class stays possible while its probability is not
//! lower than it was for 90 % of the training failures of that class, scored by models that had not seen them. What is
//! judged without any text is compared with failures without text (Mondrian conformal prediction: Vovk, Lindsay, Nouretdinov,
//! Gammerman, 2003). Every failure counts alike here: the promise is to rare tools too. A set may be empty: the failure
//! is like none of any class.

use serde::{Deserialize, Serialize};

use crate::class::{CLASS_COUNT, FailureClass};

/// Fitted on scores of failures that the scoring model had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Divides the logarithms of the raw scores; above 1 it takes confidence back.
    pub temperature: f64,
    /// By class index: the lowest probability at which the class stays possible.
    pub thresholds: [f64; CLASS_COUNT],
    /// The same for failures that come without any text. In a model that does not say, everything stays possible.
    #[serde(default)]
    pub thresholds_without_text: [f64; CLASS_COUNT],
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
    /// Fits temperature and thresholds on failures with text, and the other thresholds on those without. `coverage` is the
    /// share of failures whose class shall be in its set.
    #[must_use]
    pub fn fit(rows: &[Scored], without_text: &[Scored], coverage: f64) -> Self {
        let temperature = best_temperature(rows);
        let mut known: Vec<f64> = rows.iter().filter_map(|row| row.known_words.map(f64::from)).collect();
        Self {
            temperature,
            thresholds: thresholds(rows, temperature, coverage),
            thresholds_without_text: thresholds(without_text, temperature, coverage),
            known_words_floor: lower_quantile(&mut known, UNLIKE_SHARE),
        }
    }

    /// Calibrated probabilities; they sum to 1.
    #[must_use]
    pub fn probabilities(&self, scores: &[f64; CLASS_COUNT]) -> [f64; CLASS_COUNT] {
        tempered(scores, self.temperature)
    }

    /// The classes that stay possible, likeliest first. None where it is like no failure of any class.
    #[must_use]
    pub fn prediction_set(&self, probabilities: &[f64; CLASS_COUNT], has_text: bool) -> Vec<FailureClass> {
        let thresholds = if has_text {
            &self.thresholds
        } else {
            &self.thresholds_without_text
        };
        let mut set = by_probability(probabilities).to_vec();
        set.retain(|class| probabilities[class.index()] >= thresholds[class.index()]);
        set
    }
}

/// By class: the probability that all but `1 - coverage` of its failures reach.
fn thresholds(rows: &[Scored], temperature: f64, coverage: f64) -> [f64; CLASS_COUNT] {
    FailureClass::ALL.map(|class| {
        let own = rows.iter().filter(|row| row.label == class);
        let mut own: Vec<f64> = own
            .map(|row| tempered(&row.scores, temperature)[class.index()])
            .collect();
        lower_quantile(&mut own, 1.0 - coverage)
    })
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

/// The value that at most this share of values, and of one more to come, lies under; 0 where there are too few to say.
fn lower_quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    // The product is rounded: what is allowed to the last bit is not to fail by it.
    let allowed = share * (values.len() + 1) as f64 + 1e-9;
    let ranked = values.iter().enumerate();
    let under = ranked.take_while(|(at, _)| (at + 1) as f64 <= allowed);
    under.last().map_or(0.0, |(_, value)| *value)
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
        let calibration = Calibration::fit(&rows, &[], 0.9);
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
        let confidence = Calibration::fit(&rows, &[], 0.9).probabilities(&rows[0].scores)[0];
        let right = (10.0 * 0.9 + 0.5) / 11.0;
        assert!((confidence - right).abs() < 0.01, "{confidence}");
    }

    proptest! {
        #[test]
        fn sets_hold_the_true_class_as_often_as_promised(seeds in proptest::collection::vec(0.0f64..1.0, 200..400)) {
            let rows: Vec<Scored> = seeds.iter().map(|&seed| scored(0.1 + 0.89 * seed, true)).collect();
            let calibration = Calibration::fit(&rows, &[], 0.9);
            let held = rows.iter().filter(|row| {
                calibration.prediction_set(&calibration.probabilities(&row.scores), true).contains(&row.label)
            });
            prop_assert!(held.count() as f64 >= 0.9 * rows.len() as f64);
        }

        #[test]
        fn probabilities_sum_to_one_and_keep_their_order(raw in proptest::array::uniform10(0.0f64..1.0), temperature in 0.3f64..6.0) {
            let calibration = Calibration { temperature, ..Calibration::fit(&[], &[], 0.9) };
            let probabilities = calibration.probabilities(&raw);
            prop_assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert_eq!(by_probability(&probabilities)[0], by_probability(&raw)[0]);
            let possible = calibration.prediction_set(&probabilities, true);
            prop_assert_eq!(possible, by_probability(&probabilities), "without thresholds all are, likeliest first");
        }
    }

    #[test]
    fn what_is_like_no_failure_of_any_class_leaves_no_class_possible() {
        let rows: Vec<Scored> = FailureClass::ALL
            .into_iter()
            .flat_map(|label| (0..20).map(move |row| (label, 0.8 + 0.01 * f64::from(row))))
            .map(|(label, confident)| {
                let mut row = scored(confident, true);
                row.scores.swap(0, label.index());
                Scored { label, ..row }
            })
            .collect();
        let calibration = Calibration::fit(&rows, &[], 0.9);
        let set = |confident: f64, has_text| {
            let probabilities = calibration.probabilities(&scored(confident, true).scores);
            calibration.prediction_set(&probabilities, has_text)
        };
        assert_eq!(set(0.9, true), [FailureClass::Build]);
        assert!(set(0.5, true).is_empty());
        assert_eq!(
            set(0.5, false),
            FailureClass::ALL,
            "nothing is known of failures without text"
        );
    }

    #[test]
    fn failures_without_text_are_compared_with_their_like() {
        let with_text: Vec<Scored> = (0..50).map(|row| scored(0.9 + 0.001 * f64::from(row), true)).collect();
        let without: Vec<Scored> = (0..50).map(|row| scored(0.2 + 0.001 * f64::from(row), true)).collect();
        let calibration = Calibration::fit(&with_text, &without, 0.9);
        let probabilities = calibration.probabilities(&without[25].scores);
        let holds = |has_text| {
            let set = calibration.prediction_set(&probabilities, has_text);
            set.contains(&FailureClass::Build)
        };
        assert!(holds(false) && !holds(true));
    }
}
