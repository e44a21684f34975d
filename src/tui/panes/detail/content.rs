//! The lines of the detail pane. Every text of a payload or a log passes `visible` here.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::facts::{correction_lines, measured_lines, place_lines, run_lines, source_lines};
use super::{State, Why};
use crate::app::snapshot::Snapshot;
use crate::class::FailureClass;
use crate::correction::StoredProposal;
use crate::evidence::Excerpt;
use crate::tui::panes::{histogram, proposals, reason_words};
use crate::tui::text::{clip, fit, fit_right, percent, visible, width};
use crate::tui::theme::{Role, Theme};
use crate::verdict::{Contribution, Verdict};

/// Columns of the names on the left.
const NAME_COLUMNS: usize = 11;

/// Lines of one excerpt that are shown.
const MAX_EXCERPT_LINES: usize = 40;

/// What a failure looks like at one width.
#[derive(Debug)]
pub struct Content {
    /// All lines.
    pub lines: Vec<Line<'static>>,
    /// The line on which each excerpt starts.
    pub excerpts: Vec<usize>,
}

/// Writes it.
#[must_use]
pub fn content(state: &State, snapshot: &Snapshot, now: Timestamp, theme: Theme, columns: usize) -> Content {
    let failure = &state.dossier.failure;
    let mut lines = verdict_lines(&failure.verdict, theme, columns);
    lines.extend(proposals::on(snapshot, failure.id()).map(|proposal| proposed_line(proposal, theme, columns)));
    lines.extend(place_lines(&failure.job, theme, columns));
    lines.push(Line::default());
    lines.push(heading("Evidence", theme));
    let mut excerpts = Vec::new();
    for (place, excerpt) in failure.verdict.evidence.iter().enumerate() {
        excerpts.push(lines.len());
        lines.extend(excerpt_lines(excerpt, place == state.excerpt, theme, columns));
    }
    lines.extend(without_evidence(state, theme, columns));
    lines.extend(why_lines(&state.why, failure.verdict.prediction, theme, columns));
    lines.push(Line::default());
    lines.push(heading("Run", theme));
    lines.extend(run_lines(&failure.job, now, theme, columns));
    lines.extend(source_lines(state, theme, columns));
    lines.extend(measured_lines(&failure.job.measurements, theme, columns));
    lines.extend(correction_lines(&state.dossier.corrections, now, theme, columns));
    Content { lines, excerpts }
}

pub(super) fn heading(text: &str, theme: Theme) -> Line<'static> {
    Line::styled(text.to_owned(), theme.role(Role::Title))
}

pub(super) fn named(name: &str, value: &str, theme: Theme, columns: usize) -> Line<'static> {
    let value = clip(value, columns.saturating_sub(NAME_COLUMNS));
    Line::from(vec![
        Span::styled(fit(name, NAME_COLUMNS), theme.role(Role::Dim)),
        Span::raw(value),
    ])
}

/// What an agent proposes, beside the verdict it is about.
fn proposed_line(stored: &StoredProposal, theme: Theme, columns: usize) -> Line<'static> {
    let words = clip(&proposals::words(stored), columns.saturating_sub(NAME_COLUMNS));
    Line::from(vec![
        Span::styled(fit("proposed", NAME_COLUMNS), theme.role(Role::Accent)),
        Span::styled(words, theme.role(Role::Accent)),
    ])
}

fn verdict_lines(verdict: &Verdict, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let mut head = vec![Span::styled(verdict.label.name(), theme.role(Role::Title))];
    match &verdict.corrected_by {
        Some(who) => {
            head.push(Span::styled(
                format!("  ✓ by {}", clip(&visible(who), 24)),
                theme.role(Role::Good),
            ));
            let said = format!(
                "  the model said {} {}",
                verdict.prediction,
                percent(verdict.confidence)
            );
            head.push(Span::styled(said, theme.role(Role::Dim)));
        }
        None => head.push(Span::styled(
            format!("  {}", percent(verdict.confidence)),
            theme.role(Role::Title),
        )),
    }
    if verdict.uncertain {
        head.push(Span::styled(
            format!("  ? {}", reason_words(verdict.uncertain_reason)),
            theme.role(Role::Warning),
        ));
    }
    let mut lines = vec![
        Line::from(head),
        named(
            "likeliest",
            &likeliest(verdict, columns - NAME_COLUMNS.min(columns)),
            theme,
            columns,
        ),
    ];
    if verdict.prediction_set != [verdict.prediction] {
        let text = format!("{} (at {} coverage)", verdict.possible(), percent(verdict.coverage));
        lines.push(named("possible", &text, theme, columns));
    }
    lines
}

