//! What the three kinds of events that can tell of a failed job say about it.

use jiff::{SignedDuration, Timestamp};
use serde_json_borrow::Value;

use super::PayloadError;
use super::fields::Fields;
use crate::ingest::stage::Stage;
use crate::ingest::text::{self, MESSAGE_BYTES};
use crate::ingest::{Categories, Conclusion, EventSource, FailedJob, Measurements, PassedJob, RowKey};

/// Where a payload names no host that can be believed.
const DEFAULT_HOST: &str = "github.com";

/// Steps of a job that are read; GitHub allows about 1,000.
const MAX_STEPS: usize = 1_000;

/// Failed steps that are kept.
const MAX_FAILED_STEPS: usize = 32;

/// Labels of a runner that are kept.
const MAX_LABELS: usize = 16;

/// How far the sender's clock may be ahead.
const CLOCK_AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// The events that can tell of a failed job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole run.
    Run,
    /// One job.
    Job,
    /// A check, which for Actions is a job.
    Check,
}

impl Kind {
    pub(super) fn of(event: &str) -> Option<Self> {
        [Self::Run, Self::Job, Self::Check]
            .into_iter()
            .find(|kind| kind.field() == event)
    }

    /// The name of the event, and of the object in it.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Run => "workflow_run",
            Self::Job => "workflow_job",
            Self::Check => "check_run",
        }
    }
}

/// The job that failed. `subject` is the run, job or check in `payload`.
pub(super) fn failed_job(
    kind: Kind,
    payload: &Fields<'_>,
    subject: &Fields<'_>,
    conclusion: Conclusion,
    received_at: Timestamp,
) -> Result<FailedJob, PayloadError> {
    let key = key(kind, payload, subject)?;
    let named = FailedJob {
        key,
        conclusion,
        repository: payload.inner("repository").name("full_name"),
        head_sha: head_sha(subject),
        url: subject.text("html_url").and_then(text::link),
        ..FailedJob::unknown(EventSource::GithubWebhook, failed_at(kind, subject, received_at))
    };
    let mut job = match kind {
        Kind::Run => of_run(named, payload, subject),
        Kind::Job => of_job(named, payload, subject),
        Kind::Check => of_check(named, payload, subject),
    };
    job.measurements.retry_count = retries(kind, &job.key);
    job.categories.failure_stage = stage(&job).map(|stage| stage.name().to_owned());
    job.categories.language = payload
        .inner("repository")
        .name("language")
        .map(|language| language.to_lowercase());
    Ok(job)
}

/// The job or run that succeeded. A check does not say which attempt it is, and proves nothing; nor does what is not as it
/// should be, which is no error: nothing failed.
pub(super) fn passed_job(
    kind: Kind,
    payload: &Fields<'_>,
    subject: &Fields<'_>,
    received_at: Timestamp,
) -> Option<PassedJob> {
    let key = key(kind, payload, subject).ok()?;
    let workflow = match kind {
        Kind::Run => workflow_of_run(payload, subject),
        Kind::Job => subject.name("workflow_name"),
        Kind::Check => return None,
    };
    Some(PassedJob {
        key,
        workflow,
        job: subject.name("name").filter(|_| kind == Kind::Job),
        head_sha: head_sha(subject),
        at: failed_at(kind, subject, received_at),
    })
}

fn of_run(job: FailedJob, payload: &Fields<'_>, run: &Fields<'_>) -> FailedJob {
    let person = ["triggering_actor", "actor"]
        .iter()
        .find_map(|actor| run.inner(actor).name("login"));
    FailedJob {
        workflow: workflow_of_run(payload, run),
        branch: run.name("head_branch"),
        author: person.or_else(|| sender(payload)),
        measurements: run_measurements(run),
        categories: Categories {
            ci_tool: Some("github-actions".into()),
            ..Categories::default()
        },
        ..job
    }
}

