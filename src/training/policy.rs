//! When a new model is due without anybody asking.

use serde::{Deserialize, Serialize};

/// Corrections without which severe drift alone starts nothing: fewer teach nothing that the gate could see.
pub const MIN_CORRECTIONS_IN_DRIFT: u64 = 20;

/// All that the policy depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyInputs {
    /// Corrections that no training has seen.
    pub waiting: u64,
    /// `retrain.threshold`.
    pub threshold: u64,
    /// Whether a watched feature moved far.
    pub severe_drift: bool,
}

/// Why a new model is due; `None` while it is not.
#[must_use]
pub fn due(inputs: PolicyInputs) -> Option<String> {
    let PolicyInputs {
        waiting,
        threshold,
        severe_drift,
    } = inputs;
    if threshold > 0 && waiting >= threshold {
        Some(format!("{waiting} corrections wait (retrain.threshold = {threshold})"))
    } else if severe_drift && waiting >= MIN_CORRECTIONS_IN_DRIFT {
        Some(format!("severe drift, and {waiting} corrections wait"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_due_at_the_threshold_or_in_severe_drift_with_corrections() {
        let inputs = |waiting, severe_drift| PolicyInputs {
            waiting,
            threshold: 100,
            severe_drift,
        };
        assert_eq!(due(inputs(99, false)), None);
        assert!(due(inputs(100, false)).is_some_and(|why| why.contains("100 corrections")));
        assert_eq!(due(inputs(MIN_CORRECTIONS_IN_DRIFT - 1, true)), None);
        assert!(due(inputs(MIN_CORRECTIONS_IN_DRIFT, true)).is_some_and(|why| why.contains("severe drift")));
        assert_eq!(
            due(PolicyInputs {
                threshold: 0,
                ..inputs(1_000, false)
            }),
            None
        );
    }
}
