//! `sentinel mcp`: an agent on this machine talks over standard input and output, to the server that owns the data folder
//! where there is one, and to this process otherwise. Nothing but the protocol goes to standard output.
//!
//! While this process owns the folder it listens at the folder's socket, so that a person can look (`sentinel console`) and
//! decide on what the agent proposes.

use std::sync::Arc;

use anyhow::Result;
use tokio_util::sync::CancellationToken;

use super::reach::{Own, Reach};
use super::serve::Signals;
use super::{Ended, Global, logging, runtime, settings};
use crate::config::Settings;
use crate::mcp::{AgentDoor, Caller, bridge, serve_stdio};
use crate::server::local::{LocalSocket, StreamKind};
use crate::server::{Listeners, serve};

/// Talks until the agent hangs up.
pub(super) fn run(global: &Global) -> Result<Ended> {
    let settings = settings(global)?;
    logging::of_command(global);
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let mut signals = Signals::catch()?;
        let reach = Reach::or_make(&settings).await?;
        let ended = match &reach {
            Reach::Server(client) => {
                let stream = client.stream(StreamKind::Mcp).await?;
                tokio::select! {
                    talked = bridge(stream) => talked.map(|()| Ended::Done).map_err(Into::into),
                    ended = signals.wait() => Ok(ended),
                }
            }
            Reach::Own(own) => host(own, &settings, &mut signals).await,
        };
        reach.close().await;
        ended
    });
    // A read of standard input may be under way, which nothing can take back.
    runtime.shutdown_background();
    ended
}

/// Answers the agent, and whoever comes to the socket meanwhile.
async fn host(own: &Own, settings: &Settings, signals: &mut Signals) -> Result<Ended> {
    let stop = CancellationToken::new();
    let socket = LocalSocket::bind(&settings.data.dir, &settings.data.socket_group);
    let socket = socket.inspect_err(|error| tracing::warn!(%error, "no console can join, no command act meanwhile"));
    let listeners = Listeners {
        port: None,
        socket: socket.ok(),
    };
    let serving = tokio::spawn(serve(listeners, own.handle.clone(), own.doors.clone(), stop.clone()));
    let door = AgentDoor::new(own.handle.clone(), Arc::clone(&own.doors.clock), own.doors.mcp.write);
    let ended = tokio::select! {
        talked = serve_stdio(door, Caller::local(own.user.0.clone())) => talked.map(|()| Ended::Done).map_err(Into::into),
        ended = signals.wait() => Ok(ended),
    };
    stop.cancel();
    serving.await??;
    ended
}
