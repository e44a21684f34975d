//! The heat map: watched features down, those worth a look first; time across, the live window at the right. Each cell
//! holds its number, a glyph for its severity, and a colour.
//!
//! ```text
//! ╭ PSI heat map  2 of 16 drifted ───────────────╮
//! │                       9m  6m  3m  now        │
//! │▸log_lines             ·   ·  .04▲.31         │
//! │ predicted_class      .02 .03△.11 .05         │
//! ╰ windows ────────────────── 9 more, 1 drifted ╯
//! ```

use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::snapshot::Snapshot;
use crate::drift::aging::spans;
use crate::drift::ranking::ranking;
use crate::drift::{DriftReport, DriftSnapshot, Severity};
use crate::tui::layout::{Pane, first_shown};
use crate::tui::message::Action;
use crate::tui::panes::{frame, framed, histogram, paint, severity_glyph, severity_role, severity_text, severity_word};
use crate::tui::state::ViewState;
use crate::tui::text::{ago, fit, fit_right, visible};
use crate::tui::theme::{Role, Theme};

/// Columns of a feature's name, its marker among them.
const NAME_COLUMNS: usize = 21;

/// Columns of a cell: a glyph and three digits.
const CELL_COLUMNS: usize = 4;

const HOUR: i64 = 3_600;

const DAY: i64 = 24 * HOUR;

/// Lengths that a column may stand for, in seconds and in words.
const LENGTHS: [(i64, &str); 13] = [
    (HOUR / 4, "15 min"),
    (HOUR / 2, "30 min"),
    (HOUR, "1 h"),
    (2 * HOUR, "2 h"),
    (3 * HOUR, "3 h"),
    (6 * HOUR, "6 h"),
    (12 * HOUR, "12 h"),
    (DAY, "1 day"),
    (2 * DAY, "2 days"),
    (5 * DAY, "5 days"),
    (7 * DAY, "7 days"),
    (10 * DAY, "10 days"),
    (30 * DAY, "30 days"),
];

/// How much time the map shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Zoom {
    /// The last windows, a column each as it was kept.
    #[default]
    Windows,
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// All that is kept: ninety days.
    Quarter,
}

impl Zoom {
    const ALL: [Self; 4] = [Self::Windows, Self::Day, Self::Week, Self::Quarter];

    /// Seconds in all, and in words.
    const fn span(self) -> Option<(i64, &'static str)> {
        match self {
            Self::Windows => None,
            Self::Day => Some((DAY, "24 h")),
            Self::Week => Some((7 * DAY, "7 d")),
            Self::Quarter => Some((90 * DAY, "90 d")),
        }
    }

    /// The shortest length of a column with which the whole time fits into so many, and how many it takes.
    fn columns(self, room: usize) -> Option<(i64, &'static str, usize)> {
        let (whole, _) = self.span()?;
        let count = |length: i64| usize::try_from(whole.div_euclid(length)).unwrap_or(1);
        let fits = LENGTHS.into_iter().find(|(length, _)| count(*length) < room);
        let (length, name) = fits.unwrap_or(LENGTHS[LENGTHS.len() - 1]);
        // The first span has mostly begun before the time that is asked for.
        Some((length, name, (count(length) + 1).min(room.max(1))))
    }
}

/// The cursor's place in time. The feature under the cursor is shared with the drift pane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// The end of the window under the cursor; `None` is the live one.
    pub column: Option<Timestamp>,
    /// How much time is shown.
    pub zoom: Zoom,
}

impl State {
    /// Shows more or less time.
    pub fn zoom(&mut self, action: Action) {
        let here = Zoom::ALL.iter().position(|zoom| *zoom == self.zoom).unwrap_or_default();
        let there = match action {
            Action::ZoomOut => here + 1,
            _ => here.saturating_sub(1),
        };
        self.zoom = Zoom::ALL[there.min(Zoom::ALL.len() - 1)];
    }

    /// The cursor's column; the live one stands behind the kept ones. After a zoom it is the one that holds its time.
    fn place(self, columns: &[DriftSnapshot]) -> usize {
        let found = self
            .column
            .and_then(|at| columns.iter().position(|column| column.at >= at));
        found.unwrap_or(columns.len())
    }
}

/// Moves the cursor through time. By the time of the window, so that new columns do not move it.
pub fn step(state: &mut ViewState, snapshot: &Snapshot, action: Action) {
    let columns = columns(state, snapshot, room(usize::from(state.size.width.saturating_sub(2))));
    let here = state.heat_map.place(&columns);
    let there = match action {
        Action::Left => here.saturating_sub(1),
        _ => here + 1,
    };
    state.heat_map.column = columns.get(there).map(|column| column.at);
}

/// Cells beside a name in so many columns of text.
fn room(columns: usize) -> usize {
    (columns.saturating_sub(NAME_COLUMNS) / CELL_COLUMNS).max(1)
}

