//! Every way of being refused, described once and referred to by the operations.

use serde_json::{Map, Value, json};

use super::schemas::Schemas;
use crate::http::reject::Refusal;

/// A status, the name of its description, what it means, and the sentence of an example.
const REFUSALS: [(u16, &str, &str, &str); 13] = [
    (
        400,
        "BadRequest",
        "The request cannot be read; `details` names every mistake.",
        "the query cannot be read",
    ),
    (
        401,
        "Unauthorized",
        "No key, or no signature, came.",
        "an API key is asked for; send it as `X-API-Key: KEY` or `Authorization: Bearer KEY`",
    ),
    (
        403,
        "Forbidden",
        "A wrong or too weak key, a wrong signature, or a request for another host or from another page.",
        "the API key has role `read`, this asks for `write`",
    ),
    (
        404,
        "NotFound",
        "There is nothing of this name.",
        "there is no failure 4711",
    ),
    (
        406,
        "NotAcceptable",
        "`Accept` names neither of the two forms of an answer.",
        "Not Acceptable",
    ),
    (
        408,
        "RequestTimeout",
        "The body did not arrive in time.",
        "the body did not arrive within 30 seconds",
    ),
    (
        409,
        "Conflict",
        "It contradicts what is there or under way.",
        "1000 proposals wait already",
    ),
    (
        413,
        "ContentTooLarge",
        "The body is larger than `webhook.max_body_bytes`.",
        "the body is larger than 26214400 bytes (webhook.max_body_bytes)",
    ),
    (
        415,
        "UnsupportedMediaType",
        "The content type is not read.",
        "the content type must be application/json",
    ),
    (
        422,
        "UnprocessableContent",
        "The message cannot be understood.",
        "the message is not one of this protocol",
    ),
    (
        429,
        "TooManyRequests",
        "Too often from this client address.",
        "too many requests (api.rate_per_minute)",
    ),
    (500, "InternalError", "Our fault; it is in the log.", "judging failed"),
    (
        503,
        "Unavailable",
        "Not now: full, going down, or the store cannot be written. `reason` says which in one word.",
        "too many requests are being judged; try again in a moment",
    ),
];

/// A reference to the description of a status.
pub(super) fn reference(status: u16) -> Value {
    let known = REFUSALS.iter().find(|(known, ..)| *known == status);
    let name = known.map_or("InternalError", |(_, name, ..)| *name);
    json!({ "$ref": format!("#/components/responses/{name}") })
}

/// The descriptions of those that operations refer to.
pub(super) fn responses(schemas: &mut Schemas, used: impl Fn(u16) -> bool) -> Map<String, Value> {
    let schema = schemas.sent::<Refusal<'_>>();
    let used = REFUSALS.iter().filter(|(status, ..)| used(*status));
    used.map(|(status, name, description, error)| {
        let example = match status {
            503 => json!({ "error": error, "details": [], "reason": "busy" }),
            _ => json!({ "error": error, "details": [] }),
        };
        let mut response = json!({
            "description": description,
            "content": { "application/json": { "schema": schema, "example": example } },
        });
        if let Some(headers) = headers(*status) {
            response["headers"] = headers;
        }
        ((*name).to_owned(), response)
    })
    .collect()
}

fn headers(status: u16) -> Option<Value> {
    match status {
        401 => Some(json!({
            "WWW-Authenticate": { "description": "How to come again.", "schema": { "type": "string" } },
        })),
        429 | 503 => Some(json!({
            "Retry-After": {
                "description": "Whole seconds until it is worth while to come again.",
                "schema": { "type": "integer", "minimum": 1 },
            },
        })),
        _ => None,
    }
}
