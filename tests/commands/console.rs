//! `sentinel console` on a terminal of its own: what it shows, that several see one tower, and that the terminal is as it was
//! on every way out.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZero;
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

/// The size of a terminal.
const ROWS: NonZero<u16> = NonZero::new(24).expect("not zero");
const COLUMNS: NonZero<u16> = NonZero::new(80).expect("not zero");

/// A console that runs.
pub(crate) struct Console {
    process: Child,
    keys: File,
    painted: Receiver<Vec<u8>>,
    /// All that was written to the terminal.
    shown: String,
    /// What the terminal makes of it.
    screen: vt100::Parser,
    terminal: OwnedFd,
    before: Termios,
}

impl Console {
    pub(crate) fn join(data: &Path, environment: &[(&str, &str)]) -> Self {
        let size = Winsize {
            ws_row: ROWS.get(),
            ws_col: COLUMNS.get(),
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
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            terminal: slave,
            before,
        }
    }

    /// Takes what is written next; false where nothing is in that time.
    fn take(&mut self, within: Duration) -> bool {
        let Ok(bytes) = self.painted.recv_timeout(within) else {
            return false;
        };
        self.screen.process(&bytes);
        self.shown.push_str(&String::from_utf8_lossy(&bytes));
        true
    }

    /// Waits until this has been written to the terminal.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        let until = Instant::now() + SOON;
        while !self.shown.contains(text) {
            let taken = self.take(until.saturating_duration_since(Instant::now()));
            assert!(taken, "`{text}` does not come: {:?}", self.shown);
        }
    }

    /// Waits until the line under the cursor of the history says this.
    #[track_caller]
    fn marks(&mut self, text: &str) {
        let until = Instant::now() + SOON;
        let marked = |console: &Self| {
            let screen = console.screen.screen().contents();
            screen.lines().any(|line| line.contains('▸') && line.contains(text))
        };
        while !marked(self) {
            let taken = self.take(until.saturating_duration_since(Instant::now()));
            assert!(taken, "`{text}` does not come:\n{}", self.screen.screen().contents());
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
        while self.take(Duration::from_millis(100)) {}
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
fn two_terminals_and_a_program_correct_one_failure_at_once_in_one_order_that_all_see() {
    const ROUNDS: usize = 9;
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    server.post("/api/analyze", &json!({ "error_message": "npm ERR! code ERESOLVE" }));
    let mut consoles = [(); 2].map(|()| Console::join(data.path(), &[("TERM", "xterm-256color")]));
    for console in &mut consoles {
        console.marks("Dependency Error");
    }
    let mut waited = Vec::new();
    for round in 1..=ROUNDS {
        let [one, other] = &mut consoles;
        let word = json!({ "corrected_label": "timeout" });
        std::thread::scope(|all| {
            all.spawn(|| one.press("c5"));
            all.spawn(|| other.press("c9"));
            all.spawn(|| server.post("/api/failures/1/corrections", &word));
        });
        let row = corrected(&server, 3 * round);
        let said = row["corrections"].as_array().expect("corrections");
        for pair in said.windows(2) {
            assert_eq!(pair[1]["from"], pair[0]["label"], "each follows from the one before it");
        }
        let latest = said[said.len() - 1]["label"].as_str().expect("a class");
        assert_eq!(row["label"], latest);
        let since = Instant::now();
        for console in &mut consoles {
            console.marks(latest);
        }
        waited.push(since.elapsed());
    }
    waited.sort();
    assert!(waited[ROUNDS / 2] < Duration::from_secs(1), "{waited:?}");
}

/// The failure once so many corrections of it are stored.
fn corrected(server: &Server, count: usize) -> serde_json::Value {
    let until = Instant::now() + SOON;
    loop {
        let row = server.get("/api/failures/1");
        let found = row["corrections"].as_array().map_or(0, Vec::len);
        assert!(
            found <= count && Instant::now() < until,
            "{found} corrections, not {count}"
        );
        if found == count {
            return row;
        }
    }
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
