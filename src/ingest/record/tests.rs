//! Records that are read, and everything that is told of those that are not.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Record, RecordErrors, parse};
use crate::ingest::{EventSource, RowKey};

fn read(value: &Value) -> Result<Record, RecordErrors> {
    parse(value, EventSource::Api, Timestamp::UNIX_EPOCH)
}

fn lines(value: &Value) -> Vec<String> {
    read(value).expect_err("the record is wrong").lines()
}

#[test]
fn a_full_record_is_read() {
    let record = read(&json!({
        "build_duration_sec": 12.5, "test_duration_sec": 0, "deploy_duration_sec": null, "cpu_usage_pct": 100,
        "memory_usage_mb": 2048, "retry_count": 2, "error_message": " npm ERR! ERESOLVE ", "log": "a\nb\n",
        "repository": "o/r", "author": "mona", "failure_stage": "build", "severity": "HIGH", "ci_tool": "Jenkins",
        "language": "Go", "os": "Linux", "cloud_provider": "AWS", "is_flaky_test": false, "rollback_triggered": true,
        "incident_created": false, "host": "ghe.example.com", "run_id": 5_000_000_000_i64, "job_id": 7, "attempt": 3,
        "workflow": "CI", "job": "build", "head_sha": "abc", "branch": "main", "url": "https://example.com/1",
        "event_source": "exec"
    }))
    .unwrap();
    let job = record.job;
    assert_eq!((job.source, job.key), (EventSource::Exec, RowKey::Own));
    assert_eq!(
        job.measurements.values(),
        [
            Some(12.5),
            Some(0.0),
            None,
            None,
            None,
            Some(100.0),
            Some(2048.0),
            Some(2.0)
        ]
    );
    assert_eq!(job.message.as_deref(), Some("npm ERR! ERESOLVE"));
    assert_eq!(record.log.as_deref(), Some(&b"a\nb\n"[..]));
    assert_eq!(job.categories.language.as_deref(), Some("go"));
    assert_eq!(job.categories.is_flaky_test, Some(false));
    assert_eq!(job.url.as_deref(), Some("https://example.com/1"));
}

#[test]
fn fields_under_features_count_as_well() {
    let record = read(&json!({"features": {"cpu_usage_pct": 5, "log": "x"}, "author": "mona"})).unwrap();
    assert_eq!(record.job.measurements.cpu_usage_pct, Some(5.0));
    assert_eq!(
        lines(&json!({"log": "x", "features": {"log": "y", "features": {}}})),
        [
            "features.features: got an unknown field; allowed: the fields of a feature record; did you mean `features`?",
            "features.log: got the field a second time; allowed: each field once"
        ]
    );
    assert_eq!(
        lines(&json!({"log": "x", "features": [1]})),
        ["features: got an array; allowed: an object of fields"]
    );
}

#[test]
fn what_names_a_run_becomes_a_link_and_the_number_of_retries() {
    let record = read(&json!({
        "log": "x", "host": "GitHub.com", "repository": "o/r", "run_id": 5_000_000_000_i64, "job_id": 7, "attempt": 3
    }));
    let job = record.unwrap().job;
    assert_eq!(
        job.url.as_deref(),
        Some("https://github.com/o/r/actions/runs/5000000000/job/7")
    );
    assert_eq!(job.measurements.retry_count, Some(2.0));
}

#[test]
fn every_wrong_field_is_told_with_what_is_allowed() {
    let told = lines(&json!({
        "cpu_usage": 1, "cpu_usage_pct": 101, "retry_count": true, "build_duration_sec": -1, "test_duration_sec": 1e300,
        "memory_usage_mb": "2048", "severity": "high", "failure_stage": 3, "run_id": 1.5, "attempt": 0,
        "is_flaky_test": 1, "url": "javascript:alert(1)", "author": ["mona"], "log": 5
    }));
    assert_eq!(told.len(), 14, "{told:#?}");
    let number = "allowed: a number from 0 to 1e12, or null where it is not known";
    for line in [
        "cpu_usage: got an unknown field; allowed: the fields of a feature record; did you mean `cpu_usage_pct`?"
            .to_owned(),
        "cpu_usage_pct: got the number 101; allowed: a number from 0 to 100, or null where it is not known".to_owned(),
        format!("retry_count: got the boolean true; {number}"),
        format!("build_duration_sec: got the number -1; {number}"),
        format!("test_duration_sec: got the number 1e+300; {number}"),
        format!("memory_usage_mb: got the string \"2048\"; {number}"),
        "severity: got the string \"high\"; allowed: LOW, MEDIUM, HIGH, CRITICAL; did you mean `HIGH`?".to_owned(),
        "failure_stage: got the number 3; allowed: build, test, deploy".to_owned(),
        "author: got an array; allowed: a string of at most 1024 bytes".to_owned(),
        "log: got the number 5; allowed: a string".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}\n{told:#?}");
    }
}

#[test]
fn a_record_without_text_has_nothing_to_judge() {
    for value in [
        json!({}),
        json!({"log": ""}),
        json!({"error_message": " \n", "log": null}),
        json!({"log": "\t"}),
    ] {
        let told = lines(&value);
        assert!(
            told.len() == 1 && told[0].starts_with("error_message: got no text"),
            "{told:?}"
        );
    }
    assert!(read(&json!({"error_message": "", "log": "x"})).is_ok());
    assert_eq!(lines(&json!([1])), ["record: got an array; allowed: an object"]);
}

#[test]
fn secrets_are_masked_in_every_text_and_in_errors() {
    let secret = format!("ghp_{}", "a1B2".repeat(9));
    let record = read(&json!({"log": format!("x {secret}\n"), "error_message": secret, "author": secret})).unwrap();
    let told = lines(&json!({"log": "x", "severity": secret, secret.clone(): 1}));
    assert!(
        !format!(
            "{record:?} {told:?} {}",
            String::from_utf8(record.log.clone().unwrap()).unwrap()
        )
        .contains("a1B2")
    );
}

#[test]
fn a_flood_of_unknown_fields_is_told_in_bounded_words() {
    let fields = (0..1_000).map(|n| (format!("\u{1b}[31m{}{n}", "x".repeat(500)), json!(1)));
    let told = lines(&Value::Object(fields.collect()));
    assert_eq!(told.len(), 51);
    assert_eq!(told[50], "and 951 more");
    assert!(told.iter().all(|line| line.len() < 200 && !line.contains('\u{1b}')));
}

proptest! {
    #[test]
    fn whatever_a_field_holds_it_is_read_or_named(
        field in proptest::sample::select(vec!["cpu_usage_pct", "retry_count", "severity", "run_id", "url", "host", "os", "is_flaky_test", "event_source", "job"]),
        value in prop_oneof![
            any::<f64>().prop_map(|n| json!(n)), any::<i64>().prop_map(|n| json!(n)), any::<bool>().prop_map(Value::from),
            ".*".prop_map(Value::from), Just(json!([1])), Just(json!({}))
        ],
    ) {
        match read(&json!({"log": "x", field: value})) {
            Ok(record) => prop_assert!(record.job.measurements.values().iter().flatten().all(|n| (0.0..=1e12).contains(n))),
            Err(errors) => prop_assert_eq!(&errors.fields()[0].field, field),
        }
    }
}
