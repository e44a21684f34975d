//! Every operation there is.

use serde_json::{Value, json};
use warp::http::Method;

use super::examples;
use super::operation::Operation;
use super::schemas::Schemas;
use crate::app::asked::{CURSOR_PATTERN, MAX_TEXT};
use crate::app::dashboard::Dashboard;
use crate::app::look_back::MOST_EVENTS;
use crate::app::retraining::Retraining;
use crate::app::row::RowInDetail;
use crate::class::FailureClass;
use crate::collect::BackfillProgress;
use crate::correction::StoredProposal;
use crate::http::Role;
use crate::http::api::DriftAnswer;
use crate::http::backfill::BackfillBody;
use crate::http::backup::DATABASE;
use crate::http::corrections::{Corrected, CorrectionBody};
use crate::http::events::EVENT_STREAM;
use crate::http::history::{HistoryPage, LIMITS};
use crate::http::metrics::{Status, TEXT_FORMAT};
use crate::http::models::{ReasonBody, Sealed, Served, Verified};
use crate::http::proposals::Proposals;
use crate::http::webhook::Received;
use crate::ingest::EventSource;
use crate::ingest::record::FeatureRecord;
use crate::registry::RegistryView;
use crate::verdict::Verdict;

/// What can go wrong on the way to the store.
const STORE: [u16; 2] = [500, 503];

/// What there may be none of.
const MISSING: [u16; 1] = [404];

/// All operations.
pub(super) fn all(schemas: &mut Schemas) -> Vec<Operation> {
    vec![
        webhook(schemas),
        analyze(schemas),
        history(schemas),
        failure(schemas),
        events(),
        backup(),
        correct(schemas),
        undo(schemas),
        proposals(schemas),
        accept(schemas),
        reject(schemas),
        last(schemas, "/api/undo", "undo"),
        last(schemas, "/api/redo", "redo"),
        backfill(schemas),
        dashboard(schemas),
        drift(schemas, "/api/drift", "drift", "The drift report"),
        drift(schemas, "/api/psi", "psi", "The drift report, under its older name"),
        registry(schemas),
        retrain(schemas),
        retraining(schemas),
        cancel(schemas),
        promote(schemas),
        roll_back(schemas),
        verify(schemas),
        seal(schemas),
        health(schemas),
        ready(schemas),
        metrics(),
        openapi(),
        agents(),
    ]
}

fn webhook(schemas: &mut Schemas) -> Operation {
    let text = || json!({ "type": "string", "maxLength": 255 });
    let payload = json!({ "type": "object", "description": "A payload of GitHub, as it comes." });
    let form = json!({
        "type": "object",
        "required": ["payload"],
        "properties": { "payload": { "type": "string", "description": "The same payload, as JSON text." } },
    });
    let operation = Operation::new(Method::POST, "/webhook/github", "intake", "receiveDelivery", "Takes a delivery of GitHub")
        .about(
            "Answered after the row is on disk. Anything but a completed failure or time-out of a `workflow_run`, \
             `workflow_job` or `check_run` is `ignored`; a known delivery or job is a `duplicate`. The signature is over the \
             raw body. Without a secret in `webhook.secrets` nobody is asked for one, on a loopback address only.",
        )
        .security(json!([{ "signature": [] }]))
        .needed("header", "X-GitHub-Event", "Name of the event.", json!({ "type": "string", "minLength": 1, "maxLength": 255 }))
        .parameter("header", "X-GitHub-Delivery", "GitHub's id of the delivery.", text())
        .body(json!({}), &Value::Null)
        .content(json!({
            "application/json": { "schema": payload, "example": { "action": "requested" } },
            "application/x-www-form-urlencoded": { "schema": form, "example": { "payload": "{\"action\":\"requested\"}" } },
        }))
        .refuses(&[400, 401, 403, 429]);
    let example = json!({ "status": "success", "id": 4711, "prediction": "Dependency Error" });
    operation.ok::<Received>(schemas, "What became of it.", &example)
}

fn analyze(schemas: &mut Schemas) -> Operation {
    let record = schemas.read::<FeatureRecord>();
    let wrapped = json!({
        "type": "object",
        "description": "The same fields in an object of their own.",
        "required": ["features"],
        "additionalProperties": false,
        "properties": { "features": record },
    });
    Operation::new(Method::POST, "/api/analyze", "intake", "analyze", "Judges and stores a failure")
        .about(
            "A feature record in, its verdict out, after it is on disk. Every offending field is listed, with what was got \
             and what is allowed; then nothing is stored. A number that is left out or null stays missing all the way into \
             the model.",
        )
        .role(Role::Write)
        .body(json!({ "anyOf": [record, wrapped] }), &examples::record())
        .ok::<Verdict>(schemas, "The verdict.", &examples::verdict())
}

