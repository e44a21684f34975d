//! The state of the tower, and the whole of its rules: an event and the time in, effects out. Pure.

#![deny(clippy::disallowed_methods)]

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::effect::Effect;
use super::event::Event;
use super::newest::NewestRows;
use super::snapshot::{HEAT_MAP_COLUMNS, Snapshot};
use crate::drift::reference::ReferenceProfile;
use crate::drift::sliding::SlidingWindow;
use crate::drift::{DriftSettings, DriftSnapshot};
use crate::health::{HealthInputs, HealthState, settle};
use crate::store::{Failure, Totals};

/// What stays as it is while the server runs.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// When it started.
    pub started_at: Timestamp,
    /// Where it listens.
    pub address: String,
    /// The live model.
    pub model_version: String,
    /// What the live model was trained on.
    pub profile: Arc<ReferenceProfile>,
    /// How drift is measured.
    pub drift: DriftSettings,
    /// So many corrections waiting call for a new model.
    pub retrain_threshold: u64,
}

/// What the store remembers of earlier.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// Its counts.
    pub totals: Totals,
    /// The newest rows of history, newest first.
    pub rows: Vec<Failure>,
    /// The rows of the drift window, newest first.
    pub window: Vec<Failure>,
    /// Columns of the heat map, oldest first.
    pub heat_map: Vec<DriftSnapshot>,
}

/// The one state, with one writer.
pub struct State {
    fixed: Fixed,
    sequence: u64,
    totals: Totals,
    rows: NewestRows,
    window: SlidingWindow,
    /// Events since the last column of the heat map.
    since_column: usize,
    heat_map: Arc<VecDeque<DriftSnapshot>>,
    /// Whether a live source was ever seen: then made-up and past events feed neither drift nor badge.
    live: bool,
    /// What the badge said last: a state is left at another level than it is raised at.
    health: HealthState,
    store_trouble: Option<String>,
    trouble: Option<(Timestamp, String)>,
}

impl State {
    /// The state after a start.
    #[must_use]
    pub fn new(fixed: Fixed, remembered: Remembered) -> Self {
        let mut window = SlidingWindow::new(Arc::clone(&fixed.profile), fixed.drift.clone());
        for row in remembered.window.iter().rev().filter(|row| is_said_by(&fixed, row)) {
            push(&mut window, row);
        }
        Self {
            window,
            fixed,
            sequence: 0,
            live: remembered.totals.live > 0,
            health: HealthState::NotEnoughData,
            totals: remembered.totals,
            rows: NewestRows::new(remembered.rows),
            since_column: 0,
            heat_map: Arc::new(remembered.heat_map.into()),
            store_trouble: None,
            trouble: None,
        }
    }

    /// Takes in what happened.
    pub fn apply(&mut self, event: Event, at: Timestamp) -> Vec<Effect> {
        self.sequence += 1;
        match event {
            Event::Recorded(row) => self.recorded(row),
            Event::Revised(row) => self.revised(row),
            Event::Replaced { parent } => self.replaced(parent),
            Event::Corrected(row) | Event::Undone(row) => self.relabelled(row),
            Event::Proposed => vec![Effect::Publish],
            Event::Counted(totals) => self.counted(totals),
            Event::DriftKept(column) => self.drift_kept(column),
            Event::Troubled(why) => self.troubled(at, why),
            Event::StoreFailed(why) => self.store_failed(at, why),
            Event::StoreRecovered => self.store_recovered(),
        }
    }

    fn recorded(&mut self, row: Arc<Failure>) -> Vec<Effect> {
        // What is recorded was written; should it be older news than the trouble, the check will bring that back.
        self.store_trouble = None;
        let Some(row) = self.rows.add(row) else {
            return vec![Effect::Publish];
        };
        if row.job.source.is_live() && !self.live {
            self.live = true;
            if !self.fixed.drift.include_simulated {
                self.begin_live();
            }
        }
        if !self.feeds_drift(&row) {
            return vec![Effect::Publish];
        }
        push(&mut self.window, &row);
        self.since_column += 1;
        self.column_due().into_iter().chain([Effect::Publish]).collect()
    }

