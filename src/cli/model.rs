//! `sentinel retrain` and `sentinel model`: the registry from the command line, through the same routes as everybody.

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use warp::http::Method;

use super::bar::below_log_lines;
use super::reach::Reach;
use super::show::visible;
use super::{Ended, Global, logging, runtime, settings};
use crate::registry::Entry;

/// Between two looks at a retraining.
const LOOK: Duration = Duration::from_millis(500);

/// Why a change was asked for, where nobody says so.
const BY_COMMAND: &str = "asked for on the command line";

/// Exit code of `model verify` where something is wrong.
const UNSOUND: u8 = 1;

/// Arguments of `sentinel retrain`.
#[derive(Debug, Args)]
pub(super) struct Retrain {
    /// Why; kept in the ledger.
    #[arg(long, value_name = "TEXT", default_value = BY_COMMAND)]
    reason: String,
}

/// Arguments of `sentinel model`.
#[derive(Debug, Args)]
pub(super) struct Model {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// All versions, newest first, and the newest lines of the ledger.
    List,
    /// One version: its papers, and why the gate let it pass or not.
    Show {
        /// As `v2`; the live one where nothing is said.
        version: Option<String>,
    },
    /// What is or was live, since when, why, and who approved.
    Live {
        /// The models of that day (UTC), as `2026-05-03`.
        #[arg(long, value_name = "DAY")]
        on: Option<Date>,
    },
    /// Make a stored version live.
    Promote {
        /// As `v2`.
        version: String,
        /// Why; kept in the ledger.
        #[arg(long, value_name = "TEXT", default_value = BY_COMMAND)]
        reason: String,
    },
    /// Make the version live that was before the one that is.
    Rollback {
        /// Why; kept in the ledger.
        #[arg(long, value_name = "TEXT", default_value = BY_COMMAND)]
        reason: String,
    },
    /// Check every file of every version, the seals and the ledger.
    Verify,
    /// Seal what has no seal that fits, after its files were checked.
    Seal,
}

impl Retrain {
    /// Waits for its end, and prints the decision.
    pub(super) fn run(self, global: &Global) -> Result<()> {
        let last: Value = within(global, async |reach| {
            let begun: Value = reach
                .ask(Method::POST, "/api/retrain", Some(&json!({ "reason": self.reason })))
                .await?;
            let mut status = begun;
            let bar = bar();
            while let Some(running) = status.get("running").filter(|running| running.is_object()) {
                bar.set_length(running["of"].as_u64().unwrap_or_default());
                bar.set_position(running["done"].as_u64().unwrap_or_default());
                bar.set_message(running["stage"].as_str().unwrap_or_default().to_owned());
                tokio::time::sleep(LOOK).await;
                status = reach.ask(Method::GET, "/api/retrain", None).await?;
            }
            bar.finish_and_clear();
            Ok(status["last"].take())
        })?;
        let mut out = std::io::stdout();
        if global.json {
            writeln!(out, "{last}")?;
        } else {
            write!(out, "{}", finished(&last))?;
        }
        match last["ending"].as_str() {
            Some("promoted" | "kept") => Ok(()),
            other => bail!("the retraining came to no decision: {}", other.unwrap_or("unknown")),
        }
    }
}

impl Model {
    pub(super) fn run(self, global: &Global) -> Result<Ended> {
        let (method, path, body) = self.what.request();
        let answer: Value = within(global, async |reach| reach.ask(method, &path, body.as_ref()).await)?;
        let mut out = std::io::stdout();
        let (value, text) = self.what.show(answer)?;
        if global.json {
            writeln!(out, "{value}")?;
        } else {
            write!(out, "{text}")?;
        }
        let unsound = matches!(self.what, What::Verify) && value["sound"] == false;
        Ok(if unsound { Ended::With(UNSOUND) } else { Ended::Done })
    }
}

impl What {
    fn request(&self) -> (Method, String, Option<Value>) {
        match self {
            Self::List | Self::Show { .. } | Self::Live { .. } => (Method::GET, "/api/registry".to_owned(), None),
            Self::Promote { version, reason } => {
                let version: String = version.chars().filter(char::is_ascii_alphanumeric).collect();
                let path = format!("/api/models/{version}/promote");
                (Method::POST, path, Some(json!({ "reason": reason })))
            }
            Self::Rollback { reason } => {
                let path = "/api/models/rollback".to_owned();
                (Method::POST, path, Some(json!({ "reason": reason })))
            }
            Self::Verify => (Method::GET, "/api/registry/verify".to_owned(), None),
            Self::Seal => (Method::POST, "/api/registry/seal".to_owned(), None),
        }
    }