fn of_job(job: FailedJob, payload: &Fields<'_>, subject: &Fields<'_>) -> FailedJob {
    let labels: Vec<_> = subject.items("labels", MAX_LABELS).filter_map(as_name).collect();
    let os = labels.iter().find_map(|label| os_of(label)).map(str::to_owned);
    FailedJob {
        workflow: subject.name("workflow_name"),
        job: subject.name("name"),
        failed_steps: failed_steps(subject),
        branch: subject.name("head_branch"),
        author: sender(payload),
        runner_labels: labels,
        measurements: job_measurements(subject),
        categories: Categories {
            ci_tool: Some("github-actions".into()),
            os,
            ..Categories::default()
        },
        ..job
    }
}

fn of_check(job: FailedJob, payload: &Fields<'_>, check: &Fields<'_>) -> FailedJob {
    let output = check.inner("output");
    let parts: Vec<&str> = ["title", "summary", "text"]
        .iter()
        .filter_map(|part| output.text(part))
        .collect();
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.trim().is_empty()).collect();
    FailedJob {
        job: check.name("name"),
        branch: check.inner("check_suite").name("head_branch"),
        author: sender(payload),
        message: text::passage(&parts.join("\n"), MESSAGE_BYTES),
        measurements: job_measurements(check),
        categories: Categories {
            ci_tool: check.inner("app").name("slug"),
            ..Categories::default()
        },
        ..job
    }
}

fn workflow_of_run(payload: &Fields<'_>, run: &Fields<'_>) -> Option<String> {
    run.name("name").or_else(|| payload.inner("workflow").name("name"))
}

