//! The body of a delivery becomes a [`Delivery`], and in it the job that failed, if one did.
//!
//! Read tolerantly: fields that are not needed may hold anything, and what is missing stays missing. But what decides
//! about the row (action, conclusion, ids) is never guessed: a wrong type there is an error that names the field.

mod fields;
mod jobs;

use jiff::Timestamp;
use serde_json_borrow::Value;
use sha2::{Digest, Sha256};

use self::fields::Fields;
use super::json::{self, JsonError, Mended};
use super::mask::mask;
use super::{Conclusion, Delivery, DeliveryId, FailedJob, PassedJob};

/// Bytes of a delivery id that are believed; GitHub's have 36.
const ID_BYTES: usize = 128;

/// Bytes of the name of an event; GitHub's longest has 41.
const EVENT_BYTES: usize = 64;

/// Why a body is no delivery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// It is not JSON, or beyond what is read of it.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It is JSON, but no object.
    #[error("the body is {got}; a delivery is a JSON object")]
    NotAnObject {
        /// The kind of value it is.
        got: &'static str,
    },
    /// A field that decides about the row holds something else, or is missing.
    #[error("{field} is {got}; allowed is {allowed}")]
    Field {
        /// Path of the field, as `workflow_job.id`.
        field: String,
        /// What it holds.
        got: String,
        /// What it may hold.
        allowed: &'static str,
    },
    /// A form without the field that carries the JSON.
    #[error(
        "the form has no field `payload`; set the webhook's content type to application/json, or send payload=<JSON>"
    )]
    NoPayload,
}

/// Reads a JSON body.
///
/// `event` and `delivery_id` are `X-GitHub-Event` and `X-GitHub-Delivery`. A job that failed is in the result for a
/// `completed` `workflow_run`, `workflow_job` or `check_run` whose conclusion is `failure` or `timed_out`.
///
/// # Errors
/// When the body is not JSON, not an object, or names action, conclusion or ids in a way that cannot be.
pub fn parse(
    event: &str,
    delivery_id: Option<&str>,
    body: &[u8],
    received_at: Timestamp,
) -> Result<Delivery, PayloadError> {
    read(event, delivery_id, body, body, received_at)
}

/// Reads a form body, whose field `payload` carries the JSON. Id and hash are those of the form as received.
///
/// # Errors
/// As [`parse`], and when there is no such field.
pub fn parse_form(
    event: &str,
    delivery_id: Option<&str>,
    form: &[u8],
    received_at: Timestamp,
) -> Result<Delivery, PayloadError> {
    read(event, delivery_id, form, &form_payload(form)?, received_at)
}

/// The JSON in the field `payload` of an `application/x-www-form-urlencoded` body.
///
/// # Errors
/// [`PayloadError::NoPayload`].
pub fn form_payload(form: &[u8]) -> Result<Vec<u8>, PayloadError> {
    let mut pairs = form.split(|byte| *byte == b'&');
    let value = pairs
        .find_map(|pair| pair.strip_prefix(b"payload="))
        .ok_or(PayloadError::NoPayload)?;
    Ok(percent_decoded(value))
}

/// Undoes the encoding of forms; a `%` without two hex digits stays as it is.
fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        let escaped = (byte == b'%').then(|| hex_byte(value.get(at + 1..at + 3)?)).flatten();
        decoded.push(escaped.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let mut byte = [0];
    hex::decode_to_slice(digits, &mut byte).ok()?;
    Some(byte[0])
}

fn read(
    event: &str,
    delivery_id: Option<&str>,
    received: &[u8],
    body: &[u8],
    received_at: Timestamp,
) -> Result<Delivery, PayloadError> {
    let mended = json::mend(body)?;
    let value: Value<'_> = json::parse(&mended.body)?;
    let payload = Fields::root(&value).ok_or_else(|| PayloadError::NotAnObject {
        got: json::kind(&(&value).into()),
    })?;
    let outcome = Outcome::read(event, &payload, received_at)?;
    let raw_sha256 = hex::encode(Sha256::digest(received));
    let masked_body = outcome.failed.as_ref().map(|_| masked(&mended, &value));
    Ok(Delivery {
        id: id(delivery_id, &raw_sha256),
        event: plain(event, EVENT_BYTES).unwrap_or("unknown").to_owned(),
        action: outcome.action,
        conclusion: outcome.conclusion,
        failed: outcome.failed,
        passed: outcome.passed,
        run_event: payload.inner("workflow_run").name("event"),
        default_branch: payload.inner("repository").name("default_branch"),
        raw_sha256,
        masked_body: masked_body.unwrap_or_default(),
    })
}

/// What a payload says of how something ended.
#[derive(Default)]
struct Outcome {
    action: String,
    conclusion: Option<String>,
    failed: Option<FailedJob>,
    passed: Option<PassedJob>,
}

impl Outcome {
    fn read(event: &str, payload: &Fields<'_>, received_at: Timestamp) -> Result<Self, PayloadError> {
        let Some(kind) = jobs::Kind::of(event) else {
            return Ok(Self {
                action: payload.name("action").unwrap_or_default(),
                ..Self::default()
            });
        };
        let subject = payload.required(kind.field())?;
        let action = payload.required_text("action")?;
        let conclusion = subject.optional_text("conclusion")?;
        let failed = match conclusion.as_deref() {
            Some("failure") if action == "completed" => Some(Conclusion::Failure),
            Some("timed_out") if action == "completed" => Some(Conclusion::TimedOut),
            _ => None,
        };
        let failed = failed
            .map(|how| jobs::failed_job(kind, payload, &subject, how, received_at))
            .transpose()?;
        let passed = match conclusion.as_deref() {
            Some("success") if action == "completed" => jobs::passed_job(kind, payload, &subject, received_at),
            _ => None,
        };
        Ok(Self {
            action,
            conclusion,
            failed,
            passed,
        })
    }
}

/// The sender's id of the delivery, or one made of the body where there is none that can be believed.
fn id(given: Option<&str>, raw_sha256: &str) -> DeliveryId {
    let given = given.and_then(|id| plain(id, ID_BYTES));
    DeliveryId(given.map_or_else(|| format!("sha256-{raw_sha256}"), str::to_owned))
}

/// A header value of visible ASCII without blanks, within its bound.
fn plain(value: &str, limit: usize) -> Option<&str> {
    let value = value.trim();
    let plain = !value.is_empty() && value.len() <= limit && value.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then_some(value)
}

/// The body as JSON text without secrets. Written anew from its values where an escape or a blank could hide one.
fn masked(mended: &Mended<'_>, value: &Value<'_>) -> Vec<u8> {
    let mut body = if mended.plain {
        mended.body.to_vec()
    } else {
        value.to_string().into_bytes()
    };
    mask(&mut body);
    body
}

#[cfg(test)]
mod tests;
