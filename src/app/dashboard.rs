//! The tower at a glance, as programs and agents read it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::snapshot::Snapshot;
use crate::class::FailureClass;
use crate::correction::{Feedback, Voice, agreement};
use crate::drift::performance::Performance;
use crate::drift::{DriftReport, FeatureDrift, Method, Severity};
use crate::health::Health;
use crate::store::{Store, StoreError, Totals};

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
    /// What people made of the verdicts; left out of the stream of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    feedback: Option<People>,
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

/// What people made of the verdicts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct People {
    /// Share of verdicts that stood among those that people answered; `null` while they answered none.
    agreement: Option<f64>,
    /// Corrections that stand, by the class that they say.
    by_class: BTreeMap<FailureClass, u64>,
    /// Corrections that stand, by who says so: the most first, at most 50.
    by_author: Vec<ByAuthor>,
}

/// The corrections of one person.
#[derive(Debug, Serialize, JsonSchema)]
struct ByAuthor {
    author: String,
    corrections: u64,
}

/// People that are told of.
const SHOWN_AUTHORS: usize = 50;

impl People {
    /// Reads it from the store.
    ///
    /// # Errors
    /// When that cannot be read.
    pub async fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let (feedback, voices) = (store.feedback().await?, store.voices().await?);
        Ok(Self::new(&feedback, &voices))
    }

    fn new(feedback: &[Feedback], voices: &[Voice]) -> Self {
        let (mut by_class, mut by_author) = (BTreeMap::new(), BTreeMap::<&str, u64>::new());
        for voice in voices {
            *by_class.entry(voice.label).or_default() += voice.count;
            *by_author.entry(&voice.person).or_default() += voice.count;
        }
        let mut by_author: Vec<ByAuthor> = by_author
            .into_iter()
            .map(|(author, corrections)| ByAuthor {
                author: author.to_owned(),
                corrections,
            })
            .collect();
        by_author.sort_by_key(|author| std::cmp::Reverse(author.corrections));
        by_author.truncate(SHOWN_AUTHORS);
        Self {
            agreement: agreement(feedback),
            by_class,
            by_author,
        }
    }
}

/// Reads it off a snapshot. Counts come from the store and not from the snapshot: who was just answered finds it counted.
#[must_use]
pub fn at_a_glance<'a>(snapshot: &'a Snapshot, totals: &Totals, feedback: Option<People>) -> Dashboard<'a> {
    let drift = &snapshot.drift;
    Dashboard {
        health: health(&snapshot.health, drift),
        drift_heatmap: drift.features.iter().map(HeatMapCell::from).collect(),
        performance: drift.performance,
        model_version: &snapshot.model_version,
        feedback_count: totals.corrections,
        feedback,
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
