//! What a record looks like, for those who write one: only the schemas of these types are read, and [`super::parse`] reads
//! the records. A test holds both to the same fields.

use schemars::JsonSchema;

/// A feature record, with its fields in the object itself or in an object under `features`. Leave out what is not known: a
/// missing number stays missing. `error_message` or `log` is needed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read")]
pub struct RecordArguments {
    #[schemars(flatten)]
    record: FeatureRecord,
    /// The same fields in an object of their own.
    features: Option<FeatureRecord>,
}

/// What is known of one failed job. Leave out what is not: a missing number stays missing. `error_message` or `log` is needed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read")]
pub struct FeatureRecord {
    /// The text that says what failed, where there is no log.
    error_message: Option<String>,
    /// The log of the failed job, whole or its end.
    log: Option<String>,
    /// Seconds.
    #[schemars(range(min = 0.0, max = 1e12))]
    build_duration_sec: Option<f64>,
    /// Seconds.
    #[schemars(range(min = 0.0, max = 1e12))]
    test_duration_sec: Option<f64>,
    /// Seconds.
    #[schemars(range(min = 0.0, max = 1e12))]
    deploy_duration_sec: Option<f64>,
    /// Percent.
    #[schemars(range(min = 0.0, max = 100.0))]
    cpu_usage_pct: Option<f64>,
    /// Megabytes.
    #[schemars(range(min = 0.0, max = 1e12))]
    memory_usage_mb: Option<f64>,
    /// How often it was tried again.
    #[schemars(range(min = 0.0, max = 1e12))]
    retry_count: Option<f64>,
    /// `owner/name`.
    #[schemars(length(max = 1024))]
    repository: Option<String>,
    #[schemars(length(max = 1024))]
    author: Option<String>,
    failure_stage: Option<Stage>,
    severity: Option<Severity>,
    /// As `github-actions`.
    #[schemars(length(max = 64))]
    ci_tool: Option<String>,
    #[schemars(length(max = 64))]
    language: Option<String>,
    #[schemars(length(max = 64))]
    os: Option<String>,
    #[schemars(length(max = 64))]
    cloud_provider: Option<String>,
    is_flaky_test: Option<bool>,
    rollback_triggered: Option<bool>,
    incident_created: Option<bool>,
    /// Host of the forge, as `github.com`.
    #[schemars(length(min = 1, max = 255), regex(pattern = "^[A-Za-z0-9.:-]+$"))]
    host: Option<String>,
    #[schemars(range(min = 1))]
    run_id: Option<i64>,
    #[schemars(range(min = 1))]
    job_id: Option<i64>,
    #[schemars(range(min = 1))]
    attempt: Option<i64>,
    #[schemars(length(max = 1024))]
    workflow: Option<String>,
    #[schemars(length(max = 1024))]
    job: Option<String>,
    #[schemars(length(max = 1024))]
    head_sha: Option<String>,
    #[schemars(length(max = 1024))]
    branch: Option<String>,
    /// An http or https page about it.
    #[schemars(length(max = 2048), regex(pattern = r"^https?://[^\s\u0000-\u001f\u007f-\u009f]+$"))]
    url: Option<String>,
    /// What the record was made by, if not by who sends it.
    event_source: Option<Source>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only its schema is read")]
enum Stage {
    Build,
    Test,
    Deploy,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "UPPERCASE", inline)]
#[expect(dead_code, reason = "only its schema is read")]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only its schema is read")]
enum Source {
    Api,
    Exec,
    Simulator,
}
