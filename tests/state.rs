//! The rules of the tower, without a store, a clock or a task.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

#[expect(dead_code, reason = "other tests use the rest")]
mod failures;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use failures::{at, record, stored};
use proptest::prelude::*;
use sentinel::app::effect::Effect;
use sentinel::app::event::{Event, Served};
use sentinel::app::snapshot::NEWEST_ROWS;
use sentinel::app::state::{Fixed, Remembered, State};
use sentinel::bundle::Bundle;
use sentinel::class::FailureClass;
use sentinel::drift::reference::ReferenceProfile;
use sentinel::drift::{DriftSettings, DriftSnapshot, Watched, WatchedValue};
use sentinel::health::HealthState;
use sentinel::ingest::EventSource;
use sentinel::store::{Failure, Totals};

static PROFILE: LazyLock<Arc<ReferenceProfile>> =
    LazyLock::new(|| Bundle::shipped().expect("the shipped model").reference);

fn fixed() -> Fixed {
    Fixed {
        started_at: at(0),
        address: "127.0.0.1:8200".into(),
        drift: DriftSettings {
            window: 20,
            min_samples: 10,
            ..DriftSettings::default()
        },
        retrain_threshold: 3,
        retrain_auto: false,
    }
}

fn served(version: &str) -> Served {
    Served {
        version: version.into(),
        profile: Arc::clone(&PROFILE),
        importance: Arc::default(),
        learned: 0,
        registry: Arc::default(),
    }
}

fn state() -> State {
    State::new(fixed(), served("v1"), Remembered::default())
}

fn row(id: i64) -> Failure {
    stored(id, record(id, FailureClass::Test))
}

fn from(source: EventSource, mut row: Failure) -> Failure {
    row.job.source = source;
    row
}

fn tell(state: &mut State, event: Event) -> Vec<Effect> {
    state.apply(event, at(0))
}

fn recorded(row: Failure) -> Event {
    Event::Recorded(Arc::new(row))
}

fn shown(state: &mut State) -> Vec<i64> {
    state.snapshot(0).rows.iter().map(|row| row.id()).collect()
}

fn column(second: i64) -> DriftSnapshot {
    DriftSnapshot {
        at: at(second),
        n: 20,
        cells: Vec::new(),
    }
}

#[test]
fn a_recorded_row_is_shown_counted_in_the_window_and_published() {
    let mut state = state();
    let before = state.snapshot(0).sequence;
    assert_eq!(tell(&mut state, recorded(row(1))), [Effect::Publish]);
    let snapshot = state.snapshot(3);
    assert_eq!((snapshot.rows.len(), snapshot.drift.n, snapshot.in_flight), (1, 1, 3));
    assert!(snapshot.sequence > before);
}

#[test]
fn the_newest_rows_are_shown_newest_first_and_no_more_than_the_bound() {
    let mut state = state();
    for id in [2, 1, 3].into_iter().chain(4..=300) {
        tell(&mut state, recorded(row(id)));
    }
    assert_eq!(shown(&mut state), (101..=300).rev().collect::<Vec<_>>());
    assert_eq!(shown(&mut state).len(), NEWEST_ROWS);
}

#[test]
fn a_column_of_the_heat_map_is_due_each_quarter_of_a_window_and_shown_when_it_is_stored() {
    let mut state = state();
    let columns = (1..=20).filter_map(|id| {
        tell(&mut state, recorded(row(id)));
        state.column(at(0))
    });
    let columns: Vec<_> = columns.collect();
    assert_eq!(columns.len(), 4);
    assert!(columns.iter().all(|column| matches!(column, Effect::KeepDrift(_))));
    assert!(state.snapshot(0).heat_map.is_empty());
    tell(&mut state, Event::DriftKept(column(2)));
    tell(&mut state, Event::DriftKept(column(1)));
    assert_eq!(*state.snapshot(0).heat_map, [column(1), column(2)]);
}

#[test]
fn a_flood_of_events_between_two_publications_makes_one_column() {
    let mut state = state();
    for id in 1..=200 {
        assert_eq!(tell(&mut state, recorded(row(id))), [Effect::Publish]);
    }
    assert!(state.column(at(0)).is_some() && state.column(at(0)).is_none());
}

