//! The history on the screen: a line a failure.
//!
//! ```text
//! ╭ History  newest first  200 of 1,204 ───────────────────────────────────╮
//! │  age  class                sure   where                evidence        │
//! │▸ 12s  Dependency Error     93%    acme/web build       npm ERR! code E │
//! │   3m  Timeout              41% ?  acme/api e2e         several classes │
//! ╰────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::list::MAX_OLDER;
use crate::app::snapshot::Snapshot;
use crate::store::Failure;
use crate::tui::layout::Pane;
use crate::tui::panes::{frame, framed, paint, reason_words, welcome};
use crate::tui::state::ViewState;
use crate::tui::text::{ago, count, fit, fit_right, percent, visible, width};
use crate::tui::theme::{Role, Theme};

/// Columns before what is as wide as the screen allows: marker, age, class, confidence, mark.
const FIXED_COLUMNS: usize = 2 + 4 + 2 + CLASS_COLUMNS + 1 + 4 + 1 + 1 + 2;

/// Columns of the longest class.
const CLASS_COLUMNS: usize = 21;

/// With more columns than this the evidence has a column of its own.
const EVIDENCE_FROM: usize = 70;

/// Lines of rows in a place: without frame and heading.
#[must_use]
pub fn page(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2 + u16::from(has_heading(area)))).max(1)
}

const fn has_heading(area: Rect) -> bool {
    area.height >= 8
}

/// Paints it.
pub fn view(state: &ViewState, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let rows = state.history.rows(snapshot);
    let page = page(area);
    let top = state.history.top(rows.len(), page);
    let block = frame(theme, state.focus == Pane::History, title(state, snapshot, rows.len()));
    let inside = framed(
        block.title_bottom(margins(state, rows.len(), top, page).right_aligned()),
        area,
        screen,
    );
    let columns = usize::from(inside.width);
    if rows.is_empty() {
        return empty(state, snapshot, inside, screen);
    }
    let mut lines = Vec::new();
    if has_heading(area) {
        lines.push(Line::styled(heading(columns), theme.role(Role::Dim)));
    }
    lines.extend(rows.iter().skip(top).take(page).map(|row| line(state, row, columns)));
    paint(lines, inside, screen);
}

fn title(state: &ViewState, snapshot: &Snapshot, shown: usize) -> Line<'static> {
    let theme = state.theme;
    let history = &state.history;
    let filtered = !history.asked().text.is_empty();
    let of = if filtered {
        String::new()
    } else {
        format!(" of {}", count(snapshot.totals.failures))
    };
    let shown = count(u64::try_from(shown).unwrap_or(u64::MAX));
    let mut spans = vec![
        Span::styled(" History ", theme.role(Role::Title)),
        Span::styled(
            format!(" {}  {shown}{of} ", history.order().words()),
            theme.role(Role::Dim),
        ),
    ];
    if filtered {
        spans.push(Span::styled(
            format!(" /{} ", visible(&history.asked().text)),
            theme.role(Role::Accent),
        ));
    }
    if history.loaded().is_loading() {
        spans.push(Span::styled(" loading older… ", theme.role(Role::Dim)));
    }
    Line::from(spans)
}

fn margins(state: &ViewState, count: usize, top: usize, page: usize) -> Line<'static> {
    let below = count.saturating_sub(top + page);
    let mut parts = Vec::new();
    if top > 0 {
        parts.push(format!("{top} above"));
    }
    if below > 0 {
        parts.push(format!("{below} below"));
    } else if state.history.loaded().is_full() {
        parts.push(format!("{MAX_OLDER} older rows loaded, filter to see others"));
    }
    let text = if parts.is_empty() {
        String::new()
    } else {
        format!(" {} ", parts.join(", "))
    };
    Line::styled(text, state.theme.role(Role::Dim))
}

fn empty(state: &ViewState, snapshot: &Snapshot, inside: Rect, screen: &mut Buffer) {
    let asked = state.history.asked();
    if asked.text.is_empty() && snapshot.totals.failures == 0 {
        return welcome::view(state.theme, snapshot, inside, screen);
    }
    let words = match (state.history.loaded().is_loading(), asked.text.is_empty()) {
        (true, _) => "Looking through older rows…".to_owned(),
        (false, true) => "Nothing is loaded yet.".to_owned(),
        (false, false) => format!(
            "Nothing matches `{}`. Press esc to clear the filter.",
            visible(&asked.text)
        ),
    };
    paint(
        vec![
            Line::default(),
            Line::styled(format!("  {words}"), state.theme.role(Role::Dim)),
        ],
        inside,
        screen,
    );
}

