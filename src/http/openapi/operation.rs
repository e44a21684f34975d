//! One operation, described step by step.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a schema is written where it is handed over"
)]

use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use warp::http::Method;

use super::refusals;
use super::schemas::Schemas;
use crate::http::Role;

/// What everybody is refused with who asks by a wrong name.
const WRONG_NAME: [u16; 2] = [400, 403];

/// What a door with keys refuses.
const GUARDED: [u16; 4] = [400, 401, 403, 429];

/// What a body can be refused for, and what can go wrong on the way to the store.
const WRITING: [u16; 5] = [408, 413, 415, 500, 503];

/// What a change without a body can be refused for: another content type, as a form of a browser has, and the store.
const BODILESS: [u16; 3] = [415, 500, 503];

/// A path with one method, and everything there is to say of it.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// The statuses it is refused with.
    pub(super) refusals: Vec<u16>,
    fields: Map<String, Value>,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
}

impl Operation {
    /// An operation for anybody: its name, the group it is in, and what it does, in one line.
    pub(super) fn new(method: Method, path: &'static str, tag: &str, id: &str, summary: &str) -> Self {
        let fields = [
            ("operationId", json!(id)),
            ("tags", json!([tag])),
            ("summary", json!(summary)),
            ("security", json!([])),
        ];
        let fields = fields
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect();
        Self {
            method,
            path,
            refusals: Vec::new(),
            fields,
            parameters: path_parameters(path),
            answers: Map::new(),
        }
    }

    /// More of what it does.
    pub(super) fn about(mut self, description: &str) -> Self {
        self.fields.insert("description".into(), description.into());
        self
    }

    /// Nobody is asked for a key.
    pub(super) fn open(self) -> Self {
        self.refuses(&WRONG_NAME)
    }

    /// A key of at least this role is asked for.
    pub(super) fn role(mut self, role: Role) -> Self {
        self.fields
            .insert("security".into(), json!([{ "key": [] }, { "bearer": [] }]));
        self.fields.insert("x-role".into(), role.name().into());
        self.refuses(&GUARDED)
    }

    /// Another way of proving who one is.
    pub(super) fn security(mut self, security: Value) -> Self {
        self.fields.insert("security".into(), security);
        self
    }

    /// A parameter of the query or a header.
    pub(super) fn parameter(mut self, place: &str, name: &str, description: &str, schema: Value) -> Self {
        self.parameters
            .push(json!({ "in": place, "name": name, "description": description, "schema": schema }));
        self
    }

    /// A parameter without which there is no answer.
    pub(super) fn needed(mut self, place: &str, name: &str, description: &str, schema: Value) -> Self {
        let parameter =
            json!({ "in": place, "name": name, "required": true, "description": description, "schema": schema });
        self.parameters.push(parameter);
        self
    }

    /// A body of JSON.
    pub(super) fn body(self, schema: Value, example: &Value) -> Self {
        self.content(json!({ "application/json": { "schema": schema, "example": example } }))
            .refuses(&WRITING)
    }

    /// The body may be left out.
    pub(super) fn body_is_optional(mut self) -> Self {
        if let Some(body) = self.fields.get_mut("requestBody") {
            body["required"] = false.into();
        }
        self
    }

    /// It changes something, and all there is to say stands in its path.
    pub(super) fn without_body(self) -> Self {
        self.refuses(&BODILESS)
    }

    /// A body of these types.
    pub(super) fn content(mut self, content: Value) -> Self {
        self.fields
            .insert("requestBody".into(), json!({ "required": true, "content": content }));
        self
    }

    /// What is answered with 200.
    pub(super) fn ok<T: JsonSchema>(self, schemas: &mut Schemas, description: &str, example: &Value) -> Self {
        let schema = schemas.sent::<T>();
        self.answer(200, description, "application/json", schema, example)
    }

    /// What is answered.
    pub(super) fn answer(
        mut self,
        status: u16,
        description: &str,
        content_type: &str,
        schema: Value,
        example: &Value,
    ) -> Self {
        let content = json!({ content_type: { "schema": schema, "example": example } });
        self.answers.insert(
            status.to_string(),
            json!({ "description": description, "content": content }),
        );
        self
    }

    /// What is answered without a body.
    pub(super) fn taken(mut self, status: u16, description: &str) -> Self {
        self.answers
            .insert(status.to_string(), json!({ "description": description }));
        self
    }

    /// What it may be refused with.
    pub(super) fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    /// As it stands under its path and method.
    pub(super) fn described(self) -> Value {
        let mut fields = self.fields;
        let mut answers = self.answers;
        for status in self.refusals {
            answers
                .entry(status.to_string())
                .or_insert_with(|| refusals::reference(status));
        }
        if !self.parameters.is_empty() {
            fields.insert("parameters".into(), self.parameters.into());
        }
        fields.insert("responses".into(), answers.into());
        Value::Object(fields)
    }
}

/// The numbers in the braces of a path.
fn path_parameters(path: &str) -> Vec<Value> {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(path_parameter).collect()
}

fn path_parameter(name: &str) -> Value {
    let (description, schema, example) = match name {
        "id" => ("Id of the failure.", id(), json!(4711)),
        "pid" => ("Id of the proposal.", id(), json!(3)),
        "cid" => ("Id of the correction.", id(), json!(12)),
        _ => (
            "Version of the model.",
            json!({ "type": "string", "minLength": 1 }),
            json!("v2"),
        ),
    };
    json!({ "in": "path", "name": name, "required": true, "description": description, "schema": schema, "example": example })
}

fn id() -> Value {
    json!({ "type": "integer", "format": "int64", "minimum": 1 })
}
