//! The live window: the newest events, counted in the bins of the reference profile as they come and go.
//!
//! An event costs one look-up a feature when it comes and one subtraction when it leaves, whatever the window's length.
//! Counts are whole numbers, so a window that slid for years equals one that is filled again from the database.
//!
//! A feature that too few events of the window tell of is judged over its newest `drift.min_samples` values, as far back
//! as one more window: a duration of deployments is watched, too, where one failure in four is a deployment, and what is
//! over is forgotten after two windows.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;

use super::bins::Bins;
use super::habit::{self, Fallen, past_events};
use super::performance::estimate;
use super::reference::{Baseline, LiveCounts, ReferenceProfile};
use super::report::{self, Case};
use super::{DriftReport, DriftSettings, Watched, WatchedValue};
use crate::verdict::DecidedFrom;

/// The newest events, oldest first, and their counts.
#[derive(Debug, Clone)]
pub struct SlidingWindow {
    profile: Arc<ReferenceProfile>,
    settings: DriftSettings,
    events: VecDeque<Seen>,
    /// What left the window, oldest first.
    past: VecDeque<Seen>,
    /// By feature of the profile.
    live: Vec<Live>,
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
    /// By feature of the profile.
    places: Box<[usize]>,
    /// By feature that no training knows: its word.
    words: Box<[Option<Box<str>>]>,
    confidence: f64,
    /// What a person said of the verdict, if one did: whether it stood.
    stood: Option<bool>,
}

/// What is counted of one feature.
#[derive(Debug, Clone)]
struct Live {
    counts: LiveCounts,
    /// Counted values that are not missing.
    present: usize,
    /// Place of missing values.
    missing: usize,
    /// How many of the newest events of the past are counted with those of the window.
    reach: usize,
}

impl Live {
    fn of(baseline: &Baseline) -> Self {
        let missing = baseline.bins().count();
        Self {
            counts: DecidedFrom::ALL.map(|_| vec![0; missing + 1]),
            present: 0,
            missing,
            reach: 0,
        }
    }

    fn add(&mut self, from: DecidedFrom, place: usize) {
        self.counts[from as usize][place] += 1;
        self.present += usize::from(place != self.missing);
    }

    fn take(&mut self, from: DecidedFrom, place: usize) {
        let cell = &mut self.counts[from as usize][place];
        *cell = cell.saturating_sub(1);
        self.present -= usize::from(place != self.missing);
    }

    /// Lets go of values of the past that are not needed for `wanted` present ones, or are further back than `most`.
    fn shrink(&mut self, feature: usize, past: &VecDeque<Seen>, wanted: usize, most: usize) {
        while let Some(oldest) = past.len().checked_sub(self.reach).and_then(|place| past.get(place)) {
            let place = oldest.places[feature];
            if self.reach <= most && place != self.missing && self.present <= wanted {
                break;
            }
            self.take(oldest.from, place);
            self.reach -= 1;
        }
    }

    /// Reaches back as far as `wanted` present values take.
    fn grow(&mut self, feature: usize, past: &VecDeque<Seen>, wanted: usize, most: usize) {
        while self.present < wanted
            && self.reach < most
            && let Some(next) = past.len().checked_sub(self.reach + 1).and_then(|place| past.get(place))
        {
            self.add(next.from, next.places[feature]);
            self.reach += 1;
        }
        self.shrink(feature, past, wanted, most);
    }
}

impl SlidingWindow {
    /// An empty window over this baseline.
    #[must_use]
    pub fn new(profile: Arc<ReferenceProfile>, settings: DriftSettings) -> Self {
        Self {
            live: profile.features().iter().map(Live::of).collect(),
            profile,
            settings,
            events: VecDeque::new(),
            past: VecDeque::new(),
        }
    }

    /// Takes a new event in; the oldest leave while there are more than `settings.window`.
    ///
    /// `id` must not be in the window; a new verdict on an event that is goes through [`Self::replace`].
    pub fn push(&mut self, id: i64, at: Timestamp, from: DecidedFrom, watched: &Watched, confidence: f64) {
        let seen = self.see(id, at, from, watched, confidence);
        self.add(&seen);
        self.events.push_back(seen);
        while self.events.len() > self.settings.window.max(1) {
            if let Some(oldest) = self.events.pop_front() {
                self.past.push_back(oldest);
                self.live.iter_mut().for_each(|live| live.reach += 1);
            }
        }
        self.forget();
        let wanted = self.wanted();
        for (feature, live) in self.live.iter_mut().enumerate() {
            live.shrink(feature, &self.past, wanted, self.settings.window);
        }
    }

    /// Drops what is longer ago than is remembered.
    fn forget(&mut self) {
        while self.past.len() > past_events(self.settings.window) {
            let Some(forgotten) = self.past.pop_front() else { return };
            for (live, place) in self.live.iter_mut().zip(&forgotten.places) {
                if live.reach > self.past.len() {
                    live.take(forgotten.from, *place);
                    live.reach -= 1;
                }
            }
        }
    }

