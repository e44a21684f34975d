//! `/mcp` over HTTP: one request, one answer. No sessions are kept, which every revision of the protocol allows, so that
//! nothing grows with the number of agents and a restart is noticed by none.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use warp::http::header::{
    ACCEPT, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, CONTENT_LENGTH, CONTENT_TYPE, ORIGIN, VARY,
};
use warp::http::{HeaderMap, HeaderValue, Request, Response, StatusCode};

use super::caller::Caller;
use super::door::AgentDoor;

/// The path of the door.
pub const PATH: &str = "/mcp";

/// The form of every answer.
const JSON: &str = "application/json";

/// The two forms that an answer may have.
const BOTH_FORMS: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// Headers that a web page may send here.
const PAGES_MAY_SEND: &str =
    "authorization, content-type, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id, x-api-key";

/// The protocol over HTTP. Cheap to clone.
#[derive(Clone)]
pub struct AgentService {
    service: StreamableHttpService<AgentDoor, NeverSessionManager>,
    origins: Arc<[String]>,
}

impl AgentService {
    /// Serves a door. `origins` are those of `mcp.allowed_origins`.
    #[must_use]
    pub fn new(door: AgentDoor, origins: &[String]) -> Self {
        // Hosts, origins and sizes are checked before a request comes here, for all doors alike.
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .disable_allowed_hosts()
            .disable_allowed_origins()
            .with_max_request_body_bytes(usize::MAX);
        let service = StreamableHttpService::new(move || Ok(door.clone()), Arc::default(), config);
        Self {
            service,
            origins: origins
                .iter()
                .map(|origin| origin.trim_end_matches('/').to_ascii_lowercase())
                .collect(),
        }
    }

    /// The origin of the page that asks, if it stands in `mcp.allowed_origins`.
    #[must_use]
    pub fn page(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let known = |origin: &&HeaderValue| {
            origin
                .to_str()
                .is_ok_and(|origin| self.origins.contains(&origin.to_ascii_lowercase()))
        };
        headers.get(ORIGIN).filter(known).cloned()
    }

    /// Answers a request that was let in.
    pub async fn answer(&self, caller: Caller, mut request: Request<Full<Bytes>>) -> Response<Bytes> {
        request.extensions_mut().insert(caller);
        if takes_anything(request.headers()) {
            request.headers_mut().insert(ACCEPT, BOTH_FORMS);
        }
        let (parts, body) = self.service.handle(request).await.into_parts();
        let body = body
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        shaped(Response::from_parts(parts, body))
    }
}

/// Whether every form of an answer will do: the protocol wants both named, but `curl` says `*/*`.
fn takes_anything(headers: &HeaderMap) -> bool {
    let named = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = named.flat_map(|value| value.split(','));
    let anything = |range: &str| range.split(';').next().is_some_and(|range| range.trim() == "*/*");
    !headers.contains_key(ACCEPT) || ranges.any(anything)
}

/// What is refused before the protocol begins is a plain sentence there; here every error is JSON.
fn shaped(mut answer: Response<Bytes>) -> Response<Bytes> {
    let refused = answer.status().is_client_error() || answer.status().is_server_error();
    let is_json = |kind: &HeaderValue| kind.as_bytes().starts_with(JSON.as_bytes());
    if !refused || answer.headers().get(CONTENT_TYPE).is_some_and(is_json) {
        return answer;
    }
    let said = String::from_utf8_lossy(answer.body());
    let sentence = match said.trim() {
        "" => answer.status().canonical_reason().unwrap_or("refused"),
        said => said,
    };
    let error = serde_json::json!({ "error": sentence, "details": [] }).to_string();
    *answer.body_mut() = Bytes::from(error);
    answer.headers_mut().remove(CONTENT_LENGTH);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    answer
}

/// Tells a browser that this page may ask (the preflight request of CORS).
#[must_use]
pub fn may_ask(page: &HeaderValue) -> Response<Bytes> {
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    may_read(page, headers);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(PAGES_MAY_SEND));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    answer
}

/// Tells a browser that this page may read an answer.
pub fn may_read(page: &HeaderValue, headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, page.clone());
    headers.insert(VARY, HeaderValue::from_static("Origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preflight_names_the_page_and_the_headers_of_the_protocol() {
        let answer = may_ask(&HeaderValue::from_static("https://agents.example.com"));
        assert_eq!(answer.status(), 204);
        assert_eq!(
            answer.headers()[ACCESS_CONTROL_ALLOW_ORIGIN],
            "https://agents.example.com"
        );
        assert!(PAGES_MAY_SEND.contains("mcp-protocol-version"));
    }
}
