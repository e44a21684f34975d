//! Which key means what. The one table behind the keys themselves, the footer and the help page.

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;

use super::chord::Chord;
use super::input::Input;
use super::message::{Action, Message};
use crate::class::FailureClass;

/// Where a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// In every pane.
    Everywhere,
    /// On a failure: in the history and in the detail.
    Failures,
    /// In the models pane.
    Models,
    /// While a question waits for yes or no.
    Question,
    /// While a correction waits for its class.
    Correction,
    /// While a note is written.
    Note,
    /// While a filter or a command is typed.
    Prompt,
}

impl Scope {
    /// All, in the order of the help page.
    pub const ALL: [Self; 7] = [
        Self::Everywhere,
        Self::Failures,
        Self::Models,
        Self::Question,
        Self::Correction,
        Self::Note,
        Self::Prompt,
    ];

    /// The heading on the help page.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Failures => "On a failure",
            Self::Models => "Models",
            Self::Question => "Yes or no",
            Self::Correction => "Correcting",
            Self::Note => "Writing a note",
            Self::Prompt => "Filter and commands",
        }
    }
}

const DEFAULTS: &[(Scope, Action, &str)] = &[
    (Scope::Everywhere, Action::Help, "?"),
    (Scope::Everywhere, Action::NextPane, "tab"),
    (Scope::Everywhere, Action::PreviousPane, "shift-tab"),
    (Scope::Everywhere, Action::Open, "enter"),
    (Scope::Everywhere, Action::Back, "esc"),
    (Scope::Everywhere, Action::Filter, "/"),
    (Scope::Everywhere, Action::Palette, ":"),
    (Scope::Everywhere, Action::Down, "j down"),
    (Scope::Everywhere, Action::Up, "k up"),
    (Scope::Everywhere, Action::Left, "h left"),
    (Scope::Everywhere, Action::Right, "l right"),
    (Scope::Everywhere, Action::Top, "g home"),
    (Scope::Everywhere, Action::Bottom, "G end"),
    (Scope::Everywhere, Action::PageDown, "pgdn ctrl-f"),
    (Scope::Everywhere, Action::PageUp, "pgup ctrl-b"),
    (Scope::Everywhere, Action::Drift, "d"),
    (Scope::Everywhere, Action::ZoomOut, "-"),
    (Scope::Everywhere, Action::ZoomIn, "+ ="),
    (Scope::Everywhere, Action::Models, "m"),
    (Scope::Everywhere, Action::Retrain, "r"),
    (Scope::Everywhere, Action::Proposals, "p"),
    (Scope::Everywhere, Action::Theme, "t"),
    (Scope::Everywhere, Action::Undo, "u"),
    (Scope::Everywhere, Action::Redo, "U"),
    (Scope::Everywhere, Action::Quit, "q ctrl-c"),
    (Scope::Failures, Action::Correct, "c"),
    (Scope::Failures, Action::CorrectGroup, "C"),
    (Scope::Failures, Action::Next, "n"),
    (Scope::Failures, Action::Previous, "N"),
    (Scope::Failures, Action::Sort, "s"),
    (Scope::Failures, Action::Accept, "a"),
    (Scope::Failures, Action::Reject, "x"),
    (Scope::Failures, Action::Copy, "y"),
    (Scope::Failures, Action::Link, "o"),
    (Scope::Models, Action::Promote, "P"),
    (Scope::Models, Action::RollBack, "b"),
    (Scope::Models, Action::CancelRetraining, "x"),
    (Scope::Question, Action::No, "enter esc n"),
    (Scope::Question, Action::Yes, "y"),
    (Scope::Correction, Action::Note, "a"),
    (Scope::Correction, Action::Back, "esc"),
    (Scope::Note, Action::KeepNote, "ctrl-s"),
    (Scope::Note, Action::Back, "esc"),
    (Scope::Prompt, Action::Open, "enter"),
    (Scope::Prompt, Action::Back, "esc"),
    (Scope::Prompt, Action::Down, "down tab"),
    (Scope::Prompt, Action::Up, "up shift-tab"),
];

/// What the keys are for just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Looking around.
    Browse,
    /// Looking at models.
    Models,
    /// A question waits for yes or no.
    Question,
    /// A correction waits for its class.
    Choose,
    /// A note is written.
    Write,
    /// A filter or a command is typed.
    Ask,
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where it counts.
    pub scope: Scope,
    /// What it asks for.
    pub action: Action,
    keys: Vec<Chord>,
}

