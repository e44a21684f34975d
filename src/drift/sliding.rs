//! The live window: the newest events, counted in the bins of the reference profile as they come and go.
//!
//! An event costs one look-up a feature when it comes and one subtraction when it leaves, whatever the window's length.
//! Counts are whole numbers, so a window that slid for years equals one that is filled again from the database.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::reference::{LiveCounts, ReferenceProfile};
use super::{DriftReport, DriftSettings, DriftSnapshot, Watched, WatchedValue, report};
use crate::verdict::DecidedFrom;

/// The newest events, oldest first, and their counts.
#[derive(Debug, Clone)]
pub struct SlidingWindow {
    profile: Arc<ReferenceProfile>,
    settings: DriftSettings,
    events: VecDeque<Seen>,
    counts: Vec<LiveCounts>,
}

/// What is kept of an event: where its values fell.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    id: i64,
    at: Timestamp,
    from: DecidedFrom,
    places: Box<[usize]>,
    confidence: f64,
}

impl SlidingWindow {
    /// An empty window over this baseline.
    #[must_use]
    pub fn new(profile: Arc<ReferenceProfile>, settings: DriftSettings) -> Self {
        let empty = |cells: usize| DecidedFrom::ALL.map(|_| vec![0; cells]);
        let counts = profile.features().iter().map(|baseline| empty(baseline.bins().count() + 1)).collect();
        Self { profile, settings, events: VecDeque::new(), counts }
    }

    /// Takes a new event in; the oldest leave while there are more than `settings.window`.
    ///
    /// `id` must not be in the window; a new verdict on an event that is goes through [`Self::replace`].
    pub fn push(&mut self, id: i64, at: Timestamp, from: DecidedFrom, watched: &Watched, confidence: f64) {
        let seen = self.see(id, at, from, watched, confidence);
        self.count(&seen, 1);
        self.events.push_back(seen);
        while self.events.len() > self.settings.window.max(1) {
            if let Some(oldest) = self.events.pop_front() {
                self.count(&oldest, -1);
            }
        }
    }

    /// Puts a new verdict in place of the one on the same event. False where the event is not in the window.
    pub fn replace(&mut self, id: i64, from: DecidedFrom, watched: &Watched, confidence: f64) -> bool {
        let Some(place) = self.find(id) else { return false };
        let seen = self.see(id, self.events[place].at, from, watched, confidence);
        self.count(&seen, 1);
        let before = std::mem::replace(&mut self.events[place], seen);
        self.count(&before, -1);
        true
    }

    /// Takes an event out that left history. False where it is not in the window.
    pub fn remove(&mut self, id: i64) -> bool {
        let Some(gone) = self.find(id).and_then(|place| self.events.remove(place)) else { return false };
        self.count(&gone, -1);
        true
    }

    /// Events in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether it holds no event.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The largest PSI among features with enough data: what [`DriftReport::largest_psi`] says, for a few microseconds.
    #[must_use]
    pub fn largest_psi(&self) -> Option<f64> {
        report::largest_psi(&self.profile, &self.counts, &self.settings)
    }

    /// Judges the window. Costs tens of microseconds to a few milliseconds, more where p-values are resampled: a thing to
    /// do when something is published, not for every event.
    #[must_use]
    pub fn report(&self) -> DriftReport {
        let total: f64 = self.events.iter().map(|seen| seen.confidence).sum();
        DriftReport {
            at: self.events.back().map(|seen| seen.at),
            n: self.events.len(),
            window: self.settings.window,
            min_samples: self.settings.min_samples,
            mean_confidence: (!self.is_empty()).then(|| total / self.events.len() as f64),
            features: report::judge(&self.profile, &self.counts, &self.settings),
        }
    }

    /// The window as one column of the heat map. `None` while it is empty.
    #[must_use]
    pub fn snapshot(&self) -> Option<DriftSnapshot> {
        if self.is_empty() { None } else { self.report().snapshot() }
    }

    fn see(&self, id: i64, at: Timestamp, from: DecidedFrom, watched: &Watched, confidence: f64) -> Seen {
        let values = watched.0.iter().chain(std::iter::repeat(&WatchedValue::Missing));
        let places = self.profile.features().iter().zip(values).map(|(baseline, value)| baseline.bins().place(value));
        Seen { id, at, from, places: places.collect(), confidence }
    }

    fn count(&mut self, seen: &Seen, step: i32) {
        for (counts, place) in self.counts.iter_mut().zip(&seen.places) {
            let cell = &mut counts[seen.from as usize][*place];
            *cell = cell.saturating_add_signed(step);
        }
    }

    /// Newest first: what is replaced mostly came a moment ago.
    fn find(&self, id: i64) -> Option<usize> {
        self.events.iter().rposition(|seen| seen.id == id)
    }
}
