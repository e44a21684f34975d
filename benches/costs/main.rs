//! What Sentinel costs: one table, each figure beside its reference of the same run and the bound it must keep.
//!
//! `make bench`, or `cargo bench --bench costs`; with `judging`, `logs`, `serving`, `steps`, `retraining` or `fitting` behind
//! `--`, that part alone. Needs a quiet machine. The exit code is 1 where a bound is not kept.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table, and what is being measured"
)]

mod composed;
mod fitting;
mod judging;
mod load;
mod logs;
mod process;
mod retraining;
mod serving;
mod steps;
mod table;
mod webhooks;

use std::process::ExitCode;

use anyhow::Result;
use mimalloc::MiMalloc;

use crate::table::Row;

/// As in the binary.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Measures one part.
type Part = fn() -> Result<Vec<Row>>;

const PARTS: [(&str, Part); 6] = [
    ("judging", judging::measure),
    ("logs", logs::measure),
    ("serving", serving::measure),
    ("steps", steps::measure),
    ("retraining", retraining::measure),
    ("fitting", fitting::measure),
];

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs benches too, without this flag; there is nothing to test here.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let mut rows = Vec::new();
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| *word == name) {
            eprintln!("measuring {name} ...");
            rows.extend(measure()?);
        }
    }
    print!("{}\n{}", process::machine(), table::render(&rows));
    Ok(if rows.iter().all(Row::holds) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