impl Binding {
    /// Its keys, as `j down`.
    #[must_use]
    pub fn keys(&self) -> String {
        self.keys.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// What is wrong with `[tui] keys`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyMapError {
    /// There is no such action.
    #[error("tui.keys.{given}: there is no such action; did you mean `{nearest}`?")]
    UnknownAction {
        /// What was given.
        given: String,
        /// The nearest known name.
        nearest: &'static str,
    },
    /// There is no such key.
    #[error(
        "tui.keys.{action} = `{given}`: `{key}` is no key; write a letter, `tab`, `ctrl-s`, or several with spaces between"
    )]
    UnknownKey {
        /// The action.
        action: String,
        /// The whole value.
        given: String,
        /// The part that is no key.
        key: String,
    },
    /// It would be a letter of what is written.
    #[error("tui.keys.{action} = `{key}` is a letter of the note or filter itself; give it a key like `ctrl-s`")]
    Letter {
        /// The action.
        action: &'static str,
        /// The key.
        key: String,
    },
    /// Two actions want one key.
    #[error("tui.keys: `{key}` would mean both `{first}` and `{second}`; give one of them another key")]
    Twice {
        /// The key.
        key: String,
        /// One action.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
}

/// The table of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMap {
    bindings: Vec<Binding>,
}

impl Default for KeyMap {
    fn default() -> Self {
        let bindings = DEFAULTS.iter().map(|(scope, action, keys)| Binding {
            scope: *scope,
            action: *action,
            keys: keys.split(' ').filter_map(Chord::parse).collect(),
        });
        Self {
            bindings: bindings.collect(),
        }
    }
}

impl KeyMap {
    /// The table, with other keys for some actions.
    ///
    /// # Errors
    ///
    /// If an action or a key is unknown, or a key would mean two things in one place.
    pub fn new(overrides: &BTreeMap<String, String>) -> Result<Self, KeyMapError> {
        let mut map = Self::default();
        for (name, keys) in overrides {
            map.rebind(name, keys)?;
        }
        map.check_actions()?;
        map.check_classes()?;
        map.check_letters()?;
        Ok(map)
    }

    fn rebind(&mut self, name: &str, given: &str) -> Result<(), KeyMapError> {
        let keys = given.split_whitespace().map(|key| {
            let unknown = || KeyMapError::UnknownKey {
                action: name.into(),
                given: given.into(),
                key: key.into(),
            };
            Chord::parse(key).ok_or_else(unknown)
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let Some(found) = self.bindings.iter_mut().find(|binding| binding.action.name() == name) else {
            return Err(KeyMapError::UnknownAction {
                given: name.into(),
                nearest: nearest(name),
            });
        };
        found.keys = keys;
        Ok(())
    }

    fn check_actions(&self) -> Result<(), KeyMapError> {
        for (place, binding) in self.bindings.iter().enumerate() {
            for other in self
                .bindings
                .iter()
                .skip(place + 1)
                .filter(|other| clash(binding, other))
            {
                if let Some(key) = binding.keys.iter().find(|key| other.keys.contains(key)) {
                    let (first, second) = (binding.action.name(), other.action.name());
                    return Err(KeyMapError::Twice {
                        key: key.to_string(),
                        first,
                        second,
                    });
                }
            }
        }
        Ok(())
    }

    /// No key of a correction is that of a class.
    fn check_classes(&self) -> Result<(), KeyMapError> {
        let class = |key: &Chord| key.letter().and_then(FailureClass::from_key);
        for (binding, key) in self.keys_in(&[Scope::Correction]) {
            if let Some(class) = class(key) {
                return Err(KeyMapError::Twice {
                    key: key.to_string(),
                    first: class.slug(),
                    second: binding.action.name(),
                });
            }
        }
        Ok(())
    }

    /// Where a text is written, every letter belongs to it.
    fn check_letters(&self) -> Result<(), KeyMapError> {
        let mut keys = self.keys_in(&[Scope::Note, Scope::Prompt]);
        let letter = keys.find(|(_, key)| key.letter().is_some());
        letter.map_or(Ok(()), |(binding, key)| {
            Err(KeyMapError::Letter {
                action: binding.action.name(),
                key: key.to_string(),
            })
        })
    }

    fn keys_in<'a>(&'a self, scopes: &'a [Scope]) -> impl Iterator<Item = (&'a Binding, &'a Chord)> {
        let there = self.bindings.iter().filter(|binding| scopes.contains(&binding.scope));
        there.flat_map(|binding| binding.keys.iter().map(move |key| (binding, key)))
    }

    /// Every line of the table.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The first key of an action, for hints.
    #[must_use]
    pub fn key_of(&self, scope: Scope, action: Action) -> String {
        let found = self
            .bindings
            .iter()
            .find(|binding| binding.action == action && meet(binding.scope, scope));
        found
            .and_then(|binding| binding.keys.first())
            .map(Chord::to_string)
            .unwrap_or_default()
    }

    /// What an input means. Ctrl-C leaves from everywhere.
    #[must_use]
    pub fn message(&self, mode: Mode, input: Input) -> Option<Message> {
        match input {
            Input::Key(key) => self.key(mode, key),
            Input::Paste(text) => Some(Message::Paste(text)),
            Input::WheelUp => Some(Message::Act(Action::Up)),
            Input::WheelDown => Some(Message::Act(Action::Down)),
            Input::Resized(size) => Some(Message::Resized(size)),
        }
    }

    fn key(&self, mode: Mode, key: KeyEvent) -> Option<Message> {
        let chord = Chord::of(key);
        if chord == Chord::INTERRUPT {
            return Some(Message::Act(Action::Quit));
        }
        let class = || chord.letter().and_then(FailureClass::from_key);
        let act = |scope| self.action(scope, chord).map(Message::Act);
        match mode {
            Mode::Browse => act(Scope::Everywhere).or_else(|| act(Scope::Failures)),
            Mode::Models => act(Scope::Everywhere).or_else(|| act(Scope::Models)),
            Mode::Question => act(Scope::Question).or_else(|| self.quit(chord)),
            Mode::Choose => class()
                .map(Message::Label)
                .or_else(|| act(Scope::Correction))
                .or_else(|| self.quit(chord)),
            Mode::Write => act(Scope::Note).or(Some(Message::Type(key))),
            Mode::Ask => act(Scope::Prompt).or(Some(Message::Type(key))),
        }
    }

    fn quit(&self, chord: Chord) -> Option<Message> {
        let action = self.action(Scope::Everywhere, chord);
        action.filter(|action| *action == Action::Quit).map(Message::Act)
    }

    fn action(&self, scope: Scope, chord: Chord) -> Option<Action> {
        let mut here = self.bindings.iter().filter(|binding| binding.scope == scope);
        here.find(|binding| binding.keys.contains(&chord))
            .map(|binding| binding.action)
    }
}

/// Whether two actions can be asked for in the same place. To leave is possible while a class or an answer is waited for, too.
fn clash(one: &Binding, other: &Binding) -> bool {
    let over = |quit: &Binding, other: &Binding| {
        quit.action == Action::Quit && matches!(other.scope, Scope::Correction | Scope::Question)
    };
    meet(one.scope, other.scope) || over(one, other) || over(other, one)
}

/// Whether keys of two scopes can be pressed in the same place.
fn meet(one: Scope, other: Scope) -> bool {
    let browse = |scope| matches!(scope, Scope::Everywhere | Scope::Failures);
    let models = |scope| matches!(scope, Scope::Everywhere | Scope::Models);
    one == other || (browse(one) && browse(other)) || (models(one) && models(other))
}

fn nearest(name: &str) -> &'static str {
    let names = DEFAULTS.iter().map(|(_, action, _)| action.name());
    names
        .min_by_key(|known| strsim::levenshtein(known, name))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(map: &KeyMap, mode: Mode, key: &str) -> Option<Message> {
        map.message(mode, crate::tui::chord::pressed(key))
    }

