//! Bytes from outside become typed values: a delivery, the job that failed in it, its cleaned log.
//!
//! The promise of this module: what leaves it is valid, masked, and says no more than its source said. What a source
//! does not say stays missing.

#![deny(clippy::disallowed_methods)]

pub mod secret;
pub mod mask;
pub mod text;
pub mod json;
pub mod log;
pub mod decompress;
pub mod stage;
pub mod payload;
pub mod record;
pub mod signature;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What makes a row unique.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RowKey {
    /// One failed job of a CI run. `job_id` 0 stands for the run itself while its failed jobs are unknown;
    /// `repository_id` is 0 where the payload does not name a repository.
    Job {
        /// Host of the forge, as `github.com`.
        host: String,
        /// GitHub's repository id.
        repository_id: i64,
        /// GitHub's workflow run id; 0 where a payload names none (a `check_run` outside of Actions).
        run_id: i64,
        /// Attempt of the run, counted from 1.
        attempt: i64,
        /// GitHub's job id, which is also the id of the job's check run.
        job_id: i64,
    },
    /// A record that came without such an identity: unique by the id the store gives it.
    Own,
}

/// Where an event came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventSource {
    /// A webhook delivery of GitHub.
    GithubWebhook,
    /// An agent, over MCP.
    Mcp,
    /// `POST /api/analyze`.
    Api,
    /// `sentinel exec`.
    Exec,
    /// `sentinel simulate`.
    Simulator,
    /// `sentinel backfill`.
    Backfill,
}

impl EventSource {
    /// All sources.
    pub const ALL: [Self; 6] = [
        Self::GithubWebhook,
        Self::Mcp,
        Self::Api,
        Self::Exec,
        Self::Simulator,
        Self::Backfill,
    ];

    /// The name in the database, JSON and filters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GithubWebhook => "github_webhook",
            Self::Mcp => "mcp",
            Self::Api => "api",
            Self::Exec => "exec",
            Self::Simulator => "simulator",
            Self::Backfill => "backfill",
        }
    }

    /// The source of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// Whether such events are live traffic, as against made-up or past ones.
    #[must_use]
    pub const fn is_live(self) -> bool {
        match self {
            Self::GithubWebhook | Self::Mcp | Self::Api | Self::Exec => true,
            Self::Simulator | Self::Backfill => false,
        }
    }
}

/// How the job ended, as its source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// It failed.
    Failure,
    /// It was ended by its time limit.
    TimedOut,
}

/// What is known of a job's durations, CPU, memory and retries. Seconds, percent, megabytes (10^6 bytes), a count.
///
/// A number that is not known is `None` here and NaN in the model: never zero, never a mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measurements {
    /// Seconds in build steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_duration_sec: Option<f64>,
    /// Seconds in test steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_duration_sec: Option<f64>,
    /// Seconds in deploy steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deploy_duration_sec: Option<f64>,
    /// Seconds from the start of the job to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_duration_sec: Option<f64>,
    /// Seconds from the creation of the job to its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_duration_sec: Option<f64>,
    /// Mean CPU use of the machine, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_usage_pct: Option<f64>,
    /// Peak memory in megabytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_usage_mb: Option<f64>,
    /// How often the job was tried again before this failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_count: Option<f64>,
}

impl Measurements {
    /// How many there are.
    pub const COUNT: usize = 8;

    /// Their names, in the order of [`Self::values`].
    pub const NAMES: [&'static str; Self::COUNT] = [
        "build_duration_sec",
        "test_duration_sec",
        "deploy_duration_sec",
        "job_duration_sec",
        "queue_duration_sec",
        "cpu_usage_pct",
        "memory_usage_mb",
        "retry_count",
    ];

    /// The values in the order of [`Self::NAMES`].
    #[must_use]
    pub const fn values(&self) -> [Option<f64>; Self::COUNT] {
        [
            self.build_duration_sec,
            self.test_duration_sec,
            self.deploy_duration_sec,
            self.job_duration_sec,
            self.queue_duration_sec,
            self.cpu_usage_pct,
            self.memory_usage_mb,
            self.retry_count,
        ]
    }
}

