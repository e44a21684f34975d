//! A stored failure as everybody outside sees it: the verdict, and beside it the columns of its row.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::known_issues::KnownIssue;
use crate::correction::StoredCorrection;
use crate::ingest::{Categories, Conclusion, EventSource, Measurements, RowKey};
use crate::store::{Failure, PassedLater, Sightings};
use crate::verdict::Verdict;

/// One row, ready to be written as JSON.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Failure")]
pub struct Row<'a> {
    #[serde(flatten)]
    verdict: &'a Verdict,
    #[schemars(with = "String", extend("format" = "date-time"))]
    timestamp: Timestamp,
    event_source: EventSource,
    metrics_payload: MetricsPayload<'a>,
    raw_sha256: &'a str,
    confidence_score: f64,
    psi_drift_stat: Option<f64>,
    revision: i64,
    delivery_id: Option<&'a str>,
    #[serde(flatten)]
    identity: Identity<'a>,
    #[serde(flatten)]
    about: About<'a>,
}

/// Numbers and words of small sets; what is not known is left out.
#[derive(Debug, Serialize, JsonSchema)]
struct MetricsPayload<'a> {
    #[serde(flatten)]
    measurements: &'a Measurements,
    #[serde(flatten)]
    categories: &'a Categories,
}

/// What makes the row unique; `null` where it is unique by its own id.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Identity<'a> {
    host: Option<&'a str>,
    repository_id: Option<i64>,
    run_id: Option<i64>,
    attempt: Option<i64>,
    job_id: Option<i64>,
}

/// What failed, in the words of its source.
#[derive(Debug, Serialize, JsonSchema)]
struct About<'a> {
    #[schemars(with = "String", extend("format" = "date-time"))]
    failed_at: Timestamp,
    conclusion: Conclusion,
    repository: Option<&'a str>,
    workflow: Option<&'a str>,
    job: Option<&'a str>,
    failed_steps: &'a [String],
    branch: Option<&'a str>,
    head_sha: Option<&'a str>,
    author: Option<&'a str>,
    url: Option<&'a str>,
    runner_labels: &'a [String],
    message: Option<&'a str>,
}

impl<'a> From<&'a Failure> for Row<'a> {
    fn from(failure: &'a Failure) -> Self {
        let Failure {
            timestamp,
            revision,
            psi_drift_stat,
            delivery_id,
            raw_sha256,
            job,
            verdict,
            watched: _,
            read_from: _,
        } = failure;
        Self {
            verdict,
            timestamp: *timestamp,
            event_source: job.source,
            metrics_payload: MetricsPayload {
                measurements: &job.measurements,
                categories: &job.categories,
            },
            raw_sha256,
            confidence_score: verdict.confidence,
            psi_drift_stat: *psi_drift_stat,
            revision: *revision,
            delivery_id: delivery_id.as_deref(),
            identity: identity(&job.key),
            about: About {
                failed_at: job.failed_at,
                conclusion: job.conclusion,
                repository: job.repository.as_deref(),
                workflow: job.workflow.as_deref(),
                job: job.job.as_deref(),
                failed_steps: &job.failed_steps,
                branch: job.branch.as_deref(),
                head_sha: job.head_sha.as_deref(),
                author: job.author.as_deref(),
                url: job.url.as_deref(),
                runner_labels: &job.runner_labels,
                message: job.message.as_deref(),
            },
        }
    }
}

fn identity(key: &RowKey) -> Identity<'_> {
    match key {
        RowKey::Job {
            host,
            repository_id,
            run_id,
            attempt,
            job_id,
        } => Identity {
            host: Some(host),
            repository_id: Some(*repository_id),
            run_id: Some(*run_id),
            attempt: Some(*attempt),
            job_id: Some(*job_id),
        },
        RowKey::Own => Identity::default(),
    }
}

/// One row with all that is known around it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FailureInDetail")]
pub struct RowInDetail<'a> {
    /// The row.
    #[serde(flatten)]
    pub row: Row<'a>,
    /// Oldest first, those taken back among them.
    pub corrections: &'a [StoredCorrection],
    /// Whether two people say different things of it; the latest word counts.
    pub disputed: bool,
    /// The rows that failed the same way; `null` where no line speaks.
    pub group: Option<Group<'a>>,
    /// When and where else it was seen, and whether it is new; `null` where no line speaks.
    pub seen: Option<Sightings>,
    /// Whether it is proved flaky: it passed later on the same tree, and was no outage.
    pub flaky: bool,
    /// The proof; `null` where there is none.
    pub passed_later: Option<PassedLater>,
    /// The known issue that it is an instance of.
    pub known_issue: Option<KnownIssue>,
}

/// All rows of one fingerprint.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Group<'a> {
    /// What they share.
    pub fingerprint: &'a str,
    /// How many they are, this one among them.
    pub size: u64,
}
