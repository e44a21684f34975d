//! A correction: one class key saves it. A note can be written first.
//!
//! ```text
//! ╭ Correct #4711 ──────────────────────────────────────╮
//! │ now Dependency Error 93%      acme/web build        │
//! │ npm ERR! code ERESOLVE                              │
//! │                                                     │
//! │  1 Build Failure          6 Permission Error        │
//! │  2 Configuration Error    7 Resource Exhaustion     │
//! │  ...                                                │
//! │ note: none                                          │
//! ╰ a class key saves  a note  esc cancels ─────────────╯
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use tui_textarea::{TextArea, WrapMode};

use crate::class::FailureClass;
use crate::correction::{Correction, MAX_NOTE_BYTES};
use crate::store::Failure;
use crate::tui::keymap::Scope;
use crate::tui::layout::middle;
use crate::tui::message::Action;
use crate::tui::panes::{frame, paint, popped, reason_words};
use crate::tui::state::ViewState;
use crate::tui::text::{clip, fit, harmless, percent, visible, width};
use crate::tui::theme::Role;

const WIDTH: u16 = 70;
const HEIGHT: u16 = 14;

/// Lines of the classes: two a line.
const CLASS_ROWS: usize = FailureClass::ALL.len() / 2;

/// A correction that waits for its class.
#[derive(Debug, Clone)]
pub struct State {
    /// What it is about, as it was when the pop-up opened.
    failure: Failure,
    /// Whether all that failed the same way are meant.
    group: bool,
    /// The note that is kept.
    note: String,
    /// The note while it is written.
    writing: Option<Box<TextArea<'static>>>,
}

impl State {
    /// About this failure.
    #[must_use]
    pub fn new(failure: &Failure) -> Self {
        Self {
            failure: failure.clone(),
            group: false,
            note: String::new(),
            writing: None,
        }
    }

    /// About all that failed the same way as this one.
    #[must_use]
    pub fn of_group(failure: &Failure) -> Self {
        Self {
            group: true,
            ..Self::new(failure)
        }
    }

    /// Whether all that failed the same way are meant.
    #[must_use]
    pub const fn is_of_group(&self) -> bool {
        self.group
    }

    /// Which failure.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.failure.id()
    }

    /// Whether keys go into the note.
    #[must_use]
    pub const fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    /// Opens the text area on the note as kept.
    pub fn write(&mut self) {
        let mut area = TextArea::new(self.note.split('\n').map(str::to_owned).collect());
        area.set_cursor_line_style(Style::new());
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        area.move_cursor(tui_textarea::CursorMove::Bottom);
        area.move_cursor(tui_textarea::CursorMove::End);
        self.writing = Some(Box::new(area));
    }

    /// Keeps the note.
    pub fn keep(&mut self) {
        if let Some(area) = self.writing.take() {
            area.lines().join("\n").trim().clone_into(&mut self.note);
        }
    }

    /// Drops what was written since the text area opened. Whether it was open.
    pub fn drop_writing(&mut self) -> bool {
        self.writing.take().is_some()
    }

    /// Takes a key into the note.
    pub fn type_key(&mut self, key: KeyEvent) {
        let Some(area) = self.writing.as_mut() else { return };
        let letter = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
        let grows = letter || matches!(key.code, KeyCode::Enter | KeyCode::Tab);
        if !(grows && room(area) < 4) {
            area.input(key);
        }
    }

    /// Takes a pasted text into the note.
    pub fn paste(&mut self, text: &str) {
        let Some(area) = self.writing.as_mut() else { return };
        let mut text = harmless(text);
        text.truncate(text.floor_char_boundary(room(area)));
        area.insert_str(text);
    }

    /// What is said of the failure by this class.
    #[must_use]
    pub fn say(&self, label: FailureClass, actor: &str) -> Correction {
        let note = (!self.note.is_empty()).then(|| self.note.clone());
        Correction {
            label,
            note,
            author: None,
            actor: actor.to_owned(),
        }
    }
}

/// Bytes that the note may still grow by.
fn room(area: &TextArea<'_>) -> usize {
    let used: usize = area.lines().iter().map(|line| line.len() + 1).sum();
    MAX_NOTE_BYTES.saturating_sub(used)
}

