//! The door of the registry: what models there are, a retraining, promotion and the way back.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use warp::http::StatusCode;

use super::Role;
use super::body::{BodyStream, expect_json, media_type, work_on};
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::app::command::{Command, Reply};
use crate::ingest::json;

/// Bytes of a reason.
const MAX_REASON_BYTES: usize = 500;

/// Why a change was asked for, where nobody says so.
const BY_HTTP: &str = "asked for through the API";

/// `GET /api/registry`.
pub(super) async fn registry(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    // From the disk and not from the snapshot: who has just changed it finds it changed.
    Ok(reply::ok(&*doors.handle.models().await))
}

/// `POST /api/retrain`: begins; what becomes of it is told by `GET`.
pub(super) async fn retrain(doors: Arc<Doors>, head: Head, (): (), body: BodyStream) -> Answer {
    let (actor, reason) = asked(&doors, &head, body).await?;
    answer(doors.handle.submit(Command::Retrain { actor, reason }).await?)
}

/// `GET /api/retrain`.
pub(super) async fn retraining(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Admin)?;
    Ok(reply::ok(&doors.handle.retraining()))
}

/// `DELETE /api/retrain`.
pub(super) async fn cancel(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Admin)?;
    if !media_type(&head.headers).is_empty() {
        expect_json(&head.headers)?;
    }
    answer(doors.handle.submit(Command::CancelRetraining).await?)
}

/// `POST /api/models/{version}/promote`.
pub(super) async fn promote(doors: Arc<Doors>, head: Head, version: String, body: BodyStream) -> Answer {
    let (actor, reason) = asked(&doors, &head, body).await?;
    let command = Command::Promote { version, actor, reason };
    answer(doors.handle.submit(command).await?)
}

/// `POST /api/models/rollback`.
pub(super) async fn roll_back(doors: Arc<Doors>, head: Head, (): (), body: BodyStream) -> Answer {
    let (actor, reason) = asked(&doors, &head, body).await?;
    answer(doors.handle.submit(Command::RollBack { actor, reason }).await?)
}

/// `GET /api/registry/verify`.
pub(super) async fn verify(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    let checked = doors.handle.verify_models().await?;
    let files = checked.into_iter().map(|(name, checked)| Checked {
        name,
        error: checked.err(),
    });
    let checked: Vec<Checked> = files.collect();
    let sound = checked.iter().all(|one| one.error.is_none());
    Ok(reply::ok(&Verified { sound, checked }))
}

/// `POST /api/registry/seal`.
pub(super) async fn seal(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Admin)?;
    if !media_type(&head.headers).is_empty() {
        expect_json(&head.headers)?;
    }
    let sealed = doors.handle.seal_models().await?;
    Ok(reply::ok(&Sealed { sealed }))
}

/// What was found when every file was checked.
#[derive(Serialize, JsonSchema)]
pub(super) struct Verified {
    /// Whether nothing is wrong.
    sound: bool,
    /// The ledger and every version.
    checked: Vec<Checked>,
}

/// The ledger, or one version.
#[derive(Serialize, JsonSchema)]
struct Checked {
    /// Which.
    name: String,
    /// What is wrong with it; `null` where nothing is.
    error: Option<String>,
}

/// What was sealed.
#[derive(Serialize, JsonSchema)]
pub(super) struct Sealed {
    /// The versions that had no seal that fits.
    sealed: Vec<String>,
}

/// Which model serves now.
#[derive(Serialize, JsonSchema)]
pub(super) struct Served {
    /// The live version.
    champion: String,
}

/// What may be said with a change. Only its schema is read; `reason` reads it.
#[derive(JsonSchema)]
#[schemars(rename = "ReasonForChange", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read")]
pub(super) struct ReasonBody {
    /// Why; kept in the ledger.
    #[schemars(length(max = MAX_REASON_BYTES))]
    reason: Option<String>,
}

fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Retraining(status) => Ok(reply::json(StatusCode::ACCEPTED, &*status)),
        Reply::Served(champion) => Ok(reply::ok(&Served { champion })),
        Reply::Judged(_) | Reply::Duplicate(_) | Reply::Proposed(_) | Reply::Corrected(..) => {
            Err(Problem::internal("a change of models was answered as something else"))
        }
    }
}

/// Who asks, and why: a JSON object with `reason`, or no body at all.
async fn asked(doors: &Doors, head: &Head, body: BodyStream) -> Result<(String, String), Problem> {
    let caller = doors.admit(head, Role::Admin)?;
    if !media_type(&head.headers).is_empty() {
        expect_json(&head.headers)?;
    }
    let body = doors.bodies.read(&head.headers, body).await?;
    let reason = work_on(body, reason).await?;
    Ok((caller.name, reason))
}

fn reason(body: &[u8]) -> Result<String, Problem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(BY_HTTP.to_owned());
    }
    let refused = |what: String| Problem::bad_request("the body is not a reason", vec![what]);
    let value = json::read(body).map_err(|error| refused(error.to_string()))?;
    let Value::Object(fields) = value else {
        return Err(refused(format!(
            "the body is {}; it may be an object with `reason`",
            json::kind(&value)
        )));
    };
    said(&fields).map_err(refused)
}

fn said(fields: &Map<String, Value>) -> Result<String, String> {
    if let Some(strange) = fields.keys().find(|name| *name != "reason") {
        let strange: String = strange.chars().take(60).collect();
        return Err(format!("{strange}: is unknown; the only field is reason"));
    }
    match fields.get("reason") {
        None | Some(Value::Null) => Ok(BY_HTTP.to_owned()),
        Some(Value::String(text)) if text.len() > MAX_REASON_BYTES => {
            Err(format!("reason: is longer than {MAX_REASON_BYTES} bytes"))
        }
        Some(Value::String(text)) if text.trim().is_empty() => Ok(BY_HTTP.to_owned()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(format!("reason: is {}; allowed is a string", json::kind(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_be_left_out_and_nothing_else_may_be_said() {
        for body in ["", " \n", "{}", r#"{"reason":null}"#, r#"{"reason":" "}"#] {
            assert_eq!(reason(body.as_bytes()).unwrap(), BY_HTTP, "{body}");
        }
        assert_eq!(reason(br#"{"reason":"v2 errs"}"#).unwrap(), "v2 errs");
        for body in ["[]", "x", r#"{"why":"x"}"#, r#"{"reason":1}"#] {
            assert_eq!(reason(body.as_bytes()).unwrap_err().status().as_u16(), 400, "{body}");
        }
    }
}
