//! GitHub for real, against a fake one over real HTTP: logs, limits, runs, what never arrived.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod common;
#[path = "../common/served.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod served;

mod app;
mod backfill;
mod fake;
mod logs;
mod long;
mod process;
mod proof;
mod sweep;
