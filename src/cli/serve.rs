//! The control tower itself: settings, model, database, application and server are put together here.

use std::io::IsTerminal;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::Timestamp;
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Ended, Global, Usage, logging, settings};
use crate::app::engine::{App, AppLimits, AppParts, Handle};
use crate::collect::{Collector, Patience};
use crate::config::Settings;
use crate::github::{GitHub, Pace};
use crate::registry::Registry;
use crate::server::{ServerDoors, serve};
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::tui::terminal;

/// `sentinel serve`: until SIGINT or SIGTERM.
pub(super) fn headless(global: &Global) -> Result<Ended> {
    let settings = settings(global)?;
    logging::to_stderr(&settings.log, global);
    runtime()?.block_on(async {
        let signals = Signals::catch()?;
        let running = Running::start(&settings).await?;
        tracing::info!(address = running.address, "listening");
        notify(&[NotifyState::Ready]);
        let ended = signals.wait().await;
        notify(&[NotifyState::Stopping]);
        tracing::info!("shutting down");
        running.stop().await?;
        Ok(ended)
    })
}

/// `sentinel`: the terminal and, behind it, the same server.
pub(super) fn tower(global: &Global) -> Result<Ended> {
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(Usage("the control tower needs a terminal; without one run `sentinel serve`".into()).into());
    }
    let settings = settings(global)?;
    runtime()?.block_on(async {
        let signals = Signals::catch()?;
        let running = Running::start(&settings).await?;
        let quit = CancellationToken::new();
        let (session, ended) = tokio::join!(
            async {
                let tower = Arc::new(running.handle.clone());
                let session = terminal::show(tower, &settings.tui, user(), quit.clone()).await;
                quit.cancel();
                session
            },
            async {
                tokio::select! {
                    ended = signals.wait() => { quit.cancel(); ended }
                    () = quit.cancelled() => Ended::Done,
                }
            }
        );
        running.stop().await?;
        session.context("the terminal")?;
        Ok(ended)
    })
}

/// A server that runs in the background of this process.
struct Running {
    handle: Handle,
    address: String,
    shutdown: CancellationToken,
    server: JoinHandle<std::io::Result<()>>,
    collecting: Option<JoinHandle<()>>,
}

impl Running {
    async fn start(settings: &Settings) -> Result<Self> {
        let listen = &settings.server.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}; if another sentinel runs there, join it, or set server.listen")
        })?;
        let address = listener.local_addr()?.to_string();
        let dir = settings.data.dir.clone();
        let store = SqliteStore::open(&dir, SqliteLimits::default())?;
        let (_registry, loaded) = Registry::open(&dir, &settings.model, Timestamp::now())?;
        if let Some(notice) = &loaded.notice {
            tracing::error!(notice, "the model in the data folder is not served");
        }
        let clock = Arc::new(Timestamp::now);
        let github = github(settings)?;
        let handle = App::start(AppParts {
            store,
            bundle: Arc::new(loaded.bundle),
            drift: settings.drift.clone(),
            retrain_threshold: settings.retrain.threshold,
            address: address.clone(),
            limits: AppLimits::default(),
            store_logs: settings.data.store_logs,
            github: github.clone(),
            clock: clock.clone(),
        })
        .await?;
        let doors = ServerDoors {
            server: settings.server.clone(),
            webhook: settings.webhook.clone(),
            api: settings.api.clone(),
            metrics: settings.metrics.clone(),
            mcp: settings.mcp.clone(),
            clock,
            ..ServerDoors::default()
        };
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(serve(listener, handle.clone(), doors, shutdown.clone()));
        let collector = github.map(|github| Collector {
            handle: handle.clone(),
            github,
            clock: Arc::new(Timestamp::now),
            patience: Patience::default(),
        });
        let collecting = collector.map(|collector| tokio::spawn(collector.run(shutdown.clone())));
        Ok(Self {
            handle,
            address,
            shutdown,
            server,
            collecting,
        })
    }

    /// Takes no more requests, answers those under way, and then closes the application.
    async fn stop(self) -> Result<()> {
        self.shutdown.cancel();
        self.server.await??;
        if let Some(collecting) = self.collecting {
            collecting.await?;
        }
        self.handle.shutdown().await;
        Ok(())
    }
}

/// The client of GitHub, where there is a credential. Its use is said.
fn github(settings: &Settings) -> Result<Option<Arc<GitHub>>> {
    if !settings.github.has_credential() {
        tracing::info!("no GitHub token or App: verdicts come from payloads alone");
        return Ok(None);
    }
    let github = GitHub::new(&settings.github, Arc::new(Timestamp::now), Pace::default())?;
    let (credential, host) = (github.credential(), github.host());
    tracing::info!(credential, host, "logs of failed jobs are fetched from GitHub");
    Ok(Some(Arc::new(github)))
}

/// The signals that end a server. They are caught from the start, so that none ends it half-way.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn catch() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(mut self) -> Ended {
        tokio::select! {
            _ = self.interrupt.recv() => Ended::Interrupted,
            _ = self.terminate.recv() => Ended::Terminated,
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime")
}

/// Who sits at this terminal, as the machine says.
fn user() -> String {
    ["USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_else(|| "operator".to_owned())
}

/// Tells systemd, where there is one.
fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, state) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
