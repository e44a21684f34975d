//! The loop that owns the state: events in, effects carried out, snapshots out, at most twenty a second, and fewer where
//! they cost much.
//!
//! It waits for nothing but its own `select!`: storing and counting run as tasks of its own, whose ends are events too.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::dashboard::at_a_glance;
use super::effect::Effect;
use super::engine::Clock;
use super::event::Event;
use super::feed::{Feed, News};
use super::learner::Learner;
use super::snapshot::{SHOWN_PROPOSALS, Snapshot};
use super::state::State;
use crate::drift::Severity;
use crate::health::HealthState;
use crate::store::{Store, StoreError};
use crate::telemetry::{HealthChanged, SnapshotPublished};

/// Between two snapshots: a person sees no more than twenty a second, and a slow terminal shows less.
const BETWEEN: Duration = Duration::from_millis(50);

/// After a snapshot the loop is free for so many times as long as that took ...
const REST: u32 = 4;

/// ... and no longer than this: what people do is seen within a second.
const LONGEST_REST: Duration = Duration::from_millis(500);

/// Between two looks at a store in trouble.
const RECHECK: Duration = Duration::from_secs(2);

/// Events taken in at once.
const BATCH: usize = 256;

/// Who owns the state.
pub(super) struct Publisher {
    pub(super) state: State,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    pub(super) learner: Arc<Learner>,
    pub(super) snapshots: watch::Sender<Arc<Snapshot>>,
    /// For those who follow along.
    pub(super) feed: Arc<Feed>,
    /// Free slots for commands, out of `capacity`.
    pub(super) slots: Arc<Semaphore>,
    pub(super) capacity: usize,
}

/// How a task of the loop ended.
enum Done {
    /// With the counts and the proposals that wait, if the store gave them.
    Counted(Vec<Event>),
    Other(Event),
    /// With nothing to tell.
    Quiet,
}

/// What the loop is about to do.
struct Agenda {
    tasks: JoinSet<Done>,
    /// Something has changed since the last snapshot was begun.
    changed: bool,
    /// A snapshot waits for the store's counts.
    counting: bool,
    next_snapshot: Instant,
    recheck: Option<Instant>,
    health: Option<HealthState>,
    /// What followers were told last of badge and features, and of the model.
    drift_told: Option<(HealthState, Vec<Severity>)>,
    model_told: Option<String>,
}

