//! What comes from a terminal, whoever made the bytes: a local tty, an SSH channel, a Unix socket.

use crossterm::event::{Event, KeyEvent, KeyEventKind, MouseEventKind};
use ratatui::layout::Size;

/// One thing that happened at a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed.
    Key(KeyEvent),
    /// A text was pasted whole.
    Paste(String),
    /// The wheel turned away from the hand.
    WheelUp,
    /// The wheel turned towards the hand.
    WheelDown,
    /// The screen has a new size.
    Resized(Size),
}

impl Input {
    /// The input of an event; `None` for what nothing here listens to (releases of keys, focus, mouse moves).
    #[must_use]
    pub fn from_event(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Some(Self::Key(key)),
            Event::Paste(text) => Some(Self::Paste(text)),
            Event::Resize(width, height) => Some(Self::Resized(Size::new(width, height))),
            Event::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollUp => Some(Self::WheelUp),
                MouseEventKind::ScrollDown => Some(Self::WheelDown),
                _ => None,
            },
            Event::Key(_) | Event::FocusGained | Event::FocusLost => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};

    #[test]
    fn a_key_counts_when_pressed_and_not_when_released() {
        let mut key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE);
        assert_eq!(Input::from_event(Event::Key(key)), Some(Input::Key(key)));
        key.kind = KeyEventKind::Release;
        assert_eq!(Input::from_event(Event::Key(key)), None);
        assert_eq!(
            Input::from_event(Event::Resize(9, 5)),
            Some(Input::Resized(Size::new(9, 5)))
        );
    }
}
