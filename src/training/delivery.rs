//! A failed job as GitHub tells of it: the body of a `workflow_job` delivery.
//!
//! The baseline of drift is made of payloads that were told like this and read by the parser of all payloads, and so is
//! what the simulator sends: what only a delivery does to a measurement, as its whole seconds, is in both.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::ingest::payload::{self, PayloadError};
use crate::ingest::{Conclusion, FailedJob};

/// The event of these deliveries.
pub const EVENT: &str = "workflow_job";

/// How long a step takes of which nobody knows.
const STEP_SECONDS: f64 = 90.0;

/// How long a job waits of which nobody knows.
const QUEUE_SECONDS: f64 = 6.0;

/// The golden section: its multiples spread evenly over a second.
const SPREAD: f64 = 0.618_033_988_749_894_9;

/// The body: a job with its one failed step, which ended in the second `ended`. Names beside those of job and step are the
/// caller's to add.
#[must_use]
pub fn workflow_job(job: &FailedJob, number: i64, ended: Timestamp) -> Value {
    let measured = &job.measurements;
    let stages = [
        measured.build_duration_sec,
        measured.test_duration_sec,
        measured.deploy_duration_sec,
    ];
    let in_step = stages.into_iter().flatten().next().unwrap_or(STEP_SECONDS);
    let in_job = measured.job_duration_sec.unwrap_or(in_step).max(in_step);
    let waited = measured.queue_duration_sec.unwrap_or(QUEUE_SECONDS);
    let before = |seconds| before(ended, number, seconds);
    let step = job.failed_steps.first().map_or("Run", String::as_str);
    let conclusion = match job.conclusion {
        Conclusion::Failure => "failure",
        Conclusion::TimedOut => "timed_out",
    };
    json!({
        "action": "completed",
        "workflow_job": {
            "id": 40_000_000_000 + number, "run_id": 9_000_000_000 + number, "run_attempt": 1 + retries(measured.retry_count),
            "name": job.job.as_deref().unwrap_or("build"), "status": "completed", "conclusion": conclusion,
            "created_at": before(in_job + waited), "started_at": before(in_job), "completed_at": ended,
            "labels": ["ubuntu-24.04"],
            "steps": [{
                "name": step, "status": "completed", "conclusion": conclusion, "number": 1,
                "started_at": before(in_step), "completed_at": ended,
            }],
        },
    })
}

/// The job as it is known of from its delivery alone.
///
/// # Errors
/// When the parser finds no failed job in what was told.
pub(super) fn told(job: &FailedJob, number: i64) -> Result<FailedJob, PayloadError> {
    let body = workflow_job(job, number, job.failed_at).to_string();
    let delivery = payload::parse(EVENT, None, body.as_bytes(), job.failed_at)?;
    Ok(delivery.failed.unwrap_or_else(|| job.clone()))
}

/// The second that lay so long before a moment in the second `ended`. Which moment is a matter of the number: so that
/// whole seconds are neither longer nor shorter on the whole.
#[expect(clippy::cast_possible_truncation, reason = "durations of jobs, in whole seconds")]
fn before(ended: Timestamp, number: i64, seconds: f64) -> Timestamp {
    let moment = (number as f64 * SPREAD).rem_euclid(1.0);
    let earlier = (moment - seconds.clamp(0.0, 1e7)).floor() as i64;
    ended
        .checked_add(SignedDuration::from_secs(earlier))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[expect(clippy::cast_possible_truncation, reason = "a small count")]
fn retries(count: Option<f64>) -> i64 {
    count.unwrap_or(0.0).clamp(0.0, 100.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::EventSource;

    fn job() -> FailedJob {
        let mut job = FailedJob::unknown(
            EventSource::GithubWebhook,
            Timestamp::from_second(1_790_000_000).unwrap(),
        );
        job.job = Some("checks".into());
        job.failed_steps = vec!["Run cargo test".into()];
        job
    }

    #[test]
    fn what_a_delivery_says_of_a_job_is_what_the_parser_reads_of_it() {
        let mut job = job();
        job.conclusion = Conclusion::TimedOut;
        job.measurements.test_duration_sec = Some(60.0);
        job.measurements.job_duration_sec = Some(100.0);
        job.measurements.queue_duration_sec = Some(7.0);
        job.measurements.cpu_usage_pct = Some(50.0);
        let told = told(&job, 0).expect("a delivery");
        assert_eq!(told.conclusion, Conclusion::TimedOut);
        assert_eq!((told.job, told.failed_steps), (job.job, job.failed_steps));
        assert_eq!(
            told.measurements.values()[1..6],
            [Some(60.0), None, Some(100.0), Some(7.0), None]
        );
        assert_eq!(told.measurements.retry_count, Some(0.0));
    }

    #[test]
    fn whole_seconds_are_as_long_as_what_they_stand_for_on_the_whole() {
        let mut job = job();
        job.measurements.queue_duration_sec = Some(2.3);
        let waited = |number| {
            let told = told(&job, number).expect("a delivery");
            told.measurements.queue_duration_sec.expect("a wait")
        };
        let mean = (0..1_000).map(waited).sum::<f64>() / 1e3;
        assert!((mean - 2.3).abs() < 0.02, "{mean}");
    }
}
