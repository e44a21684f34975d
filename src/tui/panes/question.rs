//! A question before something that everybody feels: yes is one key of its own, everything else is no.
//!
//! ```text
//! ╭ Promote v3? ───────────────────────────────────────╮
//! │ v2 serves now; v3 serves from the next failure on. │
//! ╰ y yes  enter no ───────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};

use crate::app::command::Command;
use crate::app::snapshot::Snapshot;
use crate::registry::ModelInfo;
use crate::training::gate::Outcome;
use crate::tui::keymap::Scope;
use crate::tui::layout::middle;
use crate::tui::message::Action;
use crate::tui::panes::{frame, popped};
use crate::tui::state::ViewState;
use crate::tui::text::{clip, counted, visible};
use crate::tui::theme::Role;

const WIDTH: u16 = 66;
const HEIGHT: u16 = 7;

/// Why a change was asked for, in the ledger.
const BY_TERMINAL: &str = "asked for in the terminal";

/// A question, and what is sent on a yes.
#[derive(Debug, Clone)]
pub struct State {
    title: String,
    text: String,
    command: Command,
}

impl State {
    /// Whether to fit a challenger.
    #[must_use]
    pub fn retrain(snapshot: &Snapshot, actor: &str) -> Self {
        let waiting = snapshot.corrections_waiting;
        Self {
            title: "Retrain?".into(),
            text: format!(
                "A challenger learns from the corpus and {}; {waiting} of them no model has seen. It takes minutes, in the \
                 background. Only what the gate finds better goes live.",
                counted(snapshot.totals.corrections, "correction")
            ),
            command: Command::Retrain {
                actor: actor.to_owned(),
                reason: BY_TERMINAL.to_owned(),
            },
        }
    }

    /// Whether to make a version live.
    #[must_use]
    pub fn promote(model: &ModelInfo, live: &str, actor: &str) -> Self {
        let kept_out = model
            .decision
            .as_ref()
            .filter(|decision| decision.outcome == Outcome::Keep);
        let warning = kept_out
            .and_then(|decision| decision.reasons.first())
            .map(|why| format!(" The gate kept it out: {why}."))
            .unwrap_or_default();
        Self {
            title: format!("Promote {}?", model.version),
            text: format!(
                "{live} serves now; {} would from the next failure on.{warning}",
                model.version
            ),
            command: Command::Promote {
                version: model.version.clone(),
                actor: actor.to_owned(),
                reason: BY_TERMINAL.to_owned(),
            },
        }
    }

    /// Whether to go back to the version before.
    #[must_use]
    pub fn roll_back(snapshot: &Snapshot, actor: &str) -> Self {
        let live = &snapshot.model_version;
        let mut earlier = snapshot.registry.ledger.iter();
        let before = earlier.find(|entry| entry.action.makes_live() && entry.version != *live);
        let before = before.map_or("The version that was live before", |entry| entry.version.as_str());
        Self {
            title: format!("Roll back from {live}?"),
            text: format!("{before} serves again, from the next failure on."),
            command: Command::RollBack {
                actor: actor.to_owned(),
                reason: BY_TERMINAL.to_owned(),
            },
        }
    }

    /// What is sent on a yes.
    #[must_use]
    pub fn command(&self) -> Command {
        self.command.clone()
    }
}

/// Paints it over the body.
pub fn view(state: &ViewState, asked: &State, body: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let area = middle(body, WIDTH, HEIGHT);
    let title = Line::styled(format!(" {} ", visible(&asked.title)), theme.role(Role::Title));
    let key = |action| state.keys.key_of(Scope::Question, action);
    let keys = format!(" {} yes  {} no ", key(Action::Yes), key(Action::No));
    let keys = clip(&keys, usize::from(area.width.saturating_sub(2)));
    let block = frame(theme, true, title).title_bottom(Line::styled(keys, theme.role(Role::Accent)));
    let inside = popped(block, area, screen);
    let inside = Rect {
        x: inside.x + 1.min(inside.width),
        width: inside.width.saturating_sub(2),
        ..inside
    };
    Paragraph::new(visible(&asked.text))
        .wrap(Wrap { trim: true })
        .render(inside, screen);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn a_roll_back_names_the_version_that_would_serve() {
        let mut snapshot = fixture::with_models();
        snapshot.model_version = "v3".into();
        let asked = State::roll_back(&snapshot, "ada");
        assert_eq!(asked.text, "v1 serves again, from the next failure on.");
    }
}
