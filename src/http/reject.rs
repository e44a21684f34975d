//! What is refused, as `{"error": sentence, "details": [..]}` under the right status. Every error leaves by this door.

use std::fmt::Display;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use warp::http::StatusCode;
use warp::http::header::{ALLOW, CONNECTION, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use warp::reject::Rejection;
use warp::reply::Response;

use super::reply;
use crate::app::command::CommandError;
use crate::registry::RegistryError;
use crate::store::StoreError;
use crate::telemetry::escaped;

/// When a sender may come again after a moment's congestion.
const MOMENT: Duration = Duration::from_secs(1);

/// When a sender may come again after trouble that a person or a restart has to end.
const LONGER: Duration = Duration::from_secs(10);

/// An error as its sender is told of it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    error: String,
    details: Vec<String>,
    reason: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// The one shape of all errors.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct Refusal<'a> {
    /// What is wrong, in a sentence.
    error: &'a str,
    /// What is wrong in particular, one line each.
    details: &'a [String],
    /// Why not now, in one word for programs; with 503 alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl Problem {
    /// An error with one sentence.
    pub(crate) fn new(status: StatusCode, error: impl Display) -> Self {
        Self {
            status,
            error: error.to_string(),
            details: Vec::new(),
            reason: None,
            headers: Vec::new(),
        }
    }

    /// 400: the sender's mistake, and what is wrong in particular.
    pub(crate) fn bad_request(error: impl Display, details: Vec<String>) -> Self {
        Self {
            details,
            ..Self::new(StatusCode::BAD_REQUEST, error)
        }
    }

    /// 401: a key is asked for.
    pub(crate) fn unauthorized(error: impl Display) -> Self {
        let challenge = HeaderValue::from_static("Bearer realm=\"sentinel\"");
        Self::new(StatusCode::UNAUTHORIZED, error).header(WWW_AUTHENTICATE, challenge)
    }

    /// 403: known and not allowed, or not believed.
    pub(crate) fn forbidden(error: impl Display) -> Self {
        Self::new(StatusCode::FORBIDDEN, error)
    }

    /// 404: nothing has this name.
    pub(crate) fn not_found(error: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    /// 405: the path is there, the method is not.
    pub(crate) fn method_not_allowed(allowed: &str) -> Self {
        let problem = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("this path answers {allowed} only"),
        );
        match HeaderValue::from_str(allowed) {
            Ok(allowed) => problem.header(ALLOW, allowed),
            Err(_no_header) => problem,
        }
    }

    /// 408: the body did not come in time. The connection ends with it.
    pub(crate) fn too_slow(deadline: Duration) -> Self {
        let error = format!("the body did not arrive within {} seconds", deadline.as_secs_f64());
        Self::new(StatusCode::REQUEST_TIMEOUT, error).header(CONNECTION, HeaderValue::from_static("close"))
    }

    /// 413: more than is taken.
    pub(crate) fn too_large(limit: usize) -> Self {
        let error = format!("the body is larger than {limit} bytes (webhook.max_body_bytes)");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, error)
    }

    /// 415: in a form that is not read.
    pub(crate) fn media_type(allowed: &str) -> Self {
        let error = format!("the content type must be {allowed}");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, error)
    }

    /// 429: too often.
    pub(crate) fn too_many(error: impl Display, wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, error).retry_after(wait)
    }

    /// 429: above `api.rate_per_minute`.
    pub(crate) fn too_often(wait: Duration) -> Self {
        Self::too_many("too many requests (api.rate_per_minute)", wait)
    }

    /// 503: not now, and why in one word.
    pub(crate) fn unavailable(reason: &str, error: impl Display, wait: Duration) -> Self {
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, error).retry_after(wait);
        Self {
            reason: Some(reason.to_owned()),
            ..problem
        }
    }

    /// 503: more is under way than there is room for.
    pub(crate) fn busy(error: impl Display) -> Self {
        Self::unavailable("busy", error, MOMENT)
    }

    /// 500: our fault.
    pub(crate) fn internal(error: impl Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error)
    }

    /// From what [`crate::app::engine::Handle::ready`] says: `code: sentence`.
    pub(crate) fn not_ready(why: &str) -> Self {
        let (reason, error) = why.split_once(": ").unwrap_or(("not_ready", why));
        Self::unavailable(reason, error, LONGER)
    }

    /// The status it will have.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// What is our fault is for our log too.
    pub(super) fn log(&self) {
        if self.status.is_server_error() {
            let details = escaped(&self.details.join("; "));
            tracing::warn!(
                status = self.status.as_u16(),
                error = escaped(&self.error),
                details,
                "request not answered"
            );
        }
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Whole seconds, rounded up: who comes at that second is let in.
    fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// The answer. Its texts may hold what the sender sent: JSON keeps them apart from markup and terminals.
    pub(crate) fn into_response(self) -> Response {
        let body = Refusal {
            error: &self.error,
            details: &self.details,
            reason: self.reason.as_deref(),
        };
        let mut response = reply::json(self.status, &body);
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<CommandError> for Problem {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Busy => Self::busy(error),
            CommandError::NoModel(_) => Self::unavailable("no_model", error, LONGER),
            CommandError::ShuttingDown => Self::unavailable("shutting_down", error, LONGER),
            CommandError::Judge(_) => Self::internal(error),
            CommandError::Retraining | CommandError::NoRetraining | CommandError::NothingToLearn => {
                Self::new(StatusCode::CONFLICT, error)
            }
            CommandError::Registry(error) => error.into(),
            CommandError::Store(error) => error.into(),
        }
    }
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Unknown { .. } => Self::not_found(error),
            RegistryError::Live(_) | RegistryError::NothingBefore(_) | RegistryError::Refused { .. } => {
                Self::new(StatusCode::CONFLICT, error)
            }
            RegistryError::Disk { .. } => Self::unavailable("registry_unwritable", error, LONGER),
            RegistryError::Shipped(_) => Self::internal(error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::busy(error),
            StoreError::Unwritable(_) | StoreError::Locked { .. } | StoreError::NewerSchema { .. } => {
                Self::unavailable("store_unwritable", error, LONGER)
            }
            StoreError::TooManyProposals(_) => Self::new(StatusCode::CONFLICT, error),
            StoreError::NothingToUndo | StoreError::NothingToRedo => Self::new(StatusCode::CONFLICT, error),
            StoreError::NoFailure(_) | StoreError::NoCorrection { .. } | StoreError::NoProposal(_) => {
                Self::not_found(error)
            }
            StoreError::Database(_) => Self::internal(error),
        }
    }
}

