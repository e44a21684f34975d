//! The one pipeline: clean, extract, encode, score, decide. Server, commands, training and evaluation all call it.

use crate::bundle::Bundle;
use crate::drift::Watched;
use crate::features::FeatureVector;
use crate::ingest::FailedJob;
use crate::verdict::{Contribution, Verdict};

/// A verdict and what else was learned on the way to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The answer; `id`, `input_id` and `latency_us` are the caller's to fill in.
    pub verdict: Verdict,
    /// What drift watches.
    pub watched: Watched,
    /// What the model read.
    pub features: FeatureVector,
}

/// Why a failure could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// LightGBM said no.
    #[error("LightGBM: {0}")]
    Model(String),
}

/// Judges a job, with its log where there is one.
///
/// The log is decompressed, as received. Same bytes, same model: same verdict.
///
/// # Errors
/// When LightGBM refuses the feature vector.
pub fn judge(job: &FailedJob, log: Option<&[u8]>, bundle: &Bundle) -> Result<Judged, JudgeError> {
    let _ = (job, log, bundle);
    Err(JudgeError::Model("not built yet".into()))
}

/// Exact SHAP contributions to the score of the predicted class, largest first, at most ten.
///
/// # Errors
/// When the vector belongs to another schema, or LightGBM refuses it.
pub fn explain(features: &FeatureVector, verdict: &Verdict, bundle: &Bundle) -> Result<Vec<Contribution>, JudgeError> {
    let _ = (features, verdict, bundle);
    Err(JudgeError::Model("not built yet".into()))
}
