//! Health, metrics, dashboard, drift, one failure, records.

use std::sync::atomic::Ordering;

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::deliveries::job;
use crate::common::{TestApp, send};

#[tokio::test]
async fn health_names_the_service() {
    let app = TestApp::start().await;
    assert_eq!(
        app.get("/health").await.json(),
        json!({ "status": "healthy", "service": "sentinel" })
    );
}

#[tokio::test]
async fn ready_says_why_not() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/ready").await.status, 200);
    app.store.full.store(true, Ordering::SeqCst);
    let answer = app.get("/ready").await;
    answer.error(503);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["reason"], "store_unwritable");
    app.store.full.store(false, Ordering::SeqCst);
    assert_eq!(app.get("/ready").await.status, 200);
}

#[tokio::test]
async fn metrics_are_prometheus_text() {
    let app = TestApp::start().await;
    app.deliver("workflow_job", "d", &job(7, 70)).await.json();
    let answer = app.get("/metrics").await;
    assert_eq!(
        (answer.status, &answer.headers["content-type"]),
        (200, &"text/plain; version=0.0.4; charset=utf-8".parse().unwrap())
    );
    for name in [
        "inference_latency_seconds_bucket",
        "model_drift_score",
        "sentinel_webhook_deliveries_total{outcome=\"recorded\"}",
    ] {
        assert!(answer.text().contains(name), "{name}");
    }
}

#[tokio::test]
async fn the_dashboard_shows_health_heat_map_and_counts() {
    let app = TestApp::start().await;
    app.deliver("workflow_job", "d", &job(7, 70)).await.json();
    let mut snapshots = app.handle.watch();
    snapshots.wait_for(|snapshot| snapshot.drift.n == 1).await.unwrap();
    let board = app.get("/api/dashboard").await.json();
    let health = &board["health"];
    assert_eq!(health["label"], "Not enough data (1 of 10)");
    assert!(health["reasons"].is_array() && health["retrain_suggested"].is_boolean());
    assert_eq!(health["features_drifted"], 0);
    assert!(health["last_drift_check"].is_string());
    let cells = board["drift_heatmap"].as_array().unwrap();
    assert_eq!(json!(cells.len()), health["total_features"]);
    let mut keys: Vec<_> = cells[0].as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(
        keys,
        ["feature", "is_drifted", "method", "n", "p_value", "score", "severity"]
    );
    assert_eq!(
        (
            &board["model_version"],
            &board["feedback_count"],
            &board["inference_count"]
        ),
        (&json!("v2"), &json!(0), &json!(1))
    );
}

#[tokio::test]
async fn the_drift_report_has_an_alias() {
    let app = TestApp::start().await;
    let report = app.get("/api/drift").await.json();
    assert_eq!(
        (&report["n"], &report["window"], &report["min_samples"]),
        (&json!(0), &json!(20), &json!(10))
    );
    assert_eq!(report["features"][0]["severity"], "not_enough_data");
    assert_eq!(app.get("/api/psi").await.json(), report);
}

#[tokio::test]
async fn a_failure_is_shown_with_contributions_corrections_and_group() {
    let app = TestApp::start().await;
    let record = json!({ "error_message": "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE could not resolve" });
    let first = app.post("/api/analyze", &record).await.json();
    app.post("/api/analyze", &record).await.json();
    let shown = app.get(&format!("/api/failures/{}", first["id"])).await.json();
    assert_eq!(
        (&shown["id"], &shown["prediction"], &shown["event_source"]),
        (&first["id"], &first["prediction"], &json!("api"))
    );
    assert!(!shown["evidence"].as_array().unwrap().is_empty());
    assert!(!shown["top_contributing_features"].as_array().unwrap().is_empty());
    assert_eq!(shown["corrections"], json!([]));
    assert_eq!(
        shown["group"],
        json!({ "fingerprint": shown["fingerprint"], "size": 2 })
    );
}