/// Paints it over the body.
pub fn view(state: &ViewState, correction: &State, body: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let area = middle(body, WIDTH, HEIGHT);
    let whom = if correction.group {
        " and all that failed the same way"
    } else {
        ""
    };
    let title = Line::styled(format!(" Correct #{}{whom} ", correction.id()), theme.role(Role::Title));
    let block = frame(theme, true, title).title_bottom(keys(state, correction, usize::from(area.width)));
    let inside = popped(block, area, screen);
    let inside = Rect {
        x: inside.x + 1.min(inside.width),
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let height = usize::from(inside.height);
    let mut lines = about(state, correction, usize::from(inside.width));
    lines.truncate(height.saturating_sub(CLASS_ROWS));
    if let Some(writing) = &correction.writing {
        lines.push(Line::styled("Note", theme.role(Role::Title)));
        let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(inside.height);
        let below = Rect {
            y: inside.y + used,
            height: inside.height - used,
            ..inside
        };
        paint(lines, inside, screen);
        let block = frame(theme, true, "");
        let place = block.inner(below);
        block.render(below, screen);
        writing.render(place, screen);
        return;
    }
    lines.extend(classes(state, correction, usize::from(inside.width)));
    if lines.len() + 2 <= height {
        lines.push(Line::default());
    }
    lines.push(note(state, correction, usize::from(inside.width)));
    paint(lines, inside, screen);
}

fn about(state: &ViewState, correction: &State, columns: usize) -> Vec<Line<'static>> {
    let theme = state.theme;
    let verdict = &correction.failure.verdict;
    let job = &correction.failure.job;
    let reason = if verdict.uncertain {
        reason_words(verdict.uncertain_reason)
    } else {
        ""
    };
    let mark = if verdict.uncertain { " ? " } else { "" };
    let now = match &verdict.corrected_by {
        Some(person) => format!("now {}, said by {}", verdict.label, visible(person)),
        None => format!("now {} {}{mark}{reason}", verdict.label, percent(verdict.confidence)),
    };
    let place: Vec<String> = [&job.repository, &job.job]
        .into_iter()
        .flatten()
        .map(|text| visible(text))
        .collect();
    let place = clip(&place.join(" "), columns.saturating_sub(width(&now) + 2));
    let said = verdict
        .evidence
        .first()
        .map(|excerpt| visible(excerpt.lines_to_read().next().map_or("", |(_, line)| line.trim())));
    vec![
        Line::from(vec![
            Span::raw(now),
            Span::styled(format!("  {place}"), theme.role(Role::Dim)),
        ]),
        Line::styled(clip(&said.unwrap_or_default(), columns), theme.role(Role::Dim)),
        Line::default(),
    ]
}

/// Two columns of five: key, name, and a mark on what counts now.
fn classes(state: &ViewState, correction: &State, columns: usize) -> Vec<Line<'static>> {
    let theme = state.theme;
    let verdict = &correction.failure.verdict;
    let cell = |class: FailureClass| {
        let percent = percent(verdict.probabilities[class.index()]);
        let text = fit(&format!(" {} {percent}", class.name()), columns / 2 - 3);
        let role = if class == verdict.label { Role::Title } else { Role::Dim };
        let marker = if class == verdict.label { "▸" } else { " " };
        let name = if class == verdict.label {
            Span::styled(text, theme.role(role))
        } else {
            Span::raw(text)
        };
        [
            Span::styled(format!("{marker}{}", class.key()), theme.role(Role::Accent)),
            name,
        ]
    };
    let (left, right) = FailureClass::ALL.split_at(CLASS_ROWS);
    let rows = left
        .iter()
        .zip(right)
        .map(|(left, right)| cell(*left).into_iter().chain(cell(*right)).collect());
    rows.collect()
}

fn note(state: &ViewState, correction: &State, columns: usize) -> Line<'static> {
    let first = correction.note.lines().next().unwrap_or_default();
    let text = if correction.note.is_empty() {
        "note: none".to_owned()
    } else {
        format!("note: {}", visible(first))
    };
    Line::styled(clip(&text, columns), state.theme.role(Role::Dim))
}

fn keys(state: &ViewState, correction: &State, columns: usize) -> Line<'static> {
    let key = |scope, action| state.keys.key_of(scope, action);
    let text = if correction.is_writing() {
        let (keep, drop) = (key(Scope::Note, Action::KeepNote), key(Scope::Note, Action::Back));
        format!(" {keep} keeps the note  {drop} drops it ")
    } else {
        let (note, cancel) = (
            key(Scope::Correction, Action::Note),
            key(Scope::Correction, Action::Back),
        );
        format!(" a class key saves  {note} note  {cancel} cancels ")
    };
    Line::styled(clip(&text, columns.saturating_sub(2)), state.theme.role(Role::Accent))
}
