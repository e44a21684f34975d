//! What `sentinel exec` adds to a step that does nothing.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::process::{folder, sentinel};
use crate::table::{Bound, Row, median, time};

const STEPS: usize = 200;

/// Plain and through Sentinel in turns, so that both see the same machine.
pub(crate) fn measure() -> Result<Vec<Row>> {
    let data = folder()?;
    let (mut plain, mut through) = (Vec::new(), Vec::new());
    for _ in 0..STEPS {
        plain.push(run(Command::new("true").stdout(Stdio::null()).stderr(Stdio::null()))?);
        let mut command = sentinel();
        command.env("PATH", "/usr/bin:/bin").arg("--data").arg(data.path());
        through.push(run(command.args(["exec", "--", "true"]))?);
    }
    let (plain, through) = (median(plain), median(through));
    let added = through.saturating_sub(plain);
    Ok(vec![Row {
        what: "exec: added to a step",
        measured: time(added),
        reference: format!("to `true`, which takes {}; median of {STEPS}", time(plain)),
        figure: added.as_secs_f64() * 1e3,
        bound: Bound::AtMost(5.0),
        unit: " ms",
    }])
}

fn run(command: &mut Command) -> Result<Duration> {
    let started = Instant::now();
    let status = command.status()?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(started.elapsed())
}