/// A parameter without a value counts as left out, whatever it may be else.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a schema is written where it is handed over"
)]
fn or_empty(schema: Value) -> Value {
    json!({ "anyOf": [schema, { "type": "string", "maxLength": 0 }] })
}

/// A moment, or how long ago.
fn moment() -> Value {
    json!({ "type": "string", "anyOf": [{ "format": "date-time" }, { "pattern": "^[0-9]{1,4}[mhdw]$" }] })
}

fn history(schemas: &mut Schemas) -> Operation {
    let text = || json!({ "type": "string", "maxLength": MAX_TEXT });
    let classes: Vec<&str> = FailureClass::ALL
        .into_iter()
        .flat_map(|class| [class.slug(), class.name()])
        .collect();
    let sources = EventSource::ALL.map(EventSource::name);
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": LIMITS.most, "default": LIMITS.missing });
    Operation::new(
        Method::GET,
        "/api/history",
        "history",
        "listFailures",
        "Failures, newest first",
    )
    .about(
        "A cursor is a place in the history and not a number of rows: pages stay right while new rows arrive. A \
             parameter without a value counts as left out, an unknown one is refused.",
    )
    .role(Role::Read)
    .parameter("query", "limit", "Rows of a page.", or_empty(limit))
    .parameter(
        "query",
        "cursor",
        "`next_cursor` of the page before.",
        or_empty(json!({ "type": "string", "pattern": CURSOR_PATTERN })),
    )
    .parameter(
        "query",
        "class",
        "Label, by name or slug.",
        or_empty(json!({ "type": "string", "enum": classes })),
    )
    .parameter(
        "query",
        "repo",
        "Repository, as `owner/name`, without regard to case.",
        text(),
    )
    .parameter(
        "query",
        "source",
        "Where the event came from.",
        or_empty(json!({ "type": "string", "enum": sources })),
    )
    .parameter(
        "query",
        "uncertain",
        "Whether a person should look before believing it.",
        or_empty(json!({ "type": "boolean" })),
    )
    .parameter(
        "query",
        "since",
        "A moment (RFC 3339), or how long ago: `45m`, `12h`, `30d`, `2w`.",
        or_empty(moment()),
    )
    .parameter(
        "query",
        "q",
        "Words in repository, workflow, job, steps, branch or evidence.",
        text(),
    )
    .ok::<HistoryPage<'_>>(schemas, "A page.", &examples::page())
    .refuses(&STORE)
}

fn failure(schemas: &mut Schemas) -> Operation {
    Operation::new(
        Method::GET,
        "/api/failures/{id}",
        "history",
        "getFailure",
        "One failure in detail",
    )
    .about("With evidence, what each input added to the score, all corrections, and how many failed the same way.")
    .role(Role::Read)
    .ok::<RowInDetail<'_>>(schemas, "The failure.", &examples::detail())
    .refuses(&MISSING)
    .refuses(&STORE)
}

fn events() -> Operation {
    let example = json!("id: 1790000000000-17\nevent: replaced\ndata: {\"id\":4711}\n\n");
    // A page that comes back from another server names what nobody here knows: it is told of a gap.
    let place = json!({ "type": "string" });
    Operation::new(
        Method::GET,
        "/api/events",
        "history",
        "followEvents",
        "What happens, as it happens",
    )
    .about(
        "Server-sent events: `verdict` and `correction` carry the failure as `/api/history` does, `replaced` the `id` of a \
         run that has given way to its failed job, `drift` the answer of `/api/dashboard` when the badge or a severity \
         changes, `model` the `version` that serves from now on. `Last-Event-ID` goes on behind that event; `gap` says that \
         events before the next one are no longer kept, `dropped` that this reader was too slow for `missed` of them. A \
         comment every 15 seconds shows that the stream lives.",
    )
    .role(Role::Read)
    .parameter("header", "Last-Event-ID", "The `id` of the last event seen.", place)
    // Some readers hold each event to the schema, some the text of all: none is given.
    .answer(200, "Events, until one of both hangs up.", EVENT_STREAM, json!({}), &example)
    .refuses(&[503])
}

