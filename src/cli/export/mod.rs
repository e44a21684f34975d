//! `sentinel export`: the history, row by row, newest first. A page at a time is in memory, however many rows there are.

mod columns;
mod delimited;
mod parquet;
mod source;

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::value::RawValue;

use self::delimited::Delimited;
use self::parquet::Parquet;
use self::source::Source;
use super::bar::below_log_lines;
use super::{Global, Usage, logging, runtime, settings};

/// Write the history out, newest first.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// How rows are written.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// Write to this file instead of standard output; it is there when it is whole.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    rows: Rows,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line, as `/api/history` gives them.
    Ndjson,
    /// A header and one line a row; lists and objects as JSON.
    Csv,
    /// Typed columns, compressed; lists and objects as JSON.
    Parquet,
}

/// Which rows.
#[derive(Debug, Args)]
struct Rows {
    /// Label, by name or slug.
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// Repository, as owner/name.
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<String>,
    /// Where the event came from, as `github_webhook`.
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Whether the verdict is uncertain.
    #[arg(long, value_name = "true|false")]
    uncertain: Option<String>,
    /// Not older than a moment (RFC 3339) or a length as 30d.
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
}

impl Rows {
    /// As the query of a page of history.
    fn query(&self) -> Vec<(String, String)> {
        let given = [
            ("class", &self.class),
            ("repo", &self.repo),
            ("source", &self.source),
            ("uncertain", &self.uncertain),
            ("since", &self.since),
        ];
        let given = given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        given.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }
}

/// Takes rows, as JSON objects, one after the other.
trait Sink {
    fn row(&mut self, row: &RawValue) -> Result<()>;

    /// Writes what has to stand at the end.
    fn finish(self: Box<Self>) -> Result<()>;
}

impl Export {
    pub(super) fn run(&self, global: &Global) -> Result<()> {
        let settings = settings(global)?;
        logging::to_stderr(&settings.log, global);
        if self.out.is_none() && self.format == Format::Parquet && stdout().is_terminal() {
            return Err(Usage("a terminal shows no Parquet; name a file with --out FILE".into()).into());
        }
        let runtime = runtime()?;
        let mut source = runtime.block_on(Source::open(&settings, self.rows.query()))?;
        let bar = bar(self.out.is_some());
        let part = self.out.as_deref().map(part_of);
        let mut sink = self.sink(part.as_deref())?;
        let mut written = 0_u64;
        loop {
            let rows = runtime.block_on(source.next_page())?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                sink.row(row)?;
            }
            written += rows.len() as u64;
            bar.set_position(written);
        }
        sink.finish()?;
        runtime.block_on(source.close());
        bar.finish_and_clear();
        if let Some((part, out)) = part.zip(self.out.as_deref()) {
            std::fs::rename(&part, out).with_context(|| out.display().to_string())?;
            said(&format!("{written} rows in {}", out.display()), global.quiet);
        }
        Ok(())
    }

    fn sink(&self, part: Option<&Path>) -> Result<Box<dyn Sink>> {
        let out: Box<dyn Write + Send> = match part {
            Some(part) => Box::new(File::create(part).with_context(|| part.display().to_string())?),
            None => Box::new(stdout()),
        };
        let out = BufWriter::with_capacity(1 << 16, out);
        Ok(match self.format {
            Format::Ndjson => Box::new(Lines(out)),
            Format::Csv => Box::new(Delimited::new(out)?),
            Format::Parquet => Box::new(Parquet::new(out)?),
        })
    }
}

/// Where a file is written until it is whole: beside its place, on the same disk.
fn part_of(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    out.with_file_name(name)
}

fn said(what: &str, quiet: bool) {
    if !quiet {
        // Nobody is left to tell when stderr is closed.
        drop(writeln!(stderr(), "sentinel: {what}"));
    }
}

/// On a terminal that shows no rows.
fn bar(to_file: bool) -> ProgressBar {
    if !to_file && stdout().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("exporting {spinner} {pos} rows, {per_sec}");
    below_log_lines(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner())))
}

/// One JSON object a line.
struct Lines<W>(W);

impl<W: Write> Sink for Lines<W> {
    fn row(&mut self, row: &RawValue) -> Result<()> {
        Ok(writeln!(self.0, "{}", row.get())?)
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        Ok(self.0.flush()?)
    }
}
