//! One record becomes a whole log, as a CI system would have written it: preamble, passing steps, the failing step,
//! clean-up, the generic last line. Seeded: the same record, form and seed give the same bytes.

use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::corpus::{Capture, Corpus, Origin, Record};
use crate::class::FailureClass;
use crate::ingest::{Conclusion, EventSource, FailedJob, Measurements};

/// In which form a failure reaches Sentinel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A whole log of GitHub Actions.
    GithubActions,
    /// A whole log of Travis CI.
    Travis,
    /// A whole log of GitLab.
    Gitlab,
    /// A whole log of Jenkins.
    Jenkins,
    /// A whole log of Azure Pipelines.
    Azure,
    /// A whole log without any wrapper.
    Plain,
    /// The output of the failing step alone, as people paste it.
    Excerpt,
    /// The decisive lines alone, as `error_message` of a record.
    Message,
    /// No text at all: what a webhook's payload says.
    Payload,
    /// A few lines of a step that passed, or none: nothing here says why it failed, so nobody can know the class.
    Silent,
}

impl Form {
    /// The forms of whole logs.
    pub const WHOLE: [Self; 6] = [
        Self::GithubActions,
        Self::Travis,
        Self::Gitlab,
        Self::Jenkins,
        Self::Azure,
        Self::Plain,
    ];
}

/// A failure made from a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    /// What is known beside the log.
    pub job: FailedJob,
    /// The log.
    pub log: Option<Vec<u8>>,
    /// The class of the record.
    pub label: FailureClass,
    /// Numbers of the decisive lines in the log, counted from 1.
    pub decisive: Vec<u64>,
}

/// Composes a failure. `record` must have a class.
#[must_use]
pub fn compose(record: &Record, label: FailureClass, corpus: &Corpus, form: Form, seed: u64) -> Composed {
    let mut composer = Composer::new(form, seed);
    let mut job = FailedJob::unknown(EventSource::Api, composer.clock);
    match form {
        Form::Payload => {}
        Form::Silent => composer.beginning(corpus),
        Form::Message => job.message = Some(message(record)),
        Form::Excerpt => composer.failing(record, label, corpus),
        _ => composer.whole(record, label, corpus),
    }
    let log = (form == Form::Silent || !composer.bytes.is_empty()).then_some(composer.bytes);
    if form == Form::Silent {
        return Composed {
            job,
            log,
            label,
            decisive: Vec::new(),
        };
    }
    if matches!(form, Form::Payload | Form::GithubActions) || composer.rng.random_bool(0.2) {
        job.failed_steps = vec![record.step.clone()];
        job.job = Some(job_name(record, &mut composer.rng));
    }
    if form == Form::Payload {
        job.source = EventSource::GithubWebhook;
    }
    let ended_by_limit = if form == Form::Payload { 0.7 } else { 0.15 };
    if label == FailureClass::Timeout && composer.rng.random_bool(ended_by_limit) {
        job.conclusion = Conclusion::TimedOut;
    }
    job.categories.failure_stage = Some(stage(record).to_owned());
    job.measurements = measurements(record, label, form, &mut composer.rng);
    Composed {
        job,
        log,
        label,
        decisive: composer.decisive,
    }
}

fn message(record: &Record) -> String {
    let decisive = record
        .lines
        .iter()
        .filter(|(_, decisive)| *decisive)
        .map(|(line, _)| line.as_str());
    decisive.collect::<Vec<_>>().join("\n")
}

fn job_name(record: &Record, rng: &mut Pcg64Mcg) -> String {
    const NAMES: [&str; 8] = [
        "build",
        "ci",
        "test",
        "main",
        "build-and-test",
        "checks",
        "verify",
        "pipeline",
    ];
    if rng.random_bool(0.4) {
        record.step.to_lowercase().replace(' ', "-")
    } else {
        NAMES[rng.random_range(0..NAMES.len())].to_owned()
    }
}

/// The stage of a step, from its name and command. Never from its class: a duration would then tell the label.
fn stage(record: &Record) -> &'static str {
    let words = format!("{} {}", record.step, record.command).to_lowercase();
    let says = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    if says(&[
        "deploy", "release", "publish", "apply", "upload", "rollout", "push", "migrate",
    ]) {
        "deploy"
    } else if says(&["test", "spec", "e2e", "check", "coverage", "scan", "audit", "lint"]) {
        "test"
    } else {
        "build"
    }
}