    /// The answer as JSON and as text.
    fn show(&self, answer: Value) -> Result<(Value, String)> {
        let text = match self {
            Self::List => list(&answer),
            Self::Show { version } => {
                let version = version.as_deref().or(answer["champion"].as_str()).unwrap_or_default();
                let models = answer["models"].as_array().map(Vec::as_slice).unwrap_or_default();
                let Some(model) = models.iter().find(|model| model["version"] == version) else {
                    bail!("there is no model {version}; `sentinel model list` names all");
                };
                return Ok((model.clone(), show(model)));
            }
            Self::Live { on } => {
                let ledger: Vec<Entry> = serde_json::from_value(answer["ledger"].clone())?;
                let lines = live_within(&ledger, *on)?;
                let text = lines.iter().map(live).collect();
                return Ok((json!(lines), text));
            }
            Self::Promote { .. } | Self::Rollback { .. } => format!("model {} is live\n", text(&answer["champion"])),
            Self::Verify => verified(&answer),
            Self::Seal => format!("sealed: {}\n", names(&answer["sealed"])),
        };
        Ok((answer, text))
    }
}

/// Does something with what reaches the data, and gives it up again.
fn within<T>(global: &Global, work: impl AsyncFnOnce(&Reach) -> Result<T>) -> Result<T> {
    let settings = settings(global)?;
    logging::of_command(global);
    runtime()?.block_on(async {
        let reach = Reach::or_make(&settings).await?;
        let done = work(&reach).await;
        reach.close().await;
        done
    })
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} rounds, {eta} left");
    below_log_lines(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}

fn finished(last: &Value) -> String {
    let mut lines = vec![text(&last["ending"])];
    lines.extend(
        last["because"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|why| format!("  {}", text(why))),
    );
    if last["decision"].is_object() {
        lines.extend(decision(&last["decision"]));
    }
    lines.join("\n") + "\n"
}

fn decision(decision: &Value) -> Vec<String> {
    let figure = |value: &Value| {
        value
            .as_f64()
            .map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
    };
    let mut lines = Vec::new();
    for (name, key) in [("set aside", "frozen"), ("corrections held back", "fresh")] {
        let part = &decision[key];
        lines.push(format!(
            "  {name}: {} logs, macro-F1 {} -> {}, calibration error {} -> {}, gained {}, lost {}",
            part["count"],
            figure(&part["champion_f1"]),
            figure(&part["challenger_f1"]),
            figure(&part["champion_calibration"]),
            figure(&part["challenger_calibration"]),
            part["gained"],
            part["lost"],
        ));
    }
    for class in decision["classes"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  {:<22} {:>4}  recall {} -> {}  F1 {} -> {}",
            text(&class["class"]),
            class["support"],
            figure(&class["champion_recall"]),
            figure(&class["challenger_recall"]),
            figure(&class["champion_f1"]),
            figure(&class["challenger_f1"]),
        ));
    }
    for change in decision["features"].as_array().into_iter().flatten() {
        lines.push(format!(
            "  leans on {:<30} {} -> {} of all gain",
            text(&change["feature"]),
            figure(&change["champion"]),
            figure(&change["challenger"]),
        ));
    }
    lines
}

fn list(registry: &Value) -> String {
    let mut lines = Vec::new();
    if let Some(notice) = registry["notice"].as_str() {
        lines.push(format!("notice: {}", visible(notice)));
    }
    for model in registry["models"].as_array().into_iter().flatten() {
        let live = if model["live"] == true { "* live" } else { "" };
        let sealed = if model["sealed"] == true { "sealed" } else { "" };
        let came = text(&model["came"]).replace('_', " ");
        lines.push(format!(
            "{:<6} {:<10} {:<28} {sealed:<7} {live}",
            text(&model["version"]),
            came,
            text(&model["at"])
        ));
    }
    lines.push(String::new());
    for line in registry["ledger"].as_array().into_iter().flatten().take(20) {
        lines.push(format!(
            "{} {} {} by {}: {}",
            text(&line["at"]),
            text(&line["action"]).replace('_', " "),
            text(&line["version"]),
            text(&line["actor"]),
            text(&line["reason"])
        ));
    }
    lines.join("\n") + "\n"
}

