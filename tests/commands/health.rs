//! One health: whoever asks, by whatever door, is told the same word and the same reasons.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use super::console::Console;
use super::mcp::Agent;
use super::server::{KEY, Server};
use super::simulate::{drift, send};
use super::{output, sentinel_in, stdout};

/// Follows `/api/events`, and gives the health that the last event of drift told.
fn follow(server: &Server) -> impl FnOnce() -> Value {
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    let request = format!(
        "GET /api/events HTTP/1.1\r\nHost: {}\r\nX-API-Key: {KEY}\r\n\r\n",
        server.address
    );
    stream.write_all(request.as_bytes()).expect("it listens");
    let mut lines = BufReader::new(stream.try_clone().expect("a descriptor")).lines();
    let head = lines.next().expect("an answer").expect("text");
    assert!(head.contains("200"), "{head}");
    move || {
        stream
            .set_read_timeout(Some(Duration::from_millis(500)))
            .expect("a socket");
        let told = lines.map_while(Result::ok).filter_map(|line| {
            let data: Value = serde_json::from_str(line.strip_prefix("data:")?).ok()?;
            data.get("health").cloned()
        });
        told.last().expect("an event of drift")
    }
}

#[test]
fn every_door_tells_the_same_health() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let last_event = follow(&server);
    send(&server, &["--count", "100", "--seed", "1"]);
    send(&server, &["--count", "60", "--seed", "2", "--chaos", "high"]);

    let health = server.get("/api/dashboard")["health"].clone();
    assert_eq!(health["label"], "Training Required");
    let asked = |told: &Value| {
        (
            told["label"].clone(),
            told["reasons"].clone(),
            told["retrain_suggested"].clone(),
        )
    };
    let (_, command) = drift(data.path(), &[]);
    assert_eq!(asked(&command["health"]), asked(&health));
    assert_eq!(asked(&server.get("/api/drift")["health"]), asked(&health));
    let mut agent = Agent::start(data.path());
    assert_eq!(asked(&agent.call("get_health", &json!({}))), asked(&health));
    agent.leave();
    // Reasons tell figures, which move without an event of their own.
    assert_eq!(last_event()["label"], health["label"]);

    let table = stdout(&output(sentinel_in(data.path()).arg("drift")));
    assert!(table.starts_with("Training Required\n"), "{table}");
    let metrics = server.text("/metrics");
    let states: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("sentinel_health{"))
        .collect();
    let raised: Vec<&&str> = states.iter().filter(|line| line.ends_with(" 1")).collect();
    assert_eq!(
        raised,
        [&"sentinel_health{state=\"training_required\"} 1"],
        "{states:?}"
    );
    let mut console = Console::join(data.path(), &[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
    console.shows("Training Required");
    console.press("q");
    console.left();
}
