//! The columns of flat formats: the fields of a row, in the order of the verdict and then of the database.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A list, an object, or any value, as JSON.
    Json,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// Yes or no.
    Truth,
    /// A moment, RFC 3339 in texts.
    Time,
}

use Kind::{Json, Number, Text, Time, Truth, Whole};

/// Name and kind of each. Every one may be missing in a row.
pub(super) const COLUMNS: [(&str, Kind); 43] = [
    ("id", Whole),
    ("timestamp", Time),
    ("event_source", Text),
    ("repository", Text),
    ("workflow", Text),
    ("job", Text),
    ("prediction", Text),
    ("label", Text),
    ("confidence", Number),
    ("uncertain", Truth),
    ("uncertain_reason", Text),
    ("prediction_set", Json),
    ("coverage", Number),
    ("probabilities", Json),
    ("evidence", Json),
    ("top_contributing_features", Json),
    ("fingerprint", Text),
    ("decided_from", Text),
    ("log_state", Text),
    ("corrected_by", Text),
    ("model_version", Text),
    ("latency_us", Whole),
    ("input_id", Json),
    ("metrics_payload", Json),
    ("raw_sha256", Text),
    ("confidence_score", Number),
    ("psi_drift_stat", Number),
    ("revision", Whole),
    ("delivery_id", Text),
    ("host", Text),
    ("repository_id", Whole),
    ("run_id", Whole),
    ("attempt", Whole),
    ("job_id", Whole),
    ("failed_at", Time),
    ("conclusion", Text),
    ("failed_steps", Json),
    ("branch", Text),
    ("head_sha", Text),
    ("author", Text),
    ("url", Text),
    ("runner_labels", Json),
    ("message", Text),
];
