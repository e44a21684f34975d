//! The state of the tower, and the whole of its rules: an event and the time in, effects out. Pure.

#![deny(clippy::disallowed_methods)]

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::effect::Effect;
use super::event::{Event, Served};
use super::newest::NewestRows;
use super::retraining::Retraining;
use super::snapshot::{HEAT_MAP_COLUMNS, Snapshot};
use crate::correction::StoredProposal;
use crate::drift::sliding::SlidingWindow;
use crate::drift::{DriftReport, DriftSettings, DriftSnapshot, Severity, aging};
use crate::health::{HealthInputs, HealthState, settle};
use crate::store::{Failure, Totals};
use crate::training::policy::{self, PolicyInputs};

/// What stays as it is while the server runs.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// When it started.
    pub started_at: Timestamp,
    /// Where it listens.
    pub address: String,
    /// How drift is measured.
    pub drift: DriftSettings,
    /// So many corrections waiting call for a new model.
    pub retrain_threshold: u64,
    /// Whether a model that is due is trained without anybody asking.
    pub retrain_auto: bool,
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
    served: Served,
    retraining: Arc<Retraining>,
    /// Corrections that stood when the policy last asked for a training.
    asked_at: u64,
    sequence: u64,
    totals: Totals,
    rows: NewestRows,
    window: Watched,
    /// Events since the last column of the heat map.
    since_column: usize,
    heat_map: Arc<VecDeque<DriftSnapshot>>,
    proposals: Arc<[StoredProposal]>,
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
    pub fn new(fixed: Fixed, served: Served, remembered: Remembered) -> Self {
        let mut window = SlidingWindow::new(Arc::clone(&served.profile), fixed.drift.clone());
        let own = |row: &&Failure| row.verdict.model_version == served.version;
        for row in remembered.window.iter().rev().filter(own) {
            push(&mut window, row);
        }
        Self {
            window: Watched { window, report: None },
            fixed,
            served,
            retraining: Arc::default(),
            asked_at: 0,
            sequence: 0,
            live: remembered.totals.live > 0,
            health: HealthState::NotEnoughData,
            totals: remembered.totals,
            rows: NewestRows::new(remembered.rows),
            since_column: 0,
            heat_map: Arc::new(remembered.heat_map.into()),
            proposals: Arc::default(),
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
            Event::Waiting(proposals) => self.proposed(proposals),
            Event::DriftKept(column) => self.drift_kept(column),
            Event::Retrained(retraining) => self.retrained(retraining),
            Event::Served(served) => self.serve(*served),
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
        push(self.window.change(), &row);
        self.since_column += 1;
        vec![Effect::Publish]
    }

    /// The first live event: what was made up before it is no baseline of anything.
    fn begin_live(&mut self) {
        *self.window.change() = self.empty_window();
        self.heat_map = Arc::default();
        self.since_column = 0;
    }

    fn empty_window(&self) -> SlidingWindow {
        SlidingWindow::new(Arc::clone(&self.served.profile), self.fixed.drift.clone())
    }

    /// What another model said tells nothing of this one: window and badge are about the live model's verdicts alone.
    fn feeds_drift(&self, row: &Failure) -> bool {
        let counts = row.job.source.is_live() || !self.live || self.fixed.drift.include_simulated;
        counts && row.verdict.model_version == self.served.version
    }

    /// A column each quarter of a window, of what is published, so that a flood of events costs no more than it shows; none
    /// is of a time to come, whatever the clock of a sender says.
    pub fn column(&mut self, now: Timestamp) -> Option<Effect> {
        if self.since_column < (self.fixed.drift.window / 4).max(1) {
            return None;
        }
        self.since_column = 0;
        let mut column = self.window.report().snapshot()?;
        column.at = column.at.min(now);
        Some(Effect::KeepDrift(column))
    }

    fn revised(&mut self, row: Arc<Failure>) -> Vec<Effect> {
        let verdict = &row.verdict;
        // Not in the window: it has left it, or comes with its own event.
        let _in_window = if verdict.model_version == self.served.version {
            let window = self.window.change();
            window.replace(row.id(), row.read_from, &row.watched, verdict.confidence)
        } else {
            self.window.change().remove(row.id())
        };
        self.relabelled(row)
    }

    fn replaced(&mut self, parent: i64) -> Vec<Effect> {
        self.rows.remove(parent);
        let _was_in_window = self.window.change().remove(parent);
        vec![Effect::Publish]
    }

    fn relabelled(&mut self, row: Arc<Failure>) -> Vec<Effect> {
        self.window.change().answer(row.id(), stood(&row));
        self.rows.put(row);
        vec![Effect::Publish]
    }

    /// Counts are read for a publication under way; they call for none, but perhaps for a new model.
    fn counted(&mut self, totals: Totals) -> Vec<Effect> {
        self.totals = totals;
        self.model_due().into_iter().collect()
    }

    /// Corrections that no training has seen.
    const fn waiting(&self) -> u64 {
        self.totals.corrections.saturating_sub(self.served.learned)
    }

    /// Asks for a training where one is due; again only after as many corrections more, however that one ends.
    fn model_due(&mut self) -> Option<Effect> {
        if !self.fixed.retrain_auto || self.retraining.running.is_some() {
            return None;
        }
        let seen = self.served.learned.max(self.asked_at);
        let waiting = self.totals.corrections.saturating_sub(seen);
        let why = policy::due(PolicyInputs {
            waiting,
            threshold: self.fixed.retrain_threshold,
            severe_drift: waiting >= policy::MIN_CORRECTIONS_IN_DRIFT && self.drifts_severely(),
        })?;
        self.asked_at = self.totals.corrections;
        Some(Effect::Retrain(why))
    }

    fn drifts_severely(&mut self) -> bool {
        let report = self.window.report();
        report
            .features
            .iter()
            .any(|feature| feature.severity == Severity::Severe && !feature.is_habit())
    }

    fn retrained(&mut self, retraining: Arc<Retraining>) -> Vec<Effect> {
        self.retraining = retraining;
        vec![Effect::Publish]
    }

    /// Another model: drift is measured against what that one was trained on, over what that one has said.
    fn serve(&mut self, served: Served) -> Vec<Effect> {
        let other = served.version != self.served.version;
        self.served = served;
        if other {
            let rows = self.rows.shared();
            let mut window = self.empty_window();
            for row in rows.iter().rev().filter(|row| self.feeds_drift(row)) {
                push(&mut window, row);
            }
            *self.window.change() = window;
            self.since_column = 0;
        }
        vec![Effect::Publish]
    }

    /// Read with the counts, and like them for a publication under way.
    fn proposed(&mut self, proposals: Vec<StoredProposal>) -> Vec<Effect> {
        self.proposals = proposals.into();
        Vec::new()
    }

    fn drift_kept(&mut self, column: DriftSnapshot) -> Vec<Effect> {
        let columns = Arc::make_mut(&mut self.heat_map);
        let position = columns.partition_point(|kept| kept.at <= column.at);
        columns.insert(position, column);
        if columns.len() > HEAT_MAP_COLUMNS {
            *columns = aging::aged(columns.make_contiguous()).into();
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
            corrections_waiting: self.waiting(),
            retrain_threshold: self.fixed.retrain_threshold,
            store_trouble: self.store_trouble.as_deref(),
        };
        let health = settle(self.health, &inputs, &self.fixed.drift);
        self.health = health.state;
        Snapshot {
            sequence: self.sequence,
            started_at: self.fixed.started_at,
            address: self.fixed.address.clone(),
            model_version: self.served.version.clone(),
            corrections_waiting: self.waiting(),
            retraining: Arc::clone(&self.retraining),
            registry: Arc::clone(&self.served.registry),
            health,
            drift,
            heat_map: Arc::clone(&self.heat_map),
            importance: Arc::clone(&self.served.importance),
            totals: self.totals.clone(),
            proposals: Arc::clone(&self.proposals),
            rows: self.rows.shared(),
            in_flight,
            trouble: self.trouble.clone(),
        }
    }
}

/// The window, and what was last said of it: many things are published that change nothing of it.
struct Watched {
    window: SlidingWindow,
    report: Option<Arc<DriftReport>>,
}

impl Watched {
    fn change(&mut self) -> &mut SlidingWindow {
        self.report = None;
        &mut self.window
    }

    fn report(&mut self) -> Arc<DriftReport> {
        let report = || Arc::new(self.window.report());
        Arc::clone(self.report.get_or_insert_with(report))
    }
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
