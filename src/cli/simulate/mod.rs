//! `sentinel simulate`: a seeded stream of failures, to a pipe or to a server.

mod server;

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use self::server::{Outcome, Server};
use super::bar::below_log_lines;
use super::{Ended, Global, Usage};
use crate::simulate::{Arrival, Chaos, Drift, SimulateSettings, Stream, webhook};
use crate::training::corpus::Corpus;

/// Send a seeded stream of failures to a server, or print it.
#[derive(Debug, Args)]
pub(super) struct Simulate {
    /// Arrivals a second, at most [default: 10 to a server, no limit to a pipe].
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Arrivals in all.
    #[arg(long, value_name = "N", default_value_t = 100)]
    count: u64,
    /// The seed of all chance: same seed, same bytes.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How much is unlike training (0, 10, 30, 60, 100 %), and how much arrives twice or late (0, 1, 3, 6, 10 %).
    #[arg(long, value_enum, default_value_t = Chaos::None)]
    chaos: Chaos,
    /// Let one thing about the failures change.
    #[arg(long, value_enum)]
    drift: Option<Drift>,
    /// The failure, counted from 0, at which --drift begins.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "drift")]
    drift_from: u64,
    /// Stand still for fifty arrivals' time now and then.
    #[arg(long)]
    gaps: bool,
    /// Let one sender's clock in five be wrong by up to twelve hours; shows in webhook deliveries, which hold times.
    #[arg(long)]
    clock_skew: bool,
    /// The Sentinel to send to, as <http://127.0.0.1:8200>; its key comes from the settings or `SENTINEL_API_KEY`.
    /// Without it records are printed, a line each.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Send webhook deliveries, signed with the secret of the settings or `GITHUB_WEBHOOK_SECRET`. A server takes
    /// these for live traffic, unlike records, which name the simulator as their source.
    #[arg(long)]
    webhook: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text
        .parse()
        .map_err(|_not_a_number| format!("`{text}` is not a number"))?;
    if rate > 0.0 && rate <= 1e6 {
        Ok(rate)
    } else {
        Err(format!("`{text}` is not a number above 0 and up to 1000000"))
    }
}

/// Arrivals a second to a server where nobody says.
const RATE: f64 = 10.0;

/// What became of the stream.
#[derive(Debug, Default, Serialize)]
struct Summary {
    /// Sent or printed.
    arrivals: u64,
    /// Of them out of distribution.
    strange: u64,
    /// Of them sent a second time.
    repeated: u64,
    /// Taken in as new failures.
    taken_in: u64,
    /// Known to the server already.
    duplicates: u64,
    /// Not taken in.
    refused: u64,
    /// Why, of the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_refusal: Option<String>,
    seconds: f64,
    per_second: f64,
}

impl Simulate {
    pub(super) fn run(&self, global: &Global) -> Result<Ended> {
        let stream = Stream::new(&Corpus::shipped()?, self.settings());
        match &self.url {
            None => self.print(stream).map(Ended::from),
            Some(url) => {
                let server = Server::new(url, self.webhook, global)?;
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let (summary, ended) = runtime.block_on(self.send(stream, server))?;
                tell(&summary, global.json)?;
                if summary.arrivals > 0 && summary.refused == summary.arrivals {
                    anyhow::bail!("{url} took nothing in: {}", summary.last_refusal.unwrap_or_default());
                }
                Ok(ended)
            }
        }
    }

    fn settings(&self) -> SimulateSettings {
        SimulateSettings {
            seed: self.seed,
            count: self.count,
            chaos: self.chaos,
            drift: self.drift,
            drift_from: self.drift_from,
            gaps: self.gaps,
            clock_skew: self.clock_skew,
        }
    }

    /// Records or bodies of deliveries, a line each.
    fn print(&self, stream: Stream) -> Result<()> {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let mut due = Instant::now();
        for arrival in stream {
            if let Some(rate) = self.rate {
                due += Duration::from_secs_f64(f64::from(arrival.beats) / rate);
                out.flush()?;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
            let line = if self.webhook {
                let (delivery, body) = arrival.failure.delivery(self.seed);
                serde_json::json!({ "event": webhook::EVENT, "delivery": delivery, "payload": body })
            } else {
                arrival.failure.record()
            };
            serde_json::to_writer(&mut out, &line).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Ok(out.flush()?)
    }

    async fn send(&self, stream: Stream, server: Server) -> Result<(Summary, Ended)> {
        let bar = bar(self.count);
        let began = Instant::now();
        let (mut summary, mut ended) = (Summary::default(), Ended::Done);
        let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        let mut due = tokio::time::Instant::now();
        let mut under_way = tokio::task::JoinSet::new();
        for arrival in stream {
            due += Duration::from_secs_f64(f64::from(arrival.beats) / self.rate.unwrap_or(RATE));
            tokio::select! {
                biased;
                _ = interrupt.recv() => { ended = Ended::Interrupted; break }
                _ = terminate.recv() => { ended = Ended::Terminated; break }
                () = tokio::time::sleep_until(due) => {}
            }
            while under_way.len() >= server::AT_ONCE {
                summary.note(under_way.join_next().await.context("a sending")??, &bar);
            }
            summary.count(&arrival);
            under_way.spawn(server.clone().send(arrival.failure, self.seed));
        }
        while let Some(done) = under_way.join_next().await {
            summary.note(done?, &bar);
        }
        bar.finish_and_clear();
        summary.seconds = began.elapsed().as_secs_f64();
        summary.per_second = summary.arrivals as f64 / summary.seconds.max(1e-9);
        Ok((summary, ended))
    }
}

impl Summary {
    fn count(&mut self, arrival: &Arrival) {
        self.arrivals += 1;
        self.strange += u64::from(arrival.failure.strange);
        self.repeated += u64::from(arrival.repeats);
    }

    fn note(&mut self, outcome: Outcome, bar: &ProgressBar) {
        match outcome {
            Outcome::TakenIn => self.taken_in += 1,
            Outcome::Duplicate => self.duplicates += 1,
            Outcome::Refused(why) => {
                self.refused += 1;
                self.last_refusal = Some(why);
            }
        }
        bar.inc(1);
    }
}

fn bar(count: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template("sending {bar:40} {pos}/{len}, {per_sec}, {eta} left");
    let bar = ProgressBar::with_draw_target(Some(count), target);
    below_log_lines(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}

fn tell(summary: &Summary, json: bool) -> Result<()> {
    let mut out = std::io::stderr().lock();
    if json {
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, summary).map_err(std::io::Error::from)?;
        return Ok(writeln!(out)?);
    }
    let Summary {
        arrivals,
        strange,
        repeated,
        taken_in,
        duplicates,
        refused,
        ..
    } = summary;
    writeln!(
        out,
        "{arrivals} arrivals in {:.1} s ({:.1} a second): {strange} out of distribution, {repeated} sent twice",
        summary.seconds, summary.per_second
    )?;
    writeln!(
        out,
        "{taken_in} taken in, {duplicates} known already, {refused} refused"
    )?;
    if let Some(why) = &summary.last_refusal {
        writeln!(out, "the last refusal: {}", super::show::visible(why))?;
    }
    Ok(())
}

/// Where no secret is known, none can be signed with.
fn no_secret() -> anyhow::Error {
    Usage("--webhook signs deliveries: set GITHUB_WEBHOOK_SECRET, or webhook.secrets in the settings".into()).into()
}
