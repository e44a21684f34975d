//! The one word on the badge, from stated inputs.
//!
//! A drift report, the corrections that wait and the store's trouble enter; a state, its words and its reasons leave. Badge,
//! dashboard, metrics and commands all show this one result.

#![deny(clippy::disallowed_methods)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::drift::{DriftReport, DriftSettings, FeatureDrift, Severity};

/// Under this mean confidence verdicts are unsure on the whole.
pub const CONFIDENCE_FLOOR: f64 = 0.45;

/// A state that low confidence raised is left at this mean confidence.
const CONFIDENCE_CLEARED: f64 = 0.50;

/// A state that drift raised is left when every PSI is under this part of its threshold ...
const PSI_CLEARED: f64 = 0.8;

/// ... or has a p-value above this many times `alpha`.
const ALPHA_CLEARED: f64 = 1.5;

/// The state of the model and of the house it lives in; the first that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum HealthState {
    /// The database cannot be written, is corrupt, or the disk is full.
    StoreTrouble,
    /// A watched feature moved far from training, verdicts are unsure on the whole, or enough corrections wait.
    TrainingRequired,
    /// A watched feature moved, or what is no matter of training did (see [`FeatureDrift::is_habit`]).
    DriftDetected,
    /// The window holds too few events.
    NotEnoughData,
    /// None of the above.
    Healthy,
}

/// A state, in words and with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// The state.
    pub state: HealthState,
    /// The words on the badge: `Not enough data (37 of 50)`.
    pub label: String,
    /// Why, a sentence each.
    pub reasons: Vec<String>,
    /// Whether a new model would help.
    pub retrain_suggested: bool,
}

/// All that the badge depends on.
#[derive(Debug, Clone, Copy)]
pub struct HealthInputs<'a> {
    /// The live window.
    pub drift: &'a DriftReport,
    /// Corrections that no model has learned from.
    pub corrections_waiting: u64,
    /// From how many on a new model is due; 0 is never.
    pub retrain_threshold: u64,
    /// What is wrong with the store, in words.
    pub store_trouble: Option<&'a str>,
}

/// Health as the inputs alone say.
#[must_use]
pub fn assess(inputs: &HealthInputs) -> Health {
    decide(inputs, CONFIDENCE_FLOOR, |feature| feature.severity)
}

/// Health with hysteresis: what was raised at one level is cleared at a lower one, so that a figure near its threshold does
/// not make the badge flicker. Never better than [`assess`].
#[must_use]
pub fn settle(previous: HealthState, inputs: &HealthInputs, settings: &DriftSettings) -> Health {
    let was_training = previous == HealthState::TrainingRequired;
    let was_drift = was_training || previous == HealthState::DriftDetected;
    let floor = if was_training {
        CONFIDENCE_CLEARED
    } else {
        CONFIDENCE_FLOOR
    };
    let holds = |feature: &FeatureDrift, threshold: f64| {
        feature.score.is_some_and(|score| score >= PSI_CLEARED * threshold)
            && feature
                .p_value
                .is_some_and(|p_value| p_value < ALPHA_CLEARED * settings.alpha)
    };
    decide(inputs, floor, |feature| {
        let held = if was_training && holds(feature, settings.psi_severe) {
            Severity::Severe
        } else if was_drift && holds(feature, settings.psi_moderate) {
            Severity::Moderate
        } else {
            Severity::NotEnoughData
        };
        feature.severity.max(held)
    })
}

/// The first state with a reason.
fn decide(inputs: &HealthInputs, floor: f64, severity: impl Fn(&FeatureDrift) -> Severity) -> Health {
    // No training makes another habit: the most that one says is drift.
    let severity = |feature: &FeatureDrift| match severity(feature) {
        Severity::Severe if feature.is_habit() => Severity::Moderate,
        severity => severity,
    };
    let moved = |wanted: Severity| -> Vec<String> {
        inputs
            .drift
            .features
            .iter()
            .filter(|feature| severity(feature) == wanted)
            .map(describe)
            .collect()
    };
    let store: Vec<String> = inputs
        .store_trouble
        .map(|trouble| format!("The store is in trouble: {trouble}."))
        .into_iter()
        .collect();
    let training: Vec<String> = moved(Severity::Severe)
        .into_iter()
        .chain(unsure(inputs, floor))
        .chain(due(inputs))
        .collect();
    let retrain_suggested = !training.is_empty();
    let candidates = [
        (HealthState::StoreTrouble, store),
        (HealthState::TrainingRequired, training),
        (HealthState::DriftDetected, moved(Severity::Moderate)),
        (HealthState::NotEnoughData, too_few(inputs.drift).into_iter().collect()),
    ];
    let (state, reasons) = candidates
        .into_iter()
        .find(|(_, reasons)| !reasons.is_empty())
        .unwrap_or_else(|| (HealthState::Healthy, vec![quiet(inputs.drift)]));
    Health {
        state,
        label: label(state, inputs.drift),
        reasons,
        retrain_suggested,
    }
}

