//! What fitting the trees costs beside the Python package of LightGBM: the same matrix, weights and parameters, one thread.
//!
//! The interpreter is `$PYTHON`, or else `python3`; it needs `pip install lightgbm numpy`.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sentinel::model::booster::{Booster, FitSettings, Rows};
use sentinel::training::corpus::Corpus;
use sentinel::training::fit::{Table, TrainSettings, table};

use crate::process::folder;
use crate::table::{Bound, Row, time};

/// Rows to fit on.
const ROWS: usize = 10_000;

/// Fits by either, in turn.
const FITS: usize = 3;

/// Measures it; nothing where there is no such interpreter.
pub(crate) fn measure() -> Result<Vec<Row>> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let known = Command::new(&python).args(["-c", "import lightgbm, numpy"]).output();
    if !known.is_ok_and(|tried| tried.status.success()) {
        eprintln!("left out: {python} has no lightgbm; `pip install lightgbm numpy`, or set PYTHON");
        return Ok(Vec::new());
    }
    let (table, settings) = table(&Corpus::shipped()?, &TrainSettings::default());
    let table = first(&table, ROWS)?;
    let data = folder()?;
    write(data.path(), &table, &settings)?;
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..FITS {
        own.push(fit(&table, &settings)?);
        theirs.push(fit_in_python(&python, data.path())?);
    }
    // The fastest of each: what else the machine does only adds.
    let (own, theirs) = (least(own)?, least(theirs)?);
    let times = own.as_secs_f64() / theirs.as_secs_f64();
    Ok(vec![Row {
        what: "fit 10,000 rows",
        measured: time(own),
        reference: format!("{} by Python's lightgbm: {times:.2}x", time(theirs)),
        figure: times,
        bound: Bound::AtMost(1.2),
        unit: "x",
    }])
}

fn least(times: Vec<Duration>) -> Result<Duration> {
    times.into_iter().min().context("no fit")
}

/// Rows spread over the whole table, so that all classes are among them.
fn first(table: &Table, count: usize) -> Result<Table> {
    let all = table.labels.len();
    ensure!(all >= count, "the corpus makes {all} rows, fewer than {count}");
    let columns = table.matrix.len() / all;
    let chosen = || (0..count).map(|row| row * all / count);
    Ok(Table {
        matrix: chosen()
            .flat_map(|row| table.matrix[row * columns..][..columns].iter().copied())
            .collect(),
        labels: chosen().map(|row| table.labels[row]).collect(),
        weights: chosen().map(|row| table.weights[row]).collect(),
    })
}

fn fit(table: &Table, settings: &FitSettings) -> Result<Duration> {
    let rows = Rows {
        matrix: &table.matrix,
        labels: &table.labels,
        weights: &table.weights,
    };
    let started = Instant::now();
    Booster::fit(rows, settings, &mut |_| ControlFlow::Continue(()))?;
    Ok(started.elapsed())
}

/// Raw little-endian numbers, and the parameters as `key=value` with spaces between.
fn write(folder: &Path, table: &Table, settings: &FitSettings) -> Result<()> {
    for (name, values) in [
        ("matrix", &table.matrix),
        ("labels", &table.labels),
        ("weights", &table.weights),
    ] {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(folder.join(name), bytes)?;
    }
    let parameters = format!("{} rounds={}", settings.parameters, settings.rounds);
    Ok(fs::write(folder.join("parameters"), parameters)?)
}

fn fit_in_python(python: &str, folder: &Path) -> Result<Duration> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/costs/fitting.py");
    let ran = Command::new(python).arg(script).arg(folder).output()?;
    ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let seconds: f64 = String::from_utf8(ran.stdout)?.trim().parse()?;
    Ok(Duration::from_secs_f64(seconds))
}