/// What was measured, with the gaps that senders leave.
///
/// Of a captured record these are the lab's measurements. Nobody measured authored records: theirs are drawn from wide
/// log-normal distributions and say only what holds for any tool: time-outs take long, and exhausted machines are full.
/// What surrounds the step (the job, its queue, its retries) is composed, so it is drawn for all.
fn measurements(record: &Record, label: FailureClass, form: Form, rng: &mut Pcg64Mcg) -> Measurements {
    let mut out = Measurements::default();
    if rng.random_bool(0.3) && form != Form::Payload {
        return out;
    }
    let captured = match &record.origin {
        Origin::Captured(capture) => Some(capture),
        Origin::Authored => None,
    };
    let seconds = captured.map_or_else(|| drawn_seconds(label, rng), |capture| capture.seconds);
    match stage(record) {
        "deploy" => out.deploy_duration_sec = Some(seconds),
        "test" => out.test_duration_sec = Some(seconds),
        _ => out.build_duration_sec = Some(seconds),
    }
    if form == Form::Payload || rng.random_bool(0.5) {
        out.job_duration_sec = Some(seconds + log_normal(rng, 40.0, 0.6));
        out.queue_duration_sec = Some(log_normal(rng, 6.0, 1.0));
    }
    if form != Form::Payload && rng.random_bool(0.5) {
        let (cpu, memory) = captured.map_or_else(
            || drawn_usage(label, rng),
            |capture| (capture.cpu_percent, capture.memory_mb),
        );
        out.cpu_usage_pct = Some(cpu);
        out.memory_usage_mb = Some(memory);
    }
    if rng.random_bool(0.5) {
        out.retry_count = Some((0..3).filter(|_| rng.random_bool(0.2)).count() as f64);
    }
    out
}

/// How long a step takes.
fn drawn_seconds(label: FailureClass, rng: &mut Pcg64Mcg) -> f64 {
    let long = if label == FailureClass::Timeout { 8.0 } else { 1.0 };
    (log_normal(rng, 90.0, 1.0) * long).min(21_600.0)
}

/// How much of the processors and how many MB of memory a step uses.
fn drawn_usage(label: FailureClass, rng: &mut Pcg64Mcg) -> (f64, f64) {
    let full = label == FailureClass::Resource && rng.random_bool(0.6);
    let cpu = rng.random_range(5.0..100.0);
    let memory = if full {
        rng.random_range(6_000.0..16_000.0)
    } else {
        log_normal(rng, 900.0, 0.9)
    };
    (cpu, memory)
}

