//! Commands by name, for who does not know the key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::tui::keymap::{Binding, KeyMap, Scope};
use crate::tui::layout::middle;
use crate::tui::message::Action;
use crate::tui::panes::{frame, paint, popped};
use crate::tui::prompt::Prompt;
use crate::tui::state::ViewState;
use crate::tui::text::{clip, fit};
use crate::tui::theme::Role;

const WIDTH: u16 = 66;
const ROWS: u16 = 10;

/// A command being typed.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The line.
    pub prompt: Prompt,
    cursor: usize,
}

impl State {
    /// An empty line.
    #[must_use]
    pub fn new() -> Self {
        Self {
            prompt: Prompt::new(""),
            cursor: 0,
        }
    }

    /// The commands whose name or meaning holds what was typed; names that begin with it first.
    #[must_use]
    pub fn found<'a>(&self, keys: &'a KeyMap) -> Vec<&'a Binding> {
        let typed = self.prompt.text().trim().to_lowercase();
        let fits = |binding: &&Binding| {
            let action = binding.action;
            is_command(binding) && (action.name().contains(&typed) || action.help().contains(&typed))
        };
        let mut found: Vec<&Binding> = keys.bindings().iter().filter(fits).collect();
        found.sort_by_key(|binding| !binding.action.name().starts_with(&typed));
        found
    }

    /// The command under the cursor.
    #[must_use]
    pub fn chosen(&self, keys: &KeyMap) -> Option<Action> {
        self.found(keys).get(self.cursor).map(|binding| binding.action)
    }

    /// What was typed has changed.
    pub fn typed(&mut self) {
        self.cursor = 0;
    }

    /// Moves the cursor.
    pub fn step(&mut self, action: Action, keys: &KeyMap) {
        let last = self.found(keys).len().saturating_sub(1);
        self.cursor = match action {
            Action::Up => self.cursor.saturating_sub(1),
            _ => (self.cursor + 1).min(last),
        };
    }
}

/// Moves are keys, not commands.
fn is_command(binding: &Binding) -> bool {
    let moves = matches!(
        binding.action,
        Action::Up | Action::Down | Action::Left | Action::Right | Action::PageUp | Action::PageDown | Action::Palette
    );
    matches!(binding.scope, Scope::Everywhere | Scope::Failures) && !moves
}

/// Paints it over the body.
pub fn view(state: &ViewState, palette: &State, body: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let area = middle(body, WIDTH, ROWS + 3);
    let block = frame(theme, true, Line::styled(" Commands ", theme.role(Role::Title)));
    let inside = popped(block, area, screen);
    let line = Rect {
        x: inside.x + 2.min(inside.width),
        width: inside.width.saturating_sub(2),
        height: 1.min(inside.height),
        ..inside
    };
    paint(
        vec![Line::styled(":", theme.role(Role::Accent))],
        Rect {
            height: line.height,
            ..inside
        },
        screen,
    );
    palette.prompt.area().render(line, screen);
    let list = Rect {
        y: inside.y + line.height,
        height: inside.height - line.height,
        ..inside
    };
    let columns = usize::from(list.width);
    let rows = usize::from(list.height);
    let found = palette.found(&state.keys);
    let first = (palette.cursor + 1).saturating_sub(rows);
    let shown = found.iter().enumerate().skip(first).take(rows);
    let mut lines: Vec<_> = shown
        .map(|(place, binding)| entry(state, binding, place == palette.cursor, columns))
        .collect();
    if lines.is_empty() {
        lines.push(Line::styled("  no such command", theme.role(Role::Dim)));
    }
    paint(lines, list, screen);
}

fn entry(state: &ViewState, binding: &Binding, here: bool, columns: usize) -> Line<'static> {
    let theme = state.theme;
    let marker = if here { "▸ " } else { "  " };
    let name = fit(&format!("{marker}{}", binding.action.name()), 18);
    let text = format!("{} {}", fit(&binding.keys(), 10), binding.action.help());
    if here {
        return Line::styled(fit(&format!("{name}{text}"), columns), theme.role(Role::Selected));
    }
    let rest = clip(&text, columns.saturating_sub(18));
    Line::from(vec![Span::raw(name), Span::styled(rest, theme.role(Role::Dim))])
}
