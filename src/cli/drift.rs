//! `sentinel drift`: how far what arrives has moved from training, as a table, as JSON, as an exit code.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;
use warp::http::Method;

use super::reach::Reach;
use super::show::visible;
use super::{Ended, Global, logging, runtime, settings};
use crate::drift::{DriftReport, FeatureDrift};
use crate::health::{Health, HealthState};

/// Arguments of `sentinel drift`.
#[derive(Debug, Args)]
pub(super) struct Drift {
    /// End with 3 on drift, with 4 where training is required, else with 0.
    #[arg(long)]
    exit_code: bool,
    /// Look at so many of the newest failures [default: drift.window of the settings].
    #[arg(long, value_name = "N")]
    window: Option<u32>,
    /// Look at failures since then: a moment (RFC 3339) or a length, as `7d`.
    #[arg(long, value_name = "T")]
    since: Option<String>,
}

/// The answer of the route.
#[derive(Debug, Deserialize)]
struct Answer {
    health: Health,
    #[serde(flatten)]
    report: DriftReport,
}

impl Drift {
    pub(super) fn run(&self, global: &Global) -> Result<Ended> {
        let settings = settings(global)?;
        logging::of_command(global);
        let path = self.path();
        let answer: Value = runtime()?.block_on(async {
            let reach = Reach::of(&settings).await?;
            let answer = reach.ask(Method::GET, &path, None).await;
            reach.close().await;
            answer
        })?;
        let read: Answer = serde_json::from_value(answer.clone())?;
        let mut out = std::io::stdout().lock();
        if global.json {
            writeln!(out, "{answer}")?;
        } else {
            print(&mut out, &read)?;
        }
        Ok(match read.health.state {
            HealthState::DriftDetected if self.exit_code => Ended::With(3),
            HealthState::TrainingRequired if self.exit_code => Ended::With(4),
            HealthState::StoreTrouble if self.exit_code => Ended::With(1),
            _ => Ended::Done,
        })
    }

    fn path(&self) -> String {
        let mut query = Vec::new();
        query.extend(self.window.map(|window| format!("window={window}")));
        query.extend(self.since.as_deref().map(|since| format!("since={}", escaped(since))));
        format!("/api/drift?{}", query.join("&"))
            .trim_end_matches('?')
            .to_owned()
    }
}

/// A value of a query (RFC 3986): all but unreserved characters as `%XX`.
fn escaped(value: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let escape = |byte: u8| {
        if plain(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    value.bytes().map(escape).collect()
}

fn print(out: &mut impl Write, Answer { health, report }: &Answer) -> Result<()> {
    writeln!(out, "{}", visible(&health.label))?;
    for reason in &health.reasons {
        writeln!(out, "  {}", visible(reason))?;
    }
    if let Some(right) = &report.performance {
        writeln!(
            out,
            "  Expected right: {} of {} verdicts (95 % within {} to {}).",
            percent(right.expected_accuracy),
            right.n,
            percent(right.expected_low),
            percent(right.expected_high)
        )?;
        if let Some(observed) = &right.observed {
            writeln!(
                out,
                "  People agreed with {} of the {} they spoke on.",
                observed.agreed, observed.answered
            )?;
        }
    }
    writeln!(
        out,
        "  With drift.alpha = 0.04, at most 5 of 100 windows in which nothing drifts alarm by chance."
    )?;
    writeln!(out)?;
    writeln!(
        out,
        "{:<22} {:<16} {:>8} {:>8} {:>7}",
        "feature", "severity", "PSI", "p", "n"
    )?;
    let mut features: Vec<&FeatureDrift> = report.features.iter().collect();
    features.sort_by(|one, other| {
        let key = |feature: &FeatureDrift| (feature.severity, feature.score.unwrap_or(-1.0));
        let (one, other) = (key(one), key(other));
        other.0.cmp(&one.0).then(other.1.total_cmp(&one.1))
    });
    for feature in features {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
        writeln!(
            out,
            "{:<22} {:<16} {:>8} {:>8} {:>7}",
            visible(&feature.feature),
            feature.severity.name().replace('_', " "),
            number(feature.score),
            number(feature.p_value),
            feature.n
        )?;
    }
    Ok(())
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
