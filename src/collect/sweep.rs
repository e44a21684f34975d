//! What GitHub sent and we never got, and what it never sent: looked for every few minutes, from a durable place.
//!
//! With the right to see the hook (an App has it, a token may) the tries to deliver tell what is missing. Without it the
//! list of runs does. Either way identity decides what is new, so that nothing is found twice.

use std::collections::HashSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{CollectError, Collector};
use crate::app::command::Command;
use crate::github::{GitHubError, Hook, Purpose, Repository, Sent};
use crate::ingest::{Delivery, EventSource};
use crate::store::KnownRepository;
use crate::telemetry::SweepEnded;

/// GitHub keeps deliveries for three days.
const KEPT: SignedDuration = SignedDuration::from_hours(72);

/// A run is listed by the time it was made, and may end, or be tried again, this much later.
const RUN_TIME: SignedDuration = SignedDuration::from_hours(24);

/// Repositories without a live failure since then are not swept, where none are named.
const SEEN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How long a repository is not asked for its hooks again, after it was refused.
const HIDDEN: SignedDuration = SignedDuration::from_hours(6);

/// Pages of one list in one sweep.
const MAX_PAGES: usize = 100;

/// Sweeps until `closing`.
pub(super) async fn run(collector: &Collector, closing: &CancellationToken) {
    let every = Duration::from_secs(60 * u64::from(collector.settings.sweep_minutes));
    if every.is_zero() {
        return closing.cancelled().await;
    }
    let mut next = Instant::now() + every.min(Duration::from_secs(10));
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = sleep_until(next) => {}
        }
        next = Instant::now() + every;
        tokio::select! {
            () = closing.cancelled() => return,
            found = collector.sweep() => match found {
                Ok(found) => SweepEnded { found }.emit(),
                Err(error) => tracing::warn!(%error, "sweep not finished; the next one goes on"),
            },
        }
    }
}

impl Collector {
    /// Looks once for what never arrived; how many failures were new.
    ///
    /// # Errors
    /// Limits, trouble: what was found before is kept, and the next sweep goes on from the last place.
    pub async fn sweep(&self) -> Result<usize, CollectError> {
        if let Some(hook) = self.github.own_hook().await? {
            return self.sweep_hook(&hook).await;
        }
        let mut found = 0;
        let mut trouble = None;
        for (repository, host) in self.swept().await? {
            match self.sweep_repository(&repository, &host).await {
                Ok(new) => found += new,
                Err(error @ CollectError::GitHub(GitHubError::Limited { .. } | GitHubError::Credentials(_))) => {
                    return Err(error);
                }
                // One repository that was deleted or is out of reach keeps none of the others from being swept.
                Err(error) => {
                    tracing::warn!(repository = repository.name.as_deref().unwrap_or_default(), %error, "not swept");
                    trouble = Some(error);
                }
            }
        }
        match trouble {
            Some(error) if found == 0 => Err(error),
            _ => Ok(found),
        }
    }

    /// The repositories to sweep, and the host their deliveries name.
    async fn swept(&self) -> Result<Vec<(Repository, String)>, CollectError> {
        let since = self.now() - SEEN;
        let store = self.handle.query();
        let known = store.collecting().repositories(since).await?;
        let known = known.into_iter().filter(|known| self.github.answers_for(&known.host));
        if self.settings.repositories.is_empty() {
            return Ok(known.map(of_known).collect());
        }
        let known: Vec<KnownRepository> = known.collect();
        let mut swept = Vec::new();
        for name in &self.settings.repositories {
            let seen = known.iter().find(|known| known.name.eq_ignore_ascii_case(name));
            swept.push(match seen {
                Some(known) => of_known(known.clone()),
                None => (self.github.repository(name, Purpose::Past).await?, self.host()),
            });
        }
        Ok(swept)
    }

    async fn sweep_repository(&self, repository: &Repository, host: &str) -> Result<usize, CollectError> {
        let hooks = self.hooks(repository).await?;
        if hooks.is_empty() {
            return self.sweep_runs(repository, host).await;
        }
        let mut found = 0;
        for hook in hooks {
            found += self.sweep_hook(&hook).await?;
        }
        Ok(found)
    }

