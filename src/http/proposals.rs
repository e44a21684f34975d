//! What agents propose: listed, accepted and rejected by a person.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::Role;
use super::api::number;
use super::body::BodyStream;
use super::corrections::{admit_without_body, answer};
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::app::command::{Command, Reply};
use crate::correction::{MAX_WAITING_PROPOSALS, StoredProposal};

/// Proposals that wait for a person, oldest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Proposals {
    items: Vec<StoredProposal>,
}

/// `GET /api/proposals`.
pub(super) async fn waiting(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    let most = usize::try_from(MAX_WAITING_PROPOSALS).unwrap_or(usize::MAX);
    let items = doors.handle.query().proposals(None, most).await?;
    Ok(reply::ok(&Proposals { items }))
}

/// `POST /api/proposals/{pid}/accept`.
pub(super) async fn accept(doors: Arc<Doors>, head: Head, proposal: String, _body: BodyStream) -> Answer {
    let actor = admit_without_body(&doors, &head)?.name;
    let proposal = number("pid", &proposal)?;
    answer(doors.handle.submit(Command::Accept { proposal, actor }).await?)
}

/// `POST /api/proposals/{pid}/reject`.
pub(super) async fn reject(doors: Arc<Doors>, head: Head, proposal: String, _body: BodyStream) -> Answer {
    let actor = admit_without_body(&doors, &head)?.name;
    let proposal = number("pid", &proposal)?;
    match doors.handle.submit(Command::Reject { proposal, actor }).await? {
        Reply::Proposed(rejected) => Ok(reply::ok(&rejected)),
        Reply::Judged(_) | Reply::Duplicate(_) | Reply::Corrected(..) | Reply::Retraining(_) | Reply::Served(_) => {
            Err(Problem::internal("a rejection was answered as something else"))
        }
    }
}
