//! `sentinel mcp`: nothing but the protocol on standard output, through a server and without one.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::server::Server;
use super::{output, sentinel_in, stdout};

/// An agent that talks to the program.
pub(crate) struct Agent {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    asked: u64,
}

impl Agent {
    pub(crate) fn start(data: &Path) -> Self {
        let mut command = sentinel_in(data);
        command.args(["--set", "mcp.write=apply", "mcp"]);
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let (input, output) = (
            process.stdin.take().expect("piped"),
            process.stdout.take().expect("piped"),
        );
        let mut agent = Self {
            process,
            input,
            output: BufReader::new(output),
            asked: 0,
        };
        let client = json!({ "name": "test", "version": "1" });
        let hello = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client });
        let server = agent.ask("initialize", &hello);
        assert_eq!(server["serverInfo"]["name"], "sentinel");
        agent.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        agent
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.input, "{message}").expect("it listens");
    }

    /// The result of a request; every line that comes is a message of the protocol.
    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.say(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let mut line = String::new();
        self.output.read_line(&mut line).expect("an answer");
        let answer: Value = serde_json::from_str(&line).expect("a message of the protocol");
        assert_eq!(
            (&answer["jsonrpc"], &answer["id"]),
            (&json!("2.0"), &json!(id)),
            "{line}"
        );
        answer["result"].clone()
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.ask("tools/call", &json!({ "name": tool, "arguments": arguments }));
        assert_ne!(answer["isError"], json!(true), "{answer}");
        answer["structuredContent"].clone()
    }

    /// Hangs up, and waits for the end.
    pub(crate) fn leave(self) {
        let Self {
            mut process,
            input,
            output,
            asked: _,
        } = self;
        drop(input);
        assert!(process.wait().expect("its end").success());
        assert_eq!(output.lines().count(), 0, "nothing more is said");
    }
}

#[test]
fn an_agent_acts_through_the_server_that_owns_the_folder() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let mut agent = Agent::start(data.path());
    let verdict = agent.call("analyze_log", &json!({ "error_message": "npm ERR! code ERESOLVE" }));
    let id = verdict["id"].as_i64().expect("an id");
    assert_eq!(server.get(&format!("/api/failures/{id}"))["event_source"], "mcp");
    // What the server is set to counts, not what this process is.
    let asked = agent.call(
        "submit_human_correction",
        &json!({ "id": id, "corrected_label": "Timeout", "note": "it hung" }),
    );
    assert_eq!(asked["status"], "proposed", "{asked}");
    agent.leave();
    drop(server);
}

#[test]
fn an_agent_has_the_folder_itself_where_no_server_does() {
    let data = tempfile::tempdir().expect("a folder");
    let data = data.path().join("new");
    let mut agent = Agent::start(&data);
    assert_eq!(
        agent.ask("tools/list", &json!({}))["tools"]
            .as_array()
            .expect("tools")
            .len(),
        8
    );
    let verdict = agent.call("analyze_log", &json!({ "error_message": "npm ERR! code ERESOLVE" }));
    // Contributions are computed by LightGBM, which likes to talk.
    let shown = agent.call("get_failure", &json!({ "id": verdict["id"] }));
    assert!(
        !shown["top_contributing_features"]
            .as_array()
            .expect("features")
            .is_empty()
    );
    // A person acts meanwhile, through the agent's process.
    let corrected = output(sentinel_in(&data).args(["correct", "1", "timeout"]));
    assert_eq!(
        stdout(&corrected),
        "failure 1: Timeout, was Dependency Error; `sentinel undo` takes it back\n"
    );
    let shown = agent.call("get_failure", &json!({ "id": verdict["id"] }));
    assert_eq!(shown["label"], "Timeout");
    agent.leave();
    let mut next = Agent::start(&data);
    let listed = next.call("list_failures", &json!({}));
    assert_eq!(listed["items"].as_array().expect("items").len(), 1, "{listed}");
    next.leave();
}

#[test]
fn a_server_that_ends_ends_the_conversation() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let mut agent = Agent::start(data.path());
    agent.call("get_health", &json!({}));
    drop(server);
    let mut rest = String::new();
    assert_eq!(agent.output.read_line(&mut rest).expect("an end"), 0, "{rest}");
    agent.process.wait().expect("its end");
}
