//! Who may read from the terminal: the command while it runs, as under a shell, and we again afterwards.

use std::fs::File;

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, getpgrp, tcgetpgrp, tcsetpgrp};

/// The controlling terminal, lent to a process group.
pub(super) struct Lent {
    terminal: File,
    to: Pid,
}

impl Lent {
    /// Lends it, where there is one and it is ours to lend: nothing for a step in the background or without terminal.
    ///
    /// From here on this thread and those it starts may write and lend while others have the terminal.
    pub(super) fn to(group: Pid) -> Option<Self> {
        let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
        if tcgetpgrp(&terminal).ok()? != getpgrp() {
            return None;
        }
        SigSet::from_iter([Signal::SIGTTOU]).thread_block().ok()?;
        let lent = Self { terminal, to: group };
        lent.again();
        Some(lent)
    }

    /// Lends it once more after it came back to us.
    pub(super) fn again(&self) {
        if tcgetpgrp(&self.terminal) == Ok(getpgrp()) {
            // A group that has just ended needs none.
            tcsetpgrp(&self.terminal, self.to).ok();
        }
    }

    /// Takes it back, before we stop or end.
    pub(super) fn back(&self) {
        if tcgetpgrp(&self.terminal) == Ok(self.to) {
            tcsetpgrp(&self.terminal, getpgrp()).ok();
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.back();
    }
}
