//! The models: versions with their figures side by side; below, what the one under the cursor changed, or the ledger.
//!
//! ```text
//! ╭ Models ─ fitting 120 of 600 rounds, asked for by ada ─╮
//! │   version        came       macro-F1 calib. lessons   │
//! │ ▸ v3     ● live  promoted      0.853  0.021      48   │
//! │   v2             installed     0.849  0.020       0   │
//! │ v3 against v2: promoted                               │
//! │ ...                                                   │
//! ╰───────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::retraining::{Retraining, Running};
use crate::app::snapshot::Snapshot;
use crate::registry::{Entry, ModelInfo};
use crate::training::gate::{ClassChange, Comparison, GateDecision, Outcome};
use crate::tui::layout::{Pane, first_shown};
use crate::tui::message::Action;
use crate::tui::panes::{frame, framed, paint};
use crate::tui::state::ViewState;
use crate::tui::text::{ago, clip, fit, fit_right, visible};
use crate::tui::theme::{Role, Theme};

/// Versions shown at a time.
const SHOWN_VERSIONS: usize = 5;

/// What stands below the versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Below {
    #[default]
    Changes,
    Ledger,
}

/// What this screen knows of the pane.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The version under the cursor; the newest one where it is gone.
    version: Option<String>,
    below: Below,
}

impl State {
    fn index(&self, snapshot: &Snapshot) -> usize {
        let models = &snapshot.registry.models;
        let found = models
            .iter()
            .position(|model| Some(&model.version) == self.version.as_ref());
        found.unwrap_or_default()
    }

    /// The version under the cursor.
    #[must_use]
    pub fn selected<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a ModelInfo> {
        snapshot.registry.models.get(self.index(snapshot))
    }

    /// Up and down move the cursor, left and right change what stands below.
    pub fn step(&mut self, snapshot: &Snapshot, action: Action) {
        let last = snapshot.registry.models.len().saturating_sub(1);
        let index = self.index(snapshot);
        let index = match action {
            Action::Up | Action::PageUp => index.saturating_sub(1),
            Action::Down | Action::PageDown => index + 1,
            Action::Top => 0,
            Action::Bottom => last,
            Action::Left | Action::Right => {
                self.below = match self.below {
                    Below::Changes => Below::Ledger,
                    Below::Ledger => Below::Changes,
                };
                return;
            }
            _ => return,
        };
        let chosen = snapshot.registry.models.get(index.min(last));
        self.version = chosen.map(|model| model.version.clone());
    }
}

/// How far a retraining is, in a few words.
#[must_use]
pub fn progress_words(running: &Running) -> String {
    match running.of {
        0 => format!("retraining: {}", running.stage.name()),
        of => format!("retraining: {} {} of {of} rounds", running.stage.name(), running.done),
    }
}

/// Paints it over the body.
pub fn view(state: &ViewState, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let block = frame(theme, state.focus == Pane::Models, title(state, &snapshot.retraining));
    let inside = framed(block, area, screen);
    let columns = usize::from(inside.width);
    let mut lines = Vec::new();
    if let Some(notice) = &snapshot.registry.notice {
        lines.push(Line::styled(
            clip(&format!("✖ {}", visible(notice)), columns),
            theme.role(Role::Bad),
        ));
    }
    lines.extend(versions(state, snapshot, columns));
    lines.push(Line::default());
    match (state.models.below, state.models.selected(snapshot)) {
        (Below::Ledger, _) | (_, None) => lines.extend(ledger(state, &snapshot.registry.ledger, columns)),
        (Below::Changes, Some(model)) => lines.extend(changes(theme, model, columns)),
    }
    lines.truncate(usize::from(inside.height));
    paint(lines, inside, screen);
}

fn title(state: &ViewState, retraining: &Retraining) -> Line<'static> {
    let words = match (&retraining.running, &retraining.last) {
        (Some(running), _) => format!("{}, asked for by {}", progress_words(running), visible(&running.actor)),
        (None, Some(last)) => format!(
            "last retraining {} ago: {}",
            ago(state.now, last.at),
            last.ending.name()
        ),
        (None, None) => "h l: what changed, ledger".to_owned(),
    };
    Line::from(vec![
        Span::styled(" Models ", state.theme.role(Role::Title)),
        Span::styled(format!("{words} "), state.theme.role(Role::Dim)),
    ])
}

fn versions(state: &ViewState, snapshot: &Snapshot, columns: usize) -> Vec<Line<'static>> {
    let theme = state.theme;
    let models = &snapshot.registry.models;
    let here = state.models.index(snapshot);
    let first = first_shown(here, models.len(), SHOWN_VERSIONS);
    let heading = format!(
        "  {} {} {} {} {} {} {}",
        fit("version", 7),
        fit("", 6),
        fit("came", 13),
        fit_right("ago", 5),
        fit_right("macro-F1", 9),
        fit_right("calib.", 7),
        fit_right("lessons", 8)
    );
    let mut lines = vec![Line::styled(clip(&heading, columns), theme.role(Role::Dim))];
    let shown = models.iter().enumerate().skip(first).take(SHOWN_VERSIONS);
    lines.extend(shown.map(|(place, model)| {
        let text = fit(&version(state, model, place == here), columns);
        let role = if place == here { Role::Selected } else { Role::Title };
        let style = if place == here || model.live {
            theme.role(role)
        } else {
            theme.role(Role::Dim)
        };
        Line::styled(text, style)
    }));
    lines
}

