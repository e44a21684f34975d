//! The control tower itself: settings, model, database, application and server are put together here.

use std::io::IsTerminal;
use std::sync::Arc;

use anyhow::{Context, Result};
use sd_notify::NotifyState;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::opened::Opened;
use super::{Ended, Global, Usage, logging, runtime, settings};
use crate::app::engine::Handle;
use crate::app::upkeep::Upkeep;
use crate::config::Settings;
use crate::server::local::{self, LocalSocket};
use crate::server::{Listeners, serve};
use crate::tui::terminal;

/// `sentinel serve`: until SIGINT or SIGTERM.
pub(super) fn headless(global: &Global) -> Result<Ended> {
    let settings = settings(global)?;
    logging::to_stderr(&settings.log, global);
    runtime()?.block_on(async {
        let mut signals = Signals::catch()?;
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
        let mut signals = Signals::catch()?;
        let running = Running::start(&settings).await?;
        let quit = CancellationToken::new();
        let (session, ended) = tokio::join!(
            async {
                let tower = Arc::new(running.handle.clone());
                let session = terminal::show(tower, &settings.tui, local::own_user(), quit.clone()).await;
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
    upkeep: JoinHandle<()>,
}

impl Running {
    async fn start(settings: &Settings) -> Result<Self> {
        let listen = &settings.server.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen on {listen}; if another sentinel runs there, join it, or set server.listen")
        })?;
        let address = listener.local_addr()?.to_string();
        let Opened {
            handle,
            doors,
            collector,
        } = Opened::open(settings, address.clone()).await?;
        // Under the folder's lock, which the store holds by now.
        let socket = LocalSocket::bind(&settings.data.dir, &settings.data.socket_group)?;
        let listeners = Listeners {
            port: Some(listener),
            socket: Some(socket),
        };
        let shutdown = CancellationToken::new();
        let upkeep = Upkeep {
            data: settings.data.clone(),
            backup: settings.backup.clone(),
        };
        let upkeep = tokio::spawn(upkeep.run(handle.clone(), shutdown.clone()));
        let server = tokio::spawn(serve(listeners, handle.clone(), doors, shutdown.clone()));
        let collecting = collector.map(|collector| tokio::spawn(collector.run(shutdown.clone())));
        Ok(Self {
            handle,
            address,
            shutdown,
            server,
            collecting,
            upkeep,
        })
    }

    /// Takes no more requests, answers those under way, and then closes the application.
    async fn stop(self) -> Result<()> {
        self.shutdown.cancel();
        self.server.await??;
        if let Some(collecting) = self.collecting {
            collecting.await?;
        }
        self.upkeep.await?;
        self.handle.shutdown().await;
        Ok(())
    }
}

/// The signals that end a server. They are caught from the start, so that none ends it half-way.
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    pub(super) fn catch() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    pub(super) async fn wait(&mut self) -> Ended {
        tokio::select! {
            _ = self.interrupt.recv() => Ended::Interrupted,
            _ = self.terminate.recv() => Ended::Terminated,
        }
    }
}

/// Tells systemd, where there is one.
fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, state) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