#[test]
fn what_changes_nothing_of_the_window_is_published_with_the_same_report() {
    let mut state = state();
    tell(&mut state, recorded(row(1)));
    let first = state.snapshot(0).drift;
    tell(&mut state, Event::Counted(Totals::default()));
    assert!(Arc::ptr_eq(&first, &state.snapshot(0).drift));
    tell(&mut state, recorded(row(2)));
    assert_eq!(state.snapshot(0).drift.n, 2);
}

#[test]
fn the_first_live_event_begins_the_window_and_the_heat_map_anew() {
    let mut state = state();
    for id in 1..=5 {
        tell(&mut state, recorded(from(EventSource::Simulator, row(id))));
    }
    tell(&mut state, Event::DriftKept(column(1)));
    assert_eq!(state.snapshot(0).drift.n, 5);
    tell(&mut state, recorded(from(EventSource::GithubWebhook, row(6))));
    tell(&mut state, recorded(from(EventSource::Backfill, row(7))));
    let snapshot = state.snapshot(0);
    assert_eq!(
        (snapshot.drift.n, snapshot.heat_map.len(), snapshot.rows.len()),
        (1, 0, 7)
    );
}

#[test]
fn made_up_failures_feed_drift_and_badge_of_live_ones_only_where_that_is_asked_for() {
    let moved = |id| {
        let mut row = from(EventSource::Simulator, row(id));
        row.watched = Watched(vec![WatchedValue::Category("Timeout".into()); 3]);
        row
    };
    for (asked, n) in [(false, 1), (true, 16)] {
        let mut fixed = fixed();
        fixed.drift.include_simulated = asked;
        let mut state = State::new(fixed, served("v1"), Remembered::default());
        tell(&mut state, recorded(row(1)));
        for id in 2..=16 {
            tell(&mut state, recorded(moved(id)));
        }
        let snapshot = state.snapshot(0);
        assert_eq!(snapshot.drift.n, n);
        assert_eq!(
            snapshot.health.state == HealthState::NotEnoughData,
            !asked,
            "{:?}",
            snapshot.health
        );
    }
}

#[test]
fn what_another_model_said_is_no_part_of_the_live_models_drift() {
    let other = |id| {
        let mut row = row(id);
        row.verdict.model_version = "v0".into();
        row
    };
    let remembered = Remembered {
        totals: Totals {
            live: 3,
            ..Totals::default()
        },
        window: vec![row(3), other(2), row(1)],
        ..Remembered::default()
    };
    let mut state = State::new(fixed(), served("v1"), remembered);
    assert_eq!(state.snapshot(0).drift.n, 2);
    tell(&mut state, recorded(other(4)));
    tell(&mut state, recorded(row(5)));
    assert_eq!(state.snapshot(0).drift.n, 3);
}

#[test]
fn after_a_restart_the_window_the_rows_and_the_heat_map_are_as_remembered() {
    let rows: Vec<_> = (1..=30).rev().map(row).collect();
    let remembered = Remembered {
        totals: Totals {
            live: 30,
            failures: 30,
            ..Totals::default()
        },
        window: rows[..20].to_vec(),
        rows,
        heat_map: vec![column(1)],
    };
    let mut state = State::new(fixed(), served("v1"), remembered);
    tell(&mut state, recorded(from(EventSource::Simulator, row(31))));
    let snapshot = state.snapshot(0);
    assert_eq!(
        (snapshot.drift.n, snapshot.rows.len(), snapshot.heat_map.len()),
        (20, 31, 1)
    );
    assert_eq!((snapshot.drift.at, snapshot.totals.failures), (Some(at(30)), 30));
}

#[test]
fn a_run_that_gave_way_leaves_rows_and_window_even_when_its_news_comes_late() {
    let mut state = state();
    tell(&mut state, recorded(row(1)));
    tell(&mut state, recorded(row(2)));
    tell(&mut state, Event::Replaced { parent: 1 });
    tell(&mut state, Event::Replaced { parent: 3 });
    tell(&mut state, recorded(row(3)));
    tell(&mut state, Event::Revised(Arc::new(row(1))));
    assert_eq!((shown(&mut state), state.snapshot(0).drift.n), (vec![2], 1));
}

