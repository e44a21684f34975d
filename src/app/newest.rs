//! The newest rows of history, newest first, as every snapshot shows them.

#![deny(clippy::disallowed_methods)]

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::snapshot::NEWEST_ROWS;
use crate::store::Failure;

/// How many replaced rows are remembered, in case that news of them comes late.
const REMEMBERED: usize = 1_024;

/// The newest rows; shared with snapshots and copied only when it changes.
#[derive(Debug, Default)]
pub(super) struct NewestRows {
    rows: Arc<VecDeque<Arc<Failure>>>,
    gone: VecDeque<i64>,
}

impl NewestRows {
    /// From rows of the store, newest first.
    pub(super) fn new(rows: Vec<Failure>) -> Self {
        Self {
            rows: Arc::new(rows.into_iter().map(Arc::new).collect()),
            gone: VecDeque::new(),
        }
    }

    /// As a snapshot shows them.
    pub(super) fn shared(&self) -> Arc<VecDeque<Arc<Failure>>> {
        Arc::clone(&self.rows)
    }

    /// Takes in a new row; gives it back as it is by now, or nothing where it was replaced before.
    pub(super) fn add(&mut self, row: Arc<Failure>) -> Option<Arc<Failure>> {
        if self.gone.contains(&row.id()) {
            return None;
        }
        let position = self.position(&row);
        if let Some(known) = self.rows.get(position).filter(|known| known.id() == row.id()) {
            return Some(Arc::clone(known));
        }
        self.insert(Arc::clone(&row), position);
        Some(row)
    }

    /// Takes in a row that has changed.
    pub(super) fn put(&mut self, row: Arc<Failure>) {
        if !self.gone.contains(&row.id()) {
            Arc::make_mut(&mut self.rows).retain(|known| known.id() != row.id());
            let position = self.position(&row);
            self.insert(row, position);
        }
    }

    /// Drops a row for good.
    pub(super) fn remove(&mut self, id: i64) {
        Arc::make_mut(&mut self.rows).retain(|known| known.id() != id);
        self.gone.push_back(id);
        if self.gone.len() > REMEMBERED {
            self.gone.pop_front();
        }
    }

    /// Where it stands, or would: its time and id stay what they are.
    fn position(&self, row: &Failure) -> usize {
        self.rows.partition_point(|known| place(known) > place(row))
    }

    fn insert(&mut self, row: Arc<Failure>, position: usize) {
        let rows = Arc::make_mut(&mut self.rows);
        rows.insert(position, row);
        rows.truncate(NEWEST_ROWS);
    }
}

fn place(row: &Failure) -> (Timestamp, i64) {
    (row.timestamp, row.id())
}
