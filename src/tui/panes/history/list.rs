//! The rows behind the history: those of the snapshot, and behind them older ones that were asked for.
//!
//! The two must meet without a gap. Rows that fall out of the snapshot while older ones are held are kept; if more
//! arrived between two snapshots than one holds, what was loaded is dropped and asked for again.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::filter::matches;
use crate::app::snapshot::Snapshot;
use crate::store::{Cursor, Failure, HistoryFilter, Page, StoreError};
use crate::tui::intent::Intent;

/// The most rows held beyond the snapshot. Who looks for older ones than that filters.
pub const MAX_OLDER: usize = 5_000;

/// How far the loading of older rows has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Progress {
    /// Nothing was asked.
    #[default]
    Fresh,
    /// A page is on its way.
    Loading,
    /// There is more behind this row.
    More(Cursor),
    /// There is no more.
    Complete,
}

/// Rows of the snapshot and beyond.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Newest first, all behind the snapshot's, all passing the filter.
    older: Vec<Arc<Failure>>,
    progress: Progress,
    ticket: u64,
    /// The rows of the last snapshot.
    newest: Arc<VecDeque<Arc<Failure>>>,
}

impl List {
    /// All rows that pass, newest first.
    #[must_use]
    pub fn rows<'a>(&'a self, snapshot: &'a Snapshot, filter: &HistoryFilter) -> Vec<&'a Failure> {
        let here: HashSet<i64> = snapshot.rows.iter().map(|row| row.id()).collect();
        let newest = snapshot.rows.iter().filter(|row| matches(filter, row));
        let older = self.older.iter().filter(|row| !here.contains(&row.id()));
        newest.chain(older).map(Arc::as_ref).collect()
    }

    /// Whether a page is on its way.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.progress == Progress::Loading
    }

    /// Whether the limit on older rows is reached.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.older.len() >= MAX_OLDER
    }

    /// Keeps what fell out of the snapshot, as far as it belongs between it and the older rows.
    pub(super) fn changed(&mut self, snapshot: &Snapshot, filter: &HistoryFilter) {
        let before = std::mem::replace(&mut self.newest, Arc::clone(&snapshot.rows));
        let Some(last) = snapshot.rows.back().filter(|_| self.progress != Progress::Fresh) else {
            return;
        };
        let here: HashSet<i64> = snapshot.rows.iter().map(|row| row.id()).collect();
        let meets = before.is_empty() || before.iter().any(|row| here.contains(&row.id()));
        if !meets {
            self.restart();
            return;
        }
        let fell_out = before
            .iter()
            .filter(|row| place(row) < place(last) && matches(filter, row))
            .cloned();
        let held: HashSet<i64> = self.older.iter().map(|row| row.id()).collect();
        let mut older: Vec<_> = fell_out.filter(|row| !held.contains(&row.id())).collect();
        older.append(&mut self.older);
        self.older = older;
    }

    /// Forgets older rows; an answer that is on its way no longer counts.
    pub(super) fn restart(&mut self) {
        self.older.clear();
        self.progress = Progress::Fresh;
        self.ticket += 1;
    }

    /// The question for the next page, unless it was asked or there is none.
    pub(super) fn older(&mut self, snapshot: &Snapshot, filter: &HistoryFilter) -> Option<Intent> {
        let after = match self.progress {
            Progress::Fresh => snapshot.rows.back().map(|row| cursor(row)),
            Progress::More(after) if !self.is_full() => Some(after),
            Progress::More(_) | Progress::Loading | Progress::Complete => return None,
        };
        self.progress = Progress::Loading;
        self.ticket += 1;
        Some(Intent::Page {
            ticket: self.ticket,
            filter: filter.clone(),
            after,
        })
    }

    /// Takes an answer. Whether it held no row though there is more: a search that has looked at enough for one page.
    pub(super) fn take(&mut self, ticket: u64, page: Result<Page, StoreError>) -> Result<bool, StoreError> {
        if ticket != self.ticket || self.progress != Progress::Loading {
            return Ok(false);
        }
        let page = page.inspect_err(|_| {
            self.progress = self
                .older
                .last()
                .map_or(Progress::Fresh, |row| Progress::More(cursor(row)));
        })?;
        self.progress = page.next.map_or(Progress::Complete, Progress::More);
        let goes_on = page.items.is_empty() && page.next.is_some();
        self.older.extend(page.items.into_iter().map(Arc::new));
        Ok(goes_on)
    }

    pub(super) fn replace(&mut self, row: &Failure) {
        if let Some(held) = self.older.iter_mut().find(|held| held.id() == row.id()) {
            *held = Arc::new(row.clone());
        }
    }
}

