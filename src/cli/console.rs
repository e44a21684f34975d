//! `sentinel console`: this terminal joins the server that owns the data folder, over its socket.

use std::io::IsTerminal;

use anyhow::{Context, Result, bail};
use tokio_util::sync::CancellationToken;

use super::reach::Client;
use super::serve::Signals;
use super::{Ended, Global, Usage, runtime, settings};
use crate::server::local::StreamKind;
use crate::tui::console::{Farewell, join};
use crate::tui::settings::ThemeChoice;

/// Shows the tower until somebody leaves.
pub(super) fn run(global: &Global) -> Result<Ended> {
    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        return Err(Usage("the console needs a terminal".into()).into());
    }
    let mut settings = settings(global)?;
    if global.no_color {
        settings.tui.theme = ThemeChoice::None;
    }
    let runtime = runtime()?;
    let ended = runtime.block_on(async {
        let mut signals = Signals::catch()?;
        let dir = &settings.data.dir;
        let client = Client::at(dir).await.with_context(|| {
            format!(
                "no server can be joined in {}; start one with `sentinel` or `sentinel serve`",
                dir.display()
            )
        })?;
        let stream = client.stream(StreamKind::Console).await?;
        let stop = CancellationToken::new();
        let joined = join(stream, &settings.tui, stop.clone());
        tokio::pin!(joined);
        tokio::select! {
            farewell = &mut joined => left(farewell?),
            ended = signals.wait() => {
                stop.cancel();
                joined.await?;
                Ok(ended)
            }
        }
    });
    // The terminal is being read, which nothing can take back.
    runtime.shutdown_background();
    ended
}

fn left(farewell: Option<Farewell>) -> Result<Ended> {
    match farewell {
        Some(Farewell::Quit) => Ok(Ended::Done),
        Some(Farewell::Stopped) => bail!("the server was shut down"),
        Some(Farewell::Refused(why)) => bail!("the server does not take this terminal: {why}"),
        None => bail!("the server has gone"),
    }
}
