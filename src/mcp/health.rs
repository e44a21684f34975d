//! `get_health`, `get_drift_report`, `get_feedback_stats`: how the model and its house are doing.

use std::sync::Arc;

use jiff::Timestamp;
use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Serialize;

use super::answer::{ClassName, CorrectionAnswer, ProposalAnswer, rounded};
use super::arguments::Arguments;
use super::door::AgentDoor;
use super::fence;
use super::refused::Refused;
use super::tool::structured;
use crate::app::snapshot::Snapshot;
use crate::class::FailureClass;
use crate::correction::{Feedback, agreement};
use crate::drift::performance::Performance;
use crate::drift::{DriftReport, FeatureDrift, Method};

/// Waiting proposals that are shown.
const MAX_PROPOSALS: usize = 20;

/// Bytes of the last trouble that are shown.
const TROUBLE_BYTES: usize = 300;

/// Bytes of a feature's name.
const FEATURE_BYTES: usize = 100;

/// No arguments.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct NoArguments {}

fn no_arguments(arguments: JsonObject) -> Result<(), Refused> {
    Arguments::new(arguments, &[]).finish(Some(()))
}

/// The badge, in words and with its reasons.
#[derive(Serialize, JsonSchema)]
pub(super) struct HealthAnswer {
    /// `Store Trouble`, `Training Required`, `Drift Detected`, `Not enough data (n of m)` or `Healthy`.
    label: String,
    /// Why, a sentence each.
    reasons: Vec<String>,
    /// Whether a new model would help.
    retrain_suggested: bool,
    model_version: String,
    #[schemars(with = "String")]
    started_at: Timestamp,
    /// Failures in the history.
    failures: u64,
    /// Verdicts given, revisions among them.
    inferences: u64,
    /// Requests being carried out or waiting.
    in_flight: usize,
    /// Proposals that wait for a person.
    proposals_waiting: u64,
    /// The last trouble worth a person's eye.
    last_trouble: Option<String>,
}

/// Answers how the tower is.
pub(super) async fn get_health(door: &AgentDoor, arguments: JsonObject) -> Result<CallToolResult, Refused> {
    no_arguments(arguments)?;
    let totals = door.handle.query().totals().await?;
    let snapshot = snapshot(door);
    let health = &snapshot.health;
    let trouble = snapshot.trouble.as_ref();
    Ok(structured(&HealthAnswer {
        label: health.label.clone(),
        reasons: health.reasons.iter().map(|reason| fence::visible(reason)).collect(),
        retrain_suggested: health.retrain_suggested,
        model_version: snapshot.model_version.clone(),
        started_at: snapshot.started_at,
        failures: totals.failures,
        inferences: totals.inferences,
        in_flight: snapshot.in_flight,
        proposals_waiting: totals.proposals,
        last_trouble: trouble.map(|(at, what)| fence::name(&format!("{at}: {what}"), TROUBLE_BYTES)),
    }))
}

fn snapshot(door: &AgentDoor) -> Arc<Snapshot> {
    Arc::clone(&door.handle.watch().borrow())
}

/// Which features.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read")]
pub(super) struct DriftArguments {
    /// One watched feature, with its bins; all without them where it is left out.
    feature: Option<String>,
    /// Only features that are drifted.
    only_drifted: Option<bool>,
}

/// How far what arrives lies from what the model was trained on.
#[derive(Serialize, JsonSchema)]
pub(super) struct DriftAnswer {
    /// When the window's last event arrived; null while it is empty.
    #[schemars(with = "Option<String>")]
    at: Option<Timestamp>,
    /// Events in the window.
    n: usize,
    /// How many it holds when full.
    window: usize,
    /// Under this many nothing is said.
    min_samples: usize,
    mean_confidence: Option<f64>,
    /// How right the window is: expected from calibrated confidence, and observed where people spoke.
    performance: Option<Performance>,
    /// Features that are drifted.
    features_drifted: usize,
    /// Largest PSI of a feature with enough data.
    largest_psi: Option<f64>,
    features: Vec<FeatureAnswer>,
}

/// The drift of one watched feature.
#[derive(Serialize, JsonSchema)]
struct FeatureAnswer {
    feature: String,
    /// `psi` for a number, `chi_square` for a category: what the p-value comes from.
    method: &'static str,
    /// Population stability index.
    score: Option<f64>,
    /// Corrected for the number of features.
    p_value: Option<f64>,
    /// `not_enough_data`, `none`, `moderate` or `severe`.
    severity: &'static str,
    is_drifted: bool,
    /// Values in the window.
    n: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bins: Vec<BinAnswer>,
}

/// One bin of a feature.
#[derive(Serialize, JsonSchema)]
struct BinAnswer {
    bin: String,
    /// Share in training.
    reference: f64,
    /// Share in the window.
    live: f64,
}

