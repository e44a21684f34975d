//! Retraining in the background, and every change of the live model: one at a time, while failures are taken in.
//!
//! The challenger is fitted on one thread of low priority. Its folder and the ledger's line are on disk before it serves;
//! a change that did not get that far never was.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::command::CommandError;
use super::engine::{Clock, Learning};
use super::event::{Event, Served};
use super::live::Live;
use super::retraining::{Ending, Finished, Retraining, Running, Stage};
use crate::background::in_background;
use crate::bundle::Bundle;
use crate::judge::importance;
use crate::model::booster::release_free_memory;
use crate::registry::{Approval, Registry, RegistryError};
use crate::store::{Failure, Store, StoreError};
use crate::telemetry::{ModelServed, RetrainingEnded};
use crate::training::challenge::{Challenge, ChallengeError, challenge};
use crate::training::corpus::Corpus;
use crate::training::fit::{Progress, TrainSettings};
use crate::training::gate::{GateDecision, Outcome};
use crate::training::lesson::Lesson;
use crate::training::trial::LiveEvent;

/// Corrections that one training learns from, the newest ones.
const MAX_LESSONS: usize = 2_000;

/// The last events that both models are asked about in the shadow.
const SHADOW_EVENTS: usize = 200;

/// A longer log is learned by the lines that were kept of it.
const MAX_LOG_BYTES: usize = 256 << 10;

/// Bytes of logs held at one time; beyond, the kept lines do.
const MAX_ALL_BYTES: usize = 64 << 20;

/// The longest reason, in characters.
const MAX_REASON: usize = 500;

/// Retraining and the live model.
pub(super) struct Learner {
    store: Arc<dyn Store>,
    clock: Clock,
    live: Arc<Live>,
    registry: Arc<Registry>,
    corpus: Option<Arc<Corpus>>,
    settings: TrainSettings,
    notice: Option<String>,
    events: mpsc::Sender<Event>,
    status: Mutex<Retraining>,
    job: Mutex<Option<Job>>,
    /// Held while what is live changes: changes go one after another.
    changing: AsyncMutex<()>,
}

/// The task of the retraining under way.
struct Job {
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

/// Why a retraining came to no decision.
enum Stopped {
    Cancelled,
    Failed(String),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What a challenger is made from.
struct Material {
    lessons: Vec<Lesson>,
    live: Vec<LiveEvent>,
    /// Corrections that stand.
    corrections: u64,
}

impl Learner {
    pub(super) fn new(
        store: Arc<dyn Store>,
        clock: Clock,
        live: Arc<Live>,
        learning: Learning,
        events: mpsc::Sender<Event>,
    ) -> Self {
        let Learning {
            registry,
            notice,
            corpus,
            settings,
            auto: _,
        } = learning;
        Self {
            store,
            clock,
            live,
            registry,
            corpus,
            settings,
            notice,
            events,
            status: Mutex::default(),
            job: Mutex::default(),
            changing: AsyncMutex::default(),
        }
    }

    /// How far it is, and how the last one ended.
    pub(super) fn status(&self) -> Retraining {
        self.locked().clone()
    }

    fn locked(&self) -> MutexGuard<'_, Retraining> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a retraining.
    pub(super) async fn start(self: Arc<Self>, actor: &str, reason: &str) -> Result<Retraining, CommandError> {
        if self.store.totals().await?.corrections == 0 {
            return Err(CommandError::NothingToLearn);
        }
        let begun = {
            let mut status = self.locked();
            if status.running.is_some() {
                return Err(CommandError::Retraining);
            }
            let running = Running {
                started_at: (self.clock)(),
                actor: actor.to_owned(),
                reason: bounded(reason),
                stage: Stage::Reading,
                done: 0,
                of: 0,
            };
            status.running = Some(running.clone());
            let cancel = CancellationToken::new();
            let task = tokio::spawn(Arc::clone(&self).run(running, cancel.clone()));
            *self.job() = Some(Job { cancel, task });
            status.clone()
        };
        tracing::info!(actor, reason = bounded(reason), "retraining began");
        self.publish().await;
        Ok(begun)
    }

