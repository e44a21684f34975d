//! What became of intents.

use super::{browse, history_page};
use crate::app::command::{Command, CommandError, Reply};
use crate::app::snapshot::Snapshot;
use crate::store::Failure;
use crate::tui::intent::Intent;
use crate::tui::keymap::Scope;
use crate::tui::message::{Action, Outcome};
use crate::tui::state::ViewState;
use crate::tui::theme::Role;

/// Takes one.
pub(super) fn take(state: &mut ViewState, snapshot: &Snapshot, outcome: Outcome) -> Vec<Intent> {
    match outcome {
        Outcome::Sent { command, reply } => sent(state, &command, &reply),
        Outcome::Paged { ticket, page } => {
            let screen = history_page(state, snapshot);
            let asked = state.history.paged(snapshot, ticket, page, screen);
            or_say(state, asked.map_err(|error| error.to_string()))
        }
        Outcome::Opened { id, dossier } => {
            let Some(open) = state.detail.as_mut().filter(|open| open.id() == id) else {
                return Vec::new();
            };
            let opened = open.opened(dossier).map(|()| Vec::new());
            let row = open.dossier.failure.clone();
            state.history.replace(&row);
            or_say(state, opened.map_err(|error| error.to_string()))
        }
        Outcome::Explained { id, failure } => {
            if let Some(open) = state.detail.as_mut().filter(|open| open.id() == id) {
                open.explained(failure);
            }
            Vec::new()
        }
        Outcome::Broken(what) => or_say(state, Err(what)),
    }
}

fn or_say(state: &mut ViewState, intents: Result<Vec<Intent>, String>) -> Vec<Intent> {
    intents.unwrap_or_else(|error| {
        state.say(Role::Bad, error);
        Vec::new()
    })
}

fn sent(state: &mut ViewState, command: &Command, reply: &Result<Reply, CommandError>) -> Vec<Intent> {
    let mut intents = Vec::new();
    match (command, reply) {
        (command, Ok(Reply::Corrected(_, row))) => {
            let words = match command {
                Command::Undo { .. } | Command::UndoLast => {
                    format!("taken back: #{} is {} again", row.id(), row.verdict.label)
                }
                _ => format!(
                    "saved: #{} is {}; {} undoes it",
                    row.id(),
                    row.verdict.label,
                    undo_key(state)
                ),
            };
            state.say(Role::Good, words);
            intents.extend(show(state, row));
        }
        (_, Ok(Reply::Proposed(proposal))) => {
            state.say(
                Role::Good,
                format!("rejected what was proposed for #{}", proposal.failure_id),
            );
        }
        (_, Ok(Reply::Judged(_) | Reply::Duplicate(_) | Reply::Retraining(_) | Reply::Served(_))) => {}
        (Command::UndoLast | Command::Redo, Err(CommandError::Store(nothing))) => {
            state.say(Role::Dim, nothing.to_string());
        }
        (_, Err(error)) => state.say(Role::Bad, format!("not saved: {error}")),
    }
    if let Some(next) = state.ledger.returned(command, reply) {
        intents.extend(browse::taken(next));
    }
    intents
}

fn undo_key(state: &ViewState) -> String {
    state.keys.key_of(Scope::Everywhere, Action::Undo)
}

/// A row as it is now, wherever this screen shows it.
fn show(state: &mut ViewState, row: &Failure) -> Vec<Intent> {
    state.history.replace(row);
    let open = state.detail.as_mut().filter(|open| open.id() == row.id());
    open.map(|open| open.replace(row)).unwrap_or_default()
}