    /// So many values of a feature are looked for, in the past where the window has not as many.
    const fn wanted(&self) -> usize {
        if self.settings.window < self.settings.min_samples {
            0
        } else {
            self.settings.min_samples
        }
    }

    /// After something in the midst has changed.
    fn settle(&mut self) {
        let wanted = self.wanted();
        for (feature, live) in self.live.iter_mut().enumerate() {
            live.grow(feature, &self.past, wanted, self.settings.window);
        }
    }

    /// Puts a new verdict in place of the one on the same event. False where the event is forgotten.
    pub fn replace(&mut self, id: i64, from: DecidedFrom, watched: &Watched, confidence: f64) -> bool {
        if let Some(place) = find(&self.events, id) {
            let mut seen = self.see(id, self.events[place].at, from, watched, confidence);
            seen.stood = self.events[place].stood;
            self.add(&seen);
            let before = std::mem::replace(&mut self.events[place], seen);
            self.take(&before);
        } else if let Some(place) = find(&self.past, id) {
            let seen = self.see(id, self.past[place].at, from, watched, confidence);
            let before = std::mem::replace(&mut self.past[place], seen);
            self.change_past(place, &before);
        } else {
            return false;
        }
        self.settle();
        true
    }

    /// The event at a place of the past is another one than `before`: those features count it that reach as far.
    fn change_past(&mut self, place: usize, before: &Seen) {
        let now = &self.past[place];
        for (feature, live) in self.live.iter_mut().enumerate() {
            if place + live.reach >= self.past.len() {
                live.add(now.from, now.places[feature]);
                live.take(before.from, before.places[feature]);
            }
        }
    }

    /// Takes an event out that left history; the newest of the past comes in again for it. False where it is forgotten.
    pub fn remove(&mut self, id: i64) -> bool {
        if let Some(gone) = find(&self.events, id).and_then(|place| self.events.remove(place)) {
            self.take(&gone);
            self.come_again();
        } else if let Some(place) = find(&self.past, id)
            && let Some(gone) = self.past.remove(place)
        {
            for (live, fell) in self.live.iter_mut().zip(&gone.places) {
                if place + live.reach > self.past.len() {
                    live.take(gone.from, *fell);
                    live.reach -= 1;
                }
            }
        } else {
            return false;
        }
        self.settle();
        true
    }