    #[test]
    fn every_default_key_is_readable_and_means_one_thing() {
        for (_, action, keys) in DEFAULTS {
            for key in keys.split(' ') {
                assert!(
                    Chord::parse(key).is_some_and(|chord| chord.to_string() == key),
                    "{action:?}: {key}"
                );
            }
        }
        assert_eq!(KeyMap::new(&BTreeMap::new()), Ok(KeyMap::default()));
    }

    #[test]
    fn a_letter_means_what_the_mode_says() {
        let map = KeyMap::default();
        assert!(matches!(
            pressed(&map, Mode::Browse, "c"),
            Some(Message::Act(Action::Correct))
        ));
        assert!(matches!(
            pressed(&map, Mode::Choose, "0"),
            Some(Message::Label(FailureClass::Timeout))
        ));
        assert!(matches!(
            pressed(&map, Mode::Choose, "a"),
            Some(Message::Act(Action::Note))
        ));
        assert!(pressed(&map, Mode::Choose, "j").is_none());
        assert!(matches!(pressed(&map, Mode::Write, "q"), Some(Message::Type(_))));
        assert!(matches!(
            pressed(&map, Mode::Ask, "tab"),
            Some(Message::Act(Action::Down))
        ));
    }

    #[test]
    fn ctrl_c_leaves_from_everywhere() {
        let map = KeyMap::new(&BTreeMap::from([("quit".into(), "ctrl-q".into())])).expect("fine keys");
        for mode in [Mode::Browse, Mode::Choose, Mode::Write, Mode::Ask] {
            assert!(matches!(
                pressed(&map, mode, "ctrl-c"),
                Some(Message::Act(Action::Quit))
            ));
        }
        assert!(pressed(&map, Mode::Browse, "q").is_none());
    }

    #[test]
    fn wrong_keys_are_answered_with_what_to_write_instead() {
        let error = |name: &str, keys: &str| {
            KeyMap::new(&BTreeMap::from([(name.to_owned(), keys.to_owned())]))
                .expect_err("wrong")
                .to_string()
        };
        assert!(error("quitt", "x").contains("`quit`"));
        assert!(error("quit", "hyper-x").contains("`hyper-x` is no key"));
        assert!(error("quit", "j").contains("both"));
        assert!(error("note", "5").contains("both `network-error` and `note`"));
        assert!(error("note", "q").contains("both `quit` and `note`"));
        assert!(error("keep-note", "k").contains("is a letter of the note"));
    }
}