/// A log-normal draw by its median and the standard deviation of its logarithm (Box and Muller's method).
fn log_normal(rng: &mut Pcg64Mcg, median: f64, sigma: f64) -> f64 {
    let (u, v): (f64, f64) = (rng.random_range(1e-12..1.0), rng.random());
    median * (sigma * (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()).exp()
}

/// How many of the failing suites print errors of what they test.
const TESTS_WITH_CHATTER: f64 = 0.35;

/// Writes one log.
struct Composer {
    form: Form,
    rng: Pcg64Mcg,
    bytes: Vec<u8>,
    lines: u64,
    decisive: Vec<u64>,
    clock: Timestamp,
}

impl Composer {
    fn new(form: Form, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let second = rng.random_range(1_640_000_000..1_760_000_000);
        let clock = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            form,
            rng,
            bytes: Vec::new(),
            lines: 0,
            decisive: Vec::new(),
            clock,
        }
    }

    fn whole(&mut self, record: &Record, label: FailureClass, corpus: &Corpus) {
        self.preamble();
        for _ in 0..self.rng.random_range(1..5) {
            if let Some(passing) = self.pick(corpus, &record.ecosystem) {
                self.step(passing, true);
                self.output(passing);
                self.step_end(passing, 0);
            }
        }
        self.step(record, false);
        if self.rng.random_bool(0.3)
            && let Some(before) = self.pick(corpus, &record.ecosystem)
        {
            self.output(before);
        }
        self.failing(record, label, corpus);
        let code = self.exit_code(record, label);
        self.step_end(record, code);
        if self.rng.random_bool(0.5)
            && let Some(after) = self.pick(corpus, "ci")
        {
            self.step(after, true);
            self.output(after);
        }
        self.end(code);
    }

    /// A passing step, of the same ecosystem in two of three cases.
    fn pick<'a>(&mut self, corpus: &'a Corpus, ecosystem: &str) -> Option<&'a Record> {
        let own: Vec<&Record> = corpus
            .noise
            .iter()
            .filter(|noise| noise.ecosystem == ecosystem)
            .collect();
        let pool = if own.is_empty() || self.rng.random_bool(0.34) {
            corpus.noise.iter().collect()
        } else {
            own
        };
        (!pool.is_empty()).then(|| pool[self.rng.random_range(0..pool.len())])
    }

    /// The first lines of a passing step.
    fn beginning(&mut self, corpus: &Corpus) {
        let count = self.rng.random_range(0..12);
        if let Some(passing) = self.pick(corpus, "") {
            for (line, _) in passing.lines.iter().take(count) {
                self.line(line);
            }
        }
    }

    fn output(&mut self, record: &Record) {
        for (line, decisive) in &record.lines {
            if *decisive {
                self.decisive.push(self.lines + 1);
            }
            self.line(line);
        }
    }

    /// The output of the failing step. What tests run may say anything before the runner says what failed.
    fn failing(&mut self, record: &Record, label: FailureClass, corpus: &Corpus) {
        if label == FailureClass::Test && self.rng.random_bool(TESTS_WITH_CHATTER) {
            for _ in 0..self.rng.random_range(1..4) {
                self.chatter(corpus);
            }
        }
        self.output(record);
    }

    /// Some lines of another failure, around one that would be decisive there.
    fn chatter(&mut self, corpus: &Corpus) {
        let other = &corpus.failures[self.rng.random_range(0..corpus.failures.len())];
        let decisive = other.lines.iter().position(|(_, decisive)| *decisive).unwrap_or(0);
        let start = decisive.saturating_sub(self.rng.random_range(0..3));
        let count = self.rng.random_range(2..7);
        for (line, _) in other.lines.iter().skip(start).take(count) {
            self.line(line);
        }
    }

    fn line(&mut self, text: &str) {
        let step = SignedDuration::from_millis(self.rng.random_range(1..900));
        self.clock = self.clock.checked_add(step).unwrap_or(self.clock);
        let wrapper = match self.form {
            Form::GithubActions | Form::Azure => self.clock.strftime("%Y-%m-%dT%H:%M:%S.%6f1Z ").to_string(),
            Form::Gitlab => self.clock.strftime("%Y-%m-%dT%H:%M:%S.%6fZ 01O ").to_string(),
            Form::Jenkins => self.clock.strftime("[%Y-%m-%dT%H:%M:%S.%3fZ] ").to_string(),
            Form::Travis | Form::Plain | Form::Excerpt | Form::Message | Form::Payload | Form::Silent => String::new(),
        };
        self.bytes.extend_from_slice(wrapper.as_bytes());
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(b'\n');
        self.lines += 1;
    }

    fn all(&mut self, lines: &[&str]) {
        for line in lines {
            self.line(line);
        }
    }

    fn preamble(&mut self) {
        match self.form {
            Form::GithubActions => self.all(&[
                "Current runner version: '2.319.1'",
                "##[group]Operating System",
                "Ubuntu",
                "22.04.5",
                "LTS",
                "##[endgroup]",
                "##[group]Runner Image",
                "Image: ubuntu-22.04",
                "Version: 20240908.1.0",
                "##[endgroup]",
                "##[group]GITHUB_TOKEN Permissions",
                "Contents: read",
                "Metadata: read",
                "##[endgroup]",
                "Secret source: Actions",
                "Prepare workflow directory",
                "Prepare all required actions",
                "Getting action download info",
                "Download action repository 'actions/checkout@v4' (SHA:692973e3d937129bcbf40652eb9f2f61becf3332)",
                "Complete job name: build",
            ]),
            Form::Travis => self.all(&[
                "Worker information",
                "hostname: 4b5ad3f1-8a5e@1.worker-com-7f6d",
                "version: v6.2.22",
                "travis_fold:start:system_info",
                "Build system information",
                "Build language: generic",
                "Operating System Details",
                "Distributor ID: Ubuntu",
                "travis_fold:end:system_info",
                "$ git clone --depth=50 https://github.com/acme/app.git acme/app",
                "Cloning into 'acme/app'...",
            ]),
            Form::Gitlab => self.all(&[
                "Running with gitlab-runner 17.3.1 (66269445)",
                "  on shared-runner-4 sQ2zH1bK, system ID: s_3a7c51f02e7b",
                "section_start:1725000000:prepare_executor",
                "Preparing the \"docker\" executor",
                "Using Docker executor with image registry.gitlab.com/acme/ci:latest ...",
                "section_end:1725000004:prepare_executor",
                "Getting source from Git repository",
                "Fetching changes with git depth set to 20...",
                "Checking out 5f0c2a91 as detached HEAD (ref is main)...",
                "Skipping Git submodules setup",
            ]),
            Form::Jenkins => self.all(&[
                "Started by an SCM change",
                "Running in Durability level: MAX_SURVIVABILITY",
                "[Pipeline] Start of Pipeline",
                "[Pipeline] node",
                "Running on agent-07 in /var/lib/jenkins/workspace/app_main",
                "[Pipeline] {",
            ]),
            Form::Azure => self.all(&[
                "##[section]Starting: Job",
                "##[section]Starting: Initialize job",
                "Agent name: 'Hosted Agent'",
                "Agent machine name: 'fv-az512-834'",
                "Current agent version: '3.243.1'",
                "##[section]Finishing: Initialize job",
            ]),
            Form::Plain | Form::Excerpt | Form::Message | Form::Payload | Form::Silent => {}
        }
    }

    fn step(&mut self, record: &Record, _passing: bool) {
        let command = record.command.clone();
        match self.form {
            Form::GithubActions => {
                self.line(&format!("##[group]Run {command}"));
                self.line(&format!("\u{1b}[36;1m{command}\u{1b}[0m"));
                self.all(&["shell: /usr/bin/bash -e {0}", "env:", "  CI: true", "##[endgroup]"]);
            }
            Form::Azure => {
                self.line(&format!("##[section]Starting: {}", record.step));
                self.line("Generating script.");
                self.line("========================== Starting Command Output ===========================");
            }
            Form::Travis | Form::Gitlab => self.line(&format!("$ {command}")),
            Form::Jenkins => {
                self.line(&format!("[Pipeline] {{ ({})", record.step));
                self.line("[Pipeline] sh");
                self.line(&format!("+ {command}"));
            }
            Form::Plain | Form::Excerpt | Form::Message | Form::Payload | Form::Silent => {
                self.line(&format!("+ {command}"));
            }
        }
    }

    fn step_end(&mut self, record: &Record, code: i32) {
        match self.form {
            Form::Azure if code != 0 => {
                self.line(&format!("##[error]Bash exited with code '{code}'."));
                self.line(&format!("##[section]Finishing: {}", record.step));
            }
            Form::Azure => self.line(&format!("##[section]Finishing: {}", record.step)),
            Form::GithubActions if code != 0 => {
                self.line(&format!("##[error]Process completed with exit code {code}."));
            }
            Form::Travis if code != 0 => {
                self.line(&format!("The command \"{}\" exited with {code}.", record.command));
            }
            _ => {}
        }
    }

    fn end(&mut self, code: i32) {
        match self.form {
            Form::GithubActions => self.all(&[
                "Post job cleanup.",
                "[command]/usr/bin/git version",
                "git version 2.46.0",
                "Temporarily overriding HOME='/home/runner/work/_temp/3d1b' before making global git config changes",
                "Cleaning up orphan processes",
            ]),
            Form::Travis => self.line(&format!("Done. Your build exited with {code}.")),
            Form::Gitlab => {
                self.line("Cleaning up project directory and file based variables");
                self.line(&format!("ERROR: Job failed: exit code {code}"));
            }
            Form::Jenkins => self.all(&[
                "[Pipeline] }",
                "[Pipeline] // stage",
                "[Pipeline] End of Pipeline",
                &format!("ERROR: script returned exit code {code}"),
                "Finished: FAILURE",
            ]),
            Form::Azure => self.line("##[section]Finishing: Job"),
            Form::Plain | Form::Excerpt | Form::Message | Form::Payload | Form::Silent => {}
        }
    }

    fn exit_code(&mut self, record: &Record, label: FailureClass) -> i32 {
        if let Origin::Captured(Capture { exit_code, .. }) = &record.origin {
            return *exit_code;
        }
        let killed = record
            .lines
            .iter()
            .any(|(line, _)| line.contains("Killed") || line.contains("137"));
        match label {
            FailureClass::Resource if killed => 137,
            FailureClass::Timeout if self.rng.random_bool(0.3) => 124,
            _ if record.command.starts_with("make") => 2,
            _ if self.rng.random_bool(0.1) => self.rng.random_range(2..5),
            _ => 1,
        }
    }
}