/// The columns behind which the live one stands, oldest first, where `room` of all fit.
fn columns(state: &ViewState, snapshot: &Snapshot, room: usize) -> Vec<DriftSnapshot> {
    let kept = snapshot.heat_map.iter();
    match state.heat_map.zoom.columns(room.saturating_sub(1)) {
        None => kept.cloned().collect(),
        Some((seconds, _, count)) => spans(kept, seconds, count, state.now),
    }
}

/// How long ago a column was: the end of a window, the beginning of a longer time.
fn age(state: &ViewState, column: &DriftSnapshot, room: usize) -> String {
    let length = state.heat_map.zoom.columns(room.saturating_sub(1));
    let length = length.map_or(0, |(seconds, _, _)| seconds);
    ago(state.now, column.at - SignedDuration::from_secs(length))
}

/// Paints the map.
pub fn view(state: &ViewState, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let focused = state.focus == Pane::HeatMap;
    let report = &snapshot.drift;
    let order = ranking(&report.features, &snapshot.importance);
    let rows = usize::from(area.height.saturating_sub(3));
    let cursor = order
        .iter()
        .position(|place| *place == state.feature)
        .filter(|_| focused);
    let first = first_shown(cursor.unwrap_or_default(), order.len(), rows);
    let shown: Vec<usize> = order.into_iter().skip(first).take(rows).collect();
    let block = frame(theme, focused, title(report, theme))
        .title_bottom(told_time(state, area))
        .title_bottom(more(report, &shown, theme).right_aligned());
    let inside = framed(block, area, screen);
    let grid = Grid::new(state, snapshot, usize::from(inside.width));
    let mut lines = vec![grid.times(state, room(usize::from(inside.width)))];
    lines.extend(shown.iter().map(|feature| grid.row(state, *feature, focused)));
    paint(lines, inside, screen);
}

/// How much time is shown, and what a column stands for.
fn told_time(state: &ViewState, area: Rect) -> Line<'static> {
    let room = room(usize::from(area.width.saturating_sub(2)));
    let zoom = state.heat_map.zoom;
    let told = match (zoom.span(), zoom.columns(room.saturating_sub(1))) {
        (Some((_, whole)), Some((_, length, _))) => format!(" {whole}, a column is the worst of {length} "),
        _ => " last windows ".to_owned(),
    };
    Line::styled(told, state.theme.role(Role::Dim))
}

fn title(report: &DriftReport, theme: Theme) -> Line<'static> {
    let drifted = report.drifted();
    let (role, words) = if report.n < report.min_samples {
        (
            Role::Dim,
            format!("not enough data, {} of {} ", report.n, report.min_samples),
        )
    } else {
        let role = if drifted > 0 { Role::Warning } else { Role::Dim };
        (role, format!("{drifted} of {} drifted ", report.features.len()))
    };
    Line::from(vec![
        Span::styled(" PSI heat map ", theme.role(Role::Title)),
        Span::styled(words, theme.role(role)),
    ])
}

/// How many rows do not fit, and whether any of them is drifted.
fn more(report: &DriftReport, shown: &[usize], theme: Theme) -> Line<'static> {
    let hidden = report
        .features
        .iter()
        .enumerate()
        .filter(|(place, _)| !shown.contains(place));
    let (count, drifted) = hidden.fold((0, 0), |(count, drifted), (_, feature)| {
        (count + 1, drifted + usize::from(feature.is_drifted))
    });
    match (count, drifted) {
        (0, _) => Line::default(),
        (count, 0) => Line::styled(format!(" {count} more "), theme.role(Role::Dim)),
        (count, drifted) => Line::styled(format!(" {count} more, {drifted} drifted "), theme.role(Role::Warning)),
    }
}

/// The columns that fit: kept windows, and the live one behind them.
struct Grid<'a> {
    report: &'a DriftReport,
    kept: Vec<DriftSnapshot>,
    /// Column of the cursor among those shown.
    cursor: usize,
    /// Whether the live column is among those shown.
    has_live: bool,
}

impl<'a> Grid<'a> {
    fn new(state: &ViewState, snapshot: &'a Snapshot, wide: usize) -> Self {
        let room = room(wide);
        let kept = columns(state, snapshot, room);
        let all = kept.len() + 1;
        let room = room.min(all);
        let place = state.heat_map.place(&kept);
        let newest_first = first_shown(all - 1 - place, all, room);
        let first = all - room - newest_first;
        Self {
            report: &snapshot.drift,
            kept: kept.into_iter().skip(first).take(room).collect(),
            cursor: place - first,
            has_live: first + room == all,
        }
    }

