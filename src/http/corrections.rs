//! A person's word on a failure: said by `POST`, taken back by `DELETE`.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Role;
use super::api::number;
use super::auth::Caller;
use super::body::{BodyStream, expect_json, media_type, work_on};
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::app::command::{Command, Reply};
use crate::app::row::Row;
use crate::class::FailureClass;
use crate::correction::{Correction, MAX_NOTE_BYTES, StoredCorrection};
use crate::ingest::json;

/// Bytes of the name somebody may claim.
const MAX_AUTHOR_BYTES: usize = 200;

/// The fields of a correction.
const FIELDS: [&str; 3] = ["corrected_label", "note", "author"];

/// `POST /api/failures/{id}/corrections`.
pub(super) async fn correct(doors: Arc<Doors>, head: Head, id: String, body: BodyStream) -> Answer {
    let caller = doors.admit(&head, Role::Write)?;
    let id = number("id", &id)?;
    expect_json(&head.headers)?;
    let body = doors.bodies.read(&head.headers, body).await?;
    let correction = work_on(body, move |body| parse(body, caller.name)).await?;
    answer(doors.handle.submit(Command::Correct { id, correction }).await?)
}

/// `DELETE /api/failures/{id}/corrections/{cid}`.
pub(super) async fn undo(doors: Arc<Doors>, head: Head, (id, correction): (String, String)) -> Answer {
    let _caller = admit_without_body(&doors, &head)?;
    let (id, correction) = (number("id", &id)?, number("cid", &correction)?);
    answer(doors.handle.submit(Command::Undo { id, correction }).await?)
}

/// `POST /api/undo`.
pub(super) async fn undo_last(doors: Arc<Doors>, head: Head, (): (), _body: BodyStream) -> Answer {
    let _caller = admit_without_body(&doors, &head)?;
    answer(doors.handle.submit(Command::UndoLast).await?)
}

/// `POST /api/redo`.
pub(super) async fn redo(doors: Arc<Doors>, head: Head, (): (), _body: BodyStream) -> Answer {
    let _caller = admit_without_body(&doors, &head)?;
    answer(doors.handle.submit(Command::Redo).await?)
}

/// Lets in who may write, and refuses what a form of a web page could send.
pub(super) fn admit_without_body(doors: &Doors, head: &Head) -> Result<Caller, Problem> {
    let caller = doors.admit(head, Role::Write)?;
    if !media_type(&head.headers).is_empty() {
        expect_json(&head.headers)?;
    }
    Ok(caller)
}

/// The correction, and the failure as it is with or without it.
#[derive(Serialize, JsonSchema)]
pub(super) struct Corrected<'a> {
    correction: &'a StoredCorrection,
    failure: Row<'a>,
}

/// What a correction says. Only its schema is read; `parse` reads corrections.
#[derive(JsonSchema)]
#[schemars(rename = "NewCorrection", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read")]
pub(super) struct CorrectionBody {
    /// The class it really is, by its name or slug.
    #[schemars(with = "String", extend("enum" = names_and_slugs()))]
    corrected_label: FailureClass,
    /// Why.
    #[schemars(length(max = MAX_NOTE_BYTES))]
    note: Option<String>,
    /// Who says so, where that is somebody else than the owner of the key.
    #[schemars(length(max = MAX_AUTHOR_BYTES))]
    author: Option<String>,
}

fn names_and_slugs() -> Vec<&'static str> {
    let classes = FailureClass::ALL.into_iter();
    classes.flat_map(|class| [class.name(), class.slug()]).collect()
}

pub(super) fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Corrected(correction, failure) => Ok(reply::ok(&Corrected {
            correction: &correction,
            failure: Row::from(&*failure),
        })),
        Reply::Judged(_) | Reply::Duplicate(_) | Reply::Proposed(_) | Reply::Retraining(_) | Reply::Served(_) => {
            Err(Problem::internal("a correction was answered as something else"))
        }
    }
}

