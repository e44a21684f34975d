//! The application behind its handle: commands in, snapshots and pages out.
//!
//! A command is [`Uncancelled`], so that a sender who hangs up cannot cut it between disk and state. Its steps are in
//! [`super::intake`]; what it has changed reaches the one owner of the state, [`super::publisher`], as events.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::command::{Command, CommandError, Reply};
use super::event::{Event, Served};
use super::feed::{Feed, Follower};
use super::intake::{Intake, RowLocks};
use super::known_issues::{KnownIssue, KnownIssues};
use super::learner::Learner;
use super::live::Live;
use super::look_back::DriftAsked;
use super::publisher::Publisher;
use super::retraining::Retraining;
use super::snapshot::{HEAT_MAP_COLUMNS, NEWEST_ROWS, Snapshot};
use super::state::{Fixed, Remembered, State};
use super::uncancelled::Uncancelled;
use crate::bundle::Bundle;
use crate::drift::sliding::remembered_events;
use crate::drift::{DriftReport, DriftSettings};
use crate::github::GitHub;
use crate::health::Health;
use crate::ingest::PassedJob;
use crate::registry::{Registry, RegistryView};
use crate::store::{Failure, HistoryFilter, Store, StoreError};
use crate::telemetry::escaped;
use crate::training::corpus::Corpus;
use crate::training::fit::TrainSettings;

/// What tells the time. Tests give their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Events on their way to the state.
const EVENTS: usize = 1_024;

/// The bounds of what is under way at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppLimits {
    /// Threads that judge.
    pub judging: usize,
    /// Commands being carried out or waiting; more are [`CommandError::Busy`].
    pub commands: usize,
}

impl Default for AppLimits {
    fn default() -> Self {
        Self {
            judging: std::thread::available_parallelism().map_or(2, usize::from),
            commands: 512,
        }
    }
}

/// What models come from and go to.
#[derive(Clone)]
pub struct Learning {
    /// The live model folder.
    pub registry: Arc<Registry>,
    /// What was noticed when it was opened.
    pub notice: Option<String>,
    /// Records to learn from; the ones inside of the program where there are none.
    pub corpus: Option<Arc<Corpus>>,
    /// How models are fitted; their versions come from the registry.
    pub settings: TrainSettings,
    /// Whether a model that is due is trained without anybody asking.
    pub auto: bool,
}

/// What the application is made of.
#[derive(Clone)]
pub struct AppParts {
    /// Where failures live.
    pub store: Arc<dyn Store>,
    /// The model.
    pub bundle: Arc<Bundle>,
    /// Where models come from and go to.
    pub learning: Learning,
    /// How drift is measured.
    pub drift: DriftSettings,
    /// So many corrections waiting call for a new model.
    pub retrain_threshold: u64,
    /// Where the server listens, for the screen.
    pub address: String,
    /// Bounds.
    pub limits: AppLimits,
    /// Whether logs are kept, masked.
    pub store_logs: bool,
    /// Who is asked for the logs of failed jobs; nobody, where there is no credential.
    pub github: Option<Arc<GitHub>>,
    /// Failures that people know about.
    pub known_issues: Arc<KnownIssues>,
    /// The time.
    pub clock: Clock,
}

/// The application.
pub struct App;

impl App {
    /// Starts it with what the store remembers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn start(parts: AppParts) -> Result<Handle, StoreError> {
        let (events, received) = mpsc::channel(EVENTS);
        let live = Arc::new(Live::new(Arc::clone(&parts.bundle)));
        let learner = Arc::new(Learner::new(
            Arc::clone(&parts.store),
            Arc::clone(&parts.clock),
            Arc::clone(&live),
            parts.learning.clone(),
            events.clone(),
        ));
        let served: Served = learner.served().await;
        let mut state = State::new(fixed(&parts), served, remembered(&parts).await?);
        let (snapshots, watched) = watch::channel(Arc::new(state.snapshot(0)));
        let slots = Arc::new(Semaphore::new(parts.limits.commands.max(1)));
        let capacity = slots.available_permits();
        let ended = CancellationToken::new();
        let feed = Arc::new(Feed::new((parts.clock)()));
        let publisher = Publisher {
            state,
            store: Arc::clone(&parts.store),
            clock: Arc::clone(&parts.clock),
            learner: Arc::clone(&learner),
            snapshots,
            feed: Arc::clone(&feed),
            slots: Arc::clone(&slots),
            capacity,
        };
        let running = tokio::spawn(publisher.run(received, ended.clone()));
        let known_issues = Arc::clone(&parts.known_issues);
        let intake = intake(parts, live, learner, events, watched);
        let publisher = Mutex::new(Some(running));
        Ok(Handle {
            inner: Arc::new(Inner {
                intake,
                known_issues,
                slots,
                capacity,
                closing: CancellationToken::new(),
                ended,
                feed,
                publisher,
            }),
        })
    }
}

