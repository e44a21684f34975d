//! A success in a later attempt is proof against the failure before it.

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
    let proof = store.collecting().passed_later(id).await.expect("read").expect("marked");
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
    app.deliver("workflow_job", "d-3", &deliveries::job_that(7, 73, "completed", "success"))
        .await
        .json();
    let proof = app.handle.query().collecting().passed_later(id.as_i64().expect("an id")).await;
    assert_eq!(proof.expect("read"), None);
}
