//! A log of 100 MB through `sentinel analyze`: the whole process, from its start to its end.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use sentinel::training::compose::Form;
use sentinel::training::corpus::Corpus;

use crate::composed::failures;
use crate::process::{Taken, analyze, folder};
use crate::table::{Bound, Row, median, time};

const BYTES: usize = 100_000_000;
const RUNS: usize = 5;

pub(crate) fn measure() -> Result<Vec<Row>> {
    let folder = folder()?;
    let log = folder.path().join("long.log");
    write(&log)?;
    let runs = (0..RUNS).map(|_| analyze(&log)).collect::<Result<Vec<Taken>>>()?;
    let took = median(runs.iter().map(|run| run.time).collect());
    let peak = runs.iter().map(|run| run.peak_mib).reduce(f64::max).context("no run")?;
    let rate = BYTES as f64 / 1e6 / took.as_secs_f64();
    Ok(vec![
        Row {
            what: "log of 100 MB, start to end",
            measured: time(took),
            reference: format!("{rate:.0} MB/s, median of {RUNS}"),
            figure: took.as_secs_f64(),
            bound: Bound::AtMost(2.0),
            unit: " s",
        },
        Row {
            what: "  largest resident memory",
            measured: format!("{peak:.1} MiB"),
            reference: format!("of {RUNS} runs"),
            figure: peak,
            bound: Bound::AtMost(64.0),
            unit: " MiB",
        },
    ])
}

/// One failed job in a long log: the beginnings of thousands of builds, with all that passes in them, and at the end
/// the whole log of one that failed. Three lines of four get a number of their own, for in real logs one of four has
/// been there before.
fn write(path: &Path) -> Result<()> {
    let corpus = Corpus::shipped()?;
    let log_in = |forms| failures(&corpus, forms).filter_map(|failure| failure.log);
    let failed = log_in(&Form::WHOLE).next().context("the corpus is empty")?;
    let mut out = BufWriter::new(File::create(path)?);
    let passing = log_in(&[Form::Silent]).flat_map(|log| {
        let lines = log.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
    });
    let mut left = BYTES - failed.len();
    for (number, mut line) in passing.enumerate() {
        if number % 4 != 0 {
            line.extend_from_slice(format!(" {number}").as_bytes());
        }
        line.push(b'\n');
        let Some(rest) = left.checked_sub(line.len()) else {
            break;
        };
        out.write_all(&line)?;
        left = rest;
    }
    out.write_all(&failed)?;
    Ok(out.flush()?)
}