/// What is known of a job in words of a closed or small set. Watched for drift; never an input of the model, because
/// several of them (severity, roll-back, incident) are set after, and by, the diagnosis itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Categories {
    /// `build`, `test` or `deploy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_stage: Option<String>,
    /// `LOW`, `MEDIUM`, `HIGH` or `CRITICAL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// The CI system, as `github-actions`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_tool: Option<String>,
    /// The main language of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The operating system of the runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// The cloud it runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_provider: Option<String>,
    /// Whether the test is known as flaky.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_flaky_test: Option<bool>,
    /// Whether a roll-back followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_triggered: Option<bool>,
    /// Whether an incident was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_created: Option<bool>,
}

/// One failed job: who, where, when, and what is known of it apart from its log. Every text in it is masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedJob {
    /// What makes its row unique.
    pub key: RowKey,
    /// Where the event came from.
    pub source: EventSource,
    /// When it failed (the payload's completion time), or else when it arrived.
    pub failed_at: Timestamp,
    /// How it ended.
    pub conclusion: Conclusion,
    /// `owner/name`.
    pub repository: Option<String>,
    /// Name of the workflow.
    pub workflow: Option<String>,
    /// Name of the job.
    pub job: Option<String>,
    /// Names of the steps that failed or timed out, in order.
    pub failed_steps: Vec<String>,
    /// Branch.
    pub branch: Option<String>,
    /// Commit.
    pub head_sha: Option<String>,
    /// Who started it.
    pub author: Option<String>,
    /// A page to read about it.
    pub url: Option<String>,
    /// Labels of the runner it ran on.
    pub runner_labels: Vec<String>,
    /// Numbers.
    pub measurements: Measurements,
    /// Words of small sets.
    pub categories: Categories,
    /// A short text that came with it (`error_message` of a record, title and summary of a check run).
    pub message: Option<String>,
}

impl FailedJob {
    /// A job of which nothing is known but where it came from and when.
    #[must_use]
    pub fn unknown(source: EventSource, failed_at: Timestamp) -> Self {
        Self {
            key: RowKey::Own,
            source,
            failed_at,
            conclusion: Conclusion::Failure,
            repository: None,
            workflow: None,
            job: None,
            failed_steps: Vec::new(),
            branch: None,
            head_sha: None,
            author: None,
            url: None,
            runner_labels: Vec::new(),
            measurements: Measurements::default(),
            categories: Categories::default(),
            message: None,
        }
    }
}

/// A job, or a whole run where the job id is 0, that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedJob {
    /// Which.
    pub key: RowKey,
    /// Name of the workflow.
    pub workflow: Option<String>,
    /// Name of the job.
    pub job: Option<String>,
    /// Commit.
    pub head_sha: Option<String>,
    /// When it ended.
    pub at: Timestamp,
}

/// GitHub's id of one delivery (`X-GitHub-Delivery`). Several hooks of one event, and redeliveries, share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeliveryId(pub String);

/// One webhook arrival.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// `X-GitHub-Delivery`, or a stand-in made from the hash of the body where it is missing.
    pub id: DeliveryId,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The action in the payload.
    pub action: String,
    /// The conclusion in the payload, if it has one.
    pub conclusion: Option<String>,
    /// The job that failed; `None` for anything but a completed failure or time-out.
    pub failed: Option<FailedJob>,
    /// The job or run that succeeded.
    pub passed: Option<PassedJob>,
    /// The event that started the run, as `push`; said of whole runs alone.
    pub run_event: Option<String>,
    /// The default branch of the repository, where the payload says it.
    pub default_branch: Option<String>,
    /// SHA-256 of the body as received, hex.
    pub raw_sha256: String,
    /// The body of a failure as JSON text, secrets masked; empty where nothing failed.
    pub masked_body: Vec<u8>,
}
