//! A house that Sentinel hears of by payloads alone, as GitHub sends them: what it is told less than by logs is no drift.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sentinel::bundle::Bundle;
use sentinel::drift::DriftSettings;
use sentinel::drift::sliding::SlidingWindow;
use sentinel::health::{Health, HealthInputs, HealthState, assess};
use sentinel::ingest::{Conclusion, payload};
use sentinel::judge::judge;
use sentinel::simulate::{SimulateSettings, Simulated, Stream};
use sentinel::training::corpus::Corpus;
use sentinel::verdict::DecidedFrom;
use serde_json::{Value, json};

/// How a house hears of a failure.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    /// By each job: runs and checks meet it in one row.
    Job,
    /// By runs alone.
    Run,
    /// By the checks of Actions alone.
    Check,
    /// By the checks of another CI system.
    Summary,
}

impl Told {
    const fn event(self) -> &'static str {
        match self {
            Self::Job => "workflow_job",
            Self::Run => "workflow_run",
            Self::Check | Self::Summary => "check_run",
        }
    }
}

/// A failure as GitHub tells of it.
struct Delivery<'a> {
    number: i64,
    failure: &'a Simulated,
    /// Whether jobs that took too long end as `timed_out`; where a step has the limit they end as `failure`.
    limits: bool,
}

impl Delivery<'_> {
    fn conclusion(&self) -> &'static str {
        match self.failure.delivered.conclusion {
            Conclusion::TimedOut if self.limits => "timed_out",
            Conclusion::TimedOut | Conclusion::Failure => "failure",
        }
    }

    /// Nearly every job fails at its first attempt.
    fn attempt(&self) -> i64 {
        if self.number % 20 == 7 { 2 } else { 1 }
    }

    fn step_seconds(&self) -> f64 {
        let measured = &self.failure.delivered.measurements;
        let stages = [
            measured.build_duration_sec,
            measured.test_duration_sec,
            measured.deploy_duration_sec,
        ];
        let mut known = stages.into_iter().flatten();
        known.next().expect("a duration of the step that failed")
    }

    fn job_seconds(&self) -> f64 {
        let measured = &self.failure.delivered.measurements;
        measured.job_duration_sec.expect("a duration of the job")
    }

    /// A moment of its run, so many seconds after it was created. GitHub writes whole seconds.
    fn after(&self, seconds: f64) -> Timestamp {
        // It was created at any moment of a second.
        let created = 60.0 * self.number as f64 + (self.number as f64 * 0.754_877_666_2).fract();
        let second = SignedDuration::try_from_secs_f64((created + seconds).floor()).expect("a duration");
        let first = Timestamp::from_second(1_790_000_000).expect("in range");
        first.checked_add(second).expect("in range")
    }

    fn queue_seconds(&self) -> f64 {
        let measured = &self.failure.delivered.measurements;
        measured.queue_duration_sec.expect("a wait")
    }

    /// When it was created, started and completed.
    fn times(&self) -> [Timestamp; 3] {
        let started = self.queue_seconds();
        [0.0, started, started + self.job_seconds()].map(|seconds| self.after(seconds))
    }

    fn steps(&self) -> Value {
        let [_, started, ended] = self.times();
        let before = self.job_seconds() - self.step_seconds();
        let failed_at = self.after(self.queue_seconds() + before);
        let step = |number: u64, name: &str, conclusion: &str, from: Timestamp, to: Timestamp| {
            json!({ "name": name, "status": "completed", "conclusion": conclusion, "number": number,
                    "started_at": from, "completed_at": to })
        };
        let failed = self.failure.delivered.failed_steps.first();
        let failed = failed.expect("a step that failed");
        json!([
            step(1, "Set up job", "success", started, started),
            step(2, "Run actions/checkout@v4", "success", started, failed_at),
            step(3, "Install dependencies", "success", started, failed_at),
            step(4, failed, self.conclusion(), failed_at, ended),
            step(5, "Deploy", "skipped", ended, ended),
            step(6, "Post Run actions/checkout@v4", "success", ended, ended),
            step(7, "Complete job", "success", ended, ended),
        ])
    }

    fn body(&self, told: Told) -> Value {
        let subject = match told {
            Told::Job => self.job(),
            Told::Run => self.run(),
            Told::Check => self.check("github-actions", None, None),
            Told::Summary => self.check(
                "orbit-ci",
                Some("Your tests failed on OrbitCI"),
                Some("The workflow failed."),
            ),
        };
        json!({
            "action": "completed", told.event(): subject,
            "repository": { "id": 42, "full_name": "octo/hello", "html_url": "https://github.com/octo/hello", "language": "Rust" },
            "sender": { "login": "ada" },
        })
    }

    fn run_id(&self) -> i64 {
        9_000_000_000 + self.number
    }

    fn job_id(&self) -> i64 {
        40_000_000_000 + self.number
    }

    fn link(&self) -> String {
        format!(
            "https://github.com/octo/hello/actions/runs/{}/job/{}",
            self.run_id(),
            self.job_id()
        )
    }

    fn job(&self) -> Value {
        let [created, started, ended] = self.times();
        json!({
            "id": self.job_id(), "run_id": self.run_id(), "run_attempt": self.attempt(), "name": self.failure.delivered.job,
            "workflow_name": "CI", "head_branch": "main", "head_sha": SHA, "status": "completed",
            "conclusion": self.conclusion(), "html_url": self.link(), "created_at": created, "started_at": started,
            "completed_at": ended, "labels": ["ubuntu-24.04"], "runner_name": "GitHub Actions 4", "steps": self.steps(),
        })
    }

    fn run(&self) -> Value {
        let [created, _, ended] = self.times();
        json!({
            "id": self.run_id(), "run_attempt": self.attempt(), "run_number": self.number, "name": "CI", "event": "push",
            "head_branch": "main", "head_sha": SHA, "status": "completed", "conclusion": self.conclusion(),
            "html_url": format!("https://github.com/octo/hello/actions/runs/{}", self.run_id()),
            "actor": { "login": "ada" }, "created_at": created, "run_started_at": created, "updated_at": ended,
        })
    }

    fn check(&self, app: &str, title: Option<&str>, summary: Option<&str>) -> Value {
        let [_, started, ended] = self.times();
        json!({
            "id": self.job_id(), "name": self.failure.delivered.job, "status": "completed",
            "conclusion": self.conclusion(), "head_sha": SHA, "html_url": self.link(), "details_url": self.link(),
            "started_at": started, "completed_at": ended, "check_suite": { "head_branch": "main" }, "app": { "slug": app },
            "output": { "title": title, "summary": summary, "text": null, "annotations_count": 1 },
        })
    }
}

