//! Answers as bytes and headers.

use serde::Serialize;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use warp::http::{HeaderMap, StatusCode};
use warp::reply::Response;

/// A JSON answer.
pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => answer(status, "application/json", body),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written as JSON");
            let body = br#"{"error":"the answer cannot be written as JSON","details":[]}"#;
            answer(StatusCode::INTERNAL_SERVER_ERROR, "application/json", body.to_vec())
        }
    }
}

/// A JSON answer to what went well.
pub(super) fn ok<T: Serialize>(value: &T) -> Response {
    json(StatusCode::OK, value)
}

/// An answer of a given type.
pub(super) fn answer(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    set_headers(response.headers_mut(), content_type);
    response
}

/// What a browser may do with an answer: nothing but show it, and not keep it.
pub(super) fn set_headers(headers: &mut HeaderMap, content_type: &'static str) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
