//! The drift of another window than the live one: the newest so many failures, or those since a moment.

use std::sync::Arc;

use jiff::Timestamp;

use super::asked::since;
use super::command::CommandError;
use super::intake::Intake;
use super::state;
use crate::drift::sliding::{SlidingWindow, remembered_events};
use crate::drift::{DriftReport, DriftSettings};
use crate::health::{Health, HealthInputs, assess};

/// The longest window that is looked back over: it is read from the store, row by row.
pub const MOST_EVENTS: usize = 10_000;

/// Which window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DriftAsked {
    /// So many of the newest failures.
    pub window: Option<usize>,
    /// Not older than this.
    pub since: Option<Timestamp>,
}

impl DriftAsked {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// A line for each that cannot be read.
    pub fn parse(query: &[(String, String)], now: Timestamp) -> Result<Self, Vec<String>> {
        let mut asked = Self::default();
        let mut wrong = Vec::new();
        for (name, value) in query {
            let value = value.trim();
            let read = match name.as_str() {
                _ if value.is_empty() => Ok(()),
                "window" if asked.window.is_some() => Err("given more than once".to_owned()),
                "since" if asked.since.is_some() => Err("given more than once".to_owned()),
                "window" => events(value).map(|events| asked.window = Some(events)),
                "since" => since(value, now).map(|since| asked.since = Some(since)),
                _ => Err("is unknown; the parameters are window, since".to_owned()),
            };
            let name: String = name.chars().filter(|letter| !letter.is_control()).take(40).collect();
            wrong.extend(read.err().map(|what| format!("{name}: {what}")));
        }
        if wrong.is_empty() { Ok(asked) } else { Err(wrong) }
    }

    /// Whether it is the live window.
    #[must_use]
    pub fn is_live(&self) -> bool {
        *self == Self::default()
    }
}

fn events(value: &str) -> Result<usize, String> {
    let events = value.parse().ok().filter(|events| (1..=MOST_EVENTS).contains(events));
    events.ok_or_else(|| format!("is not a number of failures from 1 to {MOST_EVENTS}"))
}

impl Intake {
    /// Judges a window of its own, and says what the badge would say of it alone.
    pub(super) async fn look_back(&self, asked: DriftAsked) -> Result<(Health, DriftReport), CommandError> {
        let most = if asked.since.is_some() {
            MOST_EVENTS
        } else {
            self.drift.window
        };
        let mut settings = DriftSettings {
            window: asked.window.unwrap_or(most),
            ..self.drift.clone()
        };
        let totals = self.noted(self.store.totals().await).await?;
        let live_only = totals.live > 0 && !settings.include_simulated;
        let newest = self.store.newest(live_only, remembered_events(&settings)).await;
        let mut rows = self.noted(newest).await?;
        let bundle = self.live.bundle();
        rows.retain(|row| row.verdict.model_version == bundle.version);
        if let Some(since) = asked.since {
            let within = rows.iter().filter(|row| row.timestamp >= since).count();
            settings.window = settings.window.min(within.max(1));
            if within == 0 {
                rows.clear();
            }
        }
        let profile = Arc::clone(&bundle.reference);
        let judged = tokio::task::spawn_blocking(move || {
            let mut window = SlidingWindow::new(profile, settings);
            rows.iter().rev().for_each(|row| state::push(&mut window, row));
            window.report()
        });
        let report = judged.await.map_err(|died| CommandError::Judge(died.to_string()))?;
        let health = assess(&HealthInputs {
            drift: &report,
            corrections_waiting: 0,
            retrain_threshold: 0,
            store_trouble: None,
        });
        Ok((health, report))
    }
}
