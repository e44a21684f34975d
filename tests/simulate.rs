//! The simulator through its public doors: the same bytes each time, valid records, and a quiet stream that is quiet.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use sentinel::bundle::Bundle;
use sentinel::drift::sliding::SlidingWindow;
use sentinel::drift::{DriftSettings, FeatureDrift};
use sentinel::health::{HealthInputs, HealthState, settle};
use sentinel::ingest::{EventSource, FailedJob, Measurements, payload, record};
use sentinel::judge::judge;
use sentinel::simulate::{Arrival, Chaos, Drift, SimulateSettings, Stream, webhook};
use sentinel::training::corpus::Corpus;
use sentinel::verdict::DecidedFrom;

static CORPUS: LazyLock<Corpus> = LazyLock::new(|| Corpus::shipped().expect("the corpus"));

fn stream(settings: SimulateSettings) -> Stream {
    Stream::new(&CORPUS, settings)
}

fn arrivals(seed: u64, count: u64, chaos: Chaos) -> Vec<Arrival> {
    stream(SimulateSettings {
        seed,
        count,
        chaos,
        ..SimulateSettings::default()
    })
    .collect()
}

fn parsed(arrival: &Arrival) -> record::Record {
    record::parse(&arrival.failure.record(), EventSource::Api, Timestamp::UNIX_EPOCH).expect("a valid record")
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let bytes = |seed| -> Vec<String> {
        arrivals(seed, 60, Chaos::High)
            .iter()
            .map(|arrival| arrival.failure.record().to_string())
            .collect()
    };
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
}

#[test]
fn every_arrival_is_a_valid_record_of_the_simulator_with_something_to_read() {
    for chaos in [Chaos::None, Chaos::Extreme] {
        for arrival in arrivals(3, 80, chaos) {
            let record = parsed(&arrival);
            assert_eq!(record.job.source, EventSource::Simulator);
            assert!(record.log.is_some_and(|log| !log.is_empty()));
        }
    }
}

#[test]
fn every_delivery_tells_of_a_failed_job_and_a_repeated_one_is_the_same() {
    for arrival in arrivals(3, 60, Chaos::High) {
        let (id, body) = arrival.failure.delivery(3);
        let bytes = serde_json::to_vec(&body).expect("JSON");
        let delivery = payload::parse(webhook::EVENT, Some(&id), &bytes, Timestamp::UNIX_EPOCH).expect("a delivery");
        assert!(delivery.failed.is_some(), "{body}");
    }
}

#[test]
fn chaos_is_as_large_and_as_disorderly_as_it_says() {
    for (chaos, strange, disorder) in [
        (Chaos::None, 0.0, 0.0),
        (Chaos::Medium, 0.3, 0.03),
        (Chaos::Extreme, 1.0, 0.1),
    ] {
        let arrivals = arrivals(5, 600, chaos);
        let share = |count: usize| count as f64 / 600.0;
        let found = share(arrivals.iter().filter(|arrival| arrival.failure.strange).count());
        let repeated = share(arrivals.iter().filter(|arrival| arrival.repeats).count());
        assert!((found - strange).abs() < 0.07, "{found}");
        assert!((repeated - disorder).abs() < 0.04, "{repeated}");
        let new: Vec<u64> = arrivals
            .iter()
            .filter(|arrival| !arrival.repeats)
            .map(|arrival| arrival.failure.number)
            .collect();
        assert_eq!(new.is_sorted(), chaos == Chaos::None);
    }
}

#[test]
fn what_is_strange_lies_five_times_beyond_training() {
    for arrival in arrivals(11, 50, Chaos::Extreme) {
        let measured = parsed(&arrival).job.measurements;
        assert!(measured.memory_usage_mb.is_some_and(|size| size >= 5.0 * 25_000.0));
        let durations = [
            measured.build_duration_sec,
            measured.test_duration_sec,
            measured.deploy_duration_sec,
        ];
        assert!(durations.into_iter().flatten().all(|seconds| seconds >= 5.0 * 21_600.0));
    }
}

#[test]
fn gaps_are_pauses_and_change_no_failure() {
    let with = |gaps| {
        let settings = SimulateSettings {
            seed: 2,
            count: 400,
            gaps,
            ..SimulateSettings::default()
        };
        stream(settings)
            .map(|arrival| (arrival.beats, arrival.failure.number))
            .collect::<Vec<_>>()
    };
    let (flowing, gaps) = (with(false), with(true));
    assert!(flowing.iter().all(|(beats, _)| *beats == 1) && gaps.iter().any(|(beats, _)| *beats > 1));
    assert!(flowing.iter().zip(&gaps).all(|(one, other)| one.1 == other.1));
}

