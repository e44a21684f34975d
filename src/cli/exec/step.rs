//! One step from its start to its end: a process group of its own, signals passed on, a time limit, what it took.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, killpg, raise};
use nix::sys::time::TimeValLike;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpgrp};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant as Deadline, sleep_until};

use super::kept::Kept;
use super::relay::Relay;
use super::signals::Signals;
use super::streams::Streams;
use super::terminal::Lent;

/// How long a step that was told to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// How a step came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// By itself.
    Exited(u8),
    /// By a signal.
    Signalled(i32),
    /// By our time limit.
    TimedOut(Duration),
}

impl How {
    /// The exit code, as shells and timeout(1) give it.
    pub(super) fn exit_code(self) -> u8 {
        match self {
            Self::Exited(code) => code,
            Self::Signalled(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
            Self::TimedOut(_) => 124,
        }
    }
}

/// A step that has ended.
#[derive(Debug)]
pub(super) struct Finished {
    /// How.
    pub how: How,
    /// Seconds from its start to its end.
    pub seconds: f64,
    /// CPU use of the machine, 0 to 100, of it and its children.
    pub cpu_percent: f64,
    /// Peak memory of its largest process in megabytes (10^6 bytes), as wait(2) tells it.
    pub memory_mb: f64,
    /// What it printed.
    pub log: Vec<u8>,
    /// Bytes that it printed beyond that.
    pub left_out_bytes: u64,
}

impl fmt::Display for Finished {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.how {
            How::Exited(code) => write!(out, "exit {code}")?,
            How::Signalled(signal) => write!(out, "ended by {}", name(signal))?,
            How::TimedOut(limit) => write!(out, "ended by --timeout {}", limit.as_secs_f64())?,
        }
        let (seconds, cpu, memory) = (self.seconds, self.cpu_percent, self.memory_mb);
        write!(out, " after {seconds:.1} s, CPU {cpu:.0} %, memory {memory:.0} MB")
    }
}

/// `SIGKILL`, or the number of a signal without a name.
pub(super) fn name(signal: i32) -> String {
    Signal::try_from(signal).map_or_else(|_| format!("signal {signal}"), |signal| signal.to_string())
}

/// Why a step could not be started.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    /// There is no such command.
    #[error("{0}: command not found")]
    NotFound(String),
    /// It cannot be run.
    #[error("{command}: {error}")]
    NotRunnable {
        /// Which.
        command: String,
        /// Why.
        error: io::Error,
    },
}

impl StepError {
    fn new(command: &OsString, error: io::Error) -> Self {
        let command = command.to_string_lossy().into_owned();
        if error.kind() == io::ErrorKind::NotFound {
            Self::NotFound(command)
        } else {
            Self::NotRunnable { command, error }
        }
    }

    /// As shells give it.
    pub(super) const fn exit_code(&self) -> u8 {
        match self {
            Self::NotFound(_) => 127,
            Self::NotRunnable { .. } => 126,
        }
    }
}

/// Runs a command to its end.
pub(super) async fn run(command: &[OsString], limit: Option<Duration>) -> Result<Finished, StepError> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(StepError::NotFound(String::new()));
    };
    let failed = |error| StepError::new(program, error);
    let signals = Signals::catch().map_err(failed)?;
    let started = Instant::now();
    let (group, relays) = spawn(program, arguments).map_err(failed)?;
    let lent = Lent::to(group);
    let (running, listening) = start_relays(relays).map_err(failed)?;
    let mut step = Step {
        group,
        signals,
        lent,
        limit: limit.map(|limit| (limit, Deadline::now() + limit)),
        timed_out: None,
    };
    let how = step.wait().await;
    let seconds = started.elapsed().as_secs_f64();
    drop(step.lent.take());
    step.listen_on(listening, running.ended).await;
    let kept = std::mem::take(&mut *running.kept.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(finished(how, seconds, kept))
}

fn finished(how: How, seconds: f64, kept: Kept) -> Finished {
    let (cpu_seconds, kibibytes) = getrusage(UsageWho::RUSAGE_CHILDREN).map_or((0.0, 0.0), |usage| {
        let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        (micros as f64 / 1e6, usage.max_rss() as f64)
    });
    let processors = std::thread::available_parallelism().map_or(1.0, |count| count.get() as f64);
    let left_out_bytes = kept.left_out_bytes();
    Finished {
        how,
        seconds,
        cpu_percent: (100.0 * cpu_seconds / seconds.max(1e-6) / processors).min(100.0),
        memory_mb: kibibytes * 1_024.0 / 1e6,
        log: kept.into_bytes(),
        left_out_bytes,
    }
}

/// Starts the command in a group of its own. Our copies of its ends are closed when this returns.
fn spawn(program: &OsString, arguments: &[OsString]) -> io::Result<(Pid, Vec<(std::fs::File, std::fs::File)>)> {
    let Streams { stdout, stderr, relays } = Streams::like_ours()?;
    let mut command = Command::new(program);
    command.args(arguments).stdout(stdout).stderr(stderr).process_group(0);
    let child = match command.spawn() {
        // A script without a first line that names its shell: shells then run it themselves.
        Err(error) if error.raw_os_error() == Some(Errno::ENOEXEC as i32) => {
            drop(command);
            return spawn_script(program, arguments);
        }
        child => child?,
    };
    let process = i32::try_from(child.id()).map_err(io::Error::other)?;
    Ok((Pid::from_raw(process), relays))
}

