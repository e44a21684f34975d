//! `POST /api/backfill`: one step into the past of a repository. Asked again and again, it comes to an end; asked by two at
//! once or killed at any place, it loses nothing.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use warp::http::StatusCode;

use super::Role;
use super::body::{BodyStream, expect_json, work_on};
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::app::asked;
use crate::collect::CollectError;
use crate::github::GitHubError;

/// What to backfill.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BackfillBody {
    /// `owner/name`.
    #[schemars(length(max = 201))]
    repository: String,
    /// From when on: a moment, or how long ago, as `30d`.
    #[schemars(length(max = 40), extend("anyOf" = [{ "format": "date-time" }, { "pattern": "^[0-9]{1,4}[mhdw]$" }]))]
    since: String,
}

/// Takes one step.
pub(super) async fn step(doors: Arc<Doors>, head: Head, (): (), body: BodyStream) -> Answer {
    let _caller = doors.admit(&head, Role::Admin)?;
    expect_json(&head.headers)?;
    let body = doors.bodies.read(&head.headers, body).await?;
    let refused = |detail: String| Problem::bad_request("the body is not a backfill", vec![detail]);
    let asked: BackfillBody = work_on(body, move |body| {
        serde_json::from_slice(body).map_err(|error| refused(error.to_string()))
    })
    .await?;
    let since = asked::since(&asked.since, (doors.clock)()).map_err(|what| refused(format!("since: {what}")))?;
    let Some(collector) = &doors.collector else {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "there is no credential for GitHub here; set GITHUB_TOKEN, or github.app_id and github.app_key_file",
        ));
    };
    Ok(reply::ok(&collector.backfill(&asked.repository, since).await?))
}

impl From<CollectError> for Problem {
    fn from(error: CollectError) -> Self {
        match error {
            CollectError::GitHub(error) => match error {
                GitHubError::NotFound { .. } | GitHubError::Gone { .. } => Self::not_found(error),
                GitHubError::Forbidden { .. } | GitHubError::Credentials(_) => Self::new(StatusCode::CONFLICT, error),
                GitHubError::Limited { .. } | GitHubError::Unavailable { .. } | GitHubError::Unexpected { .. } => {
                    Self::unavailable("github", error, std::time::Duration::from_secs(30))
                }
            },
            CollectError::Command(error) => error.into(),
            CollectError::Store(error) => error.into(),
        }
    }
}
