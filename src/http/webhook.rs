//! `POST /webhook/github`: a delivery becomes a row, and is answered after the row is durable.
//!
//! What costs nothing is checked first: type and signature header before the body is read, the signature before it is
//! parsed.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use warp::http::HeaderMap;

use super::Secret;
use super::body::{BodyStream, media_type, work_on};
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::app::command::{Command, CommandError, Reply};
use crate::class::FailureClass;
use crate::ingest::payload::{self, PayloadError};
use crate::ingest::signature::{self, Signature, SignatureError};
use crate::ingest::{Delivery, PassedJob};
use crate::store::{Failure, StoreError};
use crate::telemetry::{DeliveryOutcome, DeliveryReceived};

/// What became of a delivery, and what its sender is told.
type Outcome<T> = Result<T, (DeliveryOutcome, Problem)>;

/// What became of a delivery that was taken.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(super) enum Received {
    /// It made a row, or added to one; that is on disk.
    Success {
        /// The row.
        id: i64,
        /// What the model says.
        prediction: FailureClass,
    },
    /// Delivery or job were known.
    Duplicate {
        /// The row.
        id: i64,
    },
    /// Nothing failed in it.
    Ignored {
        /// The action in the payload.
        action: String,
        /// The conclusion in the payload, if it has one.
        conclusion: Option<String>,
    },
    /// GitHub's greeting was understood.
    Pong,
}

/// Answers a delivery.
pub(super) async fn receive(doors: Arc<Doors>, head: Head, (): (), body: BodyStream) -> Answer {
    let (outcome, answer) = match take(&doors, &head, body).await {
        Ok((outcome, value)) => (outcome, Ok(reply::ok(&value))),
        Err((outcome, problem)) => (outcome, Err(problem)),
    };
    let delivery = head.header("x-github-delivery").unwrap_or_default();
    let event = head.header("x-github-event").unwrap_or_default();
    DeliveryReceived {
        outcome,
        delivery,
        event,
    }
    .emit();
    answer
}

async fn take(doors: &Doors, head: &Head, body: BodyStream) -> Outcome<(DeliveryOutcome, Received)> {
    let form = Form::of(&head.headers).map_err(invalid)?;
    let proof = Proof::of(doors, head)?;
    let body = doors.bodies.read(&head.headers, body).await.map_err(unread)?;
    let letter = Letter {
        form,
        proof,
        event: event(head)?,
        id: text(head, "x-github-delivery"),
        at: (doors.clock)(),
    };
    let opened = work_on(body, move |body| Ok(letter.open(body).map(Box::new)));
    let opened = opened.await.map_err(failed)?;
    let delivery = opened.map_err(|error| error.refuse(doors, head))?;
    if delivery.event == "ping" {
        return Ok((DeliveryOutcome::Ping, Received::Pong));
    }
    if delivery.failed.is_none() {
        let Delivery {
            action,
            conclusion,
            passed,
            run_event,
            ..
        } = *delivery;
        if let Some(passed) = passed {
            mark_passed(doors, &passed, run_event.as_deref()).await;
        }
        return Ok((DeliveryOutcome::Ignored, Received::Ignored { action, conclusion }));
    }
    submit(doors, delivery).await
}

/// Marks what this success disproves. A mark that cannot be made costs the sender nothing: the sweep finds it again.
async fn mark_passed(doors: &Doors, passed: &PassedJob, run_event: Option<&str>) {
    if let Err(error) = doors.handle.mark_passed(passed, run_event).await {
        tracing::warn!(%error, "a success could not be held against earlier failures");
    }
}

async fn submit(doors: &Doors, delivery: Box<Delivery>) -> Outcome<(DeliveryOutcome, Received)> {
    match doors.handle.submit(Command::Deliver(delivery)).await {
        Ok(Reply::Judged(row) | Reply::Corrected(_, row)) => Ok((DeliveryOutcome::Recorded, recorded(&row))),
        Ok(Reply::Proposed(_) | Reply::Retraining(_) | Reply::Served(_)) => {
            Err(failed(Problem::internal("a delivery was answered as something else")))
        }
        Ok(Reply::Duplicate(id)) => Ok((DeliveryOutcome::Duplicate, Received::Duplicate { id })),
        Err(error @ (CommandError::Busy | CommandError::Store(StoreError::Busy))) => {
            Err((DeliveryOutcome::Busy, error.into()))
        }
        Err(error) => Err(failed(error.into())),
    }
}