fn cursor(row: &Failure) -> Cursor {
    Cursor {
        timestamp: row.timestamp,
        id: row.id(),
    }
}

fn place(row: &Failure) -> (jiff::Timestamp, i64) {
    (row.timestamp, row.id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn ids(list: &List, snapshot: &Snapshot) -> Vec<i64> {
        list.rows(snapshot, &HistoryFilter::default())
            .into_iter()
            .map(Failure::id)
            .collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the answer comes")]
    fn page(rows: impl IntoIterator<Item = i64>, next: Option<i64>) -> Result<Page, StoreError> {
        let items = rows.into_iter().map(fixture::failure).collect();
        Ok(Page {
            items,
            next: next.map(|id| cursor(&fixture::failure(id))),
        })
    }

    fn loaded() -> (List, Snapshot) {
        let (mut list, snapshot) = (List::default(), fixture::with_rows([12, 11, 10]));
        list.changed(&snapshot, &HistoryFilter::default());
        let Some(Intent::Page { ticket, after, .. }) = list.older(&snapshot, &HistoryFilter::default()) else {
            panic!("nothing asked")
        };
        assert_eq!(after.map(|after| after.id), Some(10));
        assert!(!list.take(ticket, page([9, 8], Some(8))).expect("a page"));
        (list, snapshot)
    }

    #[test]
    fn older_rows_stand_behind_those_of_the_snapshot() {
        let (mut list, snapshot) = loaded();
        assert_eq!(ids(&list, &snapshot), [12, 11, 10, 9, 8]);
        let again = list.older(&snapshot, &HistoryFilter::default());
        assert!(matches!(
            again,
            Some(Intent::Page {
                after: Some(Cursor { id: 8, .. }),
                ..
            })
        ));
        assert!(
            list.older(&snapshot, &HistoryFilter::default()).is_none(),
            "one question at a time"
        );
    }

    #[test]
    fn rows_that_fall_out_of_the_snapshot_leave_no_gap() {
        let (mut list, _) = loaded();
        let next = fixture::with_rows([14, 13, 12]);
        list.changed(&next, &HistoryFilter::default());
        assert_eq!(ids(&list, &next), [14, 13, 12, 11, 10, 9, 8]);
    }

    #[test]
    fn a_row_that_left_history_is_not_kept() {
        let (mut list, _) = loaded();
        let next = fixture::with_rows([13, 12, 10]);
        list.changed(&next, &HistoryFilter::default());
        assert_eq!(ids(&list, &next), [13, 12, 10, 9, 8], "11 has become a parent");
    }

    #[test]
    fn more_new_rows_than_a_snapshot_holds_start_the_older_ones_again() {
        let (mut list, _) = loaded();
        let next = fixture::with_rows([30, 29, 28]);
        list.changed(&next, &HistoryFilter::default());
        assert_eq!(ids(&list, &next), [30, 29, 28]);
        let asked = list.older(&next, &HistoryFilter::default());
        assert!(matches!(
            asked,
            Some(Intent::Page {
                after: Some(Cursor { id: 28, .. }),
                ..
            })
        ));
    }

    #[test]
    fn an_answer_to_an_earlier_question_is_dropped_and_a_failed_one_can_be_asked_again() {
        let (mut list, snapshot) = loaded();
        let Some(Intent::Page { ticket, .. }) = list.older(&snapshot, &HistoryFilter::default()) else {
            panic!("nothing asked")
        };
        assert!(!list.take(ticket - 1, page([7], None)).expect("dropped"));
        assert_eq!(ids(&list, &snapshot), [12, 11, 10, 9, 8]);
        assert!(list.take(ticket, Err(StoreError::Busy)).is_err());
        assert!(list.older(&snapshot, &HistoryFilter::default()).is_some());
    }
}
