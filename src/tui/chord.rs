//! A key with its modifiers, as pressed and as written in settings and on the help page.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is in the letter itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Chord {
    code: KeyCode,
    control: bool,
    alt: bool,
}

/// Keys with a name, as in settings and on the help page.
const NAMED: [(&str, KeyCode); 14] = [
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("backspace", KeyCode::Backspace),
    ("space", KeyCode::Char(' ')),
];

impl Chord {
    /// Ctrl-C.
    pub(super) const INTERRUPT: Self = Self {
        code: KeyCode::Char('c'),
        control: true,
        alt: false,
    };

    /// The chord of a key as pressed.
    pub(super) fn of(key: KeyEvent) -> Self {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let code = match key.code {
            KeyCode::Char(letter) if control => KeyCode::Char(letter.to_ascii_lowercase()),
            KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Self { code, control, alt }
    }

    /// The letter, where it is one alone.
    pub(super) fn letter(self) -> Option<char> {
        match self {
            Self {
                code: KeyCode::Char(letter),
                control: false,
                alt: false,
            } => Some(letter),
            _ => None,
        }
    }

    /// Reads `j`, `tab`, `ctrl-s`, `alt-x`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("ctrl-") {
            return Self::parse(rest).map(|chord| Self { control: true, ..chord });
        }
        if let Some(rest) = text.strip_prefix("alt-") {
            return Self::parse(rest).map(|chord| Self { alt: true, ..chord });
        }
        let named = NAMED.iter().find(|(name, _)| *name == text).map(|(_, code)| *code);
        let mut letters = text.chars();
        let code = match (named, letters.next(), letters.next()) {
            (Some(code), ..) => code,
            (None, Some(letter), None) if !letter.is_control() => KeyCode::Char(letter),
            _ => return None,
        };
        Some(Self {
            code,
            control: false,
            alt: false,
        })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.control { "ctrl-" } else { "" };
        let alt = if self.alt { "alt-" } else { "" };
        let named = NAMED.iter().find(|(_, code)| *code == self.code).map(|(name, _)| *name);
        match (named, self.code) {
            (Some(name), _) => write!(f, "{prefix}{alt}{name}"),
            (None, KeyCode::Char(letter)) => write!(f, "{prefix}{alt}{letter}"),
            (None, code) => write!(f, "{prefix}{alt}{code}"),
        }
    }
}

#[cfg(test)]
pub(super) fn pressed(key: &str) -> crate::tui::input::Input {
    let chord = Chord::parse(key).expect("a key");
    let modifiers = if chord.control {
        KeyModifiers::CONTROL
    } else {
        KeyModifiers::NONE
    };
    crate::tui::input::Input::Key(KeyEvent::new(chord.code, modifiers))
}
