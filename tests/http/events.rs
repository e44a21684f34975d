//! `GET /api/events`: what a reader of the stream sees.

use std::time::Duration;

use reqwest::Method;
use sentinel::app::feed::FOLLOWERS;
use sentinel::http::Role;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::common::deliveries::job;
use crate::common::{TestApp, send};

/// Longer than any of this takes.
const LONG: Duration = Duration::from_secs(20);

/// One block of the stream.
#[derive(Debug, Default)]
struct Block {
    id: String,
    event: String,
    data: Value,
    comment: bool,
}

/// A reader of the stream.
struct Reader {
    response: reqwest::Response,
    text: String,
}

impl Reader {
    async fn open(app: &TestApp, last: Option<&str>) -> Self {
        let mut request = app.request(Method::GET, "/api/events");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next block; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Block> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = parse(block);
                self.text = rest.into();
                return Some(block);
            }
            let chunk = timeout(LONG, self.response.chunk())
                .await
                .expect("in time")
                .expect("a chunk")?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// The next event of this name.
    async fn event(&mut self, name: &str) -> Block {
        loop {
            let block = self.next().await.expect("a stream that goes on");
            if block.event == name {
                return block;
            }
        }
    }
}

fn parse(text: &str) -> Block {
    let mut block = Block::default();
    for line in text.lines() {
        match line.split_once(':') {
            Some(("", _)) => block.comment = true,
            Some(("id", id)) => block.id = id.trim().into(),
            Some(("event", event)) => block.event = event.trim().into(),
            Some(("data", data)) => block.data = serde_json::from_str(data).expect("JSON"),
            _ => {}
        }
    }
    block
}

#[tokio::test]
async fn a_reader_sees_verdicts_and_corrections_as_they_happen() {
    let app = TestApp::start().await;
    let mut reader = Reader::open(&app, None).await;
    let id = app.deliver("workflow_job", "d-1", &job(1, 1)).await.json()["id"].clone();
    let verdict = reader.event("verdict").await;
    assert_eq!(verdict.data["id"], id);
    assert_eq!(verdict.data["event_source"], "github_webhook");
    let path = format!("/api/failures/{id}/corrections");
    app.post(&path, &json!({ "corrected_label": "timeout" })).await.json();
    let correction = reader.event("correction").await;
    assert_eq!(
        (&correction.data["id"], &correction.data["label"]),
        (&id, &json!("Timeout"))
    );
}

#[tokio::test]
async fn who_comes_back_with_the_last_id_misses_nothing() {
    let app = TestApp::start().await;
    let mut reader = Reader::open(&app, None).await;
    let first = reader.next().await.expect("the place to come back with");
    assert!(first.event.is_empty() && !first.id.is_empty(), "{first:?}");
    drop(reader);
    let id = app.deliver("workflow_job", "d-1", &job(1, 1)).await.json()["id"].clone();
    // What was told to the state before the answer reaches the feed in its turn: the stream waits for it.
    let mut reader = Reader::open(&app, Some(&first.id)).await;
    let verdict = reader.event("verdict").await;
    assert_eq!(verdict.data["id"], id);
    let mut stranger = Reader::open(&app, Some("17-4")).await;
    stranger.event("gap").await;
    assert_eq!(stranger.event("verdict").await.id, verdict.id);
}

#[tokio::test]
async fn drift_is_told_when_the_badge_changes() {
    let app = TestApp::start().await;
    let mut reader = Reader::open(&app, None).await;
    for number in 1..=12 {
        app.deliver("workflow_job", &format!("d-{number}"), &job(number, 1))
            .await
            .json();
    }
    let drift = reader.event("drift").await;
    assert!(
        drift.data["health"]["label"].is_string() && drift.data["drift_heatmap"].is_array(),
        "{drift:?}"
    );
}

#[tokio::test]
async fn a_quiet_stream_shows_that_it_lives_and_ends_when_the_server_does() {
    let app = TestApp::with(|setup| setup.doors.limits.heartbeat = Duration::from_millis(20)).await;
    let mut reader = Reader::open(&app, None).await;
    while !reader.next().await.expect("a stream that goes on").comment {}
    app.shutdown.cancel();
    while reader.next().await.is_some() {}
    timeout(LONG, app.serving)
        .await
        .expect("in time")
        .expect("a task")
        .expect("a server");
}

#[tokio::test]
async fn events_ask_for_a_key_and_there_is_room_for_so_many_readers() {
    let app = TestApp::with(|setup| setup.keys(&[("eye", Role::Read)])).await;
    app.get("/api/events").await.error(401);
    let request = || app.request(Method::GET, "/api/events").header("x-api-key", "eye-key");
    let mut readers = Vec::new();
    for _ in 0..FOLLOWERS {
        readers.push(request().send().await.expect("an answer"));
    }
    let refused = send(request()).await;
    assert!(refused.error(503).contains("follow events already"));
    assert!(refused.headers.contains_key("retry-after"));
}
