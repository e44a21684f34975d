//! What keys do while no pop-up is open.

use super::{history_page, pop_up};
use crate::app::command::Command;
use crate::app::snapshot::Snapshot;
use crate::drift::ranking::ranking;
use crate::store::Failure;
use crate::tui::intent::Intent;
use crate::tui::layout::Pane;
use crate::tui::ledger::{Taken, Turn};
use crate::tui::message::Action;
use crate::tui::panes::history::filter;
use crate::tui::panes::{correction, detail, heat_map, palette, proposals, question};
use crate::tui::prompt::Prompt;
use crate::tui::state::{PopUp, ViewState};
use crate::tui::text::{percent, visible};
use crate::tui::theme::Role;

/// Does it.
pub(super) fn act(state: &mut ViewState, snapshot: &Snapshot, action: Action) -> Vec<Intent> {
    if is_about_a_row(action) {
        state.history.hold();
    }
    match action {
        Action::Help => open_pop_up(state, PopUp::Help { scroll: 0 }),
        Action::Palette => open_pop_up(state, PopUp::Palette(Box::new(palette::State::new()))),
        Action::Filter => ask(state),
        Action::NextPane => turn_to(state, 1),
        Action::PreviousPane => turn_to(state, -1),
        Action::Open => open(state, snapshot),
        Action::Back => back(state, snapshot),
        Action::Up
        | Action::Down
        | Action::Left
        | Action::Right
        | Action::PageUp
        | Action::PageDown
        | Action::Top
        | Action::Bottom => step(state, snapshot, action),
        Action::Sort => sort(state, snapshot),
        Action::Next | Action::Previous => seek(state, snapshot, action),
        Action::Correct => correct(state, snapshot),
        Action::CorrectGroup => correct_group(state, snapshot),
        Action::Undo => turn(state, Turn::Undo),
        Action::Redo => turn(state, Turn::Redo),
        Action::Proposals => open_pop_up(state, PopUp::Proposals(proposals::State::default())),
        Action::Accept | Action::Reject => decide(state, snapshot, action),
        Action::Copy => copy(state, snapshot),
        Action::Link => link(state, snapshot),
        Action::Drift => focus(state, Pane::Drift),
        Action::ZoomOut | Action::ZoomIn => zoom(state, action),
        Action::Models => focus(state, Pane::Models),
        Action::Retrain => retrain(state, snapshot),
        Action::CancelRetraining => cancel_retraining(state, snapshot),
        Action::Promote => promote(state, snapshot),
        Action::RollBack => roll_back(state, snapshot),
        Action::Theme => next_depth(state),
        Action::Note | Action::KeepNote | Action::Yes | Action::No | Action::Quit => Vec::new(),
    }
}

/// Whether the row under the cursor has to stay there now.
const fn is_about_a_row(action: Action) -> bool {
    matches!(
        action,
        Action::Open
            | Action::Sort
            | Action::Correct
            | Action::CorrectGroup
            | Action::Accept
            | Action::Reject
            | Action::Copy
            | Action::Link
    )
}

fn open_pop_up(state: &mut ViewState, pop_up: PopUp) -> Vec<Intent> {
    state.notice = None;
    state.pop_up = Some(pop_up);
    Vec::new()
}

fn focus(state: &mut ViewState, pane: Pane) -> Vec<Intent> {
    state.focus = pane;
    Vec::new()
}

fn ask(state: &mut ViewState) -> Vec<Intent> {
    state.focus = Pane::History;
    let before = state.history.asked().text.clone();
    let prompt = Box::new(Prompt::new(&before));
    open_pop_up(state, PopUp::Filter { prompt, before })
}

/// The panes in the order of `tab`; the detail among them while a failure is open.
fn turn_to(state: &mut ViewState, by: isize) -> Vec<Intent> {
    let mut panes = vec![Pane::History, Pane::HeatMap, Pane::Drift, Pane::Models];
    if state.detail.is_some() {
        panes.insert(1, Pane::Detail);
    }
    let here = panes.iter().position(|pane| *pane == state.focus).unwrap_or_default();
    let there = here.checked_add_signed(by).unwrap_or(panes.len() - 1) % panes.len();
    focus(state, panes[there])
}

fn open(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    match state.focus {
        Pane::History => open_selected(state, snapshot),
        Pane::HeatMap => focus(state, Pane::Drift),
        Pane::Detail | Pane::Drift | Pane::Models => Vec::new(),
    }
}

/// Opens the failure that has the cursor of the history.
pub(super) fn open_selected(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    let Some(failure) = state.history.failure(snapshot) else {
        return Vec::new();
    };
    let opened = detail::State::open(failure);
    show(state, opened)
}

