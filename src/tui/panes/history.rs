//! The history: newest failures from the snapshot, older ones by query, in one list.
//!
//! Until a person moves it, and again from the top on, the cursor stands on the newest row, so that failures are seen to
//! arrive. After that the selection is a row's id: rows that arrive above it move it down the screen, but never put another
//! row under the cursor. Once scrolled, the selected row keeps its line on the screen.

pub mod ask;
pub mod filter;
pub mod list;
pub mod view;

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::app::snapshot::Snapshot;
use crate::correction::worth;
use crate::store::{Failure, Page, StoreError};
use crate::tui::intent::Intent;
use crate::tui::message::Action;
use filter::Asked;
use list::List;

/// The order of the list. All but the first sort what is loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Least sure first.
    LeastSure,
    /// By class.
    Class,
    /// By repository.
    Repository,
}

/// Places of the rows that are worth a label, the most useful first, the newest first among equals.
fn useful(rows: &[&Failure]) -> Vec<usize> {
    let mut group: HashMap<&str, usize> = HashMap::new();
    for fingerprint in rows.iter().filter_map(|row| row.verdict.fingerprint.as_ref()) {
        *group.entry(&fingerprint.0).or_default() += 1;
    }
    let worth_of = |row: &Failure| {
        let shared = row
            .verdict
            .fingerprint
            .as_ref()
            .and_then(|shared| group.get(shared.0.as_str()));
        worth(row.verdict.confidence, *shared.unwrap_or(&1))
    };
    let to_label = |row: &&Failure| row.verdict.uncertain && row.verdict.corrected_by.is_none();
    let mut places: Vec<usize> = (0..rows.len()).filter(|place| to_label(&rows[*place])).collect();
    places.sort_by(|one, other| worth_of(rows[*other]).total_cmp(&worth_of(rows[*one])));
    places
}

impl Order {
    const fn next(self) -> Self {
        match self {
            Self::Newest => Self::LeastSure,
            Self::LeastSure => Self::Class,
            Self::Class => Self::Repository,
            Self::Repository => Self::Newest,
        }
    }

    /// The words in the title.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Newest => "newest first",
            Self::LeastSure => "least sure first",
            Self::Class => "by class",
            Self::Repository => "by repository",
        }
    }

    /// Rows of the same rank stay newest first, since sorting is stable.
    fn compare(self, one: &Failure, other: &Failure) -> Ordering {
        match self {
            Self::Newest => Ordering::Equal,
            Self::LeastSure => one.verdict.confidence.total_cmp(&other.verdict.confidence),
            Self::Class => one.verdict.label.cmp(&other.verdict.label),
            Self::Repository => one.job.repository.cmp(&other.job.repository),
        }
    }
}

/// What this screen knows of the history.
#[derive(Debug, Clone, Default)]
pub struct State {
    selected: Option<i64>,
    /// Whether a person has put the cursor on its row.
    is_held: bool,
    /// Where the selected row stood in the list when last looked.
    index: usize,
    /// The line of the screen on which the selected row stands.
    line: usize,
    /// Whether the cursor came here by usefulness; then a correction moves on so as well.
    by_use: bool,
    order: Order,
    asked: Asked,
    list: List,
}

impl State {
    /// The row that has the cursor.
    #[must_use]
    pub const fn selected(&self) -> Option<i64> {
        self.selected
    }

    /// The order of the list.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// The filter.
    #[must_use]
    pub const fn asked(&self) -> &Asked {
        &self.asked
    }

    /// What was loaded beyond the snapshot.
    #[must_use]
    pub const fn loaded(&self) -> &List {
        &self.list
    }

    /// The rows that pass the filter, in order.
    #[must_use]
    pub fn rows<'a>(&'a self, snapshot: &'a Snapshot) -> Vec<&'a Failure> {
        let mut rows = self.list.rows(snapshot, &self.asked.filter);
        if self.order != Order::Newest {
            rows.sort_by(|one, other| self.order.compare(one, other));
        }
        rows
    }

    /// The row that has the cursor, whole.
    #[must_use]
    pub fn failure<'a>(&'a self, snapshot: &'a Snapshot) -> Option<&'a Failure> {
        let id = self.selected?;
        self.rows(snapshot).into_iter().find(|row| row.id() == id)
    }

    /// The first row shown, of `count` rows on `page` lines.
    #[must_use]
    pub fn top(&self, count: usize, page: usize) -> usize {
        let line = self.line.min(page.saturating_sub(1));
        self.index
            .saturating_sub(line)
            .min(count.saturating_sub(page.min(count)))
    }

    /// A new snapshot: keeps the selection on its row.
    pub fn changed(&mut self, snapshot: &Snapshot, page: usize) {
        let at_top = self.index <= self.line;
        if !self.is_held {
            (self.selected, self.index) = (None, 0);
        }
        self.list.changed(snapshot, &self.asked.filter);
        self.settle(snapshot);
        if at_top {
            self.line = self.index.min(page.saturating_sub(1));
        }
    }

