//! What must not hurt: a clear error, nothing stored, the server still up.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::deliveries::job;
use crate::common::{TestApp, send};

async fn refuses(app: &TestApp, body: Vec<u8>, status: u16) -> String {
    let start: String = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
    let answer = send(app.delivery("workflow_job", "d", body)).await;
    assert_eq!(answer.status, status, "{start}: {}", answer.text());
    let error = answer.error(status);
    assert!(error.len() < 1_000, "{start}: {error}");
    error
}

async fn is_well_and_empty(app: &TestApp) {
    assert_eq!(app.get("/health").await.json()["status"], "healthy");
    assert!(app.ids().await.is_empty());
}

#[tokio::test]
async fn what_is_not_a_delivery_is_400() {
    let app = TestApp::start().await;
    for body in [
        "",
        "hello",
        "{",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{}",
        "{\"action\":\"completed\"}",
        "\u{feff}{}",
        "NaN",
    ] {
        refuses(&app, body.into(), 400).await;
    }
    refuses(&app, b"\xff\xfe\x00{".to_vec(), 400).await;
    refuses(&app, [b"{\"a\":\"", &[0xc3, 0x28][..], b"\"}"].concat(), 400).await;
    is_well_and_empty(&app).await;
}

#[tokio::test]
async fn a_delivery_without_the_name_of_its_event_is_400() {
    let app = TestApp::start().await;
    let request = app
        .request(Method::POST, "/webhook/github")
        .header("content-type", "application/json");
    assert!(
        send(request.body(job(7, 70).to_string()))
            .await
            .error(400)
            .contains("X-GitHub-Event")
    );
    is_well_and_empty(&app).await;
}

#[tokio::test]
async fn json_of_twenty_thousand_levels_is_400() {
    let app = TestApp::start().await;
    refuses(&app, ["[".repeat(20_000), "]".repeat(20_000)].concat().into(), 400).await;
    let deep = ["{\"a\":".repeat(20_000), "1".into(), "}".repeat(20_000)].concat();
    refuses(
        &app,
        format!("{{\"action\":\"completed\",\"workflow_job\":{deep}}}").into(),
        400,
    )
    .await;
    is_well_and_empty(&app).await;
}

#[tokio::test]
async fn numbers_that_are_none_are_400() {
    let app = TestApp::start().await;
    let text = job(7, 70).to_string();
    for number in [
        "NaN",
        "1e300",
        "-1",
        "1.5",
        "99999999999999999999",
        "\"70\"",
        "null",
        "{}",
    ] {
        refuses(
            &app,
            text.replace("\"id\":70,", &format!("\"id\":{number},")).into(),
            400,
        )
        .await;
    }
    is_well_and_empty(&app).await;
}

#[tokio::test]
async fn a_wrong_type_in_any_field_is_no_server_error() {
    let app = TestApp::start().await;
    let whole = job(7, 70);
    let mut number = 0;
    for pointer in pointers(&whole, "") {
        for wrong in [
            json!(null),
            json!(-1),
            json!(true),
            json!("\u{1b}[2J\u{202e}"),
            json!([1]),
            json!({ "a": 1 }),
        ] {
            let mut payload = whole.clone();
            *payload.pointer_mut(&pointer).unwrap() = wrong;
            number += 1;
            let answer = app.deliver("workflow_job", &format!("d{number}"), &payload).await;
            assert!(
                [200, 400].contains(&answer.status),
                "{pointer}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    assert_eq!(app.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_body_of_26_megabytes_is_413_told_or_not() {
    let app = TestApp::start().await;
    let large = || vec![b' '; 26 * 1024 * 1024];
    refuses(&app, large(), 413).await;
    let chunks = (0..26 * 16).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]));
    let untold = app
        .delivery("workflow_job", "d", Vec::new())
        .body(reqwest::Body::wrap_stream(futures_util::stream::iter(chunks)));
    send(untold).await.error(413);
    is_well_and_empty(&app).await;
}

#[tokio::test]
async fn a_record_that_is_none_is_400_or_413_or_415() {
    let app = TestApp::start().await;
    for body in [
        "",
        "[]",
        "{}",
        "{\"error_message\":7}",
        "{\"error_message\":\"x\",\"cpu_usage_pct\":NaN}",
    ] {
        let request = app
            .request(Method::POST, "/api/analyze")
            .header("content-type", "application/json");
        send(request.body(body)).await.error(400);
    }
    send(app.request(Method::POST, "/api/analyze").body("{}"))
        .await
        .error(415);
    let large = app
        .request(Method::POST, "/api/analyze")
        .header("content-type", "application/json");
    send(large.body(vec![b' '; 26 * 1024 * 1024])).await.error(413);
    is_well_and_empty(&app).await;
}

/// The paths of all values in a value.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (format!("{at}/{name}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("{at}/{index}"), value))
            .collect(),
        _ => Vec::new(),
    };
    inner
        .into_iter()
        .flat_map(|(path, value)| [vec![path.clone()], pointers(value, &path)].concat())
        .collect()
}
