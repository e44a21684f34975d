//! `analyze_log`: a feature record in, its stored verdict out, in an answer of at most 3,200 bytes.

use std::sync::Arc;

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::Value;

use super::answer::{Room, VerdictAnswer};
use super::caller::Caller;
use super::door::AgentDoor;
use super::refused::Refused;
use super::tool::structured;
use crate::app::command::{Command, JudgeRequest, Reply};
use crate::bundle::sha256;
use crate::ingest::mask::mask;
use crate::ingest::{EventSource, record};
use crate::store::{Failure, StoreError};
use crate::verdict::Verdict;

/// Bytes of a whole answer: agents pay for what they read.
const MAX_ANSWER_BYTES: usize = 3_200;

/// How much evidence is tried to be shown, most first.
const ROOMS: [Room; 8] = [
    Room {
        excerpts: 3,
        bytes: 240,
    },
    Room {
        excerpts: 2,
        bytes: 300,
    },
    Room {
        excerpts: 2,
        bytes: 200,
    },
    Room {
        excerpts: 2,
        bytes: 120,
    },
    Room {
        excerpts: 1,
        bytes: 200,
    },
    Room {
        excerpts: 1,
        bytes: 120,
    },
    Room { excerpts: 1, bytes: 60 },
    Room { excerpts: 0, bytes: 0 },
];

/// Judges and stores a record.
pub(super) async fn analyze_log(
    door: &AgentDoor,
    caller: &Caller,
    arguments: JsonObject,
) -> Result<CallToolResult, Refused> {
    caller.check_may_write("analyze_log")?;
    let received_at = door.now();
    let reading = tokio::task::spawn_blocking(move || judge_request(&Value::Object(arguments), received_at));
    let request = reading
        .await
        .unwrap_or_else(|_died| Err(Refused::new("the record could not be read".to_owned())))?;
    let row = match door.handle.submit(Command::Judge(Box::new(request))).await? {
        Reply::Judged(row) | Reply::Corrected(_, row) => Arc::unwrap_or_clone(row),
        Reply::Retraining(_) | Reply::Served(_) => {
            return Err(Refused::new("a record was answered as something else".to_owned()));
        }
        Reply::Duplicate(id) => known(door, id).await?,
        Reply::Proposed(proposal) => known(door, proposal.failure_id).await?,
    };
    Ok(fitted(&row.verdict))
}

fn judge_request(record: &Value, received_at: jiff::Timestamp) -> Result<JudgeRequest, Refused> {
    let read =
        record::parse(record, EventSource::Mcp, received_at).map_err(|errors| Refused::arguments(errors.lines()))?;
    let mut raw_payload = record.to_string().into_bytes();
    let raw_sha256 = sha256(&raw_payload);
    mask(&mut raw_payload);
    Ok(JudgeRequest {
        job: read.job,
        log: read.log,
        input_id: None,
        raw_sha256,
        raw_payload,
    })
}

async fn known(door: &AgentDoor, id: i64) -> Result<Failure, Refused> {
    let row = door.handle.query().failure(id).await?;
    row.ok_or_else(|| StoreError::NoFailure(id).into())
}

/// A verdict with as much evidence as there is room for.
fn fitted(verdict: &Verdict) -> CallToolResult {
    let fits = |answer: &CallToolResult| serde_json::to_vec(answer).is_ok_and(|json| json.len() <= MAX_ANSWER_BYTES);
    let mut answers = ROOMS.iter().map(|room| structured(&VerdictAnswer::new(verdict, *room)));
    answers
        .find(fits)
        .unwrap_or_else(|| structured(&VerdictAnswer::new(verdict, ROOMS[ROOMS.len() - 1])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::tool::ToolName;
    use super::*;
    use crate::class::{CLASS_COUNT, FailureClass};
    use crate::evidence::{Excerpt, Fingerprint};
    use crate::verdict::{COVERAGE, DecidedFrom, LogState, UncertainReason};

    fn verdict(texts: Vec<String>) -> Verdict {
        let place = |text| Excerpt {
            line: 1_234_567,
            start: 9_999_999_999,
            end: 9_999_999_999,
            text,
            member: None,
        };
        Verdict {
            id: Some(i64::MAX),
            input_id: None,
            prediction: FailureClass::Security,
            label: FailureClass::Security,
            confidence: 0.123_456_789,
            uncertain: true,
            uncertain_reason: Some(UncertainReason::SeveralClasses),
            prediction_set: FailureClass::ALL.to_vec(),
            coverage: COVERAGE,
            probabilities: [0.123_456_789; CLASS_COUNT],
            evidence: texts.into_iter().map(place).collect(),
            top_contributing_features: Vec::new(),
            reasons: Vec::new(),
            fingerprint: Some(Fingerprint(format!("f1:{}", "ab".repeat(16)))),
            decided_from: DecidedFrom::Log,
            log_state: LogState::Ok,
            corrected_by: None,
            model_version: "v123".into(),
            latency_us: 123_456,
        }
    }

    fn size(answer: &CallToolResult) -> usize {
        serde_json::to_vec(answer).unwrap().len()
    }

    #[test]
    fn an_answer_shows_evidence_and_stays_small() {
        let answer = fitted(&verdict(vec![
            "npm ERR! code ERESOLVE\nnpm ERR! could not resolve"
                .into();
            5
        ]));
        assert!(size(&answer) <= MAX_ANSWER_BYTES, "{}", size(&answer));
        let evidence = &answer.structured_content.unwrap()["evidence"];
        assert!(evidence[0]["text"].as_str().unwrap().contains("ERESOLVE"), "{evidence}");
    }

    proptest! {
        #[test]
        fn no_evidence_makes_an_answer_large(texts in prop::collection::vec(any::<String>(), 0..5), times in 1_usize..200) {
            let answer = fitted(&verdict(texts.iter().map(|text| text.repeat(times)).collect()));
            prop_assert!(size(&answer) <= MAX_ANSWER_BYTES);
        }
    }

    #[test]
    fn the_schema_names_every_field_of_a_record_and_no_other() {
        let schema = ToolName::AnalyzeLog.tool().input_schema;
        for fields in [&schema["properties"], &schema["$defs"]["FeatureRecord"]["properties"]] {
            for name in fields.as_object().unwrap().keys() {
                let record = json!({ "error_message": "x", name: [] });
                let refused = record::parse(&record, EventSource::Mcp, jiff::Timestamp::UNIX_EPOCH).unwrap_err();
                assert!(!refused.to_string().contains("unknown"), "{name}: {refused}");
            }
        }
        assert_eq!(schema["properties"].as_object().unwrap().len(), 30);
        assert_eq!(schema["additionalProperties"], json!(false));
    }
}