    /// Finds the selected row again, or the one that stands where it stood.
    fn settle(&mut self, snapshot: &Snapshot) {
        let ids: Vec<i64> = self.rows(snapshot).into_iter().map(Failure::id).collect();
        let found = self.selected.and_then(|id| ids.iter().position(|other| *other == id));
        self.index = found.unwrap_or_else(|| self.index.min(ids.len().saturating_sub(1)));
        self.selected = ids.get(self.index).copied();
    }

    /// Moves the cursor; asks for older rows where it comes near the end of what is loaded.
    pub fn step(&mut self, snapshot: &Snapshot, action: Action, page: usize) -> Vec<Intent> {
        let count = self.rows(snapshot).len();
        let jump = page.saturating_sub(1).max(1);
        let index = match action {
            Action::Up => self.index.saturating_sub(1),
            Action::Down => self.index + 1,
            Action::PageUp => self.index.saturating_sub(jump),
            Action::PageDown => self.index + jump,
            Action::Top => 0,
            Action::Bottom => count,
            _ => self.index,
        };
        self.by_use = false;
        self.go_to(snapshot, index, page);
        self.is_held = action != Action::Top;
        let near_end = self.index + page >= count && !matches!(action, Action::Up | Action::PageUp | Action::Top);
        if near_end { self.older(snapshot) } else { Vec::new() }
    }

    /// Something is being done about the row under the cursor.
    pub const fn hold(&mut self) {
        self.is_held = true;
    }

    /// Puts the cursor on a place of the list, scrolling no further than needed.
    fn go_to(&mut self, snapshot: &Snapshot, index: usize, page: usize) {
        let ids: Vec<i64> = self.rows(snapshot).into_iter().map(Failure::id).collect();
        let index = index.min(ids.len().saturating_sub(1));
        let top = self.top(ids.len(), page);
        self.line = index.saturating_sub(top).min(page.saturating_sub(1));
        self.index = index;
        self.selected = ids.get(index).copied();
    }

    /// Goes to the row whose label is worth most after the one under the cursor, or to the one worth more before it:
    /// unsure verdicts without a person's label, by how unsure they are times how many rows failed the same way. Whether
    /// there is one.
    pub fn seek(&mut self, snapshot: &Snapshot, action: Action, page: usize) -> bool {
        let ranked = useful(&self.rows(snapshot));
        let here = ranked.iter().position(|place| *place == self.index);
        let found = match (action, here) {
            (Action::Previous, Some(rank)) => rank.checked_sub(1),
            (Action::Previous, None) => None,
            (_, Some(rank)) => Some(rank + 1),
            (_, None) => Some(0),
        };
        let place = found.and_then(|rank| ranked.get(rank).copied());
        if let Some(index) = place {
            self.by_use = true;
            self.go_to(snapshot, index, page);
            self.is_held = true;
        }
        place.is_some()
    }

    /// The row to label after this one: the next useful one where the cursor came by usefulness, or else the next of the list.
    pub fn move_on(&mut self, snapshot: &Snapshot, page: usize) -> Vec<Intent> {
        if self.by_use && self.seek(snapshot, Action::Next, page) {
            return Vec::new();
        }
        self.step(snapshot, Action::Down, page)
    }

    /// The next order. The cursor stays on its row.
    pub fn sort(&mut self, snapshot: &Snapshot, page: usize) {
        self.order = self.order.next();
        self.settle(snapshot);
        self.line = self.index.min(page / 2);
    }

    /// Another filter. What was loaded for the old one is dropped.
    pub fn ask(&mut self, asked: Asked, snapshot: &Snapshot) {
        if asked.filter != self.asked.filter {
            self.list.restart();
        }
        self.asked = asked;
        self.settle(snapshot);
        self.line = self.index.min(self.line);
    }

    /// Asks for older rows if the list does not fill its place.
    pub fn fill(&mut self, snapshot: &Snapshot, page: usize) -> Vec<Intent> {
        if self.rows(snapshot).len() < page {
            self.older(snapshot)
        } else {
            Vec::new()
        }
    }

    fn older(&mut self, snapshot: &Snapshot) -> Vec<Intent> {
        self.list.older(snapshot, &self.asked.filter).into_iter().collect()
    }

    /// Takes a page of older rows.
    ///
    /// # Errors
    ///
    /// The store's, if it could not answer.
    pub fn paged(
        &mut self,
        snapshot: &Snapshot,
        ticket: u64,
        page: Result<Page, StoreError>,
        screen: usize,
    ) -> Result<Vec<Intent>, StoreError> {
        let was_empty = self.list.take(ticket, page)?;
        self.settle(snapshot);
        Ok(if was_empty {
            self.older(snapshot)
        } else {
            self.fill(snapshot, screen)
        })
    }

    /// A row as it is now, for rows that no snapshot holds.
    pub fn replace(&mut self, row: &Failure) {
        self.list.replace(row);
    }
}
