//! The bar that is drawn on a terminal, and log lines meanwhile: they go above it, never through it.

use std::io::{Result, Write, stderr};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, WeakProgressBar};

/// The bar that is drawn now.
static DRAWN: Mutex<Option<WeakProgressBar>> = Mutex::new(None);

/// From here on, as long as this bar lives, log lines go above it.
pub(super) fn below_log_lines(bar: ProgressBar) -> ProgressBar {
    *DRAWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.downgrade());
    bar
}

/// Stderr for whole log lines.
#[derive(Debug)]
pub(super) struct AboveBar;

impl Write for AboveBar {
    fn write(&mut self, lines: &[u8]) -> Result<usize> {
        let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match drawn.and_then(|bar| bar.upgrade()) {
            Some(bar) => bar.suspend(|| stderr().write_all(lines))?,
            None => stderr().write_all(lines)?,
        }
        Ok(lines.len())
    }

    fn flush(&mut self) -> Result<()> {
        stderr().flush()
    }
}
