//! The live window: the newest events, counted in the bins of the reference profile as they come and go.
//!
//! An event costs one look-up a feature when it comes and one subtraction when it leaves, whatever the window's length.
//! Counts are whole numbers, so a window that slid for years equals one that is filled again from the database.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::performance::estimate;
use super::reference::{Baseline, LiveCounts, ReferenceProfile};
use super::{DriftReport, DriftSettings, DriftSnapshot, Watched, WatchedValue, report};
use crate::verdict::DecidedFrom;

/// The newest events, oldest first, and their counts.
#[derive(Debug, Clone)]
pub struct SlidingWindow {
    profile: Arc<ReferenceProfile>,
    settings: DriftSettings,
    events: VecDeque<Seen>,
    counts: Vec<LiveCounts>,
    /// What left the window, oldest first.
    past: VecDeque<Seen>,
    /// By feature: the habits of the past, where it is judged by these.
    habits: Vec<Option<Baseline>>,
    /// The same of nothing: what a past that is too short says.
    no_habits: Vec<Option<Baseline>>,
}

/// The past is as long as this many windows ...
const PAST_WINDOWS: usize = 10;

/// ... and no longer than so many events, unless a single window is.
const PAST_EVENTS: usize = 1_000;

const fn past_events(window: usize) -> usize {
    let wanted = if window * PAST_WINDOWS < PAST_EVENTS {
        window * PAST_WINDOWS
    } else {
        PAST_EVENTS
    };
    if wanted < window { window } else { wanted }
}

/// How many of the newest events make the same window again, the past before it among them.
#[must_use]
pub const fn remembered_events(settings: &DriftSettings) -> usize {
    settings.window + past_events(settings.window)
}

/// What is kept of an event: where its values fell.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    id: i64,
    at: Timestamp,
    from: DecidedFrom,
    places: Box<[usize]>,
    confidence: f64,
    /// What a person said of the verdict, if one did: whether it stood.
    stood: Option<bool>,
}