fn version(state: &ViewState, model: &ModelInfo, here: bool) -> String {
    let figures = model.figures();
    let figure = |name: &str| {
        figures
            .get(name)
            .map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
    };
    let lessons = model.card.as_ref().map_or(0, |card| card.lessons);
    format!(
        "{} {} {} {} {} {} {} {}",
        if here { "▸" } else { " " },
        fit(&visible(&model.version), 7),
        if model.live { "● live" } else { "      " },
        fit(model.came.map_or("", crate::registry::Action::words), 13),
        fit_right(&model.at.map(|at| ago(state.now, at)).unwrap_or_default(), 5),
        fit_right(&figure("macro_f1"), 9),
        fit_right(&figure("calibration_error"), 7),
        fit_right(&lessons.to_string(), 8),
    )
}

fn changes(theme: Theme, model: &ModelInfo, columns: usize) -> Vec<Line<'static>> {
    let Some(decision) = &model.decision else {
        let why = match model.came {
            Some(crate::registry::Action::Installed | crate::registry::Action::Added) => {
                "came with the program: nothing was compared"
            }
            _ => "has no decision of the gate that can be read",
        };
        let text = format!("{} {why}", visible(&model.version));
        return vec![Line::styled(clip(&text, columns), theme.role(Role::Dim))];
    };
    let (word, role) = match decision.outcome {
        Outcome::Promote => ("the gate let it pass", Role::Good),
        Outcome::Keep => ("the gate kept it out", Role::Warning),
    };
    let head = format!(
        "{} against {}: {word}",
        visible(&decision.challenger),
        visible(&decision.champion)
    );
    let mut lines = vec![Line::styled(clip(&head, columns), theme.role(role))];
    let reasons = decision.reasons.iter().take(2);
    lines.extend(reasons.map(|why| Line::raw(clip(&format!("  {}", visible(why)), columns))));
    lines.push(compared("set aside", &decision.frozen, columns));
    lines.push(compared("corrections", &decision.fresh, columns));
    lines.extend(by_class(theme, decision, columns));
    lines.extend(leans(decision, columns));
    lines
}

/// `leans more on words.timeout (8.1 % → 9.4 %), less on ...`.
fn leans(decision: &GateDecision, columns: usize) -> Option<Line<'static>> {
    let told = |word: &str, more: bool| {
        let moved = decision.features.iter().filter(|change| (change.moved() > 0.0) == more);
        let each: Vec<String> = moved
            .map(|change| {
                let (before, after) = (100.0 * change.champion, 100.0 * change.challenger);
                format!("{} ({before:.1} → {after:.1} %)", visible(&change.feature))
            })
            .collect();
        (!each.is_empty()).then(|| format!("{word} on {}", each.join(", ")))
    };
    let parts: Vec<String> = [told("more", true), told("less", false)]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| Line::raw(clip(&format!("  leans {}", parts.join("; ")), columns)))
}

fn compared(name: &str, comparison: &Comparison, columns: usize) -> Line<'static> {
    let (Some(champion_f1), Some(challenger_f1)) = (comparison.champion_f1, comparison.challenger_f1) else {
        return Line::raw(clip(&format!("  {} none held back", fit(name, 12)), columns));
    };
    let text = format!(
        "  {} {} logs  macro-F1 {:.3} → {:.3}  calib. {:.3} → {:.3}  +{} −{}",
        fit(name, 12),
        fit_right(&comparison.count.to_string(), 4),
        champion_f1,
        challenger_f1,
        comparison.champion_calibration,
        comparison.challenger_calibration,
        comparison.gained,
        comparison.lost
    );
    Line::raw(clip(&text, columns))
}

/// Two classes a line where they fit, one where not.
fn by_class(theme: Theme, decision: &GateDecision, columns: usize) -> Vec<Line<'static>> {
    const CELL: usize = 39;
    let cells: Vec<String> = decision.classes.iter().map(class_cell).collect();
    let a_line = if columns >= 2 * CELL { 2 } else { 1 };
    let heading = format!("  {} tests      F1", fit("", 21));
    let heading = if a_line == 2 {
        fit(&heading, CELL) + &heading
    } else {
        heading
    };
    let rows = cells.chunks(a_line).map(|row| {
        let row: String = row.iter().map(|cell| fit(cell, CELL)).collect();
        Line::raw(clip(&row, columns))
    });
    std::iter::once(Line::styled(clip(&heading, columns), theme.role(Role::Dim)))
        .chain(rows)
        .collect()
}

fn class_cell(change: &ClassChange) -> String {
    format!(
        "  {}{}  {:.2}→{:.2}",
        fit(change.class.name(), 20),
        fit_right(&change.support.to_string(), 5),
        change.champion_f1,
        change.challenger_f1
    )
}

fn ledger(state: &ViewState, entries: &[Entry], columns: usize) -> Vec<Line<'static>> {
    let theme = state.theme;
    let mut lines = vec![Line::styled("Ledger, newest first", theme.role(Role::Dim))];
    lines.extend(entries.iter().map(|entry| {
        let text = format!(
            "{} {} {} by {}: {}",
            fit_right(&ago(state.now, entry.at), 5),
            fit(entry.action.words(), 14),
            fit(&visible(&entry.version), 5),
            visible(&entry.actor),
            visible(&entry.reason)
        );
        Line::raw(clip(&text, columns))
    }));
    lines
}
