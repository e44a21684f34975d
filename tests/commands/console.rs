//! `sentinel console` on a terminal of its own: what it shows, and that the terminal is as it was on every way out.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;
use serde_json::json;

use super::server::Server;
use super::{output, sentinel_in, stderr, stdout};

/// Time in which everything has to have happened, on a busy machine.
const SOON: Duration = Duration::from_mins(1);

/// A console that runs.
pub(crate) struct Console {
    process: Child,
    keys: File,
    painted: Receiver<Vec<u8>>,
    shown: String,
    terminal: OwnedFd,
    before: Termios,
}

impl Console {
    pub(crate) fn join(data: &Path, environment: &[(&str, &str)]) -> Self {
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let OpenptyResult { master, slave } = openpty(&size, None).expect("a terminal");
        let before = tcgetattr(&slave).expect("a terminal");
        let end = || File::from(slave.try_clone().expect("a descriptor"));
        let mut command = sentinel_in(data);
        command.envs(environment.iter().copied()).arg("console");
        let process = command
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("the program starts");
        let (send, painted) = channel();
        let mut screen = File::from(master.try_clone().expect("a descriptor"));
        // It ends with the last descriptor of the terminal.
        std::thread::spawn(move || {
            let mut chunk = [0; 4_096];
            while let Ok(length @ 1..) = screen.read(&mut chunk) {
                if send.send(chunk[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            process,
            keys: File::from(master),
            painted,
            shown: String::new(),
            terminal: slave,
            before,
        }
    }

    /// Waits until this has been written to the terminal.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        let until = Instant::now() + SOON;
        while !self.shown.contains(text) {
            let left = until.saturating_duration_since(Instant::now());
            let bytes = self.painted.recv_timeout(left).ok();
            assert!(bytes.is_some(), "`{text}` does not come: {:?}", self.shown);
            self.shown
                .push_str(&String::from_utf8_lossy(&bytes.unwrap_or_default()));
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Waits for its end; the terminal is as it was.
    #[track_caller]
    pub(crate) fn left(mut self) -> (ExitStatus, String) {
        self.shows("\x1b[?1049l");
        let status = self.process.wait().expect("its end");
        assert_eq!(tcgetattr(&self.terminal).expect("a terminal"), self.before);
        while let Ok(bytes) = self.painted.recv_timeout(Duration::from_millis(100)) {
            self.shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        assert!(self.shown.contains("\x1b[?25h"), "the cursor is back");
        (status, self.shown)
    }
}

#[test]
fn a_terminal_joins_corrects_and_leaves() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    server.post("/api/analyze", &json!({ "error_message": "npm ERR! code ERESOLVE" }));
    let mut console = Console::join(data.path(), &[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
    console.shows("Dependency Error");
    console.press("c0");
    console.shows("saved: #1 is Timeout");
    console.press("q");
    let (status, shown) = console.left();
    assert_eq!(status.code(), Some(0));
    assert!(!shown.contains("\x1b[38;"), "NO_COLOR of this terminal counts");
    let row = server.get("/api/failures/1");
    assert_eq!(
        (&row["label"], &row["corrected_by"]),
        (&json!("Timeout"), &json!(sentinel::server::local::own_user()))
    );
}

#[test]
fn the_terminal_is_given_back_when_the_server_goes_and_on_a_signal() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let mut console = Console::join(data.path(), &[("COLORTERM", "truecolor"), ("TERM", "xterm-256color")]);
    console.shows("\x1b[38;2;");
    kill(
        Pid::from_raw(console.process.id().try_into().expect("a number")),
        Signal::SIGTERM,
    )
    .expect("a process");
    assert_eq!(console.left().0.code(), Some(143));

    let mut console = Console::join(data.path(), &[("TERM", "xterm")]);
    console.shows("sentinel");
    drop(server);
    let (status, shown) = console.left();
    assert_eq!(status.code(), Some(1));
    assert!(shown.contains("the server has gone"), "{shown:?}");
}

#[test]
fn without_a_server_or_a_terminal_it_says_what_to_do() {
    let data = tempfile::tempdir().expect("a folder");
    let piped = output(sentinel_in(data.path()).arg("console"));
    assert_eq!((piped.status.code(), stdout(&piped).as_str()), (Some(2), ""));
    assert!(stderr(&piped).contains("needs a terminal"), "{}", stderr(&piped));
    let mut console = Console::join(data.path(), &[]);
    console.shows("start one with `sentinel` or `sentinel serve`");
    assert_eq!(console.process.wait().expect("its end").code(), Some(1));
}
