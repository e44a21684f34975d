//! `sentinel evaluate`: what it reports is what the server serves.

use std::io::Write;
use std::path::{Path, PathBuf};

use sentinel::class::FailureClass;
use sentinel::training::compose::{Form, compose};
use sentinel::training::corpus::Corpus;
use serde_json::{Value, json};

use super::server::Server;
use super::{output, sentinel, stderr, stdout};

/// A log that holds a secret, colours, carriage returns and letters of several bytes.
const AWKWARD: &str = "\u{1b}[31mUploading…\u{1b}[0m\r\nexport AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY\r\n\
    fatal: unable to access 'https://ghp_0123456789abcdefghijklmnopqrstuvwxyz@github.com/a/b/': Could not resolve host: github.com\r\n";

/// Failures in every form that the door of records takes, each with a line of the file to evaluate.
fn rows() -> Vec<(Value, Value)> {
    let corpus = Corpus::shipped().expect("the corpus");
    let mut rows = vec![
        line(json!({ "log": AWKWARD }), FailureClass::Network),
        line(
            json!({ "error_message": "java.lang.OutOfMemoryError: Java heap space", "memory_usage_mb": 7_900.5,
                    "cpu_usage_pct": 97.25, "build_duration_sec": 812.0, "failure_stage": "build" }),
            FailureClass::Resource,
        ),
    ];
    for (number, record) in corpus.failures.iter().enumerate().step_by(211) {
        let Some(label) = record.class else { continue };
        let form = Form::WHOLE[number % Form::WHOLE.len()];
        let log = compose(record, label, &corpus, form, number as u64).log.expect("a log");
        rows.push(line(json!({ "log": String::from_utf8_lossy(&log) }), label));
    }
    rows
}

/// A feature record, and the line that stands for it.
fn line(record: Value, label: FailureClass) -> (Value, Value) {
    let line = match record.as_object().and_then(|fields| fields.get("log")) {
        Some(log) if record.as_object().is_some_and(|fields| fields.len() == 1) => {
            json!({ "text": log, "label": label.slug(), "id": 7 })
        }
        _ => json!({ "record": record, "label": label.name() }),
    };
    (record, line)
}

fn written(folder: &Path, lines: impl Iterator<Item = Value>) -> PathBuf {
    let path = folder.join("rows.jsonl");
    let mut file = std::fs::File::create(&path).expect("a file");
    for line in lines {
        writeln!(file, "{line}").expect("a line");
    }
    path
}

fn probabilities(verdict: &Value) -> Vec<f64> {
    let all = verdict["probabilities"].as_object().expect("probabilities");
    all.values().map(|one| one.as_f64().expect("a number")).collect()
}

#[test]
fn what_is_served_is_what_is_reported() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(&dir.path().join("data"), &[]);
    let rows = rows();
    assert!(rows.len() > 20);
    let data = written(dir.path(), rows.iter().map(|(_, line)| line.clone()));
    let verdicts = dir.path().join("verdicts.jsonl");
    let mut command = sentinel();
    command
        .args(["--json", "evaluate", "--data"])
        .arg(&data)
        .arg("--rows")
        .arg(&verdicts);
    let evaluated = output(&mut command);
    assert!(evaluated.status.success(), "{}", stderr(&evaluated));
    let reported = std::fs::read_to_string(&verdicts).expect("verdicts");
    let reported: Vec<Value> = reported
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(reported.len(), rows.len());
    let mut right = 0_u32;
    for ((record, _), one) in rows.iter().zip(&reported) {
        let (served, reported) = (server.post("/api/analyze", record), &one["verdict"]);
        let pairs = probabilities(&served).into_iter().zip(probabilities(reported));
        for (served, reported) in pairs {
            assert!((served - reported).abs() < 1e-9, "{record}");
        }
        for field in [
            "prediction",
            "uncertain",
            "prediction_set",
            "evidence",
            "fingerprint",
            "model_version",
        ] {
            assert_eq!(served[field], reported[field], "{field} of {record}");
        }
        right += u32::from(one["label"] == served["prediction"]);
    }
    let report: Value = serde_json::from_str(&stdout(&evaluated)).expect("JSON");
    let accuracy = report["figures"]["accuracy"]["value"].as_f64().expect("a figure");
    assert!((accuracy - f64::from(right) / rows.len() as f64).abs() < 1e-9);
    assert!(!reported[0]["verdict"]["evidence"].to_string().contains("ghp_0123"));
}

#[test]
fn doubt_and_what_fits_no_class_stay_out_of_the_figures() {
    let dir = tempfile::tempdir().expect("a folder");
    let text = "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree\n";
    let data = written(
        dir.path(),
        [
            json!({ "text": text, "label": "Dependency Error", "failing": [{ "start": 1, "end": 2 }] }),
            json!({ "text": text, "label": "Timeout", "ambiguous": true, "failing": [{ "start": 7, "end": 9 }] }),
            json!({ "text": "This pull request has no label\n", "label": null }),
            json!({ "text": "No entry in the changelog\n", "label": "Configuration Error", "policy_gate": true }),
        ]
        .into_iter(),
    );
    let evaluated = output(sentinel().args(["--json", "evaluate", "--data"]).arg(&data));
    let report: Value = serde_json::from_str(&stdout(&evaluated)).expect("JSON");
    assert_eq!(report["figures"]["count"], 1);
    assert_eq!((&report["ambiguous"], &report["of_no_class"]), (&json!(1), &json!(2)));
    assert_eq!(report["of_no_class_uncertain"], 1.0);
    assert_eq!(report["first_excerpt"]["value"], 0.5);
    let tables = stdout(&output(sentinel().args(["evaluate", "--data"]).arg(&data)));
    assert!(tables.lines().all(|line| line.chars().count() <= 80), "{tables}");
    assert!(
        tables.contains("accuracy") && tables.contains("signals alone"),
        "{tables}"
    );
}

#[test]
fn a_line_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    for (line, word) in [
        (json!({ "text": "a" }), "label"),
        (json!({ "text": "a", "label": "Flaky" }), "Flaky"),
        (json!({ "label": "Timeout" }), "log"),
        (json!({ "label": "Timeout", "file": "none.log" }), "none.log"),
    ] {
        let good = json!({ "text": "a", "label": "Timeout" });
        let data = written(dir.path(), [good, line].into_iter());
        let refused = output(sentinel().args(["evaluate", "--data"]).arg(&data));
        let message = stderr(&refused);
        assert_eq!(refused.status.code(), Some(1), "{message}");
        assert!(message.contains("rows.jsonl:2") && message.contains(word), "{message}");
    }
}