/// The three likeliest classes, or as many as fit.
fn likeliest(verdict: &Verdict, columns: usize) -> String {
    let mut classes = FailureClass::ALL;
    classes.sort_by(|one, other| verdict.probabilities[other.index()].total_cmp(&verdict.probabilities[one.index()]));
    let shown = classes
        .iter()
        .take(3)
        .map(|class| format!("{class} {}", percent(verdict.probabilities[class.index()])));
    shown
        .reduce(|line, next| {
            if width(&line) + 3 + width(&next) > columns {
                line
            } else {
                format!("{line}   {next}")
            }
        })
        .unwrap_or_default()
}

fn excerpt_lines(excerpt: &Excerpt, current: bool, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(member) = &excerpt.member {
        lines.push(Line::styled(
            clip(&format!("  in {}", visible(member)), columns),
            theme.role(Role::Dim),
        ));
    }
    for (number, text) in excerpt.lines_to_read().take(MAX_EXCERPT_LINES) {
        let marker = if current && number == excerpt.line { "▸" } else { " " };
        let number = format!("{marker}{} │ ", fit_right(&number.to_string(), 6));
        let text = clip(&visible(text.trim_end()), columns.saturating_sub(10));
        let text = if current {
            Span::styled(text, theme.role(Role::Title))
        } else {
            Span::raw(text)
        };
        let role = if current { Role::Accent } else { Role::Dim };
        lines.push(Line::from(vec![Span::styled(number, theme.role(role)), text]));
    }
    lines
}

fn without_evidence(state: &State, theme: Theme, columns: usize) -> Option<Line<'static>> {
    let verdict = &state.dossier.failure.verdict;
    let log = verdict.log_state.name().replace('_', " ");
    let words = format!("  No line of what was read says why it failed (log {log}).");
    verdict
        .evidence
        .is_empty()
        .then(|| Line::styled(clip(&words, columns), theme.role(Role::Dim)))
}

fn why_lines(why: &Why, prediction: FailureClass, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let title = format!("Why {prediction} (what each input added to its score, log-odds)");
    let mut lines = vec![
        Line::default(),
        Line::styled(clip(&title, columns), theme.role(Role::Title)),
    ];
    let words = match why {
        Why::Waiting => "  being computed…".to_owned(),
        Why::Failed(error) => format!("  {}", visible(error)),
        Why::Known(known, _) if known.is_empty() => "  no input moved it".to_owned(),
        Why::Known(known, reasons) => {
            lines.extend(reasons.iter().map(|reason| {
                let text = format!("  {:>+6.2} {}", reason.contribution, reason.sentence);
                Line::raw(clip(&visible(&text), columns))
            }));
            let top = known.iter().map(|one| one.contribution.abs()).fold(0.0, f64::max);
            lines.extend(known.iter().map(|one| contribution_line(one, top, theme, columns)));
            return lines;
        }
    };
    lines.push(Line::styled(clip(&words, columns), theme.role(Role::Dim)));
    lines
}

fn contribution_line(one: &Contribution, top: f64, theme: Theme, columns: usize) -> Line<'static> {
    const BAR_COLUMNS: usize = 12;
    let value = one.value.map_or_else(|| "missing".to_owned(), number);
    let text = format!(" {} = {value}", visible(&one.feature));
    let role = if one.contribution < 0.0 {
        Role::Warning
    } else {
        Role::Accent
    };
    Line::from(vec![
        Span::raw(format!("  {:>+6.2} ", one.contribution)),
        Span::styled(
            histogram::bar(one.contribution.abs(), top, BAR_COLUMNS),
            theme.role(role),
        ),
        Span::raw(clip(&text, columns.saturating_sub(BAR_COLUMNS + 9))),
    ])
}

/// A number as short as it is exact to three places.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
