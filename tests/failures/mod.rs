//! Failures as stores and states get them.

use jiff::Timestamp;
use sentinel::class::{CLASS_COUNT, FailureClass};
use sentinel::drift::{Watched, WatchedValue};
use sentinel::features::FeatureVector;
use sentinel::ingest::{Conclusion, DeliveryId, EventSource, FailedJob, RowKey};
use sentinel::store::{NewDelivery, NewFailure};
use sentinel::verdict::{COVERAGE, DecidedFrom, LogState, Verdict};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

pub(crate) fn verdict(class: FailureClass) -> Verdict {
    let mut probabilities = [0.01; CLASS_COUNT];
    probabilities[class.index()] = 0.91;
    Verdict {
        id: None,
        input_id: None,
        prediction: class,
        label: class,
        confidence: 0.91,
        uncertain: false,
        uncertain_reason: None,
        prediction_set: vec![class],
        coverage: COVERAGE,
        probabilities,
        evidence: Vec::new(),
        top_contributing_features: Vec::new(),
        reasons: Vec::new(),
        fingerprint: None,
        decided_from: DecidedFrom::Payload,
        log_state: LogState::NotTried,
        corrected_by: None,
        model_version: "v1".into(),
        latency_us: 180,
    }
}

/// A record of its own.
pub(crate) fn record(second: i64, class: FailureClass) -> NewFailure {
    NewFailure {
        timestamp: at(second),
        job: FailedJob::unknown(EventSource::Api, at(second)),
        verdict: verdict(class),
        watched: Watched(vec![
            WatchedValue::Missing,
            WatchedValue::Number(0.1),
            WatchedValue::Category("x".into()),
        ]),
        features: FeatureVector {
            schema: "s1".into(),
            values: vec![0.0, f32::NAN, 1.5],
        },
        psi_drift_stat: Some(0.125),
        delivery: None,
        raw_sha256: "ab".repeat(32),
        raw_payload: b"{}".to_vec(),
        log: None,
        awaits_log: false,
        default_branch: None,
        run_event: None,
    }
}

pub(crate) fn job_key(run_id: i64, attempt: i64, job_id: i64) -> RowKey {
    RowKey::Job {
        host: "github.com".into(),
        repository_id: 3_000_000_000,
        run_id,
        attempt,
        job_id,
    }
}

/// One webhook event about run 7.
pub(crate) fn event(name: &str, delivery: &str, key: RowKey) -> NewFailure {
    let job = FailedJob {
        key,
        ..FailedJob::unknown(EventSource::GithubWebhook, at(0))
    };
    let delivery = Some(NewDelivery {
        id: DeliveryId(delivery.into()),
        event: name.into(),
    });
    NewFailure {
        job,
        delivery,
        ..record(0, FailureClass::Test)
    }
}

pub(crate) fn run_event(delivery: &str) -> NewFailure {
    let mut new = event("workflow_run", delivery, job_key(7, 2, 0));
    new.job.workflow = Some("ci".into());
    new.job.branch = Some("main".into());
    new.job.author = Some("ada".into());
    new.job.measurements.retry_count = Some(1.0);
    new.job.measurements.job_duration_sec = Some(900.0);
    new
}

pub(crate) fn job_event(delivery: &str) -> NewFailure {
    let mut new = event("workflow_job", delivery, job_key(7, 2, 70));
    new.job.job = Some("unit tests".into());
    new.job.failed_steps = vec!["cargo test".into()];
    new.job.measurements.job_duration_sec = Some(61.5);
    new
}

pub(crate) fn check_event(delivery: &str, run_id: i64) -> NewFailure {
    let mut new = event("check_run", delivery, job_key(run_id, 1, 70));
    new.job.job = Some("unit tests".into());
    new.job.conclusion = Conclusion::TimedOut;
    new.job.message = Some("The job was cancelled".into());
    new
}

/// A new failure as the row that a store makes of it.
pub(crate) fn stored(id: i64, new: NewFailure) -> sentinel::store::Failure {
    sentinel::store::Failure {
        timestamp: new.timestamp,
        revision: 1,
        psi_drift_stat: new.psi_drift_stat,
        delivery_id: new.delivery.map(|delivery| delivery.id.0),
        raw_sha256: new.raw_sha256,
        job: new.job,
        read_from: new.verdict.decided_from,
        verdict: Verdict {
            id: Some(id),
            ..new.verdict
        },
        watched: new.watched,
    }
}
