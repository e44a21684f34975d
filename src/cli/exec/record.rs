//! What was measured and printed becomes a feature record, as every other door of Sentinel takes it.

use std::ffi::OsString;

use serde_json::{Map, Value, json};

use super::ci::CiRun;
use super::now;
use super::step::{Finished, How, name};
use crate::config::Environment;
use crate::ingest::mask::mask;
use crate::ingest::record::{self, Record, RecordErrors};
use crate::ingest::stage::Stage;
use crate::ingest::{EventSource, text};

/// Bytes of the command in a text.
const SHOWN_COMMAND: usize = 200;

/// Everything that is known of a step that has ended.
pub(super) struct Facts {
    command: String,
    stage: Option<Stage>,
    ci: CiRun,
    how: How,
    seconds: f64,
    cpu_percent: f64,
    memory_mb: f64,
    /// Masked.
    log: Vec<u8>,
    left_out_bytes: u64,
}

impl Facts {
    pub(super) fn new(
        command: &[OsString],
        stage: Option<Stage>,
        finished: &Finished,
        environment: &Environment,
    ) -> Self {
        let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
        let (mut command, mut log) = (words.join(" ").into_bytes(), finished.log.clone());
        mask(&mut command);
        mask(&mut log);
        Self {
            command: String::from_utf8_lossy(&command).into_owned(),
            stage,
            ci: CiRun::of(environment),
            how: finished.how,
            seconds: finished.seconds,
            cpu_percent: finished.cpu_percent,
            memory_mb: finished.memory_mb,
            log,
            left_out_bytes: finished.left_out_bytes,
        }
    }

    /// The feature record, without what the record's rules refuse: a strange variable costs its field, not the report.
    pub(super) fn record(&self) -> Value {
        let mut record = self.every_field();
        let wrong = read(&Value::Object(record.clone())).err();
        for error in wrong.iter().flat_map(RecordErrors::fields) {
            record.remove(&error.field);
        }
        Value::Object(record)
    }

    fn every_field(&self) -> Map<String, Value> {
        let ci = &self.ci;
        let log = String::from_utf8_lossy(&self.log);
        let log = (!log.trim().is_empty()).then_some(log);
        let fields = [
            ("event_source", json!(EventSource::Exec.name())),
            ("error_message", json!(self.message(log.is_some()))),
            ("log", json!(log)),
            ("cpu_usage_pct", json!(self.cpu_percent)),
            ("memory_usage_mb", json!(self.memory_mb)),
            ("failure_stage", json!(self.stage.map(Stage::name))),
            ("os", json!(std::env::consts::OS)),
            ("ci_tool", json!(ci.ci_tool)),
            ("host", json!(ci.host)),
            ("repository", json!(ci.repository)),
            ("run_id", json!(ci.run_id)),
            ("job_id", json!(ci.job_id)),
            ("attempt", json!(ci.attempt)),
            ("workflow", json!(ci.workflow)),
            ("job", json!(ci.job)),
            ("head_sha", json!(ci.head_sha)),
            ("branch", json!(ci.branch)),
            ("author", json!(ci.author)),
            ("url", json!(ci.url)),
        ];
        let duration = self.stage.map(|stage| (duration_of(stage), json!(self.seconds)));
        let known = fields.into_iter().chain(duration).filter(|(_, value)| !value.is_null());
        known.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What happened where the log does not say it: nothing was printed, or somebody ended the step.
    fn message(&self, printed: bool) -> Option<String> {
        let command = text::cut(&self.command, SHOWN_COMMAND);
        match self.how {
            How::TimedOut(limit) => Some(format!(
                "`{command}` timed out after {} seconds and was ended",
                limit.as_secs_f64()
            )),
            How::Signalled(signal) => Some(format!("`{command}` was ended by {}", name(signal))),
            How::Exited(code) => {
                (!printed).then(|| format!("`{command}` ended with exit code {code} and printed nothing"))
            }
        }
    }

    /// One line of a capture: what was measured and the masked log.
    pub(super) fn captured(&self) -> Value {
        json!({
            "command": self.command,
            "exit_code": self.how.exit_code(),
            "timed_out": matches!(self.how, How::TimedOut(_)),
            "stage": self.stage.map(Stage::name),
            "captured_at": now(),
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
            "duration_sec": self.seconds,
            "cpu_usage_pct": self.cpu_percent,
            "memory_usage_mb": self.memory_mb,
            "left_out_bytes": self.left_out_bytes,
            "log": String::from_utf8_lossy(&self.log),
        })
    }
}

const fn duration_of(stage: Stage) -> &'static str {
    match stage {
        Stage::Build => "build_duration_sec",
        Stage::Test => "test_duration_sec",
        Stage::Deploy => "deploy_duration_sec",
    }
}

/// Reads a record as the server does.
pub(super) fn read(record: &Value) -> Result<Record, RecordErrors> {
    record::parse(record, EventSource::Exec, now())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn facts(how: How, log: &str, variables: &[(&str, &str)]) -> Facts {
        let finished = Finished {
            how,
            seconds: 12.5,
            cpu_percent: 40.0,
            memory_mb: 120.0,
            log: log.as_bytes().to_vec(),
            left_out_bytes: 0,
        };
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = variables.iter().map(own).collect();
        Facts::new(
            &["make".into(), "test".into()],
            Some(Stage::Test),
            &finished,
            &environment,
        )
    }

    #[test]
    fn a_failed_step_is_a_valid_record_with_its_measurements() {
        let record = facts(How::Exited(2), "boom\n", &[]).record();
        let read = read(&record).expect("a valid record");
        assert_eq!(read.job.source, EventSource::Exec);
        assert_eq!(read.job.measurements.test_duration_sec, Some(12.5));
        assert_eq!(read.job.measurements.memory_usage_mb, Some(120.0));
        assert_eq!(read.log.as_deref(), Some(&b"boom\n"[..]));
        assert_eq!(read.job.message, None);
    }

    #[test]
    fn a_step_that_printed_nothing_says_how_it_ended() {
        for (how, words) in [
            (How::Exited(3), "exit code 3"),
            (How::Signalled(9), "SIGKILL"),
            (How::TimedOut(Duration::from_secs(5)), "timed out after 5 seconds"),
        ] {
            let record = facts(how, " \n", &[]).record();
            let message = read(&record).expect("a valid record").job.message.unwrap_or_default();
            assert!(message.contains(words), "{message}");
        }
    }

    #[test]
    fn a_strange_variable_costs_its_field_alone() {
        let record = facts(
            How::Exited(1),
            "boom\n",
            &[
                ("GITLAB_CI", "true"),
                ("CI_JOB_URL", "javascript:alert(1)"),
                ("CI_JOB_NAME", "unit"),
            ],
        )
        .record();
        let read = read(&record).expect("a valid record");
        assert_eq!((read.job.url, read.job.job.as_deref()), (None, Some("unit")));
    }

    #[test]
    fn secrets_are_masked_in_log_command_and_capture() {
        let secret = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB";
        let facts = facts(How::Exited(1), &format!("token {secret}\n"), &[]);
        assert!(!facts.record().to_string().contains(secret));
        assert!(!facts.captured().to_string().contains(secret));
    }
}