#[tokio::test]
async fn a_failure_that_is_not_there_is_404() {
    let app = TestApp::start().await;
    assert!(app.get("/api/failures/12").await.error(404).contains("12"));
    for id in ["x", "0", "-1", "99999999999999999999", "1.0", "%00"] {
        assert!(
            app.get(&format!("/api/failures/{id}"))
                .await
                .error(400)
                .contains("id: "),
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_record_is_judged_stored_and_answered_with_its_verdict() {
    let app = TestApp::start().await;
    let record = json!({ "error_message": "connect ETIMEDOUT 10.0.0.1:443", "build_duration_sec": 12.5, "repository": "octo/hello" });
    let verdict = app.post("/api/analyze", &record).await.json();
    assert_eq!(
        (&verdict["decided_from"], &verdict["log_state"]),
        (&json!("record"), &json!("not_tried"))
    );
    let row = &app.get("/api/history").await.json()["items"][0];
    assert_eq!(
        (&row["id"], &row["event_source"], &row["host"]),
        (&verdict["id"], &json!("api"), &Value::Null)
    );
    assert_eq!(row["metrics_payload"], json!({ "build_duration_sec": 12.5 }));
    let with_log = json!({ "log": "##[error]Process completed with exit code 1.\n" });
    assert_eq!(app.post("/api/analyze", &with_log).await.json()["decided_from"], "log");
}

#[tokio::test]
async fn the_same_record_twice_is_two_rows_with_one_verdict() {
    let app = TestApp::start().await;
    let record = json!({ "error_message": "tests failed", "run_id": 7, "job_id": 70, "repository": "octo/hello" });
    let first = app.post("/api/analyze", &record).await.json();
    let again = app.post("/api/analyze", &record).await.json();
    assert_ne!(first["id"], again["id"]);
    for field in ["prediction", "confidence", "probabilities", "evidence", "fingerprint"] {
        assert_eq!(first[field], again[field], "{field}");
    }
    assert_eq!(app.ids().await.len(), 2);
}

#[tokio::test]
async fn every_wrong_field_of_a_record_is_named_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let record = json!({ "error_message": "x", "cpu_usage_pct": 101, "retry_count": "two", "memory_usage_gb": 1 });
    let refused = app.post("/api/analyze", &record).await.error(400);
    for field in ["cpu_usage_pct", "retry_count", "memory_usage_gb", "memory_usage_mb"] {
        assert!(refused.contains(field), "{field} in {refused}");
    }
    assert!(app.ids().await.is_empty());
}

#[tokio::test]
async fn a_full_disk_is_503_for_a_record() {
    let app = TestApp::start().await;
    app.store.full.store(true, Ordering::SeqCst);
    let refused = app.post("/api/analyze", &json!({ "error_message": "x" })).await;
    refused.error(503);
    assert!(refused.headers.contains_key("retry-after"));
}

#[tokio::test]
async fn paths_that_are_not_there_are_404_and_methods_405() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/nothing",
        "/webhook",
        "/api/failures",
        "/api/failures/1/corrections/2/3",
        "/../etc/passwd",
    ] {
        app.get(path).await.error(404);
    }
    for (method, path, allowed) in [
        (Method::POST, "/api/history", "GET, HEAD"),
        (Method::GET, "/api/analyze", "POST"),
        (Method::PUT, "/api/failures/1", "GET, HEAD"),
        (Method::GET, "/api/failures/1/corrections", "POST"),
        (Method::GET, "/api/failures/1/corrections/1", "DELETE"),
        (Method::OPTIONS, "/api/history", "GET, HEAD"),
        (Method::DELETE, "/health", "GET, HEAD"),
    ] {
        let answer = send(app.request(method.clone(), path)).await;
        answer.error(405);
        assert_eq!(answer.headers["allow"], allowed, "{method} {path}");
    }
    assert_eq!(send(app.request(Method::HEAD, "/health")).await.status, 200);
}