    /// The first live event: what was made up before it is no baseline of anything.
    fn begin_live(&mut self) {
        self.window = SlidingWindow::new(Arc::clone(&self.fixed.profile), self.fixed.drift.clone());
        self.heat_map = Arc::default();
        self.since_column = 0;
    }

    fn feeds_drift(&self, row: &Failure) -> bool {
        let counts = row.job.source.is_live() || !self.live || self.fixed.drift.include_simulated;
        counts && is_said_by(&self.fixed, row)
    }

    /// A column each quarter of a window.
    fn column_due(&mut self) -> Option<Effect> {
        if self.since_column < (self.fixed.drift.window / 4).max(1) {
            return None;
        }
        self.since_column = 0;
        self.window.snapshot().map(Effect::KeepDrift)
    }

    fn revised(&mut self, row: Arc<Failure>) -> Vec<Effect> {
        let verdict = &row.verdict;
        // Not in the window: it has left it, or comes with its own event.
        let _in_window = self
            .window
            .replace(row.id(), row.read_from, &row.watched, verdict.confidence);
        self.relabelled(row)
    }

    fn replaced(&mut self, parent: i64) -> Vec<Effect> {
        self.rows.remove(parent);
        let _was_in_window = self.window.remove(parent);
        vec![Effect::Publish]
    }

    fn relabelled(&mut self, row: Arc<Failure>) -> Vec<Effect> {
        self.window.answer(row.id(), stood(&row));
        self.rows.put(row);
        vec![Effect::Publish]
    }

    /// Counts are read for a publication under way; they call for none.
    fn counted(&mut self, totals: Totals) -> Vec<Effect> {
        self.totals = totals;
        Vec::new()
    }

    fn drift_kept(&mut self, column: DriftSnapshot) -> Vec<Effect> {
        let columns = Arc::make_mut(&mut self.heat_map);
        let position = columns.partition_point(|kept| kept.at <= column.at);
        columns.insert(position, column);
        if columns.len() > HEAT_MAP_COLUMNS {
            columns.pop_front();
        }
        vec![Effect::Publish]
    }

    fn troubled(&mut self, at: Timestamp, why: String) -> Vec<Effect> {
        self.trouble = Some((at, why));
        vec![Effect::Publish]
    }

    fn store_failed(&mut self, at: Timestamp, why: String) -> Vec<Effect> {
        self.store_trouble = Some(why.clone());
        self.trouble = Some((at, why));
        vec![Effect::CheckStore, Effect::Publish]
    }

    fn store_recovered(&mut self) -> Vec<Effect> {
        self.store_trouble = None;
        vec![Effect::Publish]
    }

    /// What everybody may see now.
    #[must_use]
    pub fn snapshot(&mut self, in_flight: usize) -> Snapshot {
        let drift = self.window.report();
        let inputs = HealthInputs {
            drift: &drift,
            corrections_waiting: self.totals.corrections,
            retrain_threshold: self.fixed.retrain_threshold,
            store_trouble: self.store_trouble.as_deref(),
        };
        let health = settle(self.health, &inputs, &self.fixed.drift);
        self.health = health.state;
        Snapshot {
            sequence: self.sequence,
            started_at: self.fixed.started_at,
            address: self.fixed.address.clone(),
            model_version: self.fixed.model_version.clone(),
            health,
            drift: Arc::new(drift),
            heat_map: Arc::clone(&self.heat_map),
            totals: self.totals.clone(),
            rows: self.rows.shared(),
            in_flight,
            trouble: self.trouble.clone(),
        }
    }
}

/// Drift measures the live model: what another one said is no part of it.
fn is_said_by(fixed: &Fixed, row: &Failure) -> bool {
    row.verdict.model_version == fixed.model_version
}

/// Takes a row into a window.
pub(super) fn push(window: &mut SlidingWindow, row: &Failure) {
    let verdict = &row.verdict;
    window.push(row.id(), row.timestamp, row.read_from, &row.watched, verdict.confidence);
    window.answer(row.id(), stood(row));
}

/// Whether a verdict stood before a person, where one has spoken.
fn stood(row: &Failure) -> Option<bool> {
    let verdict = &row.verdict;
    verdict
        .corrected_by
        .as_ref()
        .map(|_| verdict.label == verdict.prediction)
}