fn label(state: HealthState, drift: &DriftReport) -> String {
    match state {
        HealthState::StoreTrouble => "Store Trouble".to_owned(),
        HealthState::TrainingRequired => "Training Required".to_owned(),
        HealthState::DriftDetected => "Drift Detected".to_owned(),
        HealthState::NotEnoughData => format!("Not enough data ({} of {})", drift.n, drift.min_samples),
        HealthState::Healthy => "Healthy".to_owned(),
    }
}

fn describe(feature: &FeatureDrift) -> String {
    let before = if feature.is_habit() {
        "what came before"
    } else {
        "training"
    };
    format!(
        "`{}` differs from {before}: PSI {:.2}, corrected p {}, {} values.",
        feature.feature,
        feature.score.unwrap_or_default(),
        probability(feature.p_value.unwrap_or(1.0)),
        feature.n,
    )
}

fn probability(p_value: f64) -> String {
    if p_value < 0.001 {
        "under 0.001".to_owned()
    } else {
        format!("{p_value:.3}")
    }
}

fn unsure(inputs: &HealthInputs, floor: f64) -> Option<String> {
    let drift = inputs.drift;
    let mean = drift
        .mean_confidence
        .filter(|mean| drift.n >= drift.min_samples && *mean < floor)?;
    Some(format!(
        "The mean confidence of the window's verdicts is {mean:.2}, under {floor:.2}."
    ))
}

fn due(inputs: &HealthInputs) -> Option<String> {
    let (waiting, threshold) = (inputs.corrections_waiting, inputs.retrain_threshold);
    let noun = if waiting == 1 {
        "correction waits"
    } else {
        "corrections wait"
    };
    (threshold > 0 && waiting >= threshold)
        .then(|| format!("{waiting} {noun} to be learned from; a new model is due at {threshold}."))
}

fn too_few(drift: &DriftReport) -> Option<String> {
    let noun = if drift.n == 1 { "event" } else { "events" };
    (drift.n < drift.min_samples).then(|| {
        format!(
            "The window holds {} {noun}; drift is judged from {} on.",
            drift.n, drift.min_samples
        )
    })
}

fn quiet(drift: &DriftReport) -> String {
    let largest = drift
        .features
        .iter()
        .filter_map(|feature| Some((feature.feature.as_str(), feature.score?)))
        .max_by(|one, other| one.1.total_cmp(&other.1));
    match largest {
        Some((feature, score)) => format!(
            "No watched feature differs from training: over {} events the largest PSI, {score:.2} of `{feature}`, is no more than chance or too small to matter.",
            drift.n
        ),
        None => format!(
            "No watched feature could be judged over {} events: training left no baseline.",
            drift.n
        ),
    }
}

/// `[retrain]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetrainSettings {
    /// Corrections from which a new model is suggested.
    pub threshold: u64,
    /// Whether it is then trained without anybody asking; the gate decides in any case.
    pub auto: bool,
}

