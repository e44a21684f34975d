//! It learns from people through the doors: corrections, a retraining, the gate's decision, promotion and the way back.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test ends where something is not as it says"
)]

#[expect(dead_code, reason = "other tests use the rest")]
mod common;

use std::path::Path;

use common::{Answer, TestApp, send};
use reqwest::Method;
use sentinel::http::Role;
use serde_json::{Value, json};

/// What everybody knows, and what has a fingerprint.
const NPM: &str = "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree\n";

/// What a scanner says that nobody knows, each time in words of its own.
fn log_of(number: usize) -> String {
    const SYLLABLES: [&str; 10] = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu"];
    let word = |place: usize| -> String {
        let digits = number * 7 + place * 1_000;
        [digits / 1_000 % 10, digits / 100 % 10, digits / 10 % 10, digits % 10]
            .map(|digit| SYLLABLES[digit])
            .concat()
    };
    format!(
        "error: zorpwarden objects to {} {} {}\nerror: zorpwarden refused {} {} {}\n",
        word(1),
        word(2),
        word(3),
        word(4),
        word(5),
        word(6)
    )
}

/// Judges failures of the new tool and corrects each to its true class.
async fn teach(app: &TestApp, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let judged = app.post("/api/analyze", &json!({ "log": log_of(number) })).await.json();
        let word = json!({ "corrected_label": "security-scan-failure", "author": "ada" });
        app.post(&format!("/api/failures/{}/corrections", judged["id"]), &word)
            .await
            .json();
    }
}

/// Waits for the end of the retraining under way, and answers with how it ended.
async fn ended(app: &TestApp) -> Value {
    let mut watch = app.handle.watch();
    watch
        .wait_for(|snapshot| snapshot.retraining.running.is_none() && snapshot.retraining.last.is_some())
        .await
        .expect("an application");
    app.get("/api/retrain").await.json()["last"].clone()
}

async fn empty_post(app: &TestApp, path: &str) -> Answer {
    send(app.request(Method::POST, path)).await
}

async fn champion(app: &TestApp) -> String {
    let dashboard = app.get("/api/dashboard").await.json();
    dashboard["model_version"].as_str().expect("a version").to_owned()
}

#[tokio::test]
async fn corrections_become_a_challenger_the_gate_decides_and_the_way_back_is_one_request() {
    let app = TestApp::with(|setup| {
        setup.rounds = 60;
        setup.records = 40;
    })
    .await;
    teach(&app, 0..60).await;
    let begun = empty_post(&app, "/api/retrain").await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let last = ended(&app).await;
    assert_eq!(last["ending"], "promoted", "{last:#}");
    assert_eq!(last["decision"]["learned"]["held_back"], 15);
    assert_eq!(
        (last["actor"].as_str(), champion(&app).await.as_str()),
        (Some("local"), "v3")
    );

    let registry = app.get("/api/registry").await.json();
    assert_eq!(registry["champion"], "v3");
    assert_eq!(registry["models"][0]["decision"]["outcome"], "promote");
    let line = &registry["ledger"][0];
    assert_eq!(
        (&line["action"], &line["corrections"]),
        (&json!("promoted"), &json!(60))
    );

    let new = app.post("/api/analyze", &json!({ "log": log_of(65) })).await.json();
    assert_eq!(
        (&new["model_version"], &new["prediction"]),
        (&json!("v3"), &json!("Security Scan Failure"))
    );

    let back = app
        .post("/api/models/rollback", &json!({ "reason": "only to see" }))
        .await;
    assert_eq!(back.json(), json!({ "champion": "v2" }));
    let again = app.post("/api/analyze", &json!({ "log": log_of(66) })).await.json();
    assert_eq!(again["model_version"], "v2");
    let forward = empty_post(&app, "/api/models/v3/promote").await;
    assert_eq!(forward.json(), json!({ "champion": "v3" }));
    let ledger = app.get("/api/registry").await.json()["ledger"].clone();
    assert_eq!(
        (&ledger[1]["action"], &ledger[1]["reason"]),
        (&json!("rolled_back"), &json!("only to see"))
    );
    assert_eq!(ledger[0]["previous"], "v2");
    assert_eq!(app.ids().await.len(), 62, "no failure was lost");
}

#[tokio::test]
async fn corrections_that_teach_nothing_new_keep_the_champion_and_wait_no_more() {
    let app = TestApp::with(|setup| setup.retrain_threshold = 3).await;
    teach(&app, 0..4).await;
    let label = |app: &TestApp| app.handle.watch().borrow().health.label.clone();
    app.handle
        .watch()
        .wait_for(|now| now.corrections_waiting == 4)
        .await
        .unwrap();
    assert_eq!(label(&app), "Training Required");
    empty_post(&app, "/api/retrain").await;
    let last = ended(&app).await;
    assert_eq!(last["ending"], "kept", "{last:#}");
    assert!(!last["because"].as_array().unwrap().is_empty());
    assert_eq!(champion(&app).await, "v2");
    app.handle
        .watch()
        .wait_for(|now| now.corrections_waiting == 0)
        .await
        .unwrap();
    let models = app.get("/api/registry").await.json();
    assert_eq!(models["models"][0]["version"], "v3", "the challenger stays on record");
    assert_eq!(models["ledger"][0]["action"], "kept");
}