    /// Asks the retraining under way to stop.
    pub(super) async fn cancel(&self) -> Result<Retraining, CommandError> {
        {
            let mut status = self.locked();
            let Some(running) = status.running.as_mut() else {
                return Err(CommandError::NoRetraining);
            };
            running.stage = Stage::Stopping;
            if let Some(job) = self.job().as_ref() {
                job.cancel.cancel();
            }
        }
        self.publish().await;
        Ok(self.status())
    }

    /// Ends what is under way and waits for it.
    pub(super) async fn close(&self) {
        let job = self.job().take();
        if let Some(job) = job {
            job.cancel.cancel();
            if job.task.await.is_err() {
                tracing::error!("the retraining had panicked");
            }
        }
    }

    fn job(&self) -> MutexGuard<'_, Option<Job>> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, running: Running, cancel: CancellationToken) {
        let ended = self.attempt(&running, &cancel).await;
        let (ending, because, decision) = match ended {
            Ok(decision) => {
                let ending = match decision.outcome {
                    Outcome::Promote => Ending::Promoted,
                    Outcome::Keep => Ending::Kept,
                };
                (ending, decision.reasons.clone(), Some(Arc::new(decision)))
            }
            Err(Stopped::Cancelled) => (
                Ending::Cancelled,
                vec!["cancelled; nothing has changed".to_owned()],
                None,
            ),
            Err(Stopped::Failed(why)) => (Ending::Failed, vec![why], None),
        };
        let finished = Finished {
            at: (self.clock)(),
            started_at: running.started_at,
            actor: running.actor,
            reason: running.reason,
            ending,
            because,
            decision,
        };
        RetrainingEnded {
            ending: finished.ending.name(),
            because: &finished.because,
        }
        .emit();
        *self.locked() = Retraining {
            running: None,
            last: Some(finished),
        };
        self.publish().await;
    }

    async fn attempt(self: &Arc<Self>, running: &Running, cancel: &CancellationToken) -> Result<GateDecision, Stopped> {
        let material = self.gather().await?;
        if material.lessons.is_empty() {
            return Err(Stopped::Failed(CommandError::NothingToLearn.to_string()));
        }
        let corrections = material.corrections;
        let champion = self.live.bundle();
        let (challenger, decision) = self.fit(Arc::clone(&champion), material, cancel).await?;
        let _one_after_another = self.changing.lock().await;
        if cancel.is_cancelled() {
            return Err(Stopped::Cancelled);
        }
        let decision = still_the_champion(decision, &self.live.bundle().version);
        let approval = Approval {
            actor: running.actor.clone(),
            reason: bounded(&format!("{}: {}", running.reason, decision.reasons.join("; "))),
            at: (self.clock)(),
            corrections,
        };
        self.keep(challenger, decision, approval).await
    }

    /// Stores the challenger, and lets it serve where the gate says so.
    async fn keep(
        &self,
        challenger: Bundle,
        decision: GateDecision,
        approval: Approval,
    ) -> Result<GateDecision, Stopped> {
        let registry = Arc::clone(&self.registry);
        let stored = tokio::task::spawn_blocking(move || {
            registry.add(&challenger, &decision, &approval)?;
            Ok::<_, RegistryError>((challenger, decision, approval))
        });
        let (challenger, decision, approval) = match stored.await {
            Ok(Ok(stored)) => stored,
            Ok(Err(error)) => return Err(Stopped::Failed(error.to_string())),
            Err(died) => return Err(Stopped::Failed(format!("cut off: {died}"))),
        };
        match decision.outcome {
            Outcome::Promote => self.serve(challenger, &approval).await,
            Outcome::Keep => self.tell_served().await,
        }
        Ok(decision)
    }