impl SlidingWindow {
    /// An empty window over this baseline.
    #[must_use]
    pub fn new(profile: Arc<ReferenceProfile>, settings: DriftSettings) -> Self {
        let empty = |cells: usize| DecidedFrom::ALL.map(|_| vec![0; cells]);
        let counts = profile
            .features()
            .iter()
            .map(|baseline| empty(baseline.bins().count() + 1))
            .collect();
        let habit = |baseline: &Baseline| baseline.is_habit().then(|| baseline.forgotten());
        Self {
            habits: profile.features().iter().map(habit).collect(),
            no_habits: profile.features().iter().map(habit).collect(),
            profile,
            settings,
            events: VecDeque::new(),
            counts,
            past: VecDeque::new(),
        }
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
                self.remember(oldest);
            }
        }
    }

    fn remember(&mut self, event: Seen) {
        self.count_habits(&event, 1);
        self.past.push_back(event);
        while self.past.len() > past_events(self.settings.window) {
            if let Some(forgotten) = self.past.pop_front() {
                self.count_habits(&forgotten, -1);
            }
        }
    }

    fn count_habits(&mut self, seen: &Seen, step: i64) {
        for (habit, place) in self.habits.iter_mut().zip(&seen.places) {
            if let Some(habit) = habit {
                habit.count(seen.from, *place, step);
            }
        }
    }

    /// What each feature is judged against. Half a past is no habit yet: a short disturbance would be most of it.
    fn baselines(&self) -> Vec<&Baseline> {
        let known = 2 * self.past.len() >= past_events(self.settings.window);
        let habits = if known { &self.habits } else { &self.no_habits };
        let trained = self.profile.features().iter();
        trained
            .zip(habits)
            .map(|(trained, habit)| habit.as_ref().unwrap_or(trained))
            .collect()
    }

    /// Puts a new verdict in place of the one on the same event. False where the event is forgotten.
    pub fn replace(&mut self, id: i64, from: DecidedFrom, watched: &Watched, confidence: f64) -> bool {
        let Some(place) = find(&self.events, id) else {
            return self.replace_in_past(id, from, watched, confidence);
        };
        let seen = self.see(id, self.events[place].at, from, watched, confidence);
        self.count(&seen, 1);
        let before = std::mem::replace(&mut self.events[place], seen);
        self.events[place].stood = before.stood;
        self.count(&before, -1);
        true
    }

    fn replace_in_past(&mut self, id: i64, from: DecidedFrom, watched: &Watched, confidence: f64) -> bool {
        let Some(place) = find(&self.past, id) else {
            return false;
        };
        let seen = self.see(id, self.past[place].at, from, watched, confidence);
        self.count_habits(&seen, 1);
        let before = std::mem::replace(&mut self.past[place], seen);
        self.count_habits(&before, -1);
        true
    }

    /// Takes an event out that left history; the newest of the past comes in again for it. False where it is forgotten.
    pub fn remove(&mut self, id: i64) -> bool {
        if let Some(gone) = find(&self.events, id).and_then(|place| self.events.remove(place)) {
            self.count(&gone, -1);
            if let Some(again) = self.past.pop_back() {
                self.count_habits(&again, -1);
                self.count(&again, 1);
                self.events.push_front(again);
            }
            return true;
        }
        let gone = find(&self.past, id).and_then(|place| self.past.remove(place));
        if let Some(gone) = &gone {
            self.count_habits(gone, -1);
        }
        gone.is_some()
    }

    /// Notes what people say of the verdict on an event: whether it stands; `None` where nobody says anything (any more).
    pub fn answer(&mut self, id: i64, stood: Option<bool>) {
        if let Some(place) = find(&self.events, id) {
            self.events[place].stood = stood;
        }
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
        report::largest_psi(&self.baselines(), &self.counts, &self.settings)
    }

    /// Judges the window. Costs tens of microseconds to a few milliseconds, more where p-values are resampled: a thing to
    /// do when something is published, not for every event.
    #[must_use]
    pub fn report(&self) -> DriftReport {
        let confidences: Vec<f64> = self.events.iter().map(|seen| seen.confidence).collect();
        let performance = estimate(&confidences, self.events.iter().filter_map(|seen| seen.stood));
        DriftReport {
            at: self.events.back().map(|seen| seen.at),
            n: self.events.len(),
            window: self.settings.window,
            min_samples: self.settings.min_samples,
            mean_confidence: performance.map(|right| right.expected_accuracy),
            performance,
            features: report::judge(&self.baselines(), &self.counts, &self.settings),
        }
    }

    /// The window as one column of the heat map. `None` while it is empty.
    #[must_use]
    pub fn snapshot(&self) -> Option<DriftSnapshot> {
        if self.is_empty() {
            None
        } else {
            self.report().snapshot()
        }
    }

    fn see(&self, id: i64, at: Timestamp, from: DecidedFrom, watched: &Watched, confidence: f64) -> Seen {
        let values = watched.0.iter().chain(std::iter::repeat(&WatchedValue::Missing));
        let places = self
            .profile
            .features()
            .iter()
            .zip(values)
            .map(|(baseline, value)| baseline.bins().place(value));
        Seen {
            id,
            at,
            from,
            places: places.collect(),
            confidence,
            stood: None,
        }
    }

    fn count(&mut self, seen: &Seen, step: i32) {
        for (counts, place) in self.counts.iter_mut().zip(&seen.places) {
            let cell = &mut counts[seen.from as usize][*place];
            *cell = cell.saturating_add_signed(step);
        }
    }
}

