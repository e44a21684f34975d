//! A simulated failure as a webhook delivery of GitHub.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Simulated;
use crate::ingest::Conclusion;

/// The event of these deliveries.
pub const EVENT: &str = "workflow_job";

/// Where the clock of the simulated house begins: the first second of 2026. Time is a matter of the seed, too.
const BEGIN: i64 = 1_767_225_600;

/// Seconds between two failures of that house.
const BETWEEN: i64 = 40;

impl Simulated {
    /// The delivery's id, the same each time it is sent, and its body.
    #[must_use]
    pub fn delivery(&self, seed: u64) -> (String, Value) {
        let number = i64::try_from(self.number).unwrap_or(i64::MAX / 4);
        let id = format!("{seed:08x}-5e17-4000-8000-{number:012x}");
        (id, self.body(number))
    }

    fn body(&self, number: i64) -> Value {
        let (job, project) = (&self.delivered, &self.project);
        let measured = &job.measurements;
        let stages = [
            measured.build_duration_sec,
            measured.test_duration_sec,
            measured.deploy_duration_sec,
        ];
        let in_step = seconds(stages.into_iter().flatten().next().unwrap_or(90.0));
        let ended = instant(number, self.skew_hours);
        let started = ended - measured.job_duration_sec.map_or(in_step, seconds).max(in_step);
        let created = started - seconds(measured.queue_duration_sec.unwrap_or(6.0));
        let step = job.failed_steps.first().cloned().unwrap_or_else(|| "Run".to_owned());
        let conclusion = match job.conclusion {
            Conclusion::Failure => "failure",
            Conclusion::TimedOut => "timed_out",
        };
        let (run, id) = (9_000_000_000 + number, 40_000_000_000 + number);
        let repository = project.repository();
        json!({
            "action": "completed",
            "workflow_job": {
                "id": id, "run_id": run, "run_attempt": 1 + retries(measured.retry_count),
                "name": job.job.clone().unwrap_or_else(|| "build".to_owned()), "workflow_name": project.workflow,
                "head_branch": project.branch, "head_sha": project.head_sha,
                "status": "completed", "conclusion": conclusion,
                "html_url": format!("https://github.com/{repository}/actions/runs/{run}/job/{id}"),
                "created_at": created, "started_at": started, "completed_at": ended,
                "labels": ["ubuntu-24.04"],
                "steps": [{
                    "name": step, "status": "completed", "conclusion": conclusion, "number": 1,
                    "started_at": ended - in_step, "completed_at": ended,
                }],
            },
            "repository": {
                "id": 700_000 + project.repository, "full_name": repository,
                "html_url": format!("https://github.com/{repository}"), "language": project.language,
            },
            "sender": { "login": project.author },
        })
    }
}

fn instant(number: i64, skew_hours: i64) -> Timestamp {
    Timestamp::from_second(
        BEGIN
            .saturating_add(number.saturating_mul(BETWEEN))
            .saturating_add(skew_hours * 3_600),
    )
    .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[expect(clippy::cast_possible_truncation, reason = "durations of jobs, in whole seconds")]
fn seconds(seconds: f64) -> SignedDuration {
    SignedDuration::from_secs(seconds.clamp(0.0, 1e7) as i64)
}

#[expect(clippy::cast_possible_truncation, reason = "a small count")]
fn retries(count: Option<f64>) -> i64 {
    count.unwrap_or(0.0).clamp(0.0, 100.0) as i64
}