    /// What people said and what came in last, as lessons and events.
    async fn gather(&self) -> Result<Material, Stopped> {
        let totals = self.store.totals().await?;
        let live_only = totals.live > 0;
        let mut room = MAX_ALL_BYTES;
        let mut lessons = Vec::new();
        for (row, said) in self.store.corrected(live_only, MAX_LESSONS).await? {
            lessons.push(Lesson {
                failure: row.id(),
                at: said.at,
                author: said.correction.person().to_owned(),
                fingerprint: row.verdict.fingerprint.as_ref().map(|shared| shared.0.clone()),
                log: self.log_of(&row, &mut room).await?,
                job: row.job,
                label: said.correction.label,
                times: 1,
            });
        }
        let mut live = Vec::new();
        let newest = self.store.newest(live_only, SHADOW_EVENTS).await?;
        // On what people have corrected, the challenger is to differ.
        for row in newest.into_iter().filter(|row| row.verdict.corrected_by.is_none()) {
            let log = self.log_of(&row, &mut room).await?;
            live.push(LiveEvent { log, job: row.job });
        }
        Ok(Material {
            lessons,
            live,
            corrections: totals.corrections,
        })
    }

    /// The masked log, or the lines that were kept of it.
    async fn log_of(&self, row: &Failure, room: &mut usize) -> Result<Option<Vec<u8>>, Stopped> {
        let kept = self.store.log(row.id()).await?;
        let whole = kept.filter(|log| log.len() <= MAX_LOG_BYTES.min(*room));
        let log = whole.or_else(|| {
            let lines: Vec<&str> = row.verdict.evidence.iter().map(|one| one.text.as_str()).collect();
            let from_log = row.read_from == crate::verdict::DecidedFrom::Log;
            (from_log && !lines.is_empty()).then(|| lines.join("\n").into_bytes())
        });
        *room = room.saturating_sub(log.as_ref().map_or(0, Vec::len));
        Ok(log)
    }

    /// Fits and compares on a thread of its own.
    async fn fit(
        self: &Arc<Self>,
        champion: Arc<Bundle>,
        material: Material,
        cancel: &CancellationToken,
    ) -> Result<(Bundle, GateDecision), Stopped> {
        let (learner, cancel) = (Arc::clone(self), cancel.clone());
        let fitting = in_background("retrain", move || learner.fit_here(&champion, material, &cancel));
        let fitted = fitting
            .await
            .unwrap_or_else(|_died| Err(Stopped::Failed("the training was cut off; the log says why".to_owned())));
        // Not on that thread: the allocator's locks are not for one that yields to others.
        if tokio::task::spawn_blocking(release_free_memory).await.is_err() {
            tracing::error!("giving memory back had panicked");
        }
        fitted
    }

    fn fit_here(
        &self,
        champion: &Bundle,
        material: Material,
        cancel: &CancellationToken,
    ) -> Result<(Bundle, GateDecision), Stopped> {
        let corpus = match self.corpus.clone() {
            Some(corpus) => Ok(corpus),
            None => Corpus::shipped().map(Arc::new),
        };
        let corpus = corpus.map_err(|error| Stopped::Failed(error.to_string()))?;
        let asked = Challenge {
            at: (self.clock)(),
            corpus: &corpus,
            lessons: material.lessons,
            live: material.live,
            settings: TrainSettings {
                version: self.registry.next_version(),
                ..self.settings.clone()
            },
        };
        let mut progress = |progress: Progress| self.progressed(progress, cancel);
        challenge(champion, asked, &mut progress).map_err(|error| match error {
            ChallengeError::Cancelled => Stopped::Cancelled,
            other => Stopped::Failed(other.to_string()),
        })
    }

    fn progressed(&self, progress: Progress, cancel: &CancellationToken) -> ControlFlow<()> {
        if cancel.is_cancelled() {
            return ControlFlow::Break(());
        }
        let status = {
            let mut status = self.locked();
            if let Some(running) = status.running.as_mut() {
                (running.done, running.of) = (progress.done, progress.of);
                running.stage = if progress.done < progress.of {
                    Stage::Fitting
                } else {
                    Stage::Comparing
                };
            }
            status.clone()
        };
        // Where the state has much to do, the next round will be told.
        if self.events.try_send(Event::Retrained(Arc::new(status))).is_err() {
            tracing::trace!("a round was not told");
        }
        ControlFlow::Continue(())
    }

    /// Makes a stored version live.
    pub(super) async fn promote(&self, version: String, actor: String, reason: &str) -> Result<String, CommandError> {
        let reason = reason.to_owned();
        self.change(actor, reason, move |registry, approval| {
            registry.promote(&version, approval)
        })
        .await
    }