fn recorded(row: &Failure) -> Received {
    Received::Success {
        id: row.id(),
        prediction: row.verdict.prediction,
    }
}

/// How the JSON of a delivery is wrapped.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Urlencoded,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        match media_type(headers).as_str() {
            "application/json" => Ok(Self::Json),
            "application/x-www-form-urlencoded" => Ok(Self::Urlencoded),
            _ => Err(Problem::media_type(
                "application/json or application/x-www-form-urlencoded",
            )),
        }
    }
}

/// What a body is held against before it is believed.
enum Proof {
    /// No secret is set up, and this machine alone is let in.
    NotAsked,
    /// The signature that was sent, and the secrets that may have made it.
    Signed(Signature, Vec<Secret>),
}

impl Proof {
    fn of(doors: &Doors, head: &Head) -> Outcome<Self> {
        let Some(secrets) = &doors.secrets else {
            doors
                .check_not_forwarded(head, "a webhook secret (GITHUB_WEBHOOK_SECRET)")
                .map_err(unsigned)?;
            return Ok(Self::NotAsked);
        };
        let signature = signature::check_header(head.header("x-hub-signature-256"));
        let signature = signature.map_err(|error| refuse_signature(doors, head, error))?;
        Ok(Self::Signed(signature, secrets.clone()))
    }

    fn check(&self, body: &[u8]) -> Result<(), SignatureError> {
        match self {
            Self::NotAsked => Ok(()),
            Self::Signed(signature, secrets) => {
                let secrets: Vec<&str> = secrets.iter().map(Secret::expose).collect();
                signature::verify(signature, body, &secrets)
            }
        }
    }
}

/// All that is known of a delivery before its body is opened.
struct Letter {
    form: Form,
    proof: Proof,
    event: String,
    id: Option<String>,
    at: jiff::Timestamp,
}

/// Why a body is not taken.
enum OpenError {
    Signature(SignatureError),
    Payload(PayloadError),
}

impl Letter {
    fn open(&self, body: &[u8]) -> Result<Delivery, OpenError> {
        self.proof.check(body).map_err(OpenError::Signature)?;
        let parse = match self.form {
            Form::Json => payload::parse,
            Form::Urlencoded => payload::parse_form,
        };
        parse(&self.event, self.id.as_deref(), body, self.at).map_err(OpenError::Payload)
    }
}

impl OpenError {
    fn refuse(self, doors: &Doors, head: &Head) -> (DeliveryOutcome, Problem) {
        match self {
            Self::Signature(error) => refuse_signature(doors, head, error),
            Self::Payload(error) => invalid(Problem::bad_request(
                "the body is not a delivery of GitHub",
                vec![error.to_string()],
            )),
        }
    }
}

/// 401 where nothing was sent, 403 where it proves nothing, 429 where that happens too often.
fn refuse_signature(doors: &Doors, head: &Head, error: SignatureError) -> (DeliveryOutcome, Problem) {
    if let Err(problem) = doors.count_unsigned(head) {
        return unsigned(problem);
    }
    unsigned(match error {
        SignatureError::Missing => Problem::unauthorized(error),
        SignatureError::Malformed | SignatureError::Wrong => Problem::forbidden(error),
    })
}

fn event(head: &Head) -> Outcome<String> {
    let missing = || {
        invalid(Problem::bad_request(
            "X-GitHub-Event is missing; this is not a delivery of GitHub",
            Vec::new(),
        ))
    };
    text(head, "x-github-event").ok_or_else(missing)
}

fn text(head: &Head, name: &str) -> Option<String> {
    head.header(name).map(str::to_owned)
}

fn unread(problem: Problem) -> (DeliveryOutcome, Problem) {
    let outcome = match problem.status().as_u16() {
        413 => DeliveryOutcome::TooLarge,
        503 => DeliveryOutcome::Busy,
        _ => DeliveryOutcome::Invalid,
    };
    (outcome, problem)
}

fn invalid(problem: Problem) -> (DeliveryOutcome, Problem) {
    (DeliveryOutcome::Invalid, problem)
}

fn unsigned(problem: Problem) -> (DeliveryOutcome, Problem) {
    (DeliveryOutcome::Unsigned, problem)
}

fn failed(problem: Problem) -> (DeliveryOutcome, Problem) {
    (DeliveryOutcome::Failed, problem)
}