#[tokio::test]
async fn one_retraining_runs_at_a_time_and_can_be_cancelled_while_failures_come_in() {
    let app = TestApp::start().await;
    assert!(
        empty_post(&app, "/api/retrain")
            .await
            .error(409)
            .contains("no correction")
    );
    assert!(app.delete("/api/retrain").await.error(409).contains("no retraining"));
    teach(&app, 0..8).await;
    let begun = empty_post(&app, "/api/retrain").await;
    assert_eq!(begun.status, 202);
    let second = empty_post(&app, "/api/retrain").await;
    assert!(second.error(409).contains("under way"), "{}", second.text());
    let judged = app.post("/api/analyze", &json!({ "log": log_of(9) })).await.json();
    assert_eq!(judged["model_version"], "v2");
    let cancelled = app.delete("/api/retrain").await;
    assert_eq!(cancelled.status, 202);
    let last = ended(&app).await;
    assert_eq!(last["ending"], "cancelled", "{last:#}");
    assert_eq!(
        app.get("/api/registry").await.json()["ledger"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        empty_post(&app, "/api/retrain").await.status,
        202,
        "another one can begin"
    );
    ended_after(&app).await;
}

async fn ended_after(app: &TestApp) {
    let mut watch = app.handle.watch();
    let other =
        |last: &sentinel::app::retraining::Finished| last.ending != sentinel::app::retraining::Ending::Cancelled;
    watch
        .wait_for(|now| now.retraining.running.is_none() && now.retraining.last.as_ref().is_some_and(other))
        .await
        .expect("an application");
}

#[tokio::test]
async fn a_model_that_is_due_is_trained_by_itself_where_the_settings_say_so() {
    let app = TestApp::with(|setup| {
        setup.retrain_auto = true;
        setup.retrain_threshold = 8;
    })
    .await;
    teach(&app, 0..8).await;
    let last = ended(&app).await;
    assert_eq!(last["actor"], "policy");
    assert!(
        last["reason"].as_str().unwrap().contains("retrain.threshold = 8"),
        "{last:#}"
    );
}

#[tokio::test]
async fn only_administrators_change_what_is_live() {
    let app =
        TestApp::with(|setup| setup.keys(&[("reader", Role::Read), ("writer", Role::Write), ("boss", Role::Admin)]))
            .await;
    let ask = |key: &'static str, method: Method, path: &'static str| {
        send(app.request(method, path).header("x-api-key", format!("{key}-key")))
    };
    for (method, path) in [
        (Method::POST, "/api/retrain"),
        (Method::DELETE, "/api/retrain"),
        (Method::GET, "/api/retrain"),
        (Method::POST, "/api/models/v1/promote"),
        (Method::POST, "/api/models/rollback"),
    ] {
        assert!(ask("writer", method, path).await.error(403).contains("admin"), "{path}");
    }
    assert_eq!(
        ask("reader", Method::GET, "/api/registry").await.json()["champion"],
        "v2"
    );
    assert!(
        ask("boss", Method::POST, "/api/models/v9/promote")
            .await
            .error(404)
            .contains("there are v1, v2")
    );
    assert!(
        ask("boss", Method::POST, "/api/models/v2/promote")
            .await
            .error(409)
            .contains("live already")
    );
    assert_eq!(
        ask("boss", Method::POST, "/api/models/rollback").await.json()["champion"],
        "v1"
    );
    assert_eq!(
        ask("boss", Method::GET, "/api/registry").await.json()["ledger"][0]["actor"],
        "boss"
    );
    let wrong = app
        .request(Method::POST, "/api/models/rollback")
        .header("x-api-key", "boss-key");
    assert!(
        send(wrong.json(&json!({ "why": "x" })))
            .await
            .error(400)
            .contains("why: is unknown")
    );
}

#[tokio::test]
async fn after_a_crash_between_the_steps_of_a_change_the_registry_is_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let start = || TestApp::with(|setup| setup.data = Some(data.path().to_owned()));
    let app = start().await;
    stop(app).await;
    let models = data.path().join("models");
    // The folder of a challenger is there, its line in the ledger is not; another one is half written.
    copy(&models.join("v2"), &models.join("v3"));
    copy(&models.join("v2"), &models.join(".v4.new"));
    let app = start().await;
    assert_eq!(champion(&app).await, "v2");
    let registry = app.get("/api/registry").await.json();
    assert_eq!(
        (&registry["notice"], registry["ledger"].as_array().unwrap().len()),
        (&Value::Null, 2)
    );
    assert!(!models.join(".v4.new").exists());
    teach(&app, 0..4).await;
    empty_post(&app, "/api/retrain").await;
    ended(&app).await;
    let newest = &app.get("/api/registry").await.json()["models"][0];
    assert_eq!(newest["version"], "v4", "no version is given twice");
}

