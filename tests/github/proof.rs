//! A success in a later attempt is proof against the failure before it.

use sentinel::app::known_issues::KnownIssues;
use serde_json::json;

use crate::common::{TestApp, deliveries};

#[tokio::test]
async fn a_green_later_attempt_marks_the_failure_and_makes_no_row() {
    let app = TestApp::start().await;
    let id = app.deliver("workflow_job", "d-1", &deliveries::job(7, 70)).await.json()["id"].clone();
    let id = id.as_i64().expect("an id");
    let other = app.deliver("workflow_job", "d-2", &deliveries::job(8, 80)).await.json()["id"].clone();
    let mut green = deliveries::job_that(7, 71, "completed", "success");
    green["workflow_job"]["run_attempt"] = json!(4);
    let answer = app.deliver("workflow_job", "d-3", &green).await.json();
    assert_eq!(answer["status"], "ignored");
    let store = app.handle.query();
    let proof = store
        .collecting()
        .passed_later(id)
        .await
        .expect("read")
        .expect("marked");
    assert_eq!((proof.rerun, proof.of), (3, 3));
    let unmarked = store.collecting().passed_later(other.as_i64().expect("an id")).await;
    assert_eq!(unmarked.expect("read"), None);
    assert_eq!(app.ids().await.len(), 2);
}

#[tokio::test]
async fn a_first_attempt_and_another_job_prove_nothing() {
    let app = TestApp::start().await;
    let id = app.deliver("workflow_job", "d-1", &deliveries::job(7, 70)).await.json()["id"].clone();
    let mut other = deliveries::job_that(7, 72, "completed", "success");
    other["workflow_job"]["run_attempt"] = json!(2);
    other["workflow_job"]["name"] = json!("lint");
    app.deliver("workflow_job", "d-2", &other).await.json();
    app.deliver(
        "workflow_job",
        "d-3",
        &deliveries::job_that(7, 73, "completed", "success"),
    )
    .await
    .json();
    let proof = app
        .handle
        .query()
        .collecting()
        .passed_later(id.as_i64().expect("an id"))
        .await;
    assert_eq!(proof.expect("read"), None);
}

#[tokio::test]
async fn the_detail_of_a_failure_says_where_else_it_was_seen_and_that_it_is_known() {
    let issues = "[[issue]]\npattern = \"E0308\"\nlink = \"https://issues.example/1\"\n";
    let app = TestApp::with(|setup| {
        setup.known_issues = std::sync::Arc::new(KnownIssues::parse(issues).expect("a file"));
    })
    .await;
    let id = app.deliver("check_run", "d-1", &deliveries::check(7, 70)).await.json()["id"].clone();
    let again = app.deliver("check_run", "d-2", &deliveries::check(8, 80)).await.json()["id"].clone();
    let first = app.get(&format!("/api/failures/{id}")).await.json();
    assert_eq!(
        (&first["seen"]["count"], &first["seen"]["novelty"]),
        (&json!(2), &json!("new"))
    );
    assert_eq!(first["known_issue"]["link"], "https://issues.example/1");
    assert_eq!((&first["flaky"], &first["passed_later"]), (&json!(false), &json!(null)));
    let second = app.get(&format!("/api/failures/{again}")).await.json();
    assert_eq!(second["seen"]["novelty"], "seen");
}