fn backup() -> Operation {
    Operation::new(
        Method::GET,
        "/api/backup",
        "operations",
        "backup",
        "The database as one file",
    )
    .about("A copy as of one moment, checked before its first byte is sent. `sentinel backup FILE` keeps it.")
    .role(Role::Admin)
    .answer(
        200,
        "A database of SQLite 3.",
        DATABASE,
        json!({ "type": "string", "contentMediaType": DATABASE }),
        &json!("SQLite format 3"),
    )
    .refuses(&STORE)
}

fn correct(schemas: &mut Schemas) -> Operation {
    let path = "/api/failures/{id}/corrections";
    let body = schemas.read::<CorrectionBody>();
    Operation::new(Method::POST, path, "corrections", "correct", "Says what it really was")
        .about(
            "The prediction stays as it is, the label follows the latest correction. Who acted is the name of the key.",
        )
        .role(Role::Write)
        .body(body, &examples::new_correction())
        .ok::<Corrected<'_>>(
            schemas,
            "The correction, and the failure with it.",
            &examples::corrected(),
        )
        .refuses(&MISSING)
}

fn undo(schemas: &mut Schemas) -> Operation {
    let path = "/api/failures/{id}/corrections/{cid}";
    Operation::new(
        Method::DELETE,
        path,
        "corrections",
        "takeBack",
        "Takes a correction back",
    )
    .about("The correction stays on record, with the time it was taken back.")
    .role(Role::Write)
    .ok::<Corrected<'_>>(
        schemas,
        "The correction, and the failure without it.",
        &examples::corrected(),
    )
    .without_body()
    .refuses(&MISSING)
}

fn proposals(schemas: &mut Schemas) -> Operation {
    let summary = "What agents propose";
    Operation::new(Method::GET, "/api/proposals", "corrections", "listProposals", summary)
        .about("The proposals that wait for a person, oldest first, at most a thousand.")
        .role(Role::Read)
        .ok::<Proposals>(schemas, "They.", &examples::proposals())
        .refuses(&STORE)
}

fn accept(schemas: &mut Schemas) -> Operation {
    let (path, summary) = ("/api/proposals/{pid}/accept", "Accepts a proposal");
    Operation::new(Method::POST, path, "corrections", "acceptProposal", summary)
        .about("It becomes the correction of who accepts it, with who proposed it as author.")
        .role(Role::Write)
        .ok::<Corrected<'_>>(
            schemas,
            "The correction, and the failure with it.",
            &examples::corrected(),
        )
        .without_body()
        .refuses(&MISSING)
}

fn reject(schemas: &mut Schemas) -> Operation {
    let (path, summary) = ("/api/proposals/{pid}/reject", "Rejects a proposal");
    Operation::new(Method::POST, path, "corrections", "rejectProposal", summary)
        .about("It stays on record, with who rejected it.")
        .role(Role::Write)
        .ok::<StoredProposal>(schemas, "The proposal.", &examples::rejected())
        .without_body()
        .refuses(&MISSING)
}

fn backfill(schemas: &mut Schemas) -> Operation {
    let body = schemas.read::<BackfillBody>();
    Operation::new(Method::POST, "/api/backfill", "intake", "backfill", "Takes a step into the past")
        .about(
            "Lists a day of past runs of a repository through GitHub's API and makes rows of their failed jobs, or, where all are \
             listed, fetches logs that are due. To be asked again until `done`. 409 where this server has no credential for \
             GitHub, or it is not let in there.",
        )
        .role(Role::Admin)
        .body(body, &json!({ "repository": "octo/hello", "since": "30d" }))
        .ok::<BackfillProgress>(schemas, "How far it has come.", &examples::backfill())
        .refuses(&[404, 409])
}

fn registry(schemas: &mut Schemas) -> Operation {
    Operation::new(
        Method::GET,
        "/api/registry",
        "model",
        "registry",
        "Models, the live one, the ledger",
    )
    .about(
        "Every stored version with its card and the gate's decision, newest first, and the newest lines of the ledger: \
             what was live when, why, and who approved.",
    )
    .role(Role::Read)
    .ok::<RegistryView>(schemas, "The registry.", &examples::registry())
}