    fn come_again(&mut self) {
        let Some(again) = self.past.pop_back() else { return };
        for (live, place) in self.live.iter_mut().zip(&again.places) {
            match live.reach.checked_sub(1) {
                // Counted already.
                Some(reach) => live.reach = reach,
                None => live.add(again.from, *place),
            }
        }
        self.events.push_front(again);
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
            mean_confidence: self.mean_confidence(),
            performance,
            features: report::judge(&self.cases(), &self.settings),
        }
    }

    /// Of verdicts that were told what failed, if there are enough of them: payloads say next to nothing of it, so that
    /// verdicts on them are unsure on the best of days.
    fn mean_confidence(&self) -> Option<f64> {
        let told = || self.events.iter().filter(|seen| seen.from != DecidedFrom::Payload);
        let enough = told().count() >= self.settings.min_samples;
        mean(told().map(|seen| seen.confidence)).filter(|_| enough)
    }

    /// What each feature is judged against, and what is counted of it.
    fn cases(&self) -> Vec<Case<'_>> {
        let trained = self.profile.features().iter().zip(&self.live).enumerate();
        let trained = trained.map(|(feature, (baseline, live))| {
            if baseline.is_habit() {
                let fell = |seen: &Seen| seen.places[feature];
                habit::case(&baseline.forgotten(), &self.fallen(fell), &self.settings)
            } else {
                Case {
                    baseline: Cow::Borrowed(baseline),
                    live: Cow::Borrowed(&live.counts),
                }
            }
        });
        let untrained = self.profile.untrained().iter().enumerate();
        trained
            .chain(untrained.map(|(word, name)| self.own_words(name, word)))
            .collect()
    }

    /// A category that no training knows: its bins are the words that were seen.
    fn own_words(&self, name: &str, word: usize) -> Case<'_> {
        let seen = self.past.iter().chain(&self.events);
        let bins = Bins::of_categories(seen.filter_map(|seen| seen.words[word].as_deref()));
        let fell = |seen: &Seen| bins.place_of_word(seen.words[word].as_deref());
        let fallen = self.fallen(fell);
        habit::case(&Baseline::unhit(name, bins), &fallen, &self.settings)
    }

    fn fallen(&self, fell: impl Fn(&Seen) -> usize) -> Fallen {
        let of = |seen: &Seen| (seen.from, fell(seen));
        Fallen {
            window: self.events.iter().map(of).collect(),
            past: self.past.iter().rev().map(of).collect(),
        }
    }

    fn see(&self, id: i64, at: Timestamp, from: DecidedFrom, watched: &Watched, confidence: f64) -> Seen {
        let mut values = watched.0.iter().chain(std::iter::repeat(&WatchedValue::Missing));
        let baselines = self.profile.features().iter();
        let places = baselines
            .zip(values.by_ref())
            .map(|(baseline, value)| baseline.bins().place(value));
        let places: Box<[usize]> = places.collect();
        let words = values.take(self.profile.untrained().len()).map(|value| match value {
            WatchedValue::Category(word) => Some(word.as_str().into()),
            WatchedValue::Number(_) | WatchedValue::Missing => None,
        });
        Seen {
            id,
            at,
            from,
            places,
            words: words.collect(),
            confidence,
            stood: None,
        }
    }

    fn add(&mut self, seen: &Seen) {
        for (live, place) in self.live.iter_mut().zip(&seen.places) {
            live.add(seen.from, *place);
        }
    }

    fn take(&mut self, seen: &Seen) {
        for (live, place) in self.live.iter_mut().zip(&seen.places) {
            live.take(seen.from, *place);
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_usize, 0.0), |(count, sum), value| (count + 1, sum + value));
    (count > 0).then(|| sum / count as f64)
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
        assert!(window.is_empty() && window.report().snapshot().is_none());
        assert_eq!(
            (report.at, report.n, report.mean_confidence, report.features.len()),
            (None, 0, None, WATCHED.len())
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
            (of("memory_usage_mb").n, of("memory_usage_mb").severity),
            (36, Severity::NotEnoughData)
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
        let place = place("missing_share");
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

    fn place(name: &str) -> usize {
        WATCHED.iter().position(|(known, _)| *known == name).expect("watched")
    }

    #[test]
    fn what_few_failures_tell_of_is_judged_over_its_newest_values() {
        let deploys = place("deploy_duration_sec");
        let with = |moved: f64| {
            move |(seed, (from, mut watched)): (usize, (DecidedFrom, Watched))| {
                let told = seed.is_multiple_of(4);
                let value = ((seed * 7_919 + deploys * 104_729) % 1_000) as f64 + moved;
                watched.0[deploys] = if told {
                    WatchedValue::Number(value)
                } else {
                    WatchedValue::Missing
                };
                (from, watched)
            }
        };
        let judged = |events: &mut dyn Iterator<Item = (DecidedFrom, Watched)>| {
            let drift = window(events).report().features.swap_remove(deploys);
            (drift.n, drift.severity)
        };
        let quiet = |count| (0..count).zip(logs(0..count, 0.0)).map(with(0.0));
        let moved = (0..240).zip(logs(0..240, 0.0)).map(with(700.0));
        assert_eq!(judged(&mut quiet(180)), (45, Severity::NotEnoughData));
        assert_eq!(judged(&mut quiet(400)), (50, Severity::None));
        assert_eq!(judged(&mut quiet(400).chain(moved)), (50, Severity::Severe));
    }

    #[test]
    fn a_new_ci_system_is_seen_for_some_windows_and_then_the_habit() {
        let tool = place("ci_tool");
        let from = |name: &'static str| {
            move |(from, mut watched): (DecidedFrom, Watched)| {
                watched.0[tool] = WatchedValue::Category(name.to_owned());
                (from, watched)
            }
        };
        let after = |count| {
            let events = logs(0..400, 0.0).map(from("jenkins"));
            let report = window(events.chain(logs(0..count, 0.0).map(from("orbit-ci")))).report();
            report.features[tool].severity
        };
        assert_eq!(after(0), Severity::None);
        assert_eq!([after(60), after(240)], [Severity::Severe; 2]);
        assert_eq!(after(400), Severity::None);
    }

    #[test]
    fn what_was_usual_before_a_disturbance_is_usual_after_it() {
        let share = place("missing_share");
        let with = |value: f64| {
            move |(from, mut watched): (DecidedFrom, Watched)| {
                watched.0[share] = WatchedValue::Number(value);
                (from, watched)
            }
        };
        for later in [100, 200, 400, 600, 800] {
            let events = logs(0..500, 0.0)
                .map(with(1.0))
                .chain(logs(0..150, 0.0).map(with(2_000.0)));
            let report = window(events.chain(logs(0..later, 0.0).map(with(1.0)))).report();
            assert_eq!(report.features[share].severity, Severity::None, "{later} after it");
        }
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
    fn verdicts_on_payloads_alone_say_nothing_of_the_mean_confidence() {
        let min_samples = DriftSettings::default().min_samples;
        let enough = i64::try_from(min_samples).expect("small");
        let mut window = window(logs(0..min_samples, 0.0));
        let of_logs = window.report().mean_confidence;
        assert!(of_logs.is_some());
        window.push(enough, at(enough), DecidedFrom::Payload, &watched(1, 0.0), 0.1);
        assert_eq!(window.report().mean_confidence, of_logs);
        window.remove(0);
        assert_eq!(window.report().mean_confidence, None, "too few are left");
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