fn fixed(parts: &AppParts) -> Fixed {
    Fixed {
        started_at: (parts.clock)(),
        address: parts.address.clone(),
        drift: parts.drift.clone(),
        retrain_threshold: parts.retrain_threshold,
        retrain_auto: parts.learning.auto,
    }
}

async fn remembered(parts: &AppParts) -> Result<Remembered, StoreError> {
    let store = &parts.store;
    let totals = store.totals().await?;
    Ok(Remembered {
        rows: store.history(&HistoryFilter::default(), None, NEWEST_ROWS).await?.items,
        window: store
            .newest(
                totals.live > 0 && !parts.drift.include_simulated,
                remembered_events(&parts.drift),
            )
            .await?,
        heat_map: store.drift_snapshots(HEAT_MAP_COLUMNS).await?,
        totals,
    })
}

fn intake(
    parts: AppParts,
    live: Arc<Live>,
    learner: Arc<Learner>,
    events: mpsc::Sender<Event>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
) -> Intake {
    Intake {
        store: parts.store,
        drift: parts.drift,
        live,
        learner,
        clock: parts.clock,
        store_logs: parts.store_logs,
        github: parts.github,
        judging: Arc::new(Semaphore::new(parts.limits.judging.max(1))),
        events,
        snapshots,
        rows: RowLocks::new(),
    }
}

/// All that an interface may touch. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    inner: Arc<Inner>,
}

struct Inner {
    intake: Intake,
    known_issues: Arc<KnownIssues>,
    /// One permit a command under way, out of `capacity`.
    slots: Arc<Semaphore>,
    capacity: usize,
    /// No new commands.
    closing: CancellationToken,
    /// No new events.
    ended: CancellationToken,
    feed: Arc<Feed>,
    publisher: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    /// Carries a command out. Once begun it is carried out to its end, whether this future is awaited or dropped; held without
    /// being polled, it stands still.
    ///
    /// # Errors
    /// [`CommandError::Busy`] at once when too much is under way; whatever kept it from being carried out.
    pub async fn submit(&self, command: Command) -> Result<Reply, CommandError> {
        let slot = self.slot()?;
        let inner = Arc::clone(&self.inner);
        let carrying_out = Uncancelled::new(async move {
            let reply = AssertUnwindSafe(inner.intake.carry_out(command)).catch_unwind().await;
            drop(slot);
            reply
        });
        carrying_out
            .await
            .unwrap_or_else(|_panic| Err(CommandError::Judge("cut off: it panicked".into())))
    }

    /// A row with the contributions of its features to its verdict; they are computed once and kept.
    ///
    /// # Errors
    /// When there is no such row, or the model cannot explain it.
    pub async fn explain(&self, id: i64) -> Result<Failure, CommandError> {
        let _slot = self.slot()?;
        self.inner.intake.explain(id).await
    }

