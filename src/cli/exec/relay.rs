//! One thread a stream: bytes go out the moment they come in, and a copy stays.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tokio::sync::mpsc::UnboundedSender;

use super::kept::{Kept, Lines};

/// Bytes read at one time: what a pipe holds.
const CHUNK: usize = 64 << 10;

/// How long, after the command itself has ended, what it left behind may say nothing before nobody listens any more. A
/// shell's `> >(tee log)` ends a moment after the shell.
const QUIET_MILLISECONDS: u16 = 1_000;

/// One stream on its way.
pub(super) struct Relay {
    /// What the command writes into.
    pub from: File,
    /// Where that goes.
    pub to: File,
    /// Readable from the moment the command has ended.
    pub ended: io::PipeReader,
    /// The copy.
    pub kept: Arc<Mutex<Kept>>,
}

impl Relay {
    /// Starts; `done` is told at its end.
    pub(super) fn start(self, done: UnboundedSender<()>) -> io::Result<JoinHandle<()>> {
        Builder::new().name("exec-relay".into()).spawn(move || {
            self.run();
            // The one who waits may have gone on.
            done.send(()).ok();
        })
    }

    fn run(mut self) {
        let (mut chunk, mut lines) = (vec![0; CHUNK], Lines::default());
        while self.readable() {
            // On Linux a pseudo terminal whose other side is closed says EIO and not end-of-file.
            let bytes = match self.from.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => &chunk[..count],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_closed) => break,
            };
            let written = write(&mut self.to, bytes);
            lines.push(bytes, &mut self.kept.lock().unwrap_or_else(PoisonError::into_inner));
            if written.is_err() {
                // Nobody reads any more. With our end closed the command is told as it would be without us: SIGPIPE.
                break;
            }
        }
        lines.finish(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits for bytes or the end; false when the command has ended and all is quiet.
    fn readable(&self) -> bool {
        let wanted = |fd| PollFd::new(fd, PollFlags::POLLIN);
        let mut both = [wanted(self.from.as_fd()), wanted(self.ended.as_fd())];
        match poll(&mut both, PollTimeout::NONE) {
            Err(Errno::EINTR) => return true,
            Err(_) => return false,
            Ok(_) => {}
        }
        if both[0].any() == Some(true) {
            return true;
        }
        let quiet = poll(&mut [wanted(self.from.as_fd())], PollTimeout::from(QUIET_MILLISECONDS));
        !matches!(quiet, Ok(0))
    }
}

/// Writes all of it. Whoever shares our output may have made it non-blocking: then it is waited for.
fn write(to: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait_for_room(to.as_fd())?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait_for_room(to: BorrowedFd<'_>) -> io::Result<()> {
    match poll(&mut [PollFd::new(to, PollFlags::POLLOUT)], PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