impl Publisher {
    /// Runs until `ended`, and then until everything that was sent before is taken in.
    pub(super) async fn run(mut self, mut events: mpsc::Receiver<Event>, ended: CancellationToken) {
        let mut agenda = Agenda::new();
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                received = events.recv_many(&mut batch, BATCH) => {
                    self.take_in(batch.drain(..), &mut agenda);
                    if received == 0 { break }
                }
                Some(done) = agenda.tasks.join_next() => self.done(done.ok(), &mut agenda),
                () = sleep_until(agenda.next_snapshot), if agenda.changed && !agenda.counting => self.count(&mut agenda),
                () = until(agenda.recheck), if agenda.recheck.is_some() => self.check(&mut agenda),
                () = ended.cancelled() => break,
            }
        }
        self.finish(events, agenda).await;
    }

    async fn finish(&mut self, mut events: mpsc::Receiver<Event>, mut agenda: Agenda) {
        events.close();
        while let Some(event) = events.recv().await {
            self.take_in([event], &mut agenda);
        }
        self.count(&mut agenda);
        while let Some(done) = agenda.tasks.join_next().await {
            self.done(done.ok(), &mut agenda);
        }
    }

    fn take_in(&mut self, events: impl IntoIterator<Item = Event>, agenda: &mut Agenda) {
        for event in events {
            if let Some(news) = News::of(&event) {
                self.feed.add(news);
            }
            for effect in self.state.apply(event, (self.clock)()) {
                self.carry_out(effect, agenda);
            }
        }
    }

    fn carry_out(&self, effect: Effect, agenda: &mut Agenda) {
        match effect {
            Effect::Publish => agenda.changed = true,
            Effect::CheckStore => agenda.recheck = agenda.recheck.or_else(|| Some(Instant::now() + RECHECK)),
            Effect::Retrain(why) => {
                let learner = Arc::clone(&self.learner);
                agenda.tasks.spawn(async move {
                    if let Err(error) = learner.start("policy", &why).await {
                        tracing::warn!(%error, why, "a model is due, and none is trained");
                    }
                    Done::Quiet
                });
            }
            Effect::KeepDrift(column) => {
                let store = Arc::clone(&self.store);
                agenda.tasks.spawn(async move {
                    let kept = store.keep_drift(column.clone()).await;
                    Done::Other(kept.map_or_else(failed, |()| Event::DriftKept(column)))
                });
            }
        }
    }

    fn count(&self, agenda: &mut Agenda) {
        agenda.changed = false;
        agenda.counting = true;
        let store = Arc::clone(&self.store);
        agenda.tasks.spawn(async move { Done::Counted(counted(&*store).await) });
    }

    fn check(&self, agenda: &mut Agenda) {
        agenda.recheck = None;
        let store = Arc::clone(&self.store);
        agenda.tasks.spawn(async move {
            let checked = store.check().await;
            Done::Other(checked.map_or_else(
                |error| Event::StoreFailed(error.to_string()),
                |()| Event::StoreRecovered,
            ))
        });
    }

    /// A task has ended; `None` where it panicked.
    fn done(&mut self, done: Option<Done>, agenda: &mut Agenda) {
        match done {
            Some(Done::Quiet) => {}
            Some(Done::Other(event)) => self.take_in([event], agenda),
            Some(Done::Counted(events)) => {
                self.take_in(events, agenda);
                self.publish(agenda);
            }
            None => self.publish(agenda),
        }
    }

    fn publish(&mut self, agenda: &mut Agenda) {
        agenda.counting = false;
        let begun = Instant::now();
        let snapshot = self.state.snapshot(self.capacity - self.slots.available_permits());
        agenda.next_snapshot = begun + (REST * begun.elapsed()).clamp(BETWEEN, LONGEST_REST);
        if agenda.health.replace(snapshot.health.state) != Some(snapshot.health.state) {
            HealthChanged {
                health: &snapshot.health,
            }
            .emit();
        }
        SnapshotPublished {
            sequence: snapshot.sequence,
            drift: &snapshot.drift,
        }
        .emit();
        self.tell_followers(&snapshot, agenda);
        self.snapshots.send_replace(Arc::new(snapshot));
        if let Some(column) = self.state.column((self.clock)()) {
            self.carry_out(column, agenda);
        }
    }
}

impl Publisher {
    /// What has changed since the last snapshot and is no event of its own. The first snapshot changes nothing.
    fn tell_followers(&self, snapshot: &Snapshot, agenda: &mut Agenda) {
        let severities = snapshot.drift.features.iter().map(|feature| feature.severity).collect();
        let drift = (snapshot.health.state, severities);
        if agenda.drift_told.as_ref().is_some_and(|told| *told != drift) {
            match serde_json::to_string(&at_a_glance(snapshot, &snapshot.totals, None)) {
                Ok(text) => self.feed.add(News::Drift(text.into())),
                Err(error) => tracing::error!(%error, "drift cannot be written as JSON"),
            }
        }
        agenda.drift_told = Some(drift);
        let version = &snapshot.model_version;
        if agenda.model_told.as_ref().is_some_and(|told| told != version) {
            let version = version.as_str().into();
            self.feed.add(News::Model { version });
        }
        agenda.model_told = Some(version.clone());
    }
}

impl Agenda {
    fn new() -> Self {
        let next_snapshot = Instant::now();
        Self {
            tasks: JoinSet::new(),
            changed: true,
            counting: false,
            next_snapshot,
            recheck: None,
            health: None,
            drift_told: None,
            model_told: None,
        }
    }
}

/// The counts, and the proposals that wait.
async fn counted(store: &dyn Store) -> Vec<Event> {
    let Ok(totals) = store.totals().await else {
        return Vec::new();
    };
    let waiting = match totals.proposals {
        0 => Some(Vec::new()),
        _ => store.proposals(None, SHOWN_PROPOSALS).await.ok(),
    };
    let waiting = waiting.map(Event::Waiting);
    [Event::Counted(totals)].into_iter().chain(waiting).collect()
}

/// What was not stored, and whether that is the store's trouble or only this column's.
fn failed(error: StoreError) -> Event {
    match error {
        StoreError::Unwritable(_) => Event::StoreFailed(error.to_string()),
        other => Event::Troubled(format!("a column of the heat map is lost: {other}")),
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => std::future::pending().await,
    }
}
