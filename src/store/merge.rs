//! Two tellings of one failed job become one.
//!
//! What is missing is filled, what is known stays. Apart from facts on which two sources disagree, the result is the
//! same in whatever order they arrive, and a telling that is heard twice adds nothing.

use crate::ingest::{Conclusion, FailedJob, Measurements};

/// Adds what `other` says of the same job (or of the same run) to `known`.
///
/// A time limit beats a plain failure, because only one of two events may carry it; the earlier time of failure is kept,
/// because an event without a completion time stands in with its arrival.
pub fn add(known: &mut FailedJob, other: &FailedJob) {
    add_of_run(known, other);
    if other.conclusion == Conclusion::TimedOut {
        known.conclusion = Conclusion::TimedOut;
    }
    known.failed_at = known.failed_at.min(other.failed_at);
    fill(&mut known.job, other.job.as_ref());
    fill(&mut known.url, other.url.as_ref());
    fill(&mut known.message, other.message.as_ref());
    fill_list(&mut known.failed_steps, &other.failed_steps);
    fill_list(&mut known.runner_labels, &other.runner_labels);
    add_measurements(&mut known.measurements, &other.measurements);
    add_categories(known, other);
}

/// Adds to a job what its run says: names, commit, people, the number of retries. The run's own duration, conclusion, time
/// and page are not the job's, and stay with the run.
pub fn add_of_run(job: &mut FailedJob, run: &FailedJob) {
    fill(&mut job.repository, run.repository.as_ref());
    fill(&mut job.workflow, run.workflow.as_ref());
    fill(&mut job.branch, run.branch.as_ref());
    fill(&mut job.head_sha, run.head_sha.as_ref());
    fill(&mut job.author, run.author.as_ref());
    fill(&mut job.categories.ci_tool, run.categories.ci_tool.as_ref());
    fill(&mut job.measurements.retry_count, run.measurements.retry_count.as_ref());
}

fn add_measurements(known: &mut Measurements, other: &Measurements) {
    let pairs = [
        (&mut known.build_duration_sec, other.build_duration_sec),
        (&mut known.test_duration_sec, other.test_duration_sec),
        (&mut known.deploy_duration_sec, other.deploy_duration_sec),
        (&mut known.job_duration_sec, other.job_duration_sec),
        (&mut known.queue_duration_sec, other.queue_duration_sec),
        (&mut known.cpu_usage_pct, other.cpu_usage_pct),
        (&mut known.memory_usage_mb, other.memory_usage_mb),
        (&mut known.retry_count, other.retry_count),
    ];
    for (slot, value) in pairs {
        *slot = slot.or(value);
    }
}

fn add_categories(known: &mut FailedJob, other: &FailedJob) {
    let (known, other) = (&mut known.categories, &other.categories);
    fill(&mut known.failure_stage, other.failure_stage.as_ref());
    fill(&mut known.severity, other.severity.as_ref());
    fill(&mut known.language, other.language.as_ref());
    fill(&mut known.os, other.os.as_ref());
    fill(&mut known.cloud_provider, other.cloud_provider.as_ref());
    known.is_flaky_test = known.is_flaky_test.or(other.is_flaky_test);
    known.rollback_triggered = known.rollback_triggered.or(other.rollback_triggered);
    known.incident_created = known.incident_created.or(other.incident_created);
}

fn fill<T: Clone>(slot: &mut Option<T>, value: Option<&T>) {
    if slot.is_none() {
        *slot = value.cloned();
    }
}

fn fill_list(slot: &mut Vec<String>, values: &[String]) {
    if slot.is_empty() {
        slot.extend_from_slice(values);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::ingest::EventSource;

    fn job(second: i64) -> FailedJob {
        let at = Timestamp::from_second(second).expect("a small second");
        FailedJob::unknown(EventSource::GithubWebhook, at)
    }

    #[test]
    fn what_is_known_stays_and_what_is_missing_is_filled() {
        let mut known = FailedJob {
            branch: Some("main".into()),
            ..job(10)
        };
        let other = FailedJob {
            branch: Some("dev".into()),
            workflow: Some("ci".into()),
            ..job(20)
        };
        add(&mut known, &other);
        assert_eq!(
            (known.branch.as_deref(), known.workflow.as_deref()),
            (Some("main"), Some("ci"))
        );
        assert_eq!(known.failed_at, job(10).failed_at);
    }

    #[test]
    fn a_time_limit_beats_a_plain_failure_in_either_order() {
        let plain = job(10);
        let timed_out = FailedJob {
            conclusion: Conclusion::TimedOut,
            ..job(10)
        };
        for (mut first, second) in [(plain.clone(), &timed_out), (timed_out.clone(), &plain)] {
            add(&mut first, second);
            assert_eq!(first.conclusion, Conclusion::TimedOut);
        }
    }

    #[test]
    fn a_job_takes_names_from_its_run_but_not_its_duration_page_or_end() {
        let mut run = FailedJob {
            conclusion: Conclusion::TimedOut,
            url: Some("run".into()),
            ..job(5)
        };
        run.author = Some("ada".into());
        run.measurements.job_duration_sec = Some(900.0);
        run.measurements.retry_count = Some(1.0);
        let mut one = job(10);
        add_of_run(&mut one, &run);
        assert_eq!(one.author.as_deref(), Some("ada"));
        assert_eq!(
            one.measurements,
            Measurements {
                retry_count: Some(1.0),
                ..Measurements::default()
            }
        );
        assert_eq!((one.url, one.conclusion), (None, Conclusion::Failure));
    }
}
