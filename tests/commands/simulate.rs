//! `sentinel simulate` and `sentinel drift`: a stream to a pipe and to a server, and what the server says of it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::server::{KEY, Server};
use super::{output, sentinel, sentinel_in, stderr, stdout};

fn simulate(arguments: &[&str]) -> Command {
    let mut command = sentinel();
    command.arg("simulate").args(arguments);
    command
}

/// Sends as fast as the server takes it, and gives the summary once drift has seen all of it.
pub(crate) fn send(server: &Server, arguments: &[&str]) -> Value {
    let mut command = simulate(&["--url", &server.url(), "--rate", "1000", "--json"]);
    let sent = output(command.args(arguments).env("SENTINEL_API_KEY", KEY));
    assert!(sent.status.success(), "{}", stderr(&sent));
    let summary: Value = serde_json::from_str(&stdout(&sent)).expect("a summary");
    let newest = server.get("/api/history?limit=1")["items"][0]["timestamp"].clone();
    for _ in 0..200 {
        if server.get("/api/drift")["at"] == newest {
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    summary
}

/// The exit code of `sentinel drift --exit-code`, and its answer.
pub(crate) fn drift(data: &Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let said = output(
        sentinel_in(data)
            .args(["drift", "--json", "--exit-code"])
            .args(arguments),
    );
    let answer = serde_json::from_str(&stdout(&said)).unwrap_or(Value::Null);
    (said.status.code(), answer)
}

#[test]
fn a_stream_to_a_pipe_is_the_same_bytes_each_time() {
    let print = |seed| {
        stdout(&output(&mut simulate(&[
            "--count", "20", "--seed", seed, "--chaos", "medium",
        ])))
    };
    let records = print("4");
    assert_eq!(records.lines().count(), 20);
    assert!(
        records
            .lines()
            .all(|line| line.contains("\"event_source\":\"simulator\""))
    );
    assert_eq!(records, print("4"));
    assert_ne!(records, print("5"));
}

#[test]
fn a_server_stays_healthy_on_a_quiet_stream_asks_for_training_in_chaos_and_recovers() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    assert_eq!(drift(data.path(), &[]).0, Some(0));
    let quiet = send(&server, &["--count", "140", "--seed", "3"]);
    assert_eq!((&quiet["taken_in"], &quiet["refused"]), (&140.into(), &0.into()));
    let (code, answer) = drift(data.path(), &[]);
    assert_eq!(
        (code, &answer["health"]["label"]),
        (Some(0), &"Healthy".into()),
        "{answer}"
    );
    assert_eq!(answer["performance"]["n"], 100);
    let chaos = send(&server, &["--count", "60", "--seed", "2", "--chaos", "high"]);
    assert!(chaos["strange"].as_u64().is_some_and(|strange| strange > 20), "{chaos}");
    let (code, answer) = drift(data.path(), &[]);
    assert_eq!(
        (code, &answer["health"]["label"]),
        (Some(4), &"Training Required".into())
    );
    assert_eq!(drift(data.path(), &["--window", "50"]).0, Some(4));
    assert_eq!(drift(data.path(), &["--since", "1h"]).1["n"], 200);
    assert_eq!(drift(data.path(), &["--window", "0"]).0, Some(1));
    send(&server, &["--count", "200", "--seed", "6"]);
    assert_eq!(drift(data.path(), &[]).0, Some(0));
    let badge = &server.get("/api/dashboard")["health"]["label"];
    assert_eq!(badge, "Healthy");
}

#[test]
fn deliveries_are_signed_live_and_known_again() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(
        data.path(),
        &["webhook.secrets=[\"hush\"]", "webhook.rate_per_minute=0"],
    );
    let deliver = || {
        let mut command = simulate(&[
            "--url",
            &server.url(),
            "--rate",
            "500",
            "--count",
            "10",
            "--webhook",
            "--json",
        ]);
        let sent = output(command.env("GITHUB_WEBHOOK_SECRET", "hush"));
        assert!(sent.status.success(), "{}", stderr(&sent));
        serde_json::from_str::<Value>(&stdout(&sent)).expect("a summary")
    };
    assert_eq!(deliver()["taken_in"], 10);
    assert_eq!(deliver()["duplicates"], 10);
    assert_eq!(
        server.get("/api/history?source=github_webhook")["items"]
            .as_array()
            .map(Vec::len),
        Some(10)
    );
}

#[test]
fn without_a_secret_no_delivery_can_be_signed() {
    let sent = output(&mut simulate(&["--url", "http://127.0.0.1:9", "--webhook"]));
    assert_eq!(sent.status.code(), Some(2));
    assert!(stderr(&sent).contains("GITHUB_WEBHOOK_SECRET"), "{}", stderr(&sent));
}
