//! `GET /openapi.json`: every route described in OpenAPI 3.1, its schemas generated from the types that are really read and
//! written. A test holds the descriptions to the table of routes; another keeps `assets/openapi.json` equal.

mod examples;
mod operation;
mod operations;
mod refusals;
mod schemas;

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};
use warp::http::StatusCode;

use self::operation::Operation;
use self::schemas::Schemas;
use super::doors::{Doors, Head};
use super::reply;
use super::routes::Answer;

/// The document as it is sent: it never changes while the program runs.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = format!("{:#}", document());
    text.push('\n');
    text
});

/// Sends the document.
pub(super) async fn serve(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    doors.check_host(&head)?;
    Ok(reply::answer(
        StatusCode::OK,
        "application/json",
        TEXT.clone().into_bytes(),
    ))
}

fn document() -> Value {
    let mut schemas = Schemas::new();
    let operations = operations::all(&mut schemas);
    let used = |status| operations.iter().any(|operation| operation.refusals.contains(&status));
    let responses = refusals::responses(&mut schemas, used);
    let paths = paths(operations);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sentinel",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT", "identifier": "MIT" },
            "contact": { "name": "The operators of this server" },
        },
        "servers": [{ "url": "/", "description": "This server" }],
        "tags": TAGS.map(|(name, description)| json!({ "name": name, "description": description })),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": responses,
            "securitySchemes": security_schemes(),
        },
    })
}

const DESCRIPTION: &str = "Failures of CI/CD pipelines in, verdicts with proof out.\n\n\
    A request names this server in `Host` (and in `Origin`, where a browser sends one); `/webhook/github` and `/health` \
    answer under any name. `HEAD` is answered wherever `GET` is. A method that a path does not have is 405 with `Allow`, a \
    path that is not there 404, both in the one shape of all errors.";

/// Groups of operations.
const TAGS: [(&str, &str); 5] = [
    ("intake", "Failures come in."),
    ("history", "What failed, and why."),
    ("corrections", "A person's word against a verdict."),
    (
        "model",
        "The model, and how far the traffic has drifted from what it was trained on.",
    ),
    ("operations", "What watches this server asks here."),
];

fn paths(operations: Vec<Operation>) -> Map<String, Value> {
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        let method = operation.method.as_str().to_ascii_lowercase();
        path[method] = operation.described();
    }
    paths
}

fn security_schemes() -> Value {
    json!({
        "key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A key of `api.keys`. Without any keys the API is open on a loopback address.",
        },
        "bearer": { "type": "http", "scheme": "bearer", "description": "The same key." },
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Hub-Signature-256",
            "description": "`sha256=` and the HMAC-SHA256 of the raw body under a secret of `webhook.secrets`, in hex.",
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::http::routes;

    /// Answered by another module on the same port.
    const ELSEWHERE: [(&str, &str); 1] = [("POST", "/mcp")];

    #[test]
    fn every_route_that_is_served_is_described_and_no_other() {
        let table = routes::table();
        let served = table.iter().map(|route| (route.method.as_str(), route.path));
        let served: BTreeSet<_> = served.chain(ELSEWHERE).collect();
        let described = operations::all(&mut Schemas::new());
        let described: BTreeSet<_> = described
            .iter()
            .map(|operation| (operation.method.as_str(), operation.path))
            .collect();
        assert_eq!(served, described);
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut references = BTreeSet::new();
        collect(&document, &mut references);
        assert!(references.len() > 20, "{references:?}");
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap_or_default();
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
    }

    fn collect(value: &Value, references: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| collect(field, references));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
            _ => {}
        }
    }

    #[test]
    fn the_copy_in_the_repository_is_what_is_served() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/openapi.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(file, &*TEXT).expect("a file that can be written");
        }
        let copy = std::fs::read_to_string(file).expect("the copy");
        assert!(
            copy == *TEXT,
            "assets/openapi.json is not what GET /openapi.json answers; BLESS=1 cargo test --release --lib openapi writes it"
        );
    }
}
