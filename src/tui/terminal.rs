//! The local terminal: entered once, and left as it was on every way out.
//!
//! Ways out: `q` and Ctrl-C (the session ends), SIGTERM (the token ends it), an error (the guard is dropped), a panic
//! in a pane (the hook restores first and then prints). A panic elsewhere in the process is logged and does not touch
//! the screen, which goes on.

use std::future::Future;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, EventStream,
};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};
use futures_util::{StreamExt, future};
use jiff::Timestamp;
use ratatui::layout::Size;
use tokio_util::sync::CancellationToken;

use super::input::Input;
use super::keymap::{KeyMap, KeyMapError};
use super::session::{Ended, Session, Tower};
use super::settings::TuiSettings;
use super::state::ViewState;
use super::surface::Painter;
use super::theme::Theme;

/// Why the screen could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// `[tui] keys` is wrong.
    #[error(transparent)]
    Keys(#[from] KeyMapError),
    /// The terminal could not be read or written.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] io::Error),
}

/// Whether the local terminal is in our hands.
static HELD: AtomicBool = AtomicBool::new(false);

tokio::task_local! {
    /// Set while the local session runs: a panic here is one that the screen does not survive.
    static IN_SESSION: ();
}

/// Holds the local terminal; gives it back as it was when dropped.
#[derive(Debug)]
pub struct Guard {
    _private: (),
}

impl Guard {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, and the wheel if asked for.
    ///
    /// # Errors
    ///
    /// If it is none, or is gone. It is as it was then.
    pub fn take(mouse: bool) -> io::Result<Self> {
        install_panic_hook();
        HELD.store(true, Ordering::SeqCst);
        let guard = Self { _private: () };
        enable_raw_mode()?;
        enter(&mut io::stdout(), mouse)?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Runs what the screen of this terminal does not survive.
pub(super) async fn in_session<T>(session: impl Future<Output = T>) -> T {
    IN_SESSION.scope((), session).await
}

fn enter(out: &mut impl Write, mouse: bool) -> io::Result<()> {
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, Hide)?;
    if mouse {
        execute!(out, EnableMouseCapture)
    } else {
        Ok(())
    }
}

fn leave(out: &mut impl Write) -> io::Result<()> {
    queue!(
        out,
        EndSynchronizedUpdate,
        ResetColor,
        DisableMouseCapture,
        DisableBracketedPaste
    )?;
    execute!(out, LeaveAlternateScreen, Show)
}

/// Gives the terminal back, once. Errors are of no use here: there is nothing left to write them to.
fn restore() {
    if HELD.swap(false, Ordering::SeqCst) {
        leave(&mut io::stdout()).ok();
        disable_raw_mode().ok();
    }
}

fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let elsewhere = IN_SESSION.try_with(|()| ()).is_err();
            if elsewhere && HELD.load(Ordering::SeqCst) {
                tracing::error!(%panic, "a task panicked");
                return;
            }
            restore();
            print(panic);
        }));
    });
}

/// Shows the tower on the terminal of this process until the person leaves or `stop` is cancelled.
///
/// # Errors
///
/// If the keys in the settings are wrong, or the terminal cannot be used.
pub async fn show<T: Tower>(
    tower: Arc<T>,
    settings: &TuiSettings,
    actor: String,
    stop: CancellationToken,
) -> Result<Ended, TuiError> {
    let keys = Arc::new(KeyMap::new(&settings.keys)?);
    let theme = Theme {
        depth: settings.theme.depth(|name| std::env::var(name).ok()),
    };
    let (width, height) = size()?;
    let state = ViewState::new(Timestamp::now(), Size::new(width, height), theme, keys, actor);
    let guard = Guard::take(settings.mouse)?;
    let mut painter = Painter::new(io::stdout());
    let inputs = EventStream::new().take_while(|event| future::ready(event.is_ok()));
    let mut inputs = inputs.filter_map(|event| future::ready(event.ok().and_then(Input::from_event)));
    let session = Session::new(tower, state, Timestamp::now);
    let ended = in_session(session.run(&mut painter, &mut inputs, stop)).await;
    drop(guard);
    Ok(ended?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_undoes_all_that_entering_did() {
        let (mut entered, mut left) = (Vec::new(), Vec::new());
        enter(&mut entered, true).expect("a vector");
        leave(&mut left).expect("a vector");
        let (entered, left) = (String::from_utf8_lossy(&entered), String::from_utf8_lossy(&left));
        for mode in ["?1049", "?2004", "?1000", "?1002", "?1003", "?1006"] {
            assert!(entered.contains(&format!("\x1b[{mode}h")), "{mode} is entered");
            assert!(left.contains(&format!("\x1b[{mode}l")), "{mode} is left");
        }
        assert!(
            entered.contains("\x1b[?25l") && left.contains("\x1b[?25h"),
            "the cursor is shown again"
        );
    }
}
