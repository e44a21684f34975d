//! One watched feature: its facts in a line, and its bins as they were in training beside as they are now.

use ratatui::text::{Line, Span};

use crate::drift::{FeatureDrift, Method};
use crate::tui::panes::{severity_role, severity_text};
use crate::tui::text::{fit, fit_right, percent, visible};
use crate::tui::theme::{Role, Theme};

/// The narrowest column that holds a bin: its name, two bars, two shares.
const BIN_COLUMNS: usize = 36;

/// Columns of a name of a bin.
const NAME_COLUMNS: usize = 14;

/// A p-value as people write it.
#[must_use]
pub fn p_value(p: Option<f64>) -> String {
    match p {
        None => "p -".into(),
        Some(p) if p < 0.001 => "p < 0.001".into(),
        Some(p) => format!("p {p:.3}"),
    }
}

/// A PSI as people write it.
#[must_use]
pub fn psi(score: Option<f64>) -> String {
    score.map_or_else(|| "-".into(), |score| format!("{score:.3}"))
}

/// Name, severity, PSI, p-value and n in one line.
#[must_use]
pub fn facts(feature: &FeatureDrift, window: usize, theme: Theme) -> Line<'static> {
    let severity = feature.severity;
    let method = match feature.method {
        Method::Psi => "bins",
        Method::ChiSquare => "chi-square",
    };
    Line::from(vec![
        Span::styled(visible(&feature.feature), theme.role(Role::Title)),
        Span::styled(
            format!("  {}", severity_text(severity)),
            theme.role(severity_role(severity)),
        ),
        Span::raw(format!(
            "  PSI {}  {}  n {} of {window}",
            psi(feature.score),
            p_value(feature.p_value),
            feature.n
        )),
        Span::styled(format!("  {method}"), theme.role(Role::Dim)),
    ])
}

/// The bins in as many columns as it takes to show them in `rows` lines, a heading among them.
#[must_use]
pub fn bins(feature: &FeatureDrift, columns: usize, rows: usize, theme: Theme) -> Vec<Line<'static>> {
    let rows = rows.saturating_sub(1).max(1);
    let beside = feature
        .bins
        .len()
        .div_ceil(rows)
        .clamp(1, (columns / BIN_COLUMNS).max(1));
    let wide = columns / beside;
    let room = rows * beside;
    let shown = feature.bins.len().min(room);
    let top = feature
        .reference
        .iter()
        .chain(&feature.live)
        .copied()
        .fold(0.0, f64::max);
    let tall = shown.div_ceil(beside).max(1);
    let mut lines = vec![Line::styled(
        heading(feature, wide).repeat(beside),
        theme.role(Role::Dim),
    )];
    for row in 0..tall {
        let in_row = (row..shown).step_by(tall);
        lines.push(
            in_row
                .flat_map(|bin| bin_spans(feature, bin, top, wide, theme))
                .collect(),
        );
    }
    if shown < feature.bins.len() {
        lines.pop();
        let in_last_row = (tall - 1..shown).step_by(tall).count();
        let hidden = feature.bins.len() - shown + in_last_row;
        lines.push(Line::styled(
            format!("… {hidden} more bins, in a larger window"),
            theme.role(Role::Dim),
        ));
    }
    lines
}

fn bar_columns(wide: usize) -> usize {
    (wide.saturating_sub(NAME_COLUMNS + 14) / 2).clamp(2, 30)
}

fn heading(feature: &FeatureDrift, wide: usize) -> String {
    let bar = bar_columns(wide) + 6;
    let expected = if feature.is_habit() { "before" } else { "training" };
    fit(
        &format!("{} {}{}", fit("", NAME_COLUMNS), fit(expected, bar), fit("live", bar)),
        wide,
    )
}

fn bin_spans(feature: &FeatureDrift, bin: usize, top: f64, wide: usize, theme: Theme) -> Vec<Span<'static>> {
    let share = |shares: &[f64]| shares.get(bin).copied().unwrap_or(0.0);
    let (reference, live) = (share(&feature.reference), share(&feature.live));
    let length = bar_columns(wide);
    let name = feature.bins.get(bin).map(|name| visible(name)).unwrap_or_default();
    let used = NAME_COLUMNS + 1 + 2 * (length + 6);
    vec![
        Span::raw(fit(&name, NAME_COLUMNS)),
        Span::raw(" "),
        Span::styled(bar(reference, top, length), theme.role(Role::Dim)),
        Span::styled(
            format!("{}  ", fit_right(&percent(reference), 4)),
            theme.role(Role::Dim),
        ),
        Span::styled(bar(live, top, length), theme.role(Role::Accent)),
        Span::raw(format!("{}  ", fit_right(&percent(live), 4))),
        Span::raw(" ".repeat(wide.saturating_sub(used))),
    ]
}

/// A bar of so many columns for `value` out of `top`, in eighths.
#[must_use]
#[expect(clippy::cast_sign_loss, reason = "a share of a few columns")]
pub fn bar(value: f64, top: f64, columns: usize) -> String {
    const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let share = if top > 0.0 { (value / top).clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (share * columns as f64 * 8.0).round() as usize;
    let mut drawn = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        drawn.push(PARTS[eighths % 8]);
    }
    fit(&drawn, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_drawn_in_eighths_and_never_beyond_its_place() {
        assert_eq!(bar(0.5, 1.0, 4), "██  ");
        assert_eq!(bar(0.53, 1.0, 4), "██▏ ");
        assert_eq!(bar(9.0, 1.0, 3), "███");
        assert_eq!(bar(f64::NAN, 1.0, 2), "  ");
        assert_eq!(bar(1.0, 0.0, 2), "  ");
    }

    #[test]
    fn a_p_value_is_not_told_more_exactly_than_it_is() {
        assert_eq!(p_value(Some(0.000_02)), "p < 0.001");
        assert_eq!(p_value(Some(0.0412)), "p 0.041");
        assert_eq!(p_value(None), "p -");
    }
}