/// A request that could not be brought before the table of routes.
pub(super) fn recover(rejection: &Rejection) -> Response {
    let problem = if rejection.is_not_found() {
        Problem::not_found("there is nothing at this path")
    } else {
        Problem::bad_request("the request cannot be read", Vec::new())
    };
    problem.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_rounded_up_and_never_zero() {
        for (wait, told) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (59_999, "60")] {
            let response = Problem::too_many("slow down", Duration::from_millis(wait)).into_response();
            assert_eq!(response.headers()[RETRY_AFTER], told, "{wait} ms");
        }
    }

    #[test]
    fn who_is_at_fault_decides_the_status() {
        let status = |error: CommandError| Problem::from(error).status().as_u16();
        assert_eq!(status(CommandError::Busy), 503);
        assert_eq!(status(CommandError::NoModel("none".into())), 503);
        assert_eq!(status(CommandError::ShuttingDown), 503);
        assert_eq!(
            status(CommandError::Store(StoreError::Unwritable("disk full".into()))),
            503
        );
        assert_eq!(status(CommandError::Store(StoreError::NoFailure(7))), 404);
        assert_eq!(status(CommandError::Judge("bad".into())), 500);
        assert_eq!(status(CommandError::Store(StoreError::Database("bad".into()))), 500);
    }
}
