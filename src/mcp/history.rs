//! `list_failures` and `get_failure`: a page of rows, and one row with all that is known around it.

use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::answer::{Around, FailureAnswer, Room, RowAnswer};
use super::arguments::Arguments;
use super::door::AgentDoor;
use super::refused::Refused;
use super::tool::structured;
use crate::app::asked::{Asked, Limits, encode};
use crate::correction::StoredCorrection;
use crate::ingest::json;
use crate::store::{Failure, StoreError};

/// Rows of a page: agents read all of what they ask for.
const LIMITS: Limits = Limits { missing: 20, most: 100 };

/// Evidence of one failure: all excerpts, each whole in most cases.
const DETAIL: Room = Room {
    excerpts: 5,
    bytes: 1_000,
};

/// Corrections and proposals of one failure that are shown.
const MAX_WORDS: usize = 20;

/// Which failures, newest first.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read; `app::asked` reads the arguments")]
pub(super) struct ListArguments {
    /// Rows of a page; 20 where it is left out.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Label, by full name or slug as `test-failure`.
    class: Option<String>,
    /// `owner/name`.
    repo: Option<String>,
    /// `github_webhook`, `mcp`, `api`, `exec`, `simulator` or `backfill`.
    source: Option<String>,
    /// Only verdicts that are (or are not) uncertain.
    uncertain: Option<bool>,
    /// Not older than this: RFC 3339, or a length as `30d`, `12h`, `45m`, `2w`.
    since: Option<String>,
    /// Words in repository, workflow, job, steps, branch, or evidence.
    #[schemars(length(max = 200))]
    q: Option<String>,
}

/// A page of failures, newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct ListAnswer {
    items: Vec<RowAnswer>,
    /// For `cursor` of the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Answers a page.
pub(super) async fn list_failures(door: &AgentDoor, arguments: JsonObject) -> Result<CallToolResult, Refused> {
    let asked = asked(arguments, door.now())?;
    let page = door
        .handle
        .query()
        .history(&asked.filter, asked.after, asked.limit)
        .await?;
    let items = page.items.iter().map(RowAnswer::from).collect();
    Ok(structured(&ListAnswer {
        items,
        next_cursor: page.next.map(encode),
    }))
}

/// Arguments are the parameters of `/api/history`, which are texts.
fn asked(arguments: JsonObject, now: jiff::Timestamp) -> Result<Asked, Refused> {
    let mut wrong = Vec::new();
    let mut texts = Vec::new();
    for (name, value) in arguments {
        match value {
            Value::Null => {}
            Value::String(text) => texts.push((name, text)),
            Value::Bool(_) | Value::Number(_) => texts.push((name, value.to_string())),
            Value::Array(_) | Value::Object(_) => {
                wrong.push(format!("{name}: got {}; allowed: a single value", json::kind(&value)));
            }
        }
    }
    let read = Asked::parse(&texts, now, LIMITS);
    wrong.extend(read.as_ref().err().into_iter().flatten().cloned());
    read.ok().filter(|_| wrong.is_empty()).ok_or(Refused::arguments(wrong))
}

/// Which failure.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read")]
pub(super) struct GetArguments {
    /// Id of the failure.
    #[schemars(range(min = 1))]
    id: i64,
}

/// Answers one failure.
pub(super) async fn get_failure(door: &AgentDoor, arguments: JsonObject) -> Result<CallToolResult, Refused> {
    let mut given = Arguments::new(arguments, &["id"]);
    let id = given.id("id");
    let id = given.finish(id)?;
    Ok(structured(&failure(door, id).await?))
}

/// One failure with all that is known of it.
pub(super) async fn failure(door: &AgentDoor, id: i64) -> Result<FailureAnswer, Refused> {
    // Before the row: what is corrected meanwhile is at most missing in the list, and never without effect on the row.
    let corrections = door.handle.query().corrections(id).await?;
    let row = explained(door, id).await?;
    let around = around(door, &row, corrections).await?;
    Ok(FailureAnswer::new(&row, &around, DETAIL))
}

/// A row with its contributions, or without them where they cannot be had now.
async fn explained(door: &AgentDoor, id: i64) -> Result<Failure, Refused> {
    match door.handle.explain(id).await {
        Ok(row) => Ok(row),
        Err(error) => {
            let row = door
                .handle
                .query()
                .failure(id)
                .await?
                .ok_or(StoreError::NoFailure(id))?;
            tracing::warn!(id, %error, "shown without contributions");
            Ok(row)
        }
    }
}

async fn around(door: &AgentDoor, row: &Failure, mut corrections: Vec<StoredCorrection>) -> Result<Around, Refused> {
    let (id, store) = (row.id(), door.handle.query());
    corrections.drain(..corrections.len().saturating_sub(MAX_WORDS));
    let same_failures = match &row.verdict.fingerprint {
        Some(shared) => store.group_size(&shared.0).await?,
        None => 1,
    };
    Ok(Around {
        same_failures,
        seen: store.collecting().sightings(id).await?,
        passed_later: store.collecting().passed_later(id).await?,
        known_issue: door.handle.known_issue(row),
        corrections,
        proposals: store.proposals(Some(id), MAX_WORDS).await?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::class::FailureClass;
    use crate::store::HistoryFilter;

    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
    fn read(arguments: Value) -> Result<Asked, Refused> {
        asked(
            arguments.as_object().unwrap().clone(),
            "2026-03-31T12:00:00Z".parse().unwrap(),
        )
    }

    #[test]
    fn arguments_are_the_filters_of_the_history() {
        let asked =
            read(json!({"limit": 5, "class": "test-failure", "uncertain": true, "since": "1d", "q": null})).unwrap();
        let filter = HistoryFilter {
            class: Some(FailureClass::Test),
            uncertain: Some(true),
            since: Some("2026-03-30T12:00:00Z".parse().unwrap()),
            ..HistoryFilter::default()
        };
        assert_eq!((asked.limit, asked.filter), (5, filter));
        assert_eq!(read(json!({})).unwrap().limit, 20);
    }

    #[test]
    fn every_wrong_argument_is_named() {
        let wrong = json!({"limit": 101, "class": ["x"], "repos": "a/b", "since": "yesterday", "uncertain": "perhaps"});
        let refused = read(wrong).unwrap_err().to_string();
        for name in [
            "- limit: ",
            "- class: got an array",
            "- repos: ",
            "- since: ",
            "- uncertain: ",
        ] {
            assert!(refused.contains(name), "{name} in {refused}");
        }
    }
}
