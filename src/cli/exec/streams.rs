//! What a command writes into: as like our own output as can be.
//!
//! Where our stdout and stderr are one file, the command gets one pipe for both, and so their order is kept to the byte.
//! Where they are a terminal it gets a pseudo terminal, and so it draws colours as it would without us.

use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, PipeWriter, pipe, stderr, stdout};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::Stdio;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{Winsize, openpty};
use nix::sys::stat::fstat;
use nix::sys::termios::{OutputFlags, SetArg, tcgetattr, tcsetattr};

/// The command's ends, and ours.
pub(super) struct Streams {
    /// Its stdout.
    pub stdout: Stdio,
    /// Its stderr.
    pub stderr: Stdio,
    /// Where bytes come from and where they go, one or two.
    pub relays: Vec<(File, File)>,
}

impl Streams {
    /// Makes them after our own stdout and stderr.
    pub(super) fn like_ours() -> io::Result<Self> {
        let (out, err) = (stdout(), stderr());
        let (ours, inner) = pair(out.is_terminal())?;
        let stdout = Stdio::from(inner.try_clone()?);
        let mut relays = vec![(ours, own(out.as_fd())?)];
        let stderr = if same_file(out.as_fd(), err.as_fd()) {
            Stdio::from(inner)
        } else {
            drop(inner);
            let (ours, inner) = pair(err.is_terminal())?;
            relays.push((ours, own(err.as_fd())?));
            Stdio::from(inner)
        };
        Ok(Self { stdout, stderr, relays })
    }
}

fn own(fd: BorrowedFd<'_>) -> io::Result<File> {
    Ok(File::from(fd.try_clone_to_owned()?))
}

fn same_file(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    match (fstat(one), fstat(other)) {
        (Ok(one), Ok(other)) => (one.st_dev, one.st_ino, one.st_rdev) == (other.st_dev, other.st_ino, other.st_rdev),
        _ => false,
    }
}

/// Our end to read from, and the command's end to write into.
fn pair(terminal: bool) -> io::Result<(File, OwnedFd)> {
    // Without a pseudo terminal to be had, a pipe does: the command then only draws less.
    if terminal && let Ok(pair) = pseudo_terminal() {
        return Ok(pair);
    }
    let (reader, writer): (PipeReader, PipeWriter) = pipe()?;
    Ok((File::from(OwnedFd::from(reader)), OwnedFd::from(writer)))
}

fn pseudo_terminal() -> io::Result<(File, OwnedFd)> {
    let (columns, rows) = crossterm::terminal::size()?;
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let made = openpty(&size, None)?;
    for end in [&made.master, &made.slave] {
        fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    // Line ends are the business of the real terminal behind us: here bytes pass as they are.
    let mut attributes = tcgetattr(&made.slave)?;
    attributes.output_flags.remove(OutputFlags::OPOST);
    tcsetattr(&made.slave, SetArg::TCSANOW, &attributes)?;
    Ok((File::from(made.master), made.slave))
}
