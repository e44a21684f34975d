//! Where a session paints, and the painter for everything that takes a terminal's bytes.

use std::io::{self, Write};

use base64::Engine as _;
use crossterm::queue;
use crossterm::style::{ResetColor, force_color_output};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::state::ViewState;
use super::view::view;
use crate::app::snapshot::Snapshot;

/// Something a session paints on.
pub trait Surface {
    /// Shows the state, writing only what differs from what is shown.
    ///
    /// # Errors
    ///
    /// If the other end is gone.
    fn draw(&mut self, state: &ViewState, snapshot: &Snapshot) -> io::Result<()>;

    /// Puts a text on the clipboard of the person's machine.
    ///
    /// # Errors
    ///
    /// If the other end is gone.
    fn copy(&mut self, text: &str) -> io::Result<()>;
}

/// Paints on anything that takes a terminal's bytes. It asks the terminal nothing: neither its size nor its cursor, so
/// that it serves one at the far end of a channel as well. A frame is one write.
#[derive(Debug)]
pub struct Painter<W> {
    out: W,
    shown: Buffer,
}

impl<W: Write> Painter<W> {
    /// A painter on an empty screen. The theme alone decides on colours, so that `NO_COLOR` of this process does not
    /// rule a terminal elsewhere.
    #[must_use]
    pub fn new(out: W) -> Self {
        force_color_output(true);
        Self {
            out,
            shown: Buffer::empty(Rect::new(0, 0, 0, 0)),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.out.flush()
    }
}

impl<W: Write> Surface for Painter<W> {
    fn draw(&mut self, state: &ViewState, snapshot: &Snapshot) -> io::Result<()> {
        let mut next = Buffer::empty(Rect::from((Position::ORIGIN, state.size)));
        view(state, snapshot, &mut next);
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        let is_new = self.shown.area != next.area;
        if is_new {
            queue!(bytes, ResetColor, Clear(ClearType::All))?;
            self.shown = Buffer::empty(next.area);
        }
        let changes = self.shown.diff(&next);
        if changes.is_empty() && !is_new {
            return Ok(());
        }
        CrosstermBackend::new(&mut bytes).draw(changes.into_iter())?;
        queue!(bytes, EndSynchronizedUpdate)?;
        self.shown = next;
        self.send(&bytes)
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        self.send(format!("\x1b]52;c;{encoded}\x07").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;
    use crate::tui::message::{Action, Message};
    use crate::tui::update::update;
    use ratatui::layout::Size;

    #[test]
    fn a_frame_that_shows_nothing_new_writes_nothing() {
        let (state, snapshot) = (fixture::state(80, 24), fixture::full());
        let mut painter = Painter::new(Vec::new());
        painter.draw(&state, &snapshot).expect("a vector");
        let first = painter.out.len();
        painter.draw(&state, &snapshot).expect("a vector");
        assert!(first > 1_000 && painter.out.len() == first);
    }

    #[test]
    fn a_new_size_starts_on_a_cleared_screen() {
        let (mut state, snapshot) = (fixture::state(80, 24), fixture::full());
        let mut painter = Painter::new(Vec::new());
        painter.draw(&state, &snapshot).expect("a vector");
        painter.out.clear();
        state.size = Size::new(100, 30);
        painter.draw(&state, &snapshot).expect("a vector");
        assert!(String::from_utf8_lossy(&painter.out).contains("\x1b[2J"));
    }

    #[test]
    fn a_copied_text_travels_encoded() {
        let mut painter = Painter::new(Vec::new());
        painter.copy("a\nb").expect("a vector");
        assert_eq!(painter.out, b"\x1b]52;c;YQpi\x07");
    }

    #[test]
    fn no_hostile_byte_of_a_log_reaches_the_terminal() {
        let snapshot = fixture::hostile();
        for keys in ["", "enter", "c", "o", "c a", "esc / a", "d"] {
            let mut state = fixture::state(100, 30);
            update(&mut state, &snapshot, Message::Changed);
            let row = Message::Act(Action::Open);
            if keys == "enter" {
                update(&mut state, &snapshot, row);
            } else {
                fixture::press(&mut state, &snapshot, keys);
            }
            let mut painter = Painter::new(Vec::new());
            painter.draw(&state, &snapshot).expect("a vector");
            let text = String::from_utf8(painter.out).expect("UTF-8");
            assert!(
                !text.contains("\x1b]0;") && !text.contains('\u{7}') && !text.contains('\u{202e}'),
                "{keys}"
            );
            assert!(text.contains("<U+202E>"), "{keys}: it is shown instead");
        }
    }
}