fn retrain(schemas: &mut Schemas) -> Operation {
    let operation = Operation::new(Method::POST, "/api/retrain", "model", "retrain", "Begins a retraining")
        .about(
            "A challenger is fitted from the corpus and people's corrections, in the background and at low priority. The \
             gate compares it with the live model, and only what is better goes live. One at a time: 409 while one runs, \
             and where there is no correction yet.",
        );
    let schema = schemas.sent::<Retraining>();
    reasoned(operation, schemas)
        .answer(
            202,
            "It has begun.",
            "application/json",
            schema,
            &examples::retraining(true),
        )
        .refuses(&[409])
}

fn retraining(schemas: &mut Schemas) -> Operation {
    Operation::new(
        Method::GET,
        "/api/retrain",
        "model",
        "retraining",
        "How far the retraining is",
    )
    .about("The one under way with its boosting rounds, and how the last one ended, with the gate's figures.")
    .role(Role::Admin)
    .ok::<Retraining>(schemas, "Progress and outcome.", &examples::retraining(false))
}

fn cancel(schemas: &mut Schemas) -> Operation {
    let schema = schemas.sent::<Retraining>();
    Operation::new(
        Method::DELETE,
        "/api/retrain",
        "model",
        "cancelRetraining",
        "Cancels the retraining",
    )
    .about("It stops after the round that is being fitted; nothing has changed then.")
    .role(Role::Admin)
    .answer(
        202,
        "It is being stopped.",
        "application/json",
        schema,
        &examples::retraining(true),
    )
    .without_body()
    .refuses(&[409])
}

fn promote(schemas: &mut Schemas) -> Operation {
    let path = "/api/models/{version}/promote";
    let operation = Operation::new(Method::POST, path, "model", "promote", "Makes a stored version live")
        .about("It is verified first, and serves from the next failure on. The ledger keeps who asked for it and why.");
    reasoned(operation, schemas)
        .ok::<Served>(schemas, "It is live.", &json!({ "champion": "v2" }))
        .refuses(&[404, 409])
}

fn roll_back(schemas: &mut Schemas) -> Operation {
    let path = "/api/models/rollback";
    let operation = Operation::new(
        Method::POST,
        path,
        "model",
        "rollBack",
        "Goes back to the version before",
    )
    .about("The version that was live before the one that is serves again.");
    reasoned(operation, schemas)
        .ok::<Served>(schemas, "The version before is live.", &json!({ "champion": "v1" }))
        .refuses(&[409])
}

fn verify(schemas: &mut Schemas) -> Operation {
    let example = json!({ "sound": true, "checked": [{ "name": "ledger.jsonl", "error": null }, { "name": "v1", "error": null }] });
    Operation::new(Method::GET, "/api/registry/verify", "model", "verifyModels", "Checks every file of the registry")
        .about("Every version is loaded and its seal looked at; the ledger's chain is followed. What is wrong is named by its file.")
        .role(Role::Read)
        .ok::<Verified>(schemas, "What was found.", &example)
        .refuses(&STORE)
}

fn seal(schemas: &mut Schemas) -> Operation {
    Operation::new(
        Method::POST,
        "/api/registry/seal",
        "model",
        "sealModels",
        "Seals what has no seal that fits",
    )
    .about("For who sets `MODEL_SIGNATURE_SECRET` later: files are checked against the ledger first.")
    .role(Role::Admin)
    .ok::<Sealed>(schemas, "The versions that were sealed.", &json!({ "sealed": ["v2"] }))
    .without_body()
    .refuses(&[409])
}

/// An administrator says why, or nothing.
fn reasoned(operation: Operation, schemas: &mut Schemas) -> Operation {
    let body = schemas.read::<ReasonBody>();
    operation
        .role(Role::Admin)
        .body(body, &json!({ "reason": "enough corrections of the new scanner" }))
        .body_is_optional()
}

fn last(schemas: &mut Schemas, path: &'static str, id: &str) -> Operation {
    let (summary, about, ok) = if id == "undo" {
        (
            "Takes the last correction back",
            "The newest correction that stands, on whatever failure and by whomever. 409 where none stands.",
            "The correction, and the failure without it.",
        )
    } else {
        (
            "Makes the correction stand again that was taken back last",
            "409 where nothing was taken back since the last correction.",
            "The correction, and the failure with it.",
        )
    };
    Operation::new(Method::POST, path, "corrections", id, summary)
        .about(about)
        .role(Role::Write)
        .ok::<Corrected<'_>>(schemas, ok, &examples::corrected())
        .without_body()
        .refuses(&[409])
}

