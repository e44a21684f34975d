//! The line in which a filter is typed, over the foot of the body. The rows above follow while it is typed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::filter::SYNTAX;
use crate::tui::panes::{frame, paint, popped};
use crate::tui::prompt::Prompt;
use crate::tui::state::ViewState;
use crate::tui::text::{clip, visible};
use crate::tui::theme::Role;

/// Paints it.
pub fn view(state: &ViewState, prompt: &Prompt, body: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let height = 3.min(body.height);
    let area = Rect {
        y: body.bottom() - height,
        height,
        ..body
    };
    let room = usize::from(area.width).saturating_sub(4);
    let hint = match &state.history.asked().unclear {
        Some(unclear) => Line::styled(
            clip(&format!(" {} ", visible(unclear)), room),
            theme.role(Role::Warning),
        ),
        None => Line::styled(clip(&format!(" {SYNTAX} "), room), theme.role(Role::Dim)),
    };
    let block = frame(theme, true, Line::styled(" Filter ", theme.role(Role::Title))).title_bottom(hint);
    let inside = popped(block, area, screen);
    paint(vec![Line::styled("/", theme.role(Role::Accent))], inside, screen);
    let line = Rect {
        x: inside.x + 1.min(inside.width),
        width: inside.width.saturating_sub(1),
        ..inside
    };
    prompt.area().render(line, screen);
}
