//! Examples of answers, made by the types themselves wherever there is one.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::known_issues::KnownIssue;
use crate::app::retraining::{Ending, Finished, Retraining, Running, Stage};
use crate::app::row::{Group, Row, RowInDetail};
use crate::class::FailureClass;
use crate::collect::BackfillProgress;
use crate::correction::{Correction, Decision, Proposal, StoredCorrection, StoredProposal};
use crate::drift::performance::estimate;
use crate::drift::{DriftReport, FeatureDrift, Method, Severity, Watched};
use crate::evidence::{Excerpt, Fingerprint};
use crate::ingest::{EventSource, FailedJob, RowKey};
use crate::registry::{Action, Entry, ModelInfo, RegistryView};
use crate::store::{Failure, Novelty, PassedLater, Sightings};
use crate::verdict::{COVERAGE, Contribution, DecidedFrom, LogState, Reason, Verdict};

/// A record to be judged.
pub(super) fn record() -> Value {
    json!({
        "log": "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree\n",
        "repository": "acme/web",
        "failure_stage": "build",
        "build_duration_sec": 41.5,
    })
}

/// A correction.
pub(super) fn new_correction() -> Value {
    json!({ "corrected_label": "dependency-error", "note": "a peer that was never released" })
}

/// The verdict on [`record`].
pub(super) fn verdict() -> Value {
    value(&failure().verdict)
}

/// A page of one row.
pub(super) fn page() -> Value {
    json!({ "items": [value(&Row::from(&failure()))], "next_cursor": "1790000000000000000-4711" })
}

/// One row in detail.
pub(super) fn detail() -> Value {
    let (row, corrections) = (failure(), [correction()]);
    value(&RowInDetail {
        row: Row::from(&row),
        corrections: &corrections,
        disputed: false,
        group: row.verdict.fingerprint.as_ref().map(|shared| Group {
            fingerprint: &shared.0,
            size: 3,
        }),
        seen: Some(Sightings {
            count: 3,
            first_seen: at(),
            last_seen: at(),
            repositories: 2,
            novelty: Novelty::Seen,
            outage: false,
        }),
        flaky: true,
        passed_later: Some(PassedLater {
            rerun: 1,
            of: 2,
            run_id: None,
            at: at(),
        }),
        known_issue: Some(KnownIssue {
            pattern: "ERESOLVE".into(),
            link: Some("https://github.com/acme/web/issues/7".into()),
            note: Some("a peer that was never released".into()),
            expires: None,
        }),
    })
}

/// A correction that was stored.
pub(super) fn corrected() -> Value {
    json!({ "correction": value(&correction()), "failure": value(&Row::from(&failure())) })
}

/// A step into the past.
pub(super) fn backfill() -> Value {
    value(&BackfillProgress {
        repository: "octo/hello".into(),
        reached: at(),
        runs: 41,
        found: 3,
        logs_waiting: 3,
        done: false,
        limited_until: None,
    })
}

/// A report of one feature.
pub(super) fn drift() -> Value {
    let report = DriftReport {
        at: Some(at()),
        n: 100,
        window: 100,
        min_samples: 50,
        mean_confidence: Some(0.87),
        performance: estimate(&[0.87; 100], std::iter::empty()),
        features: vec![FeatureDrift {
            feature: "uncertain".into(),
            method: Method::ChiSquare,
            score: Some(0.02),
            p_value: Some(0.61),
            severity: Severity::None,
            is_drifted: false,
            n: 100,
            bins: vec!["no".into(), "yes".into(), "missing".into()],
            reference: vec![0.9, 0.1, 0.0],
            live: vec![0.88, 0.12, 0.0],
        }],
    };
    let mut answer = value(&report);
    answer["health"] = json!({
        "state": "Healthy",
        "label": "Healthy",
        "reasons": ["No watched feature differs from training: over 100 events the largest PSI, 0.02 of `uncertain`, \
                     is no more than chance or too small to matter."],
        "retrain_suggested": false,
    });
    answer
}

/// The tower at a glance.
pub(super) fn dashboard() -> Value {
    json!({
        "health": {
            "label": "Not enough data (12 of 50)",
            "reasons": ["The window holds 12 events; drift is judged from 50 on."],
            "retrain_suggested": false,
            "features_drifted": 0,
            "total_features": 1,
            "last_drift_check": value(&at()),
        },
        "performance": value(&estimate(&[0.87; 12], std::iter::empty())),
        "drift_heatmap": [{
            "feature": "confidence",
            "method": "psi",
            "score": null,
            "p_value": null,
            "severity": "not_enough_data",
            "is_drifted": false,
            "n": 12,
        }],
        "model_version": "v1",
        "feedback_count": 1,
        "feedback": {
            "agreement": 0.0,
            "by_class": { "Timeout": 1 },
            "by_author": [{ "author": "ada", "corrections": 1 }],
        },
        "inference_count": 13,
    })
}

