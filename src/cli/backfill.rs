//! `sentinel backfill OWNER/REPO`: the past failures of a repository, their logs, their verdicts.
//!
//! The server that owns the data does the work, step by step; without one this process does. Each step is on disk when it
//! ends, so that a backfill which was stopped goes on where it was.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;
use warp::http::Method;

use super::bar::below_log_lines;
use super::reach::Reach;
use super::serve::Signals;
use super::show::visible;
use super::{Ended, Global, Usage, logging, runtime, settings};
use crate::app::asked;

/// Arguments of `sentinel backfill`.
#[derive(Debug, Args)]
pub(super) struct Backfill {
    /// The repository, as owner/name.
    #[arg(value_name = "OWNER/REPO")]
    repository: String,
    /// From when on: how long ago (30d, 12h, 2w), or a moment (2026-01-31T12:00:00Z).
    #[arg(long, default_value = "30d", value_name = "TIME")]
    since: String,
}

/// What a step says.
#[derive(Debug, Deserialize)]
struct Step {
    reached: Timestamp,
    runs: u64,
    found: u64,
    logs_waiting: u64,
    done: bool,
    limited_until: Option<Timestamp>,
}

/// What all steps have come to.
#[derive(Debug, Default)]
struct Sum {
    runs: u64,
    found: u64,
    logs_waiting: u64,
}

impl Backfill {
    /// Walks back, until everything is there or a signal comes.
    pub(super) fn run(&self, global: &Global) -> Result<Ended> {
        let settings = settings(global)?;
        logging::of_command(global);
        let now = Timestamp::now();
        let since = asked::since(&self.since, now).map_err(|what| Usage(format!("--since {what}")))?;
        if !self.repository.contains('/') {
            return Err(Usage(format!(
                "`{}` is no repository; write it as owner/name",
                visible(&self.repository)
            ))
            .into());
        }
        runtime()?.block_on(async {
            let mut signals = Signals::catch()?;
            let reach = Reach::or_make(&settings).await?;
            let bar = Bar::new(since, now, global.quiet);
            let mut sum = Sum::default();
            let ended = tokio::select! {
                walked = self.walk(&reach, since, &bar, &mut sum) => walked.map(|()| Ended::Done),
                ended = signals.wait() => Ok(ended),
            };
            bar.clear();
            reach.close().await;
            self.say(global, &sum, ended.as_ref().is_ok_and(|ended| *ended == Ended::Done))?;
            ended
        })
    }

    async fn walk(&self, reach: &Reach, since: Timestamp, bar: &Bar, sum: &mut Sum) -> Result<()> {
        let body = json!({ "repository": self.repository, "since": since.to_string() });
        loop {
            let step: Value = reach.ask(Method::POST, "/api/backfill", Some(&body)).await?;
            let step: Step = serde_json::from_value(step).context("the answer to /api/backfill cannot be read")?;
            sum.runs += step.runs;
            sum.found += step.found;
            sum.logs_waiting = step.logs_waiting;
            bar.show(sum, &step);
            if step.done {
                return Ok(());
            }
            if let Some(until) = step.limited_until {
                let wait = until.duration_since(Timestamp::now()).as_secs().clamp(1, 3_900);
                sleep(Duration::from_secs(wait.unsigned_abs())).await;
            }
        }
    }

    fn say(&self, global: &Global, sum: &Sum, done: bool) -> Result<()> {
        let mut out = std::io::stdout();
        let Sum {
            runs,
            found,
            logs_waiting,
        } = sum;
        if global.json {
            let answer = json!({
                "repository": self.repository, "runs": runs, "found": found, "logs_waiting": logs_waiting, "done": done,
            });
            writeln!(out, "{answer}")?;
        } else if done {
            let waiting = if *logs_waiting > 0 {
                format!("; {logs_waiting} logs are not there yet, a running server asks for them again")
            } else {
                String::new()
            };
            writeln!(
                out,
                "{}: {runs} runs, {found} new failures{waiting}",
                visible(&self.repository)
            )?;
        } else {
            let name = visible(&self.repository);
            writeln!(
                out,
                "{name}: stopped after {runs} runs and {found} new failures; the same command goes on from here"
            )?;
        }
        Ok(())
    }
}

/// Progress on a terminal as a bar, elsewhere as lines.
struct Bar {
    drawn: Option<ProgressBar>,
    quiet: bool,
    since: Timestamp,
}

impl Bar {
    fn new(since: Timestamp, now: Timestamp, quiet: bool) -> Self {
        let bar = (std::io::stderr().is_terminal() && !quiet).then(|| {
            let length = now.duration_since(since).as_secs().max(1).unsigned_abs();
            let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:32} {percent:>3} %  {msg}");
            let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            below_log_lines(bar.with_message("asking GitHub"))
        });
        // The first step may take a while.
        if let Some(bar) = &bar {
            bar.tick();
        }
        Self {
            drawn: bar,
            quiet,
            since,
        }
    }

    #[expect(clippy::print_stderr, reason = "progress is for who waits, apart from the result")]
    fn show(&self, sum: &Sum, step: &Step) {
        let left = step.reached.duration_since(self.since).as_secs().max(0).unsigned_abs();
        let day = step.reached.strftime("%Y-%m-%d");
        let waits = match step.limited_until {
            Some(until) => format!(", waiting for GitHub's limit until {}", until.strftime("%H:%M:%SZ")),
            None => String::new(),
        };
        let text = format!(
            "back to {day}: {} runs, {} new failures, {} logs to come{waits}",
            sum.runs, sum.found, sum.logs_waiting
        );
        match &self.drawn {
            Some(bar) => {
                bar.set_position(bar.length().unwrap_or_default().saturating_sub(left));
                bar.set_message(text);
            }
            None if !self.quiet && (step.runs > 0 || step.limited_until.is_some()) => eprintln!("{text}"),
            None => {}
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.drawn {
            bar.finish_and_clear();
        }
    }
}