const SHA: &str = "4c0b1d2e3f405162738495a6b7c8d9e0f1a2b3c4";

/// What drift says of a house.
struct Shown {
    looks: usize,
    /// Looks at which something had moved.
    alarms: usize,
    /// By feature: the events at which it had moved.
    moved: BTreeMap<String, Vec<i64>>,
    last: Health,
}

/// So many failures: fifteen windows.
const EVENTS: u64 = 1_500;

fn watch(told: Told, limits: bool) -> Shown {
    let bundle = Bundle::shipped().expect("the shipped model");
    let corpus = Corpus::shipped().expect("the corpus");
    let mut window = SlidingWindow::new(Arc::clone(&bundle.reference), DriftSettings::default());
    let (mut looks, mut alarms, mut moved) = (0, 0, BTreeMap::<String, Vec<i64>>::new());
    let stream = SimulateSettings {
        seed: 12,
        count: EVENTS,
        ..SimulateSettings::default()
    };
    for (number, arrival) in (0..).zip(Stream::new(&corpus, stream)) {
        let failure = &arrival.failure;
        let delivery = Delivery {
            number,
            failure,
            limits,
        };
        let body = delivery.body(told).to_string();
        let read = payload::parse(told.event(), None, body.as_bytes(), Timestamp::UNIX_EPOCH).expect("a delivery");
        let judged = judge(&read.failed.expect("a failed job"), None, &bundle).expect("a verdict");
        let (from, confidence) = (judged.verdict.decided_from, judged.verdict.confidence);
        assert_eq!(from, DecidedFrom::Payload);
        window.push(number, Timestamp::UNIX_EPOCH, from, &judged.watched, confidence);
        if number % 10 == 9 {
            let drift = window.report();
            looks += 1;
            alarms += usize::from(drift.drifted() > 0);
            for feature in drift.features.into_iter().filter(|feature| feature.is_drifted) {
                moved.entry(feature.feature).or_default().push(number);
            }
        }
    }
    let drift = window.report();
    let last = assess(&HealthInputs {
        drift: &drift,
        corrections_waiting: 0,
        retrain_threshold: 100,
        store_trouble: None,
    });
    Shown {
        looks,
        alarms,
        moved,
        last,
    }
}

#[test]
fn a_quiet_house_that_is_known_by_payloads_alone_raises_no_alarm() {
    let (mut all, mut false_alarms) = (0, 0);
    for told in [Told::Job, Told::Run, Told::Check, Told::Summary] {
        for limits in [true, false] {
            let shown = watch(told, limits);
            let Shown {
                looks, alarms, moved, ..
            } = &shown;
            println!("{told:?}, limits {limits}: {alarms} of {looks} looks, {moved:?}");
            assert_eq!(
                shown.last.state,
                HealthState::Healthy,
                "{told:?}: {:?}",
                shown.last.reasons
            );
            // By chance a window alarms now and then; another way of telling would go on.
            for (feature, at) in moved {
                assert!(at.len() < 10, "{told:?}, limits {limits}: {feature} at {at:?}");
            }
            all += looks;
            false_alarms += alarms;
        }
    }
    println!("{false_alarms} of {all} looks");
    assert!(20 * false_alarms <= all, "{false_alarms} of {all}");
}