/// The registry with the model that came with the program.
pub(super) fn registry() -> Value {
    let entry = Entry {
        seq: 1,
        at: at(),
        action: Action::Installed,
        version: "v1".into(),
        previous: None,
        actor: "sentinel".into(),
        reason: "came with this build of the program".into(),
        corrections: 0,
        manifest_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        content: "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".into(),
        before: "0".repeat(64),
    };
    let model = ModelInfo {
        version: "v1".into(),
        live: true,
        at: Some(at()),
        came: Some(Action::Installed),
        sealed: false,
        card: None,
        decision: None,
    };
    value(&RegistryView {
        champion: "v1".into(),
        notice: None,
        models: vec![model],
        ledger: vec![entry],
    })
}

/// A retraining under way, or one that was cancelled.
pub(super) fn retraining(runs: bool) -> Value {
    let (actor, reason) = ("ada".to_owned(), "enough corrections of the new scanner".to_owned());
    let running = Running {
        started_at: at(),
        actor: actor.clone(),
        reason: reason.clone(),
        stage: Stage::Fitting,
        done: 120,
        of: 600,
    };
    let last = Finished {
        at: at(),
        started_at: at(),
        actor,
        reason,
        ending: Ending::Cancelled,
        because: vec!["cancelled; nothing has changed".into()],
        decision: None,
    };
    value(&Retraining {
        running: runs.then_some(running),
        last: (!runs).then_some(last),
    })
}

fn at() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap_or_default()
}

fn failure() -> Failure {
    let mut job = FailedJob::unknown(EventSource::Api, at());
    job.key = RowKey::Own;
    job.repository = Some("acme/web".into());
    job.categories.failure_stage = Some("build".into());
    job.measurements.build_duration_sec = Some(41.5);
    Failure {
        timestamp: at(),
        revision: 1,
        psi_drift_stat: None,
        delivery_id: None,
        raw_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
        job,
        verdict: judged(),
        watched: Watched::default(),
        read_from: DecidedFrom::Log,
    }
}

fn judged() -> Verdict {
    let class = FailureClass::Dependency;
    Verdict {
        id: Some(4711),
        input_id: None,
        prediction: class,
        label: class,
        confidence: 0.955,
        uncertain: false,
        uncertain_reason: None,
        prediction_set: vec![class],
        coverage: COVERAGE,
        probabilities: FailureClass::ALL.map(|other| if other == class { 0.955 } else { 0.005 }),
        evidence: vec![Excerpt {
            line: 1,
            start: 0,
            end: 22,
            text: "npm ERR! code ERESOLVE".into(),
            member: None,
        }],
        top_contributing_features: vec![Contribution {
            feature: "signals_dependency_error".into(),
            value: Some(9.0),
            contribution: 1.42,
        }],
        reasons: vec![Reason {
            sentence: "Line 1 speaks for Dependency Error".into(),
            contribution: 1.42,
            lines: vec![1],
        }],
        fingerprint: Some(Fingerprint("f1:3b9c5d0e7a114f2280c96b1d".into())),
        decided_from: DecidedFrom::Log,
        log_state: LogState::Ok,
        corrected_by: None,
        model_version: "v1".into(),
        latency_us: 180,
    }
}

/// A proposal that waits.
pub(super) fn proposals() -> Value {
    json!({ "items": [value(&proposal(None))] })
}

/// A proposal that was turned down.
pub(super) fn rejected() -> Value {
    let decision = Decision {
        at: at(),
        actor: "ada".into(),
        correction: None,
    };
    value(&proposal(Some(decision)))
}

fn proposal(decision: Option<Decision>) -> StoredProposal {
    StoredProposal {
        id: 3,
        failure_id: 4711,
        at: at(),
        decision,
        proposal: Proposal {
            label: FailureClass::Dependency,
            note: Some("the peer range excludes react 19".into()),
            actor: "claude via MCP".into(),
        },
    }
}

fn correction() -> StoredCorrection {
    StoredCorrection {
        id: 12,
        failure_id: 4711,
        at: at(),
        from: FailureClass::Build,
        undone_at: None,
        correction: Correction {
            label: FailureClass::Dependency,
            note: Some("a peer that was never released".into()),
            author: None,
            actor: "ada".into(),
        },
    }
}

fn value(written: &impl Serialize) -> Value {
    serde_json::to_value(written).unwrap_or_default()
}
