//! One verdict, in this process: from a record beside LightGBM alone, and from a log of 10 KB.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::Timestamp;
use sentinel::bundle::Bundle;
use sentinel::ingest::{EventSource, FailedJob};
use sentinel::judge::judge;
use sentinel::training::compose::Form;
use sentinel::training::corpus::Corpus;
use serde_json::json;

use crate::composed::{failures, logs_of};
use crate::table::{Bound, Row, median, time};

/// Rounds over all failures; each measures both sides, so that both see the same machine.
const ROUNDS: usize = 40;

pub(crate) fn measure() -> Result<Vec<Row>> {
    let bundle = Bundle::shipped()?;
    let corpus = Corpus::shipped()?;
    Ok(vec![record(&bundle, &corpus)?, log(&bundle, &corpus)?])
}

/// A record as `POST /api/analyze` brings it: measurements and an error message, no log.
fn record(bundle: &Bundle, corpus: &Corpus) -> Result<Row> {
    let mut alone = lightgbm3::Booster::from_string(&bundle.booster.to_text()?)?;
    alone.single_row_fast_init::<f32>(Some(&json!({ "num_threads": 1 })))?;
    let jobs: Vec<FailedJob> = failures(corpus, &[Form::Message])
        .map(|failure| failure.job)
        .take(500)
        .collect();
    let (mut verdicts, mut scores) = (Vec::new(), Vec::new());
    // LightGBM alone is asked for the row before: this one's way through its trees has just been walked.
    let mut other = None;
    for round in 0..ROUNDS {
        for job in &jobs {
            // Lines that were read before cost less: no message comes twice.
            let mut job = job.clone();
            job.message = job
                .message
                .map(|message| message.replace('\n', &format!(" ({round})\n")) + &format!(" ({round})"));
            let start = Instant::now();
            let judged = black_box(judge(black_box(&job), None, bundle)?);
            verdicts.push(start.elapsed());
            let row = other.replace(judged.features.values);
            let Some(row) = row else { continue };
            let start = Instant::now();
            black_box(alone.predict_single_row_fast(black_box(&row))?);
            scores.push(start.elapsed());
        }
    }
    let (verdict, score) = (median(verdicts), median(scores));
    let ratio = verdict.as_secs_f64() / score.as_secs_f64();
    Ok(Row {
        what: "verdict from a record",
        measured: time(verdict),
        reference: format!("{} LightGBM alone: {ratio:.2} x", time(score)),
        figure: ratio,
        bound: Bound::AtMost(2.5),
        unit: " x",
    })
}

/// The log that takes longest, out of fifty.
fn log(bundle: &Bundle, corpus: &Corpus) -> Result<Row> {
    let mut medians: Vec<Duration> = Vec::new();
    for log in logs_of(corpus, 10_000, 50)? {
        medians.push(time_of(&log, bundle, ROUNDS)?);
    }
    let slowest = medians.iter().max().copied().context("no log was judged")?;
    Ok(Row {
        what: "verdict from a log of 10 KB, slowest",
        measured: time(slowest),
        reference: format!("{} the median of 50 logs", time(median(medians))),
        figure: slowest.as_secs_f64() * 1e3,
        bound: Bound::AtMost(1.0),
        unit: " ms",
    })
}

/// How long a log takes, the median of so many rounds. Lines that were read before cost less: none comes twice.
pub(crate) fn time_of(log: &[u8], bundle: &Bundle, rounds: usize) -> Result<Duration> {
    let job = FailedJob::unknown(EventSource::Api, Timestamp::UNIX_EPOCH);
    let mut times = Vec::new();
    for round in 0..rounds {
        let mut own = Vec::with_capacity(log.len() + log.len() / 8);
        for line in log.split_inclusive(|byte| *byte == b'\n') {
            own.extend_from_slice(line.trim_ascii_end());
            own.extend_from_slice(format!(" ({round})\n").as_bytes());
        }
        let start = Instant::now();
        black_box(judge(&job, Some(black_box(&own)), bundle)?);
        times.push(start.elapsed());
    }
    Ok(median(times))
}