    /// Hooks of a repository that send to us. Where we may not see them, that is believed for a while: a refusal costs as much of
    /// the hour's requests as an answer.
    async fn hooks(&self, repository: &Repository) -> Result<Vec<Hook>, CollectError> {
        let now = self.now();
        if self.fetching.hooks_are_hidden(repository.id, now) {
            return Ok(Vec::new());
        }
        let hooks = self.github.hooks(repository).await?;
        if hooks.is_none() {
            self.fetching.hide_hooks(repository.id, now + HIDDEN);
        }
        Ok(hooks.unwrap_or_default())
    }

    /// Takes in what was sent and did not arrive, from the newest try back to the place of the last sweep.
    async fn sweep_hook(&self, hook: &Hook) -> Result<usize, CollectError> {
        let store = self.handle.query();
        let name = format!("hook {}", hook.name());
        let place = store.collecting().place(&name).await?;
        let last: i64 = place.and_then(|place| place.parse().ok()).unwrap_or_default();
        let oldest = self.now() - KEPT;
        let (mut newest, mut missed, mut arrived) = (last, Vec::new(), HashSet::new());
        let mut next = None;
        for _ in 0..MAX_PAGES {
            let page = self.github.deliveries(hook, next.as_deref()).await?;
            let mut over = page.sent.is_empty();
            for sent in page.sent {
                over |= sent.id <= last || sent.at.is_some_and(|at| at < oldest);
                if over {
                    break;
                }
                newest = newest.max(sent.id);
                if sent.arrived {
                    arrived.insert(sent.guid.clone());
                } else if sent.tells_of_an_end() {
                    missed.push(sent);
                }
            }
            next = page.next;
            if over || next.is_none() {
                break;
            }
        }
        // A try that arrived by a later one, as after a redelivery by hand, is not missing.
        missed.retain(|sent: &Sent| !arrived.contains(&sent.guid));
        missed.sort_by_key(|sent| sent.id);
        missed.dedup_by(|one, other| one.guid == other.guid && one.event == other.event);
        let mut found = 0;
        for sent in &missed {
            found += usize::from(self.recover(hook, sent).await?);
        }
        if newest > last {
            store.collecting().keep_place(&name, &newest.to_string()).await?;
        }
        Ok(found)
    }

    /// Takes one delivery in; whether it was news.
    async fn recover(&self, hook: &Hook, sent: &Sent) -> Result<bool, CollectError> {
        let delivery = match self.github.delivery(hook, sent).await {
            Ok(delivery) => delivery,
            Err(error @ (GitHubError::NotFound { .. } | GitHubError::Unexpected { .. })) => {
                tracing::warn!(%error, "a delivery that did not arrive cannot be had");
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        self.take_in(delivery).await
    }

    /// As the webhook would have; whether it was news.
    async fn take_in(&self, delivery: Delivery) -> Result<bool, CollectError> {
        if let Some(passed) = &delivery.passed {
            self.handle.mark_passed(passed, delivery.run_event.as_deref()).await?;
        }
        if delivery.failed.is_none() {
            return Ok(false);
        }
        let reply = self.submit(Command::Deliver(Box::new(delivery))).await?;
        Ok(super::is_news(&reply))
    }

    /// Takes in the failed runs that are not known, of those made since a while before the last sweep.
    async fn sweep_runs(&self, repository: &Repository, host: &str) -> Result<usize, CollectError> {
        let store = self.handle.query();
        let name = format!("runs {host}/{}", repository.id);
        let place = store.collecting().place(&name).await?;
        let begun = self.now();
        let last: Timestamp = place.and_then(|place| place.parse().ok()).unwrap_or(begun);
        let created = format!(">={}", second(hour(last - RUN_TIME)));
        let mut found = 0;
        for page in 1..=MAX_PAGES {
            let (runs, _) = self.github.runs(repository, &created, page, Purpose::Past).await?;
            let more = runs.len() == super::RUNS_A_PAGE;
            for run in runs {
                found += self
                    .take_run(repository, host, &run, EventSource::GithubWebhook)
                    .await?;
            }
            if !more {
                break;
            }
        }
        store.collecting().keep_place(&name, &second(begun)).await?;
        Ok(found)
    }
}

fn of_known(known: KnownRepository) -> (Repository, String) {
    let repository = Repository {
        id: known.id,
        name: Some(known.name),
        default_branch: known.default_branch,
    };
    (repository, known.host)
}

/// The beginning of an hour: a question that is put again in the same words costs nothing while its answer stays the same.
fn hour(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(3_600)).unwrap_or(at)
}

/// A moment as GitHub's searches take it.
pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