impl Default for RetrainSettings {
    fn default() -> Self {
        Self {
            threshold: 100,
            auto: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::Method;

    fn feature(name: &str, score: f64, p_value: f64, severity: Severity) -> FeatureDrift {
        FeatureDrift {
            feature: name.to_owned(),
            method: Method::Psi,
            score: Some(score),
            p_value: Some(p_value),
            severity,
            is_drifted: severity >= Severity::Moderate,
            n: 100,
            bins: Vec::new(),
            reference: Vec::new(),
            live: Vec::new(),
        }
    }

    fn report(n: usize, confidence: f64, features: Vec<FeatureDrift>) -> DriftReport {
        DriftReport {
            at: None,
            n,
            window: 100,
            min_samples: 50,
            mean_confidence: Some(confidence),
            performance: None,
            features,
        }
    }

    fn inputs(drift: &DriftReport) -> HealthInputs<'_> {
        HealthInputs {
            drift,
            corrections_waiting: 0,
            retrain_threshold: 100,
            store_trouble: None,
        }
    }

    fn severe() -> FeatureDrift {
        feature("confidence", 0.41, 0.000_3, Severity::Severe)
    }

    fn moderate() -> FeatureDrift {
        feature("queue_duration_sec", 0.15, 0.02, Severity::Moderate)
    }

    #[test]
    fn a_store_in_trouble_comes_before_everything() {
        let drift = report(100, 0.1, vec![severe(), moderate()]);
        let health = assess(&HealthInputs {
            store_trouble: Some("disk full"),
            ..inputs(&drift)
        });
        assert_eq!(
            (health.state, health.label.as_str()),
            (HealthState::StoreTrouble, "Store Trouble")
        );
        assert_eq!(health.reasons, ["The store is in trouble: disk full."]);
    }

    #[test]
    fn a_severe_feature_asks_for_training_and_says_its_figures() {
        let health = assess(&inputs(&report(100, 0.9, vec![severe(), moderate()])));
        assert_eq!(
            (health.label.as_str(), health.retrain_suggested),
            ("Training Required", true)
        );
        assert_eq!(
            health.reasons,
            ["`confidence` differs from training: PSI 0.41, corrected p under 0.001, 100 values."]
        );
    }

    #[test]
    fn low_confidence_counts_only_with_enough_events() {
        assert_eq!(
            assess(&inputs(&report(50, 0.44, vec![]))).state,
            HealthState::TrainingRequired
        );
        assert_eq!(
            assess(&inputs(&report(49, 0.10, vec![]))).state,
            HealthState::NotEnoughData
        );
        assert_eq!(assess(&inputs(&report(50, 0.45, vec![]))).state, HealthState::Healthy);
    }

    #[test]
    fn enough_corrections_ask_for_training_however_few_events_there_are() {
        let drift = report(3, 0.9, vec![]);
        let health = assess(&HealthInputs {
            corrections_waiting: 100,
            ..inputs(&drift)
        });
        assert_eq!(health.state, HealthState::TrainingRequired);
        assert_eq!(
            health.reasons,
            ["100 corrections wait to be learned from; a new model is due at 100."]
        );
        let health = assess(&HealthInputs {
            corrections_waiting: 99,
            ..inputs(&drift)
        });
        assert_eq!(health.state, HealthState::NotEnoughData);
    }

    #[test]
    fn a_moderate_feature_is_drift_and_no_reason_to_train() {
        let health = assess(&inputs(&report(100, 0.9, vec![moderate()])));
        assert_eq!(
            (health.label.as_str(), health.retrain_suggested),
            ("Drift Detected", false)
        );
    }

    #[test]
    fn a_new_habit_is_drift_however_far_it_moved() {
        let moved = feature("ci_tool", 3.2, 0.000_1, Severity::Severe);
        let health = assess(&inputs(&report(100, 0.9, vec![moved])));
        assert_eq!(
            (health.label.as_str(), health.retrain_suggested),
            ("Drift Detected", false)
        );
        assert!(health.reasons[0].contains("`ci_tool` differs from what came before"));
    }

    #[test]
    fn too_few_events_are_counted_out_on_the_badge() {
        let health = assess(&inputs(&report(37, 0.9, vec![])));
        assert_eq!(health.label, "Not enough data (37 of 50)");
        assert_eq!(
            health.reasons,
            ["The window holds 37 events; drift is judged from 50 on."]
        );
        let health = assess(&inputs(&report(1, 0.9, vec![])));
        assert_eq!(
            health.reasons,
            ["The window holds 1 event; drift is judged from 50 on."]
        );
    }

    #[test]
    fn health_names_the_largest_psi_it_looked_at() {
        let health = assess(&inputs(&report(
            100,
            0.9,
            vec![feature("log_lines", 0.07, 0.9, Severity::None)],
        )));
        assert_eq!(health.label, "Healthy");
        assert!(
            health.reasons[0].contains("0.07 of `log_lines`"),
            "{}",
            health.reasons[0]
        );
    }

    #[test]
    fn what_was_raised_is_held_until_it_is_well_below_its_level() {
        let settings = DriftSettings::default();
        let settled = |previous, score, p_value| {
            let drift = report(100, 0.9, vec![feature("log_lines", score, p_value, Severity::None)]);
            settle(previous, &inputs(&drift), &settings).state
        };
        assert_eq!(settled(HealthState::Healthy, 0.09, 0.05), HealthState::Healthy);
        assert_eq!(
            settled(HealthState::DriftDetected, 0.09, 0.05),
            HealthState::DriftDetected
        );
        assert_eq!(settled(HealthState::DriftDetected, 0.07, 0.05), HealthState::Healthy);
        assert_eq!(settled(HealthState::DriftDetected, 0.09, 0.11), HealthState::Healthy);
        assert_eq!(
            settled(HealthState::TrainingRequired, 0.21, 0.05),
            HealthState::TrainingRequired
        );
        assert_eq!(
            settled(HealthState::TrainingRequired, 0.15, 0.05),
            HealthState::DriftDetected
        );
    }

    #[test]
    fn low_confidence_is_held_up_to_a_higher_level() {
        let drift = report(100, 0.48, vec![]);
        let settled = |previous| settle(previous, &inputs(&drift), &DriftSettings::default()).state;
        assert_eq!(settled(HealthState::Healthy), HealthState::Healthy);
        assert_eq!(settled(HealthState::TrainingRequired), HealthState::TrainingRequired);
    }
}
