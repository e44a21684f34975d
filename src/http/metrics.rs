//! What watches us asks here: are you alive, can you take in failures, how are you.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use warp::http::StatusCode;

use super::Role;
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::telemetry::metrics_text;

/// How this process is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Status {
    /// `healthy` of `/health`, `ready` of `/ready`.
    status: &'static str,
    /// `sentinel`.
    service: &'static str,
}

impl Status {
    const fn is(status: &'static str) -> Self {
        Self {
            status,
            service: "sentinel",
        }
    }
}

/// Prometheus' text format.
pub(super) const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /health`: the process answers. For anybody, under any name.
pub(super) async fn health(_doors: Arc<Doors>, _head: Head, (): ()) -> Answer {
    Ok(reply::ok(&Status::is("healthy")))
}

/// `GET /ready`: failures can be judged and stored.
pub(super) async fn ready(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    doors.check_host(&head)?;
    doors.handle.ready().await.map_err(|why| Problem::not_ready(&why))?;
    Ok(reply::ok(&Status::is("ready")))
}

/// `GET /metrics`.
pub(super) async fn metrics(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    if doors.metrics_ask_for_a_key {
        let _caller = doors.admit(&head, Role::Read)?;
    } else {
        doors.check_host(&head)?;
    }
    let text = metrics_text(doors.handle.in_flight());
    Ok(reply::answer(StatusCode::OK, TEXT_FORMAT, text.into_bytes()))
}
