//! A log of 100 MB through `sentinel analyze`, the whole process from its start to its end; and one of 1 MB in this one.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use sentinel::bundle::Bundle;
use sentinel::training::compose::Form;
use sentinel::training::corpus::Corpus;

use crate::composed::failures;
use crate::judging::time_of;
use crate::process::{Taken, analyze, folder};
use crate::table::{Bound, Row, median, time};

const LONG: usize = 100_000_000;
const SHORT: usize = 1_000_000;
const RUNS: usize = 5;
const ALARMING_RUNS: usize = 3;

/// What most lines of real logs are like: they hold no word of a failure. `#` is a number of the line's own.
const ORDINARY: [&str; 12] = [
    "   Compiling harbour-core v0.#.1 (/home/runner/work/harbour/crates/core-#)",
    "[#/99999] Building CXX object src/render/CMakeFiles/render.dir/tile_#.cpp.o",
    "Get:# http://archive.ubuntu.com/ubuntu noble/main amd64 libslip# amd64 1.#-2 [48.2 kB]",
    "npm http fetch GET 200 https://registry.npmjs.org/gangway-# 48ms (cache hit)",
    "Unpacking libmooring#:amd64 (2.#-1ubuntu1) over (2.0-1) ...",
    "PASS packages/quay/src/berth_#.spec.ts (1.2# s)",
    "remote: Counting objects: #, done.",
    "Collecting wharf-#==3.# (from -r requirements.txt (line 12))",
    "tests/unit/tide_#.py::test_high_water[#] ok",
    "2026-09-01T10:00:00.#Z INFO quayd::session: opened session # for client 10.0.0.4",
    "  adding: dist/assets/chunk-#.js (deflated 64%)",
    "#: 48 89 e5 41 57 41 56 53 50 4c 8b 7f 10 c3 0f 1f",
];

/// Lines of a passing build, of which some sound alarming, among so many ordinary ones. In logs of real projects one line
/// in ten holds a signal; in the passing builds of the corpus four in ten do, for they were written to mislead.
const ORDINARY_SHARE: usize = 4;

pub(crate) fn measure() -> Result<Vec<Row>> {
    let folder = folder()?;
    let corpus = Corpus::shipped()?;
    let (mixed, alarming) = (folder.path().join("long.log"), folder.path().join("alarming.log"));
    write(&mixed, &corpus, LONG, ORDINARY_SHARE)?;
    write(&alarming, &corpus, LONG, 1)?;
    let [took, peak] = long(&mixed)?;
    let runs = (0..ALARMING_RUNS).map(|_| analyze(&alarming));
    let runs = runs.collect::<Result<Vec<Taken>>>()?;
    let worst = median(runs.iter().map(|run| run.time).collect());
    let ratio = worst.as_secs_f64() / took.figure;
    let worst = Row {
        what: "  every line from what misleads",
        measured: time(worst),
        reference: format!("{ratio:.1} x the log above"),
        figure: ratio,
        bound: Bound::AtMost(8.0),
        unit: " x",
    };
    Ok(vec![
        short(&corpus, &folder.path().join("short.log"))?,
        took,
        peak,
        worst,
    ])
}

/// On one core, in this process.
fn short(corpus: &Corpus, path: &Path) -> Result<Row> {
    write(path, corpus, SHORT, ORDINARY_SHARE)?;
    let log = std::fs::read(path)?;
    let took = time_of(&log, &Bundle::shipped()?, RUNS * 4)?;
    let rate = log.len() as f64 / 1e6 / took.as_secs_f64();
    Ok(Row {
        what: "verdict from a log of 1 MB",
        measured: time(took),
        reference: format!("{rate:.0} MB/s"),
        figure: took.as_secs_f64() * 1e3,
        bound: Bound::AtMost(20.0),
        unit: " ms",
    })
}

fn long(log: &Path) -> Result<[Row; 2]> {
    let runs = (0..RUNS).map(|_| analyze(log)).collect::<Result<Vec<Taken>>>()?;
    let took = median(runs.iter().map(|run| run.time).collect());
    let peak = runs.iter().map(|run| run.peak_mib).reduce(f64::max).context("no run")?;
    let rate = LONG as f64 / 1e6 / took.as_secs_f64();
    Ok([
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

/// One failed job in a long log: the beginnings of many builds, with all that passes in them, one line in `share` from these
/// and the others ordinary; and at the end the whole log of one that failed. Each line has its time before it, as GitHub
/// writes them. Three lines of four get a number of their own, for in real logs one of four has been there before.
fn write(path: &Path, corpus: &Corpus, bytes: usize, share: usize) -> Result<()> {
    let log_in = |forms| failures(corpus, forms).filter_map(|failure| failure.log);
    let failed = log_in(&Form::WHOLE).next().context("the corpus is empty")?;
    let mut out = BufWriter::new(File::create(path)?);
    let mut passing = log_in(&[Form::Silent]).flat_map(|log| {
        let lines = log.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
    });
    let mut left = bytes.saturating_sub(failed.len());
    for number in 0_usize.. {
        let (minute, second) = (number / 60_000 % 60, number / 1_000 % 60);
        let mut line = format!("2026-09-01T10:{minute:02}:{second:02}.{number:07}Z ").into_bytes();
        if number.is_multiple_of(share) {
            line.extend(passing.next().context("the corpus is empty")?);
        } else {
            let own = number.to_string();
            line.extend(ORDINARY[number / share % ORDINARY.len()].replace('#', &own).bytes());
        }
        if !(number / share).is_multiple_of(4) {
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