/// Judges a stream with the shipped model and keeps the badge.
struct Watch {
    bundle: Bundle,
    window: SlidingWindow,
    health: HealthState,
    events: i64,
}

impl Watch {
    fn new(window: usize) -> Self {
        let bundle = Bundle::shipped().expect("the shipped model");
        let settings = DriftSettings {
            window,
            ..DriftSettings::default()
        };
        Self {
            window: SlidingWindow::new(std::sync::Arc::clone(&bundle.reference), settings),
            bundle,
            health: HealthState::NotEnoughData,
            events: 0,
        }
    }

    /// A record with its log.
    fn take(&mut self, arrival: &Arrival) {
        let record = parsed(arrival);
        let from = self.judge(&record.job, record.log.as_deref());
        assert_eq!(from, DecidedFrom::Log);
    }

    /// A webhook delivery, without its log or with it.
    fn deliver(&mut self, arrival: &Arrival, with_log: bool) {
        let (id, body) = arrival.failure.delivery(1);
        let bytes = serde_json::to_vec(&body).expect("JSON");
        let delivery = payload::parse(webhook::EVENT, Some(&id), &bytes, Timestamp::UNIX_EPOCH).expect("a delivery");
        let job = delivery.failed.expect("a failed job");
        let log = arrival.failure.composed.log.as_deref().filter(|_| with_log);
        self.judge(&job, log);
    }

    fn judge(&mut self, job: &FailedJob, log: Option<&[u8]>) -> DecidedFrom {
        let judged = judge(job, log, &self.bundle).expect("a verdict");
        let from = judged.verdict.decided_from;
        self.window.push(
            self.events,
            Timestamp::UNIX_EPOCH,
            from,
            &judged.watched,
            judged.verdict.confidence,
        );
        self.events += 1;
        from
    }

    fn all(&mut self, arrivals: &[Arrival]) {
        for arrival in arrivals {
            self.take(arrival);
        }
    }

    /// The features that moved.
    fn moved(&self) -> Vec<FeatureDrift> {
        let features = self.window.report().features.into_iter();
        features.filter(|feature| feature.is_drifted).collect()
    }

    fn badge(&mut self) -> HealthState {
        let drift = self.window.report();
        let inputs = HealthInputs {
            drift: &drift,
            corrections_waiting: 0,
            retrain_threshold: 100,
            store_trouble: None,
        };
        self.health = settle(self.health, &inputs, &DriftSettings::default()).state;
        self.health
    }
}

#[test]
fn a_quiet_stream_is_healthy_chaos_is_seen_within_a_window_and_over_after_two() {
    let mut watch = Watch::new(100);
    // More than a window, so that a window of it is what the quiet after the chaos is held against.
    watch.all(&arrivals(3, 140, Chaos::None));
    assert_eq!(watch.badge(), HealthState::Healthy, "{:#?}", watch.window.report());
    watch.all(&arrivals(2, 60, Chaos::High));
    assert_eq!(watch.badge(), HealthState::TrainingRequired);
    watch.all(&arrivals(6, 200, Chaos::None));
    assert_eq!(watch.badge(), HealthState::Healthy, "{:#?}", watch.moved());
}

impl Watch {
    /// After how many events of a drift the badge says so, if it does in so many.
    fn sees(&mut self, drift: Drift, quiet: u64, most: u64) -> Option<i64> {
        let settings = SimulateSettings {
            seed: 6,
            count: quiet + most,
            drift: Some(drift),
            drift_from: quiet,
            ..SimulateSettings::default()
        };
        let quiet = i64::try_from(quiet).expect("small");
        for arrival in stream(settings) {
            self.take(&arrival);
            if self.events % 5 == 0 && self.events >= quiet && self.badge() != HealthState::Healthy {
                return Some(self.events - quiet);
            }
        }
        None
    }
}

const DRIFTS: [Drift; 6] = [
    Drift::Mean,
    Drift::Variance,
    Drift::NewCategory,
    Drift::ClassShift,
    Drift::MissingSensor,
    Drift::Vocabulary,
];

