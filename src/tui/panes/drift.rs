//! The drift of every watched feature of the live window, as a table; the bins of the one under the cursor below it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::snapshot::Snapshot;
use crate::drift::performance::Performance;
use crate::drift::ranking::ranking;
use crate::drift::{DriftReport, FeatureDrift, Method};
use crate::tui::layout::{Pane, first_shown};
use crate::tui::panes::{frame, framed, histogram, paint, severity_role, severity_text};
use crate::tui::state::ViewState;
use crate::tui::text::{ago, clip, fit, fit_right, percent, visible};
use crate::tui::theme::Role;

/// Paints the table.
pub fn view(state: &ViewState, snapshot: &Snapshot, area: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let report = &snapshot.drift;
    let inside = framed(
        frame(theme, state.focus == Pane::Drift, title(state, report)),
        area,
        screen,
    );
    let columns = usize::from(inside.width);
    let rows = usize::from(inside.height.saturating_sub(1));
    let order = ranking(&report.features, &snapshot.importance);
    let cursor = order
        .iter()
        .position(|place| *place == state.feature)
        .unwrap_or_default();
    let first = first_shown(cursor, order.len(), rows);
    let mut lines = vec![Line::styled(clip(&heading(), columns), theme.role(Role::Dim))];
    let shown = order.iter().skip(first).take(rows);
    lines.extend(shown.map(|place| row(state, &report.features[*place], *place == state.feature, columns)));
    paint(lines, inside, screen);
}

fn title(state: &ViewState, report: &DriftReport) -> Line<'static> {
    let theme = state.theme;
    let parts = [
        Some(format!(" window {} of {}", report.n, report.window)),
        report.performance.map(right),
        report.at.map(|at| format!("last event {} ago", ago(state.now, at))),
        (report.n < report.min_samples).then(|| format!("nothing is said under {}", report.min_samples)),
    ];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Line::from(vec![
        Span::styled(" Drift ", theme.role(Role::Title)),
        Span::styled(format!("{words} "), theme.role(Role::Dim)),
    ])
}

/// How many verdicts are right: expected, and as people said.
fn right(performance: Performance) -> String {
    let (low, high) = (performance.expected_low, performance.expected_high);
    let expected = format!(
        "expected right {} ({}-{})",
        percent(performance.expected_accuracy),
        percent(low),
        percent(high)
    );
    match performance.observed {
        Some(observed) => format!("{expected}, people agreed {} of {}", observed.agreed, observed.answered),
        None => expected,
    }
}

fn heading() -> String {
    format!(
        "  {} {} {}  {}  {}  test",
        fit("feature", 20),
        fit("severity", 17),
        fit_right("PSI", 7),
        fit("p", 8),
        fit_right("n", 5)
    )
}

fn row(state: &ViewState, feature: &FeatureDrift, here: bool, columns: usize) -> Line<'static> {
    let theme = state.theme;
    let marker = if here { "▸ " } else { "  " };
    let severity = severity_text(feature.severity);
    let method = match feature.method {
        Method::Psi => "bins",
        Method::ChiSquare => "chi-square",
    };
    let p = histogram::p_value(feature.p_value);
    let p = p.trim_start_matches("p ");
    let numbers = format!(
        " {}  {}  {}  ",
        fit_right(&histogram::psi(feature.score), 7),
        fit(p, 8),
        fit_right(&feature.n.to_string(), 5)
    );
    let spans = vec![
        Span::raw(format!("{marker}{} ", fit(&visible(&feature.feature), 20))),
        Span::styled(fit(severity, 17), theme.role(severity_role(feature.severity))),
        Span::raw(numbers),
        Span::styled(method, theme.role(Role::Dim)),
    ];
    if !here {
        return Line::from(spans);
    }
    let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
    Line::styled(
        fit(&text, columns),
        if state.focus == Pane::Drift {
            theme.role(Role::Selected)
        } else {
            Style::new()
        },
    )
}
