//! An agent that speaks the protocol over HTTP.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::common::{Answer, TestApp, send};

/// The revision that has sessions no more: every request says who asks.
pub(crate) const STATELESS: &str = "2026-07-28";

/// A request of the protocol, in its body and its headers.
pub(crate) fn request(app: &TestApp, method: &str, params: &Value) -> RequestBuilder {
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": STATELESS,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let request = post(
        app,
        &json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }),
    );
    let request = request
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", method);
    match params["name"].as_str().or(params["uri"].as_str()) {
        Some(name) => request.header("mcp-name", name),
        None => request,
    }
}

/// A post to the door as every client makes it.
pub(crate) fn post(app: &TestApp, body: &Value) -> RequestBuilder {
    let request = app
        .request(Method::POST, "/mcp")
        .header("accept", "application/json, text/event-stream");
    request
        .header("content-type", "application/json")
        .body(body.to_string())
}

/// What came back for a request.
pub(crate) async fn ask(app: &TestApp, method: &str, params: Value) -> Value {
    result(&send(request(app, method, &params)).await)
}

/// The result in an answer.
#[track_caller]
pub(crate) fn result(answer: &Answer) -> Value {
    let answer = answer.json();
    assert!(answer["error"].is_null(), "{answer}");
    answer["result"].clone()
}

/// Calls a tool.
pub(crate) async fn call(app: &TestApp, tool: &str, arguments: Value) -> Value {
    ask(app, "tools/call", json!({ "name": tool, "arguments": arguments })).await
}

/// Calls a tool, for what it answers as structured content; the text beside it is the same.
pub(crate) async fn answer(app: &TestApp, tool: &str, arguments: Value) -> Value {
    let result = call(app, tool, arguments).await;
    assert_eq!(result["isError"], false, "{result}");
    let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().expect("a text")).expect("JSON");
    assert_eq!(text, result["structuredContent"]);
    text
}

/// Calls a tool, for its refusal.
pub(crate) async fn refusal(app: &TestApp, tool: &str, arguments: Value) -> String {
    let result = call(app, tool, arguments).await;
    assert_eq!(result["isError"], true, "{result}");
    result["content"][0]["text"].as_str().expect("a text").to_owned()
}

/// Stores a failure whose log says this.
pub(crate) async fn stored(app: &TestApp, log: &str) -> i64 {
    answer(app, "analyze_log", json!({ "log": log })).await["id"]
        .as_i64()
        .expect("an id")
}
