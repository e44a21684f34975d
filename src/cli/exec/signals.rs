//! The signals that somebody sends to a step, caught so that they can be passed on.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use nix::sys::signal::Signal;
use tokio::signal::unix::{self, SignalKind, signal};

/// What is passed on to the command's process group.
const PASSED_ON: [Signal; 9] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
    Signal::SIGTSTP,
    Signal::SIGCONT,
];

/// Caught signals.
pub(super) struct Signals {
    each: Vec<(Signal, unix::Signal)>,
    /// Something has become of the command.
    child: unix::Signal,
}

impl Signals {
    /// Catches them from here on. One that we were told to ignore (`nohup`) stays ignored, here and in the command.
    pub(super) fn catch() -> io::Result<Self> {
        let ignored = ignored();
        let heard = PASSED_ON
            .into_iter()
            .filter(|each| ignored & (1 << (*each as u32 - 1)) == 0);
        let each = heard.map(|each| Ok((each, signal(SignalKind::from_raw(each as i32))?)));
        Ok(Self {
            each: each.collect::<io::Result<_>>()?,
            child: signal(SignalKind::child())?,
        })
    }

    /// The next one to pass on; `None` where something has become of the command.
    pub(super) async fn next(&mut self) -> Option<Signal> {
        poll_fn(|context| {
            if self.child.poll_recv(context).is_ready() {
                return Poll::Ready(None);
            }
            let mut each = self.each.iter_mut();
            let ready = each.find_map(|(name, caught)| caught.poll_recv(context).is_ready().then_some(*name));
            ready.map_or(Poll::Pending, |signal| Poll::Ready(Some(signal)))
        })
        .await
    }
}

/// The set of signals that this process ignores, bit 0 for signal 1, as Linux tells it; nothing elsewhere.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