fn show(model: &Value) -> String {
    let card = &model["card"];
    let mut lines = vec![
        format!(
            "{} {}",
            text(&model["version"]),
            if model["live"] == true { "live" } else { "not live" }
        ),
        format!(
            "came: {} {}",
            text(&model["came"]).replace('_', " "),
            text(&model["at"])
        ),
        format!(
            "learned from {} samples of {} tools and {} corrections",
            card["samples"],
            card["tools"],
            card["lessons"].as_u64().unwrap_or_default()
        ),
    ];
    for (name, value) in card["left_out_tools"].as_object().into_iter().flatten() {
        lines.push(format!("left-out tools: {} {value}", visible(name)));
    }
    if model["decision"].is_object() {
        lines.push(format!("the gate said {}:", text(&model["decision"]["outcome"])));
        let reasons = model["decision"]["reasons"].as_array().into_iter().flatten();
        lines.extend(reasons.map(|why| format!("  {}", text(why))));
        lines.extend(decision(&model["decision"]));
    }
    lines.join("\n") + "\n"
}

/// The lines of the ledger, newest first, that made live what was live on a day, or is live now.
fn live_within(newest_first: &[Entry], on: Option<Date>) -> Result<Vec<Entry>> {
    let (from, until) = match on {
        None => (Timestamp::MAX, Timestamp::MAX),
        Some(day) => {
            let midnight = |day: Date| Ok::<_, jiff::Error>(day.to_zoned(TimeZone::UTC)?.timestamp());
            (midnight(day)?, midnight(day.tomorrow()?)?)
        }
    };
    let before = |entry: &&Entry| entry.action.makes_live() && entry.at < until;
    let mut lines = Vec::new();
    for entry in newest_first.iter().filter(before) {
        lines.push(entry.clone());
        if entry.at <= from {
            return Ok(lines);
        }
    }
    if lines.is_empty() {
        bail!("no line of the ledger at hand is so old; models/ledger.jsonl holds them all");
    }
    Ok(lines)
}

fn live(entry: &Entry) -> String {
    format!(
        "{} live since {}: {} by {}: {}\n",
        visible(&entry.version),
        entry.at,
        entry.action.words(),
        visible(&entry.actor),
        visible(&entry.reason)
    )
}

fn verified(answer: &Value) -> String {
    let checked = answer["checked"].as_array().into_iter().flatten();
    let lines = checked.map(|one| match one["error"].as_str() {
        None => format!("{}: as it should be\n", text(&one["name"])),
        Some(error) => format!("{}: {}\n", text(&one["name"]), visible(error)),
    });
    lines.collect()
}

fn names(list: &Value) -> String {
    let names: Vec<String> = list.as_array().into_iter().flatten().map(text).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

/// A text of the answer, without anything that a terminal would obey.
fn text(value: &Value) -> String {
    visible(value.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Action;

    #[test]
    fn the_ledger_tells_what_was_live_on_a_day() {
        let entry = |day: &str, action, version: &str| Entry {
            seq: 1,
            at: format!("2026-05-{day}Z").parse().expect("a time"),
            action,
            version: version.into(),
            previous: None,
            actor: "ada".into(),
            reason: "why".into(),
            corrections: 0,
            manifest_sha256: String::new(),
            content: String::new(),
            before: String::new(),
        };
        let ledger = [
            entry("09T00:00:00", Action::RolledBack, "v1"),
            entry("03T12:00:00", Action::Promoted, "v3"),
            entry("02T12:00:00", Action::Kept, "v2"),
            entry("01T12:00:00", Action::Installed, "v1"),
        ];
        let on = |day: Option<i8>| {
            let day = day.map(|day| Date::constant(2026, 5, day));
            let lines = live_within(&ledger, day).expect("old enough");
            lines.iter().map(|line| line.version.clone()).collect::<Vec<_>>()
        };
        assert_eq!(on(Some(3)), ["v3", "v1"], "changed on that day");
        assert_eq!(on(Some(4)), ["v3"]);
        assert_eq!(on(Some(2)), ["v1"]);
        assert_eq!(on(None), ["v1"]);
        assert!(live_within(&ledger, Some(Date::constant(2026, 4, 30))).is_err());
    }
}
