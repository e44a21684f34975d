//! The one table: what was measured, beside what, and within which bound.

use std::fmt::Write as _;
use std::time::Duration;

/// The side of a limit that a figure has to stay on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    pub what: &'static str,
    /// As people read it.
    pub measured: String,
    /// What it was measured beside in the same run, and how far it is from that.
    pub reference: String,
    /// The figure that is bounded, in `unit`.
    pub figure: f64,
    pub bound: Bound,
    pub unit: &'static str,
}

impl Row {
    /// Whether the bound is kept.
    pub(crate) fn holds(&self) -> bool {
        match self.bound {
            Bound::AtMost(limit) => self.figure <= limit,
            Bound::AtLeast(limit) => self.figure >= limit,
        }
    }

    fn limit(&self) -> String {
        let (side, limit) = match self.bound {
            Bound::AtMost(limit) => ("<=", limit),
            Bound::AtLeast(limit) => (">=", limit),
        };
        format!("{side} {limit}{}", self.unit)
    }
}

/// The table as text.
pub(crate) fn render(rows: &[Row]) -> String {
    let beside = rows.iter().map(|row| row.reference.chars().count()).max();
    let beside = beside.unwrap_or_default() + 2;
    let mut out = format!("{:<38}{:<16}{:<beside$}{:<12}\n", "cost", "measured", "beside", "bound");
    for row in rows {
        let verdict = if row.holds() { "kept" } else { "NOT KEPT" };
        let line = format!(
            "{:<38}{:<16}{:<beside$}{:<12}",
            row.what,
            row.measured,
            row.reference,
            row.limit()
        );
        // Writing to memory does not fail.
        writeln!(out, "{line}{verdict}").ok();
    }
    out
}

/// A time in the unit that suits it.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        _ if seconds < 1e-3 => format!("{:.1} µs", seconds * 1e6),
        _ if seconds < 1.0 => format!("{:.2} ms", seconds * 1e3),
        _ => format!("{seconds:.2} s"),
    }
}

/// The middle one.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
