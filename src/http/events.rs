//! `GET /api/events`: what happens goes out as server-sent events, until the client or this server hangs up.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use serde_json::json;
use warp::Reply;
use warp::http::HeaderValue;
use warp::http::header::{CACHE_CONTROL, HeaderName, X_CONTENT_TYPE_OPTIONS};
use warp::sse::Event;

use super::Role;
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::routes::Answer;
use crate::app::feed::{FOLLOWERS, Follower, News, Told};
use crate::app::row::Row;

/// The type of the answer.
pub(super) const EVENT_STREAM: &str = "text/event-stream";

/// When a reader whose stream has ended should come again.
const COME_AGAIN: Duration = Duration::from_secs(3);

/// Proxies that keep answers back until they are whole keep this one back for ever; nginx reads this header.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers with events until the reader hangs up or the server shuts down.
pub(super) async fn events(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    let follower = doors.handle.follow(head.header("last-event-id"));
    let follower = follower.ok_or_else(|| {
        Problem::busy(format!(
            "{FOLLOWERS} readers follow events already; that is all there may be"
        ))
    })?;
    let told = told(follower).take_until(doors.closing.clone().cancelled_owned());
    let alive = warp::sse::keep_alive().interval(doors.heartbeat).stream(told);
    let mut response = warp::sse::reply(alive).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// First the place and the pause before coming again, which are no event; then what the follower is told.
fn told(follower: Follower) -> impl Stream<Item = Result<Event, Infallible>> {
    let first = Event::default().id(follower.place().to_string()).retry(COME_AGAIN);
    let rest = stream::unfold(follower, async |mut follower| {
        let told = follower.next().await;
        Some((event(&told), follower))
    });
    stream::iter([first]).chain(rest).map(Ok)
}

fn event(told: &Told) -> Event {
    match told {
        Told::News(place, news) => happened(news).id(place.to_string()),
        Told::Gap(place) => named("gap", &json!({})).id(place.to_string()),
        Told::Dropped(place, missed) => named("dropped", &json!({ "missed": missed })).id(place.to_string()),
    }
}

fn happened(news: &News) -> Event {
    match news {
        News::Verdict(row) => named("verdict", &Row::from(&**row)),
        News::Correction(row) => named("correction", &Row::from(&**row)),
        News::Replaced { parent } => named("replaced", &json!({ "id": parent })),
        News::Drift(dashboard) => Event::default().event("drift").data(&**dashboard),
        News::Model { version } => named("model", &json!({ "version": &**version })),
    }
}

/// An event with its data on one line of JSON.
fn named(name: &'static str, data: &impl Serialize) -> Event {
    Event::default().event(name).json_data(data).unwrap_or_else(|error| {
        tracing::error!(%error, name, "an event cannot be written as JSON");
        Event::default().comment("an event cannot be written as JSON")
    })
}
