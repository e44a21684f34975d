//! What drift costs: an event, and a whole report.
//!
//! `cargo bench --bench drift`

#![expect(missing_docs, reason = "criterion_group makes a public function")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use sentinel::drift::reference::{Kind, ReferenceProfile, WATCHED};
use sentinel::drift::sliding::SlidingWindow;
use sentinel::drift::{DriftSettings, Watched, WatchedValue};
use sentinel::verdict::DecidedFrom;

/// A failure of fixed, uneven values; `moved` adds to every number.
fn watched(seed: i64, moved: f64) -> Watched {
    let value = |(at, (_, kind)): (i64, &(&str, Kind))| {
        let place = (seed * 7_919 + at * 104_729).rem_euclid(1_000);
        match kind {
            Kind::Number => WatchedValue::Number(place as f64 + moved),
            Kind::Category => WatchedValue::Category(format!("c{}", place * place / 100_000)),
        }
    };
    Watched((0..).zip(&WATCHED).map(value).collect())
}

fn filled(size: usize, moved: f64) -> SlidingWindow {
    let rows: Vec<_> = (0..5_000).map(|row| (DecidedFrom::Log, watched(row, 0.0))).collect();
    let profile = Arc::new(ReferenceProfile::fit(&rows, DriftSettings::default().bins));
    let mut window = SlidingWindow::new(
        profile,
        DriftSettings {
            window: size,
            ..DriftSettings::default()
        },
    );
    for id in 0..i64::try_from(size).unwrap_or_default() {
        window.push(
            id,
            Timestamp::UNIX_EPOCH,
            DecidedFrom::Log,
            &watched(id * 31, moved),
            0.9,
        );
    }
    window
}

fn costs(criterion: &mut Criterion) {
    for size in [100, 10_000] {
        let mut window = filled(size, 0.0);
        let events: Vec<Watched> = (0..997).map(|seed| watched(seed * 13, 0.0)).collect();
        let mut events = events.iter().cycle();
        let mut id = 1_000_000;
        criterion.bench_function(&format!("event in and out, window {size}"), |bench| {
            bench.iter(|| {
                id += 1;
                if let Some(event) = events.next() {
                    window.push(id, Timestamp::UNIX_EPOCH, DecidedFrom::Log, black_box(event), 0.9);
                }
            });
        });
    }
    for (words, size, moved) in [("quiet", 100, 0.0), ("drifting", 100, 120.0), ("quiet", 500, 0.0)] {
        let window = filled(size, moved);
        criterion.bench_function(&format!("report, {words} window {size}"), |bench| {
            bench.iter(|| window.report());
        });
    }
}

criterion_group! {
    name = drift;
    config = Criterion::default().sample_size(30);
    targets = costs
}
criterion_main!(drift);
