//! The table of tools: names, words, hints, and schemas generated from the types.

use std::sync::{Arc, LazyLock};

use rmcp::model::{CallToolResult, JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use super::refused::Refused;
use super::{answer, correct, health, history, search};
use crate::ingest::record::RecordArguments;

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToolName {
    AnalyzeLog,
    ListFailures,
    GetFailure,
    SearchLog,
    SubmitHumanCorrection,
    GetFeedbackStats,
    GetDriftReport,
    GetHealth,
}

/// Their descriptions, in the order of [`ToolName::ALL`]; schemas are generated once.
static TOOLS: LazyLock<Vec<Tool>> = LazyLock::new(|| ToolName::ALL.map(describe).to_vec());

impl ToolName {
    /// All tools.
    pub(super) const ALL: [Self; 8] = [
        Self::AnalyzeLog,
        Self::ListFailures,
        Self::GetFailure,
        Self::SearchLog,
        Self::SubmitHumanCorrection,
        Self::GetFeedbackStats,
        Self::GetDriftReport,
        Self::GetHealth,
    ];

    /// The name in the protocol.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AnalyzeLog => "analyze_log",
            Self::ListFailures => "list_failures",
            Self::GetFailure => "get_failure",
            Self::SearchLog => "search_log",
            Self::SubmitHumanCorrection => "submit_human_correction",
            Self::GetFeedbackStats => "get_feedback_stats",
            Self::GetDriftReport => "get_drift_report",
            Self::GetHealth => "get_health",
        }
    }

    /// The tool of a name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// Its description.
    pub(super) fn tool(self) -> Tool {
        TOOLS[self as usize].clone()
    }

    /// The descriptions of all.
    pub(super) fn tools() -> Vec<Tool> {
        TOOLS.clone()
    }
}

fn describe(name: ToolName) -> Tool {
    match name {
        ToolName::AnalyzeLog => tool::<RecordArguments, answer::VerdictAnswer>(
            name,
            "Judge a failure",
            "Judge why a CI job failed, from its log or error message and whatever numbers are known, and store it. Answers the \
             root cause, how sure it is, what else is possible, and the lines that prove it.",
            writes().idempotent(false),
        ),
        ToolName::ListFailures => tool::<history::ListArguments, history::ListAnswer>(
            name,
            "List failures",
            "Stored failures, newest first, filtered; a page at a time.",
            reads(),
        ),
        ToolName::GetFailure => tool::<history::GetArguments, answer::FailureAnswer>(
            name,
            "Read a failure",
            "One failure: verdict, evidence with byte offsets, contributions of features, corrections, proposals.",
            reads(),
        ),
        ToolName::SearchLog => tool::<search::SearchArguments, search::SearchAnswer>(
            name,
            "Search a log",
            "Find lines in the stored log of a failure (secrets are masked), with lines around them.",
            reads(),
        ),
        ToolName::SubmitHumanCorrection => tool::<correct::CorrectArguments, correct::CorrectAnswer>(
            name,
            "Correct a verdict",
            "Say what a failure really was, on the word of a person or for a person to confirm. Unless this server is set up to \
             apply it, it waits until a person accepts it.",
            writes().idempotent(true),
        ),
        ToolName::GetFeedbackStats => tool::<health::NoArguments, health::FeedbackAnswer>(
            name,
            "Feedback of people",
            "What people made of the verdicts: corrections, agreement, confusions, proposals that wait.",
            reads(),
        ),
        ToolName::GetDriftReport => tool::<health::DriftArguments, health::DriftAnswer>(
            name,
            "Drift report",
            "How far what arrives now lies from what the model was trained on, a watched feature at a time.",
            reads(),
        ),
        ToolName::GetHealth => tool::<health::NoArguments, health::HealthAnswer>(
            name,
            "Health",
            "The badge of the tower with its reasons, the live model, and counts.",
            reads(),
        ),
    }
}

fn tool<I: JsonSchema, O: JsonSchema>(
    name: ToolName,
    title: &str,
    description: &'static str,
    mut annotations: ToolAnnotations,
) -> Tool {
    annotations.title = Some(title.to_owned());
    Tool::new(name.name(), description, schema::<I>(SchemaSettings::draft2020_12()))
        .with_title(title)
        .with_raw_output_schema(schema::<O>(SchemaSettings::draft2020_12().for_serialize()))
        .with_annotations(annotations)
}

/// Nothing changes. What there is to see is this server's own.
fn reads() -> ToolAnnotations {
    ToolAnnotations::new()
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false)
}

/// Something is added; nothing that was there is lost.
fn writes() -> ToolAnnotations {
    ToolAnnotations::new()
        .read_only(false)
        .destructive(false)
        .open_world(false)
}

/// The schema of a type, without what only Rust knows of its numbers and without the name of the type itself.
fn schema<T: JsonSchema>(settings: SchemaSettings) -> Arc<JsonObject> {
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    drop_number_formats(&mut schema);
    let Value::Object(mut object) = schema else {
        return Arc::default();
    };
    object.remove("title");
    Arc::new(object)
}

/// `uint64` and `double` are no formats of JSON Schema; strict validators complain.
fn drop_number_formats(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("format").is_some_and(Value::is_string) {
                object.remove("format");
            }
            object.values_mut().for_each(drop_number_formats);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_number_formats),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An answer as structured content, and for older clients as the same JSON in a text.
pub(super) fn structured(answer: &impl Serialize) -> CallToolResult {
    match serde_json::to_value(answer) {
        Ok(value) => CallToolResult::structured(value),
        Err(error) => Refused::new(format!("the answer cannot be written: {error}")).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_found_by_the_name_it_describes() {
        for name in ToolName::ALL {
            let tool = name.tool();
            assert_eq!(tool.name, name.name());
            assert_eq!(ToolName::from_name(name.name()), Some(name));
        }
        assert_eq!(ToolName::from_name("drop_database"), None);
    }

    #[test]
    fn every_schema_is_of_an_object_that_knows_all_its_arguments() {
        for tool in ToolName::tools() {
            let (input, output) = (&tool.input_schema, tool.output_schema.as_ref().unwrap());
            assert_eq!(input["type"], "object", "{}", tool.name);
            assert_eq!(output["type"], "object", "{}", tool.name);
            assert_eq!(input["additionalProperties"], false, "{}", tool.name);
            let text = serde_json::to_string(&tool).unwrap();
            assert!(!text.contains("\"format\""), "{text}");
        }
    }

    #[test]
    fn only_two_tools_write() {
        let writers: Vec<_> = ToolName::ALL
            .into_iter()
            .filter(|name| name.tool().annotations.unwrap().read_only_hint != Some(true))
            .collect();
        assert_eq!(writers, [ToolName::AnalyzeLog, ToolName::SubmitHumanCorrection]);
    }
}
