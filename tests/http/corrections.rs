//! A person's word, over HTTP.

use std::sync::atomic::Ordering;

use reqwest::Method;
use sentinel::http::Role;
use serde_json::{Value, json};

use crate::common::deliveries::job;
use crate::common::{TestApp, send};

async fn with_one_row() -> (TestApp, String, Value) {
    let app = TestApp::start().await;
    app.deliver("workflow_job", "d", &job(7, 70)).await.json();
    let row = app.get("/api/history").await.json()["items"][0].clone();
    let path = format!("/api/failures/{}/corrections", row["id"]);
    (app, path, row)
}

#[tokio::test]
async fn a_correction_changes_the_label_and_never_the_prediction() {
    let (app, path, row) = with_one_row().await;
    let answer = app
        .post(
            &path,
            &json!({ "corrected_label": "Network Error", "note": "DNS", "author": "ada" }),
        )
        .await
        .json();
    let (failure, correction) = (&answer["failure"], &answer["correction"]);
    assert_eq!(
        (&failure["label"], &failure["prediction"]),
        (&json!("Network Error"), &row["prediction"])
    );
    assert_eq!(
        (&correction["note"], &correction["author"], &correction["actor"]),
        (&json!("DNS"), &json!("ada"), &json!("local"))
    );
    assert_eq!(correction["from"], row["label"]);
    let detail = app.get(&format!("/api/failures/{}", row["id"])).await.json();
    assert_eq!(
        (&detail["corrections"], &detail["corrected_by"]),
        (&json!([correction]), &json!("local"))
    );
    assert_eq!(app.get("/api/dashboard").await.json()["feedback_count"], 1);
}

#[tokio::test]
async fn a_correction_is_taken_back_once() {
    let (app, path, row) = with_one_row().await;
    let correction = app.post(&path, &json!({ "corrected_label": "timeout" })).await.json()["correction"]["id"].clone();
    let undone = app.delete(&format!("{path}/{correction}")).await.json();
    assert_eq!(
        (&undone["failure"]["label"], &undone["failure"]["corrected_by"]),
        (&row["prediction"], &Value::Null)
    );
    assert!(undone["correction"]["undone_at"].is_string());
    app.delete(&format!("{path}/{correction}")).await.error(404);
    assert_eq!(app.get("/api/dashboard").await.json()["feedback_count"], 0);
}

#[tokio::test]
async fn who_acted_is_the_name_of_the_key_whatever_the_body_claims() {
    let app = TestApp::with(|setup| setup.keys(&[("bot", Role::Write)])).await;
    app.deliver("workflow_job", "d", &job(7, 70)).await.json();
    let body = json!({ "corrected_label": "timeout", "author": "the boss" });
    let request = app
        .request(Method::POST, "/api/failures/1/corrections")
        .bearer_auth("bot-key")
        .json(&body);
    let correction = &send(request).await.json()["correction"];
    assert_eq!(
        (&correction["actor"], &correction["author"]),
        (&json!("bot"), &json!("the boss"))
    );
    let forged = json!({ "corrected_label": "timeout", "actor": "the boss" });
    let request = app
        .request(Method::POST, "/api/failures/1/corrections")
        .bearer_auth("bot-key")
        .json(&forged);
    assert!(send(request).await.error(400).contains("actor"));
}

#[tokio::test]
async fn what_cannot_be_corrected_is_named() {
    let (app, path, row) = with_one_row().await;
    app.post(
        "/api/failures/999/corrections",
        &json!({ "corrected_label": "timeout" }),
    )
    .await
    .error(404);
    app.delete(&format!("{path}/999")).await.error(404);
    assert!(
        app.post("/api/failures/x/corrections", &json!({}))
            .await
            .error(400)
            .contains("id")
    );
    assert!(app.delete(&format!("{path}/x")).await.error(400).contains("cid"));
    assert!(
        app.post(&path, &json!({ "corrected_label": "flaky" }))
            .await
            .error(400)
            .contains("test-failure")
    );
    assert!(
        app.post(&path, &json!({ "label": "timeout", "notes": "x" }))
            .await
            .error(400)
            .contains("did you mean `note`")
    );
    send(
        app.request(Method::POST, &path)
            .header("content-type", "text/plain")
            .body("{}"),
    )
    .await
    .error(415);
    send(
        app.request(Method::POST, &path)
            .header("content-type", "application/json")
            .body("{"),
    )
    .await
    .error(400);
    send(
        app.request(Method::DELETE, &format!("{path}/1"))
            .header("content-type", "text/plain")
            .body("x"),
    )
    .await
    .error(415);
    assert_eq!(app.get("/api/history").await.json()["items"][0], row);
}

#[tokio::test]
async fn a_full_disk_is_503_for_a_correction_and_the_row_can_still_be_read() {
    let (app, path, row) = with_one_row().await;
    app.store.full.store(true, Ordering::SeqCst);
    app.post(&path, &json!({ "corrected_label": "timeout" }))
        .await
        .error(503);
    let detail = app.get(&format!("/api/failures/{}", row["id"])).await.json();
    assert_eq!(detail["label"], row["label"]);
}

#[tokio::test]
async fn the_last_words_are_taken_back_and_made_again_in_turn() {
    let (app, path, row) = with_one_row().await;
    for label in ["timeout", "network-error"] {
        app.post(&path, &json!({ "corrected_label": label })).await.json();
    }
    let step = async |path: &str| app.post(path, &json!({})).await.json()["failure"]["label"].clone();
    assert_eq!(step("/api/undo").await, "Timeout");
    assert_eq!(step("/api/undo").await, row["prediction"]);
    assert!(
        app.post("/api/undo", &json!({}))
            .await
            .error(409)
            .contains("no correction to take back")
    );
    assert_eq!(step("/api/redo").await, "Timeout");
    assert_eq!(step("/api/redo").await, "Network Error");
    app.post("/api/redo", &json!({})).await.error(409);
    assert_eq!(app.get("/api/dashboard").await.json()["feedback_count"], 2);

    // A new word ends what could be made again.
    assert_eq!(step("/api/undo").await, "Timeout");
    app.post(&path, &json!({ "corrected_label": "build-failure" }))
        .await
        .json();
    app.post("/api/redo", &json!({})).await.error(409);
}

#[tokio::test]
async fn undo_and_redo_ask_for_a_writer_and_for_no_form_of_a_page() {
    let app = TestApp::with(|setup| setup.keys(&[("looker", Role::Read), ("bot", Role::Write)])).await;
    for path in ["/api/undo", "/api/redo"] {
        let by = |key: &str| app.request(Method::POST, path).header("x-api-key", key);
        send(app.request(Method::POST, path)).await.error(401);
        send(by("looker-key")).await.error(403);
        send(by("bot-key").header("content-type", "text/plain"))
            .await
            .error(415);
        send(by("bot-key")).await.error(409);
    }
}