    /// The badge and the report of the live window, or of another one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn drift(&self, asked: DriftAsked) -> Result<(Health, Arc<DriftReport>), CommandError> {
        if asked.is_live() {
            let snapshot = Arc::clone(&self.inner.intake.snapshots.borrow());
            return Ok((snapshot.health.clone(), Arc::clone(&snapshot.drift)));
        }
        let _slot = self.slot()?;
        let (health, report) = self.inner.intake.look_back(asked).await?;
        Ok((health, Arc::new(report)))
    }

    /// The known issue that a failure is an instance of.
    #[must_use]
    pub fn known_issue(&self, failure: &Failure) -> Option<KnownIssue> {
        let now = (self.inner.intake.clock)();
        self.inner.known_issues.of(failure, now).cloned()
    }

    /// Marks the failures of earlier attempts that a success disproves; their ids.
    ///
    /// # Errors
    /// When too much is under way, or the store says no.
    pub async fn mark_passed(&self, passed: &PassedJob, run_event: Option<&str>) -> Result<Vec<i64>, CommandError> {
        let _slot = self.slot()?;
        self.inner.intake.mark_passed(passed, run_event).await
    }

    /// The newest snapshot, now and whenever it changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.inner.intake.snapshots.clone()
    }

    /// Versions and ledger, as they are on disk.
    pub async fn models(&self) -> Arc<RegistryView> {
        self.inner.intake.learner.served().await.registry
    }

    /// Checks every stored version and the ledger: what is wrong with each, if something is.
    ///
    /// # Errors
    /// When the check was cut off.
    pub async fn verify_models(&self) -> Result<Vec<(String, Result<(), String>)>, CommandError> {
        self.inner.intake.learner.verify().await
    }

    /// Seals what has no seal that fits; answers with the versions.
    ///
    /// # Errors
    /// When a version is not what the ledger records, or cannot be written.
    pub async fn seal_models(&self) -> Result<Vec<String>, CommandError> {
        self.inner.intake.learner.seal().await
    }

    /// The retraining under way, and how the last one ended.
    #[must_use]
    pub fn retraining(&self) -> Retraining {
        self.inner.intake.learner.status()
    }

    /// Follows what happens from now on, or from behind a place that was told before. `None` where too many do already.
    #[must_use]
    pub fn follow(&self, back_from: Option<&str>) -> Option<Follower> {
        Arc::clone(&self.inner.feed).follow(back_from)
    }

    /// For reading older rows, logs and corrections.
    #[must_use]
    pub fn query(&self) -> Arc<dyn Store> {
        Arc::clone(&self.inner.intake.store)
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.inner.intake.clock)()
    }

    /// Tells people of something that went wrong and that passes.
    pub async fn trouble(&self, what: String) {
        tracing::error!(error = escaped(&what), "trouble");
        self.inner.intake.tell(Event::Troubled(what)).await;
    }

    /// Commands being carried out or waiting, now.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.inner.capacity - self.inner.slots.available_permits()
    }

    /// Whether failures can be taken in: the store is written to find out. The model is there as long as this is.
    ///
    /// # Errors
    /// With a reason code, and why.
    pub async fn ready(&self) -> Result<(), String> {
        if self.inner.closing.is_cancelled() {
            return Err("shutting_down: the server is shutting down".into());
        }
        match self.inner.intake.check_store().await {
            Ok(()) => Ok(()),
            Err(error @ CommandError::Busy) => Err(format!("busy: {error}")),
            Err(error) => Err(format!("store_unwritable: {error}")),
        }
    }

    /// Takes no more commands, waits for those under way, and publishes what they have changed.
    pub async fn shutdown(&self) {
        self.inner.closing.cancel();
        let all = u32::try_from(self.inner.capacity).unwrap_or(u32::MAX);
        let drained = self.inner.slots.acquire_many(all).await;
        self.inner.intake.learner.close().await;
        self.inner.ended.cancel();
        let publisher = self
            .inner
            .publisher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(publisher) = publisher
            && publisher.await.is_err()
        {
            tracing::error!("the owner of the state had panicked");
        }
        drop(drained);
    }

    fn slot(&self) -> Result<OwnedSemaphorePermit, CommandError> {
        let closing = self.inner.closing.is_cancelled();
        let free = Arc::clone(&self.inner.slots)
            .try_acquire_owned()
            .ok()
            .filter(|_| !closing);
        free.ok_or(if closing {
            CommandError::ShuttingDown
        } else {
            CommandError::Busy
        })
    }
}