/// Shows an open failure.
pub(super) fn show(state: &mut ViewState, (open, intents): (detail::State, Vec<Intent>)) -> Vec<Intent> {
    state.opening = None;
    state.detail = Some(Box::new(open));
    state.focus = Pane::Detail;
    intents
}

fn back(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    match state.focus {
        Pane::History if !state.history.asked().text.is_empty() => {
            state.history.ask(filter::Asked::default(), snapshot);
            let page = history_page(state, snapshot);
            return state.history.fill(snapshot, page);
        }
        Pane::Detail => state.detail = None,
        Pane::History | Pane::HeatMap | Pane::Drift | Pane::Models => {}
    }
    focus(state, Pane::History)
}

fn step(state: &mut ViewState, snapshot: &Snapshot, action: Action) -> Vec<Intent> {
    let page = history_page(state, snapshot);
    match (state.focus, action) {
        (Pane::History, _) => return state.history.step(snapshot, action, page),
        (Pane::HeatMap, Action::Left | Action::Right) => heat_map::step(state, snapshot, action),
        (Pane::HeatMap | Pane::Drift, _) => state.feature = next_feature(state.feature, snapshot, action),
        (Pane::Models, _) => state.models.step(snapshot, action),
        (Pane::Detail, _) => scroll_detail(state, snapshot, action),
    }
    Vec::new()
}

/// The feature some places on, in the order in which both panes show them.
fn next_feature(feature: usize, snapshot: &Snapshot, action: Action) -> usize {
    const JUMP: usize = 8;
    let order = ranking(&snapshot.drift.features, &snapshot.importance);
    let here = order.iter().position(|place| *place == feature).unwrap_or_default();
    let last = order.len().saturating_sub(1);
    let there = match action {
        Action::Up => here.saturating_sub(1),
        Action::Down => here + 1,
        Action::PageUp => here.saturating_sub(JUMP),
        Action::PageDown => here + JUMP,
        Action::Top => 0,
        Action::Bottom => last,
        _ => here,
    };
    order.get(there.min(last)).copied().unwrap_or_default()
}

/// Another length of time on the heat map, which gets the keys: the next ones go through it.
fn zoom(state: &mut ViewState, action: Action) -> Vec<Intent> {
    state.heat_map.zoom(action);
    focus(state, Pane::HeatMap)
}

fn scroll_detail(state: &mut ViewState, snapshot: &Snapshot, action: Action) {
    let body = state.places(snapshot).body;
    let (now, theme) = (state.now, state.theme);
    let Some(open) = state.detail.as_mut() else { return };
    let content = detail::content::content(open, snapshot, now, theme, detail::columns(body));
    match action {
        Action::Next | Action::Previous => open.seek(action, &content.excerpts, detail::page(body)),
        _ => open.step(action, content.lines.len(), detail::page(body)),
    }
}

fn sort(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    let page = history_page(state, snapshot);
    if state.focus == Pane::History {
        state.history.sort(snapshot, page);
    }
    Vec::new()
}

fn seek(state: &mut ViewState, snapshot: &Snapshot, action: Action) -> Vec<Intent> {
    let page = history_page(state, snapshot);
    match state.focus {
        Pane::Detail => scroll_detail(state, snapshot, action),
        Pane::History if !state.history.seek(snapshot, action, page) => {
            state.say(
                Role::Dim,
                "no other uncertain failure without a label that way, in the rows loaded",
            );
        }
        Pane::History | Pane::HeatMap | Pane::Drift | Pane::Models => {}
    }
    Vec::new()
}

/// The failure that keys act on: the open one, or the one under the cursor.
fn subject<'a>(state: &'a ViewState, snapshot: &'a Snapshot) -> Option<&'a Failure> {
    match state.focus {
        Pane::Detail => state.detail.as_ref().map(|open| &open.dossier.failure),
        Pane::History => state.history.failure(snapshot),
        Pane::HeatMap | Pane::Drift | Pane::Models => None,
    }
}

fn nothing_chosen(state: &mut ViewState) -> Vec<Intent> {
    state.say(Role::Warning, "choose a failure in the history first");
    Vec::new()
}

fn correct(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    match subject(state, snapshot).map(correction::State::new) {
        Some(correction) => open_pop_up(state, PopUp::Correction(Box::new(correction))),
        None => nothing_chosen(state),
    }
}

fn correct_group(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    match subject(state, snapshot).map(|failure| {
        (
            failure.verdict.fingerprint.is_some(),
            correction::State::of_group(failure),
        )
    }) {
        Some((true, correction)) => open_pop_up(state, PopUp::Correction(Box::new(correction))),
        Some((false, _)) => {
            state.say(
                Role::Warning,
                "no line says why this one failed, so nothing is known to have failed the same way",
            );
            Vec::new()
        }
        None => nothing_chosen(state),
    }
}