fn spawn_script(script: &OsString, arguments: &[OsString]) -> io::Result<(Pid, Vec<(std::fs::File, std::fs::File)>)> {
    let mut given = vec![found(script)?.into_os_string()];
    given.extend_from_slice(arguments);
    spawn(&"/bin/sh".into(), &given)
}

/// Where a command lies.
fn found(command: &OsString) -> io::Result<PathBuf> {
    let name = Path::new(command);
    if name.components().count() > 1 {
        return Ok(name.to_owned());
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&folders).map(|folder| folder.join(name));
    places
        .find(|place| place.is_file())
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// What the relays share with us.
struct Running {
    kept: Arc<Mutex<Kept>>,
    /// Closed when the command has ended.
    ended: io::PipeWriter,
}

fn start_relays(relays: Vec<(std::fs::File, std::fs::File)>) -> io::Result<(Running, UnboundedReceiver<()>)> {
    let kept = Arc::default();
    let (reader, ended) = io::pipe()?;
    let (done, listening) = unbounded_channel();
    for (from, to) in relays {
        let relay = Relay {
            from,
            to,
            ended: reader.try_clone()?,
            kept: Arc::clone(&kept),
        };
        // It ends by itself; what matters of its end comes through the channel.
        drop(relay.start(done.clone())?);
    }
    Ok((Running { kept, ended }, listening))
}

/// A command under way.
struct Step {
    /// Its process, and the group of that number.
    group: Pid,
    signals: Signals,
    lent: Option<Lent>,
    /// The limit, and the moment of the next measure.
    limit: Option<(Duration, Deadline)>,
    /// The limit that is over.
    timed_out: Option<Duration>,
}

impl Step {
    /// Passes signals on and holds the time limit until the command has ended.
    async fn wait(&mut self) -> How {
        loop {
            // What happened before the signal was caught, or together with another one, is seen here too.
            if let Some(how) = self.ended() {
                return how;
            }
            let moment = self.limit.map(|(_, moment)| moment);
            let over = async {
                match moment {
                    Some(moment) => sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                heard = self.signals.next() => if let Some(signal) = heard { self.pass_on(signal) },
                () = over => self.end_by_force(),
            }
        }
    }

    /// How the command ended, if it has. One that has stopped lets us stop too.
    fn ended(&mut self) -> Option<How> {
        let flags = WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED;
        let how = match waitpid(self.group, Some(flags)) {
            Ok(WaitStatus::Exited(_, code)) => How::Exited(u8::try_from(code & 0xff).unwrap_or(u8::MAX)),
            Ok(WaitStatus::Signaled(_, signal, _)) => How::Signalled(signal as i32),
            Ok(WaitStatus::Stopped(_, signal)) => {
                self.stopped(signal);
                return None;
            }
            Ok(_) | Err(Errno::EINTR) => return None,
            // Nobody else waits for it; should its end be lost all the same, this is the end.
            Err(_) => How::Exited(u8::MAX),
        };
        Some(match self.timed_out {
            Some(limit) => {
                self.send(Signal::SIGKILL);
                How::TimedOut(limit)
            }
            None => how,
        })
    }

    /// Under a terminal a stopped command gives it back to the shell, which takes us for the command.
    fn stopped(&self, by: Signal) {
        let Some(lent) = &self.lent else { return };
        if matches!(by, Signal::SIGTTIN | Signal::SIGTTOU) {
            // It was faster than we were at lending it the terminal.
            lent.again();
            self.send(Signal::SIGCONT);
            return;
        }
        lent.back();
        // The whole of our group, as the terminal would have stopped it.
        killpg(getpgrp(), Signal::SIGSTOP).ok();
    }

    fn pass_on(&self, signal: Signal) {
        if signal == Signal::SIGCONT
            && let Some(lent) = &self.lent
        {
            lent.again();
        }
        self.send(signal);
        if signal == Signal::SIGTSTP && self.lent.is_none() {
            // Whoever stops a step takes us for it.
            raise(Signal::SIGSTOP).ok();
        }
    }

    fn end_by_force(&mut self) {
        let Some((limit, _)) = self.limit else { return };
        if self.timed_out.is_none() {
            self.timed_out = Some(limit);
            self.limit = Some((limit, Deadline::now() + GRACE));
            self.send(Signal::SIGTERM);
            // A stopped process hears nothing else.
            self.send(Signal::SIGCONT);
        } else {
            self.limit = None;
            self.send(Signal::SIGKILL);
        }
    }

    fn send(&self, signal: Signal) {
        // A group whose last process has just ended needs no signal.
        killpg(self.group, signal).ok();
    }

    /// Waits until everything that was printed is where it goes, or until somebody has no more patience.
    async fn listen_on(&mut self, mut listening: UnboundedReceiver<()>, ended: io::PipeWriter) {
        drop(ended);
        loop {
            tokio::select! {
                done = listening.recv() => if done.is_none() { return },
                signal = self.signals.next() => if matches!(signal, Some(Signal::SIGINT | Signal::SIGTERM | Signal::SIGHUP)) { return },
            }
        }
    }
}
