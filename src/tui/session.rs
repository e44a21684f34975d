//! One terminal: inputs become messages, messages change the state, the state is painted.
//!
//! The loop is the same for a local terminal, an SSH channel and a Unix socket; they differ in who makes the inputs
//! and where the [`Surface`] writes. It paints only after something changed, and takes what was typed in one go, so that
//! a slow terminal skips frames instead of queueing them.

use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::errands::Errands;
use super::input::Input;
use super::intent::Intent;
use super::message::{Dossier, Message, Outcome};
use super::state::ViewState;
use super::surface::Surface;
use super::update::update;
use crate::app::command::{Command, CommandError, Reply};
use crate::app::snapshot::Snapshot;
use crate::store::{Cursor, Failure, HistoryFilter, Page, Store, StoreError};

/// Ages are told in seconds, so time goes on by the second.
const TICK: Duration = Duration::from_secs(1);

/// The most inputs taken before the screen is painted.
const MAX_INPUTS: usize = 256;

/// What a screen needs of the application.
pub trait Tower: Send + Sync + 'static {
    /// The state, now and from now on.
    fn watch(&self) -> watch::Receiver<Arc<Snapshot>>;

    /// Carries a command out.
    fn submit(&self, command: Command) -> impl Future<Output = Result<Reply, CommandError>> + Send;

    /// A page of the history.
    fn history(
        &self,
        filter: HistoryFilter,
        after: Option<Cursor>,
        limit: usize,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// A failure with what belongs to it.
    fn dossier(&self, id: i64) -> impl Future<Output = Result<Dossier, StoreError>> + Send;

    /// A failure with contributions.
    fn explain(&self, id: i64) -> impl Future<Output = Result<Failure, CommandError>> + Send;
}

/// Reads a [`Dossier`] from a store.
///
/// # Errors
///
/// The store's; [`StoreError::NoFailure`] if there is no such row.
pub async fn dossier(store: &dyn Store, id: i64) -> Result<Dossier, StoreError> {
    let failure = store.failure(id).await?.ok_or(StoreError::NoFailure(id))?;
    let corrections = store.corrections(id).await?;
    let group_size = match &failure.verdict.fingerprint {
        Some(fingerprint) => store.group_size(&fingerprint.0).await?,
        None => 1,
    };
    let seen = store.collecting().sightings(id).await?;
    let passed_later = store.collecting().passed_later(id).await?;
    Ok(Dossier {
        failure,
        corrections,
        group_size,
        seen,
        passed_later,
        known_issue: None,
    })
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The person left.
    Quit,
    /// The program is to end.
    Stopped,
    /// The terminal has gone.
    Gone,
    /// The application has gone.
    Abandoned,
}

/// What happened.
enum Happened {
    Input(Option<Input>),
    Snapshot(bool),
    Outcome(Box<Outcome>),
    Tick,
    Stop,
}

/// One terminal and what belongs to it.
#[derive(Debug)]
pub struct Session<T> {
    state: ViewState,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    snapshot: Arc<Snapshot>,
    errands: Errands<T>,
    clock: fn() -> Timestamp,
}

impl<T: Tower> Session<T> {
    /// A session on a new screen.
    #[must_use]
    pub fn new(tower: Arc<T>, state: ViewState, clock: fn() -> Timestamp) -> Self {
        let mut snapshots = tower.watch();
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        Self {
            state,
            snapshots,
            snapshot,
            errands: Errands::new(tower),
            clock,
        }
    }

    /// Serves the terminal until one of the two ends. Corrections that are on their way are waited for.
    ///
    /// # Errors
    ///
    /// If the surface cannot be written.
    pub async fn run(
        mut self,
        surface: &mut impl Surface,
        inputs: &mut (impl Stream<Item = Input> + Unpin),
        stop: CancellationToken,
    ) -> io::Result<Ended> {
        let ended = self.serve(surface, inputs, &stop).await;
        self.errands.leave().await;
        ended
    }

    async fn serve(
        &mut self,
        surface: &mut impl Surface,
        inputs: &mut (impl Stream<Item = Input> + Unpin),
        stop: &CancellationToken,
    ) -> io::Result<Ended> {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.take(Message::Changed, surface)?;
        loop {
            surface.draw(&self.state, &self.snapshot)?;
            let happened = tokio::select! {
                () = stop.cancelled() => Happened::Stop,
                input = inputs.next() => Happened::Input(input),
                changed = self.snapshots.changed() => Happened::Snapshot(changed.is_ok()),
                Some(outcome) = self.errands.next(), if !self.errands.is_idle() => {
                    Happened::Outcome(Box::new(outcome))
                }
                _ = tick.tick() => Happened::Tick,
            };
            self.state.tick((self.clock)());
            let ended = match happened {
                Happened::Stop => Some(Ended::Stopped),
                Happened::Snapshot(false) => Some(Ended::Abandoned),
                Happened::Snapshot(true) => self.see(surface)?,
                Happened::Outcome(outcome) => self.take(Message::Returned(outcome), surface)?,
                Happened::Tick => None,
                Happened::Input(first) => self.take_inputs(first, inputs, surface).await?,
            };
            if let Some(ended) = ended {
                return Ok(ended);
            }
        }
    }

    fn see(&mut self, surface: &mut impl Surface) -> io::Result<Option<Ended>> {
        self.snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        self.take(Message::Changed, surface)
    }

    /// Takes an input and all that came with it.
    async fn take_inputs(
        &mut self,
        first: Option<Input>,
        inputs: &mut (impl Stream<Item = Input> + Unpin),
        surface: &mut impl Surface,
    ) -> io::Result<Option<Ended>> {
        let mut next = first;
        for _ in 0..MAX_INPUTS {
            let Some(input) = next else {
                return Ok(Some(Ended::Gone));
            };
            let message = self.state.keys.message(self.state.mode(), input);
            if let Some(message) = message
                && let Some(ended) = self.take(message, surface)?
            {
                return Ok(Some(ended));
            }
            match at_hand(inputs).await {
                Some(more) => next = more,
                None => break,
            }
        }
        Ok(None)
    }

    /// Changes the state by a message and starts what it wants.
    fn take(&mut self, message: Message, surface: &mut impl Surface) -> io::Result<Option<Ended>> {
        for intent in update(&mut self.state, &self.snapshot, message) {
            match self.errands.ask(intent) {
                Some(Intent::Quit) => return Ok(Some(Ended::Quit)),
                Some(Intent::Copy(text)) => surface.copy(&text)?,
                Some(Intent::Send(command)) => self.errands.send(command),
                None | Some(Intent::Page { .. } | Intent::Open(_) | Intent::Explain(_)) => {}
            }
        }
        Ok(None)
    }
}

/// The next input if there is one already. Asked with the session's own waker, because crossterm's stream keeps the
/// first one it is given until the next event.
async fn at_hand(inputs: &mut (impl Stream<Item = Input> + Unpin)) -> Option<Option<Input>> {
    poll_fn(|context| match inputs.poll_next_unpin(context) {
        Poll::Ready(input) => Poll::Ready(Some(input)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

#[cfg(test)]
pub(super) mod tests;