#[test]
fn a_revision_changes_a_row_in_its_place_and_is_counted_once() {
    let mut state = state();
    tell(&mut state, recorded(row(1)));
    tell(&mut state, recorded(row(2)));
    let mut revised = row(1);
    revised.revision = 2;
    tell(&mut state, Event::Revised(Arc::new(revised)));
    let snapshot = state.snapshot(0);
    assert_eq!(
        (shown(&mut state), snapshot.drift.n, snapshot.rows[1].revision),
        (vec![2, 1], 2, 2)
    );
}

#[test]
fn counts_are_the_stores_and_ask_for_no_further_publication() {
    let mut state = state();
    let totals = Totals {
        failures: 7,
        ..Totals::default()
    };
    assert_eq!(tell(&mut state, Event::Counted(totals.clone())), []);
    assert_eq!(state.snapshot(0).totals, totals);
}

#[test]
fn a_store_that_cannot_be_written_is_on_the_badge_until_it_can() {
    let mut state = state();
    let effects = tell(&mut state, Event::StoreFailed("disk full".into()));
    assert_eq!(effects, [Effect::CheckStore, Effect::Publish]);
    let snapshot = state.snapshot(0);
    assert_eq!(snapshot.health.state, HealthState::StoreTrouble);
    assert_eq!(snapshot.trouble, Some((at(0), "disk full".into())));
    for recovery in [Event::StoreRecovered, recorded(row(1))] {
        tell(&mut state, Event::StoreFailed("disk full".into()));
        tell(&mut state, recovery);
        assert_ne!(state.snapshot(0).health.state, HealthState::StoreTrouble);
    }
}

#[test]
fn corrections_that_wait_call_for_training() {
    let mut state = state();
    tell(
        &mut state,
        Event::Counted(Totals {
            corrections: 3,
            ..Totals::default()
        }),
    );
    assert_eq!(state.snapshot(0).health.state, HealthState::TrainingRequired);
}

/// The life of one row: recorded, revised, corrected, perhaps replaced.
fn life(id: i64, replaced: bool) -> Vec<Event> {
    let mut revised = row(id);
    revised.revision = 2;
    let mut corrected = revised.clone();
    corrected.verdict.label = FailureClass::Timeout;
    let mut events = vec![Event::Revised(Arc::new(revised)), Event::Corrected(Arc::new(corrected))];
    events.extend(replaced.then_some(Event::Replaced { parent: id }));
    events
}

proptest! {
    #[test]
    fn any_interleaving_that_keeps_the_order_of_each_rows_changes_ends_in_the_same_rows(
        places in prop::collection::vec((0_usize..4, any::<bool>()), 5..6),
        turns in prop::collection::vec(0_i64..5, 40),
    ) {
        let mut lives: BTreeMap<i64, Vec<Event>> = BTreeMap::new();
        for (id, (late, replaced)) in (0_i64..).zip(&places) {
            let mut events = life(id, *replaced);
            // The record of a row may be overtaken by all of its changes.
            events.insert((*late).min(events.len()), recorded(row(id)));
            events.reverse();
            lives.insert(id, events);
        }
        let mut state = state();
        let rest = (0..5).flat_map(|id| std::iter::repeat_n(id, 4));
        for turn in turns.into_iter().chain(rest) {
            if let Some(event) = lives.get_mut(&turn).and_then(Vec::pop) {
                tell(&mut state, event);
            }
        }
        let expected: Vec<_> = (0_i64..).zip(&places).filter(|(_, (_, replaced))| !replaced).map(|(id, _)| id).collect();
        let snapshot = state.snapshot(0);
        prop_assert_eq!(shown(&mut state).into_iter().rev().collect::<Vec<_>>(), expected.clone());
        prop_assert!(snapshot.rows.iter().all(|row| row.revision == 2 && row.verdict.label == FailureClass::Timeout));
        prop_assert_eq!(snapshot.drift.n, expected.len());
    }
}
