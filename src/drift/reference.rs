//! The training baseline: frozen bins of every watched feature, and how often each was hit.

use serde::{Deserialize, Serialize};

/// How a watched feature is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Numbers, in quantile bins.
    Number,
    /// Words of a small set.
    Category,
}

/// The watched features, in the order of every [`super::Watched`].
pub const WATCHED: [(&str, Kind); 16] = [
    ("predicted_class", Kind::Category),
    ("uncertain", Kind::Category),
    ("failure_stage", Kind::Category),
    ("confidence", Kind::Number),
    ("unseen_words", Kind::Number),
    ("missing_share", Kind::Number),
    ("evidence_lines", Kind::Number),
    ("log_lines", Kind::Number),
    ("build_duration_sec", Kind::Number),
    ("test_duration_sec", Kind::Number),
    ("deploy_duration_sec", Kind::Number),
    ("job_duration_sec", Kind::Number),
    ("queue_duration_sec", Kind::Number),
    ("cpu_usage_pct", Kind::Number),
    ("memory_usage_mb", Kind::Number),
    ("retry_count", Kind::Number),
];

/// To come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ReferenceProfile {}

impl ReferenceProfile {
    /// To come.
    #[must_use]
    pub fn fit(_rows: &[(crate::verdict::DecidedFrom, super::Watched)], _bins: usize) -> Self {
        Self {}
    }
}
