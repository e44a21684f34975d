//! `sentinel correct`, `undo` and `redo`: through the socket of a server, and on the folder itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::server::Server;
use super::{output, sentinel_in, stderr, stdout};

/// The user this test runs as, as the program names it.
fn me() -> String {
    sentinel::server::local::own_user()
}

/// A failure of that message in a running server.
fn failed(server: &Server, message: &str) -> i64 {
    let verdict = server.post("/api/analyze", &json!({ "error_message": message }));
    verdict["id"].as_i64().expect("an id")
}

/// What a command that goes well prints as JSON.
#[track_caller]
fn json_of(data: &Path, arguments: &[&str]) -> Value {
    let ended = output(sentinel_in(data).args(arguments).arg("--json"));
    assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {}", stderr(&ended));
    serde_json::from_slice(&ended.stdout).expect("JSON")
}

/// What a command that fails says.
#[track_caller]
fn refused(data: &Path, arguments: &[&str], code: i32) -> String {
    let ended = output(sentinel_in(data).args(arguments));
    assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {}", stderr(&ended));
    assert_eq!(stdout(&ended), "", "{arguments:?}");
    stderr(&ended)
}

fn label(answer: &Value) -> &str {
    answer["failure"]["label"].as_str().expect("a label")
}

#[test]
fn a_word_is_said_taken_back_and_said_again_with_a_server_and_without() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path();
    let server = Server::start(data, &[]);
    let (one, other) = (
        failed(&server, "E: unable to locate package libfoo"),
        failed(&server, "disk quota exceeded"),
    );
    let before = server.get(&format!("/api/failures/{one}"))["label"].clone();

    let said = json_of(
        data,
        &["correct", &one.to_string(), "timeout", "--note", "the mirror hung"],
    );
    assert_eq!(
        (label(&said), said["correction"]["note"].as_str()),
        ("Timeout", Some("the mirror hung"))
    );
    assert_eq!(said["correction"]["actor"], json!(me()));
    assert_eq!(server.get(&format!("/api/failures/{one}"))["label"], "Timeout");
    json_of(data, &["correct", &other.to_string(), "Network Error"]);

    // The last one first, whoever asks.
    assert_eq!(json_of(data, &["undo"])["failure"]["id"], json!(other));
    assert_eq!(server.post("/api/undo", &json!({}))["failure"]["label"], before);

    // Killed: what it leaves behind keeps nobody from going on.
    drop(server);
    assert!(data.join("sentinel.sock").exists());
    assert_eq!(
        (label(&json_of(data, &["redo"])), label(&json_of(data, &["redo"]))),
        ("Timeout", "Network Error")
    );
    let nothing = refused(data, &["redo"], 1);
    assert!(nothing.contains("no correction to make again"), "{nothing}");
    let plain = output(sentinel_in(data).args(["undo"]));
    assert!(
        stdout(&plain).starts_with(&format!("failure {other}: ")),
        "{}",
        stdout(&plain)
    );

    let server = Server::start(data, &[]);
    let mode = |name: &str| fs::metadata(data.join(name)).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode("sentinel.sock"), 0o660);
    let now = server.get(&format!("/api/failures/{one}"));
    assert_eq!((&now["label"], &now["corrected_by"]), (&json!("Timeout"), &json!(me())));
}

#[test]
fn what_cannot_be_corrected_is_said_in_a_sentence() {
    let data = tempfile::tempdir().expect("a folder");
    let nowhere = data.path().join("none");
    let missing = refused(&nowhere, &["undo"], 1);
    assert!(
        missing.contains("there is no database in") && !nowhere.exists(),
        "{missing}"
    );

    let server = Server::start(data.path(), &[]);
    let id = failed(&server, "npm ERR! code ERESOLVE");
    assert!(refused(data.path(), &["correct", &id.to_string(), "flaky"], 2).contains("flaky"));
    assert!(refused(data.path(), &["correct", "99", "timeout"], 1).contains("there is no failure 99"));
    assert!(refused(data.path(), &["undo"], 1).contains("no correction to take back"));
    let long = "x".repeat(5_000);
    let refused = refused(data.path(), &["correct", "1", "timeout", "--note", &long], 1);
    assert!(refused.contains("note: is longer than"), "{refused}");
}

#[test]
fn a_folder_with_too_long_a_name_and_a_group_that_is_none_keep_a_server_from_starting() {
    let data = tempfile::tempdir().expect("a folder");
    let deep = data.path().join("d".repeat(110));
    let listen = ["--set", "server.listen=127.0.0.1:0"];
    let long = output(sentinel_in(&deep).args(listen).arg("serve"));
    assert!(stderr(&long).contains("choose a shorter data.dir"), "{}", stderr(&long));
    let group = ["--set", "data.socket_group=no-such-group"];
    let unknown = output(sentinel_in(data.path()).args(listen).args(group).arg("serve"));
    assert!(stderr(&unknown).contains("data.socket_group"), "{}", stderr(&unknown));
}

#[test]
fn commands_that_want_the_folder_at_one_time_wait_for_each_other() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let id = failed(&server, "npm ERR! code ERESOLVE").to_string();
    drop(server);
    let commands = ["timeout", "test-failure"].map(|class| {
        let mut command = sentinel_in(data.path());
        command
            .args(["correct", &id, class])
            .spawn()
            .expect("the program starts")
    });
    for mut command in commands {
        assert!(command.wait().expect("its end").success());
    }
}
