//! A message changes this screen's state and may want something of the world. Pure: the whole of what keys do.

mod browse;
mod pop_up;
mod returned;

use super::intent::Intent;
use super::message::{Action, Message};
use super::panes::history::view::page;
use super::state::ViewState;
use super::theme::Role;
use crate::app::retraining::Ending;
use crate::app::snapshot::Snapshot;

/// Takes one message.
pub fn update(state: &mut ViewState, snapshot: &Snapshot, message: Message) -> Vec<Intent> {
    match message {
        Message::Act(Action::Quit) => vec![Intent::Quit],
        Message::Act(action) if state.pop_up.is_some() => pop_up::act(state, snapshot, action),
        Message::Act(action) => browse::act(state, snapshot, action),
        Message::Label(class) => pop_up::label(state, snapshot, class),
        Message::Type(key) => pop_up::type_key(state, snapshot, key),
        Message::Paste(text) => pop_up::paste(state, snapshot, &text),
        Message::Resized(size) => {
            state.size = size;
            state.history.fill(snapshot, history_page(state, snapshot))
        }
        Message::Tick(now) => {
            state.tick(now);
            Vec::new()
        }
        Message::Changed => changed(state, snapshot),
        Message::Returned(outcome) => returned::take(state, snapshot, *outcome),
    }
}

fn changed(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    tell_the_end(state, snapshot);
    let page = history_page(state, snapshot);
    state.history.changed(snapshot, page);
    state.feature = state.feature.min(snapshot.drift.features.len().saturating_sub(1));
    state
        .detail
        .as_mut()
        .map(|open| open.changed(snapshot))
        .unwrap_or_default()
}

/// Says how a retraining ended, once.
fn tell_the_end(state: &mut ViewState, snapshot: &Snapshot) {
    const FRESH_SECONDS: i64 = 10;
    let Some(last) = &snapshot.retraining.last else { return };
    if state.told.replace(last.at) == Some(last.at) || state.now.as_second() - last.at.as_second() > FRESH_SECONDS {
        return;
    }
    let role = match last.ending {
        Ending::Promoted => Role::Good,
        Ending::Kept | Ending::Cancelled => Role::Warning,
        Ending::Failed => Role::Bad,
    };
    let why = last.because.first().map(String::as_str).unwrap_or_default();
    state.say(role, format!("retraining: {}: {why}", last.ending.name()));
}

/// Rows of the history that this screen shows at a time, also while another pane has its place.
fn history_page(state: &ViewState, snapshot: &Snapshot) -> usize {
    let places = super::layout::places(state.size, super::layout::Pane::History, snapshot.drift.features.len());
    page(places.history)
}

#[cfg(test)]
mod tests;
