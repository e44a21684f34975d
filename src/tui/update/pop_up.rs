//! What keys do while a pop-up is open: help, correction, filter, palette, link.

use crossterm::event::KeyEvent;

use super::{browse, history_page};
use crate::app::snapshot::Snapshot;
use crate::class::FailureClass;
use crate::tui::intent::Intent;
use crate::tui::layout::Pane;
use crate::tui::message::Action;
use crate::tui::panes::history::filter;
use crate::tui::panes::{detail, help, proposals};
use crate::tui::prompt::Prompt;
use crate::tui::state::{PopUp, ViewState};
use crate::tui::text::harmless;
use crate::tui::theme::Role;

/// The longest text put on a clipboard, in bytes. Terminals refuse long ones.
const MAX_COPIED_BYTES: usize = 8_192;

/// Does it. The pop-up stays open unless it says otherwise.
pub(super) fn act(state: &mut ViewState, snapshot: &Snapshot, action: Action) -> Vec<Intent> {
    let Some(mut pop_up) = state.pop_up.take() else {
        return Vec::new();
    };
    match (&mut pop_up, action) {
        (PopUp::Help { .. }, Action::Back | Action::Help | Action::Open)
        | (PopUp::Link(_), Action::Back | Action::Open) => {
            return Vec::new();
        }
        (PopUp::Question(asked), Action::Yes) => return vec![Intent::Send(asked.command())],
        (PopUp::Question(_), Action::No) => {
            state.say(Role::Dim, "left as it is");
            return Vec::new();
        }
        (PopUp::Help { scroll }, action) => *scroll = scrolled(state, snapshot, *scroll, action),
        (PopUp::Link(url), Action::Copy) => {
            return copy(state, url);
        }
        (PopUp::Correction(correction), Action::Note) => correction.write(),
        (PopUp::Correction(correction), Action::KeepNote) => correction.keep(),
        (PopUp::Correction(correction), Action::Back) => {
            if !correction.drop_writing() {
                return Vec::new();
            }
        }
        (PopUp::Filter { .. }, Action::Open) => return filtered(state, snapshot),
        (PopUp::Filter { before, .. }, Action::Back) => {
            let before = std::mem::take(before);
            ask(state, snapshot, &before);
            return Vec::new();
        }
        (PopUp::Proposals(_), Action::Back | Action::Proposals) => return Vec::new(),
        (PopUp::Proposals(list), Action::Open) => return open_proposed(state, snapshot, list),
        (PopUp::Proposals(list), Action::Accept | Action::Reject) => {
            let chosen = list.chosen(snapshot).map(|proposal| proposal.id);
            list.step(snapshot, Action::Down);
            state.pop_up = Some(pop_up);
            return chosen.map_or_else(Vec::new, |chosen| browse::decided(state, chosen, action));
        }
        (PopUp::Proposals(list), action) => list.step(snapshot, action),
        (PopUp::Link(_) | PopUp::Correction(_) | PopUp::Filter { .. } | PopUp::Question(_), _) => {}
        (PopUp::Palette(_), Action::Back) => return Vec::new(),
        (PopUp::Palette(palette), Action::Open) => {
            return match palette.chosen(&state.keys) {
                Some(action) => super::update(state, snapshot, crate::tui::message::Message::Act(action)),
                None => Vec::new(),
            };
        }
        (PopUp::Palette(palette), action) => palette.step(action, &state.keys),
    }
    state.pop_up = Some(pop_up);
    Vec::new()
}

/// Opens the failure that a proposal is about.
fn open_proposed(state: &mut ViewState, snapshot: &Snapshot, list: &proposals::State) -> Vec<Intent> {
    let Some(id) = list.chosen(snapshot).map(|proposal| proposal.failure_id) else {
        return Vec::new();
    };
    let Some(row) = snapshot.rows.iter().find(|row| row.id() == id) else {
        state.opening = Some(id);
        return vec![Intent::Open(id)];
    };
    browse::show(state, detail::State::open(row))
}

