//! The door of programs: the tower at a glance, the drift report, one failure in detail, a record to judge.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Role;
use super::body::{BodyStream, expect_json, work_on};
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::app::command::{Command, JudgeRequest, Reply};
use crate::app::dashboard::{People, at_a_glance};
use crate::app::look_back::DriftAsked;
use crate::app::row::{Group, Row, RowInDetail};
use crate::bundle::sha256;
use crate::correction::{StoredProposal, disputed};
use crate::drift::DriftReport;
use crate::health::Health;
use crate::ingest::mask::mask;
use crate::ingest::{EventSource, json, record};
use crate::store::{Failure, StoreError, is_flaky};

/// `GET /api/dashboard`.
pub(super) async fn dashboard(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    // Counts come from the store and not from the snapshot: who was just answered finds it counted.
    let store = doors.handle.query();
    let (totals, people) = (store.totals().await?, People::of(&*store).await?);
    let snapshot = Arc::clone(&doors.handle.watch().borrow());
    Ok(reply::ok(&at_a_glance(&snapshot, &totals, Some(people))))
}

/// `GET /api/drift`.
pub(super) async fn drift(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    let asked = DriftAsked::parse(&head.query, (doors.clock)())
        .map_err(|wrong| Problem::bad_request("the query cannot be read", wrong))?;
    let (health, report) = doors.handle.drift(asked).await?;
    Ok(reply::ok(&DriftAnswer {
        health: &health,
        report: &report,
    }))
}

/// The badge, and the drift behind it.
#[derive(Serialize, JsonSchema)]
pub(super) struct DriftAnswer<'a> {
    /// What the badge says; of another window than the live one, what it would say of that alone.
    health: &'a Health,
    #[serde(flatten)]
    report: &'a DriftReport,
}

/// `GET /api/failures/{id}`.
pub(super) async fn failure(doors: Arc<Doors>, head: Head, id: String) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    let id = number("id", &id)?;
    let store = doors.handle.query();
    // Before the row: what is corrected meanwhile is at most missing in the list, and never without effect on the row.
    let corrections = store.corrections(id).await?;
    let row = explained(&doors, id).await?;
    let group = match &row.verdict.fingerprint {
        Some(shared) => Some(Group {
            fingerprint: &shared.0,
            size: store.group_size(&shared.0).await?,
        }),
        None => None,
    };
    let seen = store.collecting().sightings(id).await?;
    let passed_later = store.collecting().passed_later(id).await?;
    Ok(reply::ok(&RowInDetail {
        row: Row::from(&row),
        disputed: disputed(&corrections).is_some(),
        corrections: &corrections,
        group,
        flaky: is_flaky(seen.as_ref(), passed_later.as_ref()),
        known_issue: doors.handle.known_issue(&row),
        seen,
        passed_later,
    }))
}

/// A row with its contributions, or without them where they cannot be had now: a row can be read while nothing can be
/// judged or written.
async fn explained(doors: &Doors, id: i64) -> Result<Failure, Problem> {
    match doors.handle.explain(id).await {
        Ok(row) => Ok(row),
        Err(error) => {
            let row = known(doors, id).await?;
            tracing::warn!(id, %error, "shown without contributions");
            Ok(row)
        }
    }
}

/// A number in a path.
///
/// # Errors
/// 400 where it is none.
pub(super) fn number(name: &str, text: &str) -> Result<i64, Problem> {
    let wrong = || {
        Problem::bad_request(
            "the path cannot be read",
            vec![format!("{name}: is not a number from 1 on")],
        )
    };
    text.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)
}

/// `POST /api/analyze`: a feature record in, its stored verdict out.
pub(super) async fn analyze(doors: Arc<Doors>, head: Head, (): (), body: BodyStream) -> Answer {
    let _caller = doors.admit(&head, Role::Write)?;
    expect_json(&head.headers)?;
    let body = doors.bodies.read(&head.headers, body).await?;
    let received_at = (doors.clock)();
    let request = work_on(body, move |body| judge_request(body, received_at)).await?;
    let row = match doors.handle.submit(Command::Judge(Box::new(request))).await? {
        Reply::Judged(row) | Reply::Corrected(_, row) => Arc::unwrap_or_clone(row),
        Reply::Retraining(_) | Reply::Served(_) => {
            return Err(Problem::internal("a record was answered as something else"));
        }
        Reply::Duplicate(id) | Reply::Proposed(StoredProposal { failure_id: id, .. }) => known(&doors, id).await?,
    };
    Ok(reply::ok(&row.verdict))
}

fn judge_request(body: &[u8], received_at: Timestamp) -> Result<JudgeRequest, Problem> {
    let refused = |details| Problem::bad_request("the body is not a feature record", details);
    let value = json::read(body).map_err(|error| refused(vec![error.to_string()]))?;
    let record = record::parse(&value, EventSource::Api, received_at).map_err(|error| refused(error.lines()))?;
    let mut raw_payload = value.to_string().into_bytes();
    mask(&mut raw_payload);
    Ok(JudgeRequest {
        job: record.job,
        log: record.log,
        input_id: None,
        raw_sha256: sha256(body),
        raw_payload,
    })
}

async fn known(doors: &Doors, id: i64) -> Result<Failure, Problem> {
    let row = doors.handle.query().failure(id).await?;
    row.ok_or_else(|| StoreError::NoFailure(id).into())
}
