//! Resources and the prompt.

use serde_json::{Value, json};

use crate::agent::{answer, ask, stored};
use crate::common::TestApp;

async fn read(app: &TestApp, uri: &str) -> Value {
    let read = ask(app, "resources/read", json!({ "uri": uri })).await;
    let contents = &read["contents"][0];
    assert_eq!(
        (&contents["uri"], &contents["mimeType"]),
        (&json!(uri), &json!("application/json"))
    );
    serde_json::from_str(contents["text"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_dashboard_is_the_one_that_programs_read() {
    let app = TestApp::start().await;
    let listed = ask(&app, "resources/list", json!({})).await;
    assert_eq!(listed["resources"][0]["uri"], "sentinel://dashboard");
    assert_eq!(
        read(&app, "sentinel://dashboard").await,
        app.get("/api/dashboard").await.json()
    );
}

#[tokio::test]
async fn a_failure_is_the_one_that_the_tool_answers() {
    let app = TestApp::start().await;
    let id = stored(&app, "npm ERR! code ERESOLVE\n").await;
    let templates = ask(&app, "resources/templates/list", json!({})).await;
    assert_eq!(
        templates["resourceTemplates"][0]["uriTemplate"],
        "sentinel://failures/{id}"
    );
    let failure = read(&app, &format!("sentinel://failures/{id}")).await;
    assert_eq!(failure, answer(&app, "get_failure", json!({ "id": id })).await);
}

#[tokio::test]
async fn triage_is_a_prompt() {
    let app = TestApp::start().await;
    let listed = ask(&app, "prompts/list", json!({})).await;
    assert_eq!(listed["prompts"][0]["name"], "triage");
    let prompt = ask(
        &app,
        "prompts/get",
        json!({ "name": "triage", "arguments": { "id": "4711" } }),
    )
    .await;
    let text = prompt["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(text.contains("failure 4711") && text.contains("get_failure"), "{text}");
}
