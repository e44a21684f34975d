//! `GET /api/history`.

use jiff::Timestamp;
use sentinel::class::FailureClass;
use serde_json::{Value, json};

use crate::common::deliveries::{job, job_that};
use crate::common::{START, TestApp, ids};

async fn with_rows(count: i64) -> TestApp {
    let app = TestApp::start().await;
    add_rows(&app, 0..count).await;
    app
}

async fn add_rows(app: &TestApp, jobs: std::ops::Range<i64>) {
    for number in jobs {
        let answer = app
            .deliver("workflow_job", &format!("d{number}"), &job(7, 100 + number))
            .await;
        assert_eq!(answer.json()["status"], "success");
    }
}

/// Ids of one page, and the query of the next.
async fn page(app: &TestApp, query: &str) -> (Vec<i64>, Option<String>) {
    let page = app.get(&format!("/api/history?{query}")).await.json();
    let next = page["next_cursor"]
        .as_str()
        .map(|cursor| format!("limit=3&cursor={cursor}"));
    (ids(&page["items"]), next)
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended_while_rows_arrive() {
    let app = with_rows(8).await;
    let before = app.ids().await;
    let mut query = Some("limit=3".to_owned());
    let (mut seen, mut arriving) = (Vec::new(), 8);
    while let Some(asked) = query {
        let (ids, next) = page(&app, &asked).await;
        assert!(ids.len() <= 3);
        seen.extend(ids);
        add_rows(&app, arriving..arriving + 2).await;
        (query, arriving) = (next, arriving + 2);
    }
    assert_eq!(seen, before);
    assert!(seen.is_sorted_by(|one, other| one > other));
}

#[tokio::test]
async fn the_last_page_has_no_next() {
    let app = with_rows(3).await;
    assert_eq!(app.get("/api/history?limit=3").await.json()["next_cursor"], Value::Null);
    assert!(app.get("/api/history?limit=2").await.json()["next_cursor"].is_string());
    assert_eq!(
        TestApp::start().await.get("/api/history").await.json(),
        json!({ "items": [], "next_cursor": null })
    );
}

#[tokio::test]
async fn a_row_is_the_verdict_and_its_columns_without_the_payload() {
    let app = with_rows(1).await;
    let row = &app.get("/api/history").await.json()["items"][0];
    for verdict in [
        "id",
        "input_id",
        "prediction",
        "label",
        "confidence",
        "uncertain",
        "uncertain_reason",
        "prediction_set",
        "coverage",
        "probabilities",
        "evidence",
        "top_contributing_features",
        "fingerprint",
        "decided_from",
        "log_state",
        "corrected_by",
        "model_version",
        "latency_us",
    ] {
        assert!(row.get(verdict).is_some(), "{verdict} in {row}");
    }
    for (column, value) in [
        ("event_source", json!("github_webhook")),
        ("delivery_id", json!("d0")),
        ("revision", json!(1)),
        ("psi_drift_stat", Value::Null),
        ("confidence_score", row["confidence"].clone()),
        ("host", json!("github.com")),
        ("repository", json!("octo/hello")),
        ("repository_id", json!(42)),
        ("run_id", json!(7)),
        ("attempt", json!(1)),
        ("job_id", json!(100)),
        ("workflow", json!("CI")),
        ("job", json!("build (ubuntu)")),
        ("failed_steps", json!(["Run cargo test"])),
        ("branch", json!("main")),
        ("head_sha", json!("4c0b1d2e3f405162738495a6b7c8d9e0f1a2b3c4")),
        ("author", json!("ada")),
        ("url", json!("https://github.com/octo/hello/actions/runs/7/job/100")),
        ("runner_labels", json!(["ubuntu-24.04"])),
        ("conclusion", json!("failure")),
        ("failed_at", json!("2026-09-01T10:05:00Z")),
    ] {
        assert_eq!(row[column], value, "{column}");
    }
    let arrived: Timestamp = row["timestamp"].as_str().unwrap().parse().unwrap();
    assert!((START..START + 60).contains(&arrived.as_second()));
    assert_eq!(row["raw_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(row["metrics_payload"]["job_duration_sec"], 300.0);
    assert_eq!(row["metrics_payload"]["ci_tool"], "github-actions");
    assert!(row["metrics_payload"].get("cpu_usage_pct").is_none());
    assert!(row.get("raw_payload").is_none());
}

#[tokio::test]
async fn filters_narrow_the_rows() {
    let app = TestApp::start().await;
    let mut other = job(8, 200);
    other["repository"]["full_name"] = json!("octo/other");
    other["workflow_job"]["head_branch"] = json!("release-9");
    app.deliver("workflow_job", "d1", &job(7, 100)).await.json();
    app.deliver("workflow_job", "d2", &other).await.json();
    app.deliver("workflow_job", "d3", &job_that(9, 300, "completed", "timed_out"))
        .await
        .json();
    let found = async |query: &str| page(&app, query).await.0;
    let mut unused = None;
    for class in FailureClass::ALL {
        if found(&format!("class={}", class.slug())).await.is_empty() {
            unused = Some(class);
        }
    }
    let class = unused.expect("three rows are not of ten classes");
    app.post(
        "/api/failures/1/corrections",
        &json!({ "corrected_label": class.slug() }),
    )
    .await
    .json();
    assert_eq!(found(&format!("class={}", class.slug())).await, [1]);
    let name = class.name().replace(' ', "%20");
    assert_eq!(found(&format!("class={name}&repo=octo/hello")).await, [1]);
    assert_eq!(found("repo=OCTO/Other").await, [2]);
    assert_eq!(found("q=release-9").await, [2]);
    assert_eq!(found("source=github_webhook").await, [3, 2, 1]);
    assert_eq!(found("source=simulator").await, [0_i64; 0]);
    let (sure, unsure) = (found("uncertain=false").await, found("uncertain=true").await);
    assert_eq!(sure.len() + unsure.len(), 3);
    assert_eq!(
        found("class=&repo=&source=&uncertain=&since=&q=&cursor=&limit=").await,
        [3, 2, 1]
    );
}

#[tokio::test]
async fn since_is_a_moment_or_a_length() {
    let app = with_rows(2).await;
    let rows = app.get("/api/history").await.json();
    let newest = rows["items"][0]["timestamp"].as_str().unwrap();
    assert_eq!(page(&app, &format!("since={newest}")).await.0, [2]);
    assert_eq!(page(&app, "since=30d").await.0, [2, 1]);
    assert_eq!(page(&app, "since=1m").await.0, [2, 1]);
    assert_eq!(page(&app, "since=2030-01-01T00:00:00%2B01:00").await.0, [0_i64; 0]);
}

#[tokio::test]
async fn a_wrong_parameter_is_400_and_named() {
    let app = TestApp::start().await;
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("cursor=abc", "cursor"),
        ("cursor=%00", "cursor"),
        ("class=flaky", "class"),
        ("source=gitlab", "source"),
        ("uncertain=perhaps", "uncertain"),
        ("since=yesterday", "since"),
        ("limit=1&limit=2", "limit"),
        ("clas=timeout", "clas"),
        (&format!("q={}", "x".repeat(201)), "q"),
    ] {
        assert!(
            app.get(&format!("/api/history?{query}"))
                .await
                .error(400)
                .contains(&format!("{name}: ")),
            "{query}"
        );
    }
    let both = app.get("/api/history?limit=0&since=x").await.error(400);
    assert!(both.contains("limit: ") && both.contains("since: "));
}
