//! `analyze_log`: a feature record in, its stored verdict out, in an answer of at most 3,200 bytes.

use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
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

/// A feature record. Leave out what is not known: a missing number stays missing. `error_message` or `log` is needed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read; `ingest::record` reads the arguments")]
pub(super) struct AnalyzeArguments {
    #[schemars(flatten)]
    record: RecordFields,
    /// The same fields in an object of their own.
    features: Option<RecordFields>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read; `ingest::record` reads the arguments")]
struct RecordFields {
    /// The text that says what failed, where there is no log.
    error_message: Option<String>,
    /// The log of the failed job, whole or its end.
    log: Option<String>,
    /// Seconds.
    #[schemars(range(min = 0.0, max = 1e12))]
    build_duration_sec: Option<f64>,
    /// Seconds.
    #[schemars(range(min = 0.0, max = 1e12))]
    test_duration_sec: Option<f64>,
    /// Seconds.
    #[schemars(range(min = 0.0, max = 1e12))]
    deploy_duration_sec: Option<f64>,
    /// Percent.
    #[schemars(range(min = 0.0, max = 100.0))]
    cpu_usage_pct: Option<f64>,
    /// Megabytes.
    #[schemars(range(min = 0.0, max = 1e12))]
    memory_usage_mb: Option<f64>,
    /// How often it was tried again.
    #[schemars(range(min = 0.0, max = 1e12))]
    retry_count: Option<f64>,
    /// `owner/name`.
    repository: Option<String>,
    author: Option<String>,
    failure_stage: Option<Stage>,
    severity: Option<Severity>,
    /// As `github-actions`.
    ci_tool: Option<String>,
    language: Option<String>,
    os: Option<String>,
    cloud_provider: Option<String>,
    is_flaky_test: Option<bool>,
    rollback_triggered: Option<bool>,
    incident_created: Option<bool>,
    /// Host of the forge, as `github.com`.
    host: Option<String>,
    #[schemars(range(min = 1))]
    run_id: Option<i64>,
    #[schemars(range(min = 1))]
    job_id: Option<i64>,
    #[schemars(range(min = 1))]
    attempt: Option<i64>,
    workflow: Option<String>,
    job: Option<String>,
    head_sha: Option<String>,
    branch: Option<String>,
    /// An http or https page about it.
    url: Option<String>,
    /// Where the record comes from, if not from this agent.
    event_source: Option<Source>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only its schema is read")]
enum Stage {
    Build,
    Test,
    Deploy,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "UPPERCASE", inline)]
#[expect(dead_code, reason = "only its schema is read")]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", inline)]
#[expect(dead_code, reason = "only its schema is read")]
enum Source {
    Api,
    Exec,
    Simulator,
}

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
        Reply::Judged(row) | Reply::Corrected(_, row) => *row,
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
        for fields in [&schema["properties"], &schema["$defs"]["RecordFields"]["properties"]] {
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
