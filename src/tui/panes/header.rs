//! The head of the screen: one badge, the counters, and why the badge says so.
//!
//! ```text
//!  ▲ Training Required   sentinel  model v3  127.0.0.1:8200                 up 3h
//!  1,204 failures  12 uncertain  31 corrections  1,240 verdicts  drift 2/16
//!  log_lines moved far (PSI 0.31)
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::snapshot::Snapshot;
use crate::health::{Health, HealthState};
use crate::tui::keymap::Scope;
use crate::tui::message::Action;
use crate::tui::panes::{models, paint};
use crate::tui::state::ViewState;
use crate::tui::text::{ago, clip, count, counted, fit, percent, visible, width};
use crate::tui::theme::{Role, Theme};

/// Paints it, over one row or over three.
pub fn view(state: &ViewState, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let columns = usize::from(area.width);
    let lines = if area.height >= 3 {
        vec![
            top(state, snapshot, columns),
            counters(state, snapshot, columns),
            why(state, snapshot, columns),
        ]
    } else {
        vec![compact(state.theme, snapshot)]
    };
    paint(lines, area, screen);
}

/// The glyph of a state.
#[must_use]
pub const fn glyph(state: HealthState) -> &'static str {
    match state {
        HealthState::StoreTrouble => "✖",
        HealthState::TrainingRequired => "▲",
        HealthState::DriftDetected => "△",
        HealthState::NotEnoughData => "◌",
        HealthState::Healthy => "●",
    }
}

fn badge(theme: Theme, health: &Health) -> Span<'static> {
    Span::styled(
        format!(" {} {} ", glyph(health.state), visible(&health.label)),
        theme.badge(health.state),
    )
}

fn top(state: &ViewState, snapshot: &Snapshot, columns: usize) -> Line<'static> {
    let theme = state.theme;
    let badge = badge(theme, &snapshot.health);
    let up = format!(" up {} ", ago(state.now, snapshot.started_at));
    let room = columns.saturating_sub(width(&badge.content) + width(&up) + 2);
    let (model, address) = (visible(&snapshot.model_version), visible(&snapshot.address));
    let busy = match snapshot.in_flight {
        0 => String::new(),
        waiting => format!("  {waiting} in flight"),
    };
    let training = snapshot.retraining.running.as_ref().map(models::progress_words);
    let training = training.map(|words| format!("  {words}")).unwrap_or_default();
    let about = fit(&format!("sentinel  model {model}{training}  {address}{busy}"), room);
    let about = format!("  {about}{up}");
    Line::from(vec![badge, Span::styled(about, theme.role(Role::Dim))])
}

fn counters(state: &ViewState, snapshot: &Snapshot, columns: usize) -> Line<'static> {
    let (theme, totals) = (state.theme, &snapshot.totals);
    let mut spans = vec![
        Span::raw(" "),
        Span::styled(counted(totals.failures, "failure"), theme.role(Role::Title)),
    ];
    let uncertain = if totals.uncertain > 0 { Role::Warning } else { Role::Dim };
    spans.push(Span::styled(
        format!("  {} uncertain", count(totals.uncertain)),
        theme.role(uncertain),
    ));
    let rest = format!(
        "  {}  {}",
        counted(totals.corrections, "correction"),
        counted(totals.inferences, "verdict")
    );
    spans.push(Span::styled(rest, theme.role(Role::Dim)));
    spans.push(Span::styled(drift_words(snapshot), theme.role(drift_role(snapshot))));
    if totals.proposals > 0 {
        let key = state.keys.key_of(Scope::Everywhere, Action::Proposals);
        let words = format!("  {} ({key})", counted(totals.proposals, "proposal"));
        spans.push(Span::styled(words, theme.role(Role::Accent)));
    }
    let taken: usize = spans.iter().map(|span| width(&span.content)).sum();
    let next = next_steps(state, snapshot);
    if let Some(room) = columns.checked_sub(taken + width(&next) + 2) {
        spans.push(Span::raw(" ".repeat(room + 1)));
        spans.push(Span::styled(next, theme.role(Role::Accent)));
    }
    Line::from(spans)
}

/// What a person does about the badge: words on failures first, then a model that has learnt them.
fn next_steps(state: &ViewState, snapshot: &Snapshot) -> String {
    let step = |scope, action: Action, words: &str| format!("{} {words}", state.keys.key_of(scope, action));
    let steps = match snapshot.health.state {
        HealthState::StoreTrouble | HealthState::NotEnoughData | HealthState::Healthy => return String::new(),
        HealthState::DriftDetected | HealthState::TrainingRequired if snapshot.totals.corrections == 0 => [
            step(Scope::Failures, Action::Correct, "correct"),
            step(Scope::Everywhere, Action::Drift, "what moved"),
        ],
        HealthState::DriftDetected | HealthState::TrainingRequired => [
            step(Scope::Everywhere, Action::Retrain, "retrain"),
            step(Scope::Failures, Action::Next, "next unsure"),
        ],
    };
    format!("next: {}", steps.join("  "))
}

fn drift_words(snapshot: &Snapshot) -> String {
    format!("  drift {}/{}", snapshot.drift.drifted(), snapshot.drift.features.len())
}

fn drift_role(snapshot: &Snapshot) -> Role {
    if snapshot.drift.drifted() > 0 {
        Role::Warning
    } else {
        Role::Dim
    }
}

/// The last trouble while it is fresh, or else why the badge says what it says, or else how the window stands.
fn why(state: &ViewState, snapshot: &Snapshot, columns: usize) -> Line<'static> {
    const FRESH_SECONDS: i64 = 300;
    let theme = state.theme;
    let fresh = |at: jiff::Timestamp| state.now.as_second() - at.as_second() < FRESH_SECONDS;
    if let Some((at, text)) = snapshot.trouble.as_ref().filter(|(at, _)| fresh(*at)) {
        let text = format!(" ✖ {} ago: {}", ago(state.now, *at), visible(text));
        return Line::styled(clip(&text, columns), theme.role(Role::Bad));
    }
    let text = match snapshot.health.reasons.as_slice() {
        [] => window(snapshot),
        [only] => format!(" {}", visible(only)),
        [first, rest @ ..] => {
            let more = format!(" (+{} more)", rest.len());
            format!(
                "{}{more}",
                clip(&format!(" {}", visible(first)), columns.saturating_sub(width(&more)))
            )
        }
    };
    Line::styled(clip(&text, columns), theme.role(Role::Dim))
}

fn window(snapshot: &Snapshot) -> String {
    let drift = &snapshot.drift;
    let sure = drift
        .mean_confidence
        .map(|mean| format!(", mean confidence {}", percent(mean)))
        .unwrap_or_default();
    format!(" window {} of {}{sure}", drift.n, drift.window)
}

fn compact(theme: Theme, snapshot: &Snapshot) -> Line<'static> {
    let totals = &snapshot.totals;
    let counts = format!(
        " {}  {} ?",
        counted(totals.failures, "failure"),
        count(totals.uncertain)
    );
    Line::from(vec![
        badge(theme, &snapshot.health),
        Span::styled(counts, theme.role(Role::Dim)),
        Span::styled(drift_words(snapshot), theme.role(drift_role(snapshot))),
    ])
}

/// The whole tower in one sentence, for a screen that holds no more.
#[must_use]
pub fn sentence(snapshot: &Snapshot) -> String {
    let label = visible(&snapshot.health.label);
    format!(
        "Sentinel: {label}. {}. Make this window at least 80x24.",
        counted(snapshot.totals.failures, "failure")
    )
}