#[test]
fn every_drift_by_its_name_is_seen_within_three_windows() {
    for drift in DRIFTS {
        let seen = Watch::new(100).sees(drift, 400, 300);
        assert!(seen.is_some_and(|seen| seen > 0), "{drift:?}: {seen:?}");
    }
}

#[test]
fn verdicts_of_payloads_and_rows_without_measurements_are_no_alarm_by_themselves() {
    let mut payloads = Watch::new(100);
    let mut logs_come_later = Watch::new(100);
    let mut bare = Watch::new(100);
    // When each feature was first seen to move, and last, without a look between that did not see it.
    let mut moved = [const { BTreeMap::<String, [usize; 2]>::new() }; 3];
    for (number, arrival) in arrivals(4, 450, Chaos::None).iter().enumerate() {
        payloads.deliver(arrival, false);
        logs_come_later.deliver(arrival, number >= 300);
        let mut record = parsed(arrival);
        record.job.measurements = Measurements::default();
        bare.judge(&record.job, record.log.as_deref());
        if number >= 99 && number % 25 == 24 {
            for (moved, watch) in moved.iter_mut().zip([&mut payloads, &mut logs_come_later, &mut bare]) {
                for feature in watch.moved() {
                    let [first, last] = moved.entry(feature.feature.clone()).or_insert([number; 2]);
                    if number - *last > 25 {
                        *first = number;
                    }
                    *last = number;
                    // By chance a window alarms now and then; what is another kind of traffic would go on.
                    assert!(
                        number - *first < 100,
                        "{} moved at {first} and at {number}",
                        feature.feature
                    );
                }
            }
        }
    }
    for watch in [&mut payloads, &mut logs_come_later, &mut bare] {
        assert_eq!(watch.badge(), HealthState::Healthy);
    }
}

/// What was seen of a stream in which nothing drifts.
#[derive(Default)]
struct Quiet {
    looks: u32,
    alarms: u32,
    moved: BTreeMap<String, u32>,
}

fn quiet(seed: u64) -> Quiet {
    let mut watch = Watch::new(100);
    let mut seen = Quiet::default();
    for arrival in stream(SimulateSettings {
        seed,
        count: 10_000,
        ..SimulateSettings::default()
    }) {
        watch.take(&arrival);
        if watch.events % 5 == 0 && watch.events >= 50 {
            seen.looks += 1;
            seen.alarms += u32::from(watch.badge() != HealthState::Healthy);
            for feature in watch.moved() {
                *seen.moved.entry(feature.feature).or_default() += 1;
            }
        }
    }
    seen
}

/// `cargo test --release --test simulate -- --ignored --nocapture`
#[test]
#[ignore = "half a minute: four times 10,000 quiet events, and each drift by its name"]
fn how_often_quiet_streams_alarm_and_how_soon_each_drift_is_seen() {
    // One stream's alarms come in runs of windows that overlap: only several streams give a rate.
    let quiet: Vec<Quiet> = std::thread::scope(|scope| {
        let streams: Vec<_> = (1..=4).map(|seed| scope.spawn(move || quiet(seed))).collect();
        streams
            .into_iter()
            .map(|stream| stream.join().expect("a stream"))
            .collect()
    });
    for (stream, seen) in quiet.iter().enumerate() {
        println!(
            "quiet {}: {} of {} looks at the badge are not Healthy; moved: {:?}",
            stream + 1,
            seen.alarms,
            seen.looks,
            seen.moved
        );
    }
    let (looks, alarms) = quiet
        .iter()
        .fold((0, 0), |sum, seen| (sum.0 + seen.looks, sum.1 + seen.alarms));
    println!(
        "quiet: {:.2} % of {looks} looks",
        100.0 * f64::from(alarms) / f64::from(looks)
    );
    assert!(20 * alarms <= looks, "{alarms} of {looks}");
    let mut large = Watch::new(3_000);
    for arrival in arrivals(4, 3_000, Chaos::None) {
        large.take(&arrival);
    }
    for feature in large.window.report().features {
        println!(
            "quiet over 3,000: {:20} PSI {:.4} of {}",
            feature.feature,
            feature.score.unwrap_or_default(),
            feature.n
        );
    }
    for drift in DRIFTS {
        let mut watch = Watch::new(100);
        let seen = watch.sees(drift, 400, 300);
        let moved: Vec<_> = watch.moved().into_iter().map(|feature| feature.feature).collect();
        println!("{drift:?}: seen after {seen:?} events, by {moved:?}");
    }
}
