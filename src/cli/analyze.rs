//! `sentinel analyze`: one log, or a batch of texts, judged by the embedded model. Stores nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, IsTerminal, Read, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Usage, show};
use crate::bundle::Bundle;
use crate::ingest::decompress::{self, Limits, Part};
use crate::ingest::{EventSource, FailedJob};
use crate::judge::{Judged, Reading, explain, judge};
use crate::verdict::Verdict;

/// Judge one log, or many; stores nothing.
#[derive(Debug, Args)]
pub(super) struct Analyze {
    /// The log: plain, .gz, .zip or .zst, of any size; `-` for standard input.
    #[arg(value_name = "FILE", required_unless_present = "batch", conflicts_with = "batch")]
    file: Option<PathBuf>,
    /// JSON objects with `text` and, perhaps, `id`, one a line; gives one verdict each in the same order.
    #[arg(long, value_name = "FILE.jsonl")]
    batch: Option<PathBuf>,
    /// Say which inputs of the model made the verdict.
    #[arg(long)]
    explain: bool,
}

#[derive(Debug, Deserialize)]
struct Item {
    text: String,
    #[serde(default)]
    id: Option<serde_json::Value>,
}

/// Longest line of a batch, in bytes.
const MAX_ITEM_BYTES: u64 = 256 << 20;

impl Analyze {
    pub(super) fn run(&self, json: bool) -> Result<()> {
        let bundle = Bundle::shipped()?;
        match (&self.batch, &self.file) {
            (Some(batch), _) => self.batch(batch, &bundle),
            (None, Some(file)) => self.one(file, &bundle, json),
            (None, None) => Err(Usage("name a log, or - for standard input".into()).into()),
        }
    }

    fn one(&self, file: &Path, bundle: &Bundle, json: bool) -> Result<()> {
        let started = Instant::now();
        let reading = read(file)?;
        let judged = reading.judge(&unknown(), bundle)?;
        let verdict = self.finish(judged, started, None, bundle)?;
        let mut out = BufWriter::new(stdout().lock());
        if json {
            serde_json::to_writer_pretty(&mut out, &verdict)?;
            writeln!(out)?;
        } else {
            show::verdict(&mut out, &verdict)?;
        }
        Ok(out.flush()?)
    }

    fn batch(&self, file: &Path, bundle: &Bundle) -> Result<()> {
        let mut input = BufReader::new(open(file)?);
        let mut out = BufWriter::new(stdout().lock());
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if input.by_ref().take(MAX_ITEM_BYTES).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let started = Instant::now();
            let item: Item = serde_json::from_slice(&line).with_context(|| {
                format!(
                    "{}:{number}: not an object with a `text` and, perhaps, an `id`",
                    file.display()
                )
            })?;
            let judged = judge(&unknown(), Some(item.text.as_bytes()), bundle)?;
            let verdict = self.finish(judged, started, item.id, bundle)?;
            serde_json::to_writer(&mut out, &verdict)?;
            writeln!(out)?;
        }
        Ok(out.flush()?)
    }

    fn finish(
        &self,
        judged: Judged,
        started: Instant,
        input_id: Option<serde_json::Value>,
        bundle: &Bundle,
    ) -> Result<Verdict> {
        let mut verdict = judged.verdict;
        if self.explain {
            let contributions = explain(&judged.features, &verdict, bundle)?;
            verdict.explain(contributions);
        }
        verdict.input_id = input_id;
        verdict.latency_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(verdict)
    }
}

/// A job of which only the log is known.
fn unknown() -> FailedJob {
    FailedJob::unknown(EventSource::Api, Timestamp::UNIX_EPOCH)
}

fn open(file: &Path) -> Result<Box<dyn Read>> {
    if file == Path::new("-") {
        if stdin().is_terminal() {
            return Err(Usage("standard input is a terminal: pipe a log into it, or name a file".into()).into());
        }
        return Ok(Box::new(stdin().lock()));
    }
    Ok(Box::new(File::open(file).with_context(|| file.display().to_string())?))
}

/// Reads a log of any kind to its end.
fn read(file: &Path) -> Result<Reading> {
    let mut reading = Reading::default();
    let mut each = |part: Part<'_>| match part {
        Part::Member(name) => reading.member(name),
        Part::Bytes(bytes) => reading.push(bytes),
    };
    let limits = Limits::default();
    let unpacked = if file == Path::new("-") {
        decompress::read(open(file)?, &limits, &mut each)
    } else {
        // A zip's list of members stands at its end; a file that cannot seek, as a pipe, is read like standard input.
        let opened = File::open(file).with_context(|| file.display().to_string())?;
        if opened.metadata().is_ok_and(|about| about.is_file()) {
            decompress::read_file(opened, &limits, &mut each)
        } else {
            decompress::read(opened, &limits, &mut each)
        }
    };
    unpacked.with_context(|| file.display().to_string())?;
    Ok(reading)
}