fn dashboard(schemas: &mut Schemas) -> Operation {
    Operation::new(
        Method::GET,
        "/api/dashboard",
        "model",
        "dashboard",
        "The tower at a glance",
    )
    .about("The badge with its reasons, the drift of every watched feature, the live model, counts.")
    .role(Role::Read)
    .ok::<Dashboard<'_>>(schemas, "Health, drift, model and counts.", &examples::dashboard())
    .refuses(&STORE)
}

fn drift(schemas: &mut Schemas, path: &'static str, id: &str, summary: &str) -> Operation {
    Operation::new(Method::GET, path, "model", id, summary)
        .about(
            "How far the live window lies from the training data, a watched feature at a time, with both histograms.",
        )
        .role(Role::Read)
        .parameter(
            "query",
            "window",
            "So many of the newest failures instead of the live window.",
            or_empty(json!({ "type": "integer", "minimum": 1, "maximum": MOST_EVENTS })),
        )
        .parameter(
            "query",
            "since",
            "Failures since this moment, or of this length back, as `7d`; the newest 10,000 of them.",
            or_empty(moment()),
        )
        .ok::<DriftAnswer<'_>>(schemas, "The badge and the report.", &examples::drift())
        .refuses(&[400])
        .refuses(&STORE)
}

fn health(schemas: &mut Schemas) -> Operation {
    let example = json!({ "status": "healthy", "service": "sentinel" });
    Operation::new(
        Method::GET,
        "/health",
        "operations",
        "health",
        "Whether the process answers",
    )
    .about("For anybody, under any name.")
    .ok::<Status>(schemas, "It does.", &example)
    .refuses(&[400])
}

fn ready(schemas: &mut Schemas) -> Operation {
    let example = json!({ "status": "ready", "service": "sentinel" });
    Operation::new(
        Method::GET,
        "/ready",
        "operations",
        "ready",
        "Whether failures can be judged and stored",
    )
    .about("The store is written to find out. Where it cannot be, 503 says why in `reason`.")
    .open()
    .ok::<Status>(schemas, "They can.", &example)
    .refuses(&[503])
}

fn metrics() -> Operation {
    let example = json!(
        "# HELP sentinel_queue_depth Commands being carried out or waiting\n# TYPE sentinel_queue_depth gauge\nsentinel_queue_depth 0\n"
    );
    Operation::new(
        Method::GET,
        "/metrics",
        "operations",
        "metrics",
        "Metrics for Prometheus",
    )
    .about("Text format 0.0.4. A key is asked for with `metrics.auth` only.")
    .role(Role::Read)
    .security(json!([{}, { "key": [] }, { "bearer": [] }]))
    .answer(200, "Every metric.", TEXT_FORMAT, json!({ "type": "string" }), &example)
}

fn openapi() -> Operation {
    let schema = json!({
        "type": "object",
        "required": ["openapi", "info", "paths"],
        "properties": {
            "openapi": { "type": "string" },
            "info": { "type": "object" },
            "paths": { "type": "object" },
        },
    });
    let example = json!({ "openapi": "3.1.0", "info": { "title": "Sentinel", "version": "0.1.0" }, "paths": {} });
    Operation::new(Method::GET, "/openapi.json", "operations", "openapi", "This document")
        .about("OpenAPI 3.1, generated from the types that are read and written.")
        .open()
        .answer(200, "The document.", "application/json", schema, &example)
}

fn agents() -> Operation {
    let message = json!({
        "type": "object",
        "required": ["jsonrpc", "method"],
        "properties": {
            "jsonrpc": { "const": "2.0" },
            "id": { "type": ["integer", "string"] },
            "method": { "type": "string" },
            "params": { "type": ["object", "null"] },
        },
    });
    let example = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let answer = json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": [] } });
    let answered = json!({
        "type": "object",
        "required": ["jsonrpc"],
        "properties": {
            "jsonrpc": { "const": "2.0" },
            "id": { "type": ["integer", "string"] },
            "result": { "type": "object" },
            "error": { "type": "object" },
        },
    });
    Operation::new(Method::POST, "/mcp", "operations", "agents", "MCP, for agents")
        .about(
            "The Model Context Protocol over streamable HTTP: one message in, one answer out, no sessions. `Accept` names \
             `application/json` and `text/event-stream`, or anything. What the protocol itself refuses is a JSON-RPC error. Tools that \
             write ask for a key of role `write`.",
        )
        .role(Role::Read)
        .body(message, &example)
        .answer(200, "The answer.", "application/json", answered, &answer)
        .taken(202, "A notification, or an answer: nothing is said to it.")
        .refuses(&[406])
}