    fn times(&self, state: &ViewState, room: usize) -> Line<'static> {
        let mut text = fit("", NAME_COLUMNS);
        for column in &self.kept {
            text.push_str(&fit_right(&age(state, column, room), CELL_COLUMNS));
        }
        if self.has_live {
            text.push_str(" now");
        }
        Line::styled(text, state.theme.role(Role::Dim))
    }

    fn row(&self, state: &ViewState, feature: usize, focused: bool) -> Line<'static> {
        let theme = state.theme;
        let here = focused && state.feature == feature;
        let Some(live) = self.report.features.get(feature) else {
            return Line::default();
        };
        let marker = if here { "▸" } else { " " };
        let name = fit(&format!("{marker}{}", visible(&live.feature)), NAME_COLUMNS);
        let style = if here { theme.role(Role::Title) } else { Style::new() };
        let mut spans = vec![Span::styled(name, style)];
        let kept = self.kept.iter().map(|column| column.cells.get(feature).copied());
        let cells = kept.chain(self.has_live.then_some(Some((live.score, live.severity))));
        for (place, cell) in cells.enumerate() {
            spans.push(cell_span(theme, cell, here && place == self.cursor));
        }
        Line::from(spans)
    }
}

/// A cell; blank where nothing came in its time.
fn cell_span(theme: Theme, cell: Option<(Option<f64>, Severity)>, under_cursor: bool) -> Span<'static> {
    let (score, severity) = cell.unwrap_or((None, Severity::NotEnoughData));
    let mut style = theme.heat(score, severity);
    let text = cell.map_or_else(|| " ".repeat(CELL_COLUMNS), |_| cell_text(score, severity));
    if under_cursor {
        style = style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
    }
    Span::styled(text, style)
}

/// Four columns: `▲.31`, `△.12`, ` .02`, `▲1.4`, `  · `.
fn cell_text(score: Option<f64>, severity: Severity) -> String {
    let Some(score) = score.filter(|_| severity != Severity::NotEnoughData) else {
        return "  · ".into();
    };
    let number = if score < 0.995 {
        format!("{:.2}", score.max(0.0)).trim_start_matches('0').to_owned()
    } else if score < 9.95 {
        format!("{score:.1}")
    } else {
        format!("{:.0}", score.min(999.0))
    };
    format!("{}{}", severity_glyph(severity), fit_right(&number, CELL_COLUMNS - 1))
}

/// Paints the facts of the cell under the cursor, and its bins beside those of the training data.
pub fn view_cell(state: &ViewState, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let Some(feature) = snapshot.drift.features.get(state.feature) else {
        return;
    };
    let title = Line::styled(" Feature under the cursor ", theme.role(Role::Title));
    let inside = framed(frame(theme, false, title), area, screen);
    let mut lines = vec![histogram::facts(feature, snapshot.drift.window, theme)];
    lines.extend(past(state, snapshot));
    let rows = usize::from(inside.height).saturating_sub(lines.len());
    lines.extend(histogram::bins(feature, usize::from(inside.width), rows, theme));
    paint(lines, inside, screen);
}

/// What is copied of the feature under the cursor, while a pane of features has the keys.
#[must_use]
pub fn copied(state: &ViewState, snapshot: &Snapshot) -> Option<String> {
    let feature = snapshot.drift.features.get(state.feature)?;
    let here = matches!(state.focus, Pane::HeatMap | Pane::Drift);
    let (psi, p) = (histogram::psi(feature.score), histogram::p_value(feature.p_value));
    let word = severity_word(feature.severity);
    here.then(|| format!("{}  {word}  PSI {psi}  {p}  n {}", visible(&feature.feature), feature.n))
}

/// The kept cell under the cursor, where it is not the live one. Its bins are not kept.
fn past(state: &ViewState, snapshot: &Snapshot) -> Option<Line<'static>> {
    state.heat_map.column?;
    let room = room(usize::from(state.size.width.saturating_sub(2)));
    let columns = columns(state, snapshot, room);
    let column = columns.get(state.heat_map.place(&columns))?;
    let age = age(state, column, room);
    let Some((score, severity)) = column.cells.get(state.feature).copied() else {
        let told = format!("{age} ago: nothing is kept of it; p and bins here are of now");
        return Some(Line::styled(told, state.theme.role(Role::Dim)));
    };
    let told = format!(
        "{age} ago: {}  PSI {}  n {} in the window; p and bins here are of now",
        severity_text(severity),
        histogram::psi(score),
        column.n
    );
    Some(Line::styled(told, state.theme.role(severity_role(severity))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_always_takes_four_columns_and_says_its_severity_without_colour() {
        for (score, severity, text) in [
            (Some(0.021), Severity::None, " .02"),
            (Some(0.0), Severity::None, " .00"),
            (Some(0.12), Severity::Moderate, "△.12"),
            (Some(0.999), Severity::Severe, "▲1.0"),
            (Some(12.3), Severity::Severe, "▲ 12"),
            (Some(4_000.0), Severity::Severe, "▲999"),
            (None, Severity::NotEnoughData, "  · "),
            (Some(0.5), Severity::NotEnoughData, "  · "),
        ] {
            assert_eq!(cell_text(score, severity), text);
        }
    }
}