fn scrolled(state: &ViewState, snapshot: &Snapshot, scroll: usize, action: Action) -> usize {
    let body = state.body(snapshot);
    let last = help::last_scroll(&state.keys, state.theme, body);
    let there = match action {
        Action::Up => scroll.saturating_sub(1),
        Action::Down => scroll + 1,
        Action::PageUp => scroll.saturating_sub(help::page(body)),
        Action::PageDown => scroll + help::page(body),
        Action::Top => 0,
        Action::Bottom => last,
        _ => scroll,
    };
    there.min(last)
}

fn ask(state: &mut ViewState, snapshot: &Snapshot, text: &str) {
    let asked = filter::read(text, state.now);
    state.history.ask(asked, snapshot);
}

/// The filter is accepted: older rows that pass it are fetched where the rows at hand do not fill the screen.
fn filtered(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    if let Some(unclear) = state.history.asked().unclear.clone() {
        state.say(Role::Warning, format!("not understood, and left out: {unclear}"));
    }
    let page = history_page(state, snapshot);
    state.history.fill(snapshot, page)
}

/// A class key: the correction is sent, and the next row has the cursor.
pub(super) fn label(state: &mut ViewState, snapshot: &Snapshot, class: FailureClass) -> Vec<Intent> {
    let Some(PopUp::Correction(correction)) = state.pop_up.take() else {
        return Vec::new();
    };
    let said = correction.say(class, &state.actor);
    let command = if correction.is_of_group() {
        state.ledger.correct_group(correction.id(), said)
    } else {
        state.ledger.correct(correction.id(), said)
    };
    state.say(Role::Dim, format!("saving #{} as {class}…", correction.id()));
    let mut intents = vec![Intent::Send(command)];
    intents.extend(move_on(state, snapshot, correction.id()));
    intents
}

fn move_on(state: &mut ViewState, snapshot: &Snapshot, corrected: i64) -> Vec<Intent> {
    if state.history.selected() != Some(corrected) {
        return Vec::new();
    }
    let page = history_page(state, snapshot);
    let mut intents = state.history.move_on(snapshot, page);
    let moved = state.history.selected() != Some(corrected);
    if state.focus == Pane::Detail && moved {
        intents.extend(browse::open_selected(state, snapshot));
    }
    intents
}

/// A key that belongs to the text being written.
pub(super) fn type_key(state: &mut ViewState, snapshot: &Snapshot, key: KeyEvent) -> Vec<Intent> {
    write(
        state,
        snapshot,
        |prompt| prompt.type_key(key),
        |correction| correction.type_key(key),
    )
}

/// A pasted text. Where nothing is being written, nothing happens: a paste is never a row of keys.
pub(super) fn paste(state: &mut ViewState, snapshot: &Snapshot, text: &str) -> Vec<Intent> {
    write(
        state,
        snapshot,
        |prompt| prompt.paste(text),
        |correction| correction.paste(text),
    )
}

fn write(
    state: &mut ViewState,
    snapshot: &Snapshot,
    into_prompt: impl FnOnce(&mut Prompt),
    into_note: impl FnOnce(&mut crate::tui::panes::correction::State),
) -> Vec<Intent> {
    match &mut state.pop_up {
        Some(PopUp::Correction(correction)) => into_note(correction),
        Some(PopUp::Palette(palette)) => {
            into_prompt(&mut palette.prompt);
            palette.typed();
        }
        Some(PopUp::Filter { prompt, .. }) => {
            into_prompt(prompt);
            let text = prompt.text().to_owned();
            ask(state, snapshot, &text);
        }
        None | Some(PopUp::Help { .. } | PopUp::Link(_) | PopUp::Question(_) | PopUp::Proposals(_)) => {}
    }
    Vec::new()
}

/// Puts a text on the person's clipboard, without anything that would steer a terminal it is pasted into.
pub(super) fn copy(state: &mut ViewState, text: &str) -> Vec<Intent> {
    let mut text = harmless(text);
    text.truncate(text.floor_char_boundary(MAX_COPIED_BYTES));
    state.say(Role::Good, "sent to your terminal's clipboard");
    vec![Intent::Copy(text)]
}
