//! The keys and what they do, printed from the key map; and what the signs mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::tui::keymap::{KeyMap, Scope};
use crate::tui::layout::middle;
use crate::tui::panes::history::filter;
use crate::tui::panes::{frame, paint, popped};
use crate::tui::state::ViewState;
use crate::tui::text::fit;
use crate::tui::theme::{Role, Theme};

/// Wide enough for the line about filters.
const WIDTH: u16 = 80;

/// Columns of the keys.
const KEY_COLUMNS: usize = 16;

/// What the signs on the screen mean.
const SIGNS: [(&str, &str); 6] = [
    ("93%", "calibrated confidence of the model's word"),
    ("?", "uncertain: a person should look; the reason stands beside it"),
    ("✓", "a person has spoken; the label is theirs"),
    (
        "△ ▲",
        "drift of a feature: moderate, severe; by chance in at most 5 of 100 windows",
    ),
    ("·", "not enough data to say anything"),
    (".12", "PSI of a window against the training data"),
];

/// Paints it over the body.
pub fn view(state: &ViewState, scroll: usize, body: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let lines = lines(&state.keys, theme);
    let wanted = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let area = middle(body, WIDTH, wanted);
    let page = page(body);
    let scroll = scroll.min(lines.len().saturating_sub(page));
    let below = lines.len().saturating_sub(scroll + page);
    let more = if below > 0 {
        format!(" {below} more lines ")
    } else {
        String::new()
    };
    let block = frame(theme, true, Line::styled(" Help ", theme.role(Role::Title)))
        .title_bottom(Line::styled(more, theme.role(Role::Dim)).right_aligned());
    let inside = popped(block, area, screen);
    paint(lines.into_iter().skip(scroll).take(page).collect(), inside, screen);
}

/// Lines of text on a body of this size.
#[must_use]
pub fn page(body: Rect) -> usize {
    usize::from(body.height.saturating_sub(2))
}

/// How far the page can be scrolled.
#[must_use]
pub fn last_scroll(keys: &KeyMap, theme: Theme, body: Rect) -> usize {
    lines(keys, theme).len().saturating_sub(page(body))
}

fn lines(keys: &KeyMap, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let entry = |key: &str, text: &str| {
        let key = Span::styled(fit(&format!("  {key}"), KEY_COLUMNS), theme.role(Role::Accent));
        Line::from(vec![key, Span::raw(text.to_owned())])
    };
    for scope in Scope::ALL {
        lines.push(Line::styled(format!(" {}", scope.heading()), theme.role(Role::Title)));
        if scope == Scope::Correction {
            lines.push(entry("1..9 0", "save as this class and move on"));
        }
        let here = keys.bindings().iter().filter(|binding| binding.scope == scope);
        lines.extend(here.map(|binding| entry(&binding.keys(), binding.action.help())));
        lines.push(Line::default());
    }
    lines.push(Line::styled(" What a filter can say", theme.role(Role::Title)));
    lines.push(Line::raw(format!("  {}", filter::SYNTAX)));
    lines.push(Line::default());
    lines.push(Line::styled(" Signs", theme.role(Role::Title)));
    lines.extend(SIGNS.iter().map(|(sign, meaning)| entry(sign, meaning)));
    lines
}
