//! The tower at a glance, as programs and agents read it.

use serde::Serialize;

use super::snapshot::Snapshot;
use crate::drift::{FeatureDrift, Method, Severity};
use crate::store::Totals;

/// Health, the drift of every watched feature, the live model, counts.
#[must_use]
pub fn at_a_glance(snapshot: &Snapshot, totals: &Totals) -> serde_json::Value {
    let (health, drift) = (&snapshot.health, &snapshot.drift);
    serde_json::json!({
        "health": {
            "label": health.label,
            "reasons": health.reasons,
            "retrain_suggested": health.retrain_suggested,
            "features_drifted": drift.drifted(),
            "total_features": drift.features.len(),
            "last_drift_check": drift.at,
        },
        "drift_heatmap": drift.features.iter().map(HeatMapCell::from).collect::<Vec<_>>(),
        "model_version": snapshot.model_version,
        "feedback_count": totals.corrections,
        "inference_count": totals.inferences,
    })
}

/// A feature of the drift report without its bins.
#[derive(Serialize)]
struct HeatMapCell<'a> {
    feature: &'a str,
    method: Method,
    score: Option<f64>,
    p_value: Option<f64>,
    severity: Severity,
    is_drifted: bool,
    n: usize,
}

impl<'a> From<&'a FeatureDrift> for HeatMapCell<'a> {
    fn from(drift: &'a FeatureDrift) -> Self {
        let FeatureDrift {
            feature,
            method,
            score,
            p_value,
            severity,
            is_drifted,
            n,
            ..
        } = drift;
        Self {
            feature,
            method: *method,
            score: *score,
            p_value: *p_value,
            severity: *severity,
            is_drifted: *is_drifted,
            n: *n,
        }
    }
}
