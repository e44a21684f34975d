//! Schemas of the types that are read and written, collected while operations are described.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Where a document keeps its schemas.
const PLACE: &str = "/components/schemas";

/// The schemas of one document.
pub(super) struct Schemas {
    /// Of what is sent: every field is there.
    sent: SchemaGenerator,
    /// Of what is read.
    read: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = PLACE.into();
            settings.meta_schema = None;
        });
        Self {
            sent: settings.clone().for_serialize().into_generator(),
            read: settings.for_deserialize().into_generator(),
        }
    }

    /// The schema of an answer.
    pub(super) fn sent<T: JsonSchema>(&mut self) -> Value {
        self.sent.subschema_for::<T>().to_value()
    }

    /// The schema of a body that comes in.
    pub(super) fn read<T: JsonSchema>(&mut self) -> Value {
        self.read.subschema_for::<T>().to_value()
    }

    /// All that were referred to.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut schemas = self.read.take_definitions(true);
        schemas.append(&mut self.sent.take_definitions(true));
        if let Some(record) = schemas.get_mut("FeatureRecord") {
            record["anyOf"] = json!([says_something("error_message"), says_something("log")]);
        }
        schemas.values_mut().for_each(drop_formats_of_rust);
        schemas
    }
}

/// A record without a text has nothing to judge.
fn says_something(field: &str) -> Value {
    json!({ "required": [field], "properties": { field: { "type": "string", "pattern": "\\S" } } })
}

/// `uint64` and the like are no formats that others know.
pub(super) fn drop_formats_of_rust(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let of_rust = |format: &Value| format.as_str().is_some_and(|format| format.starts_with("uint"));
            if fields.get("format").is_some_and(of_rust) {
                fields.remove("format");
            }
            fields.values_mut().for_each(drop_formats_of_rust);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_formats_of_rust),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::operations;
    use super::*;

    /// What is read and what is sent are collected apart, so that only this finds two types of one name.
    #[test]
    fn no_name_stands_for_two_types() {
        let mut schemas = Schemas::new();
        drop(operations::all(&mut schemas));
        let (read, sent) = (schemas.read.take_definitions(true), schemas.sent.take_definitions(true));
        for (name, schema) in read {
            let other = sent.get(&name).unwrap_or(&schema);
            assert_eq!(schema["description"], other["description"], "{name}");
        }
    }
}
