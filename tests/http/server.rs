//! The accept loop: slow and silent clients, many connections, going down.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sentinel::http::BodyLimits;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::common::deliveries::job;
use crate::common::{Setup, TestApp};

/// Longer than any of this takes.
const LONG: Duration = Duration::from_secs(20);

/// A time-out that a test waits for.
const SHORT: Duration = Duration::from_millis(100);

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.address).await.expect("a connection")
}

/// All that the server still says before it hangs up.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is a way of hanging up too.
    let _ended = timeout(LONG, stream.read_to_end(&mut bytes))
        .await
        .expect("the server hangs up");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The head of one answer.
async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(
            timeout(LONG, stream.read_u8())
                .await
                .expect("in time")
                .expect("an answer"),
        );
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_client_that_sends_nothing_or_half_a_head_is_hung_up_on() {
    let app = TestApp::with(|setup| setup.doors.limits.head = SHORT).await;
    for start in [
        "",
        "P",
        "PRI * HTTP/2.0\r\n",
        "GET /health HTTP/1.1\r\nhost: localhost\r\n",
    ] {
        let mut stream = connect(&app).await;
        stream.write_all(start.as_bytes()).await.unwrap();
        let said = rest(&mut stream).await;
        assert!(!said.contains("200 OK"), "{start:?}: {said}");
    }
    assert_eq!(app.get("/health").await.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408() {
    let bodies = BodyLimits {
        deadline: SHORT,
        ..BodyLimits::default()
    };
    let app = TestApp::with(|setup| setup.doors.limits.bodies = bodies).await;
    let mut stream = connect(&app).await;
    let start = "POST /webhook/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-github-event: push\r\n\
                 content-length: 100\r\n\r\n{";
    stream.write_all(start.as_bytes()).await.unwrap();
    let said = rest(&mut stream).await;
    assert!(
        said.starts_with("HTTP/1.1 408 ") && said.contains("\"details\":[]"),
        "{said}"
    );
}

#[tokio::test]
async fn an_unsigned_delivery_is_refused_before_its_body_is_sent() {
    let app = TestApp::with(Setup::signed).await;
    let mut stream = connect(&app).await;
    let start = "POST /webhook/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-github-event: push\r\n\
                 content-length: 1000000\r\n\r\n";
    stream.write_all(start.as_bytes()).await.unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 401 "));
}

#[tokio::test]
async fn a_sender_that_waits_for_a_sign_gets_an_answer_instead() {
    let app = TestApp::start().await;
    let mut stream = connect(&app).await;
    let start = "POST /webhook/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-github-event: push\r\n\
                 content-length: 27000000\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(start.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test]
async fn a_body_without_end_is_413_and_then_hung_up_on() {
    let app = TestApp::with(|setup| setup.doors.webhook.max_body_bytes = 100_000).await;
    let (mut reading, mut writing) = connect(&app).await.into_split();
    let start = "POST /webhook/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-github-event: push\r\n\
                 transfer-encoding: chunked\r\n\r\n";
    writing.write_all(start.as_bytes()).await.unwrap();
    let endless = async {
        let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
        while writing.write_all(chunk.as_bytes()).await.is_ok() {}
    };
    let mut answer = [0; 13];
    let answered = async { reading.read_exact(&mut answer).await.map(|_| ()) };
    let ((), answered) = timeout(LONG, async { tokio::join!(endless, answered) })
        .await
        .expect("the server hangs up");
    answered.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413 ");
}

#[tokio::test]
async fn bytes_of_all_connections_together_are_bounded() {
    let app = TestApp::with(|setup| {
        setup.doors.webhook.max_body_bytes = 64 << 10;
        setup.doors.limits.bodies.in_flight = 64 << 10;
    })
    .await;
    let mut holder = connect(&app).await;
    let start = format!(
        "POST /webhook/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-github-event: push\r\n\
         content-length: {}\r\n\r\n{}",
        64 << 10,
        " ".repeat(60 << 10)
    );
    holder.write_all(start.as_bytes()).await.unwrap();
    let body = json!({ "padding": "x".repeat(10 << 10) });
    let refused = loop {
        // Until what the other one has sent has come in.
        let answer = app.deliver("push", "d", &body).await;
        if answer.status != 200 {
            break answer;
        }
    };
    refused.error(503);
    drop(holder);
    while app.deliver("push", "d", &body).await.status != 200 {}
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let app = TestApp::with(|setup| setup.doors.limits.connections = 1).await;
    let mut first = connect(&app).await;
    first
        .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(head(&mut first).await.starts_with("HTTP/1.1 200 "));
    let mut second = connect(&app).await;
    second
        .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(timeout(SHORT, second.read_u8()).await.is_err());
    drop(first);
    assert!(head(&mut second).await.starts_with("HTTP/1.1 200 "));
}

/// The frame of an HTTP/2 request (RFC 9113, 6.2) for the history, with literal header fields (RFC 7541, 6.2.2).
fn http2_request(authority: &str) -> Vec<u8> {
    let literal = |name: u8, value: &str| [&[name, u8::try_from(value.len()).unwrap()], value.as_bytes()].concat();
    let fields = [vec![0x82, 0x86], literal(4, "/api/history"), literal(1, authority)].concat();
    let length = u8::try_from(fields.len()).unwrap();
    [&[0, 0, length, 1, 5, 0, 0, 0, 1], fields.as_slice()].concat()
}

/// The first field of the answer to it: 0x88 is `:status: 200`.
async fn http2_status(app: &TestApp, authority: &str) -> u8 {
    let mut stream = connect(app).await;
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    stream.write_all(&http2_request(authority)).await.unwrap();
    loop {
        let mut frame = [0; 9];
        timeout(LONG, stream.read_exact(&mut frame))
            .await
            .expect("in time")
            .expect("a frame");
        let mut payload = vec![0; usize::from(frame[1]) * 256 + usize::from(frame[2])];
        stream.read_exact(&mut payload).await.unwrap();
        if frame[3] == 1 {
            return payload[0];
        }
    }
}

#[tokio::test]
async fn http_2_is_spoken_and_its_authority_is_the_host() {
    let app = TestApp::start().await;
    assert_eq!(http2_status(&app, "localhost:8200").await, 0x88);
    assert_ne!(http2_status(&app, "evil.example").await, 0x88);
}

#[tokio::test]
async fn an_absolute_target_overrules_the_host_header() {
    let app = TestApp::start().await;
    let mut stream = connect(&app).await;
    stream
        .write_all(b"GET http://evil.example/api/history HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(head(&mut stream).await.starts_with("HTTP/1.1 403 "));
}

#[tokio::test]
async fn a_request_without_a_host_is_400_where_hosts_are_checked() {
    let app = TestApp::start().await;
    for (path, status) in [("/health", "200"), ("/api/history", "400")] {
        let mut stream = connect(&app).await;
        stream
            .write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())
            .await
            .unwrap();
        assert!(
            rest(&mut stream).await.starts_with(&format!("HTTP/1.0 {status} ")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn going_down_what_is_under_way_is_answered_and_idle_connections_are_closed() {
    let app = TestApp::start().await;
    let mut idle = connect(&app).await;
    idle.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    assert!(head(&mut idle).await.starts_with("HTTP/1.1 200 "));
    app.store.held.store(true, Ordering::SeqCst);
    let failed = job(7, 70);
    let under_way = app.deliver("workflow_job", "d", &failed);
    let going_down = async {
        app.store.arrived.acquire().await.unwrap().forget();
        app.shutdown.cancel();
        rest(&mut idle).await;
        assert!(TcpStream::connect(app.address).await.is_err());
        app.store.passing.add_permits(1);
    };
    let (answer, ()) = tokio::join!(under_way, going_down);
    assert_eq!(answer.json()["status"], "success");
    timeout(LONG, app.serving).await.expect("in time").unwrap().unwrap();
}

#[tokio::test]
async fn going_down_waits_only_so_long() {
    let app = TestApp::with(|setup| setup.doors.limits.drain = SHORT).await;
    app.store.held.store(true, Ordering::SeqCst);
    let mut stuck = connect(&app).await;
    let body = job(7, 70).to_string();
    let request = format!(
        "POST /webhook/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         x-github-event: workflow_job\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stuck.write_all(request.as_bytes()).await.unwrap();
    app.store.arrived.acquire().await.unwrap().forget();
    app.shutdown.cancel();
    timeout(LONG, app.serving).await.expect("in time").unwrap().unwrap();
    assert_eq!(rest(&mut stuck).await, "");
    // What was taken in is carried out all the same.
    app.store.passing.add_permits(1);
    app.handle.shutdown().await;
    let rows = app.handle.query().totals().await.unwrap();
    assert_eq!(rows.failures, 1);
}
