//! The protocol over a stream, as standard input and output or a Unix socket carry it.

use sentinel::app::engine::Clock;
use sentinel::mcp::{AgentDoor, Caller, WriteMode, serve_stream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf, duplex, split};
use tokio::task::JoinHandle;

use crate::common::TestApp;

/// A conversation.
struct Talk {
    answers: Lines<BufReader<ReadHalf<DuplexStream>>>,
    asking: WriteHalf<DuplexStream>,
    served: JoinHandle<Result<(), sentinel::mcp::StreamError>>,
}

impl Talk {
    fn with(app: &TestApp) -> Self {
        let clock: Clock = std::sync::Arc::new(jiff::Timestamp::now);
        let door = AgentDoor::new(app.handle.clone(), clock, WriteMode::Propose);
        let (here, there) = duplex(1 << 20);
        let served = tokio::spawn(serve_stream(there, door, Caller::local("ada".into())));
        let (answers, asking) = split(here);
        Self {
            answers: BufReader::new(answers).lines(),
            asking,
            served,
        }
    }

    async fn say(&mut self, message: &Value) {
        self.asking.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn hear(&mut self) -> Value {
        let line = self.answers.next_line().await.unwrap().expect("an answer");
        serde_json::from_str(&line).expect("nothing but the protocol")
    }

    async fn greet(&mut self) -> Value {
        let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        self.say(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params }))
            .await;
        let hello = self.hear().await;
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        hello
    }

    async fn hang_up(mut self) -> Vec<Value> {
        self.asking.shutdown().await.unwrap();
        let mut last = Vec::new();
        while let Some(line) = self.answers.next_line().await.unwrap() {
            last.push(serde_json::from_str(&line).expect("nothing but the protocol"));
        }
        self.served.await.unwrap().expect("a good end");
        last
    }
}

fn call(id: u64, tool: &str, arguments: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": arguments } })
}

#[tokio::test]
async fn an_agent_on_a_stream_calls_tools_and_is_known_by_name() {
    let app = TestApp::start().await;
    let mut talk = Talk::with(&app);
    assert_eq!(talk.greet().await["result"]["serverInfo"]["name"], "sentinel");
    talk.say(&call(1, "analyze_log", &json!({ "log": "npm ERR! code ERESOLVE" })))
        .await;
    let id = talk.hear().await["result"]["structuredContent"]["id"].clone();
    talk.say(&call(
        2,
        "submit_human_correction",
        &json!({ "id": id, "corrected_label": "timeout" }),
    ))
    .await;
    assert_eq!(talk.hear().await["result"]["structuredContent"]["status"], "proposed");
    assert_eq!(
        app.handle.query().proposals(None, 1).await.unwrap()[0].proposal.actor,
        "ada via MCP"
    );
    assert_eq!(talk.hang_up().await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_was_asked_before_hanging_up_is_answered() {
    let app = TestApp::start().await;
    let mut talk = Talk::with(&app);
    talk.greet().await;
    for id in 1..=5 {
        talk.say(&call(id, "analyze_log", &json!({ "log": "npm ERR! code ERESOLVE" })))
            .await;
    }
    let mut answered: Vec<u64> = talk
        .hang_up()
        .await
        .iter()
        .map(|answer| answer["id"].as_u64().unwrap())
        .collect();
    answered.sort_unstable();
    assert_eq!(answered, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn who_says_nothing_is_let_go() {
    let app = TestApp::start().await;
    assert_eq!(Talk::with(&app).hang_up().await, Vec::<Value>::new());
}

#[tokio::test]
async fn today_s_revision_needs_no_handshake_on_a_stream_either() {
    let app = TestApp::start().await;
    let mut talk = Talk::with(&app);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    talk.say(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": meta } }))
        .await;
    assert_eq!(talk.hear().await["result"]["tools"].as_array().unwrap().len(), 8);
}
