//! A simulated failure as a feature record, the form in which programs send one.

use serde_json::{Map, Value, json};

use super::Simulated;
use crate::ingest::EventSource;

impl Simulated {
    /// The record; what is not known is left out.
    #[must_use]
    pub fn record(&self) -> Value {
        let (job, project) = (&self.composed.job, &self.project);
        let log = self.composed.log.as_deref().map(String::from_utf8_lossy);
        let fields = [
            ("event_source", json!(EventSource::Simulator.name())),
            ("repository", json!(project.repository())),
            ("workflow", json!(project.workflow)),
            ("job", json!(job.job)),
            ("branch", json!(project.branch)),
            ("head_sha", json!(project.head_sha)),
            ("author", json!(project.author)),
            ("failure_stage", json!(job.categories.failure_stage)),
            ("ci_tool", json!(project.ci_tool)),
            ("language", json!(project.language)),
            ("os", json!("linux")),
            ("build_duration_sec", quantity(job.measurements.build_duration_sec)),
            ("test_duration_sec", quantity(job.measurements.test_duration_sec)),
            ("deploy_duration_sec", quantity(job.measurements.deploy_duration_sec)),
            ("cpu_usage_pct", quantity(job.measurements.cpu_usage_pct)),
            ("memory_usage_mb", quantity(job.measurements.memory_usage_mb)),
            ("retry_count", quantity(job.measurements.retry_count)),
            ("error_message", json!(job.message)),
            ("log", json!(log)),
        ];
        let known = fields.into_iter().filter(|(_, value)| !value.is_null());
        let known: Map<String, Value> = known.map(|(name, value)| (name.to_owned(), value)).collect();
        Value::Object(known)
    }
}

/// A measurement to the thousandth: no clock of a CI system says more.
fn quantity(value: Option<f64>) -> Value {
    json!(value.map(|value| (value * 1e3).round() / 1e3))
}