    /// Makes the version live that was before the one that is.
    pub(super) async fn roll_back(&self, actor: String, reason: &str) -> Result<String, CommandError> {
        self.change(actor, reason.to_owned(), Registry::roll_back).await
    }

    async fn change(
        &self,
        actor: String,
        reason: String,
        change: impl FnOnce(&Registry, &Approval) -> Result<Bundle, RegistryError> + Send + 'static,
    ) -> Result<String, CommandError> {
        let _one_after_another = self.changing.lock().await;
        let approval = Approval {
            actor,
            reason: bounded(&reason),
            at: (self.clock)(),
            corrections: self.registry.corrections_learned(),
        };
        let registry = Arc::clone(&self.registry);
        let changed = tokio::task::spawn_blocking(move || {
            let bundle = change(&registry, &approval)?;
            Ok::<_, RegistryError>((bundle, approval))
        });
        let (bundle, approval) = changed
            .await
            .map_err(|died| CommandError::Judge(format!("cut off: {died}")))??;
        let version = bundle.version.clone();
        self.serve(bundle, &approval).await;
        Ok(version)
    }

    /// Checks every stored version and the ledger.
    pub(super) async fn verify(&self) -> Result<Vec<(String, Result<(), String>)>, CommandError> {
        let registry = Arc::clone(&self.registry);
        let checked = tokio::task::spawn_blocking(move || registry.verify()).await;
        checked.map_err(|died| CommandError::Judge(format!("cut off: {died}")))
    }

    /// Seals what has no seal that fits.
    pub(super) async fn seal(&self) -> Result<Vec<String>, CommandError> {
        let _one_after_another = self.changing.lock().await;
        let registry = Arc::clone(&self.registry);
        let sealed = tokio::task::spawn_blocking(move || registry.seal_all()).await;
        let sealed = sealed.map_err(|died| CommandError::Judge(format!("cut off: {died}")))??;
        self.tell_served().await;
        Ok(sealed)
    }

    async fn serve(&self, bundle: Bundle, approval: &Approval) {
        ModelServed {
            version: &bundle.version,
            actor: &approval.actor,
            reason: &approval.reason,
        }
        .emit();
        self.live.exchange(Arc::new(bundle));
        self.tell_served().await;
    }

    /// What serves now, and everything that is shown of the registry.
    pub(super) async fn served(&self) -> Served {
        let registry = Arc::clone(&self.registry);
        let bundle = self.live.bundle();
        let notice = self.notice.clone();
        let live = Arc::clone(&bundle);
        let view = tokio::task::spawn_blocking(move || {
            // What was noticed at the start is about the model that served then.
            let stands = registry.live_version().is_none_or(|version| version != live.version);
            // Without it features are ranked by how far they moved alone.
            let importance = importance(&live).unwrap_or_default();
            let learned = registry.corrections_learned();
            (registry.view(notice.filter(|_| stands)), learned, importance)
        });
        let (view, learned, importance) = view.await.unwrap_or_default();
        Served {
            version: bundle.version.clone(),
            profile: Arc::clone(&bundle.reference),
            importance: importance.into(),
            learned,
            registry: Arc::new(view),
        }
    }

    async fn tell_served(&self) {
        let served = self.served().await;
        self.tell(Event::Served(Box::new(served))).await;
    }

    async fn publish(&self) {
        let status = Arc::new(self.status());
        self.tell(Event::Retrained(status)).await;
    }

    async fn tell(&self, event: Event) {
        if self.events.send(event).await.is_err() {
            tracing::debug!("the state takes in nothing any more");
        }
    }
}

/// A challenger was compared with a model that may have been replaced meanwhile: then the comparison says nothing.
fn still_the_champion(mut decision: GateDecision, live: &str) -> GateDecision {
    if decision.champion != live {
        decision.outcome = Outcome::Keep;
        decision.reasons.push(format!(
            "model {live} went live meanwhile, and the challenger was compared with {}; retrain to compare them",
            decision.champion
        ));
    }
    decision
}

fn bounded(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(MAX_REASON)
        .collect()
}
