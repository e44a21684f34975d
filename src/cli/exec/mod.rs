//! `sentinel exec`: a CI step runs as if nobody stood beside it; when it fails, what it printed is judged.
//!
//! Output bytes, their order, the terminal and the exit code stay those of the command. A step that succeeds costs a few
//! milliseconds and prints nothing: the model is loaded only after a failure.

mod ci;
mod kept;
mod record;
mod relay;
mod report;
mod signals;
mod step;
mod streams;
mod terminal;

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use self::record::Facts;
use self::step::Finished;
use super::{Ended, Global, environment, show};
use crate::bundle::Bundle;
use crate::ingest::stage::Stage;
use crate::judge::judge;
use crate::verdict::Verdict;

/// Run a CI step unchanged, measure it, and judge it when it fails.
#[derive(Debug, Args)]
pub(super) struct Exec {
    /// What the step does, for its duration [default: by the words of the command].
    #[arg(long, value_enum)]
    stage: Option<StageName>,
    /// End the step and all its processes after so many seconds, with exit code 124.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Send failures to the Sentinel at this address, as <http://127.0.0.1:8200>; its key comes from `SENTINEL_API_KEY`.
    #[arg(long, value_name = "URL")]
    report: Option<String>,
    /// Append what was printed and measured to a file as one line of JSON, whether or not the step failed.
    #[arg(long, value_name = "FILE.jsonl")]
    capture: Option<PathBuf>,
    /// The command and its arguments.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "CMD"
    )]
    command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum StageName {
    Build,
    Test,
    Deploy,
}

impl From<StageName> for Stage {
    fn from(name: StageName) -> Self {
        match name {
            StageName::Build => Self::Build,
            StageName::Test => Self::Test,
            StageName::Deploy => Self::Deploy,
        }
    }
}

/// The longest time limit: what is longer was meant otherwise.
const MAX_TIMEOUT_SECONDS: f64 = 30.0 * 86_400.0;

fn seconds(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a number of seconds above 0 and up to {MAX_TIMEOUT_SECONDS}");
    let seconds: f64 = text.parse().map_err(|_not_a_number| wrong())?;
    if seconds > 0.0 && seconds <= MAX_TIMEOUT_SECONDS {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err(wrong())
    }
}

impl Exec {
    pub(super) fn run(&self, global: &Global) -> Result<Ended> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let finished = match runtime.block_on(step::run(&self.command, self.timeout)) {
            Ok(finished) => finished,
            Err(error) => {
                tell(&error.to_string());
                return Ok(Ended::With(error.exit_code()));
            }
        };
        let code = finished.how.exit_code();
        if code != 0 || self.capture.is_some() {
            let facts = Facts::new(&self.command, self.stage(), &finished, &environment());
            if let Some(file) = &self.capture
                && let Err(error) = capture(file, &facts)
            {
                tell(&format!("{error:#}"));
            }
            if code != 0 {
                runtime.block_on(self.tell_failure(&finished, &facts, global));
            }
        }
        Ok(Ended::With(code))
    }

    fn stage(&self) -> Option<Stage> {
        self.stage.map(Stage::from).or_else(|| {
            let words: Vec<_> = self.command.iter().map(|word| word.to_string_lossy()).collect();
            Stage::of(&words.join(" "))
        })
    }

    /// The summary, and the report where one is asked for. Whatever goes wrong here is said and changes nothing.
    async fn tell_failure(&self, finished: &Finished, facts: &Facts, global: &Global) {
        let record = facts.record();
        match judged(&record) {
            Ok(verdict) => summary(finished, &verdict, global.json),
            Err(error) => tell(&format!("the failure could not be judged: {error:#}")),
        }
        if let Some(url) = &self.report {
            match report::send(url, &record, global).await {
                Ok(id) => tell(&format!("reported to {} as failure {id}", show::visible(url))),
                Err(error) => tell(&format!("not reported: {error:#}")),
            }
        }
    }
}

fn judged(record: &serde_json::Value) -> Result<Verdict> {
    let record = record::read(record)?;
    let bundle = Bundle::shipped()?;
    Ok(judge(&record.job, record.log.as_deref(), &bundle)?.verdict)
}

fn capture(file: &Path, facts: &Facts) -> Result<()> {
    let mut line = serde_json::to_vec(&facts.captured())?;
    line.push(b'\n');
    let opened = OpenOptions::new().create(true).append(true).open(file);
    let written = opened.and_then(|mut file| file.write_all(&line));
    written.with_context(|| format!("--capture {}", file.display()))
}

/// Excerpts of a summary.
const SUMMARY_EXCERPTS: usize = 2;

/// A few lines on stderr: what it took, what it was, which lines say so.
fn summary(finished: &Finished, verdict: &Verdict, json: bool) {
    if json {
        drop(serde_json::to_writer(std::io::stderr(), verdict));
        drop(writeln!(std::io::stderr()));
        return;
    }
    tell(&finished.to_string());
    let mut short = verdict.clone();
    short.evidence.truncate(SUMMARY_EXCERPTS);
    let mut text = Vec::new();
    drop(show::verdict(&mut text, &short));
    String::from_utf8_lossy(&text).lines().for_each(tell);
}

/// One line on stderr. Nobody is left to tell when that is closed.
fn tell(line: &str) {
    drop(writeln!(std::io::stderr(), "sentinel: {line}"));
}

/// The moment of a failure, for its record.
fn now() -> Timestamp {
    Timestamp::now()
}
