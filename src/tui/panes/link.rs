//! The link of a run, whole, to be read or copied. A browser is never started: this may be a terminal far away.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Widget, Wrap};

use crate::tui::layout::middle;
use crate::tui::panes::{frame, popped};
use crate::tui::state::ViewState;
use crate::tui::text::{visible, width};
use crate::tui::theme::Role;

/// Paints it over the body, broken where it is too long for a line.
pub fn view(state: &ViewState, link: &str, body: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let text = visible(link);
    let columns = body.width.saturating_sub(4).max(1);
    let rows = u16::try_from(width(&text)).unwrap_or(u16::MAX).div_ceil(columns);
    let area = middle(body, body.width, rows.saturating_add(2));
    let block = frame(theme, true, Line::styled(" The run's link ", theme.role(Role::Title)));
    let inside = popped(block, area, screen);
    let inside = Rect {
        x: inside.x + 1.min(inside.width),
        width: inside.width.saturating_sub(2),
        ..inside
    };
    Paragraph::new(text)
        .style(theme.role(Role::Accent))
        .wrap(Wrap { trim: false })
        .render(inside, screen);
}
