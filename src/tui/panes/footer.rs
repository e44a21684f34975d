//! The foot of the screen: what was said last, or the most useful keys of the pane that has them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::snapshot::Snapshot;
use crate::store::Failure;
use crate::tui::keymap::Scope;
use crate::tui::layout::Pane;
use crate::tui::message::Action;
use crate::tui::panes::{paint, proposals};
use crate::tui::state::{PopUp, ViewState};
use crate::tui::text::{clip, visible, width};
use crate::tui::theme::Role;

/// Paints it.
pub fn view(state: &ViewState, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let columns = usize::from(area.width);
    let line = match (&state.notice, &state.pop_up) {
        (Some(notice), None | Some(PopUp::Help { .. } | PopUp::Link(_) | PopUp::Proposals(_))) => Line::styled(
            clip(&format!(" {}", visible(&notice.text)), columns),
            state.theme.role(notice.role),
        ),
        (_, None) => {
            let decide: &[Action] = if is_proposed(state, snapshot) { &DECIDE } else { &[] };
            hints(state, &[decide, pane_keys(state.focus)].concat(), columns)
        }
        (_, Some(pop_up)) => hints(state, pop_up_keys(pop_up), columns),
    };
    paint(vec![line], area, screen);
}

/// What can be done where an agent proposes something.
const DECIDE: [Action; 2] = [Action::Accept, Action::Reject];

/// Whether something is proposed for the failure that keys are about now.
fn is_proposed(state: &ViewState, snapshot: &Snapshot) -> bool {
    let failure = match state.focus {
        Pane::Detail => state.detail.as_ref().map(|open| open.id()),
        Pane::History => state.history.failure(snapshot).map(Failure::id),
        Pane::HeatMap | Pane::Drift | Pane::Models => None,
    };
    failure.is_some_and(|id| proposals::on(snapshot, id).next().is_some())
}

const fn pane_keys(pane: Pane) -> &'static [Action] {
    match pane {
        Pane::History => &[
            Action::Help,
            Action::Quit,
            Action::Open,
            Action::Correct,
            Action::Undo,
            Action::Filter,
            Action::Next,
            Action::CorrectGroup,
            Action::Sort,
            Action::NextPane,
            Action::Drift,
            Action::Models,
            Action::Palette,
        ],
        Pane::HeatMap => &[
            Action::Help,
            Action::Quit,
            Action::Open,
            Action::ZoomOut,
            Action::ZoomIn,
            Action::NextPane,
            Action::Back,
            Action::Drift,
        ],
        Pane::Detail => &[
            Action::Help,
            Action::Quit,
            Action::Back,
            Action::Correct,
            Action::Undo,
            Action::Next,
            Action::Copy,
            Action::Link,
            Action::NextPane,
        ],
        Pane::Models => &[
            Action::Help,
            Action::Quit,
            Action::Back,
            Action::Retrain,
            Action::Promote,
            Action::RollBack,
            Action::CancelRetraining,
            Action::NextPane,
        ],
        Pane::Drift => &[Action::Help, Action::Quit, Action::Back, Action::NextPane],
    }
}

const fn pop_up_keys(pop_up: &PopUp) -> &'static [Action] {
    match pop_up {
        PopUp::Help { .. } => &[Action::Back, Action::PageDown, Action::PageUp, Action::Quit],
        PopUp::Correction(_) | PopUp::Question(_) => &[],
        PopUp::Link(_) => &[Action::Back, Action::Copy],
        PopUp::Proposals(_) => &[Action::Accept, Action::Reject, Action::Open, Action::Undo, Action::Back],
        PopUp::Filter { .. } | PopUp::Palette(_) => &[Action::Open, Action::Back],
    }
}

/// As many hints as fit, the first ones of the list before the others; help and quit stand at the right.
fn hints(state: &ViewState, actions: &[Action], columns: usize) -> Line<'static> {
    let theme = state.theme;
    let scope = match state.pop_up {
        Some(PopUp::Filter { .. } | PopUp::Palette(_)) => Scope::Prompt,
        None if state.focus == Pane::Models => Scope::Models,
        _ => Scope::Failures,
    };
    let is_last = |action: &Action| matches!(action, Action::Help | Action::Quit);
    let (last, first): (Vec<Action>, Vec<Action>) = actions.iter().copied().partition(is_last);
    let wide = |action: Action| hint_width(state, scope, action);
    let mut room = columns.saturating_sub(1 + last.iter().copied().map(wide).sum::<usize>());
    let mut shown: Vec<Action> = Vec::new();
    for action in first {
        if wide(action) <= room {
            room -= wide(action);
            shown.push(action);
        }
    }
    let mut spans = vec![Span::raw(" ")];
    for action in shown.into_iter().chain(last) {
        spans.push(Span::styled(state.keys.key_of(scope, action), theme.role(Role::Accent)));
        spans.push(Span::styled(format!(" {}  ", action.hint()), theme.role(Role::Dim)));
    }
    Line::from(spans)
}

fn hint_width(state: &ViewState, scope: Scope, action: Action) -> usize {
    width(&state.keys.key_of(scope, action)) + width(action.hint()) + 3
}
