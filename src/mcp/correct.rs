//! `submit_human_correction`: an agent passes on what a person said, or proposes what a person should confirm.

use rmcp::model::{CallToolResult, JsonObject};
use schemars::JsonSchema;
use serde::Serialize;

use super::WriteMode;
use super::answer::ClassName;
use super::arguments::Arguments;
use super::caller::Caller;
use super::door::AgentDoor;
use super::refused::Refused;
use super::tool::structured;
use crate::app::command::{Command, Reply};
use crate::class::FailureClass;
use crate::correction::{Correction, MAX_NOTE_BYTES, Proposal};

const NAME: &str = "submit_human_correction";

/// What a failure really was.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is read")]
pub(super) struct CorrectArguments {
    /// Id of the failure.
    #[schemars(range(min = 1))]
    id: i64,
    /// The class it really is, by full name or slug as `test-failure`.
    corrected_label: String,
    /// Why, for the person who decides.
    #[schemars(length(max = 4096))]
    note: Option<String>,
}

/// What became of a correction.
#[derive(Serialize, JsonSchema)]
pub(super) struct CorrectAnswer {
    /// `proposed`: it waits until a person accepts it. `applied`: it counts.
    status: &'static str,
    /// The failure; a run that has given way to its failed job stands for that.
    failure_id: i64,
    corrected_label: ClassName,
    /// Id of the proposal, where it waits.
    proposal_id: Option<i64>,
    /// Id of the correction, where it counts.
    correction_id: Option<i64>,
}

/// Proposes or applies a correction, as `mcp.write` says.
pub(super) async fn submit_human_correction(
    door: &AgentDoor,
    caller: &Caller,
    arguments: JsonObject,
) -> Result<CallToolResult, Refused> {
    caller.check_may_write(NAME)?;
    let mut given = Arguments::new(arguments, &["id", "corrected_label", "note"]);
    let (id, label) = (given.id("id"), given.class("corrected_label"));
    let note = given.text("note", MAX_NOTE_BYTES);
    let (id, label) = given.finish(id.zip(label))?;
    let command = command(door.write, id, label, note, caller.signature())?;
    answer(door.handle.submit(command).await?)
}

fn command(
    mode: WriteMode,
    id: i64,
    label: FailureClass,
    note: Option<String>,
    actor: String,
) -> Result<Command, Refused> {
    match mode {
        WriteMode::Off => Err(Refused::new(format!(
            "{NAME} is switched off here (mcp.write = \"off\")"
        ))),
        WriteMode::Propose => Ok(Command::Propose {
            id,
            proposal: Proposal { label, note, actor },
        }),
        WriteMode::Apply => Ok(Command::Correct {
            id,
            correction: Correction {
                label,
                note,
                author: None,
                actor,
            },
        }),
    }
}

fn answer(reply: Reply) -> Result<CallToolResult, Refused> {
    match reply {
        Reply::Proposed(stored) => Ok(structured(&CorrectAnswer {
            status: "proposed",
            failure_id: stored.failure_id,
            corrected_label: ClassName(stored.proposal.label),
            proposal_id: Some(stored.id),
            correction_id: None,
        })),
        Reply::Corrected(stored, _) => Ok(structured(&CorrectAnswer {
            status: "applied",
            failure_id: stored.failure_id,
            corrected_label: ClassName(stored.correction.label),
            proposal_id: None,
            correction_id: Some(stored.id),
        })),
        Reply::Judged(_) | Reply::Duplicate(_) | Reply::Retraining(_) | Reply::Served(_) => {
            Err(Refused::new("a correction was answered as something else".to_owned()))
        }
    }
}
