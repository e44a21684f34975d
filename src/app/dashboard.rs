//! The tower at a glance, as programs and agents read it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::snapshot::Snapshot;
use crate::drift::performance::Performance;
use crate::drift::{DriftReport, FeatureDrift, Method, Severity};
use crate::health::Health;
use crate::store::Totals;

/// Health, the drift of every watched feature, the live model, counts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Dashboard<'a> {
    health: HealthAtAGlance<'a>,
    drift_heatmap: Vec<HeatMapCell<'a>>,
    /// How right the window is; `null` while it is empty.
    performance: Option<Performance>,
    model_version: &'a str,
    /// Corrections that count.
    feedback_count: u64,
    /// Verdicts, revisions among them.
    inference_count: u64,
}

/// The badge, why it says so, and how many features have drifted.
#[derive(Debug, Serialize, JsonSchema)]
struct HealthAtAGlance<'a> {
    label: &'a str,
    reasons: &'a [String],
    retrain_suggested: bool,
    features_drifted: usize,
    total_features: usize,
    /// When the last event of the window arrived; `null` while it is empty.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    last_drift_check: Option<Timestamp>,
}

/// A feature of the drift report without its bins.
#[derive(Debug, Serialize, JsonSchema)]
struct HeatMapCell<'a> {
    feature: &'a str,
    method: Method,
    /// Population stability index; `null` with too little data.
    score: Option<f64>,
    /// Corrected for the number of features; `null` with too little data.
    p_value: Option<f64>,
    severity: Severity,
    is_drifted: bool,
    /// Values in the window.
    n: usize,
}

/// Reads it off a snapshot. Counts come from the store and not from the snapshot: who was just answered finds it counted.
#[must_use]
pub fn at_a_glance<'a>(snapshot: &'a Snapshot, totals: &Totals) -> Dashboard<'a> {
    let drift = &snapshot.drift;
    Dashboard {
        health: health(&snapshot.health, drift),
        drift_heatmap: drift.features.iter().map(HeatMapCell::from).collect(),
        performance: drift.performance,
        model_version: &snapshot.model_version,
        feedback_count: totals.corrections,
        inference_count: totals.inferences,
    }
}

fn health<'a>(health: &'a Health, drift: &DriftReport) -> HealthAtAGlance<'a> {
    HealthAtAGlance {
        label: &health.label,
        reasons: &health.reasons,
        retrain_suggested: health.retrain_suggested,
        features_drifted: drift.drifted(),
        total_features: drift.features.len(),
        last_drift_check: drift.at,
    }
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