/// Reads a correction, and names all that is wrong with it at once.
fn parse(body: &[u8], actor: String) -> Result<Correction, Problem> {
    let refused = |details| Problem::bad_request("the body is not a correction", details);
    let value = json::read(body).map_err(|error| refused(vec![error.to_string()]))?;
    let Value::Object(fields) = value else {
        return Err(refused(vec![format!(
            "the body is {}; a correction is a JSON object",
            json::kind(&value)
        )]));
    };
    let mut wrong = unknown(&fields);
    let label = keep(&mut wrong, label(&fields));
    let note = keep(&mut wrong, optional_text(&fields, "note", MAX_NOTE_BYTES)).flatten();
    let author = keep(&mut wrong, optional_text(&fields, "author", MAX_AUTHOR_BYTES)).flatten();
    match label {
        Some(label) if wrong.is_empty() => Ok(Correction {
            label,
            note,
            author,
            actor,
        }),
        _ => Err(refused(wrong)),
    }
}

fn keep<T>(wrong: &mut Vec<String>, read: Result<T, String>) -> Option<T> {
    read.map_err(|what| wrong.push(what)).ok()
}

fn label(fields: &Map<String, Value>) -> Result<FailureClass, String> {
    let classes = || FailureClass::ALL.map(FailureClass::slug).join(", ");
    match fields.get("corrected_label") {
        Some(Value::String(text)) => text.parse().map_err(|error| format!("corrected_label: {error}")),
        Some(other) => Err(format!(
            "corrected_label: is {}; allowed are {}",
            json::kind(other),
            classes()
        )),
        None => Err(format!("corrected_label: is missing; allowed are {}", classes())),
    }
}

fn optional_text(fields: &Map<String, Value>, name: &str, limit: usize) -> Result<Option<String>, String> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() > limit => Err(format!("{name}: is longer than {limit} bytes")),
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.trim().is_empty())),
        Some(other) => Err(format!("{name}: is {}; allowed is a string", json::kind(other))),
    }
}

fn unknown(fields: &Map<String, Value>) -> Vec<String> {
    let strange = fields.keys().filter(|name| !FIELDS.contains(&name.as_str()));
    strange
        .take(20)
        .map(|name| format!("{}: is unknown{}", clipped(name), nearest(name)))
        .collect()
}

fn nearest(name: &str) -> String {
    let likeness = |known: &&str| strsim::jaro_winkler(known, &clipped(name));
    let best = FIELDS
        .into_iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    best.filter(|best| likeness(best) > 0.6).map_or_else(
        || format!("; the fields are {}", FIELDS.join(", ")),
        |best| format!("; did you mean `{best}`?"),
    )
}

fn clipped(name: &str) -> String {
    name.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_takes_its_actor_from_the_door_and_its_author_from_the_body() {
        let body = br#"{"corrected_label":"test-failure","note":" flaky ","author":"ada"}"#;
        let correction = parse(body, "bot".into()).unwrap();
        assert_eq!(
            (correction.label, correction.actor.as_str()),
            (FailureClass::Test, "bot")
        );
        assert_eq!(
            (correction.note.as_deref(), correction.author.as_deref()),
            (Some(" flaky "), Some("ada"))
        );
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let long = "x".repeat(MAX_NOTE_BYTES + 1);
        let body = format!(r#"{{"corected_label":"Timeout","note":"{long}","author":7,"zzz":1}}"#);
        let refused = format!("{:?}", parse(body.as_bytes(), "bot".into()).unwrap_err());
        for what in [
            "did you mean `corrected_label`?",
            "corrected_label: is missing",
            "note: is longer",
            "author: is a number",
            "zzz: is unknown; the fields are",
        ] {
            assert!(refused.contains(what), "{what} in {refused}");
        }
    }

    #[test]
    fn what_is_no_object_or_names_no_class_is_refused() {
        for body in [
            "",
            "[]",
            "null",
            r#"{"corrected_label":"flaky"}"#,
            r#"{"corrected_label":null}"#,
        ] {
            assert!(parse(body.as_bytes(), "bot".into()).is_err(), "{body}");
        }
    }
}
