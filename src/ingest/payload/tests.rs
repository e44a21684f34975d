//! Deliveries as GitHub sends them, and as it should not.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{PayloadError, form_payload, parse, parse_form};
use crate::ingest::{Conclusion, Delivery, FailedJob, RowKey};

fn at(time: &str) -> Timestamp {
    time.parse().expect("a time")
}

fn read(event: &str, payload: &Value) -> Result<Delivery, PayloadError> {
    parse(
        event,
        Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"),
        payload.to_string().as_bytes(),
        at("2024-05-01T10:30:00Z"),
    )
}

fn failed(event: &str, payload: &Value) -> FailedJob {
    read(event, payload).expect("a delivery").failed.expect("a failed job")
}

fn workflow_job() -> Value {
    json!({
        "action": "completed",
        "workflow_job": {
            "id": 24_541_957_942_i64, "run_id": 9_373_506_832_i64, "run_attempt": 2, "name": "build (ubuntu-latest)",
            "workflow_name": "CI", "head_branch": "main", "head_sha": "3484a3fb816e0859fd6e1cea078d76385ff50625",
            "html_url": "https://github.com/o/r/actions/runs/9373506832/job/24541957942",
            "conclusion": "failure", "created_at": "2024-05-01T10:00:00Z", "started_at": "2024-05-01T10:00:10Z",
            "completed_at": "2024-05-01T10:05:10Z", "labels": ["self-hosted", "ubuntu-22.04"],
            "steps": [
                {"name": "Set up job", "conclusion": "success", "started_at": "2024-05-01T10:00:10Z", "completed_at": "2024-05-01T10:00:12Z"},
                {"name": "Build", "conclusion": "success", "started_at": "2024-05-01T10:00:12.500Z", "completed_at": "2024-05-01T10:01:12.750Z"},
                {"name": "Run npm test", "conclusion": "failure", "started_at": "2024-05-01T10:01:13.000Z", "completed_at": "2024-05-01T10:04:13Z"},
                {"name": "Deploy", "conclusion": "skipped", "started_at": "2024-05-01T10:04:13Z", "completed_at": "2024-05-01T10:04:13Z"}
            ]
        },
        "repository": {"id": 186_853_002, "full_name": "o/r", "language": "TypeScript"},
        "sender": {"login": "mona"}
    })
}

fn workflow_run() -> Value {
    json!({
        "action": "completed",
        "workflow_run": {
            "id": 9_373_506_832_i64, "name": "CI", "run_attempt": 1, "conclusion": "failure", "head_branch": "main",
            "head_sha": "3484a3fb816e0859fd6e1cea078d76385ff50625", "actor": null, "triggering_actor": {"login": "hubot"},
            "html_url": "https://ghe.example.com:8443/o/r/actions/runs/9373506832", "created_at": "2024-05-01T10:00:00Z",
            "run_started_at": "2024-05-01T10:00:05Z", "updated_at": "2024-05-01T10:10:05Z"
        },
        "repository": {"id": 5, "full_name": "o/r"}
    })
}

fn check_run() -> Value {
    json!({
        "action": "completed",
        "check_run": {
            "id": 24_541_957_942_i64, "name": "build (ubuntu-latest)", "conclusion": "timed_out",
            "head_sha": "3484a3fb816e0859fd6e1cea078d76385ff50625",
            "html_url": "https://github.com/o/r/actions/runs/9373506832/job/24541957942",
            "details_url": "https://github.com/o/r/actions/runs/9373506832/job/24541957942",
            "started_at": "2024-05-01T10:00:10Z", "completed_at": "2024-05-01T10:05:10Z",
            "output": {"title": "2 errors", "summary": null, "text": "main.go:3: undefined: x"},
            "check_suite": {"head_branch": "main"}, "app": {"slug": "github-actions"}
        },
        "repository": {"id": 186_853_002, "full_name": "o/r"}, "sender": null
    })
}