/// Newest first: what is replaced mostly came a moment ago.
fn find(events: &VecDeque<Seen>, id: i64) -> Option<usize> {
    events.iter().rposition(|seen| seen.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::Severity;
    use crate::drift::reference::{HABITS, Kind, WATCHED};
    use proptest::prelude::*;

    /// Values that differ by seed; `moved` is added to the confidence and all measurements.
    fn watched(seed: usize, moved: f64) -> Watched {
        let value = |(at, (_, kind)): (usize, &(&str, Kind))| {
            let place = (seed * 7_919 + at * 104_729) % 1_000;
            match kind {
                Kind::Number if at > 8 && place.is_multiple_of(3) => WatchedValue::Missing,
                Kind::Number => WatchedValue::Number(place as f64 + moved),
                Kind::Category => WatchedValue::Category(format!("c{}", place / 250)),
            }
        };
        Watched(WATCHED.iter().enumerate().map(value).collect())
    }

    fn profile() -> Arc<ReferenceProfile> {
        let rows: Vec<_> = (0..1_000)
            .map(|seed| (DecidedFrom::ALL[1 + seed % 2], watched(seed, 0.0)))
            .collect();
        Arc::new(ReferenceProfile::fit(&rows, 10))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    /// A window of 100 with these events, of consecutive ids.
    fn window(events: impl Iterator<Item = (DecidedFrom, Watched)>) -> SlidingWindow {
        let mut window = SlidingWindow::new(profile(), DriftSettings::default());
        for (id, (from, watched)) in (0..).zip(events) {
            window.push(id, at(id), from, &watched, 0.8);
        }
        window
    }

    fn logs(seeds: std::ops::Range<usize>, moved: f64) -> impl Iterator<Item = (DecidedFrom, Watched)> {
        seeds.map(move |seed| (DecidedFrom::Log, watched(seed, moved)))
    }

    #[test]
    fn an_empty_window_says_nothing() {
        let window = window(logs(0..0, 0.0));
        let report = window.report();
        assert!(window.is_empty() && window.snapshot().is_none() && window.largest_psi().is_none());
        assert_eq!(
            (report.at, report.n, report.mean_confidence, report.features.len()),
            (None, 0, None, 16)
        );
        assert!(
            report
                .features
                .iter()
                .all(|feature| feature.live.iter().all(|share| *share == 0.0))
        );
    }

    #[test]
    fn under_the_minimum_no_feature_has_a_score() {
        let report = window(logs(0..49, 500.0)).report();
        assert!(
            report
                .features
                .iter()
                .all(|feature| feature.severity == Severity::NotEnoughData)
        );
        assert!(
            report
                .features
                .iter()
                .all(|feature| feature.score.is_none() && feature.p_value.is_none())
        );
        assert_eq!((report.n, report.largest_psi()), (49, None));
    }

    #[test]
    fn a_feature_that_is_mostly_missing_waits_for_its_own_values() {
        let report = window(logs(0..60, 0.0)).report();
        let of = |name: &str| {
            report
                .features
                .iter()
                .find(|feature| feature.feature == name)
                .expect("watched")
        };
        assert_eq!(of("confidence").n, 60);
        assert!(of("confidence").score.is_some());
        assert_eq!(
            (of("retry_count").n, of("retry_count").severity),
            (37, Severity::NotEnoughData)
        );
    }

    #[test]
    fn what_training_looks_like_is_no_drift() {
        let report = window(logs(0..100, 0.0)).report();
        assert_eq!(report.drifted(), 0, "{:#?}", report.features);
    }

    #[test]
    fn numbers_that_moved_far_are_severe_and_the_others_are_not() {
        let report = window(logs(0..100, 700.0)).report();
        for (feature, (name, kind)) in report.features.iter().zip(WATCHED) {
            assert_eq!(feature.feature, name);
            let expected = match kind {
                // Nothing came before this window.
                _ if HABITS.contains(&name) => Severity::NotEnoughData,
                Kind::Number => Severity::Severe,
                Kind::Category => Severity::None,
            };
            assert_eq!(feature.severity, expected, "{feature:#?}");
        }
    }

    #[test]
    fn missing_measurements_by_themselves_are_no_alarm() {
        let without = logs(0..100, 0.0).map(|(from, mut watched)| {
            watched.0[8..].fill(WatchedValue::Missing);
            (from, watched)
        });
        let report = window(without).report();
        assert_eq!(report.drifted(), 0);
        assert!(
            report.features[8..]
                .iter()
                .all(|feature| feature.severity == Severity::NotEnoughData)
        );
        assert!((report.features[8].live.last().copied().unwrap_or_default() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_source_that_measures_little_is_no_drift_and_a_sensor_that_falls_silent_is() {
        let place = WATCHED
            .iter()
            .position(|(name, _)| *name == "missing_share")
            .expect("watched");
        let with = |share: f64| {
            move |(from, mut watched): (DecidedFrom, Watched)| {
                watched.0[place] = WatchedValue::Number(share);
                (from, watched)
            }
        };
        let quiet = window(logs(0..700, 0.0).map(with(2_000.0))).report();
        assert_eq!(
            (quiet.drifted(), quiet.features[place].n),
            (0, 100),
            "{:#?}",
            quiet.features
        );
        let silent = logs(0..600, 0.0)
            .map(with(1.0))
            .chain(logs(0..100, 0.0).map(with(2_000.0)));
        let report = window(silent).report();
        assert_eq!(
            (report.drifted(), report.features[place].severity),
            (1, Severity::Severe)
        );
    }

    #[test]
    fn shares_sum_to_one_and_have_a_name_each() {
        for feature in window(logs(0..100, 0.0)).report().features {
            assert_eq!(feature.bins.len(), feature.live.len());
            assert_eq!(feature.bins.len(), feature.reference.len());
            assert!((feature.live.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            // Nothing came before this window.
            let expected = f64::from(u8::from(!HABITS.contains(&feature.feature.as_str())));
            assert!((feature.reference.iter().sum::<f64>() - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn a_new_verdict_on_an_event_takes_the_place_of_the_old_one() {
        let mut window = window(logs(0..100, 0.0));
        let time = window.report().at;
        assert!(window.replace(99, DecidedFrom::Record, &watched(500, 0.0), 0.1));
        assert!(!window.replace(1_000, DecidedFrom::Record, &watched(500, 0.0), 0.1));
        let report = window.report();
        assert_eq!((report.n, report.at), (100, time));
        assert!(report.mean_confidence.is_some_and(|mean| (mean - 0.793).abs() < 1e-9));
    }

    #[test]
    fn an_event_that_left_history_leaves_the_window() {
        let mut window = window(logs(0..100, 0.0));
        assert!(window.remove(40) && !window.remove(40));
        assert_eq!((window.len(), window.report().features[0].n), (99, 99));
    }

    #[test]
    fn an_empty_profile_names_every_feature_and_judges_none() {
        let mut window = SlidingWindow::new(Arc::default(), DriftSettings::default());
        (0..100).for_each(|id| window.push(id, at(id), DecidedFrom::Log, &watched(1, 0.0), 0.8));
        let report = window.report();
        assert_eq!(report.features.len(), WATCHED.len());
        assert!(
            report
                .features
                .iter()
                .all(|feature| feature.severity == Severity::NotEnoughData)
        );
    }

    /// What may happen to a window.
    #[derive(Debug, Clone)]
    enum Step {
        Push(usize, usize),
        Replace(i64, usize, usize),
        Remove(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => (0usize..4, 0usize..1_000).prop_map(|(from, seed)| Step::Push(from, seed)),
            1 => (0i64..150, 0usize..4, 0usize..1_000).prop_map(|(id, from, seed)| Step::Replace(id, from, seed)),
            1 => (0i64..150).prop_map(Step::Remove),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn sliding_equals_filling_again_from_scratch(steps in proptest::collection::vec(step(), 1..200)) {
            let settings = DriftSettings { window: 60, min_samples: 20, ..DriftSettings::default() };
            let profile = profile();
            let mut slid = SlidingWindow::new(Arc::clone(&profile), settings.clone());
            let mut kept: Vec<(i64, DecidedFrom, usize)> = Vec::new();
            let mut next = 0;
            for step in steps {
                match step {
                    Step::Push(from, seed) => {
                        slid.push(next, at(next), DecidedFrom::ALL[from], &watched(seed, 0.0), seed as f64 / 1e3);
                        kept.push((next, DecidedFrom::ALL[from], seed));
                        next += 1;
                    }
                    Step::Replace(id, from, seed) => {
                        let found = kept.iter_mut().find(|event| event.0 == id);
                        let replaced = slid.replace(id, DecidedFrom::ALL[from], &watched(seed, 0.0), seed as f64 / 1e3);
                        prop_assert_eq!(replaced, found.is_some());
                        if let Some(event) = found { *event = (id, DecidedFrom::ALL[from], seed); }
                    }
                    Step::Remove(id) => {
                        prop_assert_eq!(slid.remove(id), kept.iter().any(|event| event.0 == id));
                        kept.retain(|event| event.0 != id);
                    }
                }
            }
            let mut filled = SlidingWindow::new(profile, settings);
            for (id, from, seed) in kept {
                filled.push(id, at(id), from, &watched(seed, 0.0), seed as f64 / 1e3);
            }
            prop_assert_eq!(slid.largest_psi(), slid.report().largest_psi());
            prop_assert_eq!(slid.report(), filled.report());
        }

        #[test]
        fn a_change_of_mix_alone_moves_no_expectation(records in 0usize..=100) {
            // Records carry other values than logs, in training and live alike.
            let rows: Vec<_> = (0..2_000).map(|seed| match seed % 2 {
                0 => (DecidedFrom::Log, watched(seed, 0.0)),
                _ => (DecidedFrom::Record, watched(seed, 600.0)),
            }).collect();
            let mut window = SlidingWindow::new(Arc::new(ReferenceProfile::fit(&rows, 10)), DriftSettings::default());
            for (id, event) in (0..).zip(0..100) {
                let (from, moved) = if event < records { (DecidedFrom::Record, 600.0) } else { (DecidedFrom::Log, 0.0) };
                window.push(id, at(id), from, &watched(event * 17 + 3, moved), 0.8);
            }
            prop_assert_eq!(window.report().drifted(), 0);
        }
    }
}
