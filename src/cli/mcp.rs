//! `sentinel mcp`: an agent on this machine talks over standard input and output, to the server that owns the data folder
//! where there is one, and to this process otherwise. Nothing but the protocol goes to standard output.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;

use super::reach::Reach;
use super::serve::Signals;
use super::{Ended, Global, logging, runtime, settings};
use crate::config::Settings;
use crate::mcp::{AgentDoor, Caller, bridge, serve_stdio};
use crate::server::local::StreamKind;

/// Talks until the agent hangs up.
pub(super) fn run(global: &Global) -> Result<Ended> {
    let settings = settings(global)?;
    logging::of_command(global);
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let signals = Signals::catch()?;
        let reach = Reach::or_make(&settings).await?;
        let ended = tokio::select! {
            talked = talk(&reach, &settings) => talked.map(|()| Ended::Done),
            ended = signals.wait() => Ok(ended),
        };
        reach.close().await;
        ended
    });
    // A read of standard input may be under way, which nothing can take back.
    runtime.shutdown_background();
    ended
}

async fn talk(reach: &Reach, settings: &Settings) -> Result<()> {
    match reach {
        Reach::Server(client) => Ok(bridge(client.stream(StreamKind::Mcp).await?).await?),
        Reach::Own(own) => {
            let door = AgentDoor::new(own.handle.clone(), Arc::new(Timestamp::now), settings.mcp.write);
            Ok(serve_stdio(door, Caller::local(own.user.0.clone())).await?)
        }
    }
}
