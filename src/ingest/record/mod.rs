//! A feature record (of an agent, the API, `exec`, the simulator) becomes a job, or a list of everything wrong with it.
//!
//! Strict, unlike deliveries: whoever writes a record can mend it. A number that is left out stays missing.

mod errors;
mod fields;
mod shape;

use jiff::Timestamp;
use serde_json::Value;

pub use self::errors::{RecordError, RecordErrors};
use self::fields::Given;
pub use self::shape::{FeatureRecord, RecordArguments};
use super::mask::mask;
use super::{Categories, EventSource, FailedJob, Measurements, text};

/// Bytes of `error_message` that are kept.
pub const ERROR_MESSAGE_BYTES: usize = 64 * 1_024;

/// A valid record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The job it speaks of. Its row is unique by its own id, whatever run the record names.
    pub job: FailedJob,
    /// Its log, masked, where it brings one.
    pub log: Option<Vec<u8>>,
}

/// Reads a record, whose fields stand in the object itself, in an object under `features`, or in both.
///
/// `source` is the door it came through; `event_source` in the record tells more. The failure counts as happened when
/// it was received.
///
/// # Errors
/// Every field that is unknown, of a wrong type, out of range or given twice, and the lack of any text to judge.
pub fn parse(value: &Value, source: EventSource, received_at: Timestamp) -> Result<Record, RecordErrors> {
    let mut given = Given::collect(value)?;
    let mut job = FailedJob::unknown(source, received_at);
    job.source = event_source(&mut given).unwrap_or(source);
    job.measurements = measurements(&mut given);
    job.categories = categories(&mut given);
    name(&mut given, &mut job);
    let log = texts(&mut given, &mut job);
    given.finish().map(|()| Record { job, log })
}

fn event_source(given: &mut Given<'_>) -> Option<EventSource> {
    given
        .word("event_source", &["api", "exec", "simulator"])
        .and_then(|name| EventSource::from_name(&name))
}

fn measurements(given: &mut Given<'_>) -> Measurements {
    Measurements {
        build_duration_sec: given.quantity("build_duration_sec"),
        test_duration_sec: given.quantity("test_duration_sec"),
        deploy_duration_sec: given.quantity("deploy_duration_sec"),
        cpu_usage_pct: given.percentage("cpu_usage_pct"),
        memory_usage_mb: given.quantity("memory_usage_mb"),
        retry_count: given.quantity("retry_count"),
        ..Measurements::default()
    }
}

fn categories(given: &mut Given<'_>) -> Categories {
    Categories {
        failure_stage: given.word("failure_stage", &["build", "test", "deploy"]),
        severity: given.word("severity", &["LOW", "MEDIUM", "HIGH", "CRITICAL"]),
        ci_tool: given.category("ci_tool"),
        language: given.category("language"),
        os: given.category("os"),
        cloud_provider: given.category("cloud_provider"),
        is_flaky_test: given.flag("is_flaky_test"),
        rollback_triggered: given.flag("rollback_triggered"),
        incident_created: given.flag("incident_created"),
    }
}

/// What names the failure. Run, job and attempt become a link and a number of retries where the record has none.
fn name(given: &mut Given<'_>, job: &mut FailedJob) {
    job.repository = given.name("repository");
    job.author = given.name("author");
    job.workflow = given.name("workflow");
    job.job = given.name("job");
    job.branch = given.name("branch");
    job.head_sha = given.name("head_sha");
    let (host, run, job_id) = (given.host("host"), given.id("run_id"), given.id("job_id"));
    job.url = given
        .link("url")
        .or_else(|| run_link(host.as_deref(), job.repository.as_deref(), run, job_id));
    let retries = given.id("attempt").and_then(|attempt| u32::try_from(attempt - 1).ok());
    job.measurements.retry_count = job.measurements.retry_count.or(retries.map(f64::from));
}

/// The page of a run on a forge that keeps them where GitHub does.
fn run_link(host: Option<&str>, repository: Option<&str>, run: Option<i64>, job: Option<i64>) -> Option<String> {
    let page = format!("https://{}/{}/actions/runs/{}", host?, repository?, run?);
    text::link(&job.map_or_else(|| page.clone(), |job| format!("{page}/job/{job}")))
}

/// The message, and the log. One of them must say something.
fn texts(given: &mut Given<'_>, job: &mut FailedJob) -> Option<Vec<u8>> {
    let message = given.text("error_message");
    let log = given.text("log").filter(|log| !log.trim().is_empty());
    job.message = message.and_then(|message| text::passage(message, ERROR_MESSAGE_BYTES));
    if job.message.is_none() && log.is_none() {
        given.lacks_text();
    }
    log.map(|log| {
        let mut log = log.as_bytes().to_vec();
        mask(&mut log);
        log
    })
}

#[cfg(test)]
mod tests;