/// Answers the drift report.
pub(super) fn get_drift_report(door: &AgentDoor, arguments: JsonObject) -> Result<CallToolResult, Refused> {
    let mut given = Arguments::new(arguments, &["feature", "only_drifted"]);
    let (one, only_drifted) = (given.text("feature", FEATURE_BYTES), given.flag("only_drifted"));
    given.finish(Some(()))?;
    let report = Arc::clone(&snapshot(door).drift);
    Ok(structured(&drift(&report, one.as_deref(), only_drifted)?))
}

fn drift(report: &DriftReport, one: Option<&str>, only_drifted: bool) -> Result<DriftAnswer, Refused> {
    let known = |name: &&str| report.features.iter().any(|feature| feature.feature == **name);
    if let Some(unknown) = one.filter(|name| !known(name)) {
        let names: Vec<&str> = report.features.iter().map(|feature| feature.feature.as_str()).collect();
        return Err(Refused::arguments(vec![format!(
            "feature: `{unknown}` is not watched; watched are {}",
            names.join(", ")
        )]));
    }
    let wanted = |feature: &&FeatureDrift| {
        one.is_none_or(|name| feature.feature == name) && (feature.is_drifted || !only_drifted)
    };
    Ok(DriftAnswer {
        at: report.at,
        n: report.n,
        window: report.window,
        min_samples: report.min_samples,
        mean_confidence: report.mean_confidence.map(rounded),
        performance: report.performance,
        features_drifted: report.drifted(),
        largest_psi: report.largest_psi().map(rounded),
        features: report
            .features
            .iter()
            .filter(wanted)
            .map(|feature| feature_answer(feature, one.is_some()))
            .collect(),
    })
}

fn feature_answer(drift: &FeatureDrift, with_bins: bool) -> FeatureAnswer {
    let shares = drift
        .bins
        .iter()
        .zip(&drift.reference)
        .zip(&drift.live)
        .filter(|_| with_bins);
    let bin = |((bin, reference), live): ((&String, &f64), &f64)| BinAnswer {
        bin: fence::name(bin, FEATURE_BYTES),
        reference: rounded(*reference),
        live: rounded(*live),
    };
    FeatureAnswer {
        feature: drift.feature.clone(),
        method: match drift.method {
            Method::Psi => "psi",
            Method::ChiSquare => "chi_square",
        },
        score: drift.score.map(rounded),
        p_value: drift.p_value.map(rounded),
        severity: drift.severity.name(),
        is_drifted: drift.is_drifted,
        n: drift.n,
        bins: shares.map(bin).collect(),
    }
}

/// What people made of the verdicts.
#[derive(Serialize, JsonSchema)]
pub(super) struct FeedbackAnswer {
    /// Failures in the history.
    failures: u64,
    /// Failures whose verdict is uncertain.
    uncertain: u64,
    /// Corrections that stand.
    corrections: u64,
    /// Share of verdicts that stood among those that people answered; null while there is none.
    agreement: Option<f64>,
    /// How often a prediction was answered with a label, most often first.
    answers: Vec<AnswerCount>,
    /// Failures by label.
    by_label: Vec<LabelCount>,
    /// The newest correction that stands.
    latest: Option<CorrectionAnswer>,
    /// Proposals that wait for a person.
    proposals_waiting: u64,
    /// The oldest of them.
    proposals: Vec<ProposalAnswer>,
    /// What becomes of `submit_human_correction` here: `off`, `propose` or `apply`.
    write_mode: &'static str,
}

/// How often a prediction was answered with a label.
#[derive(Serialize, JsonSchema)]
struct AnswerCount {
    prediction: ClassName,
    label: ClassName,
    count: u64,
}

impl From<&Feedback> for AnswerCount {
    fn from(feedback: &Feedback) -> Self {
        let Feedback {
            prediction,
            label,
            count,
        } = *feedback;
        Self {
            prediction: ClassName(prediction),
            label: ClassName(label),
            count,
        }
    }
}

/// How many failures have a label.
#[derive(Serialize, JsonSchema)]
struct LabelCount {
    label: ClassName,
    count: u64,
}

/// Answers what people made of the verdicts.
pub(super) async fn get_feedback_stats(door: &AgentDoor, arguments: JsonObject) -> Result<CallToolResult, Refused> {
    no_arguments(arguments)?;
    let store = door.handle.query();
    let (totals, feedback) = (store.totals().await?, store.feedback().await?);
    let (latest, proposals) = (
        store.latest_correction().await?,
        store.proposals(None, MAX_PROPOSALS).await?,
    );
    let by_label = FailureClass::ALL.map(|class| LabelCount {
        label: ClassName(class),
        count: totals.by_class[class.index()],
    });
    Ok(structured(&FeedbackAnswer {
        failures: totals.failures,
        uncertain: totals.uncertain,
        corrections: totals.corrections,
        agreement: agreement(&feedback).map(rounded),
        answers: feedback.iter().map(AnswerCount::from).collect(),
        by_label: by_label.into_iter().filter(|row| row.count > 0).collect(),
        latest: latest.as_ref().map(CorrectionAnswer::from),
        proposals_waiting: totals.proposals,
        proposals: proposals.iter().map(ProposalAnswer::from).collect(),
        write_mode: door.write.name(),
    }))
}
