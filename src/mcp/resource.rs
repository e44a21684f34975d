//! Resources: the tower at a glance, and single failures, as the tools answer them.

use std::sync::Arc;

use rmcp::model::{ErrorData, ReadResourceResult, Resource, ResourceContents, ResourceTemplate};
use serde::Serialize;
use serde_json::json;

use super::door::AgentDoor;
use super::history;
use super::refused::Refused;
use crate::app::dashboard::{People, at_a_glance};
use crate::store::StoreError;

const DASHBOARD: &str = "sentinel://dashboard";
const FAILURES: &str = "sentinel://failures/";
const JSON: &str = "application/json";

/// What can be read without knowing anything.
pub(super) fn resources() -> Vec<Resource> {
    let dashboard = Resource::new(DASHBOARD, "dashboard")
        .with_title("Dashboard")
        .with_description("Health with its reasons, drift of every watched feature, live model, counts")
        .with_mime_type(JSON);
    vec![dashboard]
}

/// What can be read by an id.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    let failure = ResourceTemplate::new(format!("{FAILURES}{{id}}"), "failure")
        .with_title("Failure")
        .with_description("One failure, as get_failure answers it")
        .with_mime_type(JSON);
    vec![failure]
}

/// Reads one.
pub(super) async fn read(door: &AgentDoor, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    if uri == DASHBOARD {
        let store = door.handle.query();
        let failed = |error: StoreError| ErrorData::internal_error(error.to_string(), None);
        let (totals, people) = (
            store.totals().await.map_err(failed)?,
            People::of(&*store).await.map_err(failed)?,
        );
        let snapshot = Arc::clone(&door.handle.watch().borrow());
        return contents(uri, &at_a_glance(&snapshot, &totals, Some(people)));
    }
    let id = uri
        .strip_prefix(FAILURES)
        .and_then(|id| id.parse().ok())
        .filter(|id: &i64| *id > 0);
    let id = id.ok_or_else(|| missing(uri, format!("there is only {DASHBOARD} and {FAILURES}{{id}}")))?;
    let failure = history::failure(door, id)
        .await
        .map_err(|refused| cannot_be_read(uri, &refused))?;
    contents(uri, &failure)
}

fn cannot_be_read(uri: &str, refused: &Refused) -> ErrorData {
    let why = refused.to_string();
    if refused.is_missing() {
        missing(uri, why)
    } else {
        ErrorData::internal_error(why, None)
    }
}

fn missing(uri: &str, why: String) -> ErrorData {
    ErrorData::resource_not_found(why, Some(json!({ "uri": uri })))
}

fn contents(uri: &str, value: &impl Serialize) -> Result<ReadResourceResult, ErrorData> {
    let text = serde_json::to_string(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
    Ok(ReadResourceResult::new(vec![
        ResourceContents::text(text, uri).with_mime_type(JSON),
    ]))
}
