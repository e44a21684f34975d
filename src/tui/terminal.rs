//! The local terminal: entered once, and left as it was on every way out.
//!
//! Ways out: `q` and Ctrl-C (the session ends), SIGTERM (the token ends it), an error (the guard is dropped), a panic
//! in a pane (the hook restores first and then prints). A panic elsewhere in the process is logged and does not touch
//! the screen, which goes on.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

use base64::Engine as _;
use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, EventStream,
};
use crossterm::style::{ResetColor, force_color_output};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};
use crossterm::{execute, queue};
use futures_util::{StreamExt, future};
use jiff::Timestamp;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use tokio_util::sync::CancellationToken;

use super::input::Input;
use super::keymap::{KeyMap, KeyMapError};
use super::session::{Ended, Session, Tower};
use super::settings::TuiSettings;
use super::state::ViewState;
use super::theme::Theme;
use super::view::view;
use crate::app::snapshot::Snapshot;

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

/// Something a session paints on.
pub trait Surface {
    /// Shows the state, writing only what differs from what is shown.
    ///
    /// # Errors
    ///
    /// If the other end is gone.
    fn draw(&mut self, state: &ViewState, snapshot: &Snapshot) -> io::Result<()>;

    /// Puts a text on the clipboard of the person's machine.
    ///
    /// # Errors
    ///
    /// If the other end is gone.
    fn copy(&mut self, text: &str) -> io::Result<()>;
}

/// Paints on anything that takes a terminal's bytes. It asks the terminal nothing: neither its size nor its cursor, so
/// that it serves one at the far end of a channel as well. A frame is one write.
#[derive(Debug)]
pub struct Painter<W> {
    out: W,
    shown: Buffer,
}

impl<W: Write> Painter<W> {
    /// A painter on an empty screen. The theme alone decides on colours, so that `NO_COLOR` of this process does not
    /// rule a terminal elsewhere.
    #[must_use]
    pub fn new(out: W) -> Self {
        force_color_output(true);
        Self {
            out,
            shown: Buffer::empty(Rect::new(0, 0, 0, 0)),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.out.flush()
    }
}

impl<W: Write> Surface for Painter<W> {
    fn draw(&mut self, state: &ViewState, snapshot: &Snapshot) -> io::Result<()> {
        let mut next = Buffer::empty(Rect::from((Position::ORIGIN, state.size)));
        view(state, snapshot, &mut next);
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        let is_new = self.shown.area != next.area;
        if is_new {
            queue!(bytes, ResetColor, Clear(ClearType::All))?;
            self.shown = Buffer::empty(next.area);
        }
        let changes = self.shown.diff(&next);
        if changes.is_empty() && !is_new {
            return Ok(());
        }
        CrosstermBackend::new(&mut bytes).draw(changes.into_iter())?;
        queue!(bytes, EndSynchronizedUpdate)?;
        self.shown = next;
        self.send(&bytes)
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        let encoded = base64::engine::general_purpose::STANDARD.encode(text);
        self.send(format!("\x1b]52;c;{encoded}\x07").as_bytes())
    }
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
    let mut painter: Painter<Stdout> = Painter::new(io::stdout());
    let inputs = EventStream::new().take_while(|event| future::ready(event.is_ok()));
    let mut inputs = inputs.filter_map(|event| future::ready(event.ok().and_then(Input::from_event)));
    let session = Session::new(tower, state, Timestamp::now);
    let ended = IN_SESSION.scope((), session.run(&mut painter, &mut inputs, stop)).await;
    drop(guard);
    Ok(ended?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;
    use crate::tui::message::{Action, Message};
    use crate::tui::update::update;

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

    #[test]
    fn a_frame_that_shows_nothing_new_writes_nothing() {
        let (state, snapshot) = (fixture::state(80, 24), fixture::full());
        let mut painter = Painter::new(Vec::new());
        painter.draw(&state, &snapshot).expect("a vector");
        let first = painter.out.len();
        painter.draw(&state, &snapshot).expect("a vector");
        assert!(first > 1_000 && painter.out.len() == first);
    }

    #[test]
    fn a_new_size_starts_on_a_cleared_screen() {
        let (mut state, snapshot) = (fixture::state(80, 24), fixture::full());
        let mut painter = Painter::new(Vec::new());
        painter.draw(&state, &snapshot).expect("a vector");
        painter.out.clear();
        state.size = Size::new(100, 30);
        painter.draw(&state, &snapshot).expect("a vector");
        assert!(String::from_utf8_lossy(&painter.out).contains("\x1b[2J"));
    }

    #[test]
    fn a_copied_text_travels_encoded() {
        let mut painter = Painter::new(Vec::new());
        painter.copy("a\nb").expect("a vector");
        assert_eq!(painter.out, b"\x1b]52;c;YQpi\x07");
    }

    #[test]
    fn no_hostile_byte_of_a_log_reaches_the_terminal() {
        let snapshot = fixture::hostile();
        for keys in ["", "enter", "c", "o", "c a", "esc / a", "d"] {
            let mut state = fixture::state(100, 30);
            update(&mut state, &snapshot, Message::Changed);
            let row = Message::Act(Action::Open);
            if keys == "enter" {
                update(&mut state, &snapshot, row);
            } else {
                fixture::press(&mut state, &snapshot, keys);
            }
            let mut painter = Painter::new(Vec::new());
            painter.draw(&state, &snapshot).expect("a vector");
            let text = String::from_utf8(painter.out).expect("UTF-8");
            assert!(
                !text.contains("\x1b]0;") && !text.contains('\u{7}') && !text.contains('\u{202e}'),
                "{keys}"
            );
            assert!(text.contains("<U+202E>"), "{keys}: it is shown instead");
        }
    }
}