/// A payload with one value replaced.
fn with(mut payload: Value, pointer: &str, value: Value) -> Value {
    *payload.pointer_mut(pointer).expect("the field is there") = value;
    payload
}

fn without(mut payload: Value, parent: &str, field: &str) -> Value {
    let parent = payload
        .pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .expect("an object");
    parent.remove(field).expect("the field is there");
    payload
}

#[test]
fn a_failed_job_says_all_that_its_payload_says() {
    let delivery = read("workflow_job", &workflow_job()).unwrap();
    assert_eq!(delivery.id.0, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    assert_eq!(
        (delivery.action.as_str(), delivery.conclusion.as_deref()),
        ("completed", Some("failure"))
    );
    let job = delivery.failed.unwrap();
    let key = RowKey::Job {
        host: "github.com".into(),
        repository_id: 186_853_002,
        run_id: 9_373_506_832,
        attempt: 2,
        job_id: 24_541_957_942,
    };
    assert_eq!((job.key, job.conclusion), (key, Conclusion::Failure));
    assert_eq!(job.failed_at, at("2024-05-01T10:05:10Z"));
    assert_eq!(job.failed_steps, ["Run npm test"]);
    assert_eq!(job.runner_labels, ["self-hosted", "ubuntu-22.04"]);
    assert_eq!(
        (job.workflow.as_deref(), job.branch.as_deref(), job.author.as_deref()),
        (Some("CI"), Some("main"), Some("mona"))
    );
    let measured = [
        Some(60.25),
        Some(180.0),
        None,
        Some(300.0),
        Some(10.0),
        None,
        None,
        Some(1.0),
    ];
    assert_eq!(job.measurements.values(), measured);
    let words = job.categories;
    assert_eq!(
        (words.failure_stage.as_deref(), words.os.as_deref()),
        (Some("test"), Some("linux"))
    );
    assert_eq!(
        (words.ci_tool.as_deref(), words.language.as_deref()),
        (Some("github-actions"), Some("typescript"))
    );
}

#[test]
fn a_failed_run_is_job_zero_of_its_host() {
    let job = failed("workflow_run", &workflow_run());
    let host = "ghe.example.com:8443".into();
    assert_eq!(
        job.key,
        RowKey::Job {
            host,
            repository_id: 5,
            run_id: 9_373_506_832,
            attempt: 1,
            job_id: 0
        }
    );
    assert_eq!(job.author.as_deref(), Some("hubot"));
    assert_eq!(
        (job.measurements.job_duration_sec, job.measurements.queue_duration_sec),
        (Some(600.0), Some(5.0))
    );
}

#[test]
fn a_run_that_started_when_it_was_created_does_not_say_how_long_it_waited() {
    let created = workflow_run()["workflow_run"]["created_at"].clone();
    let job = failed(
        "workflow_run",
        &with(workflow_run(), "/workflow_run/run_started_at", created),
    );
    assert_eq!(job.measurements.queue_duration_sec, None);
}

#[test]
fn a_later_attempt_of_a_run_did_not_wait_since_the_first() {
    let job = failed(
        "workflow_run",
        &with(workflow_run(), "/workflow_run/run_attempt", json!(2)),
    );
    assert_eq!(
        (job.measurements.queue_duration_sec, job.measurements.retry_count),
        (None, Some(1.0))
    );
}

#[test]
fn a_check_run_of_actions_names_the_same_job_as_its_workflow_job() {
    let check = failed("check_run", &check_run());
    let RowKey::Job { run_id, job_id, .. } = &check.key else {
        panic!("{:?}", check.key)
    };
    assert_eq!((*run_id, *job_id), (9_373_506_832, 24_541_957_942));
    assert_eq!(check.conclusion, Conclusion::TimedOut);
    assert_eq!(check.message.as_deref(), Some("2 errors\nmain.go:3: undefined: x"));
    assert_eq!(check.measurements.retry_count, None);
}

#[test]
fn a_check_of_somebody_else_has_no_run() {
    for link in [
        "https://ci.example.com/actions/runs/5/job/6",
        "https://octocoders.io",
        "nonsense",
    ] {
        let job = failed(
            "check_run",
            &with(
                with(check_run(), "/check_run/details_url", json!(link)),
                "/check_run/html_url",
                json!("https://github.com/o/r/runs/24541957942"),
            ),
        );
        assert!(matches!(job.key, RowKey::Job { run_id: 0, .. }), "{link}");
    }
}

#[test]
fn only_completed_failures_and_time_outs_are_failures() {
    let conclusions = [
        "success",
        "cancelled",
        "skipped",
        "neutral",
        "action_required",
        "stale",
        "startup_failure",
    ];
    for conclusion in conclusions.map(Value::from).into_iter().chain([Value::Null]) {
        let delivery = read(
            "workflow_run",
            &with(workflow_run(), "/workflow_run/conclusion", conclusion.clone()),
        )
        .unwrap();
        assert_eq!(
            (delivery.failed, delivery.conclusion.as_deref()),
            (None, conclusion.as_str())
        );
    }
    assert!(
        read("workflow_run", &with(workflow_run(), "/action", json!("requested")))
            .unwrap()
            .failed
            .is_none()
    );
    assert!(
        read("workflow_run", &without(workflow_run(), "/workflow_run", "conclusion"))
            .unwrap()
            .failed
            .is_none()
    );
}

#[test]
fn other_events_are_deliveries_without_a_failed_job() {
    for payload in [json!({"zen": "x"}), json!({"action": 5, "workflow_job": 7}), json!({})] {
        let delivery = read("ping", &payload).unwrap();
        assert_eq!(
            (delivery.event.as_str(), delivery.action.as_str(), delivery.failed),
            ("ping", "", None)
        );
    }
}

#[test]
fn what_is_missing_stays_missing() {
    let bare = json!({"action": "completed", "workflow_job": {"id": 1, "run_id": 2, "conclusion": "failure"}});
    let job = failed("workflow_job", &bare);
    let host = "github.com".into();
    assert_eq!(
        job.key,
        RowKey::Job {
            host,
            repository_id: 0,
            run_id: 2,
            attempt: 1,
            job_id: 1
        }
    );
    assert_eq!(job.failed_at, at("2024-05-01T10:30:00Z"));
    assert_eq!(
        (job.workflow, job.branch, job.author, job.url, job.repository),
        (None, None, None, None, None)
    );
    assert_eq!(job.measurements.values().iter().flatten().count(), 1);
}

#[test]
fn durations_are_never_negative() {
    let payload = with(
        workflow_job(),
        "/workflow_job/completed_at",
        json!("2024-05-01T09:00:00Z"),
    );
    assert_eq!(failed("workflow_job", &payload).measurements.job_duration_sec, None);
}

#[test]
fn a_time_that_cannot_be_does_not_date_the_failure() {
    for time in ["2099-01-01T00:00:00Z", "1900-01-01T00:00:00Z", "yesterday"] {
        let payload = with(workflow_job(), "/workflow_job/completed_at", json!(time));
        assert_eq!(
            failed("workflow_job", &payload).failed_at,
            at("2024-05-01T10:30:00Z"),
            "{time}"
        );
    }
}

#[test]
fn wrong_types_in_what_is_not_needed_are_as_good_as_missing() {
    for field in [
        "name",
        "workflow_name",
        "head_branch",
        "head_sha",
        "html_url",
        "created_at",
        "started_at",
        "completed_at",
        "labels",
        "steps",
    ] {
        for value in [
            json!(5),
            json!([[1], {"name": 3}, null]),
            json!({"a": 1}),
            json!(true),
            Value::Null,
            json!(""),
        ] {
            let payload = with(workflow_job(), &format!("/workflow_job/{field}"), value.clone());
            assert!(
                read("workflow_job", &payload).unwrap().failed.is_some(),
                "{field} {value}"
            );
        }
    }
    for field in ["sender", "installation", "organization"] {
        let mut payload = workflow_job();
        payload[field] = json!(5);
        assert!(read("workflow_job", &payload).is_ok());
    }
}

#[test]
fn wrong_types_in_what_decides_are_named() {
    let id = "a whole number from 1 to 9223372036854775807";
    for (pointer, value, message) in [
        (
            "/workflow_job/id",
            json!("7"),
            format!("workflow_job.id is a string; allowed is {id}"),
        ),
        (
            "/workflow_job/id",
            json!(1.5),
            format!("workflow_job.id is the number 1.5; allowed is {id}"),
        ),
        (
            "/workflow_job/run_id",
            json!(1e300),
            format!("workflow_job.run_id is the number 1e+300; allowed is {id}"),
        ),
        (
            "/workflow_job/run_id",
            Value::Null,
            format!("workflow_job.run_id is null; allowed is {id}"),
        ),
        (
            "/workflow_job/run_attempt",
            json!(0),
            format!("workflow_job.run_attempt is the number 0; allowed is {id}"),
        ),
        (
            "/workflow_job/conclusion",
            json!(5),
            "workflow_job.conclusion is the number 5; allowed is a string or null".into(),
        ),
        (
            "/workflow_job",
            json!([]),
            "workflow_job is an array; allowed is an object".into(),
        ),
        (
            "/repository",
            json!("o/r"),
            "repository is a string; allowed is an object".into(),
        ),
        (
            "/repository/id",
            json!(true),
            format!("repository.id is a boolean; allowed is {id}"),
        ),
        (
            "/action",
            json!(""),
            "action is an empty string; allowed is a string that is not empty".into(),
        ),
    ] {
        assert_eq!(
            read("workflow_job", &with(workflow_job(), pointer, value))
                .unwrap_err()
                .to_string(),
            message
        );
    }
    let missing = read("workflow_job", &without(workflow_job(), "/workflow_job", "run_id")).unwrap_err();
    assert_eq!(
        missing.to_string(),
        format!("workflow_job.run_id is missing; allowed is {id}")
    );
    assert!(
        read("workflow_run", &workflow_job())
            .unwrap_err()
            .to_string()
            .starts_with("workflow_run is missing")
    );
}

#[test]
fn what_is_no_object_is_no_delivery() {
    for (payload, got) in [
        (json!([1]), "an array"),
        (json!("x"), "a string"),
        (Value::Null, "null"),
    ] {
        assert_eq!(read("push", &payload), Err(PayloadError::NotAnObject { got }));
    }
    assert!(matches!(
        parse("push", None, b"{", Timestamp::UNIX_EPOCH),
        Err(PayloadError::Json(_))
    ));
}

#[test]
fn strings_are_bounded_masked_and_without_control_characters() {
    let name = format!("ghp_{} \u{1b}[31m{}", "a1B2".repeat(9), "é".repeat(5_000));
    let delivery = read("workflow_job", &with(workflow_job(), "/workflow_job/name", json!(name))).unwrap();
    let job = delivery.failed.unwrap().job.unwrap();
    assert!(
        job.starts_with("ghp_****") && job.len() <= 1_024 && !job.chars().any(char::is_control),
        "{job}"
    );
    let body = String::from_utf8(delivery.masked_body).unwrap();
    assert!(!body.contains("a1B2") && serde_json::from_str::<Value>(&body).is_ok());
}

#[test]
fn neither_escapes_nor_blanks_hide_a_secret() {
    let (token, word) = ("a1B2".repeat(9), "correct-horse-battery");
    for note in [
        format!(r#""note":"ghp_{token}","password":"{word}""#),
        format!(r#""note":"\u0067hp_{token}","p\u0061ssword":"{word}""#),
        format!(r#""note":"https:\/\/x:{word}@example.com","a":"ghp_{token}""#),
        format!("\"note\":\"ghp_{token}\",\"password\" :\n\t\"{word}\""),
    ] {
        let body = workflow_job().to_string().replacen('{', &format!("{{{note},"), 1);
        let delivery = parse("workflow_job", None, body.as_bytes(), Timestamp::UNIX_EPOCH).unwrap();
        let masked = String::from_utf8(delivery.masked_body).unwrap();
        assert!(!masked.contains(&token) && !masked.contains(word), "{masked}");
        let (read, sent): (Value, Value) = (
            serde_json::from_str(&masked).unwrap(),
            serde_json::from_str(&body).unwrap(),
        );
        assert_eq!(read["workflow_job"], sent["workflow_job"]);
    }
}

#[test]
fn the_body_of_what_did_not_fail_is_not_kept() {
    let delivery = parse("push", None, br#"{"action":"created"}"#, Timestamp::UNIX_EPOCH).unwrap();
    assert!(delivery.masked_body.is_empty());
}

#[test]
fn lone_surrogates_do_not_refuse_a_delivery() {
    let body = workflow_job().to_string().replace("mona", r"mona\ud83d");
    let delivery = parse("workflow_job", None, body.as_bytes(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(delivery.failed.unwrap().author.as_deref(), Some("mona\u{fffd}"));
}

#[test]
fn links_lead_to_the_web_or_nowhere() {
    let payload = with(workflow_job(), "/workflow_job/html_url", json!("javascript:alert(1)"));
    assert_eq!(failed("workflow_job", &payload).url, None);
}

#[test]
fn without_an_id_that_can_be_believed_the_hash_of_the_body_stands_in() {
    let long = "x".repeat(200);
    for id in [None, Some(""), Some("a\u{1b}[0m"), Some(long.as_str())] {
        let delivery = parse("ping", id, b"{}", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(delivery.id.0, format!("sha256-{}", delivery.raw_sha256));
    }
}

#[test]
fn a_form_carries_the_same_delivery() {
    let json = with(workflow_job(), "/workflow_job/name", json!("a+b & c=100% ü")).to_string();
    let encoded: String = json.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let form = format!("x=1&payload={encoded}&y=2");
    assert_eq!(form_payload(form.as_bytes()).unwrap(), json.as_bytes());
    let of_form = parse_form("workflow_job", None, form.as_bytes(), Timestamp::UNIX_EPOCH).unwrap();
    let of_json = parse("workflow_job", None, json.as_bytes(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(of_form.failed, of_json.failed);
    assert_ne!(of_form.raw_sha256, of_json.raw_sha256);
    assert_eq!(form_payload(b"payload=a+b%2").unwrap(), b"a b%2");
    assert_eq!(form_payload(b"body={}"), Err(PayloadError::NoPayload));
}

proptest! {
    #[test]
    fn no_value_in_any_field_makes_it_panic(
        event in proptest::sample::select(vec!["workflow_job", "workflow_run", "check_run"]),
        place in 0_usize..200,
        value in prop_oneof![Just(Value::Null), any::<f64>().prop_map(|n| json!(n)), ".*".prop_map(Value::from), Just(json!([[], {}])), Just(json!({"id": []}))],
    ) {
        let payload = match event { "workflow_job" => workflow_job(), "workflow_run" => workflow_run(), _ => check_run() };
        let pointers = pointers(&payload, "");
        let pointer = &pointers[place % pointers.len()];
        if let Ok(Delivery { failed: Some(job), .. }) = read(event, &with(payload, pointer, value)) {
            prop_assert!(job.measurements.values().into_iter().flatten().all(|number| number >= 0.0 && number.is_finite()));
        }
    }

    #[test]
    fn no_form_makes_it_panic(form in proptest::collection::vec(any::<u8>(), 0..64)) {
        parse_form("push", None, &[b"payload=", form.as_slice()].concat(), Timestamp::UNIX_EPOCH).ok();
    }
}

/// Every place in a value.
fn pointers(value: &Value, path: &str) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    let inner = children
        .into_iter()
        .flat_map(|(name, value)| pointers(value, &format!("{path}/{name}")));
    std::iter::once(path.to_owned()).chain(inner).collect()
}