/// Columns of `where` and of the evidence.
fn split(columns: usize) -> (usize, usize) {
    let rest = columns.saturating_sub(FIXED_COLUMNS);
    if columns < EVIDENCE_FROM {
        return (rest, 0);
    }
    let place = (rest * 9 / 20).clamp(10, 44).min(rest);
    (place, rest - place)
}

fn heading(columns: usize) -> String {
    let (place, evidence) = split(columns);
    let head = format!("   age  {}  sure   ", fit("class", CLASS_COLUMNS));
    format!("{head}{}{}", fit("where", place), fit("evidence", evidence))
}

fn line(state: &ViewState, row: &Failure, columns: usize) -> Line<'static> {
    let theme = state.theme;
    let selected = state.history.selected() == Some(row.id());
    let (place, evidence) = split(columns);
    let verdict = &row.verdict;
    let marker = if selected { "▸ " } else { "  " };
    let (mark, mark_role) = mark(row);
    let mut spans = vec![
        Span::raw(format!("{marker}{}  ", fit_right(&ago(state.now, row.timestamp), 4))),
        Span::styled(fit(verdict.label.name(), CLASS_COLUMNS), theme.role(Role::Title)),
        Span::raw(format!(" {} ", fit_right(&percent(verdict.confidence), 4))),
        Span::styled(format!("{mark}  "), theme.role(mark_role)),
        Span::raw(fit(&whereabouts(row), place.saturating_sub(2))),
        Span::raw(if evidence > 0 { "  " } else { "" }),
    ];
    spans.extend(proof(theme, row, evidence));
    let line = Line::from(spans);
    if selected { highlighted(state, line) } else { line }
}

fn highlighted(state: &ViewState, line: Line<'static>) -> Line<'static> {
    let focused = state.focus == Pane::History;
    let style = if focused {
        state.theme.role(Role::Selected)
    } else {
        Style::new()
    };
    let spans = line.spans.into_iter().map(|span| {
        if focused {
            Span::styled(span.content, style)
        } else {
            span
        }
    });
    Line::from(spans.collect::<Vec<_>>()).style(style)
}

/// `✓` where a person has spoken, `?` where one should look.
fn mark(row: &Failure) -> (&'static str, Role) {
    match (row.verdict.corrected_by.is_some(), row.verdict.uncertain) {
        (true, _) => ("✓", Role::Good),
        (false, true) => ("?", Role::Warning),
        (false, false) => (" ", Role::Dim),
    }
}

/// `owner/name job`, or what is known of it.
fn whereabouts(row: &Failure) -> String {
    let job = &row.job;
    let name = job.job.as_ref().or(job.workflow.as_ref());
    let known: Vec<String> = [job.repository.as_ref(), name]
        .into_iter()
        .flatten()
        .map(|text| visible(text))
        .collect();
    if known.is_empty() {
        row.job.source.name().to_owned()
    } else {
        known.join(" ")
    }
}

/// Why it is uncertain, and the first decisive line.
fn proof(theme: Theme, row: &Failure, columns: usize) -> Vec<Span<'static>> {
    if columns == 0 {
        return Vec::new();
    }
    let verdict = &row.verdict;
    let open = verdict.uncertain && verdict.corrected_by.is_none();
    let reason = if open {
        format!("{}  ", reason_words(verdict.uncertain_reason))
    } else {
        String::new()
    };
    let reason = crate::tui::text::clip(&reason, columns);
    let first = verdict
        .evidence
        .first()
        .map(|excerpt| excerpt.lines_to_read().next().map_or("", |(_, line)| line.trim()));
    let said = visible(first.or(row.job.message.as_deref()).unwrap_or_default());
    let rest = columns.saturating_sub(width(&reason));
    vec![
        Span::styled(reason, theme.role(Role::Warning)),
        Span::styled(fit(&said, rest), theme.role(Role::Dim)),
    ]
}