fn retrain(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    if snapshot.retraining.running.is_some() {
        state.say(
            Role::Warning,
            "a retraining is under way; the models pane shows it and can cancel it",
        );
        return Vec::new();
    }
    if snapshot.totals.corrections == 0 {
        state.say(
            Role::Warning,
            "there is no correction to learn from; correct some failures first",
        );
        return Vec::new();
    }
    let asked = question::State::retrain(snapshot, &state.actor);
    open_pop_up(state, PopUp::Question(Box::new(asked)))
}

fn cancel_retraining(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    if snapshot.retraining.running.is_none() {
        state.say(Role::Dim, "no retraining is under way");
        return Vec::new();
    }
    state.say(Role::Dim, "cancelling…");
    vec![Intent::Send(Command::CancelRetraining)]
}

fn promote(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    let asked = match state.models.selected(snapshot) {
        None => Err("there is no model to promote".to_owned()),
        Some(model) if model.live => Err(format!("model {} is live already", model.version)),
        Some(model) => Ok(question::State::promote(model, &snapshot.model_version, &state.actor)),
    };
    asked_about(state, asked)
}

fn roll_back(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    let asked = question::State::roll_back(snapshot, &state.actor);
    asked_about(state, Ok(asked))
}

fn asked_about(state: &mut ViewState, asked: Result<question::State, String>) -> Vec<Intent> {
    match asked {
        Ok(asked) => open_pop_up(state, PopUp::Question(Box::new(asked))),
        Err(why) => {
            state.say(Role::Warning, why);
            Vec::new()
        }
    }
}

/// Accepts or rejects the oldest proposal on the failure that is chosen.
fn decide(state: &mut ViewState, snapshot: &Snapshot, action: Action) -> Vec<Intent> {
    let Some(id) = subject(state, snapshot).map(Failure::id) else {
        return nothing_chosen(state);
    };
    let Some(proposal) = proposals::on(snapshot, id).next().map(|proposal| proposal.id) else {
        state.say(Role::Dim, format!("nobody proposes anything for #{id}"));
        return Vec::new();
    };
    decided(state, proposal, action)
}

/// Accepts or rejects a proposal.
pub(super) fn decided(state: &mut ViewState, proposal: i64, action: Action) -> Vec<Intent> {
    let actor = state.actor.clone();
    let command = match action {
        Action::Accept => Command::Accept { proposal, actor },
        _ => Command::Reject { proposal, actor },
    };
    vec![Intent::Send(state.ledger.decide(command))]
}

fn turn(state: &mut ViewState, turn: Turn) -> Vec<Intent> {
    taken(state.ledger.take(turn))
}

/// What an undo or a redo comes to.
pub(super) fn taken(taken: Taken) -> Vec<Intent> {
    match taken {
        Taken::Send(command) => vec![Intent::Send(command)],
        Taken::Later => Vec::new(),
    }
}

fn copy(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    let Some(text) = subject(state, snapshot).map(|failure| copied(state, failure)) else {
        return match heat_map::copied(state, snapshot) {
            Some(text) => pop_up::copy(state, &text),
            None => nothing_chosen(state),
        };
    };
    pop_up::copy(state, &text)
}

/// In a failure the lines under the cursor; in the history the row in one line.
fn copied(state: &ViewState, failure: &Failure) -> String {
    let open = state.detail.as_ref().filter(|_| state.focus == Pane::Detail);
    if let Some(excerpt) = open.and_then(|open| failure.verdict.evidence.get(open.excerpt)) {
        return excerpt.text.clone();
    }
    let (job, verdict) = (&failure.job, &failure.verdict);
    let head = format!("#{} {} {}", failure.id(), verdict.label, percent(verdict.confidence));
    let rest = [job.repository.as_deref(), job.job.as_deref(), job.url.as_deref()];
    let rest = rest.into_iter().flatten().map(visible);
    std::iter::once(head).chain(rest).collect::<Vec<_>>().join("  ")
}

fn link(state: &mut ViewState, snapshot: &Snapshot) -> Vec<Intent> {
    match subject(state, snapshot).map(|failure| failure.job.url.clone()) {
        Some(Some(url)) => open_pop_up(state, PopUp::Link(url)),
        Some(None) => {
            state.say(Role::Dim, "this failure came without a link");
            Vec::new()
        }
        None => nothing_chosen(state),
    }
}

fn next_depth(state: &mut ViewState) -> Vec<Intent> {
    state.theme.depth = state.theme.depth.next();
    state.say(Role::Accent, format!("colours: {}", state.theme.depth.name()));
    Vec::new()
}
