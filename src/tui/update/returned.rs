//! What became of intents.

use super::{browse, history_page};
use crate::app::command::{Command, CommandError, Reply};
use crate::app::snapshot::Snapshot;
use crate::correction::StoredCorrection;
use crate::store::{Failure, StoreError};
use crate::tui::intent::Intent;
use crate::tui::keymap::Scope;
use crate::tui::message::{Action, Dossier, Outcome};
use crate::tui::panes::detail;
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
        Outcome::Opened { id, dossier } if state.opening == Some(id) => fetched(state, dossier),
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

/// A failure that was not at hand is opened now.
fn fetched(state: &mut ViewState, dossier: Result<Box<Dossier>, StoreError>) -> Vec<Intent> {
    state.opening = None;
    let opened = dossier.and_then(|dossier| {
        let (mut open, _asked_already) = detail::State::open(&dossier.failure);
        open.opened(Ok(dossier))?;
        Ok(open)
    });
    let shown = opened.map(|open| {
        let explain = vec![Intent::Explain(open.id())];
        browse::show(state, (open, explain))
    });
    or_say(state, shown.map_err(|error| error.to_string()))
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
        (command, Ok(Reply::Corrected(stored, row))) => {
            let words = match command {
                Command::Undo { .. } | Command::UndoLast => {
                    format!("taken back: #{} is {} again", row.id(), row.verdict.label)
                }
                _ => format!(
                    "saved: #{}{} is {}{}; {} undoes it",
                    row.id(),
                    if matches!(command, Command::CorrectGroup { .. }) {
                        " with all like it"
                    } else {
                        ""
                    },
                    row.verdict.label,
                    overruled(stored, row),
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
        (Command::Retrain { .. }, Ok(Reply::Retraining(_))) => {
            state.say(
                Role::Good,
                "a challenger is being fitted; failures are judged meanwhile",
            );
        }
        (_, Ok(Reply::Served(version))) => state.say(Role::Good, format!("model {version} is live")),
        (_, Ok(Reply::Judged(_) | Reply::Duplicate(_) | Reply::Retraining(_))) => {}
        (
            Command::Retrain { .. } | Command::CancelRetraining | Command::Promote { .. } | Command::RollBack { .. },
            Err(error),
        ) => state.say(Role::Bad, format!("not done: {error}")),
        (Command::UndoLast | Command::Redo, Err(CommandError::Store(nothing))) => {
            state.say(Role::Dim, nothing.to_string());
        }
        (_, Err(error)) => state.say(Role::Bad, format!("not saved: {error}")),
    }
    if is_about_models(command) {
        return intents;
    }
    if let Some(next) = state.ledger.returned(command, reply) {
        intents.extend(browse::taken(next));
    }
    intents
}

/// Another word of a person that this one takes the place of, perhaps one that came while a class was being chosen.
fn overruled(stored: &StoredCorrection, row: &Failure) -> String {
    if stored.from == row.verdict.prediction || stored.from == stored.correction.label {
        String::new()
    } else {
        format!(", no longer {}", stored.from)
    }
}

/// Such a command is no word on a failure: the ledger of corrections has not counted it.
const fn is_about_models(command: &Command) -> bool {
    matches!(
        command,
        Command::Retrain { .. } | Command::CancelRetraining | Command::Promote { .. } | Command::RollBack { .. }
    )
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
