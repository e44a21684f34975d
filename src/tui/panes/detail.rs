//! One failure, whole: the verdict, the lines that prove it, why the model said so, who corrected it.

pub mod content;
mod facts;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::command::CommandError;
use crate::app::snapshot::Snapshot;
use crate::store::{Failure, StoreError};
use crate::tui::intent::Intent;
use crate::tui::layout::Pane;
use crate::tui::message::{Action, Dossier};
use crate::tui::panes::{frame, framed, paint};
use crate::tui::state::ViewState;
use crate::tui::theme::Role;
use crate::verdict::{Contribution, Reason};
use content::Content;

/// Contributions come after the rest: they take some tens of milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// On their way.
    Waiting,
    /// There.
    Known(Vec<Contribution>, Vec<Reason>),
    /// They could not be had.
    Failed(String),
}

/// The open failure.
#[derive(Debug, Clone)]
pub struct State {
    /// As known when it was opened, and better since the store answered.
    pub dossier: Dossier,
    /// Whether the store has answered.
    pub is_loaded: bool,
    /// Contributions.
    pub why: Why,
    /// The excerpt under the cursor.
    pub excerpt: usize,
    /// First line shown.
    pub scroll: usize,
}

impl State {
    /// Opens a failure of which the list shows this much, and asks for the rest.
    #[must_use]
    pub fn open(failure: &Failure) -> (Self, Vec<Intent>) {
        let dossier = Dossier {
            failure: failure.clone(),
            corrections: Vec::new(),
            group_size: 0,
            seen: None,
            passed_later: None,
            known_issue: None,
        };
        let state = Self {
            dossier,
            is_loaded: false,
            why: Why::Waiting,
            excerpt: 0,
            scroll: 0,
        };
        (state, vec![Intent::Open(failure.id()), Intent::Explain(failure.id())])
    }

    /// Which one.
    #[must_use]
    pub fn id(&self) -> i64 {
        self.dossier.failure.id()
    }

    /// Asks again where the row has become another since.
    pub fn changed(&mut self, snapshot: &Snapshot) -> Vec<Intent> {
        let Some(row) = snapshot.rows.iter().find(|row| row.id() == self.id()) else {
            return Vec::new();
        };
        self.replace(row)
    }

    /// The row as it is now.
    pub fn replace(&mut self, row: &Failure) -> Vec<Intent> {
        let shown = &self.dossier.failure;
        let judged_again = row.revision != shown.revision;
        let spoken_on =
            (row.verdict.label, &row.verdict.corrected_by) != (shown.verdict.label, &shown.verdict.corrected_by);
        if !judged_again && !spoken_on {
            return Vec::new();
        }
        self.dossier.failure = row.clone();
        let mut intents = vec![Intent::Open(row.id())];
        if judged_again {
            self.why = Why::Waiting;
            intents.push(Intent::Explain(row.id()));
        }
        intents
    }

    /// Takes the store's answer.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn opened(&mut self, dossier: Result<Box<Dossier>, StoreError>) -> Result<(), StoreError> {
        self.is_loaded = true;
        self.dossier = *dossier?;
        self.excerpt = self
            .excerpt
            .min(self.dossier.failure.verdict.evidence.len().saturating_sub(1));
        Ok(())
    }

    /// Takes contributions, or why there are none.
    pub fn explained(&mut self, failure: Result<Box<Failure>, CommandError>) {
        self.why = match failure {
            Ok(failure) => Why::Known(failure.verdict.top_contributing_features, failure.verdict.reasons),
            Err(error) => Why::Failed(error.to_string()),
        };
    }

    /// Scrolls.
    pub fn step(&mut self, action: Action, lines: usize, page: usize) {
        let last = lines.saturating_sub(page);
        let jump = page.saturating_sub(1).max(1);
        self.scroll = match action {
            Action::Up => self.scroll.saturating_sub(1),
            Action::Down => self.scroll + 1,
            Action::PageUp => self.scroll.saturating_sub(jump),
            Action::PageDown => self.scroll + jump,
            Action::Top => 0,
            Action::Bottom => last,
            _ => self.scroll,
        }
        .min(last);
    }

    /// Goes to the next or previous decisive line and brings it onto the screen.
    pub fn seek(&mut self, action: Action, starts: &[usize], page: usize) {
        let last = starts.len().saturating_sub(1);
        self.excerpt = match action {
            Action::Previous => self.excerpt.saturating_sub(1),
            _ => (self.excerpt + 1).min(last),
        };
        if let Some(start) = starts.get(self.excerpt) {
            let in_view = *start >= self.scroll && *start < self.scroll + page;
            self.scroll = if in_view { self.scroll } else { start.saturating_sub(1) };
        }
    }
}

/// Lines of text in a place.
#[must_use]
pub fn page(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2))
}

/// Columns of text in a place.
#[must_use]
pub fn columns(area: Rect) -> usize {
    usize::from(area.width.saturating_sub(4))
}

/// Paints it.
pub fn view(state: &ViewState, snapshot: &Snapshot, detail: &State, area: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let Content { lines, .. } = content::content(detail, snapshot, state.now, theme, columns(area));
    let page = page(area);
    let scroll = detail.scroll.min(lines.len().saturating_sub(page));
    let below = lines.len().saturating_sub(scroll + page);
    let title = Line::from(vec![
        Span::styled(format!(" Failure #{} ", detail.id()), theme.role(Role::Title)),
        Span::styled(if detail.is_loaded { "" } else { " loading… " }, theme.role(Role::Dim)),
    ]);
    let more = if below > 0 {
        format!(" {below} more lines ")
    } else {
        String::new()
    };
    let more = Line::styled(more, theme.role(Role::Dim)).right_aligned();
    let inside = framed(
        frame(theme, state.focus == Pane::Detail, title).title_bottom(more),
        area,
        screen,
    );
    let inside = Rect {
        x: inside.x + 1.min(inside.width),
        width: inside.width.saturating_sub(2),
        ..inside
    };
    paint(lines.into_iter().skip(scroll).take(page).collect(), inside, screen);
}
