//! One line being typed: a filter, a command.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Style;
use tui_textarea::{CursorMove, TextArea};

use super::text::harmless;

/// The longest line, in characters.
const MAX_CHARS: usize = 200;

/// A line of text with a cursor.
#[derive(Debug, Clone, Default)]
pub struct Prompt {
    area: TextArea<'static>,
}

impl Prompt {
    /// A line that says this, the cursor behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut area = TextArea::new(vec![text.to_owned()]);
        area.set_cursor_line_style(Style::new());
        area.move_cursor(CursorMove::End);
        Self { area }
    }

    /// What it says.
    #[must_use]
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    /// Takes a key. Line breaks and what would make it too long are ignored.
    pub fn type_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let is_full = self.text().chars().count() >= MAX_CHARS;
        match key.code {
            KeyCode::Enter => {}
            KeyCode::Char('m') if control => {}
            KeyCode::Char(_) if !control && is_full => {}
            _ => {
                self.area.input(key);
            }
        }
    }

    /// Takes a pasted text as one line.
    pub fn paste(&mut self, text: &str) {
        let room = MAX_CHARS.saturating_sub(self.text().chars().count());
        let line: String = harmless(text).replace(['\n', '\t'], " ").chars().take(room).collect();
        self.area.insert_str(line);
    }

    /// The widget.
    #[must_use]
    pub const fn area(&self) -> &TextArea<'static> {
        &self.area
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_text_stays_one_harmless_line_of_bounded_length() {
        let mut prompt = Prompt::new("a");
        prompt.paste("b\r\nc\u{1b}[2J\u{202e}");
        assert_eq!(prompt.text(), "ab c[2J");
        prompt.paste(&"x".repeat(1_000));
        assert_eq!(prompt.text().chars().count(), MAX_CHARS);
        prompt.type_key(KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE));
        assert_eq!(prompt.text().chars().count(), MAX_CHARS);
        prompt.type_key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE));
        assert_eq!(prompt.area().lines().len(), 1);
    }
}