fn head_sha(subject: &Fields<'_>) -> Option<String> {
    let sha = subject.name("head_sha");
    sha.filter(|sha| sha.len() <= 64 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn sender(payload: &Fields<'_>) -> Option<String> {
    payload.inner("sender").name("login")
}

fn as_name(value: &Value<'_>) -> Option<String> {
    value.as_str().and_then(text::name)
}

fn key(kind: Kind, payload: &Fields<'_>, subject: &Fields<'_>) -> Result<RowKey, PayloadError> {
    let id = subject.id("id")?;
    let (run_id, job_id) = match kind {
        Kind::Run => (id, 0),
        Kind::Job => (subject.id("run_id")?, id),
        Kind::Check => (run_of_check(subject), id),
    };
    Ok(RowKey::Job {
        host: host(payload, subject),
        repository_id: payload.optional("repository")?.optional_id("id")?.unwrap_or(0),
        run_id,
        attempt: subject.optional_id("run_attempt")?.unwrap_or(1),
        job_id,
    })
}

/// A check names its run only in the links of Actions: `/actions/runs/RUN/job/JOB`. The job is the check's own id (the
/// number in older links is another one). 0 where no link names a run.
fn run_of_check(check: &Fields<'_>) -> i64 {
    let host = check.text("html_url").and_then(host_of);
    let links = ["details_url", "html_url"].iter().filter_map(|field| check.text(field));
    links
        .filter(|link| host_of(link) == host)
        .find_map(run_in_link)
        .unwrap_or(0)
}

fn run_in_link(link: &str) -> Option<i64> {
    let (_, rest) = link.split_once("/actions/runs/")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|id| *id >= 1)
}

fn host(payload: &Fields<'_>, subject: &Fields<'_>) -> String {
    let links = [subject.text("html_url"), payload.inner("repository").text("html_url")];
    links
        .into_iter()
        .flatten()
        .find_map(host_of)
        .unwrap_or_else(|| DEFAULT_HOST.to_owned())
}

/// The host of a web link, with its port if it has one.
fn host_of(link: &str) -> Option<String> {
    let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    (!host.is_empty() && host.len() <= 255 && host.bytes().all(plain)).then_some(host)
}

/// When it ended by the sender's clock, unless that cannot be.
fn failed_at(kind: Kind, subject: &Fields<'_>, received_at: Timestamp) -> Timestamp {
    let ended = subject.time(if kind == Kind::Run {
        "updated_at"
    } else {
        "completed_at"
    });
    let believable = |at: &Timestamp| *at > Timestamp::UNIX_EPOCH && at.duration_since(received_at) < CLOCK_AHEAD;
    ended.filter(believable).unwrap_or(received_at)
}

/// Tries before this one. A check does not say.
fn retries(kind: Kind, key: &RowKey) -> Option<f64> {
    match key {
        RowKey::Job { attempt, .. } if kind != Kind::Check => u32::try_from(attempt - 1).ok().map(f64::from),
        RowKey::Job { .. } | RowKey::Own => None,
    }
}

fn run_measurements(run: &Fields<'_>) -> Measurements {
    let started = run.time("run_started_at").or_else(|| run.time("created_at"));
    // `created_at` is that of the first attempt: a later one did not wait in between.
    let waited = run
        .optional_id("run_attempt")
        .is_ok_and(|attempt| attempt.unwrap_or(1) == 1);
    // GitHub writes the same moment twice where it does not tell of a wait: no wait at all is never meant.
    let queued = between(run.time("created_at"), run.time("run_started_at"));
    Measurements {
        job_duration_sec: between(started, run.time("updated_at")),
        queue_duration_sec: queued.filter(|seconds| waited && *seconds > 0.0),
        ..Measurements::default()
    }
}

fn job_measurements(job: &Fields<'_>) -> Measurements {
    let mut measured = Measurements {
        job_duration_sec: between(job.time("started_at"), job.time("completed_at")),
        queue_duration_sec: between(job.time("created_at"), job.time("started_at")),
        ..Measurements::default()
    };
    add_steps(&mut measured, job);
    measured
}

/// Seconds from one moment to another; nothing where one is missing or the clocks disagree.
fn between(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<f64> {
    let seconds = end?.duration_since(start?).as_secs_f64();
    (seconds >= 0.0).then_some(seconds)
}

fn steps<'a>(job: &Fields<'a>) -> impl Iterator<Item = Fields<'a>> + use<'a> {
    job.items("steps", MAX_STEPS).filter_map(Fields::root)
}

/// Seconds in the steps of each stage; nothing where no such step has both times.
fn add_steps(measured: &mut Measurements, job: &Fields<'_>) {
    for step in steps(job).filter(|step| step.text("conclusion") != Some("skipped")) {
        let Some(stage) = step.text("name").and_then(Stage::of) else {
            continue;
        };
        let Some(seconds) = between(step.time("started_at"), step.time("completed_at")) else {
            continue;
        };
        let sum = match stage {
            Stage::Build => &mut measured.build_duration_sec,
            Stage::Test => &mut measured.test_duration_sec,
            Stage::Deploy => &mut measured.deploy_duration_sec,
        };
        *sum = Some(sum.unwrap_or(0.0) + seconds);
    }
}

fn failed_steps(job: &Fields<'_>) -> Vec<String> {
    steps(job)
        .filter(|step| matches!(step.text("conclusion"), Some("failure" | "timed_out")))
        .filter_map(|step| step.name("name"))
        .take(MAX_FAILED_STEPS)
        .collect()
}

/// The stage of the first failed step that tells, or else of the job.
fn stage(job: &FailedJob) -> Option<Stage> {
    job.failed_steps.iter().chain(&job.job).find_map(|name| Stage::of(name))
}

/// The operating system that a runner label speaks of.
fn os_of(label: &str) -> Option<&'static str> {
    let label = label.to_ascii_lowercase();
    let starts = [
        ("ubuntu", "linux"),
        ("linux", "linux"),
        ("macos", "macos"),
        ("windows", "windows"),
    ];
    starts
        .iter()
        .find(|(start, _)| label.starts_with(start))
        .map(|(_, os)| *os)
}