async fn stop(app: TestApp) {
    app.shutdown.cancel();
    app.serving.await.expect("no panic").expect("a server");
    app.handle.shutdown().await;
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}

#[tokio::test]
async fn a_group_is_relabelled_by_an_administrator_or_by_a_second_person_and_taken_back_as_one() {
    let keys = [("ada", Role::Write), ("bob", Role::Write), ("boss", Role::Admin)];
    let app = TestApp::with(|setup| setup.keys(&keys)).await;
    let ask = |key: &'static str, method: Method, path: String, body: Value| {
        send(
            app.request(method, &path)
                .header("x-api-key", format!("{key}-key"))
                .json(&body),
        )
    };
    let mut ids = Vec::new();
    for _ in 0..3 {
        let judged = ask("ada", Method::POST, "/api/analyze".into(), json!({ "log": NPM })).await;
        ids.push(judged.json()["id"].as_i64().unwrap());
    }
    let path = format!("/api/failures/{}/corrections", ids[1]);
    let all = json!({ "corrected_label": "timeout", "group": true });
    assert!(
        ask("ada", Method::POST, path.clone(), all.clone())
            .await
            .error(403)
            .contains("second person")
    );
    ask(
        "ada",
        Method::POST,
        path.clone(),
        json!({ "corrected_label": "timeout" }),
    )
    .await
    .json();
    assert!(
        ask("ada", Method::POST, path.clone(), all.clone())
            .await
            .error(403)
            .contains("second person")
    );
    let confirmed = ask("bob", Method::POST, path.clone(), all).await.json();
    let labels = async || {
        let history = ask("ada", Method::GET, "/api/history".into(), Value::Null).await.json();
        let items = history["items"].as_array().unwrap();
        items
            .iter()
            .map(|row| row["label"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(labels().await, ["Timeout", "Timeout", "Timeout"]);
    let undone = format!("{path}/{}", confirmed["correction"]["id"]);
    ask("bob", Method::DELETE, undone, Value::Null).await.json();
    let after = labels().await;
    assert_eq!(after[1], "Timeout", "what ada said of the one failure still stands");
    let boss = json!({ "corrected_label": "network-error", "group": true });
    ask("boss", Method::POST, path, boss).await.json();
    assert_eq!(labels().await, ["Network Error"; 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_who_correct_one_failure_at_once_are_both_kept_in_one_order() {
    let app = TestApp::start().await;
    let judged = app.post("/api/analyze", &json!({ "log": log_of(1) })).await.json();
    let path = format!("/api/failures/{}/corrections", judged["id"]);
    let say = async |label: &str, author: &str| {
        for _ in 0..20 {
            let word = json!({ "corrected_label": label, "author": author });
            app.post(&path, &word).await.json();
        }
    };
    tokio::join!(say("timeout", "ada"), say("network-error", "bob"));
    let row = app.get(&format!("/api/failures/{}", judged["id"])).await.json();
    let said = row["corrections"].as_array().unwrap();
    assert_eq!(said.len(), 40, "nothing is lost");
    assert!(said.is_sorted_by_key(|one| one["id"].as_i64()));
    for pair in said.windows(2) {
        assert_eq!(pair[1]["from"], pair[0]["label"], "each follows from the one before it");
    }
    let last = said.last().unwrap()["label"].clone();
    assert_eq!(row["label"], last);
    let seen = app
        .handle
        .watch()
        .wait_for(|now| now.rows.front().is_some_and(|row| row.verdict.label.name() == last))
        .await
        .is_ok();
    assert!(seen);
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn what_a_fit_has_freed_goes_back_to_the_system() {
    let resident_kib = || -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").expect("a process");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
        line.split_whitespace()
            .nth(1)
            .and_then(|kib| kib.parse().ok())
            .expect("a number")
    };
    // On a thread of its own, as a fit; the last piece holds up all that is free below it.
    let last = std::thread::spawn(|| {
        let mut pieces: Vec<Vec<u8>> = (0..64_000).map(|_| vec![1; 1_000]).collect();
        pieces.pop()
    });
    let last = last.join().expect("no panic");
    let before = resident_kib();
    sentinel::model::booster::release_free_memory();
    let after = resident_kib();
    drop(last);
    assert!(after + (40 << 10) < before, "{before} KiB before, {after} KiB after");
}
